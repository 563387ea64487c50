"""What the prepare algorithms share: one door for any source layer."""

from __future__ import annotations

from html import escape

from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsWkbTypes

from ...analysis.errors import RefusalError
from ...analysis.layers import layer_type
from ...analysis.presets import load_preset, presets
from ...analysis.texts import text
from ..base import GEOMETRY_TYPES, KansenkaartAlgorithm, geometry_word


class PrepareAlgorithm(KansenkaartAlgorithm):
    """Makes a canonical layer of a source layer.

    A subclass names its role, the fields that a user may point at, and the choices
    that hold for all features.
    """

    GROUP = "data"
    ROLE = ""
    GEOMETRY = "Any"
    """What may come in: any layer, or with ``None`` a table as well."""
    FIELDS: tuple[str, ...] = ()
    CHOICES: dict[str, tuple[str, ...]] = {}
    WORDS: tuple[str, ...] = ()
    """Free texts that hold for all features."""

    def define(self) -> None:
        """Source, preset, fields, and the three layers that come out."""
        self.source("INPUT", self.GEOMETRY)
        self.string("PRESET")
        for name in ("ID_FIELD", "NAME_FIELD", *self.FIELDS):
            self.field(name)
        for name, options in self.CHOICES.items():
            self.choice(name, options, None)
        for name in self.WORDS:
            self.string(name)
        self.define_more()
        self.crs("TARGET_CRS")
        self.sink("OUTPUT", layer_type(self.ROLE).geometry)
        self.sink("SKIPPED", "None")
        self.sink("REPAIRED", "None")
        for name in ("COUNT_IN", "COUNT_OUT", "COUNT_SKIPPED", "COUNT_REPAIRED"):
            self.number_output(name)

    def define_more(self) -> None:
        """Define what only this role asks for."""

    def placed(self, run, layer, frame, mapping, target):  # noqa: ARG002
        """Features where they are, and the way from there to the target CRS."""
        from .. import border

        return frame, border.reprojector(layer.crs, target, run.context)

    def finished(self, run, frame, layer):  # noqa: ARG002
        """The canonical layer, with what does not come from the source."""
        return frame

    def explained(self, kind: str, name: str, language: str) -> tuple[str, str]:
        """Label and explanation; that of the preset lists those that are shipped."""
        title, explanation = super().explained(kind, name, language)
        shipped = presets(self.ROLE) if name == "PRESET" else {}
        if shipped:
            listed = "; ".join(
                f"<code>{preset}</code> {escape(titles[language], quote=False)}"
                for preset, titles in shipped.items()
            )
            explanation += " " + text("prepare.presets", language, listed=listed)
        return title, explanation

    def compute(self, run) -> dict:
        """Read, prepare, and account for every feature."""
        from ...analysis.prepare import mapping_for, prepare
        from .. import border

        layer = run.opened("INPUT")[0]
        name = run.string("PRESET")
        preset = load_preset(self.ROLE, name) if name else None
        mapping = mapping_for(self.ROLE, preset, self._named(run))
        self._check_geometry(layer, mapping)
        target = self._target_crs(run, layer, preset)
        frame = border.read(layer.source, None, run.context, progress=run.progress)
        self._check_columns(layer, mapping, frame)
        frame, reproject = self.placed(run, layer, frame, mapping, target)
        prepared = prepare(
            self.ROLE,
            frame,
            mapping,
            layer=layer.name,
            language=run.language,
            area_of_use=border.area_of_use(target, run.context),
            reproject=reproject,
        )
        for key, values in prepared.notes:
            run.say(key, **values)
        outputs = {
            "OUTPUT": (self.ROLE, self.finished(run, prepared.frame, layer), target),
            "SKIPPED": ("skipped", prepared.skipped, None),
            "REPAIRED": ("repaired", prepared.repaired, None),
        }
        for output, (kind, table, crs) in outputs.items():
            title = text(f"prepare.layer.{kind}", run.language, source=layer.name)
            run.write(output, table, layer_type(kind), crs, title)
        counts = {"read": len(frame), "kept": len(prepared.frame)}
        run.tell_text("prepare.counted", **counts)
        if len(frame) and prepared.frame.empty:
            run.say("prepare.nothing_left")
        return {
            "COUNT_IN": counts["read"],
            "COUNT_OUT": counts["kept"],
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
        return named | choices | {name: run.string(name) for name in self.WORDS}

    def _check_geometry(self, layer, mapping) -> None:
        """Refuse a layer of another geometry type; a mixed one is sorted out later."""
        wanted = layer_type(self.ROLE).geometry
        found = QgsWkbTypes.geometryType(layer.wkb_type)
        allowed = {GEOMETRY_TYPES[wanted], Qgis.GeometryType.Unknown}
        if mapping.outlines or mapping.centres:
            allowed.add(Qgis.GeometryType.Polygon)
        if mapping.centres:
            allowed.add(Qgis.GeometryType.Line)
        if found not in allowed:
            raise RefusalError(
                f"prepare.wrong_geometry_{wanted.lower()}",
                found=geometry_word(found, self._language),
            )

    def _check_columns(self, layer, mapping, frame) -> None:
        """Refuse a column that is used and of which QGIS loses values."""
        from ...analysis.prepare.mapping import columns_of
        from .. import border

        lost = border.lost_columns(layer.source)
        used = {name.casefold() for name in layer_type(self.ROLE).fields}
        for parameter in mapping.columns if lost else ():
            used |= {
                name.casefold()
                for name in columns_of(mapping, parameter, frame.columns)
            }
        for name in lost:
            if name.casefold() in used:
                raise RefusalError("prepare.field_mixed", field=name)

    def _target_crs(self, run, layer, preset) -> QgsCoordinateReferenceSystem:
        """Asked for, else the source's own if metric, else the preset's."""
        from .. import border

        if border.is_undefined(layer.crs):
            raise RefusalError("messages.crs_missing", layer=layer.name)
        asked = self._asked_crs(run)
        if asked is not None or border.is_metric(layer.crs):
            return asked or layer.crs
        if preset is None or not preset.crs:
            crs = layer.crs.authid() or layer.crs.description()
            raise RefusalError("messages.crs_choose_target", layer=layer.name, crs=crs)
        return self._preset_crs(preset)

    def _asked_crs(self, run) -> QgsCoordinateReferenceSystem | None:
        """Target that the user names, checked to be metric."""
        from .. import border

        asked = run.crs("TARGET_CRS")
        if asked is not None and not border.is_metric(asked):
            raise RefusalError("messages.crs_target_not_metric", crs=asked.authid())
        return asked

    def _preset_crs(self, preset) -> QgsCoordinateReferenceSystem:
        """Target that a preset names, checked likewise."""
        from .. import border

        target = QgsCoordinateReferenceSystem(preset.crs)
        if not border.is_metric(target):
            raise RefusalError(
                "prepare.preset_key_wrong",
                preset=preset.name,
                name=f"crs = {preset.crs}",
            )
        return target
