"""Presets: how the fields of a known source become those of a canonical layer."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from .errors import RefusalError
from .resources import resource_path


@dataclass(frozen=True)
class Preset:
    """What is known of one source, as its TOML file says.

    Attributes
    ----------
    name
        Name of the file, without its ending.
    title_nl, title_en, source
        Name in both languages; owner, version and licence of the source.
    fields_seen
        Whether the field names were seen in the data or its documentation.
    crs
        CRS to work in when the source is geographic, e.g. ``EPSG:28992``.
    code_list
        List its activity codes come from.
    outlines
        Areas stand for lines: their outline is taken (banks of a river).
    fields
        Source column by parameter (``ID_FIELD = "uwwCode"``).
    constants
        Fixed value by parameter (``KIND = "wwtp"``).
    values
        By parameter: canonical value by source value.
    factors
        By parameter: what to multiply by to reach the canonical unit.
    nulls
        Texts and numbers that mean "unknown" in the mapped columns.
    leave_out, keep
        By column: values that are left out; values that alone are kept.
    """

    name: str
    title_nl: str
    title_en: str
    source: str
    fields_seen: bool
    crs: str | None = None
    code_list: str | None = None
    outlines: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)
    nulls: tuple[str | float, ...] = ()
    leave_out: dict[str, list] = field(default_factory=dict)
    keep: dict[str, list] = field(default_factory=dict)


TEXTS = ("title_nl", "title_en", "source")
KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys((*TEXTS, "crs", "code_list"), str),
    **dict.fromkeys(("fields_seen", "outlines"), bool),
    **dict.fromkeys(
        ("fields", "constants", "values", "factors", "leave_out", "keep"), dict
    ),
    "nulls": list,
}
# What the entries of the tables are.
ENTRIES: dict[str, type | tuple[type, ...]] = {
    "fields": str,
    "constants": str,
    "values": dict,
    "factors": (int, float),
    "leave_out": list,
    "keep": list,
}


def preset_ids(role: str) -> list[str]:
    """Ids of the presets of a role, sorted."""
    return sorted(path.stem for path in resource_path("presets", role).glob("*.toml"))


def presets(role: str) -> dict[str, dict[str, str]]:
    """Title per language (``nl``, ``en``) of each preset of a role, by its id."""
    loaded = {name: load_preset(role, name) for name in preset_ids(role)}
    return {
        name: {"nl": preset.title_nl, "en": preset.title_en}
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
    nulls = tuple(content.pop("nulls", ()))
    return Preset(name=path.stem, nulls=nulls, **content)


def _read(path: Path) -> dict:
    """Content of a TOML file, with or without a byte order mark."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise RefusalError(
            "prepare.preset_unreadable", preset=path.name, error=str(error)
        ) from error


def _check(content: dict, name: str) -> None:
    """Refuse keys that are unknown, missing or of the wrong kind."""
    for key, value in content.items():
        if key not in KINDS:
            raise RefusalError("prepare.preset_key_unknown", preset=name, name=key)
        if not isinstance(value, KINDS[key]):
            raise RefusalError("prepare.preset_key_wrong", preset=name, name=key)
        for entry in value if key in ENTRIES else ():
            if not isinstance(value[entry], ENTRIES[key]):
                raise RefusalError(
                    "prepare.preset_key_wrong", preset=name, name=f"{key}.{entry}"
                )
    for key in (*TEXTS, "fields_seen"):
        if key not in content:
            raise RefusalError("prepare.preset_key_missing", preset=name, name=key)
