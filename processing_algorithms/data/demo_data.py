"""Make a fictional province to try everything on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from qgis.core import QgsCoordinateReferenceSystem

from ...analysis.errors import RefusalError
from ...analysis.layers import layer_type
from ...analysis.progress import part
from ...analysis.texts import text
from ..base import KansenkaartAlgorithm
from ..whole_file import written_whole

LAYERS = (
    "establishments",
    "zones",
    "infrastructure",
    "facilities",
    "regions",
    "constraints",
    "initiatives",
    "flows",
    "truth",
)


class DemoData(KansenkaartAlgorithm):
    """A fictional but believable province, as one GeoPackage."""

    ID = "demodata"
    GROUP = "data"

    def define(self) -> None:
        """How large a province, and which one."""
        self.integer("SEED", 1, 0)
        self.integer("ESTABLISHMENTS_COUNT", 20_000, 1_000, 1_000_000)
        self.integer("PROVINCES", 1, 1, 12)
        self.geopackage("OUTPUT")
        self.boolean("PLANTED", True)
        self.number_output("ZONE_COUNT")

    def compute(self, run) -> dict:
        """Make and write one province after the other; the file comes when complete."""
        path = run.destination("OUTPUT")
        if path.suffix.lower() != ".gpkg":
            raise RefusalError("messages.not_a_geopackage", path=str(path))
        with written_whole(path) as unfinished:
            zones = sum(self._provinces(run, unfinished))
        place = text("prepare.demo_province", run.language)
        for name in LAYERS:
            title = text(f"prepare.layer.{name}", run.language, source=place)
            run.show_table(path, name, title)
        run.results["OUTPUT"] = str(path)
        return {"ZONE_COUNT": zones}

    @staticmethod
    def _provinces(run, path: Path) -> Iterator[int]:
        """Add each province to the file; give its number of zones."""
        from ...analysis.demo import CRS, generate_province
        from ..geopackage import write_table

        crs, count = QgsCoordinateReferenceSystem(CRS), run.integer("PROVINCES")
        size = run.integer("SEED"), run.integer("ESTABLISHMENTS_COUNT")
        for number in range(count):
            run.tell_text("messages.province_made", number=number + 1, count=count)
            own = part(run.progress, number / count, (number + 1) / count)
            layers = generate_province(
                *size, number, count, part(own, 0, 0.5), run.boolean("PLANTED")
            )
            for name in LAYERS:
                report = part(own, 0.5, 1) if name == "establishments" else run.pulse
                write_table(
                    path,
                    name,
                    layers[name],
                    layer_type(name),
                    run.context,
                    crs,
                    report,
                    append=number > 0,
                )
            yield len(layers["zones"])
