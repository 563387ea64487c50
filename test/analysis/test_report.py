"""The report: one page, self-contained, that says what was computed and no more."""

import re
import tomllib
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.report import render_report
from kansenkaart.analysis.report_content import Column, ReportContent, Section, Table
from kansenkaart.analysis.resources import resource_path

VOID = {"meta", "rect", "line", "br"}
NASTY = [
    "<script>alert(1)</script>",
    "{{7*7}}",
    "=cmd|' /C calc'!A0",
    '"><img src=x onerror=alert(1)>',
    "{% raw %}",
    "{name}",
    "a & b &amp; c",
]
TITLES = {
    "C1_mass": "Voldoende bedrijven bij elkaar",
    "C4_modes": "Meer soorten vervoer",
    "C8": "Dicht bij lokale energie",
    "space": "Ruimte om uit te breiden",
}
CRITERIA = [
    "area_id", "criterion", "raw", "unit", "value", "weight", "contribution", "effect",
    "source",
]  # fmt: skip


class Page(HTMLParser):
    """Elements with their attributes and text; complains when tags don't match."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {[e['tag'] for e in self.open]}"

    def add(self, tag, attributes):
        inside = list(self.open)
        element = {"tag": tag, "text": "", "inside": inside, **dict(attributes)}
        self.elements.append(element)
        return element

    def handle_starttag(self, tag, attributes):
        element = self.add(tag, attributes)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.add(tag, attributes)

    def handle_endtag(self, tag):
        assert self.open, f"closed but not open: {tag}"
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag, within=None, **attributes):
        return [
            element
            for element in self.elements
            if element["tag"] == tag
            and all(element.get(k.strip("_")) == v for k, v in attributes.items())
            and (within is None or any(within is outer for outer in element["inside"]))
        ]

    def part(self, name):
        (found,) = [element for element in self.elements if element.get("id") == name]
        return found

    def rows(self, table):
        """Texts of the body's cells by row."""
        (body,) = self.all("tbody", table)
        return [
            [e["text"] for e in self.elements if e["tag"] in ("th", "td")
             and any(row is outer for outer in e["inside"])]
            for row in self.all("tr", body)
        ]  # fmt: skip


def make_content(count=60, *, summed=True, unknown=0.1, seed=1, **changes):
    rng = np.random.default_rng(seed)
    ids = [f"a{place:05d}" for place in range(count)]
    value = rng.random((count, len(TITLES)))
    value[rng.random(value.shape) < unknown] = np.nan
    weight = np.array([0.4, 0.3, 0.2, 0.1])
    known = np.where(np.isnan(value), 0, weight).sum(axis=1)
    points = 100 * value * weight / np.where(known > 0, known, 1)[:, None]
    score = np.nansum(points, axis=1)
    low = np.nansum(100 * value * weight, axis=1)
    ranks = pd.Series(score).where(known >= 0.6).rank(ascending=False, method="min")
    areas = pd.DataFrame(
        {
            "area_id": ids,
            "name": [f"Gebied {place}" for place in range(count)],
            "score": score,
            "rank": ranks.astype("Int64"),
            "score_low": low,
            "score_high": low + 100 * (1 - known),
            "completeness": known,
            "why": "Sterk door ruimte",
            "why_short": "Veel ruimte",
            "area_ha": 12.0,
            "modes": "rail,road",
            "mode_count": 2,
            "establishments": 31,
            "jobs": 1240.0,
        }
    )
    criteria = pd.DataFrame(
        [
            (area, name, 1.0, "ha", value[i, j], weight[j],
             points[i, j] if summed else np.nan, points[i, j] - 12, f"Bron {j}")
            for i, area in enumerate(ids)
            for j, name in enumerate(TITLES)
        ],
        columns=CRITERIA,
    )  # fmt: skip
    content = ReportContent(
        language="nl",
        title="Kansenkaart Noorderland",
        date="1 mei 2025",
        version="0.1.0",
        summary=[("hefboomgebieden", "60")],
        areas=areas,
        criteria=criteria,
        criterion_titles=TITLES,
        assumptions=pd.DataFrame(
            [
                ("Corridors", "Afstand tot een weg", "1000", "m", "ons", "Geen bron"),
                ("Score", "Gelijke gewichten", "true", None, "ons", "Geen bron"),
                ("Score", "Kleinste aandeel", "0.6", "", "ons", "Geen bron"),
            ],
            columns=["step", "parameter", "value", "unit", "set_by", "why"],
        ),
        skipped=make_skipped([("establishments", i, "Leeg", 1) for i in "vw"]),
        inputs=[
            {"role": "ZONES", "layer": "terreinen", "features": 12345,
             "crs": "EPSG:28992", "hash": "9f3a"},
        ],
        warnings=["Van 3 vestigingen is het aantal banen onbekend."],
        sections=[
            Section(
                "clusters",
                "Bedrijvenclusters",
                ["Er zijn er twee."],
                [Table("De grootste", [Column("Cluster"), Column("Banen", 0)],
                       [["Haven", 12345.0], ["Dijk", None]])],
                ['<svg role="img" aria-label="deel"><rect width="9"/></svg>'],
            ),
        ],
    )  # fmt: skip
    return replace(content, **changes)


