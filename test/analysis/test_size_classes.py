"""Size classes: as registers write them, with values that follow their rule."""

import csv
import math

import pytest
from kansenkaart.analysis.resources import resource_path
from kansenkaart.analysis.size_classes import read_size_class, size_classes


def rows():
    path = resource_path("codes", "size_classes.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['low']}-{row['high']}")
def test_values_follow_their_rule(row):
    low, jobs, high = (int(row[name]) for name in ("low", "jobs", "high"))
    assert jobs == round(math.sqrt(low * high))
    assert low <= jobs <= high
    assert row["used_by"]
    if row["rule"] == "open":
        assert high == 4 * low
    else:
        assert row["rule"] == ("exact" if low == high else "mean")


def test_bounds_are_unique():
    assert len(size_classes()) == len(rows())


@pytest.mark.parametrize(
    ("written", "jobs"),
    [
        ("10-19", 14),
        ("10 – 19", 14),
        ("10 t/m 19", 14),
        ("10 tot en met 19", 14),
        ("10 à 19 werknemers", 14),
        ("10 tot 19 werknemers", 14),
        ("10 tot 20 werkzame personen", 14),
        ("van 10 tot 19 werknemers", 14),
        ("10 to 20", 14),
        (" 10-19 ", 14),
        ("1-4", 2),
        ("1 tot 5", 2),
        ("3 tot 5 werkzame personen", 3),
        ("1 werkzaam persoon", 1),
        ("1 Werknemer", 1),
        ("geen personeel", 0),
        ("zonder werknemers", 0),
        ("0 werknemers", 0),
        ("1000+", 2000),
        ("1000 en meer", 2000),
        ("1.000 en meer", 2000),
        ("1 000 of meer", 2000),
        ("1000 or more", 2000),
        (">1000", 2000),
        ("meer dan 1000", 2000),
        ("meer dan 999", 2000),
        (">= 1000", 2000),
        ("1000-1999", 1414),
        ("1.000 tot 2.000", 1414),
        ("2000 of meer werkzame personen", 4000),
        ("500-999", 707),
    ],
)
def test_read(written, jobs):
    assert read_size_class(written).jobs == jobs


@pytest.mark.parametrize(
    "written",
    [
        "", "3", "14", "klasse 3", "3e klasse", "7-11", "10-20", "19-10", "5-sep",
        "05-09-2024", "10-19-29", "10 tot", "-19", "geen opgave", "geen", "onbekend",
        "veel", "<50", "3000+", "9" * 400 + "-" + "9" * 400,
    ],
)  # fmt: skip
def test_unreadable(written):
    assert read_size_class(written) is None
