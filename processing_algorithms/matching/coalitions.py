"""Groups of parties that hang together through matches."""

from __future__ import annotations

from ...analysis.errors import RefusalError
from ...analysis.layers import layer_type
from ..base import KansenkaartAlgorithm
from ..constants import constant

SIDE_LAYERS = {
    "OUTPUT_PARTIES": ("Point", "coalition_parties"),
    "OUTPUT_LINKS": ("Line", "coalition_links"),
    "OUTPUT_MISSING": ("None", "coalition_missing"),
}
"""Layers that come out if asked for: geometry, and what each is."""
COUNTS = {
    "UNUSABLE_COUNT": "unusable",
    "SMALL_COUNT": "small",
    "BETWEEN_COUNT": "between",
    "APART_COUNT": "apart",
}
"""Number outputs, and the count that each gives."""


class Coalitions(KansenkaartAlgorithm):
    """Who could sit at one table, what each brings and takes, and who is missing."""

    ID = "coalitions"
    GROUP = "matching"
    ADVANCED = ("MIN_SIZE",)
    ASSUMPTIONS = {"MAX_PARTIES": "parties", "MIN_SIZE": "times"}
    FIXED_ASSUMPTIONS = {
        "AROUND": ("metre", constant("matching.coalitions", "AROUND")),
    }

    def define(self) -> None:
        """Matches, how large a table is, and what tells who is missing."""
        self.source("MATCHES", "Line")
        self.integer("MAX_PARTIES", 12, 3, 100)
        self.distance("MAX_DISTANCE", None, "MATCHES")
        self.decimal("MIN_SIZE", 1.0, 0.0)
        self.layer("FLOWS", optional=True)
        self.source("UNLOCKS", "None", optional=True)
        self.layer("REGIONS", optional=True)
        self.sink("OUTPUT", "Polygon")
        for name, (geometry, _) in SIDE_LAYERS.items():
            self.sink(name, geometry)
        for name in ("COALITION_COUNT", "PARTY_COUNT", "MATCH_COUNT", *COUNTS):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Find the groups, and say what was left out."""
        crs = run.crs_of("MATCHES")
        layers = run.frames(("FLOWS", "REGIONS"), crs)
        layers["matches"] = run.lines("MATCHES", crs)
        layers["unlocks"] = _unlocks(run.table("UNLOCKS"))
        found = self.calculate(layers, run, run.progress)
        for key, values in found.remarks():
            run.say(key, **values)
        run.write("OUTPUT", found.table, layer_type("coalitions"), crs)
        sides = (found.parties, found.links, found.missing)
        for (name, (geometry, kind)), frame in zip(
            SIDE_LAYERS.items(), sides, strict=True
        ):
            place = None if geometry == "None" else crs
            run.write(name, frame, layer_type(kind), place)
        return {
            "COALITION_COUNT": len(found.table),
            "PARTY_COUNT": int(found.table["parties"].sum()),
            "MATCH_COUNT": int(found.table["matches"].sum()),
            **{name: getattr(found, count) for name, count in COUNTS.items()},
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """The coalitions that follow from matches.

        Of the layers ``matches`` must be there; ``flows``, ``unlocks`` and ``regions``
        may be.
        """
        from ...analysis.matching.coalitions import find_coalitions

        far = settings.given("MAX_DISTANCE")
        return find_coalitions(
            layers["matches"],
            settings.integer("MAX_PARTIES"),
            settings.distance("MAX_DISTANCE") if far else float("inf"),
            settings.number("MIN_SIZE"),
            layers.get("flows"),
            layers.get("unlocks"),
            layers.get("regions"),
            settings.language,
            progress,
        )


def _unlocks(table):
    """The table with what is left over; one that lacks fields is refused."""
    from ...analysis.matching.missing_parties import UNLOCK

    missing = [] if table is None else [name for name in UNLOCK if name not in table]
    if missing:
        raise RefusalError("coalitions.unlocks_fields", fields=", ".join(missing))
    return table
