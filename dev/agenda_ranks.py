"""Are places found that were built for a strategy? The tables of docs/strategies.md.

The places stand in test/agenda_places.py. By itself, in some ten minutes:
``.venv/bin/python dev/agenda_ranks.py``.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from agenda_figures import TOP, at_random, interval, places_of
from demo_figures import put, row

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / ".dev" / "plugins"), str(ROOT / "test")]
PAGE = ROOT / "docs" / "strategies.md"
SEEDS = range(1, 21)
FIRMS = 20_000
COMPLETE = 0.6
"""Share of the weight that must be known, as it is in ``scoreareas``."""
ROLES = (
    "establishments", "zones", "infrastructure", "facilities", "constraints", "regions"
)  # fmt: skip


def scored(layers: dict, strategy: str) -> np.ndarray:
    """Scores of the zones for a strategy or a work agenda; not a number is no rank."""
    from kansenkaart.analysis.criteria import Layers
    from kansenkaart.analysis.score_areas import score_areas
    from kansenkaart.analysis.scoring_choices import Scoring
    from kansenkaart.analysis.weights import strategy_weights
    from kansenkaart.processing_algorithms.leverage.distances import default_distances

    seen = {role: layers[role] for role in ROLES}
    found = score_areas(
        layers["zones"],
        Layers(**seen, mode_distances=default_distances()),
        strategy_weights(strategy),
        how=Scoring(strategy=strategy, draws=0),
    ).areas
    scores = found["score"].where(found["rank"].notna()).round(9)
    ids = layers["zones"]["zone_id"]
    return scores.set_axis(found["zone_id"])[ids].to_numpy(float)


def with_types(layers: dict) -> dict:
    """The layers, with zones that tell their type environments."""
    from kansenkaart.analysis.environments import scene
    from kansenkaart.analysis.environments.types import environment_types
    from kansenkaart.processing_algorithms.leverage.distances import default_distances

    seen = scene.Layers(**{role: layers[role] for role in ROLES})
    return layers | {"zones": environment_types(seen, default_distances()).zones}


def planted_rows(layers: dict, agenda: str, seed: int) -> list[dict]:
    """Places of one agenda in one province: a row per place and ranking."""
    from agenda_hosts import POOLS, has_kind
    from agenda_places import plant, read_places

    built = read_places(agenda)
    aims = {name: rows[0]["strategy"] for name, rows in built.items()}
    kinds = {
        name: next(POOLS[name] for name in _properties(rows) if name in POOLS)
        for name, rows in built.items()
    }
    there, pairs = plant(layers, agenda, seed)
    there = with_types(there)
    ids = there["zones"]["zone_id"].to_numpy()
    rows = []
    for ranking in (agenda, *dict.fromkeys(aims.values())):
        scores = scored(there, ranking)
        for name, pair in pairs.items():
            own, miss = (scores[ids == each][0] for each in pair)
            alike = has_kind(layers["zones"], kinds[name])
            first, last = places_of(own, scores)
            first_alike, last_alike = places_of(own, scores[alike])
            rows.append(
                {
                    "seed": seed,
                    "agenda": agenda,
                    "place": name,
                    "strategy": aims[name],
                    "ranking": ranking,
                    "first": first,
                    "last": last,
                    "zones": len(ids),
                    "first_alike": first_alike,
                    "last_alike": last_alike,
                    "alike": int(alike.sum()),
                    "lead": np.nan_to_num(own) - np.nan_to_num(miss),
                }
            )
    return rows


def _properties(rows: list[dict]) -> list[str]:
    return [each["property"] for each in rows]


def seed_rows(seed: int, firms: int = FIRMS, agendas: tuple = ()) -> list[dict]:
    """Places of all agendas, each planted alone, in one province."""
    from agenda_places import AGENDAS
    from kansenkaart.analysis.demo import generate

    layers = generate(seed, firms)
    chosen = agendas or AGENDAS
    return [each for name in chosen for each in planted_rows(layers, name, seed)]


def measured(seeds=SEEDS, firms: int = FIRMS, agendas: tuple = ()) -> pd.DataFrame:
    """Rows of all seeds."""
    action = partial(seed_rows, firms=firms, agendas=agendas)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return pd.DataFrame([each for rows in pool.map(action, seeds) for each in rows])


def own(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of each place in the ranking of its strategy."""
    return table[table["ranking"] == table["strategy"]]


