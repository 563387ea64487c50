"""Bad input to the opportunity map: text stays text, and an old result stays whole."""

import html.parser
import json
import re
import sqlite3
import subprocess
import zipfile
from html import unescape

import bad_input as bad
import pytest
import shapely
from bad_layers import (
    SMALL,
    SQUARES,
    USUAL,
    canonical_type,
    one_sentence,
    run,
    small,
    usual,
)
from qgis.core import (
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsProject,
)
from scene_settings import NO_FLOWS_FILE

pytestmark = pytest.mark.usefixtures("provider")

MANDATORY = ("ESTABLISHMENTS", "ZONES", "INFRASTRUCTURE")
OPTIONAL = ("FACILITIES", "REGIONS", "CONSTRAINTS", "INITIATIVES")
ROLES = (*MANDATORY, *OPTIONAL)
LISTED = {"ESTABLISHMENTS", "ZONES", "INFRASTRUCTURE", "FACILITIES", "CONSTRAINTS"}
ENGLISH, INTERNAL = 1, 1
WITH_FLOWS = {"SETTINGS": None}
PDF = "kansenkaart.pdf"
FILES = {
    "kansenkaart.gpkg", "kansenkaart.qgz", "rapport.html", "ranglijst.xlsx",
    "run.json",
}  # fmt: skip


def listed(role, layer):
    return [layer] if role in LISTED else layer


def make(folder, **changed):
    """Make a map of small layers, some of them or other parameters changed.

    It has no flows unless they are asked for.
    """
    layers = {role: listed(role, usual(role.lower())) for role in ROLES}
    settings = {"LANGUAGE": ENGLISH, "AUDIENCE": INTERNAL, "PDF": False}
    settings["SETTINGS"] = str(NO_FLOWS_FILE)
    target = {"OUTPUT_FOLDER": str(folder)}
    return run("opportunitymap", **(layers | settings | target | changed))


# --- names that try something -------------------------------------------------------

# The first ten make the ranking on the page.
NAMES = {
    name: bad.NAMES[name].strip()
    for name in (
        "expression", "script", "formula", "path", "format", "percent", "quotes",
        "template", "entity", "markup", *bad.NAMES,
    )
    if name != "long"
}  # fmt: skip
PLAIN = {name: f"Naam {number:02}" for number, name in enumerate(NAMES)}


CHEMISTRY, HOUSEHOLDS = "2014", "9700"


def row_of_zones():
    """Zones in a row along two lines, with twelve firms in each."""
    left = [150_000 + 1000 * number for number in range(len(NAMES))]
    zones = [shapely.box(x, 462_500, x + 900, 463_500).wkt for x in left]
    firms = [
        f"POINT ({x + 300 + 30 * n} {463_000 + 20 * (n % 3)})"
        for x in left
        for n in range(12)
    ]
    end = left[-1] + 1000
    lines = [f"MULTILINESTRING ((149000 {y}, {end} {y}))" for y in (463_200, 462_900)]
    points = [f"POINT ({x + 100} 463000)" for x in left]
    return {
        "zones": zones,
        "establishments": firms,
        "infrastructure": lines,
        "regions": zones,
        "facilities": points,
        "initiatives": points,
    }


def layers_of(names):
    """Layers of all roles, named so."""
    names, layers = list(names.values()), {}
    for role, shapes in row_of_zones().items():
        changed = {"name": lambda number: names[number % len(names)]}
        if role == "establishments":
            # Half of each zone has flows, which are enough for all names.
            changed["sbi"] = lambda n: CHEMISTRY if n % 12 < 6 else HOUSEHOLDS
        if role == "initiatives":
            changed |= dict.fromkeys(("status", "source"), changed["name"])
        layer = small(role, shapes, **changed)
        layer.setName(names[0])
        layers[role.upper()] = listed(role.upper(), layer)
    return layers


