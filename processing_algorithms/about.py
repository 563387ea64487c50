"""What the plugin says of itself; ``metadata.txt`` is the single truth."""

from __future__ import annotations

from configparser import ConfigParser
from functools import cache
from pathlib import Path


@cache
def plugin_version() -> str:
    """Version of the plugin."""
    parser = ConfigParser()
    parser.read(Path(__file__).resolve().parent.parent / "metadata.txt", "utf-8")
    return parser["general"]["version"]
