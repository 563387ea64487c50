"""Scenes by hand for rules on zones and lines: one place, and what lies round it.

Far away lies one of everything, so that nothing is unknown for lack of a layer.
"""

import geopandas as gpd
import pandas as pd
import shapely
from kansenkaart.analysis.environments.scene import Layers
from kansenkaart.analysis.vocabulary import FACILITY_KINDS, MODES, ZONE_KINDS

CRS = "EPSG:28992"
FAR = 200_000.0
DISTANCES = {"road": 1000.0, "rail": 1000.0, "water": 500.0, "pipeline": 500.0} | (
    dict.fromkeys(("heat", "steam", "co2", "power"), 1000.0)
)


def square(x=0.0, side=1000.0, y=0.0):
    """A square of which the lower left corner is given."""
    return shapely.box(x, y, x + side, y + side)


def frame(shapes, **columns):
    table = pd.DataFrame(columns, index=range(len(shapes)))
    return gpd.GeoDataFrame(table, geometry=list(shapes), crs=CRS)


def line(x, y=-5000.0, length=10_000.0):
    """A line from south to north."""
    return shapely.LineString([(x, y), (x, y + length)])


def scene(
    kinds="business_park",
    side=1000.0,
    zones=(),
    facilities=(),
    lines=(),
    firms=(),
    population=0.0,
    centre_city=False,
    flood=None,
):
    """Layers with the zone ``Z``, a square with its corner in the origin.

    Parameters
    ----------
    kinds, side
        Of the zone.
    zones
        Kinds and shape of other zones.
    facilities
        Kind and x of facilities, on the level of the middle of the zone.
    lines
        Mode, class and shape; the first has the id ``L``.
    firms
        Activity codes of the establishments, in the zone, or pairs of code and x.
    population, centre_city
        Of the region of 20 by 20 km round the zone.
    flood
        Shape of the flood area.
    """
    shapes = [square(0, side), *(shape for _, shape in zones)]
    words = [kinds, *(kind for kind, _ in zones), *ZONE_KINDS]
    shapes += [square(FAR + 9_000 * n) for n in range(len(ZONE_KINDS))]
    lines = [*lines, *((mode, "motorway", line(-FAR)) for mode in MODES)]
    places = [*facilities, *((kind, -FAR) for kind in FACILITY_KINDS)]
    active = [firm if isinstance(firm, tuple) else (firm, side / 2) for firm in firms]
    region = shapely.box(-10_000, -10_000, 10_000, 10_000)
    return Layers(
        zones=frame(
            shapes,
            zone_id=["Z", *(f"o{n:02}" for n in range(1, len(shapes)))],
            name="zone",
            kinds=words,
            area_ha=[shape.area / 1e4 for shape in shapes],
        ),
        establishments=frame(
            [shapely.Point(x, side / 2) for _, x in active],
            est_id=pd.Series([f"e{n}" for n in range(len(active))], dtype=object),
            name="x",
            sbi=pd.Series([code for code, _ in active], dtype=object),
            jobs=1.0,
        ),
        regions=frame(
            [region],
            region_id="r",
            name="x",
            population=[population],
            centre_city=[centre_city],
        ),
        infrastructure=frame(
            [shape for _, _, shape in lines],
            infra_id=["L", *(f"l{n:02}" for n in range(1, len(lines)))],
            mode=[mode for mode, _, _ in lines],
            **{"class": [kind for _, kind, _ in lines]},
        ),
        facilities=frame(
            [shapely.Point(x, side / 2) for _, x in places],
            facility_id=[f"f{n:02}" for n in range(len(places))],
            name="x",
            kind=[kind for kind, _ in places],
        ),
        constraints=frame(
            [square(-FAR), *([] if flood is None else [flood])],
            kind="flood",
            effect="penalise",
        ),
    )


LARGE, SMALL = 600.0, 500.0
"""Sides of a zone of 36 and of 25 ha; large is 30 ha or more."""
CODES = ["1012", "2014", "2511", "4120", "4711", "4941", "5210", "6201", "7112", "8110"]
"""Activities in ten divisions, of which three in manufacturing."""
BUILDING = [
    "4120",
    "4211",
    "4312",
    "4321",
    "4331",
    "4391",
    "4221",
    "4399",
    "4322",
    "4110",
]
MAKING = [
    "1012",
    "1071",
    "1310",
    "1610",
    "2511",
    "2562",
    "2811",
    "3101",
    "3109",
    "2229",
]
TOWN = ("urban_low", square(1000 + 2900))
OTHER_TOWN = ("city_centre", square(-1000 - 2900))
HOMES = 200_000.0
"""Inhabitants of 20 by 20 km, of which a tenth live within 3 km of a zone."""
MAIN, LOCAL = ("road", "motorway", line(2000)), ("road", "local", line(1500))

