"""Make a fictional province to try everything on."""

from __future__ import annotations

from qgis.core import QgsCoordinateReferenceSystem

from ...analysis.errors import RefusalError
from ...analysis.layers import layer_type
from ..base import KansenkaartAlgorithm


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
        self.number_output("ZONE_COUNT")

    def compute(self, run) -> dict:
        """Generate, then write every layer under its name."""
        from ...analysis.demo import CRS, generate
        from ..geopackage import write_table

        path = run.destination("OUTPUT")
        if path.suffix.lower() != ".gpkg":
            raise RefusalError("messages.not_a_geopackage", path=str(path))
        layers = generate(
            run.integer("SEED"),
            run.integer("ESTABLISHMENTS_COUNT"),
            run.integer("PROVINCES"),
            progress=run.progress,
            crs=None,
        )
        crs = QgsCoordinateReferenceSystem(CRS)
        path.unlink(missing_ok=True)
        for name, frame in layers.items():
            write_table(path, name, frame, layer_type(name), run.context, crs)
            run.style_table(path, name)
        run.results["OUTPUT"] = str(path)
        return {"ZONE_COUNT": len(layers["zones"])}
