"""What the picture of every algorithm shows."""

from __future__ import annotations

from dataclasses import dataclass

from help_chain import KNOWN

DEMO = "demodata/demo.gpkg|layername="
COAST = (12_000, 462_900, 28_500, 475_900)
PORT = (12_400, 467_700, 20_800, 473_700)
INLAND = (15_600, 464_900, 25_600, 473_100)
SITES = (12_000, 463_300, 26_500, 474_500)
MIDDLE = (17_000, 460_000, 47_000, 483_500)
NORTH = (22_000, 470_000, 45_000, 485_500)
EAST = (47_000, 472_000, 69_000, 488_000)
WIDE = (16_500, 459_900, 60_300, 488_500)
AROUND = (12_300, 460_300, 31_500, 476_300)
"""Parts of the province (xmin, ymin, xmax, ymax in metres)."""
STEEL, BURNER = "\"sbi\" = '2410'", "\"actor_name\" LIKE 'Afval%Eikenrode'"


@dataclass(frozen=True)
class Layer:
    """A layer on the map.

    Attributes
    ----------
    file
        Where the examples left it.
    title
        What the legend calls it; without one it is not in the legend.
    chosen
        Which features, in SQL.
    look
        What takes the place of its style.
    factor
        How many times larger its symbols are.
    unnamed
        Whether it goes without its labels.
    apart
        Whether points of one place are put in a ring.
    """

    file: str
    title: str = ""
    chosen: str = ""
    look: dict | None = None
    factor: float = 1.0
    unnamed: bool = False
    apart: bool = False


@dataclass(frozen=True)
class Table:
    """The first rows of a table, in an order, with the columns that tell most."""

    file: str
    columns: tuple[str, ...]
    rows: int = 4
    chosen: str = "TRUE"
    order: str = ""


@dataclass(frozen=True)
class Picture:
    """Layers from the bottom to the top, the part of the province, and tables.

    Of the ground the files in ``bare`` are left out. A ``drawing`` is an SVG.
    """

    layers: tuple[Layer, ...] = ()
    view: tuple[float, ...] | None = None
    tables: tuple[Table, ...] = ()
    bare: tuple[str, ...] = ()
    drawing: str = ""


GROUND = (
    Layer(
        f"{DEMO}zones",
        look={"symbol": {"fill": "#f4f4f3", "stroke": "#f4f4f3", "width": 0.1}},
        chosen="kinds NOT IN ('agriculture', 'nature')",
    ),
    Layer(
        f"{DEMO}infrastructure",
        look={"symbol": {"stroke": "#dedbd7", "width": 0.25}},
        chosen="mode = 'road'",
    ),
    Layer(f"{DEMO}regions", look={"symbol": {"stroke": "#c3c7cb", "width": 0.2}}),
)
ZONES, ROADS, REGIONS = (each.file for each in GROUND)
DOT = {"shape": "circle", "fill": "#8a8f94", "stroke": "#8a8f94", "width": 0}
FIRMS = Layer(
    f"{DEMO}establishments", "Vestigingen", look={"symbol": DOT | {"size": 0.55}}
)
NAMES = Layer(f"{DEMO}regions")


def best(table: str, order: str, most: int) -> str:
    """The first features of each carrier, in SQL."""
    place = f"row_number() OVER (PARTITION BY carrier ORDER BY {order}, fid)"
    numbered = f"(SELECT fid, {place} AS place FROM {table})"  # noqa: S608
    return f"fid IN (SELECT fid FROM {numbered} WHERE place <= {most})"  # noqa: S608


