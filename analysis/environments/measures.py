"""What the tests of conditions measure: one function per test of ``FORMS``.

Each takes the scene and the condition and gives a value of :mod:`.kleene` for every
place. Where the layer or the field that it needs is absent that is "unknown", and so it
is where a layer holds nothing of the kind that is asked for: the register with it was
not among what was put together.
"""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..ground import HECTARE, QUARTER_SEGMENTS
from ..grouping import positions_by
from ..shapes import united
from ..threads import copies, in_pairs
from .conditions import ZONES, Condition
from .kleene import FALSE, TRUE, UNKNOWN, all_of, any_of, everywhere, opposite, where
from .scene import Scene, straight_line

SQUARE_KILOMETRE = 1e6
ANY = "*"


def state(scene: Scene, condition: Condition) -> np.ndarray:
    """Value of a condition for every place, measured once per scene."""
    if condition not in scene.states:
        scene.states[condition] = MEASURES[condition.test](scene, condition)
    return scene.states[condition]


# Putting conditions together.


def _all(scene: Scene, condition: Condition) -> np.ndarray:
    """Where the first is false nothing else is measured: few zones are of a kind."""
    first, *others = condition.value
    found = state(scene, first).copy()
    rows = np.flatnonzero(found > FALSE)
    if len(rows):
        part = scene.part(first, rows)
        found[rows] = all_of([found[rows], *(state(part, other) for other in others)])
    return found


def _any(scene: Scene, condition: Condition) -> np.ndarray:
    return any_of([state(scene, part) for part in condition.value])


def _not(scene: Scene, condition: Condition) -> np.ndarray:
    return opposite(state(scene, condition.value))


# The place itself.


