"""Find what regions are specialised in."""

from __future__ import annotations

from ...analysis.errors import RefusalError
from ...analysis.layers import layer_type
from ...analysis.vocabulary import COUNT_UNITS
from ..base import KansenkaartAlgorithm
from ..constants import constant

GROUPING = "section"
REGION_FIELD, SECTOR_FIELD, COUNT_FIELD = "region_id", "sector", "count"
OF_REGIONS = ("OUTPUT_REGIONS", "OUTPUT_UNMATCHED")


class Specialisation(KansenkaartAlgorithm):
    """Location quotients of regions by sector, and which of them are no chance."""

    ID = "specialisation"
    GROUP = "clusters"
    ADVANCED = ("JOBS_PER_DECISION", "REFERENCE_REGION")
    ASSUMPTIONS = {"JOBS_PER_DECISION": "jobs", "LQ_MIN": "times"}
    FIXED_ASSUMPTIONS = {
        "SIGNIFICANCE": ("percent", constant("location_quotient", "SIGNIFICANCE", 100))
    }

    def define(self) -> None:
        """Establishments with regions, or a table of counts."""
        self.layer("ESTABLISHMENTS", optional=True)
        self.layer("REGIONS", optional=True)
        self.source("TABLE", "None", optional=True)
        self.field("REGION_FIELD", "TABLE")
        self.field("SECTOR_FIELD", "TABLE")
        self.field("COUNT_FIELD", "TABLE", several=True)
        self.choice("COUNT_UNIT", COUNT_UNITS, 0)
        self.decimal("JOBS_PER_DECISION", 10.0, 0.0)
        self.decimal("LQ_MIN", 1.25, 0.0)
        self.string("REFERENCE_REGION")
        self.expression("FILTER", "TABLE")
        self.grouping(GROUPING)
        self.sink("OUTPUT", "None")
        self.sink("OUTPUT_REGIONS", "Polygon")
        self.sink("OUTPUT_UNMATCHED", "None")
        for name in (
            "CELL_COUNT",
            "TESTED_COUNT",
            "HIGH_COUNT",
            "SPECIALISED_COUNT",
            "OUTSIDE_COUNT",
            "UNMATCHED_TABLE",
            "UNMATCHED_REGIONS",
        ):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Compute the quotients; say what is unknown, odd or without counterpart."""
        _check_inputs(run)
        regions = None
        if run.given("REGIONS"):
            crs = run.crs_of("REGIONS")
            regions = run.frame("REGIONS", crs)
        if run.given("TABLE"):
            found = _from_table(run)
        else:
            found = _from_establishments(run, regions, crs)
        for key, values in found.notes:
            run.say(key, **values)
        run.write("OUTPUT", found.table, layer_type("specialisation"))
        totals = _totals(found, run.number("LQ_MIN"))
        if regions is not None:
            totals |= _write_regions(run, found, regions, crs)
        return totals


def _check_inputs(run) -> None:
    """Refuse what is no pair of inputs, or can't be computed from it."""
    both = run.given("ESTABLISHMENTS") and run.given("TABLE")
    if both or not (run.given("ESTABLISHMENTS") or run.given("TABLE")):
        raise RefusalError(f"specialisation.{'two_inputs' if both else 'no_input'}")
    if run.given("REGIONS"):
        return
    if run.given("ESTABLISHMENTS"):
        raise RefusalError("specialisation.regions_needed")
    for name in OF_REGIONS:
        if run.given(name):
            raise RefusalError("specialisation.output_needs_regions", parameter=name)


def _from_establishments(run, regions, crs):
    from ...analysis.specialisation import count_in_regions, specialise_establishments

    run.keep_only("ESTABLISHMENTS", "FILTER")
    grouping = run.grouping("GROUPING")
    establishments = run.frame("ESTABLISHMENTS", crs, optional=False)
    return specialise_establishments(
        count_in_regions(establishments, regions, grouping),
        grouping,
        run.choice("COUNT_UNIT", COUNT_UNITS),
        run.number("LQ_MIN"),
        run.string("REFERENCE_REGION"),
        run.language,
    )


def _from_table(run):
    from ...analysis.region_table import read_region_table
    from ...analysis.specialisation import named_activities, specialise_table

    if (run.string("GROUPING") or GROUPING) != GROUPING:
        run.say("specialisation.grouping_unused")
    size = run.number("JOBS_PER_DECISION")
    if size <= 0:
        raise RefusalError("messages.not_positive", parameter="JOBS_PER_DECISION")
    run.keep_only("TABLE", "FILTER")
    frame = run.table("TABLE")
    counts = run.field_names("COUNT_FIELD") or [COUNT_FIELD]
    sector = run.field_name("SECTOR_FIELD")
    if sector and len(counts) > 1:
        raise RefusalError("specialisation.long_or_wide")
    if len(counts) == 1:
        sector = sector or SECTOR_FIELD
    region = run.field_name("REGION_FIELD") or REGION_FIELD
    found = specialise_table(
        read_region_table(frame, region, sector, counts),
        run.choice("COUNT_UNIT", COUNT_UNITS),
        size,
        run.number("LQ_MIN"),
        run.string("REFERENCE_REGION"),
    )
    return named_activities(found, run.language)


def _totals(found, lq_min: float) -> dict:
    """Number outputs on the cells."""
    return {
        "CELL_COUNT": len(found.table),
        "TESTED_COUNT": int(found.table["p_value"].notna().sum()),
        "HIGH_COUNT": int((found.table["lq"] >= lq_min).sum()),
        "SPECIALISED_COUNT": found.specialised,
        "OUTSIDE_COUNT": found.outside,
    }


def _write_regions(run, found, regions, crs) -> dict:
    """Write the polygons and what did not match; say the latter too."""
    from ...analysis.region_table import first_names
    from ...analysis.specialisation import specialised_regions

    polygons, unmatched = specialised_regions(found, regions, run.language)
    run.write("OUTPUT_REGIONS", polygons, layer_type("specialised_regions"), crs)
    run.write("OUTPUT_UNMATCHED", unmatched, layer_type("unmatched_regions"))
    names = {
        side: [*unmatched["region"][unmatched["side"] == side]]
        for side in ("table", "regions")
    }
    for side, own in names.items():
        if own:
            examples = first_names(own)
            key = f"specialisation.without_match_{side}"
            run.say(key, count=len(own), examples=examples)
    return {
        "UNMATCHED_TABLE": len(names["table"]),
        "UNMATCHED_REGIONS": len(names["regions"]),
    }