@pytest.fixture(scope="module")
def maps(provider, tmp_path_factory):  # noqa: ARG001 - the algorithms must be there
    """Maps of the same ground: one with names that try something, one with others."""
    folders = {}
    for kind, names in (("bad", NAMES), ("plain", PLAIN)):
        folder = tmp_path_factory.mktemp(kind) / "kaart"
        layers = layers_of(names)
        told = {"TITLE": NAMES["expression"] if kind == "bad" else "Naam 00"}
        told["PDF"] = kind == "bad"
        outcome = make(folder, **layers, **WITH_FLOWS, **told)
        assert outcome.ok, outcome.log
        assert outcome.results["RANKED_COUNT"] == len(names)
        folders[kind] = folder
    return folders


def table(folder, name, *columns):
    with sqlite3.connect(folder / "kansenkaart.gpkg") as database:
        listed = ", ".join(f'"{column}"' for column in columns)
        return database.execute(f'SELECT {listed} FROM "{name}"').fetchall()


def test_names_reach_the_geopackage_unchanged(maps):
    found = {name for (name,) in table(maps["bad"], "leverage_areas", "name")}
    assert found == set(NAMES.values())
    for name in ("zones", "regions", "facilities", "members", "initiatives"):
        found = {name for (name,) in table(maps["bad"], name, "name")}
        assert found <= set(NAMES.values())
        assert len(found) > len(NAMES) / 2


@pytest.mark.parametrize(
    ("exchanges", "ends"),
    [
        ("flows", ["actor_name"]),
        ("leads", ["giver_name", "receiver_name"]),
        ("matches", ["giver_name", "receiver_name"]),
    ],
)
def test_names_of_flows_reach_the_geopackage_unchanged(maps, exchanges, ends):
    found = {name for row in table(maps["bad"], exchanges, *ends) for name in row}
    assert len(found & set(NAMES.values())) > len(NAMES) / 2


def test_no_area_still_gives_a_map_with_flows(tmp_path):
    settings = tmp_path / "settings.toml"
    settings.write_text("[detectclusters]\nMIN_ESTABLISHMENTS = 2999\n", "utf-8")
    outcome = make(tmp_path / "kaart", PDF=True, SETTINGS=str(settings))
    assert outcome.ok, outcome.log
    assert outcome.results["AREA_COUNT"] == 0
    assert {path.name for path in (tmp_path / "kaart").iterdir()} == FILES | {PDF}
    assert table(tmp_path / "kaart", "flows", "flow_id")


def test_names_become_no_path(maps):
    for kind, folder in maps.items():
        names = {path.name for path in folder.parent.rglob("*") if path != folder}
        assert names == FILES | ({PDF} if kind == "bad" else set())