HOLDS = {
    "T1": [{"kinds": "sea_port"}, {"kinds": "business_park;inland_port"}],
    "T2": [
        {"side": LARGE, "firms": CODES * 2},
        {"side": LARGE, "firms": BUILDING},
        {"side": LARGE, "firms": MAKING},
    ],
    "T3": [
        {"side": LARGE, "facilities": [("power_plant", LARGE / 2)]},
        {"side": LARGE, "facilities": [("heat_source", LARGE + 100)]},
    ],
    "T4": [
        {"side": LARGE, "facilities": [("energy_hub", LARGE + 2000)]},
        {"side": LARGE, "lines": [("steam", None, line(LARGE + 1000))]},
    ],
    "T5": [
        {"lines": [("rail", None, line(2000))]},
        {"kinds": "sea_port", "lines": [("water", "Va", line(1500))]},
    ],
    "T6": [
        {"lines": [MAIN, ("rail", None, line(2000))]},
        {"lines": [("water", None, line(1500)), ("pipeline", None, line(-500))]},
        {"lines": [LOCAL, ("pipeline", None, line(-500))]},
    ],
    "T7": [{"lines": [("water", "Va", line(1500))]}],
    "T8": [
        {"kinds": "waste"},
        {"facilities": [("waste_processor", 1100)]},
        {"firms": ["3821"]},
    ],
    "T9": [{"zones": [TOWN, OTHER_TOWN], "population": HOMES}],
    "T10": [{"facilities": [("knowledge", 3000)]}],
    "T11": [
        {"facilities": [("building_materials", 2000)]},
        {"firms": [("46731", 2000.0)]},
    ],
    "T12": [
        {"zones": [("agriculture", square(1500))]},
        {"zones": [("nature", square(1500))], "flood": square(1500, 600)},
    ],
    "T13": [
        {"lines": [("heat", None, line(500))]},
        {"kinds": "urban_low", "lines": [("pipeline", None, line(500))]},
        {"lines": [("road", None, line(300)), ("road", None, line(700))]},
    ],
    "T14": [{"kinds": kinds} for kinds in ("urban_high", "urban_medium", "urban_low")],
    "T15": [
        {"kinds": "urban_high", "facilities": [("station", 2000)]},
        {"kinds": "city_centre", "facilities": [("station", 500)]},
    ],
    "T16": [
        {"kinds": "mixed;urban_medium"},
        {"kinds": "mixed", "zones": [("urban_low", square(1500))]},
        {"kinds": "urban_high", "side": 100, "firms": ["4711"] * 5},
    ],
    "T17": [
        {"kinds": "urban_low", "lines": [("water", None, line(1500))]},
        {"kinds": "city_centre", "lines": [("rail", None, line(2000))]},
    ],
    "T18": [
        {"kinds": "mixed;urban_high", "zones": [("business_park", square(2000))]},
        {"kinds": "mixed;urban_high", "lines": [MAIN, ("rail", None, line(0))]},
    ],
    "T19": [
        {"kinds": "urban_low", "centre_city": True},
        {"kinds": "retail_core", "centre_city": True},
    ],
    "T20": [
        {"kinds": "brownfield", "lines": [MAIN]},
        {"kinds": "landfill", "lines": [("water", None, line(1500))]},
        {"kinds": "landfill", "lines": [("rail", None, line(2000))]},
    ],
    "T21": [
        {"lines": [(*MAIN[:2], line(3000))], "zones": [("city_centre", square(5000))]},
        {
            "lines": [("water", None, line(3000))],
            "zones": [("urban_high", square(2500))],
        },
        {
            "lines": [("rail", None, line(2500))],
            "zones": [("urban_high", square(2500))],
        },
    ],
    "T22": [
        {
            "zones": [("city_centre", square(1500))],
            "lines": [("rail", None, line(2000))],
        },
        {"kinds": "mixed;city_centre", "lines": [("water", None, line(1500))]},
    ],
    "T23": [{"kinds": "agriculture"}, {"kinds": "nature", "flood": square(501)}],
}
"""Scenes in which the type holds, for ``Z`` or for ``L``."""
FAILS = {
    "T1": [{"kinds": "business_park"}],
    "T2": [
        {"side": SMALL, "firms": CODES * 2},
        {"side": LARGE, "firms": CODES},
        {"side": LARGE, "firms": CODES[:9] * 3},
        {"side": LARGE, "firms": BUILDING[:9]},
        {"side": LARGE, "firms": ["4120"] * 12},
        {"side": LARGE, "kinds": "urban_low", "firms": CODES * 2},
    ],
    "T3": [
        {"side": SMALL, "facilities": [("power_plant", 0)]},
        {"side": LARGE, "facilities": [("power_plant", LARGE + 101)]},
        {"side": LARGE, "facilities": [("energy_hub", 0)]},
    ],
    "T4": [
        {"side": LARGE, "facilities": [("energy_hub", LARGE + 2001)]},
        {"side": LARGE, "lines": [("power", None, line(0))]},
        {"side": SMALL, "facilities": [("energy_hub", 0)]},
    ],
    "T5": [
        {"lines": [("rail", None, line(2001)), ("water", None, line(1501)), MAIN]},
        {"kinds": "urban_low", "lines": [("rail", None, line(0))]},
    ],
    "T6": [
        {"lines": [MAIN, ("road", None, line(0)), ("power", None, line(0))]},
        {"lines": [MAIN, ("rail", None, line(2001))]},
    ],
    "T7": [{"lines": [("water", "Va", line(1501)), ("rail", None, line(0))]}],
    "T8": [
        {"facilities": [("waste_processor", 1101), ("container_park", 500)]},
        {"firms": [("3821", 1001.0), "2014"]},
    ],
    "T9": [
        {"zones": [TOWN], "population": HOMES},
        {"zones": [TOWN, OTHER_TOWN], "population": HOMES / 5},
        # Two neighbourhoods of one town.
        {"zones": [TOWN, ("urban_low", square(3900, y=1500))], "population": HOMES},
    ],
    "T10": [{"facilities": [("knowledge", 3001)]}],
    "T11": [
        {"facilities": [("building_materials", 2001)]},
        {"firms": [("4673", 2001.0), "4672"]},
    ],
    "T12": [
        {"zones": [("agriculture", square(1501))]},
        {"zones": [("nature", square(1500))], "flood": square(1500)},
    ],
    "T13": [
        {"lines": [("power", None, line(500)), ("road", None, line(500))]},
        {"kinds": "agriculture", "lines": [("heat", None, line(500))]},
    ],
    "T14": [{"kinds": "mixed"}],
    "T15": [
        {"kinds": "urban_high", "facilities": [("station", 2001)]},
        {"kinds": "urban_medium", "facilities": [("station", 500)]},
    ],
    "T16": [
        {"kinds": "mixed", "zones": [("urban_low", square(1501))]},
        {"kinds": "urban_high", "side": 100, "firms": ["4711"] * 4},
    ],
    "T17": [
        {"kinds": "urban_low", "lines": [MAIN]},
        {"kinds": "business_park", "lines": [("water", None, line(1500))]},
    ],
    "T18": [
        {"kinds": "mixed;urban_high", "zones": [("business_park", square(2001))]},
        {"kinds": "urban_high", "zones": [("business_park", square(2000))]},
    ],
    "T19": [{"kinds": "urban_low"}, {"kinds": "business_park", "centre_city": True}],
    "T20": [
        {"kinds": "brownfield", "lines": [LOCAL]},
        {"kinds": "business_park", "lines": [MAIN]},
    ],
    "T21": [
        {"lines": [LOCAL], "zones": [("city_centre", square(1500))]},
        {"lines": [(*MAIN[:2], line(3001))], "zones": [("city_centre", square(3500))]},
        {"lines": [MAIN], "zones": [("urban_low", square(2000))]},
        {"side": SMALL, "lines": [MAIN], "zones": [("city_centre", square(2000))]},
    ],
    "T22": [
        {"zones": [("city_centre", square(1501))], "lines": [("rail", None, line(0))]},
        {"zones": [("city_centre", square(1000))], "lines": [MAIN]},
    ],
    "T23": [{"kinds": "agriculture", "flood": square()}, {"kinds": "business_park"}],
}
"""Scenes in which it does not, and that is known."""
CLASSES_HOLD = {
    "inland_port": {"kinds": "inland_port"},
    "sea_port": {"kinds": "sea_port"},
    "seveso": {"facilities": [("seveso", 1100)]},
    "corridor": {"lines": [MAIN, ("rail", None, line(2000))]},
    "near_urban": {"zones": [("urban_medium", square(2000))]},
    "retail_core": {"kinds": "retail_core"},
    "innovation": {"kinds": "innovation"},
    "waste": {"kinds": "waste"},
    "motorway": {"lines": [MAIN]},
    "waterway": {"lines": [("water", None, line(0))]},
    "rail_freight": {"lines": [("rail", None, line(0))]},
}
CLASSES_FAIL = {
    "inland_port": {"kinds": "sea_port"},
    "sea_port": {"kinds": "inland_port"},
    "seveso": {"kinds": "urban_low", "facilities": [("seveso", 500)]},
    "corridor": {"lines": [LOCAL, ("rail", None, line(2000))]},
    "near_urban": {"zones": [("urban_low", square(1000))]},
    "retail_core": {"kinds": "city_centre"},
    "innovation": {"kinds": "business_park"},
    "waste": {"facilities": [("waste_processor", 500)]},
    "motorway": {"lines": [LOCAL]},
    "waterway": {"lines": [("rail", None, line(0))]},
    "rail_freight": {"lines": [("rail", "passenger_rail", line(0))]},
}
