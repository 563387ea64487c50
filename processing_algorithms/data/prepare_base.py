"""What the prepare algorithms share: one door for any source layer."""

from __future__ import annotations

from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsWkbTypes

from ...analysis.errors import RefusalError
from ...analysis.layers import layer_type
from ..base import GEOMETRY_TYPES, KansenkaartAlgorithm


class PrepareAlgorithm(KansenkaartAlgorithm):
    """Makes a canonical layer of a source layer.

    A subclass names its role, the fields that a user may point at, and the choices
    that hold for all features.
    """

    GROUP = "data"
    ROLE = ""
    FIELDS: tuple[str, ...] = ()
    CHOICES: dict[str, tuple[str, ...]] = {}

    def define(self) -> None:
        """Source, preset, fields, and the three layers that come out."""
        self.source("INPUT", "Any")
        self.string("PRESET")
        for name in ("ID_FIELD", "NAME_FIELD", *self.FIELDS):
            self.field(name)
        for name, options in self.CHOICES.items():
            self.choice(name, options, None)
        self.crs("TARGET_CRS")
        self.sink("OUTPUT", layer_type(self.ROLE).geometry)
        self.sink("SKIPPED", "None")
        self.sink("REPAIRED", "None")
        for name in ("COUNT_IN", "COUNT_OUT", "COUNT_SKIPPED", "COUNT_REPAIRED"):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Read, prepare, and account for every feature."""
        from ...analysis.prepare import mapping_for, prepare
        from ...analysis.presets import load_preset
        from .. import border

        layer = run.opened("INPUT")[0]
        name = run.string("PRESET")
        preset = load_preset(self.ROLE, name) if name else None
        mapping = mapping_for(self.ROLE, preset, self._named(run))
        self._check_geometry(layer, mapping.outlines)
        target = self._target_crs(run, layer, preset)
        frame = border.read(layer.source, None, run.context, progress=run.progress)
        prepared = prepare(
            self.ROLE,
            frame,
            mapping,
            layer=layer.name,
            language=run.language,
            area_of_use=border.area_of_use(target, run.context),
            reproject=border.reprojector(layer.crs, target, run.context),
        )
        if preset and not preset.fields_seen:
            run.say("messages.preset_untested", preset=name)
        for key, values in prepared.notes:
            run.say(key, **values)
        run.write("OUTPUT", prepared.frame, layer_type(self.ROLE), target)
        run.write("SKIPPED", prepared.skipped, layer_type("skipped"))
        run.write("REPAIRED", prepared.repaired, layer_type("repaired"))
        return {
            "COUNT_IN": len(frame),
            "COUNT_OUT": len(prepared.frame),
            "COUNT_SKIPPED": len(prepared.skipped),
            "COUNT_REPAIRED": len(prepared.repaired),
        }

    def _named(self, run) -> dict[str, str | None]:
        """What the user named, by parameter."""
        fields = ("ID_FIELD", "NAME_FIELD", *self.FIELDS)
        named = {name: run.field_name(name) for name in fields}
        choices = {
            name: run.choice(name, options) for name, options in self.CHOICES.items()
        }
        return named | choices

    def _check_geometry(self, layer, outlines: bool) -> None:
        """Refuse a layer of another geometry type; a mixed one is sorted out later."""
        wanted = layer_type(self.ROLE).geometry
        found = QgsWkbTypes.geometryType(layer.wkb_type)
        allowed = {GEOMETRY_TYPES[wanted], Qgis.GeometryType.Unknown}
        if outlines:
            allowed.add(Qgis.GeometryType.Polygon)
        if found not in allowed:
            raise RefusalError(
                f"prepare.wrong_geometry_{wanted.lower()}",
                found=QgsWkbTypes.displayString(layer.wkb_type),
            )

    def _target_crs(self, run, layer, preset) -> QgsCoordinateReferenceSystem:
        """Asked for, else the source's own if metric, else the preset's."""
        from .. import border

        if border.is_undefined(layer.crs):
            raise RefusalError("messages.crs_missing", layer=layer.name)
        target = run.crs("TARGET_CRS")
        if target is None and layer.crs.isGeographic() and preset and preset.crs:
            target = QgsCoordinateReferenceSystem(preset.crs)
        if target is None:
            target = layer.crs
            if target.isGeographic():
                raise RefusalError("messages.crs_choose_target", layer=layer.name)
        border.check_metric(target, layer.name)
        return target
