"""From what the user and a preset name to the columns of one source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..errors import RefusalError
from ..presets import Preset
from .roles import ROLES, Field, Role


@dataclass(frozen=True)
class Mapping:
    """What the fields of a canonical layer are made from.

    Attributes
    ----------
    role
        Role of the layer.
    columns
        Source column by parameter, as named by the user or the preset.
    constants
        Fixed value by parameter.
    values
        By parameter: canonical value by source value.
    factors
        By parameter: what to multiply by to reach the canonical unit.
    nulls
        Values that mean "unknown".
    leave_out, keep
        By column: values that are left out; values that alone are kept.
    outlines
        Whether areas stand for lines: their outline is taken.
    """

    role: str
    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)
    nulls: tuple[str | float, ...] = ()
    leave_out: dict[str, list] = field(default_factory=dict)
    keep: dict[str, list] = field(default_factory=dict)
    outlines: bool = False


def mapping_for(
    role: str, preset: Preset | None, parameters: dict[str, str | None]
) -> Mapping:
    """Combine a preset with what the user names; the user's choice counts.

    A constant that the user gives replaces the column of the preset for that field,
    and the other way round. Value maps, factors and null tokens of the preset stay:
    they tell how the source writes, whatever its columns are called.

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
    return Mapping(role, columns, constants, **_of_preset(preset))


def find_column(name: str, available: Iterable[str]) -> str | None:
    """Return the column of that name, else the only one that differs in case."""
    names = list(available)
    if name in names:
        return name
    alike = [other for other in names if other.casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None


def named_column(name: str, parameter: str, available: Iterable[str]) -> str:
    """Return the column that was named for a parameter.

    Raises
    ------
    RefusalError
        If the source has no such column.
    """
    names = list(available)
    column = find_column(name, names)
    if column is None:
        raise RefusalError(
            "prepare.field_missing",
            field=name,
            parameter=parameter,
            available=", ".join(names) or "–",
        )
    return column


def _of_preset(preset: Preset | None) -> dict:
    """Entries of a preset that pass to the mapping as they are."""
    if preset is None:
        return {}
    names = ("values", "factors", "nulls", "leave_out", "keep", "outlines")
    return {name: getattr(preset, name) for name in names}


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
    for key in ("fields", "constants", "values", "factors"):
        for name in getattr(preset, key):
            if name not in schema.parameters:
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