class Tags(html.parser.HTMLParser):
    """Tags and names of attributes of a page, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, *sorted(name for name, _ in attributes)))

    def handle_data(self, data):
        self.texts.append(data)


def words(texts):
    return " ".join(" ".join(texts).split())


def test_names_are_text_in_the_report(maps):
    pages = {
        kind: (folder / "rapport.html").read_text() for kind, folder in maps.items()
    }
    hostile, plain = (Tags(pages[kind]) for kind in ("bad", "plain"))
    assert hostile.tags == plain.tags
    assert "<script>alert" not in pages["bad"]
    shown = words(hostile.texts)
    for name in NAMES.values():
        assert " ".join(name.split()) in shown


def test_names_are_no_formulas_in_the_spreadsheet(maps):
    with zipfile.ZipFile(maps["bad"] / "ranglijst.xlsx") as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    assert not any(re.search(r"<f[ >]", part) for part in parts.values())
    texts = unescape("".join(parts.values()))
    for name in ("formula", "script", "expression"):
        assert NAMES[name] in texts


def test_names_are_text_in_the_record(maps):
    record = json.loads((maps["bad"] / "run.json").read_text())
    assert record["title"] == NAMES["expression"]
    assert record["inputs"][0]["layer"] == NAMES["expression"]


def printed(path):
    done = subprocess.run(
        ["pdftotext", "-layout", "-nopgbrk", path, "-"], check=True, capture_output=True
    )
    return done.stdout.decode()


def test_names_are_printed_as_they_stand(maps):
    page = re.sub(r"\s+", "", printed(maps["bad"] / "kansenkaart.pdf"))
    areas = table(maps["bad"], "leverage_areas", "rank", "area_id", "name")
    for _, _, name in sorted(areas)[:10]:
        assert re.sub(r"\s+", "", name)[:12] in page
    assert page.count("[%1+1%]") >= 2


def test_labels_and_map_tips_show_names_and_run_nothing(maps):
    projects = {}
    for kind, folder in maps.items():
        projects[kind] = QgsProject()
        assert projects[kind].read(str(folder / "kansenkaart.qgz"))
    tips = {kind: tips_of(project) for kind, project in projects.items()}
    for table_name, plain in tips["plain"].items():
        for one, other in zip(tips["bad"][table_name], plain, strict=True):
            assert Tags(one).tags == Tags(other).tags
    shown = words(
        text
        for many in tips["bad"].values()
        for one in many
        for text in Tags(one).texts
    )
    for name in NAMES.values():
        assert " ".join(name.split()) in shown
    labels = [label for project in projects.values() for label in labels_of(project)]
    assert set(NAMES.values()) <= set(labels)
    for project in projects.values():
        project.clear()


def some_of(layer, enough=60):
    """Features spread over all of a layer, more than there are names."""
    features = list(layer.getFeatures())
    return features[:: max(1, len(features) // enough)]


def tips_of(project):
    """Map tips of features, by table."""
    tips = {}
    for layer in project.mapLayers().values():
        template = layer.mapTipTemplate()
        context = QgsExpressionContext(
            QgsExpressionContextUtils.globalProjectLayerScopes(layer)
        )
        tips[layer.customProperty("kansenkaart/table")] = found = []
        for feature in some_of(layer) if template else ():
            context.setFeature(feature)
            found.append(QgsExpression.replaceExpressionText(template, context))
    return tips


def labels_of(project):
    """Texts of the labels of all layers."""
    for layer in project.mapLayers().values():
        if not layer.labelsEnabled():
            continue
        settings = layer.labeling().settings()
        context = QgsExpressionContext(
            QgsExpressionContextUtils.globalProjectLayerScopes(layer)
        )
        for feature in some_of(layer) if settings.fieldName else ():
            context.setFeature(feature)
            if settings.isExpression:
                yield str(QgsExpression(settings.fieldName).evaluate(context))
            else:
                yield feature[settings.fieldName]


def test_values_outside_the_vocabulary_run_nothing(tmp_path):
    odd = [NAMES[name] for name in ("expression", "script", "quotes", "format")]
    layers = {
        "ZONES": small("zones", kinds=lambda n: odd[n]),
        "FACILITIES": small("facilities", kind=lambda n: odd[n]),
        "CONSTRAINTS": small("constraints", effect=lambda n: odd[n]),
        "INITIATIVES": small("initiatives", kind=lambda n: odd[n]),
        "INFRASTRUCTURE": small(
            "infrastructure",
            SMALL["infrastructure"] * 2,
            mode=lambda n: ("rail", "road", *odd)[n],
        ),
    }
    layers = {role: listed(role, layer) for role, layer in layers.items()}
    outcome = make(tmp_path / "kaart", PDF=True, **WITH_FLOWS, **layers)
    if outcome.ok:
        page = printed(tmp_path / "kaart" / "kansenkaart.pdf")
        assert not re.search(r"^\s*2\s*$", page, re.MULTILINE)
        assert "<script" not in (tmp_path / "kaart" / "rapport.html").read_text()
    else:
        one_sentence(outcome.log)


@pytest.mark.parametrize(
    "title", ["lang " * 2000, "a\x01b\x0bc\x1b", "\n\n", "🏭\u202e"]
)
def test_titles_of_any_kind(title, tmp_path):
    folder = tmp_path / "kaart"
    outcome = make(folder, TITLE=title, PDF=True)
    assert outcome.ok, outcome.log
    project = QgsProject()
    assert project.read(str(folder / "kansenkaart.qgz"))
    project.clear()
    assert json.loads((folder / "run.json").read_text())["title"]


# --- layers --------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_layers_without_metres_are_refused(role, tmp_path):
    for crs in ("", "EPSG:4326", "EPSG:2263"):
        layer = small(role.lower(), crs=crs)
        outcome = make(tmp_path / "kaart", **{role: listed(role, layer)})
        one_sentence(outcome.refusal, role.lower(), "28992", "31370")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("role", ROLES)
def test_layers_of_another_kind_are_refused(role, tmp_path):
    kind = canonical_type(role.lower())
    other = "Line" if kind.geometry != "Line" else "Polygon"
    wrong = small(role.lower(), [USUAL[other].wkt], other)
    value = [usual(role.lower()), wrong] if role in LISTED else wrong
    one_sentence(make(tmp_path / "kaart", **{role: value}).refusal, role.lower())
    layer = small(role.lower(), without=[kind.mandatory[-1]])
    told = make(tmp_path / "kaart", **{role: listed(role, layer)}).refusal
    one_sentence(told, role.lower(), f"prepare{role.lower()}")
    assert not list(tmp_path.iterdir())


def flows_of(role):
    """Flows on the map where they are made of this layer."""
    return WITH_FLOWS if role in {"ESTABLISHMENTS", "FACILITIES", "REGIONS"} else {}


@pytest.mark.parametrize("role", ROLES)
def test_layers_without_features(role, tmp_path):
    layer = {role: listed(role, small(role.lower(), []))}
    outcome = make(tmp_path / "kaart", PDF=True, **flows_of(role), **layer)
    if not outcome.ok:
        one_sentence(outcome.log)
        assert not list(tmp_path.iterdir())


def test_no_layer_has_a_feature(tmp_path):
    layers = {role: listed(role, small(role.lower(), [])) for role in ROLES}
    outcome = make(tmp_path / "kaart", PDF=True, **WITH_FLOWS, **layers)
    if not outcome.ok:
        one_sentence(outcome.log)
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("role", ROLES)
def test_nothing_known_but_the_id(role, tmp_path):
    kind = canonical_type(role.lower())
    unknown = {name: lambda _: None for name in kind.fields if name != kind.id}
    layer = {role: listed(role, small(role.lower(), **unknown))}
    outcome = make(tmp_path / "kaart", **flows_of(role), **layer)
    if not outcome.ok:
        one_sentence(outcome.log)


@pytest.mark.parametrize("audience", [0, 1])
def test_every_layer_is_dirty_at_once(audience, tmp_path):
    layers = {}
    for role in ROLES:
        kind = canonical_type(role.lower())
        shapes = [shape for shape, _ in bad.SHAPES[kind.geometry].values()]
        multi = f"Multi{kind.geometry}"
        fit = [
            shape
            for shape in shapes
            if shape is None or shape.geom_type.lower().startswith(multi.lower())
        ]
        usable = [shapely.from_wkt(wkt) for wkt in SMALL[role.lower()] * 3]
        if kind.geometry == "Point":
            usable = [shapely.MultiPoint([shape]) for shape in usable]
        elif kind.geometry == "Polygon":
            usable = [shapely.MultiPolygon([shape]) for shape in usable]
        extra = {name: ("text", lambda n: f"x{n}") for name in bad.FIELD_NAMES}
        layer = small(role.lower(), [*usable, *fit], multi, extra=extra)
        layers[role] = listed(role, layer)
    outcome = make(tmp_path / "kaart", AUDIENCE=audience, **WITH_FLOWS, **layers)
    assert outcome.ok, outcome.log
    assert "usable geometry" in outcome.log


@pytest.mark.parametrize("crs", ["", "EPSG:4326"])
@pytest.mark.parametrize("shapes", [[], [None], [USUAL["Line"].wkt], SQUARES[:1]])
def test_study_areas_of_any_kind(crs, shapes, tmp_path):
    wkb = "Line" if shapes and shapes[0] == USUAL["Line"].wkt else "Polygon"
    area = small("zones", shapes, wkb, crs)
    outcome = make(tmp_path / "kaart", STUDY_AREA=area)
    if not outcome.ok:
        one_sentence(outcome.log)
        assert not list(tmp_path.iterdir())


def test_a_study_area_that_crosses_itself(tmp_path):
    tie = shapely.Polygon([(154_000, 462_000), (156_000, 464_000),
                           (156_000, 462_000), (154_000, 464_000)])  # fmt: skip
    tie = small("zones", [tie], "Polygon")
    outcome = make(tmp_path / "kaart", STUDY_AREA=tie, **WITH_FLOWS)
    assert outcome.ok, outcome.log


# --- settings ------------------------------------------------------------------------

BAD_SETTINGS = {
    "no_toml": "DISTANCE = ",
    "bare": "DISTANCE = 800\n",
    "unknown_table": "[detectcluster]\nDISTANCE = 800\n",
    "unknown_setting": "[detectclusters]\nDISTANCES = 800\n",
    "text": '[detectclusters]\nDISTANCE = "veel"\n',
    "yes": "[detectclusters]\nDISTANCE = true\n",
    "nan": "[detectclusters]\nDISTANCE = nan\n",
    "infinite": "[detectclusters]\nDISTANCE = inf\n",
    "huge": "[detectclusters]\nDISTANCE = 1e300\n",
    "negative": "[detectclusters]\nDISTANCE = -1\n",
    "zero": "[detectclusters]\nDISTANCE = 0\n",
    "list": "[detectclusters]\nDISTANCE = [500]\n",
    "lists": "[detectclusters]\nDISTANCE = [[500, 600]]\n",
    "table": "[detectclusters.DISTANCE]\na = 1\n",
    "date": "[detectclusters]\nDISTANCE = 1979-05-27\n",
    "half": "[leverageareas]\nMIN_MODES = 2.5\n",
    "too_many": "[leverageareas]\nMIN_MODES = 9\n",
    "huge_integer": "[detectclusters]\nMIN_ESTABLISHMENTS = 99999999999999999999\n",
    "nan_jobs": "[detectclusters]\nMIN_JOBS = nan\n",
    "unknown_choice": '[corridors]\nACCESS = "weg"\n',
    "choice_beyond": "[corridors]\nACCESS = 9\n",
    "kinds": '[leverageareas]\nZONE_KINDS = "kasteel"\n',
    "grouping": '[detectclusters]\nGROUPING = "sectie"\n',
    "grouping_number": "[detectclusters]\nGROUPING = 5\n",
    "grouping_file": '[detectclusters]\nGROUPING = "nergens/a.csv"\n',
    "kinds_number": "[leverageareas]\nZONE_KINDS = 5\n",
    "weights_number": "[scoreareas]\nWEIGHTS = 5\n",
    "weights_odd": '[scoreareas]\nWEIGHTS = ["C2"]\n',
    "weights_words": '[scoreareas]\nWEIGHTS = [["C2", "veel"]]\n',
    "weights_tables": "[scoreareas]\nWEIGHTS = [{a = 1}]\n",
    "weights_deep": '[scoreareas]\nWEIGHTS = [[["C2"], 1]]\n',
    "strategy": '[scoreareas]\nSTRATEGY = "basis"\n',
    "proof": '[opportunitymap]\nPROOF = "ja"\n',
    "actors": "[confidentiality]\nMIN_ACTORS = 0\n",
    "actors_text": '[confidentiality]\nMIN_ACTORS = "drie"\n',
    "dominance": "[confidentiality]\nDOMINANCE = -1\n",
    "dominance_nan": "[confidentiality]\nDOMINANCE = nan\n",
    "deep": "[scoreareas]\nWEIGHTS = " + "[" * 5000 + "]" * 5000,
    "layer": '[detectclusters]\nESTABLISHMENTS = "/x.gpkg"\n',
    "output": '[detectclusters]\nOUTPUT = "/x.gpkg"\n',
}


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_settings_that_make_no_sense_are_refused(name, tmp_path):
    path = tmp_path / "instellingen.toml"
    path.write_text(BAD_SETTINGS[name])
    told = make(tmp_path / "kaart", SETTINGS=str(path)).refusal
    one_sentence(told)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_settings_that_cannot_be_read(tmp_path):
    folder, binary = tmp_path / "map.toml", tmp_path / "binary.toml"
    folder.mkdir()
    binary.write_bytes(bytes(range(256)))
    for path in (folder, binary, tmp_path / "nergens.toml", "a\0b.toml"):
        one_sentence(make(tmp_path / "kaart", SETTINGS=str(path)).refusal)
        one_sentence(make(tmp_path / "kaart", WEIGHTS_FILE=str(path)).refusal)


# --- folders -------------------------------------------------------------------------


def test_folders_that_cannot_be_written(tmp_path):
    file = tmp_path / "bestand"
    file.write_text("x")
    for path in (file, file / "kaart", "/proc/kaart", "/dev/null/kaart", "", "/"):
        told = make(path).refusal
        one_sentence(told)
        assert "Another opportunity map" not in told
    assert file.read_text() == "x"
    assert [each.name for each in tmp_path.iterdir()] == ["bestand"]


@pytest.fixture
def result(tmp_path):
    """A finished map, and what it holds."""
    folder = tmp_path / "kaart"
    assert make(folder).ok
    return folder, {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_result_never_takes_the_place_of_its_own_input(result):
    folder, content = result
    zones = f"{folder}/kansenkaart.gpkg|layername=zones"
    for target in (folder, f"{folder}/", folder.parent / "x" / ".." / "kaart"):
        one_sentence(make(target, ZONES=[zones]).refusal, "OUTPUT_FOLDER")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == content
    for ending in (".new", ".old"):
        beside = folder.with_name(f"ander{ending}")
        beside.mkdir()
        (beside / "bron.gpkg").write_bytes(content["kansenkaart.gpkg"])
        zones = f"{beside}/bron.gpkg|layername=zones"
        told = make(folder.with_name("ander"), ZONES=[zones]).refusal
        one_sentence(told, "OUTPUT_FOLDER")
        assert (beside / "bron.gpkg").read_bytes() == content["kansenkaart.gpkg"]


def test_a_refusal_leaves_the_earlier_result(result, tmp_path):
    folder, content = result
    for role in MANDATORY:
        make(folder, **{role: [small(role.lower(), crs="EPSG:4326")]}).refusal  # noqa: B018
    settings = tmp_path / "x.toml"
    settings.write_text("[detectclusters]\nDISTANCE = nan\n")
    one_sentence(make(folder, SETTINGS=str(settings)).refusal, "DISTANCE")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == content


@pytest.mark.parametrize(
    "name",
    ["[% 1+1 %]", "a 'b' \"c\"", "{0}%n", "é🏭", "=cmd", "a#b?c&d"],
)
def test_folders_of_any_name(name, tmp_path):
    folder = tmp_path / name
    flows = WITH_FLOWS if "%" in name else {}
    outcome = make(folder, PDF=True, **flows)
    assert outcome.ok, outcome.log
    project = QgsProject()
    assert project.read(str(folder / "kansenkaart.qgz"))
    layers = project.mapLayers().values()
    assert layers and all(layer.isValid() for layer in layers)
    project.clear()


def test_a_folder_that_qgis_can_not_open_is_refused(tmp_path):
    one_sentence(make(tmp_path / "a|layername=x").refusal, "a|layername=x")