def make_skipped(rows):
    return pd.DataFrame(rows, columns=["layer", "source_id", "reason", "count"])


def renamed(content, frame, **columns):
    return replace(content, **{frame: getattr(content, frame).assign(**columns)})


def visible(html):
    (body,) = Page(html).all("body")
    return body["text"]


# One page that needs nothing else


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("count", [0, 1, 25, 60])
@pytest.mark.parametrize("summed", [True, False])
def test_page_is_well_formed_and_self_contained(language, count, summed):
    html = render_report(make_content(count, summed=summed, language=language))
    page = Page(html)
    tags = {element["tag"] for element in page.elements}
    assert html.startswith("<!DOCTYPE html>")
    assert not tags & {"script", "link", "iframe", "img", "object", "base"}
    assert not re.findall(r"https?:|@import|url\((?!#)", html)
    ids = [element["id"] for element in page.elements if "id" in element]
    assert len(ids) == len(set(ids))
    for link in page.all("a"):
        assert link["href"].removeprefix("#") in ids
    assert not [element for element in page.elements if "src" in element]


def test_well_formed_check_sees_a_mistake():
    with pytest.raises(AssertionError):
        Page("<p><b>x</p></b>")
    with pytest.raises(AssertionError):
        Page("<p>x")


def test_tables_have_captions_and_scopes():
    page = Page(render_report(make_content()))
    tables = page.all("table")
    assert len(tables) > 6
    for table in tables:
        (caption,) = page.all("caption", table)
        assert caption["text"].strip()
        for heading in page.all("th", table):
            assert heading["scope"] in ("col", "row")
        columns = len(page.all("th", page.all("thead", table)[0]))
        assert {len(row) for row in page.rows(table)} == {columns}


def test_headings_do_not_skip_a_level():
    page = Page(render_report(make_content()))
    tags = [element["tag"] for element in page.elements]
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("nasty", NASTY)
def test_texts_from_data_stay_text(nasty):
    plain = make_content(30)
    content = renamed(
        plain, "areas", name=nasty, why=nasty, why_short=nasty, modes=nasty
    )
    content = renamed(content, "criteria", source=nasty)
    content = renamed(content, "assumptions", step=nasty, parameter=nasty, value=nasty,
                      unit=nasty, set_by=nasty, why=nasty)  # fmt: skip
    content = renamed(content, "skipped", layer=nasty, source_id=nasty, reason=nasty)
    table = Table(nasty, [Column(nasty), Column(nasty, 1)], [[nasty, nasty]])
    content = replace(
        content,
        title=nasty,
        date=nasty,
        version=nasty,
        summary=[(nasty, nasty)],
        criterion_titles=dict.fromkeys(TITLES, nasty),
        inputs=[dict.fromkeys(["role", "layer", "features", "crs", "hash"], nasty)],
        warnings=[nasty],
        sections=[
            Section("clusters", nasty, [nasty], [table], plain.sections[0].figures)
        ],
    )
    html = render_report(content)
    page = Page(html)
    assert {e["tag"] for e in page.elements} <= {
        e["tag"] for e in Page(render_report(plain)).elements
    }
    assert not [e for e in page.elements if any(k.startswith("on") for k in e)]
    for cells in page.rows(page.all("table", page.part("assumptions"))[0]):
        assert [nasty in cell for cell in cells] == [True] * 5
    assert all(row[1].startswith(nasty) for row in page.rows(page.all("table")[0]))
    assert page.all("h1")[0]["text"] == nasty
    assert page.all("svg", class_="bar")[0]["aria-label"].startswith(nasty)
    assert "49" not in page.all("title")[0]["text"]


