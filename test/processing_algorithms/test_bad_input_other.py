"""Bad input to the other algorithms: layers, parameters, files and outputs."""

import sqlite3

import bad_input as bad
import numpy as np
import pytest
import shapely
from bad_layers import (
    LISTS,
    MEASURED,
    MOMENT,
    ROLES,
    SMALL,
    SQUARES,
    STRANGE,
    USUAL,
    canonical_type,
    geometry_of,
    geopackage,
    in_place,
    memory,
    one_sentence,
    parameters_of,
    run,
    shapes_of,
    simple,
    small,
    usual,
)
from kansenkaart.analysis.texts import text
from kansenkaart.analysis.vocabulary import LANGUAGE_CHOICES
from kansenkaart.processing_algorithms.base import ROLE_LAYERS
from qgis.core import QgsVectorLayer, QgsWkbTypes

pytestmark = pytest.mark.usefixtures("provider")

USES = {
    "specialisation": ["ESTABLISHMENTS", "REGIONS"],
    "detectclusters": ["ESTABLISHMENTS", "REGIONS"],
    "businessdensity": ["ESTABLISHMENTS"],
    "rankclusters": ["CLUSTERS", "FLOWS"],
    "estimateflows": ["ESTABLISHMENTS", "REGIONS", "ZONES", "INFRASTRUCTURE"],
    "facilityflows": ["FACILITIES", "ESTABLISHMENTS"],
    "resourcebalance": ["AREAS", "FLOWS"],
    "corridors": ["INFRASTRUCTURE", "FACILITIES"],
    "leverageareas": [
        "ZONES", "CLUSTERS", "CORRIDORS", "ESTABLISHMENTS", "CONSTRAINTS",
    ],
    "environmenttypes": [
        "ZONES", "ESTABLISHMENTS", "REGIONS", "INFRASTRUCTURE", "FACILITIES",
        "CONSTRAINTS",
    ],
    "scoreareas": [
        "AREAS", "ESTABLISHMENTS", "ZONES", "INFRASTRUCTURE", "FACILITIES",
        "CONSTRAINTS",
    ],
}  # fmt: skip
SINKS = {
    "specialisation": ["OUTPUT", "OUTPUT_REGIONS"],
    "detectclusters": ["OUTPUT", "OUTPUT_MEMBERS", "OUTPUT_PROFILE"],
    "businessdensity": ["OUTPUT"],
    "rankclusters": ["OUTPUT", "OUTPUT_CRITERIA"],
    "estimateflows": ["OUTPUT"],
    "facilityflows": ["OUTPUT"],
    "resourcebalance": ["OUTPUT", "OUTPUT_AREAS"],
    "corridors": ["OUTPUT", "OUTPUT_MULTIMODAL"],
    "leverageareas": ["OUTPUT"],
    # OUTPUT_TYPES has a row for every type, also of nothing.
    "environmenttypes": ["OUTPUT", "OUTPUT_NETWORK"],
    "scoreareas": ["OUTPUT", "OUTPUT_CRITERIA"],
}
PAIRS = [(algorithm, role) for algorithm, roles in USES.items() for role in roles]


def other(algorithm, **parameters):
    """Run an algorithm on small layers, some of them or other parameters changed."""
    layers = {role: in_place(role, usual(role.lower())) for role in USES[algorithm]}
    sinks = dict.fromkeys(SINKS[algorithm], "memory:")
    return run(algorithm, **(layers | sinks | parameters))


@pytest.mark.parametrize("algorithm", USES)
def test_small_layers_give_a_result(algorithm):
    """Else the tests below would prove nothing."""
    outcome = other(algorithm)
    for name in SINKS[algorithm]:
        assert outcome.rows(name)


@pytest.mark.parametrize(("algorithm", "role"), PAIRS)
def test_layers_without_metres_are_refused(algorithm, role):
    for crs in ("", "EPSG:4326", "EPSG:2263"):
        layer = small(role.lower(), crs=crs)
        told = other(algorithm, **{role: in_place(role, layer)}).refusal
        one_sentence(told, role.lower(), "28992", "31370")


