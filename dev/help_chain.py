"""The examples of the help, run one after the other on the demo province.

An example names files. A file that another example makes, or a layer of the province,
stands in ``INPUTS``; what a planner has under names of its own stands in ``OWN``.
"""

from __future__ import annotations

import csv
import re
import shlex
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from qgis.analysis import QgsNativeAlgorithms
from qgis.core import (
    QgsApplication,
    QgsExpression,
    QgsExpressionContext,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsVectorLayer,
)

FIRMS = (
    "demo.gpkg|layername=establishments|subset="
    "ST_MinX(geom) < 27400 AND ST_MinY(geom) BETWEEN 463900 AND 475500"
)
"""Those of the port and the town behind it: their flows are enough for a picture."""
FULL = 10
"""How many times more firms a full province has than the demo has."""
TEXT, REAL = 10, 6
"""Types of fields, as QGIS counts them."""
FILE = re.compile(r"^[^|/]+\.(?:gpkg|csv|html|svg)(?=$|\|)")
INPUTS = {
    "coalitions": {
        "matches.gpkg": "matchflows/matches.gpkg",
        "stromen.gpkg": "estimateflows/flows.gpkg",
        "over.gpkg": "matchflows/over.gpkg",
        "gemeenten.gpkg": "demodata/demo.gpkg|layername=regions",
    },
    "facilityflows": {
        "voorzieningen.gpkg": "demodata/demo.gpkg|layername=facilities",
        "vestigingen.gpkg": "demodata/demo.gpkg|layername=establishments",
    },
    "findleads": {"stromen.gpkg": "estimateflows/flows.gpkg"},
    "leverageareas": {
        "clusters.gpkg": "detectclusters/clusters.gpkg",
        "multimodaal.gpkg": "corridors/multimodaal.gpkg",
    },
    "matchflows": {"stromen.gpkg": "estimateflows/flows.gpkg"},
    "prepareflows": {"vestigingen.gpkg": "demodata/demo.gpkg|layername=establishments"},
    "rankclusters": {"clusters.gpkg": "detectclusters/clusters.gpkg"},
    "reconcileflows": {
        "stromen.gpkg": "estimateflows/flows.gpkg",
        "regios.gpkg": "demodata/demo.gpkg|layername=regions",
    },
    "resourcebalance": {
        "stromen.gpkg": "estimateflows/flows.gpkg",
        "clusters.gpkg": "detectclusters/clusters.gpkg",
    },
    "sankey": {
        "koppelingen.gpkg": "matchflows/matches.gpkg",
        "clusters.gpkg": "detectclusters/clusters.gpkg",
    },
    "scoreareas": {"hefboomgebieden.gpkg": "leverageareas/hefboomgebieden.gpkg"},
    "specialisation": {"gemeenten.gpkg": "demodata/demo.gpkg|layername=regions"},
}
"""Where the files of an example come from, by algorithm."""
INSTEAD = {
    "coalitions": {"OUTPUT_LINKS": "wie.gpkg"},
    "estimateflows": {"ESTABLISHMENTS": FIRMS},
    "matchflows": {"OUTPUT_UNLOCKS": "over.gpkg"},
    "sankey": {"OUTPUT_HTML": "stromen.svg", "MAX_GROUPS": "6"},
}
"""What a picture asks for besides, or instead of, what the example does."""


@dataclass
class Own:
    """A layer as a planner has it: made of a demo layer, under names of its own.

    Attributes
    ----------
    file, table
        Its name, and the demo layer.
    fields
        Its fields, each an expression on the demo layer.
    chosen
        An expression that chooses features.
    """

    file: str
    table: str
    fields: dict[str, str] = field(default_factory=dict)
    chosen: str = "TRUE"


