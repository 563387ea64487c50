"""The canonical layers: which fields a layer has, and in which type.

The table itself is ``resources/layers.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass

from .resources import read_toml


@dataclass(frozen=True)
class LayerType:
    """One kind of layer or table.

    Parameters
    ----------
    name
        Name of the table, for example ``zones``.
    geometry
        ``Point``, ``Line``, ``Polygon`` or ``None``.
    id
        Name of the field that identifies and sorts; empty where there is none.
    fields
        Type per field: text, real, integer or boolean.
    optional
        Fields that a user's layer may lack.
    """

    name: str
    geometry: str
    id: str
    fields: dict[str, str]
    optional: tuple[str, ...]

    @property
    def mandatory(self) -> tuple[str, ...]:
        """Fields that must be there."""
        return tuple(field for field in self.fields if field not in self.optional)


def layer_type(name: str) -> LayerType:
    """Look up a layer type by name; an unknown name is a mistake in the code."""
    entry = read_toml("layers.toml")[name]
    return LayerType(
        name, entry["geometry"], entry["id"], entry["fields"], tuple(entry["optional"])
    )
