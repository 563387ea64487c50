"""Pages that are made from the plugin are those that ``make docs`` would make now."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
HELP = DOCS / "help"
LANGUAGES = ("nl", "en")
ANCHOR = re.compile(r"\]\(#([^)]*)\)")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s|]+)(?:#[^)]*)?\)")


@pytest.fixture(scope="module")
def made(qgis_app, qgis_processing):  # noqa: ARG001 - the algorithms must be there
    sys.path.insert(0, str(ROOT / "dev"))
    import docs

    return docs.pages()


@pytest.fixture(scope="module")
def offered(provider):
    from kansenkaart.processing_algorithms.base import KansenkaartAlgorithm

    algorithms = provider.algorithms()
    own = (each for each in algorithms if isinstance(each, KansenkaartAlgorithm))
    return {each.name(): each for each in own}


def rows(page, name):
    """Cells of the table between its marks, by heading."""
    part = page.split(f"<!-- {name} -->")[1].split(f"<!-- end of {name} -->")[0]
    lines = [
        [cell.strip() for cell in line.strip("| ").split(" | ")]
        for line in part.strip().splitlines()
    ]
    return [dict(zip(lines[0], line, strict=False)) for line in lines[2:]]


def test_pages_are_up_to_date(made):
    old = [
        path.relative_to(ROOT).as_posix()
        for path, content in made.items()
        if not path.exists() or path.read_text("utf-8") != content
    ]
    assert not old, "run `make docs`"


def test_no_page_is_left_over(made):
    assert set(HELP.rglob("*.md")) <= set(made)


def test_every_algorithm_has_a_page_in_both_languages(offered):
    for language in LANGUAGES:
        pages = {path.stem for path in (HELP / language).glob("*.md")}
        assert pages == {*offered, "README"}


def test_every_algorithm_has_a_picture_of_its_own(offered):
    sys.path.insert(0, str(ROOT / "dev"))
    from help_shown import SHOWN

    drawn = {path.stem for path in (DOCS / "images" / "help").glob("*.png")}
    assert drawn == set(SHOWN) == set(offered) - {"opportunitymap"}
    for language in LANGUAGES:
        for name in offered:
            page = (HELP / language / f"{name}.md").read_text("utf-8")
            (picture,) = re.findall(r"!\[.+\]\((.+)\)", page)
            path = HELP / language / picture
            assert path.exists() and path.stem in {name, "kansenkaart_demo"}


def test_pictures_are_small():
    for path in (DOCS / "images" / "help").glob("*.png"):
        assert path.stat().st_size < 80_000, path.name


def test_every_parameter_and_output_stands_on_its_page(offered):
    for language in LANGUAGES:
        for name, algorithm in offered.items():
            page = (HELP / language / f"{name}.md").read_text("utf-8")
            given = [*algorithm.parameterDefinitions(), *algorithm.outputDefinitions()]
            missing = [each.name() for each in given if f"(`{each.name()}`" not in page]
            assert not missing, f"{language} {name}"
            assert f"qgis_process run kansenkaart:{name} " in page


def test_choices_are_told_with_their_number(offered):
    """In a batch file a choice is its number."""
    for name, algorithm in offered.items():
        for definition in algorithm.parameterDefinitions():
            if definition.type() != "enum":
                continue
            for language in LANGUAGES:
                told = algorithm.explained("parameters", definition.name(), language)[1]
                for at, option in enumerate(algorithm._options[definition.name()]):
                    assert f"{at} <code>{option}</code>" in told, (name, option)


def test_numbers_that_are_taken_are_told(offered):
    """A help says the default of a number."""
    for name, algorithm in offered.items():
        for definition in algorithm.parameterDefinitions():
            value = definition.defaultValue()
            if definition.type() not in {"number", "distance"} or value is None:
                continue
            for language in LANGUAGES:
                told = algorithm.explained("parameters", definition.name(), language)[1]
                digits = re.sub(r"(?<=\d)[.,\s](?=\d)", "", told)
                wanted = f"{value:g}".replace(".", "")
                assert re.search(rf"\b{wanted}\b", digits), (language, name, definition)


def test_no_tag_is_left_in_a_page(made):
    for path, page in made.items():
        assert not re.search(r"</?(?:i|b|code|p)>", page), path


def test_every_assumption_of_an_algorithm_is_in_the_table(offered):
    listed = rows((DOCS / "methode.md").read_text("utf-8"), "assumptions")
    for name, algorithm in offered.items():
        own = [row for row in listed if row["onderdeel"] == _called(name)]
        places = [row["waar"] for row in own]
        for parameter in algorithm.ASSUMPTIONS:
            assert f"`{name}` `{parameter}`" in places
        shared = len(algorithm.ASSUMPTIONS) + len(algorithm.FIXED_ASSUMPTIONS)
        assert len(own) >= shared, name


def test_an_assumption_stands_where_the_table_says():
    listed = rows((DOCS / "methode.md").read_text("utf-8"), "assumptions")
    for row in listed:
        for place in row["waar"].split("; "):
            file, _, name = place.partition(": ")
            if "/" in file:
                assert name in (ROOT / file).read_text("utf-8"), place
        assert row["waarde"] not in {"", "–", "0,00"}, row
        assert row["waarom"], row


def test_numbers_of_the_code_are_those_of_the_code():
    from importlib import import_module

    listed = rows((DOCS / "methode.md").read_text("utf-8"), "constants")
    assert len(listed) >= 10
    for row in listed:
        file, name = row["waar"].split(": ")
        module = file.removesuffix(".py").replace("/", ".")
        value = getattr(import_module(f"kansenkaart.{module}"), name)
        assert float(row["waarde"]) == pytest.approx(value), row


def _called(name):
    from kansenkaart.processing_algorithms.language import help_text

    return help_text(name, "nl")["name"]


def test_examples_for_batch_are_sound():
    page = (DOCS / "batch.md").read_text("utf-8")
    blocks = dict(re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL))
    assert set(blocks) == {"toml", "bash", "python"}
    assert tomllib.loads(blocks["toml"])["detectclusters"]["DISTANCE"] == 800
    compile(blocks["python"], "maps.py", "exec")
    subprocess.run(["bash", "-n"], input=blocks["bash"], text=True, check=True)


def test_links_lead_somewhere():
    for page in told():
        content = page.read_text("utf-8")
        for target in LINK.findall(content):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
        for anchor in ANCHOR.findall(content):
            assert anchor in anchors(content), f"{page.name}: #{anchor}"


def test_every_picture_is_there_and_used():
    """A page names each picture, and none that is not there."""
    named = {
        (page.parent / target).resolve()
        for page in told()
        for target in LINK.findall(page.read_text("utf-8"))
        if target.endswith(".png")
    }
    assert named == set((DOCS / "images").rglob("*.png"))


def test_every_step_of_the_manual_has_a_picture():
    manual = (DOCS / "handleiding.md").read_text("utf-8")
    steps = re.split(r"^### ", manual, flags=re.MULTILINE)[1:]
    without = [step.splitlines()[0] for step in steps if "](images/" not in step]
    assert without == ["3. Maak de kaart"], "own layers go on as the province does"


def test_pictures_of_the_manual_are_those_of_the_walk():
    scripts = ROOT.glob("dev/desktop_*.py")
    code = "".join(path.read_text("utf-8") for path in scripts)
    taken = set(re.findall(r'"((?:manual|own)_\d_\w+)"', code))
    manual = (DOCS / "handleiding.md").read_text("utf-8")
    assert set(re.findall(r"images/(\w+)\.png", manual)) == taken
    for name in taken:
        assert (DOCS / "images" / f"{name}.png").stat().st_size < 200_000, name


def told():
    """All pages that somebody reads."""
    return [*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


def anchors(content):
    """What a page's own links may point at: its headings, as they are linked to."""
    headings = re.findall(r"^#+ (.+)$", content, re.MULTILINE)
    words = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings)
    return {each.replace(" ", "-") for each in words}


def test_files_that_contributing_names_are_there():
    told = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    floors = "analysis|processing_algorithms|resources|test"
    named = re.findall(rf"`((?:{floors})/[^`\s<>*]+)", told)
    assert len(named) > 40
    missing = [path for name in named for path in spread(name) if not path.exists()]
    assert not missing


def spread(name):
    """Paths behind a name, its braces spread out as a shell does."""
    before, brace, rest = name.partition("{")
    words, _, after = rest.partition("}")
    chosen = words.split(",") if brace else [""]
    return [ROOT / f"{before}{word}{after}" for word in chosen]
