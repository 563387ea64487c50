"""The built ZIP against what QGIS's plugin repository asks of it."""

import json
import re
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path
from urllib.parse import urlparse

import pytest

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 25_000_000
SMALL = 2_000_000
"""What we keep to ourselves; it is half of it."""
FOLDERS = {"analysis", "kansenkaart_plugin", "processing_algorithms", "resources"}
FILES = {"LICENSE", "README.md", "CHANGELOG.md", "metadata.txt", "__init__.py"}
KINDS = {".py", ".toml", ".csv", ".j2", ".css", ".svg", ".md", ".txt", ".model3"}
MANDATORY = (
    "name",
    "description",
    "version",
    "qgisMinimumVersion",
    "author",
    "email",
    "about",
    "tracker",
    "repository",
)
ADDRESSES = ("tracker", "repository", "homepage")
TAKEN_FOR_EMPTY = {"http://bugs", "http://repo", "http://homepage"}
BOOLEANS = ("experimental", "deprecated", "hasProcessingProvider")
REMOVED = ("supportsQt6", "external_deps", "class_name")
PLACEHOLDER = "example.org"


@pytest.fixture(scope="module")
def names(package):
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        return archive.namelist()


@pytest.fixture(scope="module")
def metadata(package):
    """The metadata, read as the repository does: names as they are, % interpolated."""
    parser = ConfigParser()
    parser.optionxform = str
    with zipfile.ZipFile(package) as archive:
        parser.read_string(archive.read("kansenkaart/metadata.txt").decode("utf-8"))
    return dict(parser.items("general"))


def test_is_small(package):
    assert package.stat().st_size <= SMALL < LARGEST


def test_is_one_folder_with_a_name_of_python(names):
    # The repository takes the folder from the first name.
    assert names[0] == "kansenkaart/"
    assert names[0].rstrip("/").isidentifier()
    assert {name.split("/")[0] for name in names} == {"kansenkaart"}
    assert len(names) == len(set(names))


def test_holds_what_is_needed_and_nothing_else(names):
    inside = [name.removeprefix("kansenkaart/") for name in names[1:]]
    assert {name.split("/")[0] for name in inside} == FOLDERS | FILES
    files = [name for name in inside if not name.endswith("/")]
    assert {Path(name).suffix for name in files if name != "LICENSE"} <= KINDS


def test_holds_all_that_is_tracked(names):
    """What .gitattributes leaves out is named above; nothing else gets lost."""
    listed = ["git", "ls-tree", "-r", "--name-only", "HEAD", "--", *FOLDERS, *FILES]
    done = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True)
    tracked = {f"kansenkaart/{name}" for name in done.stdout.splitlines()}
    assert tracked == {name for name in names if not name.endswith("/")}


def test_names_are_allowed(names):
    for name in names:
        assert re.fullmatch(r"[A-Za-z0-9_./ -]+", name), name
        assert ".." not in name, name
        assert not name.startswith("/"), name
        # Caches, version control, what macOS and Windows leave behind, ignore files.
        assert not any(part.startswith((".", "__p", "__M")) for part in name.split("/"))
        # Windows knows no case, and allows 260 characters with the profile before it.
        assert len(name) < 120, name
    assert len({name.lower() for name in names}) == len(names)


def test_files_are_what_their_name_says(package):
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            text = archive.read(entry).decode("utf-8")
            assert "\0" not in text, entry.filename
            assert not text.startswith("#!"), entry.filename
            # Neither executable nor a link.
            assert entry.external_attr >> 16 in (0, 0o100644, 0o40755), entry.filename


def test_metadata_is_complete(metadata):
    assert not [key for key in MANDATORY if not metadata.get(key, "").strip()]
    assert not set(REMOVED) & set(metadata)
    assert metadata["name"] == "Kansenkaart"
    assert metadata["description"].isascii(), "the repository wants English"
    assert "/" not in metadata["author"]
    assert re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]+", metadata["email"])
    assert all(metadata[key] in ("True", "False", "yes") for key in BOOLEANS)
    assert metadata["hasProcessingProvider"] == "yes"
    tags = metadata["tags"].split(",")
    assert tags == [tag.strip().lower() for tag in tags]


def test_versions_are_numbers(metadata, package):
    assert re.fullmatch(r"\d+\.\d+\.\d+", metadata["version"])
    assert package.name == f"kansenkaart-{metadata['version']}.zip"
    assert f"## {metadata['version']}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
    lowest, highest = metadata["qgisMinimumVersion"], metadata["qgisMaximumVersion"]
    assert (lowest, highest) == ("3.40", "4.99")


def test_icon_is_there(metadata, names):
    assert f"kansenkaart/{metadata['icon']}" in names


def test_addresses_are_well_formed(metadata):
    for key in ADDRESSES:
        address = urlparse(metadata[key])
        assert address.scheme == "https", key
        assert address.netloc, key
        assert metadata[key] not in TAKEN_FOR_EMPTY


def test_placeholders_stand_in_one_list(metadata, unpacked):
    listed = dict(
        re.findall(
            r"^ *\| `(\w+)` \| (\S+) \|", (ROOT / "docs/release.md").read_text(), re.M
        )
    )
    assert listed == {key: metadata[key] for key in listed}
    assert set(listed) == {"author", "email", *ADDRESSES}
    held = [
        path.name
        for path in unpacked.rglob("*")
        if path.is_file() and PLACEHOLDER in path.read_text("utf-8")
    ]
    assert held == ["metadata.txt"]


def findings_of_bandit(folder):
    """Whatever its weight, and whatever a comment lets pass."""
    command = [sys.executable, "-m", "bandit", "--ignore-nosec", "-q", "-f", "json"]
    done = subprocess.run(
        [*command, "-r", "."], cwd=folder, check=False, capture_output=True, text=True
    )
    report = json.loads(done.stdout)
    assert report["errors"] == []
    scanned = [name for name in report["metrics"] if name.endswith(".py")]
    assert len(scanned) == len(list(folder.rglob("*.py")))
    return [f"{row['filename']}: {row['test_id']}" for row in report["results"]]


def findings_of_detect_secrets(folder):
    """Without asking anyone whether what looks like a secret is one."""
    command = [sys.executable, "-m", "detect_secrets", "scan", "--no-verify"]
    done = subprocess.run(
        [*command, "--all-files", "."],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(done.stdout)["results"]
    return [f"{name}: {row['type']}" for name, rows in found.items() for row in rows]


def test_bandit_finds_nothing(unpacked):
    assert findings_of_bandit(unpacked) == []


def test_detect_secrets_finds_nothing(unpacked):
    assert findings_of_detect_secrets(unpacked) == []
    for path in unpacked.rglob("*.py"):
        assert "allowlist" not in path.read_text("utf-8"), path


def test_scanners_find_what_is_planted(tmp_path):
    key = "AKIA" + "Q3EGRZ7LW5TXK2NB"
    (tmp_path / "planted.py").write_text(f"place = '{key}'\nexec(place)  # nosec\n")
    assert findings_of_bandit(tmp_path) == ["./planted.py: B102"]
    assert "planted.py: AWS Access Key" in findings_of_detect_secrets(tmp_path)
