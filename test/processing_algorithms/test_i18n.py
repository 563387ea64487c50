"""The catalogue of words is complete, and says so where it is not."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "dev"))

import i18n


@pytest.fixture(scope="module")
def languages():
    return i18n.words("en"), i18n.words("nl")


def messages(source, target):
    """Source, comment and translation of every message of the catalogue."""
    return [
        {each.tag: each for each in message}
        for message in i18n.catalogue(source, target).iter("message")
    ]


def test_nothing_is_unfinished(languages):
    english, dutch = languages
    assert i18n.unfinished(english, dutch) == []
    found = messages(english, dutch)
    assert len(found) == len(english) > 2000
    assert {each["translation"].get("type") for each in found} == {None}
    assert {each["source"].text for each in found} == set(english.values())
    assert {each["translation"].text for each in found} == set(dutch.values())


def test_a_missing_word_is_told(languages):
    english, dutch = languages
    place = ("texts/messages", ".groups.data")
    fewer = {key: said for key, said in dutch.items() if key != place}
    assert len(fewer) == len(dutch) - 1
    assert i18n.unfinished(english, fewer) == [place]
    (unfinished,) = [
        each for each in messages(english, fewer) if each["translation"].get("type")
    ]
    assert unfinished["source"].text == english[place]
    assert unfinished["comment"].text == "groups.data"
