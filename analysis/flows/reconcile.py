"""Adjust flows to known totals, each as far as it is unsure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse

from ..errors import RefusalError
from ..layers import layer_type
from ..progress import Progress, part, silent
from ..texts import text
from .least_squares import Problem, adjust, contradictions
from .places import memberships
from .tables import REPORTED, materials
from .totals import CONTRADICTION, LARGEST, RANGE_UNKNOWN, WIDEST, WITHIN, Total
from .uncertainty import FIRM_VARIANCE, NORMAL_POINT, coefficient_ids

SMALLEST = 1e-9
"""What is below this is nothing, in any unit of ours."""
NAMED = 3
"""Contradictions that are told at most."""


@dataclass(frozen=True)
class Reconciled:
    """Adjusted flows, and how each total came out.

    Attributes
    ----------
    flows
        All flows with ``quantity``, ``quantity_low`` and ``quantity_high`` scaled, and
        ``quantity_before``, ``factor`` and ``totals``.
    totals
        Fields of layer type ``reconciled_totals``.
    counts
        Numbers by the name of what they count.
    """

    flows: gpd.GeoDataFrame
    totals: pd.DataFrame
    counts: Counter

    def remarks(self) -> list[tuple[str, dict]]:
        """Keys and values of sentences on what was not used or not met."""
        return [
            (f"reconcile.said.{name}", {"count": self.counts[name]})
            for name in SAID
            if self.counts[name]
        ]


UNUSED = (
    "region_unknown", "material_unknown", "no_flows", "no_quantity", "several_units"
)  # fmt: skip
"""Why a total can't be used."""
SAID = (*UNUSED, "unusable", "wide", "contradiction", "to_zero")


def reconcile(
    flows: gpd.GeoDataFrame,
    totals: list[Total],
    regions: gpd.GeoDataFrame | None = None,
    shared_errors: bool = True,
    reported_sd: float = 0.05,
    language: str = "en",
    progress: Progress = silent,
) -> Reconciled:
    """Adjust flows to known totals by weighted least squares, none below zero.

    Parameters
    ----------
    flows
        Canonical flows, CRS in metres.
    totals
        What is known.
    regions
        Canonical regions in the same CRS, which the totals name by id or name.
    shared_errors
        Whether estimates that rest on one coefficient are wrong together: the error
        that ``quantity_low`` and ``quantity_high`` tell is the coefficient's, and each
        firm has one of its own beside it. Else each flow has its error alone.
    reported_sd
        Standard deviation of a reported flow that tells no range, as a part of it.
    language
        Of the remarks.
    progress
        Called as the work goes on.

    Returns
    -------
    Reconciled

    Raises
    ------
    RefusalError
        If a total names a region and there are none, is told in another unit than its
        flows, or if exact totals contradict each other.
    """
    quantity = flows["quantity"].to_numpy(float)
    known = (quantity >= 0) & (quantity <= LARGEST)
    groups = _Groups(flows, known, regions)
    members = [groups.of(total) for total in totals]
    reasons = [groups.reason(*each) for each in zip(totals, members, strict=True)]
    used = np.flatnonzero([reason is None for reason in reasons])
    matrix = _matrix([members[place] for place in used], len(flows))
    touched = np.flatnonzero((matrix.getnnz(axis=0) > 0) & (quantity > SMALLEST))
    asked = [totals[place] for place in used]
    progress(0.2)
    problem = _problem(
        flows.iloc[touched], matrix[:, touched], asked, shared_errors, reported_sd
    )
    _refuse_contradictions(problem, asked)
    solution = adjust(problem, part(progress, 0.3, 1.0))
    adjusted = quantity.copy()
    adjusted[touched] = solution.value
    table = _told(totals, members, reasons, language)
    _measure(table, used, problem, solution)
    counts = Counter(reason for reason in reasons if reason)
    counts["unusable"] = int((~known).sum())
    counts["wide"] = sum(total.uncertainty > 1 for total in totals)
    counts["contradiction"] = int(table["contradiction"].sum())
    counts["to_zero"] = int((solution.value == 0).sum())
    rows = _rows_of(matrix, [total.row for total in asked])
    return Reconciled(_scaled(flows, adjusted, touched, rows), table, counts)


