"""Case `overlay` of ``make bench``: corridors and leverage areas, against QGIS."""

from __future__ import annotations

import time
from functools import partial

from bench_clusters import our_clusters
from bench_scene import MEMORY, SCENE, layer_of, start_qgis
from bench_tools import in_turn, note, say, target_ratio

TRANSPORT = {"road": 1000, "rail": 1000, "water": 500, "pipeline": 500}
DISTANCES = TRANSPORT | dict.fromkeys(("heat", "steam", "co2", "power"), 1000)


def overlay() -> bool:
    """Corridors and leverage areas, ours and with QGIS's own algorithms."""
    application = start_qgis()
    names = ("establishments", "zones", "infrastructure", "constraints")
    layers = {name: layer_of(SCENE, name) for name in names}
    layers["clusters"] = our_clusters(layers["establishments"])["OUTPUT"]
    (ours_s, ours), (pure_s, pure), (native_s, native) = in_turn(
        partial(_our_chain, layers),
        partial(_pure_chain, _frames(layers)),
        partial(_native_chain, layers),
    )
    zones, lines = (layers[name].featureCount() for name in names[1:3])
    size, other = f"{zones}zones+{lines}lines", ("native_chain", native_s)
    agree = []
    found = {"overlay": (ours_s, ours), "overlay_pure": (pure_s, pure)}
    for case, (took, chain) in found.items():
        agree.append(say(case, size, took, other, _agree(chain, native)))
        target_ratio(5, took, native_s)
        note(f"ours {_steps(chain)}")
    note(f"native {_steps(native)}")
    return all(agree) and application is not None


def _agree(ours: dict, native: dict) -> bool:
    """Whether the hectares of corridors and of areas differ by less than 0.1 %."""
    pairs = [(ours[key], native[key]) for key in ("multimodal_ha", "areas_ha")]
    return all(abs(one / other - 1) < 0.001 for one, other in pairs)


def _steps(chain: dict) -> str:
    """What a chain gave and how long its halves took."""
    return " ".join(
        f"{key}={value:.1f}" for key, value in chain.items() if key != "layer"
    )


def _our_chain(layers: dict) -> dict:
    """With our algorithms, from layer to layer."""
    import processing

    start = time.perf_counter()
    corridors = processing.run(
        "kansenkaart:corridors",
        {
            "INFRASTRUCTURE": [layers["infrastructure"]],
            "OUTPUT_MULTIMODAL": "TEMPORARY_OUTPUT",
        }
        | MEMORY,
    )
    middle = time.perf_counter()
    areas = processing.run(
        "kansenkaart:leverageareas",
        {
            "ZONES": layers["zones"],
            "CLUSTERS": layers["clusters"],
            "CORRIDORS": corridors["OUTPUT_MULTIMODAL"],
            "CONSTRAINTS": [layers["constraints"]],
        }
        | MEMORY,
    )
    return _outcome(start, middle, corridors["MULTIMODAL_HA"], areas["AREA_HA"])


def _pure_chain(frames: dict) -> dict:
    """Only our computing, from frame to frame."""
    from kansenkaart.analysis.corridors import corridors
    from kansenkaart.analysis.leverage_areas import leverage_areas

    start = time.perf_counter()
    pieces = corridors(frames["infrastructure"], DISTANCES).multimodal
    middle = time.perf_counter()
    found = leverage_areas(
        frames["zones"],
        frames["clusters"],
        pieces,
        constraints=frames["constraints"],
    )
    hectares = [frame.area.sum() / 10_000 for frame in (pieces, found.areas)]
    return _outcome(start, middle, *hectares)


def _native_chain(layers: dict) -> dict:
    """With QGIS's own algorithms, in the quickest order that we know.

    Multimodal ground goes into the overlay in single parts: in one part, the
    intersection with the zones takes twenty times as long.
    """
    start = time.perf_counter()
    multimodal = _native_corridors(layers["infrastructure"])
    middle = time.perf_counter()
    areas = _native_areas(layers, multimodal)
    return _outcome(start, middle, _hectares(multimodal), _hectares(areas))


def _native_corridors(lines):
    """Pieces of ground in the buffers of two modes or more, as single parts."""
    buffers = [_native_buffer(lines, mode) for mode in DISTANCES][: len(TRANSPORT)]
    pieces = buffers[0]
    for other in buffers[1:]:
        pieces = _native("union", INPUT=pieces, OVERLAY=other)
    modes = [f'("{field.name()}" IS NOT NULL)' for field in pieces.fields()]
    pieces = _native(
        "extractbyexpression", INPUT=pieces, EXPRESSION=f"{' + '.join(modes)} >= 2"
    )
    return _native("multiparttosingleparts", INPUT=pieces)


def _native_buffer(lines, mode: str):
    """Dissolved buffer of one mode, with the mode as its only field."""
    buffer = _native(
        "buffer",
        INPUT=_where(lines, f"\"mode\" = '{mode}'"),
        DISTANCE=DISTANCES[mode],
        SEGMENTS=16,
        DISSOLVE=True,
    )
    return _native("retainfields", INPUT=buffer, FIELDS=["mode"])


def _native_areas(layers: dict, multimodal):
    """Free ground of zones in the corridors, at a cluster, of a hectare or more."""
    excluding = _native(
        "extractbyexpression",
        INPUT=layers["constraints"],
        EXPRESSION="\"effect\" = 'exclude'",
    )
    free = _native("difference", INPUT=layers["zones"], OVERLAY=excluding)
    common = _native(
        "intersection", INPUT=free, OVERLAY=multimodal, INPUT_FIELDS=["zone_id"]
    )
    dissolved = _native("dissolve", INPUT=common, FIELD=["zone_id"])
    parts = _native("multiparttosingleparts", INPUT=dissolved)
    near = _native(
        "extractbylocation", INPUT=parts, PREDICATE=[0], INTERSECT=layers["clusters"]
    )
    large = "area(@geometry) >= 10000"
    return _native("extractbyexpression", INPUT=near, EXPRESSION=large)


def _native(name: str, **inputs: object):
    import processing

    return processing.run(f"native:{name}", inputs | MEMORY)["OUTPUT"]


def _where(layer, expression: str):
    """The features of a layer for which an expression holds."""
    from qgis.core import QgsFeatureRequest, QgsProcessingFeatureSourceDefinition

    return QgsProcessingFeatureSourceDefinition(
        layer.source(),
        flags=QgsProcessingFeatureSourceDefinition.Flags(),
        geometryCheck=QgsFeatureRequest.InvalidGeometryCheck.GeometryAbortOnInvalid,
        filterExpression=expression,
    )


def _outcome(start: float, middle: float, multimodal: float, areas: float) -> dict:
    return {
        "corridors_s": middle - start,
        "areas_s": time.perf_counter() - middle,
        "multimodal_ha": multimodal,
        "areas_ha": areas,
    }


def _hectares(layer) -> float:
    return sum(each.geometry().area() for each in layer.getFeatures()) / 10_000


def _frames(layers: dict) -> dict:
    """The layers as canonical frames."""
    from kansenkaart.analysis.canonical import canonical
    from kansenkaart.analysis.layers import layer_type
    from kansenkaart.processing_algorithms import border
    from qgis.core import QgsProcessingContext

    names = ("zones", "infrastructure", "constraints", "clusters")
    context = QgsProcessingContext()
    return {
        name: canonical(
            border.read(layers[name], None, context), layer_type(name), name
        )[0]
        for name in names
    }