def test_figures_are_kept_as_markup():
    page = Page(render_report(make_content()))
    (figure,) = page.all("figure")
    assert page.all("svg", figure, role="img")


# What it says


def test_both_languages_have_the_same_structure():
    dutch, english = (
        Page(render_report(make_content(language=language)))
        for language in ("nl", "en")
    )
    assert [e["tag"] for e in dutch.elements] == [e["tag"] for e in english.elements]
    for tag, number in (("h2", 8), ("caption", 9)):
        pairs = list(zip(dutch.all(tag), english.all(tag), strict=True))
        different = [a["text"] for a, b in pairs if a["text"] != b["text"]]
        # The section of a step and its table come in one language.
        assert len(different) == len(pairs) - 1
        assert len(pairs) >= number
    assert dutch.all("html")[0]["lang"] == "nl"
    assert english.all("html")[0]["lang"] == "en"


def test_texts_exist_in_both_languages():
    def flat(language):
        path = resource_path("texts", language, "report.toml")
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        nested = [
            (f"{key}.{inner}", value)
            for key, table in tables.items()
            if isinstance(table, dict)
            for inner, value in table.items()
        ]
        single = [(k, v) for k, v in tables.items() if isinstance(v, str)]
        return {k: sorted(re.findall(r"{\w+}", v)) for k, v in nested + single}

    assert flat("nl") == flat("en")
    assert len(flat("nl")) > 80


def test_numbers_follow_the_language():
    dutch = visible(render_report(make_content()))
    english = visible(render_report(make_content(language="en")))
    assert "12\u202f345" in dutch
    assert "0,6" in dutch
    assert "1\u202f000\u00a0m" in dutch
    assert "0.6" in english
    assert re.search(r"\d,\d", dutch)
    assert not re.search(r"\d\.\d", dutch.replace("0.1.0", ""))
    assert not re.search(r"\d,\d", english)


def test_no_field_names():
    text = visible(render_report(make_content()))
    assert "_" not in text
    assert not {"establishments", "rail", "road", "ZONES", "None", "nan"} & set(
        re.findall(r"\w+", text)
    )
    assert "spoor en weg · 31\u00a0vestigingen · 1\u202f240\u00a0banen" in text


def test_order_and_completeness_of_the_ranking():
    content = make_content(unknown=0.15)
    page = Page(render_report(content))
    top, rest, unranked = page.all("table", page.part("ranking"))
    ranked = content.areas.dropna(subset="rank").sort_values("rank")
    apart = content.areas[content.areas["rank"].isna()]
    assert len(apart) > 0
    assert [int(row[0]) for row in page.rows(top)] == ranked["rank"].tolist()[:25]
    names = [row[1] for row in page.rows(top)]
    for shown, name in zip(names, ranked["name"], strict=False):
        assert shown.startswith(name)
    assert [row[0] for row in page.rows(rest)] == [
        f"{rank}. {name}"
        for rank, name in zip(ranked["rank"], ranked["name"], strict=True)
    ][25:]
    assert any(e["tag"] == "details" for e in rest["inside"])
    assert not any(e["tag"] == "details" for e in top["inside"])
    shown = page.rows(unranked)
    assert [row[0] for row in shown] == apart.sort_values("area_id")["name"].tolist()
    for row, known in zip(shown, apart["completeness"], strict=True):
        assert f"{100 * known:.0f}\u00a0%" in row[2] or known == 0


def test_range_and_known_share_only_where_something_is_unknown():
    content = make_content(3, unknown=0)
    page = Page(render_report(content))
    assert not page.all("line")
    assert "Bekend" not in page.all("table")[0]["text"]
    areas = content.areas.copy()
    best = areas["score"].idxmax()
    areas.loc[best, ["completeness", "score_low", "score_high"]] = [0.9, 50.04, 95.5]
    page = Page(render_report(replace(content, areas=areas)))
    table = page.all("table")[0]
    rows = page.rows(table)
    assert (rows[0][3], rows[0][4]) == ("50,0–95,5", "90\u00a0% bekend")
    assert (rows[1][3], rows[1][4]) == ("", "")
    (line,) = page.all("line", table, class_="range")
    assert (line["x1"], line["x2"]) == ("50.04%", "95.5%")