def whole(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of each place in the ranking of its work agenda."""
    return table[table["ranking"] == table["agenda"]]


def groups(table: pd.DataFrame):
    """Rows of each work agenda and of all, in both rankings, with a title."""
    for title, rows in (("strategy", own(table)), ("work agenda", whole(table))):
        for agenda, part in [*rows.groupby("agenda"), ("all", rows)]:
            yield f"its {title}, {agenda}", part


def found_table(table: pd.DataFrame) -> str:
    """Places in the top ten, by work agenda, against an order at random."""
    lines = _head(
        "ranking", "places", "in the top ten", "… ties drawn well", "at random",
        "in the top ten of its kind", "at random", "median place",
    )  # fmt: skip
    for title, part in groups(table):
        sure, possible, alike = _counted(part)
        cells = (
            str(len(part)),
            f"{sure}: {_share(sure, len(part))}",
            str(possible),
            _random(part, "zones"),
            str(alike),
            _random(part, "alike"),
            f"{_middle(part):.1f} %",
        )
        lines.append(row(title, *cells))
    return "\n".join(lines)


def place_table(table: pd.DataFrame) -> str:
    """Every place: its place in the ranking of its strategy and its work agenda."""
    lines = _head(
        "place, strategy", "top ten of its strategy", "… ties drawn well",
        "place (median)", "top ten of its agenda", "place (median)",
        "higher than in other strategies",
    )  # fmt: skip
    order = table[["agenda", "strategy", "place"]].drop_duplicates()
    for each in order.sort_values(["agenda", "strategy"], key=_by_number).itertuples():
        mine = table[(table["agenda"] == each.agenda) & (table["place"] == each.place)]
        first, second = own(mine), whole(mine)
        lines.append(
            row(
                f"{each.place.replace('_', ' ')}, {each.strategy}",
                f"{_counted(first)[0]} of {len(first)}",
                str(_counted(first)[1]),
                _places(first),
                f"{_counted(second)[0]} of {len(second)}",
                _places(second),
                f"{100 * higher(mine):.0f} %",
            )
        )
    return "\n".join(lines)


def miss_table(table: pd.DataFrame) -> str:
    """How often a place stands above its near miss."""
    lines = _head("ranking", "pairs", "above", "equal", "below", "share above")
    lines += [_miss_row(title, part) for title, part in groups(table)]
    by_strategy = own(table).sort_values(["agenda", "strategy"], key=_by_number)
    for name, part in by_strategy.groupby("strategy", sort=False):
        lines.append(_miss_row(f"strategy {name}", part))
    return "\n".join(lines)


def _miss_row(title: str, part: pd.DataFrame) -> str:
    signs = np.sign(part["lead"].round(6))
    above, equal, below = (int((signs == sign).sum()) for sign in (1, 0, -1))
    share = _share(above, len(part))
    return row(title, str(len(part)), str(above), str(equal), str(below), share)


def tie_table(seed: int = SEEDS[0], firms: int = FIRMS) -> str:
    """How far each of all strategies tells the zones of one province apart."""
    from kansenkaart.analysis.demo import generate

    layers = with_types(generate(seed, firms))
    scores = all_scores(layers)
    lines = _head(
        "ranking", "zones ranked", "different scores", "share the first place",
        "have a place up to ten",
    )  # fmt: skip
    for name, own in scores.items():
        places = own.rank(method="min", ascending=False)
        counts = (own.notna(), places == 1, places <= TOP)
        ranked, first, top = (str(int(each.sum())) for each in counts)
        lines.append(row(f"strategy {name}", ranked, str(own.nunique()), first, top))
    return "\n".join(lines)


def all_scores(layers: dict) -> pd.DataFrame:
    """Score of every zone for every strategy."""
    from kansenkaart.analysis.criteria import Layers, measure
    from kansenkaart.analysis.levers import (
        area_types,
        environment_fits,
        strategy_scores,
        told_scores,
    )
    from kansenkaart.analysis.strategies import ENVIRONMENT, criterion_shares
    from kansenkaart.processing_algorithms.leverage.distances import default_distances

    zones, seen = layers["zones"], {role: layers[role] for role in ROLES}
    around = Layers(**seen, mode_distances=default_distances())
    wanted = [name for name in criterion_shares() if name != ENVIRONMENT]
    fits = environment_fits(area_types(zones, around))
    measured = measure(zones, around, wanted)
    return told_scores(strategy_scores(measured, fits, COMPLETE))


def higher(mine: pd.DataFrame) -> float:
    """Share of other strategies in whose ranking the place stands lower.

    Of strategies of the same agenda that a place was built for; equal counts half.
    """
    middle = mine["first"] + mine["last"]
    rows = mine.assign(middle=middle).pivot(
        index="seed", columns="ranking", values="middle"
    )
    aim, agenda = mine["strategy"].iloc[0], mine["agenda"].iloc[0]
    others = rows.drop(columns=[aim, agenda]).to_numpy()
    lead = np.sign(others - rows[[aim]].to_numpy())
    return float(((lead + 1) / 2).mean())


def _counted(part: pd.DataFrame) -> tuple[int, int, int]:
    """Places in the top ten for sure, those that may be, and those among their kind."""
    tests = (part["last"], part["first"], part["last_alike"])
    return tuple(int((places <= TOP).sum()) for places in tests)


def _random(part: pd.DataFrame, zones: str) -> str:
    """Hits at random among the zones, each ranking drawn by itself."""
    keys = ["seed", "ranking"] if zones == "zones" else ["seed", "ranking", zones]
    each = part.groupby(keys)[zones].agg(["first", "size"])
    expected, low, high = at_random(each.itertuples(index=False, name=None))
    return f"{expected:.1f} ({low}–{high})"


def _middle(part: pd.DataFrame) -> float:
    """Median place in percent of the zones, ties at the middle of theirs."""
    return 50 * ((part["first"] + part["last"]) / part["zones"]).median()


def _places(part: pd.DataFrame) -> str:
    """Median of the first and of the last place that a place can have."""
    first, last = part["first"].median(), part["last"].median()
    return f"{first:.0f}" if first == last else f"{first:.0f}–{last:.0f}"


def _share(count: int, of: int) -> str:
    low, high = interval(count, of)
    return f"{100 * count / of:.0f} % ({100 * low:.0f}–{100 * high:.0f})"


def _by_number(names: pd.Series) -> pd.Series:
    """Names in the order of the number after their point."""
    return names.map(lambda name: (name[:3], int(name.partition(".")[2] or 0)))


def _head(*names: str) -> list[str]:
    return [row(*names), "|---" * len(names) + "|"]


def main() -> None:
    """Write the tables into the page."""
    table = measured()
    page = PAGE.read_text("utf-8")
    page = put(page, "places found", found_table(table))
    page = put(page, "places each", place_table(table))
    page = put(page, "near misses", miss_table(table))
    page = put(page, "ties", tie_table())
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
    print("Made: docs/strategies.md")
