"""From what the user and a preset name to the columns of one source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..errors import RefusalError
from ..presets import Preset
from ..size_classes import read_size_class
from ..texts import text
from .ledger import Note
from .roles import ROLES, Field, Role

PASSED_ON = (
    "patterns", "values", "factors", "nulls", "leave_out", "keep", "outlines",
    "centres",
)  # fmt: skip
"""Entries of a preset that pass to the mapping as they are."""


@dataclass(frozen=True)
class Mapping:
    """What the fields of a canonical layer are made from.

    Attributes
    ----------
    role
        Role of the layer.
    columns
        By parameter: source column as named by the user or the preset, or the names
        it may have, of which the first that exists is taken.
    fallbacks
        Second column by parameter, for rows in which the first is empty.
    constants
        Fixed value by parameter.
    patterns
        By parameter: regular expression whose group is the value.
    values
        By parameter: canonical value by source value.
    factors
        By parameter: what to multiply by to reach the canonical unit.
    nulls
        Values that mean "unknown".
    leave_out, keep
        By column or parameter: values that are left out; values that alone are kept.
    selectors
        Columns by parameter for these two, whether or not a constant of the user
        replaces them.
    outlines
        Whether areas stand for lines: their outline is taken.
    centres
        Whether lines and areas stand for points: one point on each is taken.
    optional
        Parameters whose column may be absent.
    preset
        Name of the preset.
    unseen
        Parameters that a preset names whose field names nobody has seen.
    """

    role: str
    columns: dict[str, str | list[str]] = field(default_factory=dict)
    fallbacks: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    patterns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)
    nulls: tuple[str | float, ...] = ()
    leave_out: dict[str, list] = field(default_factory=dict)
    keep: dict[str, list] = field(default_factory=dict)
    selectors: dict[str, str | list[str]] = field(default_factory=dict)
    outlines: bool = False
    centres: bool = False
    optional: frozenset[str] = frozenset()
    preset: str = ""
    unseen: tuple[str, ...] = ()


def mapping_for(
    role: str, preset: Preset | None, parameters: dict[str, str | None]
) -> Mapping:
    """Combine a preset with what the user names; the user's choice counts.

    A constant that the user gives replaces the column of the preset for that field,
    and the other way round. Value maps, patterns, factors and null tokens of the
    preset stay: they tell how the source writes, whatever its columns are called.

    Parameters
    ----------
    role
        Role of the layer in lower case, e.g. ``zones``.
    preset
        Preset of the source, or None for a layer with canonical names.
    parameters
        Column or constant by parameter (``JOBS_FIELD``, ``KIND``, ``CODE_LIST``);
        None and empty texts count as not given.

    Raises
    ------
    RefusalError
        If a parameter is unknown to the role or a constant is not among its choices.
    """
    schema = ROLES[role]
    given = {name: value for name, value in parameters.items() if value}
    _refuse_unknown(schema, given)
    columns, constants = {}, {}
    if preset is not None:
        _check_preset(schema, preset)
        columns, constants = dict(preset.fields), dict(preset.constants)
        if preset.code_list:
            constants["CODE_LIST"] = preset.code_list
    fixed = {entry.constant: entry for entry in schema.fields if entry.constant}
    selectors = columns | {name: given[name] for name in given if name not in fixed}
    for entry in fixed.values():
        if entry.constant in given:
            columns.pop(entry.parameter, None)
        if entry.parameter in given:
            constants.pop(entry.constant, None)
    for name, value in given.items():
        (constants if name in fixed else columns)[name] = value
    for name, value in constants.items():
        if name in fixed:
            _check_choice(fixed[name], value, name)
    kept = [name for name in columns if name not in given]
    return Mapping(
        role,
        columns,
        constants=constants,
        selectors=selectors,
        **_of_preset(preset, kept),
    )


def find_column(name: str, available: Iterable[str]) -> str | None:
    """Return the column of that name, else the only one that differs in case."""
    names = list(available)
    if name in names:
        return name
    alike = [other for other in names if other.casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None


def columns_of(mapping: Mapping, parameter: str, available: Iterable[str]) -> list[str]:
    """Return the columns that a parameter is read from: none, one, or a second too.

    The second is for the rows in which the first is empty.

    Raises
    ------
    RefusalError
        If the source lacks a column that was named and may not be absent.
    """
    names = list(available)
    wanted = [mapping.columns.get(parameter), mapping.fallbacks.get(parameter)]
    asked = [_listed(entry) for entry in wanted if entry is not None]
    found = []
    for candidates in asked:
        column = _first_column(candidates, names)
        if column is not None:
            found.append(column)
        elif parameter not in mapping.optional:
            raise _missing(candidates, parameter, names)
    return found


def selecting_column(
    mapping: Mapping, name: str, key: str, available: Iterable[str]
) -> str | None:
    """Return the column that ``keep`` or ``leave_out`` looks at.

    Raises
    ------
    RefusalError
        If the source lacks it; only what would be left out may be absent, from a
        source of which that is known or nothing has been seen.
    """
    names = list(available)
    candidates = _listed(mapping.selectors.get(name, name))
    column = _first_column(candidates, names)
    may_lack = mapping.unseen or name in mapping.optional
    if column is None and not (key == "leave_out" and may_lack):
        raise _missing(candidates, key, names)
    return column


def remarks(mapping: Mapping, available: Iterable[str], language: str) -> list[Note]:
    """Say what a preset took from where, and what it looked for in vain.

    Of a preset whose field names were not seen everything is said, for the user to
    check, until the user has named all columns. Of other presets only what is absent.
    """
    names = list(available)
    taken, absent = [], []
    for parameter in mapping.columns:
        wanted = _listed(mapping.columns[parameter])
        field_name = _field_name(mapping.role, parameter, language)
        found = columns_of(mapping, parameter, names)
        if not found and parameter in mapping.optional:
            absent.append(f"{field_name} ({', '.join(wanted)})")
        elif parameter in mapping.unseen:
            taken.append(f"{field_name} ← {' / '.join(found)}")
    for name in mapping.leave_out if mapping.unseen else ():
        if selecting_column(mapping, name, "leave_out", names) is None:
            absent.append(name)
    values = {
        "preset": mapping.preset,
        "taken": "; ".join(taken),
        "absent": "; ".join(absent),
    }
    if taken:
        key = "preset_unseen_absent" if absent else "preset_unseen"
        return [(f"prepare.note.{key}", values)]
    return [("prepare.note.preset_absent", values)] if absent else []


def _listed(names: str | list[str]) -> list[str]:
    """Return one name or several as a list."""
    return [names] if isinstance(names, str) else list(names)


def _first_column(candidates: list[str], available: list[str]) -> str | None:
    """Return the first of the candidates that the source has."""
    found = (find_column(name, available) for name in candidates)
    return next((column for column in found if column is not None), None)


def _missing(names: list[str], parameter: str, available: list[str]) -> RefusalError:
    """Say that the source has none of the columns."""
    return RefusalError(
        "prepare.field_missing",
        field=" / ".join(names),
        parameter=parameter,
        available=", ".join(available) or "–",
    )


def _field_name(role: str, parameter: str, language: str) -> str:
    """Name of the field that a parameter gives the column of."""
    by_parameter = {entry.parameter: entry.name for entry in ROLES[role].fields}
    name = by_parameter.get(parameter, ROLES[role].id_name)
    return text(f"fields.{name}", language)


def _of_preset(preset: Preset | None, kept: list[str]) -> dict:
    """Entries of a preset that hold for the parameters that the user left to it."""
    if preset is None:
        return {}
    unseen = () if preset.fields_seen else tuple(kept)
    entries = {name: getattr(preset, name) for name in PASSED_ON}
    fallbacks = {
        name: column for name, column in preset.fallbacks.items() if name in kept
    }
    optional = frozenset(unseen) | (frozenset(preset.optional) & frozenset(kept))
    return entries | {
        "fallbacks": fallbacks,
        "optional": optional,
        "preset": preset.name,
        "unseen": unseen,
    }


def _refuse_unknown(schema: Role, given: dict[str, str]) -> None:
    """Refuse parameters that the role does not have."""
    for name in given:
        if name not in schema.parameters:
            raise RefusalError(
                "prepare.parameter_unknown",
                parameter=name,
                available=", ".join(schema.parameters),
            )


def _check_preset(schema: Role, preset: Preset) -> None:
    """Refuse parameters and values of a preset that the role does not have."""
    by_parameter = {entry.parameter: entry for entry in schema.fields}
    fields = {"ID_FIELD", *by_parameter}
    known = {
        "constants": {entry.constant for entry in schema.fields if entry.constant},
        "values": set(by_parameter),
        "factors": set(by_parameter),
        "fields": fields,
        "optional": fields,
        "patterns": fields,
        "fallbacks": fields & set(preset.fields),
    }
    for key, names in known.items():
        for name in getattr(preset, key):
            if name not in names:
                raise RefusalError(
                    "prepare.preset_key_unknown",
                    preset=preset.name,
                    name=f"{key}.{name}",
                )
    for name, values in preset.values.items():
        for value in values.values():
            _check_choice(by_parameter[name], value, f"{name} ({preset.name})")


def _check_choice(entry: Field, value: str, parameter: str) -> None:
    """Refuse a value that the field cannot have."""
    parts = value.split(";") if entry.reader == "choices" else [value]
    for part in parts if entry.choices else ():
        if part.strip() not in entry.choices:
            raise RefusalError(
                "prepare.choice_unknown",
                value=part,
                parameter=parameter,
                available=", ".join(entry.choices),
            )
    if entry.reader == "size_class" and read_size_class(value) is None:
        raise RefusalError(
            "prepare.size_class_unknown", value=value, parameter=parameter
        )
