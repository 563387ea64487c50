"""Tables of all assumptions, for docs/methode.md."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pandas as pd
from markdown import table

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "nl"
OURS = "aanname"
JUDGEMENT = "5"
"""Quality of what rests on our own judgement."""


def assumption_tables() -> dict[str, str]:
    """The tables by the name of their markers."""
    rows = _numbers()
    heads = ["onderdeel", "aanname", "waarde", "eenheid", "waar", "waarom"]
    return {
        "assumptions": table(heads, rows),
        "constants": _constants({place for *_, place, _ in rows}),
        "judgements": _judgements(),
    }


def _numbers() -> list[tuple]:
    """Every number that no source gives, with where it stands."""
    from kansenkaart.analysis.confidentiality import Rule
    from kansenkaart.analysis.flows.min_flows import choose_min_flows
    from kansenkaart.analysis.resources import read_toml
    from kansenkaart.analysis.weights import strategy_weights
    from kansenkaart.processing_algorithms.maps.assumptions import assumptions_table

    steps, limits = _steps(), choose_min_flows(None)
    criteria = pd.DataFrame({"criterion": list(read_toml("criteria.toml"))})
    weights = strategy_weights("basis")
    listed = assumptions_table(
        steps, criteria, weights, LANGUAGE, Rule(), min_flows=limits, network=True
    )
    places = [place for step in steps for place in _places(step.algorithm)]
    places += ["resources/criteria.toml"] * (2 * len(criteria))
    places += ["resources/strategies/basis.toml"] * len(weights.weight)
    places += [f"analysis/explain.py: {name}" for name in ("STRONG", "WEAK", "HERE")]
    places += ["`[flows] MIN_FLOW`; resources/flows/min_flows.csv"] * len(limits)
    places += ["analysis/flows/map_places.py: SIDE"]
    places += ["`[confidentiality] MIN_ACTORS`", "`[confidentiality] DOMINANCE`"]
    places += ["resources/confidentiality.toml", "half van `detectclusters` `DISTANCE`"]
    columns = listed[["step", "parameter", "value", "unit"]].itertuples(index=False)
    rows = zip(columns, places, listed["why"], strict=True)
    return [(*row, place, why) for row, place, why in rows]


def _steps() -> list:
    """Settings as they are shipped, of every algorithm that assumes something."""
    from kansenkaart.processing_algorithms.maps.settings import StepSettings
    from kansenkaart.processing_algorithms.provider import ALGORITHMS

    assuming = [
        each for each in ALGORITHMS if each.ASSUMPTIONS or each.FIXED_ASSUMPTIONS
    ]
    return [
        StepSettings(each().create(), {}, {}, LANGUAGE, lambda _path: "")
        for each in assuming
    ]


def _places(algorithm) -> list[str]:
    """Where the assumptions of an algorithm stand, in the order of their rows."""
    fixed = [_place(value) for _, value in algorithm.FIXED_ASSUMPTIONS.values()]
    return fixed + [f"`{algorithm.ID}` `{name}`" for name in algorithm.ASSUMPTIONS]


def _place(value) -> str:
    """The file of a constant, or of what computes it."""
    place = getattr(value, "place", None)
    return (
        place
        or Path(inspect.getsourcefile(value)).resolve().relative_to(ROOT).as_posix()
    )


def _constants(listed: set[str]) -> str:
    """Numbers in the code that say themselves that they are ours, and stand nowhere."""
    rows = []
    for path in sorted((ROOT / "analysis").rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        rows += [
            (f"{file}: {name}", f"{value:g}", said)
            for name, value, said in _said(ast.parse(path.read_text("utf-8")).body)
            if f"{file}: {name}" not in listed
        ]
    return table(["waar", "waarde", "wat"], rows)


def _said(body: list[ast.stmt]) -> Iterator[tuple[str, float, str]]:
    """Name and value of each number of a module that calls itself an assumption."""
    for statement, after in pairwise(body):
        match statement, after:
            case (
                ast.Assign(
                    targets=[ast.Name(id=name)], value=ast.Constant(value=value)
                ),
                ast.Expr(value=ast.Constant(value=str(said))),
            ) if OURS in said and isinstance(value, int | float):
                yield name, value, " ".join(said.split())


def _judgements() -> str:
    """Data files with rows of our own judgement, and how many of their rows are."""
    from kansenkaart.analysis.resources import read_csv

    resources = ROOT / "resources"
    counted = {
        path.relative_to(ROOT).as_posix(): read_csv(*path.relative_to(resources).parts)
        for path in sorted(resources.rglob("*.csv"))
    }
    rows = [
        (f"`{path}`", len(rows), ours)
        for path, rows in counted.items()
        if (ours := sum(_is_ours(row) for row in rows))
    ]
    return table(["bestand", "regels", "waarvan aanname"], rows)


def _is_ours(row: dict[str, str]) -> bool:
    """Whether a row says itself that it is an assumption."""
    said = (row.get(name) for name in ("source", "derivation"))
    return row.get("data_quality") == JUDGEMENT or any(
        (text or "").lower().startswith(OURS) for text in said
    )
