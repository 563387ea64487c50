"""Presets: how the fields of a known source become those of a canonical layer."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .errors import RefusalError
from .resources import resource_path
from .texts import text


@dataclass(frozen=True)
class Preset:
    """What is known of one source, as its TOML file says.

    Attributes
    ----------
    name
        Name of the file, without its ending.
    title_nl, title_en, source
        Name in both languages; owner, dataset, version and licence of the source, and
        where its field names were seen.
    fields_seen
        Whether the field names were seen in the data or its documentation.
    crs
        CRS to work in when the source is geographic, e.g. ``EPSG:28992``.
    code_list
        List its activity codes come from.
    outlines
        Areas stand for lines: their outline is taken (banks of a river).
    centres
        Lines and areas stand for points: one point on each is taken.
    fields
        Source column by parameter (``ID_FIELD = "uwwCode"``), or the names it may
        have, of which the first that the source has is taken.
    fallbacks
        Second column by parameter, for the rows in which the first is empty.
    optional
        Parameters whose column the source does not always have.
    patterns
        By parameter: regular expression whose group is the value.
    constants
        Fixed value by parameter (``KIND = "wwtp"``).
    values
        By parameter: canonical value by source value.
    factors
        By parameter: what to multiply by to reach the canonical unit.
    nulls
        Texts and numbers that mean "unknown" in the mapped columns.
    leave_out, keep
        By column or parameter: values that are left out; values that alone are kept.
        An empty text stands for "no value".
    """

    name: str
    title_nl: str
    title_en: str
    source: str
    fields_seen: bool
    crs: str | None = None
    code_list: str | None = None
    outlines: bool = False
    centres: bool = False
    fields: dict[str, str | list[str]] = field(default_factory=dict)
    fallbacks: dict[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    patterns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)
    nulls: tuple[str | float, ...] = ()
    leave_out: dict[str, list] = field(default_factory=dict)
    keep: dict[str, list] = field(default_factory=dict)

    def title(self, language: str) -> str:
        """Name in ``nl`` or ``en``, with a mark where the fields were not seen."""
        title = {"nl": self.title_nl, "en": self.title_en}[language]
        if self.fields_seen:
            return title
        return text("prepare.title_unseen", language, title=title)


TEXTS = ("title_nl", "title_en", "source")
SCALAR = (str, int, float)
Kind = type | tuple[type, ...]
KINDS: dict[str, Kind] = {
    **dict.fromkeys((*TEXTS, "crs", "code_list"), str),
    **dict.fromkeys(("fields_seen", "outlines", "centres"), bool),
    **dict.fromkeys(("fields", "fallbacks", "patterns", "constants", "values"), dict),
    **dict.fromkeys(("factors", "leave_out", "keep"), dict),
    **dict.fromkeys(("nulls", "optional"), list),
}
# What the entries of the tables and lists are.
ENTRIES: dict[str, Kind] = {
    "fields": (str, list),
    **dict.fromkeys(("fallbacks", "patterns", "constants", "optional"), str),
    "values": dict,
    "factors": (int, float),
    "leave_out": list,
    "keep": list,
    "nulls": SCALAR,
}
# What the entries of those entries are.
ITEMS: dict[str, Kind] = {
    "fields": str,
    "values": str,
    "leave_out": SCALAR,
    "keep": SCALAR,
}
PATTERN_LENGTH = 200
# A repeated group can take for ever on one cell; a reference to a group as well.
SLOW = re.compile(r"\)[*+?{]|\\[1-9]|\(\?[P(]")


def preset_ids(role: str) -> list[str]:
    """Ids of the presets of a role, sorted."""
    return sorted(path.stem for path in resource_path("presets", role).glob("*.toml"))


@cache
def presets(role: str) -> dict[str, dict[str, str]]:
    """Title per language (``nl``, ``en``) of each preset of a role, by its id.

    Read once, so do not change it.
    """
    loaded = {name: load_preset(role, name) for name in preset_ids(role)}
    return {
        name: {language: preset.title(language) for language in ("nl", "en")}
        for name, preset in loaded.items()
    }


def load_preset(role: str, id_or_path: str) -> Preset:
    """Read a preset that is shipped or that the user wrote.

    Parameters
    ----------
    role
        Role of the layer in lower case, e.g. ``zones``.
    id_or_path
        Id of a shipped preset, or path of a TOML file of the same form.

    Raises
    ------
    RefusalError
        If there is no such preset, it cannot be read, or it has a key that is
        unknown, missing or of the wrong kind.
    """
    if id_or_path in preset_ids(role):
        path = resource_path("presets", role, f"{id_or_path}.toml")
    else:
        path = Path(id_or_path)
    if path.suffix.lower() != ".toml" or not path.is_file():
        raise RefusalError(
            "prepare.preset_missing",
            preset=id_or_path,
            available=", ".join(preset_ids(role)) or "–",
        )
    content = _read(path)
    _check(content, path.name)
    lists = {key: tuple(content.pop(key, ())) for key in ("nulls", "optional")}
    return Preset(name=path.stem, **lists, **content)


def _read(path: Path) -> dict:
    """Content of a TOML file, with or without a byte order mark."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise RefusalError(
            "prepare.preset_unreadable", preset=path.name, error=str(error)
        ) from error


def _check(content: dict, name: str) -> None:
    """Refuse keys that are unknown, missing or of the wrong kind."""
    for key, value in content.items():
        if key not in KINDS:
            raise RefusalError("prepare.preset_key_unknown", preset=name, name=key)
        _check_kind(value, KINDS[key], key, name)
        for label, entry in _entries(value) if key in ENTRIES else ():
            _check_kind(entry, ENTRIES[key], f"{key}.{label}", name)
            for _, item in _entries(entry) if key in ITEMS else ():
                _check_kind(item, ITEMS[key], f"{key}.{label}", name)
    for key in (*TEXTS, "fields_seen"):
        if key not in content:
            raise RefusalError("prepare.preset_key_missing", preset=name, name=key)
    for label, names in content.get("fields", {}).items():
        if not names:
            raise RefusalError(
                "prepare.preset_key_wrong", preset=name, name=f"fields.{label}"
            )
    for label, factor in content.get("factors", {}).items():
        if not 0 < factor < math.inf:
            raise RefusalError(
                "prepare.preset_key_wrong", preset=name, name=f"factors.{label}"
            )
    for label, pattern in content.get("patterns", {}).items():
        _check_pattern(pattern, f"patterns.{label}", name)


def _entries(value: object) -> list[tuple[str, object]]:
    """Entries of a table by their name, of a list by their content."""
    if isinstance(value, dict):
        return list(value.items())
    return [(str(item), item) for item in value] if isinstance(value, list) else []


def _check_kind(value: object, kind: Kind, label: str, name: str) -> None:
    """Refuse a value of the wrong kind; a yes or no is no number."""
    wrong = isinstance(value, bool) and kind is not bool
    if wrong or not isinstance(value, kind):
        raise RefusalError("prepare.preset_key_wrong", preset=name, name=label)


def _check_pattern(pattern: str, label: str, name: str) -> None:
    """Refuse a regular expression that is no anchored one with a single group."""
    try:
        groups = re.compile(pattern).groups
    except re.error:
        groups = 0
    anchored = pattern.startswith("^") and len(pattern) <= PATTERN_LENGTH
    if groups != 1 or not anchored or SLOW.search(pattern):
        raise RefusalError("prepare.preset_pattern_wrong", preset=name, name=label)
