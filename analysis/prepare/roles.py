"""Canonical layers as data: their geometry, fields and how each field is read."""

from __future__ import annotations

from dataclasses import dataclass

from ..flows.tables import BASES, CARRIERS, DIRECTIONS, profiles
from ..vocabulary import (
    CONSTRAINT_KINDS,
    EFFECTS,
    FACILITY_KINDS,
    INITIATIVE_KINDS,
    MODES,
    ZONE_KINDS,
)


@dataclass(frozen=True)
class Field:
    """One field of a canonical layer.

    Attributes
    ----------
    name
        Canonical name; also the source column when nothing else is named.
    parameter
        Parameter that names the source column.
    reader
        How its values are read: a key of ``reading.READERS``.
    constant
        Parameter that gives all features one value.
    choices
        Values the field can have.
    default
        Value when there is neither a column nor a constant, and of values that are
        not understood.
    refusal
        Key of the sentence that refuses a layer without this field.
    """

    name: str
    parameter: str
    reader: str = "text"
    constant: str | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None
    refusal: str | None = None


@dataclass(frozen=True)
class Role:
    """A canonical layer: kind of geometry (point, line, polygon), id and fields."""

    geometry: str
    id_name: str
    fields: tuple[Field, ...]
    with_area: bool = False

    @property
    def parameters(self) -> tuple[str, ...]:
        """Parameters that say where fields come from."""
        constants = [field.constant for field in self.fields if field.constant]
        return ("ID_FIELD", *(field.parameter for field in self.fields), *constants)


NAME = Field("name", "NAME_FIELD")

ROLES = {
    "establishments": Role(
        "point",
        "est_id",
        (
            NAME,
            # Before the codes, which are read by it.
            Field("code_list", "CODE_LIST_FIELD", "code_list", "CODE_LIST"),
            Field(
                "sbi",
                "ACTIVITY_FIELD",
                "code",
                "ACTIVITY",
                refusal="prepare.activity_missing",
            ),
            Field("jobs", "JOBS_FIELD", "jobs"),
            # No field of the canonical layer: it gives jobs, and their bounds.
            Field("size_class", "SIZE_CLASS_FIELD", "size_class"),
            Field("jobs_low", "JOBS_LOW_FIELD", "amount"),
            Field("jobs_high", "JOBS_HIGH_FIELD", "amount"),
            Field("value_added_keur", "VALUE_ADDED_FIELD", "number"),
        ),
    ),
    "zones": Role(
        "polygon",
        "zone_id",
        (
            NAME,
            Field("kinds", "KIND_FIELD", "choices", "KIND", ZONE_KINDS, "other"),
            Field("available_ha", "AVAILABLE_FIELD", "amount"),
            Field("env_category", "ENV_CATEGORY_FIELD", "env_category"),
            Field("park_management", "PARK_MANAGEMENT_FIELD", "flag"),
        ),
        with_area=True,
    ),
    "infrastructure": Role(
        "line",
        "infra_id",
        (
            NAME,
            Field(
                "mode",
                "MODE_FIELD",
                "choice",
                "MODE",
                MODES,
                refusal="prepare.mode_missing",
            ),
            Field("class", "CLASS_FIELD"),
        ),
    ),
    "facilities": Role(
        "point",
        "facility_id",
        (
            NAME,
            Field("kind", "KIND_FIELD", "choice", "KIND", FACILITY_KINDS, "other"),
            Field("capacity", "CAPACITY_FIELD", "amount"),
            Field("unit", "UNIT_FIELD", constant="UNIT"),
        ),
    ),
    "regions": Role(
        "polygon",
        "region_id",
        (
            NAME,
            Field("population", "POPULATION_FIELD", "amount"),
            Field("centre_city", "CENTRE_CITY_FIELD", "flag"),
        ),
    ),
    "constraints": Role(
        "polygon",
        "constraint_id",
        (
            NAME,
            Field("kind", "KIND_FIELD", "choice", "KIND", CONSTRAINT_KINDS, "other"),
            Field("effect", "EFFECT_FIELD", "choice", "EFFECT", EFFECTS, "penalise"),
        ),
    ),
    "initiatives": Role(
        "point",
        "initiative_id",
        (
            NAME,
            Field("kind", "KIND_FIELD", "known_choice", "KIND", INITIATIVE_KINDS),
            Field("status", "STATUS_FIELD"),
            Field("source", "SOURCE_FIELD"),
        ),
    ),
    "flows": Role(
        "point",
        "flow_id",
        (
            Field("actor_id", "ACTOR_FIELD"),
            Field("actor_name", "NAME_FIELD"),
            Field("sbi", "ACTIVITY_FIELD", "optional_code"),
            Field(
                "direction",
                "DIRECTION_FIELD",
                "choice",
                "DIRECTION",
                DIRECTIONS,
                refusal="prepare_flows.direction_missing",
            ),
            Field("carrier", "CARRIER_FIELD", "carrier", "CARRIER", CARRIERS),
            Field("material", "MATERIAL_FIELD", constant="MATERIAL"),
            Field(
                "quantity",
                "QUANTITY_FIELD",
                "quantity",
                refusal="prepare_flows.quantity_missing",
            ),
            Field("quantity_low", "QUANTITY_LOW_FIELD", "amount"),
            Field("quantity_high", "QUANTITY_HIGH_FIELD", "amount"),
            Field(
                "unit",
                "UNIT_FIELD",
                constant="UNIT",
                refusal="prepare_flows.unit_missing",
            ),
            Field("temperature_c", "TEMPERATURE_FIELD", "temperature"),
            Field("return_c", "RETURN_FIELD", "temperature"),
            Field("profile", "PROFILE_FIELD", "word", choices=tuple(profiles())),
            Field("quality", "QUALITY_FIELD", constant="QUALITY"),
            Field("contracted_share", "CONTRACTED_SHARE_FIELD", "share"),
            Field("hazardous", "HAZARDOUS_FIELD", "flag"),
            Field("properties", "PROPERTIES_FIELD"),
            Field("eural", "EURAL_FIELD"),
            Field("confidential", "CONFIDENTIAL_FIELD", "flag"),
            Field("basis", "BASIS_FIELD", "word", choices=BASES),
            Field("data_quality", "DATA_QUALITY_FIELD", "data_quality"),
            Field("source", "SOURCE_FIELD", constant="SOURCE"),
            Field("year", "YEAR_FIELD", "year"),
            # No fields of the canonical layer: they give quantities and places.
            Field("hours", "HOURS_FIELD", "amount"),
            Field("heating_value", "HEATING_VALUE_FIELD", "amount"),
            Field("x", "X_FIELD", "number"),
            Field("y", "Y_FIELD", "number"),
        ),
    ),
}