def test_nearly_all_known_is_not_written_as_all():
    content = make_content(1, unknown=0)
    content = renamed(content, "areas", completeness=0.999)
    page = Page(render_report(content))
    assert page.rows(page.all("table")[0])[0][4].startswith("99\u00a0% ")


@pytest.mark.parametrize("seed", range(5))
def test_pieces_of_a_bar_add_up_to_the_score(seed):
    content = make_content(seed=seed)
    page = Page(render_report(content))
    scores = content.areas.dropna(subset="rank").sort_values("rank")["score"].tolist()
    bars = page.all("svg", class_="bar") + page.all("svg", class_="thin")
    assert len(bars) == len(scores)
    for bar, score in zip(bars, scores, strict=True):
        end = 0.0
        for piece in page.all("rect", bar)[1:]:
            assert float(piece.get("x").rstrip("%")) == pytest.approx(end, abs=1e-6)
            end += float(piece["width"].rstrip("%"))
        assert end == pytest.approx(score, abs=0.006)


def test_pieces_carry_the_letter_of_their_criterion():
    content = make_content(1, unknown=0)
    page = Page(render_report(content))
    (legend,) = page.all("table", class_="legend")
    assert [row[:2] for row in page.rows(legend)] == [
        [letter, title] for letter, title in zip("ABCD", TITLES.values(), strict=True)
    ]
    weights = [row[2] for row in page.rows(legend)]
    assert weights == ["40\u00a0%", "30\u00a0%", "20\u00a0%", "10\u00a0%"]
    (bar,) = page.all("svg", class_="bar")
    points = dict(
        zip("ABCD", content.criteria["contribution"].round().tolist(), strict=True)
    )
    labels = [text["text"].split() for text in page.all("text", bar)]
    assert labels
    for letter, *shown in labels:
        assert not shown or int(shown[0]) == points[letter]
    assert bar["aria-label"].count(";") == len(TITLES) - 1


def test_weights_are_those_before_something_was_unknown():
    content = make_content(2, unknown=0)
    criteria = content.criteria.copy()
    first = criteria["area_id"] == "a00000"
    criteria.loc[first, "weight"] = [0, 0.5, 1 / 3, 1 / 6]
    page = Page(render_report(replace(content, criteria=criteria)))
    rows = page.rows(page.all("table", class_="legend")[0])
    assert [row[2] for row in rows] == [f"{n}\u00a0%" for n in (40, 30, 20, 10)]


def test_criteria_stand_in_the_order_of_their_titles():
    content = make_content(2, unknown=0)
    titles = {"space": "Ruimte", "C8": "Energie", "absent": "Afwezig"}
    sources = [f"Bron {place % 8 // 4}" for place in range(len(content.criteria))][::-1]
    content = renamed(content, "criteria", source=sources)
    page = Page(render_report(replace(content, criterion_titles=titles)))
    rows = page.rows(page.all("table", class_="legend")[0])
    assert [row[1] for row in rows] == ["Ruimte", "Energie", "C1 mass", "C4 modes"]
    assert {row[3] for row in rows} == {"Bron 0; Bron 1"}


def test_other_methods_show_effects_with_their_sign():
    content = make_content(30, summed=False, unknown=0)
    page = Page(render_report(content))
    assert not page.all("svg", class_="bar")
    top, rest = page.all("table", page.part("contributions"), class_="numbers")
    best = content.areas.sort_values("rank")["area_id"].iloc[0]
    effects = content.criteria.loc[content.criteria["area_id"] == best, "effect"]
    shown = [
        cell.replace(",", ".").replace("\u2212", "-") for cell in page.rows(top)[0]
    ]
    assert [float(cell) for cell in shown[1:5]] == effects.round(1).tolist()
    assert "+" in top["text"]
    assert len(page.rows(rest)) == 5
    assert "÷" not in page.part("method")["text"]
    assert "÷" in visible(render_report(make_content(3)))


@pytest.mark.parametrize(
    ("count", "ranks", "expected"),
    [
        (0, [], "geen hefboomgebieden gevonden"),
        (1, [1], "één hefboomgebied in de volgorde: Gebied 0"),
        (3, [2, 1, 3], "Van de 3 hefboomgebieden biedt Gebied 1 de beste"),
        (3, [1, 3, 1], "bieden Gebied 0 en Gebied 2 samen"),
        (5, [1, 1, 1, 1, 5], "delen er 4 de eerste plaats"),
        (2, [None, None], "gevonden: 2; over geen ervan"),
    ],
)
def test_key_message(count, ranks, expected):
    content = make_content(count, unknown=0)
    content = renamed(content, "areas", rank=pd.array(ranks, dtype="Int64"))
    page = Page(render_report(content))
    assert expected in page.all("p", class_="message")[0]["text"]