OWN = {
    "prepareconstraints": Own(
        "natura2000.gpkg",
        "constraints",
        {"naam_n2k": "'Natura 2000-gebied ' || @id"},
        "\"kind\" = 'nature'",
    ),
    "prepareestablishments": Own(
        "vestigingen.gpkg",
        "establishments",
        {
            "vestigingsnummer": 'substr("est_id", 2)',
            "naam": '"name"',
            "sbi": "if(@id % 211 = 0, 'onbekend', substr(\"sbi\", 1, 2) || '.' || "
            'substr("sbi", 3))',
            "banen": '"jobs"',
        },
    ),
    "preparefacilities": Own(
        "zuiveringen.gpkg",
        "facilities",
        {
            "uwwCode": "'NL' || substr(\"facility_id\", 2)",
            "uwwName": '"name"',
            "uwwCapacity": '"capacity"',
            "uwwState": "if(@id % 5 = 0, 2, 1)",
        },
        "\"kind\" = 'wwtp'",
    ),
    "prepareinfrastructure": Own(
        "spoor.gpkg",
        "infrastructure",
        {"name": '"name"', "lengte_km": "round($length / 1000, 1)"},
        "\"mode\" = 'rail'",
    ),
    "prepareinitiatives": Own(
        "projecten.gpkg",
        "initiatives",
        {"name": '"name"', "fase": '"status"'},
        "\"kind\" = 'planned'",
    ),
    "prepareregions": Own(
        "gemeenten.gpkg",
        "regions",
        {
            "statcode": "'GM' || substr(\"region_id\", 2)",
            "statnaam": '"name"',
        },
    ),
    "preparezones": Own(
        "ibis.gpkg",
        "zones",
        {
            "RIN_NUMMER": 'substr("zone_id", 2)',
            "PLAN_NAAM": '"name"',
            "HA_TOTTUIT": 'coalesce("available_ha", 0)',
        },
        "\"kinds\" LIKE '%business_park%'",
    ),
}
"""What the examples prepare."""
EURAL = {"16": "030105", "25": "120101", "41": "170107", "47": "150101"}
"""The waste that firms of a division report, and how."""
KNOWN = (
    ("Maarsluys", "supply", "waste_paper", 1.3, 0.05),
    ("Maarsluys", "supply", "residual_waste", 0.8, 0.1),
    ("Eikenrode", "supply", "waste_paper", 0.7, 0.1),
    ("Eikenrode", "supply", "kitchen_waste", 1.5, 0.2),
    ("*", "supply", "gft", 1.1, 0.05),
    ("*", "supply", "wood_treated", 0.9, 0.1),
)
"""Known totals: region, direction, material, times the estimate, and uncertainty."""


def run_examples(folder: Path) -> None:
    """Run all examples; what one gives comes in a folder of its name.

    Parameters
    ----------
    folder
        An empty folder.

    Raises
    ------
    QgsProcessingException
        If an example is refused.
    """
    from kansenkaart.processing_algorithms.provider import ALGORITHMS

    algorithms = {each.ID: each for each in ALGORITHMS}
    for name in _in_order(algorithms):
        (folder / name).mkdir()
        _make_own(folder, name)
        feedback = QgsProcessingFeedback(False)
        given, context = parameters(folder, name), QgsProcessingContext()
        _, done = algorithms[name]().create().run(given, context, feedback)
        if not done:
            raise QgsProcessingException(f"{name}: {feedback.textLog()}")


def parameters(folder: Path, algorithm: str) -> dict[str, str]:
    """What an example gives, its files found in the folder."""
    from kansenkaart.processing_algorithms.language import help_text

    words = shlex.split(help_text(algorithm, "nl")["example"])[3:]
    given = dict(word.removeprefix("--").split("=", 1) for word in words)
    given |= INSTEAD.get(algorithm, {})
    return {name: _placed(folder, algorithm, each) for name, each in given.items()}


def _placed(folder: Path, algorithm: str, value: str) -> str:
    """A value; where it names a file, with the path that this has."""
    found = FILE.match(value)
    if not found:
        return value
    known = {"demo.gpkg": "demodata/demo.gpkg"} if algorithm != "demodata" else {}
    known |= INPUTS.get(algorithm, {})
    path = known.get(found[0], f"{algorithm}/{found[0]}")
    return f"{folder}/{path}{value[found.end() :]}"


def _in_order(algorithms: dict) -> list[str]:
    """Algorithms, each after those whose files it takes; not the whole map."""
    order = ["demodata"]
    rest = sorted(set(algorithms) - {"demodata", "opportunitymap"})
    while rest:
        ready = [
            name
            for name in rest
            if {path.split("/")[0] for path in INPUTS.get(name, {}).values()}
            <= set(order)
        ]
        order += ready
        rest = [name for name in rest if name not in ready]
    return order