FLOW = (
    "actor_name",
    "direction",
    "carrier",
    "material",
    "quantity",
    "quantity_low",
    "quantity_high",
    "unit",
)
SHOWN = {
    "businessdensity": Picture(
        (
            Layer(
                "businessdensity/density.gpkg",
                "Vestigingen in biomassa en voedsel",
                "\"group\" = 'biomass_food'",
            ),
            NAMES,
        ),
        bare=(ZONES, ROADS, REGIONS),
    ),
    "coalitions": Picture(
        (
            Layer("coalitions/coalities.gpkg", "Coalities"),
            Layer("coalitions/wie.gpkg"),
            Layer("coalitions/partijen.gpkg", "Partijen", "at_table"),
        ),
        AROUND,
    ),
    "corridors": Picture(
        (
            Layer("corridors/multimodaal.gpkg", "Multimodale corridors"),
            Layer(
                f"{DEMO}infrastructure",
                "Infrastructuur",
                "mode IN ('rail', 'water') OR class = 'motorway'",
            ),
        ),
        MIDDLE,
        bare=(ROADS,),
    ),
    "demodata": Picture(
        (
            Layer(f"{DEMO}zones", "Zones"),
            Layer(
                f"{DEMO}infrastructure",
                "Infrastructuur",
                "mode <> 'road' OR class = 'motorway'",
            ),
            FIRMS,
            NAMES,
        ),
        bare=(ZONES, ROADS, REGIONS),
    ),
    "detectclusters": Picture(
        (FIRMS, Layer("detectclusters/clusters.gpkg", "Bedrijvencluster")), COAST
    ),
    "environmenttypes": Picture(
        (
            Layer(
                "environmenttypes/type-omgevingen.gpkg", "Type-omgevingen, samengevat"
            ),
        ),
        MIDDLE,
    ),
    "estimateflows": Picture(
        (
            Layer(
                "estimateflows/flows.gpkg",
                "De grootste stromen",
                best("flows", "quantity DESC", 5),
                apart=True,
            ),
        ),
        PORT,
        (Table("estimateflows/flows.gpkg", FLOW, 4, STEEL, "-quantity"),),
    ),
    "facilityflows": Picture(
        (Layer("facilityflows/stromen.gpkg", "Stromen van voorzieningen", apart=True),),
        SITES,
        (Table("facilityflows/stromen.gpkg", FLOW, 4, BURNER),),
    ),
    "findleads": Picture(
        (
            Layer(
                "findleads/kansen.gpkg",
                "De beste kansen over meer dan 1 km",
                best("kansen", "distance_m < 1000, score DESC", 10),
                factor=1.4,
            ),
        ),
        COAST,
    ),
    "leverageareas": Picture(
        (
            Layer("corridors/multimodaal.gpkg", "Multimodale corridors"),
            Layer("detectclusters/clusters.gpkg", "Bedrijvencluster"),
            Layer("leverageareas/hefboomgebieden.gpkg", "Hefboomgebied"),
        ),
        MIDDLE,
        bare=(ROADS,),
    ),
    "matchflows": Picture(
        (
            Layer(
                "matchflows/matches.gpkg",
                "De grootste matches over meer dan 500 m",
                best("matches", "distance_m < 500, delivered DESC", 6),
            ),
        ),
        PORT,
    ),
    "prepareconstraints": Picture(
        (
            Layer(
                "prepareconstraints/beperkingen.gpkg", "Beperking: natuur", factor=1.6
            ),
        ),
        EAST,
        (
            Table("prepareconstraints/natura2000.gpkg", ("naam_n2k",)),
            Table("prepareconstraints/beperkingen.gpkg", ("kind", "effect")),
        ),
        bare=(ZONES,),
    ),
    "prepareestablishments": Picture(
        (Layer("prepareestablishments/voorbereid.gpkg", "Vestiging"),),
        COAST,
        (
            Table(
                "prepareestablishments/vestigingen.gpkg",
                ("vestigingsnummer", "naam", "sbi", "banen"),
            ),
            Table(
                "prepareestablishments/voorbereid.gpkg",
                ("est_id", "name", "sbi", "jobs"),
            ),
        ),
    ),
    "preparefacilities": Picture(
        (
            Layer(
                "preparefacilities/voorzieningen.gpkg",
                "Rioolwaterzuivering",
                factor=1.8,
            ),
        ),
        None,
        (
            Table(
                "preparefacilities/zuiveringen.gpkg",
                ("uwwCode", "uwwName", "uwwCapacity", "uwwState"),
            ),
            Table(
                "preparefacilities/voorzieningen.gpkg",
                ("facility_id", "name", "kind", "capacity", "unit"),
            ),
        ),
    ),
    "prepareflows": Picture(
        (
            Layer(
                "prepareflows/stromen.gpkg",
                "Opgegeven stroom: materiaal, aanbod",
                apart=True,
            ),
        ),
        MIDDLE,
        (
            Table("prepareflows/afval.csv", ("vestiging", "euralcode", "ton")),
            Table(
                "prepareflows/stromen.gpkg",
                ("actor_id", "actor_name", "direction", "material", "quantity", "unit"),
                order="actor_id",
            ),
        ),
    ),
    "prepareinfrastructure": Picture(
        (
            Layer(
                "prepareinfrastructure/infrastructuur.gpkg",
                "Spoor",
                unnamed=True,
                factor=2.0,
            ),
        ),
        None,
        (
            Table("prepareinfrastructure/spoor.gpkg", ("name", "lengte_km")),
            Table(
                "prepareinfrastructure/infrastructuur.gpkg",
                ("infra_id", "mode", "name"),
            ),
        ),
    ),
    "prepareinitiatives": Picture(
        (
            Layer(
                "prepareinitiatives/initiatieven.gpkg",
                "Gepland initiatief",
                factor=1.6,
            ),
        ),
        None,
        (
            Table("prepareinitiatives/projecten.gpkg", ("name", "fase")),
            Table(
                "prepareinitiatives/initiatieven.gpkg",
                ("initiative_id", "name", "kind", "status"),
            ),
        ),
    ),
    "prepareregions": Picture(
        (Layer("prepareregions/regios.gpkg", "Regio"),),
        None,
        (
            Table("prepareregions/gemeenten.gpkg", ("statcode", "statnaam")),
            Table("prepareregions/regios.gpkg", ("region_id", "name")),
        ),
        bare=(ROADS, REGIONS),
    ),
    "preparezones": Picture(
        (Layer("preparezones/zones.gpkg", "Zone: bedrijventerrein"),),
        NORTH,
        (
            Table("preparezones/ibis.gpkg", ("RIN_NUMMER", "PLAN_NAAM", "HA_TOTTUIT")),
            Table(
                "preparezones/zones.gpkg",
                ("zone_id", "name", "kinds", "area_ha", "available_ha"),
            ),
        ),
        bare=(ZONES,),
    ),
    "rankclusters": Picture(
        (Layer("rankclusters/kansrijk.gpkg", "Bedrijvenclusters naar kans"),),
        bare=(ROADS,),
    ),
    "reconcileflows": Picture(
        tables=(
            Table(
                "reconcileflows/totalen.csv",
                ("region", "direction", "material", "total", "uncertainty"),
                len(KNOWN),
            ),
            Table(
                "reconcileflows/totalen.gpkg",
                ("material", "flows", "before", "after"),
                len(KNOWN),
                order="row",
            ),
        )
    ),
    "resourcebalance": Picture(
        (
            Layer(
                "resourcebalance/gebieden.gpkg",
                "Aanbod (+) en vraag (−) per jaar van een bedrijvencluster: materiaal "
                "(M), water (W), warmte (H) en CO₂ (C)",
            ),
        ),
        INLAND,
    ),
    "sankey": Picture(drawing="sankey/stromen.svg"),
    "scoreareas": Picture(
        (Layer("scoreareas/scores.gpkg", "Hefboomgebieden naar score"),),
        WIDE,
        (
            Table(
                "scoreareas/scores.gpkg",
                ("rank", "name", "score", "why_short"),
                3,
                order="rank",
            ),
        ),
    ),
    "specialisation": Picture(
        (Layer("specialisation/kaart.gpkg", "Gemeenten naar sterkste specialisatie"),),
    ),
}
"""By algorithm; the whole map has a picture of its own."""
