"""Draw who gives how much to whom."""

from __future__ import annotations

from ...analysis.errors import RefusalError
from ...analysis.vocabulary import LANGUAGE_CHOICES
from ..base import KansenkaartAlgorithm

GROUPS = ("cluster", "sector", "material", "municipality", "section")
ENDINGS = (".html", ".svg")


class Sankey(KansenkaartAlgorithm):
    """Flow diagrams of matches, and the same as a table for STAN."""

    ID = "sankey"
    GROUP = "matching"
    ADVANCED = ("MAX_GROUPS", "MIN_SHARE")
    ASSUMPTIONS = {"MAX_GROUPS": "groups", "MIN_SHARE": "quantity_part"}

    def define(self) -> None:
        """Matches, how to group their ends, and how much to show."""
        self.source("MATCHES", "Line")
        self.choice("BY", GROUPS, 1)
        self.layer("AREAS", optional=True)
        self.layer("FLOWS", optional=True)
        self.integer("MAX_GROUPS", 12, 1, 40)
        self.decimal("MIN_SHARE", 0.002, 0.0, 1.0)
        self.choice("LANGUAGE", LANGUAGE_CHOICES, 0)
        self.result_file("OUTPUT_HTML", "HTML (*.html);;SVG (*.svg)")
        self.result_file("OUTPUT_CSV", "CSV (*.csv)")
        for name in (
            "DIAGRAM_COUNT",
            "MATCH_COUNT",
            "BUNDLED_COUNT",
            "UNUSABLE_COUNT",
        ):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Add up, draw and write."""
        ending = run.destination("OUTPUT_HTML").suffix.lower()
        if run.given("OUTPUT_HTML") and ending not in ENDINGS:
            path = str(run.destination("OUTPUT_HTML"))
            raise RefusalError("sankey.file_ending", path=path)
        crs = run.crs_of("AREAS" if run.given("AREAS") else "MATCHES")
        layers = run.frames(("AREAS", "FLOWS"), crs)
        layers["matches"] = run.lines("MATCHES", crs)
        flows, found = self.calculate(layers, run, run.progress)
        if flows.unusable:
            run.say("sankey.unusable", count=flows.unusable)
        if flows.competing:
            run.say("sankey.leads")
        self._write(run, flows, found, ending)
        return {
            "DIAGRAM_COUNT": len(found),
            "MATCH_COUNT": sum(each.matches for each in found),
            "BUNDLED_COUNT": sum(each.bundled for each in found),
            "UNUSABLE_COUNT": flows.unusable,
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):  # noqa: ARG004
        """What goes from group to group, and the diagrams of it."""
        from ...analysis.matching.sankey import add_up, diagrams

        by, language = settings.choice("BY", GROUPS), Sankey._language_of(settings)
        flows = add_up(
            layers["matches"], by, language, layers["areas"], layers["flows"]
        )
        most, share = settings.integer("MAX_GROUPS"), settings.number("MIN_SHARE")
        return flows, diagrams(flows, most, share)

    @staticmethod
    def _write(run, flows, found, ending: str) -> None:
        """The files that were asked for."""
        from ...analysis.matching.sankey import as_csv
        from ...analysis.matching.sankey_page import as_html, as_svg
        from ...analysis.matching.sankey_svg import draw

        language = Sankey._language_of(run)
        if run.given("OUTPUT_HTML"):
            drawings = [draw(each, language, flows.competing) for each in found]
            written = as_svg if ending == ".svg" else as_html
            run.write_file("OUTPUT_HTML", written(drawings, language))
        if run.given("OUTPUT_CSV"):
            run.write_file("OUTPUT_CSV", as_csv(flows, language))

    @staticmethod
    def _language_of(settings) -> str:
        return settings.choice("LANGUAGE", LANGUAGE_CHOICES)
