"""Steps: what regions are specialised in, as far as that is published.

Establishments and jobs are counted before publishing; everything else is computed from
the cells that are published, so that no withheld one can be computed back.
"""

from __future__ import annotations

from functools import partial

from ....analysis.report_content import Column, Section, Table
from ....analysis.study_area import cut_to_study_area, inside_study_area
from ....analysis.texts import text
from ....analysis.vocabulary import COUNT_UNITS
from ...clusters.specialisation import Specialisation
from . import Outcome, Step

LONGEST = 15


def _count(layers: dict, settings, progress) -> Outcome:
    from ....analysis.specialisation import (
        actors_in_cells,
        cells_of_regions,
        count_in_regions,
    )

    progress(0)
    study, grouping = layers.get("study_area"), settings.grouping("GROUPING")
    firms = inside_study_area(layers["establishments"], study)
    regions = cut_to_study_area(layers["regions"], study)
    counts = count_in_regions(firms, regions, grouping)
    progress(0.5)
    cells = cells_of_regions(counts, grouping, settings.language)
    return Outcome(
        {"region_sectors": cells},
        # Of how many firms the jobs are unknown, the step of the clusters has said.
        grouping.remarks() + counts.remarks("establishments"),
        actors={"region_sectors": actors_in_cells(firms, counts)},
    )


def _compare(layers: dict, settings, progress) -> Outcome:
    from ....analysis.specialisation import (
        published_counts,
        specialise_establishments,
        specialised_regions,
    )

    progress(0)
    language, unit = settings.language, settings.choice("COUNT_UNIT", COUNT_UNITS)
    regions = cut_to_study_area(layers["regions"], layers.get("study_area"))
    found = specialise_establishments(
        published_counts(layers["region_sectors"], regions),
        settings.grouping("GROUPING"),
        unit,
        settings.number("LQ_MIN"),
        settings.string("REFERENCE_REGION"),
        language,
    )
    polygons, _ = specialised_regions(found, regions, language)
    section = partial(_section, unit=unit, settings=settings)
    tables = {"specialisation": found.table, "specialised_regions": polygons}
    return Outcome(tables, found.notes, section)


def _section(layers: dict, unit: str, settings) -> Section:
    """The strongest specialisations of all regions."""
    cells, language = layers["specialisation"], settings.language

    def say(key: str, **values) -> str:
        return text(f"steps.specialisation.{key}", language, **values)

    marked = cells[cells["specialised"].fillna(False)]
    limit = settings.number("LQ_MIN")
    high = int((cells["lq"] >= limit).sum())
    sentences = [
        say("summary", cells=len(cells), high=high, limit=limit, count=len(marked)),
        say("compared" if "study_area" not in layers else "compared_study_area"),
    ]
    names = layers["specialised_regions"].set_index("region_id")["name"]
    strongest = marked.sort_values(
        ["lq", "region_id", "sector"], ascending=[False, True, True]
    ).head(LONGEST)
    rows = [
        [names[row.region_id], row.sector_name, row.lq, row.count_]
        for row in strongest.rename(columns={"count": "count_"}).itertuples()
    ]
    columns = [
        Column(say("region")),
        Column(say("sector")),
        Column(say("times"), 1),
        Column(say(unit), 0),
    ]
    tables = [Table(say("caption"), columns, rows)] if rows else []
    return Section("specialisation", say("title"), sentences, tables)


STEPS = (
    Step(12, Specialisation, ("establishments", "regions"), _count),
    Step(
        36,
        Specialisation,
        ("region_sectors", "regions"),
        _compare,
        from_published=True,
        told=12,
    ),
)