class _Groups:
    """Which flows a total is about."""

    def __init__(self, flows, known: np.ndarray, regions) -> None:
        self.flows, self.known, self.regions = flows, known, regions
        self.sbi = flows["sbi"].fillna("").to_numpy(object)
        self.unit = flows["unit"].fillna("").to_numpy(object)
        self.quantity = flows["quantity"].to_numpy(float)
        material = flows["material"].fillna(flows["carrier"])
        self.materials = {*material, *materials()}
        usable = flows[known].assign(material=material[known])
        place = np.flatnonzero(known)
        self.places = {
            keys: {
                key if isinstance(key, tuple) else (key,): place[found]
                for key, found in usable.groupby([*keys]).indices.items()
            }
            for keys in _KEYS.values()
        }
        self.inside = {} if regions is None else self._inside(flows, regions)

    def of(self, total: Total) -> np.ndarray:
        """Places of the flows that a total is about, sorted."""
        asked = tuple(bool(getattr(total, name)) for name in ("carrier", "material"))
        keys = _KEYS[asked]
        key = tuple(getattr(total, name) for name in keys)
        found = self.places[keys].get(key, np.empty(0, int))
        if total.region:
            inside = self.inside.get(self._region(total), np.empty(0, int))
            found = np.intersect1d(found, inside, assume_unique=True)
        if total.sbi:
            fitting = [code.startswith(total.sbi) for code in self.sbi[found]]
            found = found[np.array(fitting, bool)]
        return found

    def reason(self, total: Total, found: np.ndarray) -> str | None:
        """Why a total can't be used; None where it can."""
        if total.region and self._region(total) is None:
            return "region_unknown"
        if total.material and total.material not in self.materials:
            return "material_unknown"
        if not len(found):
            return "no_flows"
        units = set(self.unit[found])
        if len(units) > 1:
            return "several_units"
        if total.unit and {total.unit} != units:
            raise RefusalError(
                "reconcile.unit", row=total.row, unit=total.unit, flows=min(units)
            )
        if total.target > 0 and not (self.quantity[found] > SMALLEST).any():
            return "no_quantity"
        return None

    def _region(self, total: Total) -> str | None:
        """Id of the region that a total names by its id, else by a name of one only."""
        if self.regions is None:
            raise RefusalError("reconcile.regions_needed", region=total.region)
        ids, names = self.regions["region_id"], self.regions["name"]
        if (ids == total.region).any():
            return total.region
        called = ids[names == total.region]
        return called.iloc[0] if len(called) == 1 else None

    @staticmethod
    def _inside(flows, regions) -> dict[str, np.ndarray]:
        ordered = regions.sort_values("region_id", ignore_index=True)
        point, area = memberships(flows, ordered.geometry.to_numpy())
        ids = ordered["region_id"].to_numpy(object)
        by_area = np.argsort(area, kind="stable")
        bounds = np.searchsorted(area[by_area], np.arange(len(ids) + 1))
        return {
            name: point[by_area[start:end]]
            for name, start, end in zip(ids, bounds[:-1], bounds[1:], strict=True)
        }


_KEYS = {
    (True, True): ("direction", "carrier", "material"),
    (False, True): ("direction", "material"),
    (True, False): ("direction", "carrier"),
    (False, False): ("direction",),
}
"""Fields that pick the flows, by whether a total names a carrier and a material."""


def _matrix(members: list[np.ndarray], count: int) -> sparse.csc_matrix:
    """Which flow counts in which total."""
    columns = np.concatenate([*members, np.empty(0, int)])
    rows = np.repeat(np.arange(len(members)), [len(each) for each in members])
    ones = np.ones(len(columns))
    shape = (len(members), count)
    return sparse.csc_matrix((ones, (rows, columns)), shape=shape)


def _problem(flows, matrix, totals, shared_errors, reported_sd) -> Problem:
    quantity = flows["quantity"].to_numpy(float)
    wide = quantity * _relative_sd(flows, reported_sd)
    coefficient = coefficient_ids(flows)
    ours = np.array([not name.startswith("=") for name in coefficient], bool)
    ours &= shared_errors
    target = np.array([total.target for total in totals], float)
    return Problem(
        sums=matrix.tocsr(),
        target=target,
        target_sd=target * [total.uncertainty for total in totals],
        value=quantity,
        own_sd=np.where(ours, quantity * np.sqrt(FIRM_VARIANCE), wide),
        shared_sd=np.where(ours, wide, 0.0),
        shared=pd.factorize(coefficient, sort=True)[0],
    )