def _kinds(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether a zone is of one of the kinds."""
    kinds, wanted = scene.places["kinds"].fillna(""), set(condition.value)
    fits = {text: not wanted.isdisjoint(text.split(";")) for text in kinds.unique()}
    return where(kinds.map(fits).to_numpy(bool))


def _mode(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether a line is of one of the modes, and of the classes that count."""
    return all_of(_mode_and_class(scene.places, condition))


def _area_ha(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether a zone has so many hectares."""
    return where(hectares(scene.places) >= condition.value)


def _available_ha(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether so many hectares of a zone are still available."""
    if "available_ha" not in scene.places:
        return everywhere(UNKNOWN, len(scene.places))
    found = scene.places["available_ha"].to_numpy(float)
    return where(found >= condition.value, np.isnan(found))


def hectares(zones: gpd.GeoDataFrame) -> np.ndarray:
    """Area of zones: what the layer says, else that of the polygon."""
    drawn = zones.area.to_numpy() / HECTARE
    told = zones["area_ha"].to_numpy(float)
    return np.where(np.isnan(told), drawn, told)


# Establishments.


def _firms(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether so many establishments of the activities lie within the distance."""
    firms = scene.layers.establishments
    if firms is None:
        return everywhere(UNKNOWN, len(scene.places))
    chosen = _active(scene, condition.value)
    within = condition.get("within", 0.0)
    if within:
        points = firms.geometry.to_numpy()[chosen]
        place, _ = scene.near(scene.shapes, points, within)
    else:
        place, firm = scene.inside
        place = place[chosen[firm]]
    return where(_counted(place, scene) >= condition.get("at_least"))


def _firms_per_ha(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether so many establishments lie on every hectare, on average."""
    if scene.layers.establishments is None:
        return everywhere(UNKNOWN, len(scene.places))
    place, _ = scene.inside
    # More hectares than can be multiplied are more than anybody can fill.
    with np.errstate(over="ignore"):
        asked = condition.value * hectares(scene.places)
    return where(_counted(place, scene) >= asked)


def _activities(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether establishments inside have so many different activities."""
    if scene.layers.establishments is None:
        return everywhere(UNKNOWN, len(scene.places))
    place, firm = scene.inside
    kept = _active(scene, condition.value)[firm]
    of_firm, codes = scene.activities
    groups, _ = pd.factorize(codes.str[: int(condition.get("digits"))])
    code = groups[of_firm[firm]]
    place, _, _ = _once(place[kept], code[kept], np.ones(kept.sum(), bool))
    return where(_counted(place, scene) >= condition.get("at_least"))


def _active(scene: Scene, prefixes: tuple[str, ...]) -> np.ndarray:
    """Which establishments have an activity that begins so."""
    of_firm, codes = scene.activities
    if ANY in prefixes:
        return np.ones(len(of_firm), bool)
    return np.asarray(codes.str.startswith(prefixes), bool)[of_firm]


# What lies near.


def _near_facility(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether so many facilities of the kinds lie within the distance."""
    facilities = scene.layers.facilities
    if scene.layers.lacks("facilities", condition.value):
        return everywhere(UNKNOWN, len(scene.places))
    chosen = facilities["kind"].isin(condition.value).to_numpy()
    points = facilities.geometry.to_numpy()[chosen]
    place, _ = scene.near(scene.shapes, points, condition.get("within"))
    return where(_counted(place, scene) >= condition.get("at_least", 1))


def _near_mode(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether so many of the modes have a line within the distance of their mode."""
    lines, modes = scene.layers.infrastructure, condition.value
    if lines is None:
        return everywhere(UNKNOWN, len(scene.places))
    if len(modes) == 1:
        return _near_lines(scene, condition, lines, modes[0])
    present = scene.layers.kinds["infrastructure"]
    sure = np.zeros(len(scene.places), int)
    doubtful = sure + sum(each.isdisjoint(present) for each in condition.alternatives())
    for mode in [mode for mode in modes if mode in present]:
        found = state(scene, condition.of_word(mode))
        sure, doubtful = sure + (found == TRUE), doubtful + (found == UNKNOWN)
    least = condition.get("at_least", 1)
    return where(sure >= least, sure + doubtful >= least)


def _near_lines(
    scene: Scene, condition: Condition, lines: pd.DataFrame, mode: str
) -> np.ndarray:
    """Whether a line of one mode lies within its distance."""
    if scene.layers.lacks("infrastructure", (mode,)):
        return everywhere(UNKNOWN, len(scene.places))
    within = condition.get("within", scene.distances[mode])
    fits = all_of(_mode_and_class(lines, condition))
    shapes = lines.geometry.to_numpy()
    return where(
        *(_reached(scene, shapes[fits == value], within) for value in (TRUE, UNKNOWN))
    )


def _near_zone(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether so many other zones for which a condition holds lie within the distance.

    Zones that lie no further than ``apart`` from each other count as one.
    """
    zones = scene.of_zones()
    if any(scene.layers.lacks("zones", each) for each in condition.alternatives()):
        return everywhere(UNKNOWN, len(scene.places))
    holds, within = state(zones, condition.value), condition.get("within")
    if condition.get("at_least", 1) > 1:
        return _near_several(scene, condition, holds)
    near = []
    for value in (TRUE, UNKNOWN):
        chosen = np.flatnonzero(holds == value)
        own = chosen if scene.on == ZONES else None
        near.append(_reached(scene, zones.shapes[chosen], within, own))
    return where(*near)


def _near_several(scene: Scene, condition: Condition, holds: np.ndarray) -> np.ndarray:
    """The same where more than one is asked for."""
    zones, chosen = scene.of_zones(), np.flatnonzero(holds > FALSE)
    shapes = zones.shapes[chosen]
    place, other = scene.near(scene.shapes, shapes, condition.get("within"))
    if scene.on == ZONES:
        strange = scene.numbers[place] != chosen[other]
        place, other = place[strange], other[strange]
    clear = holds[chosen][other] == TRUE
    if (apart := condition.get("apart")) is not None:
        other = _groups(shapes, apart)[other]
        place, other, clear = _once(place, other, clear)
    least = condition.get("at_least")
    sure, possible = (_counted(chosen, scene) for chosen in (place[clear], place))
    return where(sure >= least, possible >= least)


def _groups(shapes: np.ndarray, apart: float) -> np.ndarray:
    """Number of the group of each shape; those no further apart are in one."""
    one, other = straight_line(shapes, shapes, apart)
    links = coo_array((np.ones(len(one)), (one, other)), (len(shapes), len(shapes)))
    return connected_components(links, directed=False)[1]


def _line_density(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether so many kilometres of the modes lie on every square kilometre."""
    lines = scene.layers.infrastructure
    if scene.layers.lacks("infrastructure", condition.value):
        return everywhere(UNKNOWN, len(scene.places))
    own = lines.geometry.to_numpy()[lines["mode"].isin(condition.value).to_numpy()]
    return where(line_density(scene.shapes, own) >= condition.get("at_least"))


def line_density(shapes: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Kilometres of lines on every square kilometre of each shape."""
    place, line = straight_line(shapes, lines, 0.0)
    metres = shapely.length(lines)[line]
    ground = copies(shapes)
    shapely.prepare(ground)
    cut = ~shapely.contains_properly(ground[place], lines[line])
    shared = in_pairs(shapely.intersection, shapes[place[cut]], lines[line[cut]])
    metres[cut] = shapely.length(shared)
    metres = np.bincount(place, metres, len(shapes))
    return metres / 1000 / (shapely.area(shapes) / SQUARE_KILOMETRE)


# What covers a place, and who lives round it.


def _covered(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether constraints of the kinds cover such a share of a zone."""
    constraints = scene.layers.constraints
    if scene.layers.lacks("constraints", condition.value):
        return everywhere(UNKNOWN, len(scene.places))
    chosen = constraints["kind"].isin(condition.value).to_numpy()
    shapes = constraints.geometry.to_numpy()[chosen]
    return where(_share(scene, shapes) >= condition.get("share"))


def _region(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether such a share of a zone lies in regions that the field marks."""
    regions = scene.layers.regions
    if regions is None or condition.value not in regions:
        return everywhere(UNKNOWN, len(scene.places))
    marked = regions[condition.value]
    shapes = regions.geometry.to_numpy()
    least = condition.get("share")
    sure = _share(scene, shapes[marked.eq(True).to_numpy(bool)])
    possible = _share(scene, shapes[(marked.eq(True) | marked.isna()).to_numpy(bool)])
    return where(sure >= least, possible >= least)


def _population(scene: Scene, condition: Condition) -> np.ndarray:
    """Whether so many inhabitants live within the distance."""
    regions = scene.layers.regions
    if regions is None or "population" not in regions:
        return everywhere(UNKNOWN, len(scene.places))
    known, doubtful = inhabitants(scene.shapes, regions, condition.get("within"))
    return where(known >= condition.value, doubtful)


def inhabitants(
    shapes: np.ndarray, regions: pd.DataFrame, metres: float
) -> tuple[np.ndarray, np.ndarray]:
    """Inhabitants within a distance of each shape, and whether there may be more.

    Those of a region live evenly spread over it.
    """
    around = shapely.buffer(shapes, metres, quad_segs=QUARTER_SEGMENTS)
    of_region = regions.geometry.to_numpy()
    place, region = straight_line(around, of_region, 0.0)
    common = in_pairs(shapely.intersection, around[place], of_region[region])
    share = shapely.area(common) / shapely.area(of_region)[region]
    people = regions["population"].to_numpy(float)[region] * share
    unknown = np.isnan(people) & (share > 0)
    known = np.bincount(place, np.nan_to_num(people), len(shapes))
    return known, np.bincount(place[unknown], minlength=len(shapes)) > 0


def _share(scene: Scene, shapes: np.ndarray) -> np.ndarray:
    """Share of each place that any of the shapes cover."""
    place, other = straight_line(scene.shapes, shapes, 0.0)
    common = in_pairs(shapely.intersection, scene.shapes[place], shapes[other])
    covered = np.zeros(len(scene.places))
    for at, rows in positions_by(place):
        covered[at] = united(copies(common[rows])).area
    return covered / shapely.area(scene.shapes)


# Helpers.


def _reached(
    scene: Scene, targets: np.ndarray, metres: float, own: np.ndarray | None = None
) -> np.ndarray:
    """Whether one of the targets lies within the distance of each place.

    Targets that are places themselves, those with the numbers ``own``, are not near
    themselves. Of what a place meets no distance is measured, which saves most of the
    work.
    """
    reached = np.zeros(len(scene.places), bool)
    for near, within in ((straight_line, 0.0), (scene.near, metres)):
        left = np.flatnonzero(~reached)
        place, target = near(scene.shapes[left], targets, within)
        place = left[place]
        if own is not None:
            place = place[scene.numbers[place] != own[target]]
        reached[place] = True
    return reached


def _mode_and_class(
    lines: pd.DataFrame, condition: Condition
) -> tuple[np.ndarray, np.ndarray]:
    """Whether lines are of the modes, and of the classes that count.

    A line without class may be of any class that is asked for, and is of none that is
    left out.
    """
    modes = where(lines["mode"].isin(condition.value).to_numpy())
    fits = everywhere(TRUE, len(lines))
    classes = lines["class"] if "class" in lines else pd.Series(None, lines.index)
    if wanted := condition.get("classes"):
        fits = where(classes.isin(wanted).to_numpy(), classes.isna().to_numpy())
    if left_out := condition.get("except_classes"):
        fits = all_of([fits, where(~classes.isin(left_out).to_numpy())])
    return modes, fits


def _once(
    place: np.ndarray, other: np.ndarray, clear: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs, each of them once; clear where one of the same pair is."""
    # Those that are clear come first among their likes.
    order = np.lexsort([~clear, other, place])
    place, other, clear = place[order], other[order], clear[order]
    first = np.ones(len(place), bool)
    first[1:] = (np.diff(place) != 0) | (np.diff(other) != 0)
    return place[first], other[first], clear[first]


def _counted(place: np.ndarray, scene: Scene) -> np.ndarray:
    """How often each place occurs, shape (n,)."""
    return np.bincount(place, minlength=len(scene.places))


MEASURES: dict[str, Callable[[Scene, Condition], np.ndarray]] = {
    "all": _all,
    "any": _any,
    "not": _not,
    "kinds": _kinds,
    "mode": _mode,
    "area_ha": _area_ha,
    "available_ha": _available_ha,
    "firms": _firms,
    "firms_per_ha": _firms_per_ha,
    "activities": _activities,
    "near_facility": _near_facility,
    "near_mode": _near_mode,
    "near_zone": _near_zone,
    "line_density": _line_density,
    "covered": _covered,
    "region": _region,
    "population": _population,
}
"""What measures each test."""
