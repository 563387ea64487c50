"""Make a whole opportunity map: layers, project, page, report and run record."""

from __future__ import annotations

from ...analysis.vocabulary import AUDIENCES, LANGUAGE_CHOICES, PAGES
from ..base import KansenkaartAlgorithm

ROLES = (
    "ESTABLISHMENTS",
    "ZONES",
    "INFRASTRUCTURE",
    "FACILITIES",
    "REGIONS",
    "CONSTRAINTS",
    "INITIATIVES",
    "FLOWS",
    "NETWORK",
)


TOTALS = ("AREA_COUNT", "RANKED_COUNT", "CLUSTER_COUNT", "WITHHELD_COUNT")
FILES = ("GEOPACKAGE", "PROJECT", "PDF_FILE", "REPORT", "RANKING", "RUN_RECORD")


class OpportunityMap(KansenkaartAlgorithm):
    """The whole chain in one run, from prepared layers to a printed map."""

    ID = "opportunitymap"
    GROUP = "maps"
    ADVANCED = ("STRATEGY", "WEIGHTS_FILE", "SETTINGS", "LANGUAGE", "PDF")

    def define(self) -> None:
        """Layers by role, how to weigh, and what the map looks like."""
        for role in ("ESTABLISHMENTS", "ZONES", "INFRASTRUCTURE"):
            self.layers(role)
        self.layers("FACILITIES", optional=True)
        self.layer("REGIONS", optional=True)
        self.layers("CONSTRAINTS", optional=True)
        self.layer("INITIATIVES", optional=True)
        self.layer("FLOWS", optional=True)
        self.layer("NETWORK", optional=True)
        self.source("STUDY_AREA", "Polygon", optional=True)
        self.string("STRATEGY", "basis")
        self.file("WEIGHTS_FILE", "csv")
        self.file("SETTINGS", "toml")
        self.choice("AUDIENCE", AUDIENCES, 0)
        self.string("TITLE")
        self.choice("LANGUAGE", LANGUAGE_CHOICES, 0)
        self.boolean("PDF", True)
        self.choice("PAGE", PAGES, 0)
        self.folder("OUTPUT_FOLDER")
        for name in TOTALS:
            self.number_output(name)
        for name in FILES:
            self.string_output(name)

    def compute(self, run) -> dict:
        """Check the target, run the steps, write the result as a whole."""
        from .map_run import MapRun
        from .result_folder import ResultFolder

        with ResultFolder(run.destination("OUTPUT_FOLDER")) as folder:
            map_run = MapRun(run)
            map_run.read_layers(ROLES)
            map_run.run_steps()
            map_run.write(folder.work)
            path = folder.finish()
        if path != folder.target:
            run.say(
                "messages.folder_locked", path=str(folder.target), instead=str(path)
            )
        run.tell_text("messages.done", path=str(path))
        return map_run.results(path)
