"""The report of a run: one self-contained HTML page.

Everything a reader needs lies in the page itself: style, drawings and words. Texts
that come from data are escaped by the template engine; only the figures of a
:class:`.report_content.Section` are markup, made by our own code.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, partial
from string import ascii_uppercase

import numpy as np
import pandas as pd
from jinja2 import Template

from .report_content import AREA_FIELDS, Column, ReportContent, Table
from .resources import read_toml
from .templates import page_templates
from .texts import listing, number, text

TOP = 25
"""How many areas are shown in full; the others get one line each."""

EXAMPLES = 3
"""How many of the skipped ids are named for each reason."""

# A letter needs about 2 points of the bar's width, a letter with a number about 6.
LETTER_FITS = 2.2
NUMBER_FITS = 6.0


@dataclass(frozen=True)
class _Segment:
    """One criterion's piece of a bar, in points (= per cent of the bar's width)."""

    place: int
    start: float
    width: float
    letter: str = ""
    points: str = ""

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return round(self.start + self.width / 2, 2)


@dataclass(frozen=True)
class _Criterion:
    """A line of the legend."""

    id: str
    letter: str
    title: str
    weight: str
    source: str


@dataclass
class _Area:
    """An area as the page shows it."""

    id: object
    name: str
    score: float | None
    rank: int | None
    low: float | None
    high: float | None
    known: float
    why: str
    why_short: str
    facts: str
    points: list[float | None] = field(default_factory=list)
    segments: list[_Segment] = field(default_factory=list)


def render_report(content: ReportContent) -> str:
    """Write the report as one HTML page.

    The same content gives the same text, whatever the order of the areas, criteria and
    skipped features.

    Parameters
    ----------
    content
        All that the report says.

    Returns
    -------
    str
        A whole page, without anything to fetch from elsewhere.
    """
    return _template(content.language).render(_page(content), content=content, TOP=TOP)


def _page(content: ReportContent) -> dict[str, object]:
    """Compute what the template shows."""
    language = content.language
    legend = _legend(content)
    areas = _areas(content)
    summed = _add_points(areas, content, legend)
    ranked = [area for area in areas if area.rank is not None]
    unranked = [area for area in areas if area.rank is None]
    return {
        "key_message": _key_message(ranked, len(areas), language),
        "legend": legend,
        "summed": summed,
        "top": ranked[:TOP],
        "rest": ranked[TOP:],
        "some_unknown": any(area.known < 1 for area in ranked[:TOP]),
        "rest_table": _rest_table(ranked[TOP:], language),
        "unranked": _unranked_table(unranked, language),
        "evidence": [
            ("assumptions", _assumptions_table(content)),
            ("skipped", _skipped_table(content)),
            ("inputs", _inputs_table(content)),
        ],
        "skipped_total": int(content.skipped["count"].sum()),
    }


@cache
def _template(language: str) -> Template:
    """Load the page's template with the words and numbers of a language."""
    environment = page_templates()
    environment.globals.update(
        t=lambda key, **values: text(f"report.{key}", language, **values),
        n=partial(number, language=language),
        cell=partial(_cell, language=language),
        signed=partial(_signed, language=language),
        spread=partial(_spread, language=language),
        percent=partial(_percent, language=language),
        described=partial(_described, language=language),
        extent=_extent,
    )
    return environment.get_template("report.html.j2")


# The areas and their criteria


def _areas(content: ReportContent) -> list[_Area]:
    """List the areas, best first, those without a rank last."""
    # A plain table, since reindexing a GeoDataFrame asks for its geometry.
    frame = pd.DataFrame(content.areas).reindex(columns=list(AREA_FIELDS))
    frame["rank"] = pd.to_numeric(frame["rank"])
    frame = frame.sort_values(["rank", "area_id"], na_position="last", kind="stable")
    return [_area(row, content.language) for row in _records(frame)]


def _area(row: dict[str, object], language: str) -> _Area:
    """Read one area from its row."""
    rank, known = row["rank"], row["completeness"]
    return _Area(
        id=row["area_id"],
        name=str(row["name"] or row["area_id"]),
        score=row["score"],
        rank=None if rank is None else int(rank),
        low=row["score_low"],
        high=row["score_high"],
        # Weights that add up to one may miss it by a hair.
        known=1.0 if known is None or known > 1 - 1e-9 else float(known),
        why=str(row["why"] or ""),
        why_short=str(row["why_short"] or ""),
        facts=_facts(row, language),
    )


def _facts(row: dict[str, object], language: str) -> str:
    """Surface, transport, firms and jobs of an area, as far as they are known."""
    facts = []
    if row["area_ha"] is not None:
        value = number(row["area_ha"], language, 1 if row["area_ha"] < 10 else 0)
        facts.append(text("report.fact.area_ha", language, value=value))
    if row["modes"]:
        words = [_word("mode", mode, language) for mode in str(row["modes"]).split(",")]
        facts.append(listing(words, language))
    for name in ("establishments", "jobs"):
        if row[name] is not None:
            key = f"report.fact.{name}" + ("_one" if row[name] == 1 else "")
            value = number(row[name], language)
            facts.append(text(key, language, value=value))
    return " · ".join(facts)


