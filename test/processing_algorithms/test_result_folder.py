"""The result stands as a whole, or the old one does."""

import pytest
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.processing_algorithms.maps import result_folder
from kansenkaart.processing_algorithms.maps.result_folder import ResultFolder


def fill(folder, content):
    (folder / "rapport.html").write_text(content, "utf-8")
    (folder / "run.json").write_text("{}", "utf-8")


def content(folder):
    return (folder / "rapport.html").read_text("utf-8")


@pytest.fixture
def target(tmp_path):
    return tmp_path / "kaart"


def neighbours(target):
    return sorted(path.name for path in target.parent.iterdir())


def test_new_result(target):
    with ResultFolder(target) as folder:
        fill(folder.work, "een")
        assert folder.finish() == target
    assert content(target) == "een"
    assert neighbours(target) == ["kaart"]


def test_replaces_the_old_one(target):
    for text in ("een", "twee"):
        with ResultFolder(target) as folder:
            fill(folder.work, text)
            folder.finish()
    assert content(target) == "twee"
    assert neighbours(target) == ["kaart"]


def test_a_run_that_fails_leaves_the_old_one(target):
    with ResultFolder(target) as folder:
        fill(folder.work, "een")
        folder.finish()
    with pytest.raises(RuntimeError), ResultFolder(target) as folder:
        fill(folder.work, "half")
        raise RuntimeError
    assert content(target) == "een"
    assert neighbours(target) == ["kaart"]


def test_two_at_once(target):
    with (
        ResultFolder(target),
        pytest.raises(RefusalError) as refused,
        ResultFolder(target),
    ):
        pass
    assert refused.value.key == "messages.folder_busy"


@pytest.mark.parametrize("stranger", ["notities.txt", "kansenkaart.gpkg"])
def test_other_things_are_left_alone(target, stranger):
    target.mkdir()
    (target / stranger).write_text("van iemand", "utf-8")
    with pytest.raises(RefusalError) as refused, ResultFolder(target):
        pass
    assert refused.value.key == "messages.folder_foreign"
    assert (target / stranger).read_text("utf-8") == "van iemand"
    # A refusal does not keep others out.
    (target / stranger).unlink()
    with ResultFolder(target):
        pass


def test_a_file_added_to_a_result_is_left_alone(target):
    with ResultFolder(target) as folder:
        fill(folder.work, "een")
        folder.finish()
    (target / "mijn_notities.docx").write_text("x", "utf-8")
    with pytest.raises(RefusalError), ResultFolder(target):
        pass
    assert content(target) == "een"


@pytest.mark.parametrize("ending", [".old", ".new"])
def test_finishes_what_was_interrupted(target, ending):
    """Killed between the two renames: only a complete neighbour is left."""
    left = target.with_name(target.name + ending)
    left.mkdir()
    fill(left, "compleet")
    with pytest.raises(RuntimeError), ResultFolder(target):
        assert content(target) == "compleet"
        raise RuntimeError
    assert content(target) == "compleet"
    assert neighbours(target) == ["kaart"]


def test_clears_what_was_not_complete(target):
    left = target.with_name("kaart.new")
    left.mkdir()
    (left / "rapport.html").write_text("half", "utf-8")
    with ResultFolder(target) as folder:
        assert not any(folder.work.iterdir())
        fill(folder.work, "een")
        folder.finish()
    assert content(target) == "een"


@pytest.fixture
def held(target, monkeypatch):
    """Have the system refuse, as Windows does while a program reads in a folder.

    Given are what no rename may begin with or lead to, and how often it is refused.
    """
    path_type = type(target)
    rename = path_type.rename
    monkeypatch.setattr(result_folder, "PAUSES", (0, 0))

    def hold(ending, times=1000):
        refusals = [None] * times

        def moved(self, new):
            if ending in (self.suffix, new.suffix) and refusals:
                refusals.pop()
                raise PermissionError("in use")
            return rename(self, new)

        monkeypatch.setattr(path_type, "rename", moved)

    return hold


def test_a_scanner_is_waited_for(target, held):
    with ResultFolder(target) as folder:
        fill(folder.work, "een")
        held(".new", times=2)
        assert folder.finish() == target
    assert content(target) == "een"
    assert neighbours(target) == ["kaart"]


def test_a_result_that_can_not_be_moved_stays_where_it_is(target, held):
    with ResultFolder(target) as folder:
        fill(folder.work, "een")
        folder.finish()
    with ResultFolder(target) as folder:
        fill(folder.work, "twee")
        held(".new")
        with pytest.raises(RefusalError) as refused:
            folder.finish()
    assert refused.value.key == "messages.folder_held"
    assert content(target) == "een"
    assert content(target.with_name("kaart.new")) == "twee"
    assert neighbours(target) == ["kaart", "kaart.new"]


def test_target_in_use(target, held):
    with ResultFolder(target) as folder:
        fill(folder.work, "een")
        folder.finish()
    held(".old")
    with ResultFolder(target) as folder:
        fill(folder.work, "twee")
        assert folder.finish().name == "kaart 2"
    assert content(target) == "een"
    assert content(target.with_name("kaart 2")) == "twee"
