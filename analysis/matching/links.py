"""Which kinds of supply can serve which kinds of demand, how, and on what ground."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..flows.tables import MATERIAL
from . import physics, score
from .everyday import everyday
from .kinds import Kinds
from .knowledge import Knowledge
from .quality import TRANSFER
from .reach import reach_of

ROUNDING = 1e-9
USE = "use:"
"""Before the use that stands in the place of a rule."""
STRATEGIES = {"heat": ("R9", "R9"), "water": ("R3", "R8"), "co2": ("R7", "R7")}
"""Strategy where no rule names one: as it is, and after a treatment (aanname)."""
COLUMNS = (
    "giver", "receiver", "rule_id", "evidence", "r_strategy", "reach_m", *TRANSFER,
    "overlap", "score_evidence", "score_quality", "score_ladder", "fixed", "legal",
    "hazard_note", "source",
)  # fmt: skip


def linked(
    carrier: str,
    givers: Kinds,
    receivers: Kinds,
    part: slice,
    known: Knowledge,
    min_fit: float,
    max_distance: float,
) -> pd.DataFrame:
    """Links between kinds of supply and kinds of demand of one carrier.

    Parameters
    ----------
    carrier
        One of the carriers.
    givers, receivers
        Kinds of supply and of demand.
    part
        Which kinds of supply; all of them may have too many links at once.
    known
        Rules, uses, bans and reaches.
    min_fit
        A use with a suitability times importance below it is no link.
    max_distance
        No link reaches farther, in metres.

    Returns
    -------
    DataFrame
        ``COLUMNS``: numbers of the kinds, what the link rests on, how the stream gets
        there (:data:`.quality.TRANSFER`), the parts of its score that all its pairs
        share, and ``fixed``, their weighted sum. Of a pair of kinds the best link comes
        first; each further one is there because it reaches farther. A cited rule is
        better than none, then a higher ``fixed`` than a lower one.
    """
    ruled = _rule_pairs(givers, receivers, part)
    if carrier == MATERIAL:
        found = pd.concat(
            [
                _of_rules(ruled, known),
                _of_uses(givers, receivers, part, known, min_fit),
            ],
            ignore_index=True,
        )
        stream = givers.table["material"].iloc[found["giver"]]
        table_reach = reach_of(known.reach, MATERIAL, stream).to_numpy()
    else:
        found = _of_physics(carrier, givers, receivers, part, ruled, known)
        carriers = pd.Series(carrier, found.index)
        table_reach = reach_of(known.reach, carrier, carriers).to_numpy()
    found = found.assign(table=table_reach)[_allowed(found, givers, receivers)]
    return _best_in_reach(_scored(found), max_distance)


def widest_reach(carrier: str, known: Knowledge, max_distance: float) -> float:
    """Widest reach of a carrier in metres, of its rules and of the table."""
    tables = (known.rules, known.reach)
    reaches = [table.loc[table["carrier"] == carrier, "reach_km"] for table in tables]
    widest = pd.concat([*reaches, pd.Series([0.0])]).max()
    return min(1000 * widest, max_distance)


def _holding(column: pd.Series, row: str, kind: str) -> pd.DataFrame:
    """Which kinds hold which rows, one a line."""
    found = column.explode().dropna()
    return pd.DataFrame({row: found.astype(np.int64), kind: found.index})


def _rule_pairs(givers: Kinds, receivers: Kinds, part: slice) -> pd.DataFrame:
    """Pairs of kinds that a rule names, with the number of the rule."""
    giving = _holding(givers.table["rules"].iloc[part], "rule", "giver")
    taking = _holding(receivers.table["rules"], "rule", "receiver")
    pairs = giving.merge(taking, on="rule")
    return pairs[_same_unit(pairs, givers, receivers)]


def _same_unit(pairs: pd.DataFrame, givers: Kinds, receivers: Kinds) -> np.ndarray:
    """Tonnes serve no demand in megawatt hours."""
    given = givers.table["unit"].to_numpy(object)[pairs["giver"]]
    asked = receivers.table["unit"].to_numpy(object)[pairs["receiver"]]
    return np.equal(given, asked)


def _of_rules(pairs: pd.DataFrame, known: Knowledge) -> pd.DataFrame:
    """Links of materials that a rule names."""
    rules = known.rules.iloc[pairs["rule"]].reset_index(drop=True)
    treated = (rules["treatment"] != "").to_numpy()
    return pd.DataFrame(
        {
            "giver": pairs["giver"].to_numpy(),
            "receiver": pairs["receiver"].to_numpy(),
            **_cited(rules),
            "treatment": rules["treatment"],
            "yield": rules["yield"],
            "score_quality": score.quality_part(treated, np.ones(len(rules))),
        }
    )


def _cited(rules: pd.DataFrame) -> dict[str, object]:
    """What a rule adds to a pair."""
    return {
        "rule_id": rules["rule_id"].to_numpy(object),
        "cited": True,
        "evidence": rules["evidence"].to_numpy(),
        "r_strategy": rules["r_strategy"].to_numpy(object),
        "own_km": rules["reach_km"].to_numpy(float),
        "score_evidence": score.rule_evidence(
            rules["evidence"].to_numpy(float), rules["material"].isin(everyday())
        ),
        **{
            name: rules[name].to_numpy(object)
            for name in ("legal", "hazard_note", "source")
        },
    }


def _of_uses(
    givers: Kinds, receivers: Kinds, part: slice, known: Knowledge, min_fit: float
) -> pd.DataFrame:
    """Links of materials that serve a use of the receiver."""
    given = known.material_uses[["material", "use", "suitability"]].reset_index(
        names="given"
    )
    wanted = known.activity_uses[["use", "importance"]].reset_index(names="wanted")
    shared = given.merge(wanted, on="use")
    shared["fit"] = shared["suitability"] * shared["importance"]
    shared = shared[shared["fit"] >= min_fit - ROUNDING]
    giving = givers.table["material"].iloc[part].rename_axis("giver").reset_index()
    taking = _holding(receivers.table["uses"], "wanted", "receiver")
    pairs = shared.merge(giving, on="material").merge(taking, on="wanted")
    return _use_links(pairs[_same_unit(pairs, givers, receivers)], known)


def _use_links(pairs: pd.DataFrame, known: Knowledge) -> pd.DataFrame:
    given = known.material_uses.iloc[pairs["given"].to_numpy(int)]
    use = known.uses.set_index("use").loc[given["use"]]
    treated = (given["treatment"] != "").to_numpy()
    return pd.DataFrame(
        {
            "giver": pairs["giver"].to_numpy(),
            "receiver": pairs["receiver"].to_numpy(),
            "rule_id": (USE + given["use"]).to_numpy(object),
            "cited": False,
            "evidence": 0,
            "r_strategy": use["r_strategy"].to_numpy(object),
            "most_km": use["typical_reach_km"].to_numpy(float),
            "score_evidence": score.use_evidence(pairs["fit"].to_numpy(float)),
            "treatment": given["treatment"].to_numpy(object),
            "yield": given["yield"].to_numpy(float),
            "score_quality": score.quality_part(
                treated, given["suitability"].to_numpy(float)
            ),
            "hazard_note": given["hazard_note"].to_numpy(object),
            "source": given["source"].to_numpy(object),
        }
    )


def _of_physics(
    carrier: str,
    givers: Kinds,
    receivers: Kinds,
    part: slice,
    ruled: pd.DataFrame,
    known: Knowledge,
) -> pd.DataFrame:
    """Links of heat, water or CO2: those that fit, without a rule and with each."""
    fits = physics.serves(
        carrier,
        givers.table.iloc[part].reset_index(drop=True),
        receivers.table,
    )
    fits["giver"] += part.start
    fits = fits[_same_unit(fits, givers, receivers)]
    fits = fits.rename(columns={"margin": "score_quality"})
    fits["treatment"] = fits["treatment"].fillna("")
    plain, after = STRATEGIES[carrier]
    bare = fits.assign(
        rule_id="",
        cited=False,
        evidence=0,
        r_strategy=np.where(fits["treatment"] == "", plain, after),
        score_evidence=score.PHYSICS_EVIDENCE,
    )
    both = fits.merge(ruled, on=["giver", "receiver"])
    rules = known.rules.iloc[both.pop("rule").to_numpy(int)].reset_index(drop=True)
    both = both.assign(**_cited(rules))
    # What physics says comes first; else a rule tells how it is brought there.
    both["treatment"] = both["treatment"].where(
        both["treatment"] != "", rules["treatment"]
    )
    return pd.concat([bare, both], ignore_index=True)


def _allowed(links: pd.DataFrame, givers: Kinds, receivers: Kinds) -> np.ndarray:
    """Links that no ban names on both sides."""
    given, asked = (_ban_table(each.table["bans"]) for each in (givers, receivers))
    size = max(given.shape[1], asked.shape[1])
    given, asked = (
        np.pad(each, ((0, 0), (0, size - each.shape[1]))) for each in (given, asked)
    )
    pairs = given[links["giver"]] & asked[links["receiver"]]
    return ~pairs.any(axis=1)


def _ban_table(bans: pd.Series) -> np.ndarray:
    """Whether a kind (row) falls under a ban (column)."""
    size = 1 + max((max(each) for each in bans if each), default=0)
    table = np.zeros((len(bans), size), bool)
    for row, each in enumerate(bans):
        table[row, list(each)] = True
    return table


def _scored(links: pd.DataFrame) -> pd.DataFrame:
    """Links with all their columns, and the weighted sum of what is fixed."""
    table = links.reindex(columns=[*dict.fromkeys([*links.columns, *COLUMNS])])
    texts = ["treatment", "reject", "legal", "hazard_note", "source", "rule_id"]
    table[texts] = table[texts].astype(object).where(table[texts].notna(), "")
    numbers = ["electricity_kwh", "heat_mwh", "reject_per_unit"]
    table[numbers] = table[numbers].astype(float).fillna(0.0)
    table["overlap"] = table["overlap"].astype(float).fillna(1.0)
    table["score_ladder"] = score.ladder_part(table["r_strategy"])
    table["fixed"] = score.weighted(
        evidence=table["score_evidence"],
        quality=table["score_quality"],
        ladder=table["score_ladder"],
    )
    return table


def _best_in_reach(links: pd.DataFrame, max_distance: float) -> pd.DataFrame:
    """Links as :func:`linked` gives them."""
    own, most = (
        links[name].astype(float) if name in links else np.nan
        for name in ("own_km", "most_km")
    )
    reach = np.fmin(links["table"], most)
    reach = np.where(np.isnan(own), reach, own)
    links = links.assign(reach_m=np.minimum(1000 * reach, max_distance))
    # Without a reach nothing is proposed; without a month in common nothing passes.
    links = links[links["reach_m"].notna() & (links["overlap"] > 0)]
    links = links.sort_values(
        ["giver", "receiver", "cited", "fixed", "yield", "rule_id"],
        ascending=[True, True, False, False, False, True],
        ignore_index=True,
    )
    farthest = links.groupby(["giver", "receiver"])["reach_m"]
    before = farthest.cummax().groupby([links["giver"], links["receiver"]]).shift()
    farther = before.isna() | (links["reach_m"] > before)
    return links.loc[farther, list(COLUMNS)].reset_index(drop=True)
