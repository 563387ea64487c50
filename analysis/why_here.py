"""Why here: what carries an area, what holds it back, and what would change that."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd

from .criteria import Measured, ends_inside
from .explain import criterion_title, raw_text
from .flows.drawn import largest_materials
from .resources import read_toml
from .scoring import Scores
from .smallest_change import smallest_changes
from .texts import text

METRES = (10, 100)
"""Steps in which distances are written: below a kilometre, and from there on."""


def strong_and_weak(scores: Scores) -> pd.DataFrame:
    """The criterion that gives an area most, and the one with its lowest value.

    Returns
    -------
    DataFrame
        ``strongest``, ``weakest``: ids of criteria, of equal ones the first; NULL where
        nothing is known.
    """
    names = [name for name, share in scores.share.items() if share > 0]
    driver, value = (table[names] for table in (scores.driver, scores.value))
    known = value.notna().any(axis=1).to_numpy()
    words = np.array(names, dtype=object)
    most = np.where(driver.isna(), -np.inf, driver).argmax(axis=1)
    least = np.where(value.isna(), np.inf, value).argmin(axis=1)
    return pd.DataFrame(
        {
            "strongest": np.where(known, words[most], None),
            "weakest": np.where(known, words[least], None),
        },
        index=value.index,
    )


def changes(
    measured: Measured,
    scores: Scores,
    scales: dict[str, tuple[float, float]],
    top: int,
    language: str,
) -> pd.DataFrame:
    """The smallest single change that would bring an area among the best, in words.

    Parameters
    ----------
    scales
        Worst and best raw value of the user's own criteria.
    top
        Places that count as the best.

    Returns
    -------
    DataFrame
        ``change_criterion``; ``change_raw``, the raw value that it needs, rounded to
        what is enough; ``change``, a sentence. NULL for the best, and for areas
        without a rank; where no change alone is enough only the sentence says so.
    """
    catalogue = read_toml("criteria.toml")
    fixed = [name for name, entry in catalogue.items() if entry.get("fixed")]
    found = smallest_changes(scores, top, set(fixed) - measured.own)
    ranked = scores.table["rank"].notna()
    rows = []
    for area, criterion, value, within in found.itertuples():
        if within or not ranked[area]:
            rows.append((None, np.nan, None))
            continue
        if criterion is None:
            sentence = text("criteria.no_change", language, top=top)
            rows.append((None, np.nan, sentence))
            continue
        needed = _needed(criterion, value, measured, scales)
        old = measured.raw.at[area, criterion]
        said = _sentence(criterion, old, needed, measured, top, language)
        rows.append((criterion, needed, said))
    columns = ["change_criterion", "change_raw", "change"]
    return pd.DataFrame(rows, columns=columns, index=found.index, dtype=object).astype(
        {"change_raw": float}
    )


def matches_inside(
    areas: gpd.GeoDataFrame, matches: gpd.GeoDataFrame | None, language: str
) -> pd.DataFrame:
    """Matches that have an end in the area.

    Parameters
    ----------
    areas
        Index from 0.
    matches
        None where there are none.

    Returns
    -------
    DataFrame
        ``matches``, their number, and ``exchanged``, the three materials that avoid
        most CO2, in words; NULL without matches.
    """
    told = pd.DataFrame({"matches": np.nan, "exchanged": None}, areas.index)
    if matches is None:
        return told
    match, area = ends_inside(areas, matches)
    order = np.argsort(area, kind="stable")
    match, area = match[order], area[order]
    told["matches"] = np.bincount(area, minlength=len(areas))
    rows = matches.iloc[match]
    avoided = rows["avoided_co2_t"].astype(float).fillna(0.0).to_numpy()
    names = largest_materials(rows["material"], avoided, area, language)
    told.loc[told.index[np.unique(area)], "exchanged"] = names
    return told


def _needed(criterion: str, value: float, measured: Measured, scales: dict) -> float:
    """Raw value that is enough, rounded to how it is written."""
    entry = _entry(criterion, measured)
    if entry is None:
        worst, best = scales.get(criterion, (0.0, 1.0))
        return _enough(worst, best, value, 0.01)
    worst, best = entry["worst"], entry["best"]
    if entry["unit"] != "metre":
        return _enough(worst, best, value, 10.0 ** -entry["decimals"])
    metres = worst + value * (best - worst)
    return _enough(worst, best, value, METRES[metres >= 1000])


def _enough(worst: float, best: float, value: float, step: float) -> float:
    """Raw value of a value, rounded towards the best.

    >>> _enough(0, 10, 0.512, 0.1), _enough(5000, 0, 0.513, 10)
    (5.2, 2430.0)
    """
    steps = (worst + value * (best - worst)) / step
    # What is a whole number of steps but for the last bits stays so.
    nearest = round(steps)
    if not math.isclose(steps, nearest, rel_tol=0, abs_tol=1e-6):
        nearest = math.ceil(steps) if best > worst else math.floor(steps)
    return float(round(nearest * step, 9))


def _sentence(criterion, old, needed, measured, top, language) -> str:
    entry = _entry(criterion, measured)
    title = criterion_title(criterion, language)
    told = criterion if entry else ""
    new, was = (raw_text(told, raw, language) for raw in (needed, old))
    # A distance is written with its own unit.
    unit = entry["unit"] if entry and entry["unit"] != "metre" else None
    after = f" {text(f'units.{unit}', language)}" if unit else ""
    if np.isnan(old):
        key, values = "change_from_unknown", {"new": new + after}
    else:
        key, values = "change", {"new": new, "old": was + after}
    return text(f"criteria.{key}", language, title=title, top=top, **values)


def _entry(criterion: str, measured: Measured) -> dict | None:
    """What is known of a criterion of ours."""
    if criterion in measured.own:
        return None
    return read_toml("criteria.toml").get(criterion)