def test_without_areas_the_rest_still_stands():
    page = Page(render_report(make_content(0)))
    assert "geen gebied met een plaats" in page.part("ranking")["text"]
    assert not page.all("table", page.part("ranking"))
    for name in ("section-clusters", "assumptions", "skipped", "inputs", "method"):
        assert page.part(name)["text"].strip()


def test_a_reason_without_known_share():
    content = make_content(1, unknown=0)
    content = renamed(content, "areas", rank=pd.NA, completeness=None)
    page = Page(render_report(content))
    row = page.rows(page.all("table", page.part("ranking"))[0])[0]
    assert row[2] == "Te weinig bekend"
    content = renamed(content, "areas", score=np.nan)
    page = Page(render_report(content))
    row = page.rows(page.all("table", page.part("ranking"))[0])[0]
    assert row[1:] == ["–", "Geen enkel criterium is bekend"]


def test_skipped_is_summed_by_layer_and_reason():
    rows = [("zones", f"z{i}", "Leeg", 1) for i in range(1200)]
    rows += [("zones", "z7", "Dubbel", 2), ("eigen", None, "Leeg", 5)]
    skipped = make_skipped(rows)
    page = Page(render_report(make_content(3, skipped=skipped)))
    part = page.part("skipped")
    assert page.rows(page.all("table", part)[0]) == [
        ["eigen", "Leeg", "5", ""],
        ["Zones", "Dubbel", "2", "z7"],
        ["Zones", "Leeg", "1\u202f200", "z0, z1, z10 …"],
    ]
    assert "1\u202f207" in part["text"]


def test_skipped_without_ids_has_no_examples():
    skipped = make_skipped([("zones", None, "Leeg", 3), ("zones", "", "Dubbel", 1)])
    page = Page(render_report(make_content(3, skipped=skipped)))
    rows = page.rows(page.all("table", page.part("skipped"))[0])
    assert rows == [["Zones", "Dubbel", "1"], ["Zones", "Leeg", "3"]]


def test_nothing_to_report_is_said():
    content = make_content(3, skipped=make_skipped([]), inputs=[], warnings=[])
    page = Page(render_report(replace(content, assumptions=content.assumptions[:0])))
    for name in ("assumptions", "skipped", "inputs", "warnings"):
        assert not page.all("table", page.part(name))
        assert len(page.all("p", page.part(name))) == 1


def test_trial_version_says_so():
    assert "Proefversie" in visible(render_report(make_content(3, proof=True)))
    assert "Proefversie" not in visible(render_report(make_content(3)))


def test_optional_fields_may_be_absent():
    content = make_content(3)
    areas = content.areas[["area_id", "name", "score", "rank"]]
    page = Page(render_report(replace(content, areas=areas)))
    assert len(page.rows(page.all("table")[0])) == 3
    assert not page.all("span", class_="facts")


# Repeatable, readable, small


def test_order_of_rows_does_not_matter():
    content = make_content()
    shuffled = replace(
        content,
        **{
            name: getattr(content, name).sample(frac=1, random_state=5)
            for name in ("areas", "criteria", "skipped")
        },
    )
    assert not shuffled.areas["area_id"].is_monotonic_increasing
    assert render_report(shuffled) == render_report(content)


def test_four_thousand_areas():
    content = make_content(4000)
    html = render_report(content)
    assert len(html.encode()) < 6_000_000
    text = visible(html)
    assert all(f"Gebied {place}" in text for place in range(4000))


def test_texts_have_enough_contrast():
    css = resource_path("report", "style.css").read_text(encoding="utf-8")
    named = dict(re.findall(r"--(\w+): (#\w{6})", css))
    fills = re.findall(r"\.c\d+ { fill: (#\w{6})", css)
    assert len(fills) == 8
    for fill in fills:
        assert contrast(named["ink"], fill) >= 4.5
    for name in ("ink", "quiet", "blue"):
        assert contrast(named[name], "#ffffff") >= 4.5
    assert contrast("#6b3a00", "#fff8ec") >= 4.5


def contrast(one, other):
    """Contrast ratio as WCAG 2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
