"""Reading the data files that lie in ``resources``."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "resources"


def resource_path(*parts: str) -> Path:
    """Path of a file or folder inside ``resources``."""
    return ROOT.joinpath(*parts)


@cache
def read_toml(*parts: str) -> dict:
    """Content of a TOML file in ``resources``; read once, so do not change it."""
    with resource_path(*parts).open("rb") as file:
        return tomllib.load(file)


@cache
def read_csv(*parts: str) -> tuple[dict[str, str], ...]:
    """Rows of a ``;``-separated UTF-8 file in ``resources``, as texts by column."""
    with resource_path(*parts).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file, delimiter=";"))