@pytest.mark.parametrize(("algorithm", "role"), PAIRS)
def test_layers_of_another_geometry_are_refused(algorithm, role):
    for kind in ("Point", "Line", "Polygon", "None"):
        wanted = canonical_type(role.lower()).geometry
        if kind == wanted:
            continue
        shapes = [shapely.to_wkt(USUAL[kind])] if kind in USUAL else [None]
        layer = small(role.lower(), shapes, kind)
        told = other(algorithm, **{role: in_place(role, layer)}).refusal
        one_sentence(told, role.lower())
        if role in LISTS:
            both = [small(role.lower()), layer]
            one_sentence(other(algorithm, **{role: both}).refusal)


@pytest.mark.parametrize(("algorithm", "role"), PAIRS)
def test_layers_without_features(algorithm, role):
    layer = small(role.lower(), [])
    outcome = other(algorithm, **{role: in_place(role, layer)})
    assert outcome.ok, outcome.log


@pytest.mark.parametrize("algorithm", USES)
def test_no_layer_has_a_feature(algorithm):
    layers = {role: in_place(role, small(role.lower(), [])) for role in USES[algorithm]}
    assert all(other(algorithm, **layers).rows(name) == [] for name in SINKS[algorithm])


@pytest.mark.parametrize(("algorithm", "role"), PAIRS)
def test_layers_that_were_not_prepared_are_refused(algorithm, role):
    kind = canonical_type(role.lower())
    for name in kind.mandatory:
        layer = small(role.lower(), without=[name])
        told = other(algorithm, **{role: in_place(role, layer)}).refusal
        one_sentence(told, role.lower(), name)


@pytest.mark.parametrize("name", sorted(set(ROLE_LAYERS.values())))
def test_every_layer_that_is_asked_for_has_its_refusal(name):
    for language in LANGUAGE_CHOICES:
        key = f"messages.not_canonical_{name}"
        assert "<x>" in text(key, language, layer="<x>", fields="y")


def test_lines_that_are_no_matches_are_refused():
    told = other("scoreareas", MATCHES=small("infrastructure")).refusal
    one_sentence(told, "infrastructure", "lead_id", "matchflows")


@pytest.mark.parametrize(("algorithm", "role"), PAIRS)
def test_ids_that_are_empty_or_double_are_refused(algorithm, role):
    name = canonical_type(role.lower()).id
    if not name:
        return
    shapes = SMALL[role.lower()][:1] * 2
    for ids in (["", "b"], [" ", "b"], [None, "b"], ["b", "b"]):
        layer = small(role.lower(), shapes, **{name: ids.__getitem__})
        told = other(algorithm, **{role: in_place(role, layer)}).refusal
        one_sentence(told, role.lower(), name)


@pytest.mark.parametrize(("algorithm", "role"), PAIRS)
def test_nothing_known_but_the_id(algorithm, role):
    kind = canonical_type(role.lower())
    unknown = {name: lambda _: None for name in kind.fields if name != kind.id}
    layer = small(role.lower(), **unknown)
    outcome = other(algorithm, **{role: in_place(role, layer)})
    if not outcome.ok:
        one_sentence(outcome.log, role.lower())


def fitting(kind, multi):
    """Strange shapes that a layer of single or of multi geometries takes."""
    shapes = [shape for shape, _ in bad.SHAPES[kind].values()]
    shapes += MEASURED[kind].values()
    for shape in shapes:
        geometry = geometry_of(shape)
        same = QgsWkbTypes.geometryDisplayString(geometry.type()) == kind
        if geometry.isNull() or (same and geometry.isMultipart() == multi):
            yield shape


