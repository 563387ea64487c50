"""Find the type environments of zones."""

from __future__ import annotations

from functools import partial

from ...analysis.layers import layer_type
from ...analysis.resources import read_toml
from ..base import KansenkaartAlgorithm
from ..constants import datum
from ..network import travel_over
from .distances import DEFAULTS, define_distances, distances_by_mode


class EnvironmentTypes(KansenkaartAlgorithm):
    """What kinds of place zones are, as the Flemish study tells them apart."""

    ID = "environmenttypes"
    GROUP = "leverage"
    ROLES = (
        "ZONES",
        "ESTABLISHMENTS",
        "REGIONS",
        "INFRASTRUCTURE",
        "FACILITIES",
        "CONSTRAINTS",
    )
    ASSUMPTIONS = dict.fromkeys(DEFAULTS, "metre")
    FIXED_ASSUMPTIONS = {
        name: (entry["unit"], datum("rules", "thresholds.toml", key=name))
        for name, entry in read_toml("rules", "thresholds.toml").items()
    }

    def define(self) -> None:
        """Zones, what the rules look at, and how far every mode reaches."""
        self.layer("ZONES")
        self.layer("ESTABLISHMENTS", optional=True)
        self.layer("REGIONS", optional=True)
        for role in ("INFRASTRUCTURE", "FACILITIES", "CONSTRAINTS"):
            self.layers(role, optional=True)
        define_distances(self, "ZONES")
        self.layer("NETWORK", optional=True)
        self.sink("OUTPUT", "Polygon")
        self.sink("OUTPUT_NETWORK", "Line")
        self.sink("OUTPUT_TYPES", "None")
        for name in ("ZONE_COUNT", "TYPED_COUNT", "UNKNOWN_COUNT"):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Say what every zone and every line is."""
        crs = run.crs_of("ZONES")
        layers = run.frames((*self.ROLES, "NETWORK"), crs)
        found = self.calculate(layers, run, run.progress)
        for key, values in found.remarks:
            run.say(key, **values)
        run.write("OUTPUT", found.zones, layer_type("environment_zones"), crs)
        network = layer_type("environment_network")
        run.write("OUTPUT_NETWORK", found.network, network, crs)
        run.write("OUTPUT_TYPES", found.types, layer_type("environment_totals"))
        return {
            "ZONE_COUNT": len(found.zones),
            "TYPED_COUNT": int((found.zones["types"] != "").sum()),
            "UNKNOWN_COUNT": int((found.zones["types_unknown"] != "").sum()),
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """Type environments of the zones and of the lines."""
        from ...analysis.environments.scene import Layers, over_roads, straight_line
        from ...analysis.environments.types import environment_types
        from ...analysis.travel import off_road

        travel, rest = travel_over(layers, progress)
        near = straight_line if travel is None else partial(over_roads, travel)
        roles = [role.lower() for role in EnvironmentTypes.ROLES]
        found = environment_types(
            Layers(**{role: layers.get(role) for role in roles}),
            distances_by_mode(settings),
            settings.language,
            near,
            rest,
        )
        found.remarks.extend(off_road(travel, layers["zones"].geometry.to_numpy()))
        return found