def _legend(content: ReportContent) -> list[_Criterion]:
    """List the criteria in the order of their titles, those without one last."""
    present = set(content.criteria["criterion"])
    titled = [name for name in content.criterion_titles if name in present]
    order = titled + sorted(present - set(titled))
    weights = _weights(content.criteria)
    sources = _sources(content.criteria)
    return [
        _Criterion(
            id=name,
            letter=ascii_uppercase[place % 26] * (place // 26 + 1),
            title=content.criterion_titles.get(name, name.replace("_", " ")),
            weight=_percent(weights.get(name, 0.0), content.language),
            source=sources.get(name, ""),
        )
        for place, name in enumerate(order)
    ]


def _weights(criteria: pd.DataFrame) -> dict[str, float]:
    """Find the weight of each criterion.

    Where something is unknown in an area, the weights of the rest grow there; the
    smallest weight is therefore the one that was given.
    """
    weights = pd.to_numeric(criteria["weight"])
    return weights[weights > 0].groupby(criteria["criterion"]).min().to_dict()


def _sources(criteria: pd.DataFrame) -> dict[str, str]:
    """Name the sources of each criterion once."""
    named = criteria.loc[criteria["source"].notna(), ["criterion", "source"]]
    named = named.drop_duplicates().sort_values(["criterion", "source"])
    return named.groupby("criterion")["source"].agg("; ".join).to_dict()


def _add_points(
    areas: list[_Area], content: ReportContent, legend: list[_Criterion]
) -> bool:
    """Give the areas their points by criterion; whether these add up to the score."""
    known = content.criteria[["contribution", "effect"]].notna().any()
    summed = bool(known["contribution"] or not known["effect"])
    shown = "contribution" if summed else "effect"
    wide = content.criteria.pivot(index="area_id", columns="criterion", values=shown)
    wide = wide.reindex(
        index=[area.id for area in areas], columns=[line.id for line in legend]
    )
    table = wide.to_numpy(float, na_value=np.nan)
    for area, points in zip(areas, table, strict=True):
        area.points = [None if math.isnan(value) else value for value in points]
        if summed:
            area.segments = _segments(points, legend, content.language)
    return summed


def _segments(
    points: np.ndarray, legend: list[_Criterion], language: str
) -> list[_Segment]:
    """Lay the pieces of a bar end to end.

    Ends are rounded rather than widths, so that the widths add up to the score.
    """
    ends = np.cumsum(np.nan_to_num(points).clip(min=0)).round(2).tolist()
    segments, start = [], 0.0
    for place, (end, line) in enumerate(zip(ends, legend, strict=True)):
        width = round(end - start, 2)
        if width > 0:
            letter = line.letter if width >= LETTER_FITS else ""
            shown = number(points[place], language) if width >= NUMBER_FITS else ""
            segments.append(_Segment(place, start, width, letter, shown))
        start = end
    return segments


def _key_message(ranked: list[_Area], count: int, language: str) -> str:
    """Say in one sentence which area comes first."""
    say = partial(text, language=language)
    if not count:
        return say("report.message.none")
    if not ranked:
        return say("report.message.unranked", count=count)
    best = [area.name for area in ranked if area.rank == ranked[0].rank]
    values = {"score": number(ranked[0].score, language, 1), "count": count}
    if count == 1:
        return say("report.message.single", name=best[0], **values)
    if len(best) == 1:
        return say("report.message.best", name=best[0], **values)
    if len(best) <= EXAMPLES:
        return say("report.message.shared", names=listing(best, language), **values)
    return say("report.message.many", sharing=len(best), **values)


# Tables


def _rest_table(areas: list[_Area], language: str) -> Table:
    """List the areas beyond the top, one line each."""
    some_unknown = any(area.known < 1 for area in areas)
    titles = ["name", "score", "range", "known", "why"]
    rows = [
        [
            f"{area.rank}. {area.name}",
            area.score,
            _spread(area, language),
            _percent(area.known, language) if area.known < 1 else "",
            area.why_short,
        ]
        for area in areas
    ]
    if not some_unknown:
        titles.remove("known")
        rows = [row[:3] + row[4:] for row in rows]
    return Table(
        text("report.caption.rest", language),
        _columns(titles, language, {"score": 1}),
        rows,
    )


def _unranked_table(areas: list[_Area], language: str) -> Table:
    """List the areas without a place, and why."""
    rows = [[area.name, area.score, _unranked_reason(area, language)] for area in areas]
    return Table(
        text("report.caption.unranked", language),
        _columns(["name", "score_known", "reason"], language, {"score_known": 1}),
        rows,
    )


def _unranked_reason(area: _Area, language: str) -> str:
    """Why an area got no place."""
    if area.score is None:
        return text("report.reason.no_score", language)
    if area.known >= 1:
        return text("report.reason.unknown", language)
    share = _percent(area.known, language)
    return text("report.reason.too_little", language, share=share)


def _assumptions_table(content: ReportContent) -> Table:
    """List every value that no source gives."""
    language = content.language
    rows = [
        [
            row["parameter"],
            row["step"],
            _with_unit(row["value"], row["unit"], language),
            row["set_by"],
            row["why"],
        ]
        for row in _records(content.assumptions)
    ]
    titles = ["parameter", "step", "value", "set_by", "reason"]
    return Table(
        text("report.caption.assumptions", language), _columns(titles, language), rows
    )


def _skipped_table(content: ReportContent) -> Table:
    """Count what was left out by layer and reason, with a few examples."""
    language = content.language
    groups = content.skipped.groupby(["layer", "reason"], dropna=False, sort=True)
    rows = [
        [
            _word("layer", layer, language),
            reason,
            int(group["count"].sum()),
            _examples(group["source_id"]),
        ]
        for (layer, reason), group in groups
    ]
    titles = ["layer", "reason", "count", "examples"]
    if not any(row[3] for row in rows):
        titles.pop()
        rows = [row[:3] for row in rows]
    return Table(
        text("report.caption.skipped", language),
        _columns(titles, language, {"count": 0}),
        rows,
    )


def _inputs_table(content: ReportContent) -> Table:
    """List the layers that were used."""
    language = content.language
    rows = [
        [
            _word("layer", source.get("role"), language),
            source.get("layer"),
            source.get("features"),
            source.get("crs"),
            source.get("hash"),
        ]
        for source in content.inputs
    ]
    titles = ["role", "source_layer", "features", "crs", "hash"]
    return Table(
        text("report.caption.inputs", language),
        _columns(titles, language, {"features": 0}),
        rows,
    )


def _columns(
    keys: Iterable[str], language: str, decimals: dict[str, int] | None = None
) -> list[Column]:
    """Look up headings by their keys in the texts."""
    decimals = decimals or {}
    return [
        Column(text(f"report.column.{key}", language), decimals.get(key))
        for key in keys
    ]


def _examples(ids: pd.Series) -> str:
    """Name the first few ids that are not empty."""
    named = sorted({str(value) for value in ids.dropna().unique()} - {""})
    shown = ", ".join(named[:EXAMPLES])
    return f"{shown} …" if len(named) > EXAMPLES else shown


# Words and numbers


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Turn a table into rows, with None for whatever kind of missing."""
    plain = frame.astype(object)
    return plain.where(frame.notna(), None).to_dict("records")


def _word(kind: str, value: object, language: str) -> str:
    """Name a mode or layer in words, or by itself where we have no word for it."""
    name = "" if pd.isna(value) else str(value).strip()
    words = read_toml("texts", language, "report.toml")[kind]
    return words.get(name.lower(), name)


def _cell(value: object, column: Column, language: str) -> str:
    """Write a cell of a table."""
    if pd.isna(value):
        return "" if column.decimals is None else "–"
    if column.decimals is not None and not isinstance(value, str):
        return number(float(value), language, column.decimals)
    return _plain(value, language)


def _plain(value: object, language: str) -> str:
    """Write a value of unknown kind: yes or no, a number as exact as it is, or text."""
    if isinstance(value, bool | np.bool_):
        return text("report.yes" if value else "report.no", language)
    if not isinstance(value, int | float | np.number):
        return str(value)
    if not math.isfinite(value):
        return "–"
    decimals = next((d for d in range(6) if math.isclose(value, round(value, d))), 6)
    return number(float(value), language, decimals)


def _with_unit(value: object, unit: object, language: str) -> str:
    """Write a value with its unit; texts that are numbers are written as numbers."""
    try:
        shown = _plain(float(value), language)
    except (TypeError, ValueError):
        yes_no = {"true": True, "false": False}
        shown = _plain(yes_no.get(str(value).lower(), value or ""), language)
    return f"{shown}\u00a0{unit}" if unit else shown


def _percent(share: float, language: str) -> str:
    """Write a share of 1 in per cent, never 100 % when something is missing."""
    per_cent = 100 * share
    shown = math.floor(per_cent) if 99 < per_cent < 100 else per_cent
    return text("report.percent", language, value=number(shown, language))


def _signed(value: float | None, language: str) -> str:
    """Write points with their sign."""
    if value is None:
        return "–"
    sign = "+" if round(value, 1) > 0 else "\u2212" if round(value, 1) < 0 else ""
    return sign + number(abs(value), language, 1)


def _spread(area: _Area, language: str) -> str:
    """Write the lowest and highest possible score; nothing where they are the same."""
    if area.low is None or area.high is None or area.high - area.low < 0.05:
        return ""
    low, high = (number(value, language, 1) for value in (area.low, area.high))
    return f"{low}–{high}"


def _described(area: _Area, legend: list[_Criterion], language: str) -> str:
    """Say in words what a bar shows, for who can't see it."""
    known = zip(legend, area.points, strict=True)
    return "; ".join(
        f"{line.title} {number(points, language, 1)}"
        for line, points in known
        if points is not None
    )


def _extent(value: float | None) -> str:
    """Write a length for a drawing: no more than two decimals, none for nothing."""
    return f"{value or 0:.2f}".rstrip("0").rstrip(".")