@pytest.mark.parametrize(("algorithm", "role"), PAIRS)
def test_strange_shapes(algorithm, role):
    kind = canonical_type(role.lower()).geometry
    for multi in (False, True):
        usable = ["" if multi else shape for shape in SMALL[role.lower()]]
        shapes = [*filter(None, usable), *fitting(kind, multi)]
        shapes = shapes if kind != "Line" or multi else [*fitting(kind, multi)]
        layer = small(role.lower(), shapes, f"Multi{kind}" if multi else kind)
        outcome = other(algorithm, **{role: in_place(role, layer)})
        assert outcome.ok, outcome.log
        for name in SINKS[algorithm]:
            if outcome.layer(name).isSpatial():
                found = np.array(shapes_of(outcome.layer(name)), dtype=object)
                # An empty point comes back as no geometry from QGIS 3.44.
                assert shapely.is_valid(found[~shapely.is_missing(found)]).all()


@pytest.mark.parametrize(("algorithm", "role"), PAIRS)
def test_columns_of_a_strange_type_beside_the_canonical_ones(algorithm, role):
    extra = {
        name: ("text", lambda n: f"0111 {n}")
        for name in (*bad.FIELD_NAMES, "FID", "Geom", "SCORE", "Rank", "why ", "a.b")
    } | {kind: (kind, lambda _, v=value: v) for kind, value in STRANGE.items()}
    layer = small(role.lower(), extra=extra)
    outcome = other(algorithm, **{role: in_place(role, layer)})
    assert outcome.ok, outcome.log


@pytest.mark.parametrize("algorithm", USES)
def test_strange_columns_fit_in_a_file(algorithm, tmp_path):
    extra = {
        name: ("text", lambda n: f"x{n}")
        for name in (*bad.FIELD_NAMES, "FID", "Geom", "SCORE", "Rank", "why ", "a.b")
    } | {kind: (kind, lambda _, v=value: v) for kind, value in STRANGE.items()}
    role = USES[algorithm][0]
    layer = small(role.lower(), extra=extra)
    sinks = {name: str(tmp_path / f"{name}.gpkg") for name in SINKS[algorithm]}
    outcome = other(algorithm, **{role: in_place(role, layer)}, **sinks)
    for name in sinks:
        assert outcome.rows(name)


@pytest.mark.parametrize(("algorithm", "role"), PAIRS)
def test_values_of_another_type(algorithm, role):
    """Numbers as text, words for numbers, and numbers that are none."""
    kind = canonical_type(role.lower())
    cells = [*bad.NUMBERS, *bad.NO_NUMBERS, "1e300", *bad.names()]
    shapes = (SMALL[role.lower()] * len(cells))[: len(cells)]
    columns = [name for name in kind.fields if name != kind.id]
    texts = {
        name: ("text", lambda row, start=7 * start: cells[(row + start) % len(cells)])
        for start, name in enumerate(columns)
    }
    numbers = [name for name in columns if kind.fields[name] != "text"]
    odd = (np.inf, -np.inf, np.nan, -5.0, 1e308, 0.0)
    reals = {name: ("real", lambda row: odd[row % len(odd)]) for name in numbers}
    for extra in (texts, reals):
        layer = small(role.lower(), shapes, extra=extra)
        outcome = other(algorithm, **{role: in_place(role, layer)})
        if not outcome.ok:
            one_sentence(outcome.log, role.lower())


@pytest.mark.parametrize("algorithm", USES)
def test_names_that_try_something(algorithm, tmp_path):
    names = bad.names()
    role = USES[algorithm][0]
    shapes = (SMALL[role.lower()] * 12)[: len(names)]
    kind = canonical_type(role.lower())
    layer = small(
        role.lower(),
        shapes,
        **{kind.id: names.__getitem__}
        | ({"name": names.__getitem__} if "name" in kind.fields else {}),
    )
    sinks = {name: str(tmp_path / f"{name}.gpkg") for name in SINKS[algorithm]}
    outcome = other(algorithm, **{role: in_place(role, layer)}, **sinks)
    assert outcome.ok, outcome.log
    for sink in sinks:
        for row in outcome.rows(sink):
            if kind.id in row:
                assert row[kind.id] in names
            if "name" in row:
                # A cluster outside all regions is called by its id.
                known = {*names, *(f"naam {n}" for n in range(12)), row.get(kind.id)}
                known.add(row.get("cluster_id"))
                assert known & {row["name"], row["name"].removesuffix(" 1")}


