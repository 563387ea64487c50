"""From own layers to a map: what a planner brings, prepared in QGIS Desktop."""

from dataclasses import dataclass
from pathlib import Path

from desktop_hands import (
    WORK,
    check,
    open_dialog,
    picture,
    run,
    wait,
    wait_for_map,
)
from desktop_quarter import PROVINCE
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.utils import iface

RD, DEGREES = "EPSG:28992", "EPSG:4326"


@dataclass
class Own:
    """A layer as a planner has it: made of a demo layer, under names of its own.

    Attributes
    ----------
    name
        Of the layer.
    table, chosen
        The demo layer, and an expression that chooses features of it.
    crs
        Its coordinate system.
    fields
        Field of the demo layer by name of one's own.
    named
        What the planner points at in the dialog; the rest is filled in already.
    """

    name: str
    table: str
    chosen: str
    crs: str
    fields: dict[str, str]
    named: dict[str, object]


LAYERS = (
    Own(
        "gemeenten",
        "regions",
        "TRUE",
        RD,
        {"gemcode": "region_id", "gemeente": "name"},
        {"ID_FIELD": "gemcode", "NAME_FIELD": "gemeente"},
    ),
    Own(
        "natuur",
        "constraints",
        "kind = 'nature'",
        RD,
        {"soort": "kind"},
        {"KIND": 0, "EFFECT": 0},
    ),
    *(
        Own(
            name,
            "infrastructure",
            f"mode = '{mode}'",
            RD,
            {"nummer": "infra_id", "naam": "name"},
            {"ID_FIELD": "nummer", "NAME_FIELD": "naam", "MODE": choice},
        )
        for choice, (name, mode) in enumerate(
            (("wegen", "road"), ("spoor", "rail"), ("vaarwegen", "water"))
        )
    ),
    Own(
        "bedrijventerreinen",
        "zones",
        "kinds ~ 'business_park|port|mixed|innovation|waste|brownfield'",
        DEGREES,
        {
            "rin": "zone_id",
            "plannaam": "name",
            "soort": "kinds",
            "uitgeefbaar": "available_ha",
        },
        {
            "ID_FIELD": "rin",
            "NAME_FIELD": "plannaam",
            "KIND_FIELD": "soort",
            "AVAILABLE_FIELD": "uitgeefbaar",
        },
    ),
    Own(
        "voorzieningen",
        "facilities",
        "TRUE",
        RD,
        {"nummer": "facility_id", "naam": "name", "soort": "kind"},
        {"ID_FIELD": "nummer", "NAME_FIELD": "naam", "KIND_FIELD": "soort"},
    ),
    Own(
        "vestigingen",
        "establishments",
        "TRUE",
        DEGREES,
        {"vestnr": "est_id", "naam": "name", "sbi_code": "sbi", "werkzaam": "jobs"},
        {
            "ID_FIELD": "vestnr",
            "NAME_FIELD": "naam",
            "ACTIVITY_FIELD": "sbi_code",
            "JOBS_FIELD": "werkzaam",
        },
    ),
)
"""From the bottom of the map to the top."""


def walk() -> None:
    """Prepare own layers, and make a map of them without choosing any."""
    for own in LAYERS:
        iface.addVectorLayer(str(make_own(own)), own.name, "ogr")
        # The first one gives the project its coordinate system.
        wait(0.5)
    iface.mapCanvas().zoomToFullExtent()
    wait_for_map()
    picture("own_1_layers")
    for own in reversed(LAYERS):
        prepare(own)
    dialog = open_dialog("opportunitymap")
    given = dialog.createProcessingParameters()
    check(len(given["INFRASTRUCTURE"]) == 3, "all prepared lines are chosen")
    dialog.setParameters({"OUTPUT_FOLDER": str(WORK / "eigen")})
    run(dialog)
    dialog.close()


def make_own(own: Own) -> Path:
    """Write a layer as a planner has it."""
    layer = QgsVectorLayer(f"{PROVINCE}|layername={own.table}", own.table, "ogr")
    layer.selectByExpression(own.chosen)
    names = layer.fields().names()
    known_as = {theirs: ours for ours, theirs in own.fields.items()}
    project = QgsProject.instance()
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.onlySelectedFeatures = True
    options.attributes = [names.index(name) for name in own.fields.values()]
    options.attributesExportNames = [known_as.get(name, name) for name in names]
    target = QgsCoordinateReferenceSystem(own.crs)
    options.ct = QgsCoordinateTransform(layer.crs(), target, project)
    path = WORK / f"{own.name}.gpkg"
    QgsVectorFileWriter.writeAsVectorFormatV3(
        layer, str(path), project.transformContext(), options
    )
    return path


def prepare(own: Own) -> None:
    """Select a layer, open the dialog of its role, point at the fields, and run."""
    (layer,) = QgsProject.instance().mapLayersByName(own.name)
    iface.setActiveLayer(layer)
    dialog = open_dialog(f"prepare{own.table}")
    dialog.setParameters(own.named)
    given = dialog.createProcessingParameters()
    check(given["INPUT"] == layer.id(), f"{own.name}: filled in as the source")
    check(given["TARGET_CRS"].authid() == RD, f"{own.name}: to metres")
    check(given | own.named == given, f"{own.name}: all fields are there")
    if own.table == "establishments":
        picture("own_2_prepare", dialog)
    run(dialog)
    check(dialog.results()["COUNT_SKIPPED"] == 0, f"{own.name}: all prepared")
    dialog.close()
