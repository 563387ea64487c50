"""A file takes its place when it is complete."""

import pytest
from kansenkaart.processing_algorithms.whole_file import written_whole


def test_it_takes_its_place(tmp_path):
    path = tmp_path / "demo.gpkg"
    path.write_text("old", "utf-8")
    with written_whole(path) as unfinished:
        unfinished.write_text("new", "utf-8")
        assert unfinished.suffix == path.suffix
        assert path.read_text("utf-8") == "old"
    assert path.read_text("utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_stands_there_stays_when_writing_fails(tmp_path):
    path = tmp_path / "demo.gpkg"
    path.write_text("old", "utf-8")
    with pytest.raises(RuntimeError), written_whole(path) as unfinished:
        unfinished.write_text("half", "utf-8")
        raise RuntimeError
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
