"""Prepare flows."""

from __future__ import annotations

from functools import partial

from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsWkbTypes

from ...analysis.errors import RefusalError
from ...analysis.flows.tables import DIRECTIONS
from .prepare_base import PrepareAlgorithm


class PrepareFlows(PrepareAlgorithm):
    """Any layer or table of reported flows becomes canonical flows."""

    ID = "prepareflows"
    ROLE = "flows"
    GEOMETRY = "None"
    FIELDS = (
        "ACTOR_FIELD",
        "ACTIVITY_FIELD",
        "DIRECTION_FIELD",
        "CARRIER_FIELD",
        "MATERIAL_FIELD",
        "EURAL_FIELD",
        "QUANTITY_FIELD",
        "QUANTITY_LOW_FIELD",
        "QUANTITY_HIGH_FIELD",
        "UNIT_FIELD",
        "HOURS_FIELD",
        "HEATING_VALUE_FIELD",
        "TEMPERATURE_FIELD",
        "RETURN_FIELD",
        "PROFILE_FIELD",
        "QUALITY_FIELD",
        "CONTRACTED_SHARE_FIELD",
        "CONFIDENTIAL_FIELD",
        "DATA_QUALITY_FIELD",
        "YEAR_FIELD",
        "SOURCE_FIELD",
        "X_FIELD",
        "Y_FIELD",
    )
    CHOICES = {"DIRECTION": DIRECTIONS}
    WORDS = ("UNIT",)
    ADVANCED = (
        "ACTIVITY_FIELD",
        "HOURS_FIELD",
        "HEATING_VALUE_FIELD",
        "RETURN_FIELD",
        "PROFILE_FIELD",
        "DATA_QUALITY_FIELD",
    )

    def define_more(self) -> None:
        """Where actors are that have no place of their own."""
        self.layer("ESTABLISHMENTS", optional=True)

    def placed(self, run, layer, frame, mapping, target):
        """Rows where they are, where their columns say, or where their actor is."""
        from ...analysis.prepare.placing import placed
        from .. import border

        way = partial(border.reprojector, target=target, context=run.context)
        degrees = QgsCoordinateReferenceSystem("EPSG:4326")
        table = _is_table(layer)
        self._firms = run.frame("ESTABLISHMENTS", target)
        found, notes = placed(
            frame,
            mapping,
            self._firms,
            None if table else way(layer.crs),
            partial(way, degrees) if table else None,
        )
        for key, values in notes:
            run.say(key, **values)
        return found, None

    def finished(self, run, frame, layer):
        """Flows with the name and activity of their actor."""
        from ...analysis.prepare.flows import with_actors

        found, nobody = with_actors(frame, self._firms, layer.name)
        if nobody:
            run.say("prepare_flows.note.without_actor", count=nobody)
        return found

    def _check_geometry(self, layer, mapping) -> None:
        """A table will do as well."""
        if not _is_table(layer):
            super()._check_geometry(layer, mapping)

    def _target_crs(self, run, layer, preset):
        """Of a table: asked for, else that of the establishments, else the preset's."""
        if not _is_table(layer):
            return super()._target_crs(run, layer, preset)
        asked = self._asked_crs(run)
        if asked is not None:
            return asked
        if run.given("ESTABLISHMENTS"):
            return run.crs_of("ESTABLISHMENTS")
        if preset is None or not preset.crs:
            raise RefusalError("prepare_flows.crs_choose", layer=layer.name)
        return self._preset_crs(preset)


def _is_table(layer) -> bool:
    return QgsWkbTypes.geometryType(layer.wkb_type) == Qgis.GeometryType.Null
