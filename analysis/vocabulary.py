"""Fixed lists: what kinds, modes and effects the canonical layers know.

A choice in the toolbox is an index into these lists, so they only grow at the end.
"""

from __future__ import annotations

ZONE_KINDS = (
    "business_park",
    "sea_port",
    "inland_port",
    "seveso_industry",
    "mixed",
    "retail_core",
    "innovation",
    "waste",
    "city_centre",
    "urban_high",
    "urban_medium",
    "urban_low",
    "brownfield",
    "landfill",
    "agriculture",
    "nature",
    "other",
)
FACILITY_KINDS = (
    "wwtp",
    "waste_processor",
    "container_park",
    "energy_hub",
    "power_plant",
    "heat_source",
    "greenhouse",
    "knowledge",
    "quay",
    "rail_terminal",
    "motorway_junction",
    "station",
    "seveso",
    "data_centre",
    "building_materials",
    "housing_centre",
    "other",
)
MODES = ("road", "rail", "water", "pipeline", "heat", "steam", "co2", "power")
CONSTRAINT_KINDS = ("nature", "flood", "housing", "drinking_water", "grid", "other")
EFFECTS = ("exclude", "penalise")
INITIATIVE_KINDS = ("running", "planned", "exchange", "hub")
CODE_LISTS = ("sbi2008", "nacebel2008", "sbi2025", "nacebel2025")
TRANSPORT_MODES = ("pipeline", "rail", "road", "water")
ENERGY_MODES = ("co2", "heat", "power", "steam")
ACCESS_CHOICES = ("lines", "points", "both")
LANGUAGE_CHOICES = ("nl", "en")
APPROACHES = ("all", "area", "chain")
SCORING_METHODS = ("weighted_sum", "geometric_mean", "topsis")
OBJECTIVES = ("quantity", "avoided_co2")
PAGES = ("A3", "A1", "A0")
COUNT_UNITS = ("jobs", "establishments")
MEASURES = ("establishments", "jobs")
AUDIENCES = ("workshop", "internal")
