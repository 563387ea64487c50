"""Areas with given values, scored through QGIS: squares, a table, a file of weights."""

from __future__ import annotations

import math
import random
from collections import defaultdict

import shapely
from bad_layers import memory, run

SUM, MEAN, TOPSIS = METHODS = 0, 1, 2
"""Weighted sum, geometric mean, TOPSIS."""
ROBUSTNESS = ("acceptability", "rank_low", "rank_high")
TABLES = ("OUTPUT", "OUTPUT_CRITERIA", "OUTPUT_STAKEHOLDERS", "OUTPUT_CENTRAL")


def random_values(areas=12, criteria=5, seed=1, gaps=0) -> dict[str, dict]:
    """Values between 0.05 and 1 by area and criterion, some of them unknown."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    values = {
        f"A{area:03}": {f"k{name}": chance.uniform(0.05, 1) for name in range(criteria)}
        for area in range(areas)
    }
    # Every area keeps one, and so does every criterion.
    for area in chance.sample(list(values), gaps):
        values[area][chance.choice(list(values[area]))] = None
    return values


def random_weights(criteria=5, seed=1) -> dict[str, float]:
    """Weights that add up to 1."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    parts = {f"k{name}": chance.uniform(0.1, 1) for name in range(criteria)}
    return {name: part / sum(parts.values()) for name, part in parts.items()}


def areas_layer(names):
    """Squares beside each other with an ``area_id``."""
    shapes = [
        shapely.multipolygons([shapely.box(x, 450_000, x + 900, 450_900)])
        for x in range(100_000, 100_000 + 1000 * len(names), 1000)
    ]
    rows = [{"area_id": name, "name": f"Terrein {name}"} for name in names]
    columns = {"area_id": "text", "name": "text"}
    return memory("MultiPolygon", shapes, rows, columns, name="gebieden")


def values_layer(values, order=None):
    """The table of values, with empty cells; in another order where one is given."""
    rows = [
        {"area_id": area, "criterion": criterion, "value": value}
        for area, row in values.items()
        for criterion, value in row.items()
    ]
    if order is not None:
        random.Random(order).shuffle(rows)  # noqa: S311 - no secret
    columns = {"area_id": "text", "criterion": "text", "value": "real"}
    return memory("None", [None] * len(rows), rows, columns, "", "eigen")


def table_file(path, columns, rows) -> str:
    """A CSV file with ``;``; gives its path."""
    lines = [columns, *rows]
    written = [";".join(cell(value) for value in line) for line in lines]
    path.write_text("\n".join(written) + "\n", encoding="utf-8")
    return str(path)


def cell(value) -> str:
    """A cell as text, numbers to the last bit."""
    return value if isinstance(value, str) else repr(value)


def weights_file(path, weight, column="weight") -> str:
    """A file with one column of weights."""
    return table_file(path, ("criterion", column), weight.items())


def stakeholders_file(path, of_each) -> str:
    """A file with a column of weights for each stakeholder (or other column)."""
    criteria = next(iter(of_each.values()))
    rows = [(name, *(column[name] for column in of_each.values())) for name in criteria]
    return table_file(path, ("criterion", *of_each), rows)


def pairwise_file(path, names, matrix) -> str:
    """A file of comparisons; cells as they come, texts as they are."""
    rows = [(name, *row) for name, row in zip(names, matrix, strict=True)]
    return table_file(path, ("criterion", *names), rows)


def scored(values, order=None, **more):
    """Outcome of a run on values; the tables that are asked for are in memory.

    Without robustness unless ``DRAWS`` is given.
    """
    names = list(values)
    if order is not None:
        random.Random(order).shuffle(names)  # noqa: S311 - no secret
    given = {
        "AREAS": areas_layer(names),
        "CRITERIA": values_layer(values, order),
        "DRAWS": 0,
        **dict.fromkeys(TABLES[:2], "memory:"),
    }
    return run("scoreareas", **(given | more))


def by_area(outcome, field="score") -> dict:
    """One field of every area."""
    return {row["area_id"]: row[field] for row in outcome.rows()}


def by_criterion(outcome, field, name="OUTPUT_CRITERIA") -> dict[str, dict]:
    """One field by area and criterion."""
    found = defaultdict(dict)
    for row in outcome.rows(name):
        assert row["criterion"] not in found[row["area_id"]]
        found[row["area_id"]][row["criterion"]] = row[field]
    return dict(found)


def sane(outcome, areas) -> dict[str, float]:
    """Scores of a run that must have gone well: all areas, within 0–100."""
    found = by_area(outcome)
    assert sorted(found) == sorted(areas)
    for row in outcome.rows():
        for name in ("score", "score_low", "score_high"):
            value = row[name]
            assert value is None or (math.isfinite(value) and 0 <= value <= 100), row
        assert row["rank"] is None or 1 <= row["rank"] <= len(areas)
        for name in ROBUSTNESS:
            assert row[name] is None or math.isfinite(row[name])
    return found