@pytest.mark.parametrize("algorithm", USES)
def test_two_systems_in_one_list(algorithm):
    for role in set(USES[algorithm]) & LISTS:
        moved = reprojected(small(role.lower()), "EPSG:31370")
        outcome = other(algorithm, **{role: [small(role.lower()), moved]})
        alone = other(algorithm, **{role: [small(role.lower())]})
        assert outcome.ok, outcome.log
        rows = [
            [row["area_ha"] for row in each.rows() if "area_ha" in row]
            for each in (outcome, alone)
        ]
        for one, two in zip(*rows, strict=True):
            assert abs(one - two) < 0.01 * two


def reprojected(layer, crs):
    import processing

    return processing.run(
        "native:reprojectlayer",
        {"INPUT": layer, "TARGET_CRS": crs, "OUTPUT": "memory:"},
    )["OUTPUT"]


# --- parameters -----------------------------------------------------------------

NUMBERS = {
    "detectclusters": ["DISTANCE", "MIN_ESTABLISHMENTS", "MIN_JOBS"],
    "businessdensity": ["CELL_SIZE", "RADIUS"],
    "rankclusters": ["MIN_COMPLETENESS", "TOP"],
    "corridors": [
        "ROAD_DISTANCE", "RAIL_DISTANCE", "WATER_DISTANCE", "PIPELINE_DISTANCE",
        "ENERGY_DISTANCE", "MIN_MODES",
    ],
    "leverageareas": ["MIN_MODES", "CLUSTER_REACH", "MIN_AREA"],
    "environmenttypes": ["WATER_DISTANCE", "ENERGY_DISTANCE"],
    "scoreareas": ["MIN_COMPLETENESS"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("algorithm", "name"), [(a, name) for a, names in NUMBERS.items() for name in names]
)
@pytest.mark.parametrize(
    "value",
    [-1, 1e-300, 1e9, 2**31, 1e308, np.inf, np.nan, "nan", "veel", "1,5", [5],
     {"a": 1}],
    ids=repr,
)  # fmt: skip
def test_numbers_beyond_reason(algorithm, name, value):
    outcome = other(algorithm, **{name: value})
    if not outcome.ok:
        one_sentence(outcome.log, name)


@pytest.mark.parametrize(
    "algorithm", [*USES, *(f"prepare{role}" for role in ROLES), "demodata",
                  "opportunitymap"]
)  # fmt: skip
def test_unknown_parameters_are_refused_by_name(algorithm):
    told = run(algorithm, **{"<NERGENS>": 1, "OUTPUT ": 2}).refusal
    one_sentence(told, "<NERGENS>")
    for name in parameters_of(algorithm):
        assert name in told


OF_ANOTHER_TYPE = (["a"], {"a": 1}, "a\0b", np.nan)


@pytest.mark.parametrize("algorithm", [*USES, "prepareestablishments"])
def test_parameters_of_another_type(algorithm):
    layers = {"INPUT", "CRITERIA", "TABLE", *USES.get(algorithm, ())}
    layers |= {"OUTPUT", "SKIPPED", "REPAIRED", *SINKS.get(algorithm, ())}
    for name in parameters_of(algorithm):
        for value in () if name in layers else OF_ANOTHER_TYPE:
            if algorithm in USES:
                outcome = other(algorithm, **{name: value})
            else:
                given = {"INPUT": simple("establishments"), "OUTPUT": "memory:"}
                outcome = run(algorithm, **(given | {name: value}))
            if not outcome.ok:
                one_sentence(outcome.log)


@pytest.mark.parametrize("name", ["PRESET", "TARGET_CRS", "ID_FIELD", "CODE_LIST"])
@pytest.mark.parametrize("value", [["a"], {"a": 1}], ids=repr)
def test_a_value_of_another_type_is_not_passed_over(name, value):
    given = {"INPUT": simple("establishments"), "OUTPUT": "memory:", name: value}
    one_sentence(run("prepareestablishments", **given).refusal, name)


@pytest.mark.parametrize(
    ("algorithm", "name"),
    [("prepareinfrastructure", "MODE"), ("preparefacilities", "KIND"),
     ("prepareconstraints", "KIND"), ("prepareconstraints", "EFFECT"),
     ("prepareestablishments", "CODE_LIST")],
)  # fmt: skip
@pytest.mark.parametrize("value", [99, -1, "weg", "", [], {"a": 1}], ids=repr)
def test_choices_that_do_not_exist_are_refused(algorithm, name, value):
    layer = simple(algorithm.removeprefix("prepare"), 1)
    outcome = run(algorithm, INPUT=layer, OUTPUT="memory:", **{name: value})
    one_sentence(outcome.refusal, name)


def test_a_choice_that_was_not_made_leaves_it_to_the_field():
    layer = simple("constraints", kind=("text", ["nature", None, "kasteel"]))
    outcome = run("prepareconstraints", INPUT=layer, KIND=None, OUTPUT="memory:")
    assert [row["kind"] for row in outcome.rows()] == ["nature", "other", "other"]


# --- outputs --------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", [*USES, "preparezones"])
def test_outputs_that_cannot_be_written(algorithm, tmp_path):
    file = tmp_path / "bestand"
    file.write_text("x")
    for path in (file / "uit.gpkg", "/proc/uit.gpkg", "/dev/full/uit.gpkg"):
        if algorithm in USES:
            outcome = other(algorithm, OUTPUT=str(path))
        else:
            outcome = run(algorithm, INPUT=simple("zones"), OUTPUT=str(path))
        one_sentence(outcome.refusal)
    assert file.read_text() == "x"


@pytest.mark.parametrize("algorithm", [*USES, "preparezones"])
def test_an_output_in_a_new_folder(algorithm, tmp_path):
    path = tmp_path / "nieuw" / "map" / "uit.gpkg"
    if algorithm in USES:
        outcome = other(algorithm, OUTPUT=str(path))
    else:
        outcome = run(algorithm, INPUT=simple("zones"), OUTPUT=str(path))
    assert outcome.ok == path.exists()
    if not outcome.ok:
        one_sentence(outcome.log)


@pytest.mark.parametrize("extension", ["shp", "geojson", "csv"])
def test_outputs_of_other_formats(extension, tmp_path):
    for role in ("zones", "establishments"):
        path = tmp_path / f"{role}.{extension}"
        assert run(f"prepare{role}", INPUT=simple(role), OUTPUT=str(path)).ok
        assert path.exists()
    path = tmp_path / f"scores.{extension}"
    assert other("scoreareas", OUTPUT=str(path)).ok
    assert path.exists()


@pytest.fixture
def source(tmp_path):
    """A GeoPackage with two tables, and its bytes."""
    path = tmp_path / "bron.gpkg"
    layer = small("zones")
    columns = {field.name(): "text" for field in layer.fields()}
    rows = [{"zone_id": f"z{n}", "name": "x", "kinds": "mixed"} for n in range(3)]
    for name in ("zones", "andere"):
        geopackage(path, "Polygon", SQUARES, rows, columns, name=name)
    return path


def tables(path):
    with sqlite3.connect(path) as database:
        names = [
            row[0] for row in database.execute("SELECT table_name FROM gpkg_contents")
        ]
        return {
            name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in names
        }


@pytest.mark.parametrize(
    "output",
    ["{path}", "{path}|layername=zones", 'ogr:dbname="{path}" table="zones" (geom)',
     "{folder}/./{name}", "{folder}/../{parent}/{name}"],
)  # fmt: skip
@pytest.mark.parametrize("sink", ["OUTPUT", "SKIPPED"])
def test_an_output_never_takes_the_place_of_an_input(output, sink, source):
    before = tables(source)
    target = output.format(
        path=source, folder=source.parent, name=source.name, parent=source.parent.name
    )
    outcome = run(
        "preparezones",
        INPUT=f"{source}|layername=zones",
        **{"OUTPUT": "memory:", sink: target},
    )
    one_sentence(outcome.refusal)
    assert tables(source) == before


def test_an_output_beside_the_input_in_its_file(source):
    outcome = run(
        "preparezones",
        INPUT=f"{source}|layername=zones",
        OUTPUT=f'ogr:dbname="{source}" table="klaar" (geom)',
    )
    if outcome.ok:
        assert tables(source).get("klaar") == 3
    found = tables(source)
    assert (found["zones"], found["andere"]) == (3, 3)


def test_an_input_in_a_list_is_safe_as_well(tmp_path):
    path = tmp_path / "lijnen.gpkg"
    rows = [{"infra_id": f"i{n}", "mode": ("rail", "road")[n]} for n in range(2)]
    columns = {"infra_id": "text", "mode": "text", "class": "text", "name": "text"}
    shapes = SMALL["infrastructure"]
    source = geopackage(path, "MultiLine", shapes, rows, columns)
    for value in ([source], source, [small("infrastructure"), source]):
        outcome = run("corridors", INFRASTRUCTURE=value, OUTPUT=str(path))
        one_sentence(outcome.refusal)
        assert tables(path) == {"laag": 2}


def test_two_outputs_in_one_place(tmp_path):
    path = tmp_path / "uit.gpkg"
    outcome = run(
        "preparezones", INPUT=simple("zones"), OUTPUT=str(path), SKIPPED=str(path)
    )
    one_sentence(outcome.refusal, "OUTPUT", "SKIPPED")


# --- own criteria, weights, demo data -------------------------------------------


def own_criteria(*rows, columns=("area_id", "criterion", "value"), kinds=None):
    kinds = dict(zip(columns, kinds or ["text"] * len(columns), strict=True))
    rows = [dict(zip(columns, row, strict=True)) for row in rows]
    return memory("None", [None] * len(rows), rows, kinds, "", "eigen")


CRITERIA = {
    "no_rows": own_criteria(),
    "other_columns": own_criteria(("a", "b", "c"), columns=("x", "y", "z")),
    "no_number": own_criteria(("a00", "mijn", "veel")),
    "infinite": own_criteria(("a00", "mijn", "1e999")),
    "outside": own_criteria(("a00", "mijn", "1,5")),
    "double": own_criteria(("a00", "mijn", "1"), ("a00", "mijn", "1")),
    "no_names": own_criteria((None, None, None), ("", "", ""), ("a00", None, "1")),
    "strange": own_criteria(("a00", "<b>[% 1+1 %]", "0,5"), ("nergens", "mijn", "1")),
    "dates": own_criteria(
        ("a00", MOMENT.date(), True), kinds=["text", "date", "boolean"]
    ),
}


@pytest.mark.parametrize("name", CRITERIA)
def test_own_criteria_that_make_no_sense(name):
    for weights in ([], ["mijn", "1"], ["<b>[% 1+1 %]", "2", "C4_modes", "1"]):
        outcome = other("scoreareas", CRITERIA=CRITERIA[name], WEIGHTS=weights)
        if not outcome.ok:
            one_sentence(outcome.log)


def test_own_criteria_of_numbered_areas():
    areas = small("areas", area_id=str)
    table = own_criteria(
        (0, "mijn", 0.0), (1, "mijn", 0.5), (2, "mijn", 1.0),
        kinds=["integer", "text", "real"],
    )  # fmt: skip
    outcome = other("scoreareas", AREAS=areas, CRITERIA=table, WEIGHTS=["mijn", "1"])
    assert [row["score"] for row in outcome.rows()] == [0, 50, 100]


@pytest.mark.parametrize(
    "cells",
    [["C2"], ["C2", ""], ["", "1"], ["C2", "1", "C2", "1"], ["C99", "1"], ["C2", "nan"],
     ["C2", "-1"], ["C2", "1e308", "C8", "1e308"], [None, None], ["C2", None], "C2,1",
     5, {"C2": 1}, [["C2", 1]]],
    ids=repr,
)  # fmt: skip
def test_tables_of_weights_that_make_no_sense(cells):
    outcome = other("scoreareas", WEIGHTS=cells)
    if not outcome.ok:
        one_sentence(outcome.log)


def weight_files(tmp_path):
    content = {
        "binary": bytes(range(256)) * 9,
        "empty": b"",
        "utf-16": "criterion;weight\nC2;1\n".encode("utf-16"),
        "long": b"criterion;weight\n" + b"x" * 200_000 + b";1\n",
        "nul": b"criterion;weight\n\0C2;1\n",
    }
    for name, value in content.items():
        path = tmp_path / f"{name}.csv"
        path.write_bytes(value)
        yield path
    folder = tmp_path / "map.csv"
    folder.mkdir()
    yield folder
    yield tmp_path / "nergens.csv"
    yield "a\0b.csv"


def test_weights_that_cannot_be_read(tmp_path):
    for path in weight_files(tmp_path):
        one_sentence(other("scoreareas", WEIGHTS_FILE=str(path)).refusal)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_weights_of_old_programs(encoding, tmp_path):
    path = tmp_path / "gewichten.csv"
    path.write_bytes("criterion;Daniël\r\nC4_modes;1,5\r\n".encode(encoding))
    outcome = other("scoreareas", WEIGHTS_FILE=str(path))
    assert outcome.ok, outcome.log
    assert ("Windows-1252" in outcome.log) == (encoding == "cp1252")


@pytest.mark.parametrize("strategy", ["nergens", "../basis", "[% 1 %]", "{0}", "BASIS"])
def test_strategies_that_do_not_exist(strategy):
    one_sentence(other("scoreareas", STRATEGY=strategy).refusal, strategy, "basis")


@pytest.mark.parametrize(
    "changed",
    [{"SEED": -1}, {"SEED": 2**40}, {"SEED": "x"}, {"ESTABLISHMENTS_COUNT": 0},
     {"ESTABLISHMENTS_COUNT": 10**9}, {"PROVINCES": 0}, {"PROVINCES": 13},
     {"PROVINCES": None, "SEED": None, "NERGENS": 1}],
    ids=repr,
)  # fmt: skip
def test_demo_data_beyond_reason(changed, tmp_path):
    output = tmp_path / "demo.gpkg"
    output.write_text("van iemand anders")
    told = run("demodata", OUTPUT=str(output), **changed).refusal
    one_sentence(told, *changed)
    assert output.read_text() == "van iemand anders"


def test_demo_data_has_a_place(tmp_path):
    file = tmp_path / "bestand"
    file.write_text("x")
    count = {"ESTABLISHMENTS_COUNT": 1000}
    for path in (file / "a.gpkg", tmp_path / "a.txt", tmp_path, ""):
        one_sentence(run("demodata", OUTPUT=str(path), **count).refusal)
    assert file.read_text() == "x"


# --- order of rows --------------------------------------------------------------


@pytest.mark.parametrize("algorithm", USES)
def test_order_of_rows_does_not_matter(algorithm):
    layers = {role: usual(role.lower()) for role in USES[algorithm]}
    turned = {role: reverse(layer) for role, layer in layers.items()}
    one, two = (
        other(algorithm, **{role: in_place(role, each[role]) for role in each})
        for each in (layers, turned)
    )
    for name in SINKS[algorithm]:
        assert one.rows(name) == two.rows(name)
        if one.layer(name).isSpatial():
            shapes = [shapes_of(each.layer(name)) for each in (one, two)]
            assert (
                shapely.to_wkb(shapes[0]).tolist() == shapely.to_wkb(shapes[1]).tolist()
            )


def reverse(layer):
    """The same features in another order, with other feature ids."""
    turned = QgsVectorLayer(layer.source(), layer.name(), "memory")
    turned.dataProvider().addAttributes(layer.fields().toList())
    turned.updateFields()
    features = list(layer.getFeatures())[::-1]
    assert turned.dataProvider().addFeatures(features)[0]
    assert turned.featureCount() == layer.featureCount()
    return turned