def _relative_sd(flows: pd.DataFrame, reported_sd: float) -> np.ndarray:
    """Standard deviation as a part of the quantity.

    That of a lognormal whose 5 and 95 % points are ``quantity_low`` and
    ``quantity_high``; where one of them is nothing or unknown, it lies as far off as
    the other.
    """
    quantity = flows["quantity"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = -np.log(flows["quantity_low"].to_numpy(float) / quantity)
        above = np.log(flows["quantity_high"].to_numpy(float) / quantity)
    below, above = (np.where(np.isfinite(x), x, np.nan) for x in (below, above))
    spread = np.where(np.isnan(below), above, np.where(np.isnan(above), below, 0.0))
    both = ~np.isnan(below) & ~np.isnan(above)
    spread = np.where(both, (below + above) / 2, spread)
    spread = np.minimum(spread, np.log(WIDEST)) / NORMAL_POINT
    told = np.sqrt(np.expm1(spread**2)) * np.exp(spread**2 / 2)
    unsure = (np.log(RANGE_UNKNOWN) / NORMAL_POINT) ** 2
    unknown = np.where(
        flows["basis"] == REPORTED,
        reported_sd,
        np.sqrt(np.expm1(unsure)) * np.exp(unsure / 2),
    )
    return np.where(spread > 0, told, unknown)


def _refuse_contradictions(problem: Problem, totals: list[Total]) -> None:
    exact = np.flatnonzero(problem.target_sd == 0)
    found = contradictions(problem.sums[exact], problem.target[exact])
    if found:
        told = [
            " + ".join(totals[exact[place]].words for place in places)
            for places in found
        ]
        raise RefusalError(
            "reconcile.contradictory", sets=" | ".join(told[:NAMED]), count=len(told)
        )


def _told(totals, members, reasons, language) -> pd.DataFrame:
    """The totals as they were given, and whether they could be used."""
    fields = layer_type("reconciled_totals").fields
    table = pd.DataFrame([vars(total) for total in totals], columns=[*fields])
    table["flows"] = [len(each) for each in members]
    table["used"] = [reason is None for reason in reasons]
    table["remark"] = [
        text(f"reconcile.reasons.{reason}", language) if reason else None
        for reason in reasons
    ]
    table["contradiction"] = False
    table["contradicts"] = None
    numbers = ("before", "after", "gap_sd", "residual_sd")
    return table.assign(**dict.fromkeys(numbers, np.nan))


def _measure(table: pd.DataFrame, used, problem: Problem, solution) -> None:
    """Fill in how far each total was off, before and after."""
    before = problem.sums @ problem.value
    after = problem.sums @ solution.value
    left = problem.target - after
    soft = problem.target_sd > 0
    residual = np.divide(left, problem.target_sd, where=soft, out=np.zeros(len(left)))
    unsure = np.hypot(solution.sum_sd, problem.target_sd)
    gap = np.divide(
        problem.target - before, unsure, where=unsure > 0, out=np.zeros(len(left))
    )
    off = np.abs(residual) > CONTRADICTION
    columns = {
        "before": before,
        "after": after,
        "gap_sd": gap,
        "residual_sd": residual,
        "contradiction": off,
        "contradicts": _opponents(problem, solution, residual, off, table, used),
    }
    for name, values in columns.items():
        table.loc[used, name] = values


def _opponents(problem, solution, residual, off, table, used) -> np.ndarray:
    """Rows of the totals of the same flows that pull the other way."""
    rows = table["row"].to_numpy()[used]
    strong = (np.abs(residual) >= WITHIN) | (problem.target_sd == 0)
    sides = np.sign(solution.pull)
    common = (problem.sums @ problem.sums.T).tocsr()
    names = np.full(len(rows), None, object)
    for place in np.flatnonzero(off):
        others = common.indices[common.indptr[place] : common.indptr[place + 1]]
        against = others[strong[others] & (sides[others] * sides[place] < 0)]
        names[place] = ";".join(map(str, sorted(rows[against]))) or None
    return names


def _rows_of(matrix: sparse.csc_matrix, rows: list[int]) -> list[str | None]:
    """Numbers of the totals that each flow counts in."""
    ends = zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
    known: dict[tuple, str | None] = {(): None}
    return [
        known.setdefault(
            key := tuple(matrix.indices[start:end]),
            ";".join(map(str, sorted(rows[place] for place in key))),
        )
        for start, end in ends
    ]


def _scaled(flows, adjusted, touched, rows) -> gpd.GeoDataFrame:
    """Flows with their quantities and ranges scaled."""
    before = flows["quantity"].to_numpy(float)
    factor = np.full(len(flows), np.nan)
    factor[touched] = adjusted[touched] / before[touched]
    times = np.where(np.isnan(factor), 1.0, factor)
    return flows.assign(
        quantity=adjusted,
        quantity_low=flows["quantity_low"].to_numpy(float) * times,
        quantity_high=flows["quantity_high"].to_numpy(float) * times,
        quantity_before=before,
        factor=factor,
        totals=pd.Series(rows, flows.index, dtype=object),
    )