def features(source: str, chosen: str = "TRUE") -> list[QgsFeature]:
    """Features of a layer, or rows of a table, for which an expression holds."""
    return list(QgsVectorLayer(source, "features", "ogr").getFeatures(chosen))


def _make_own(folder: Path, algorithm: str) -> None:
    """Make what an example takes and no other example makes."""
    tables = {
        "prepareflows": _waste,
        "reconcileflows": _totals,
        "specialisation": _counts,
    }
    if algorithm in OWN:
        _write_own(folder, OWN[algorithm], folder / algorithm / OWN[algorithm].file)
    elif algorithm in tables:
        name, table = tables[algorithm](folder)
        with (folder / algorithm / name).open("w", encoding="utf-8", newline="") as to:
            csv.writer(to, delimiter=";").writerows(table)


def _write_own(folder: Path, own: Own, path: Path) -> None:
    """Write a layer as a planner has it."""
    source = f"{folder}/demodata/demo.gpkg|layername={own.table}"
    chosen = QgsProcessingFeatureSourceDefinition(source)
    chosen.filterExpression = own.chosen
    mapping = [
        {"name": name, "expression": expression, "type": _type_of(source, expression)}
        for name, expression in own.fields.items()
    ]
    registry = QgsApplication.processingRegistry()
    if registry.providerById("native") is None:
        registry.addProvider(QgsNativeAlgorithms(registry))
    registry.algorithmById("native:refactorfields").create().run(
        {"INPUT": chosen, "FIELDS_MAPPING": mapping, "OUTPUT": str(path)},
        QgsProcessingContext(),
        QgsProcessingFeedback(False),
    )


def _type_of(source: str, expression: str) -> int:
    """Type of what an expression gives."""
    layer = QgsVectorLayer(source, "types", "ogr")
    context = QgsExpressionContext()
    context.setFeature(next(layer.getFeatures()))
    is_text = isinstance(QgsExpression(expression).evaluate(context), str)
    return TEXT if is_text else REAL


def _waste(folder: Path) -> tuple[str, list[list]]:
    """A table of waste by firm, as a register has it."""
    chosen = " OR ".join(f"(\"sbi\" LIKE '{each}%')" for each in EURAL)
    firms = features(f"{folder}/demodata/demo.gpkg|layername=establishments", chosen)
    table = [["vestiging", "euralcode", "ton"]]
    table += [
        [firm["est_id"], EURAL[firm["sbi"][:2]], round(2.5 * firm["jobs"])]
        for firm in firms
        if firm["jobs"] and firm["jobs"] >= 10
    ]
    return "afval.csv", table


def _totals(folder: Path) -> tuple[str, list[list]]:
    """Known totals, which differ from what the estimates add up to."""
    demo = f"{folder}/demodata/demo.gpkg"
    regions = features(f"{demo}|layername=regions")
    places = {each["name"]: each.geometry() for each in regions}
    table = [["region", "direction", "carrier", "material", "total", "uncertainty"]]
    for region, direction, material, times, uncertainty in KNOWN:
        chosen = f"\"material\" = '{material}' AND \"direction\" = '{direction}'"
        estimated = sum(
            flow["quantity"]
            for flow in features(f"{folder}/estimateflows/flows.gpkg", chosen)
            if region == "*" or places[region].contains(flow.geometry())
        )
        total = 100 * round(times * estimated / 100)
        table.append([region, direction, "material", material, total, uncertainty])
    return "totalen.csv", table


def _counts(folder: Path) -> tuple[str, list[list]]:
    """Establishments by municipality and section, as a statistical office has them."""
    from kansenkaart.analysis.codes import section_of

    demo, sections = f"{folder}/demodata/demo.gpkg", section_of()
    firms = features(f"{demo}|layername=establishments")
    found = Counter()
    for region in features(f"{demo}|layername=regions"):
        area = QgsGeometry.createGeometryEngine(region.geometry().constGet())
        area.prepareGeometry()
        found.update(
            (region["name"], sections[firm["sbi"][:2]])
            for firm in firms
            if area.contains(firm.geometry().constGet())
        )
    table = [[*place, FULL * count] for place, count in sorted(found.items())]
    return "vestigingen.csv", [["regio", "sbi_code", "vestigingen"], *table]
