"""Steps: what goes in and what comes out, place by place.

All flows are found before publishing. Where single flows may be told, small ones are
then put together by place; in a workshop, what is shown follows from published numbers
only (:mod:`.analysis.flows.publishing`).
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from ....analysis.progress import part
from ....analysis.study_area import inside_study_area
from ....analysis.texts import text
from ...flows.estimate_flows import EstimateFlows
from ...flows.estimate_flows import skipped_rows as estimates_skipped
from ...flows.facility_flows import FacilityFlows
from ...flows.facility_flows import skipped_rows as facilities_skipped
from ...flows.resource_balance import ResourceBalance
from ...styling import class_limits, read_style
from . import Outcome, Step


def _of_facilities(layers: dict, settings, progress) -> Outcome:
    """What facilities give and ask, unless the given flows hold estimates already."""
    from ....analysis.flows.whole import holds_estimates

    progress(0)
    if holds_estimates(layers.get("given_flows")):
        return Outcome({})
    found = FacilityFlows.calculate(layers, settings, progress)
    owners = pd.DataFrame(
        [(actor, *owner) for actor, owner in found.owners.items()],
        columns=["actor_id", "facility_id", "name"],
        dtype=object,
    )
    kept = {"facility_flows": found.flows, "facility_owners": owners}
    skipped = facilities_skipped(found.skipped, settings.language)
    return Outcome({}, found.remarks(), kept=kept, skipped=skipped)


def _every_flow(layers: dict, settings, progress) -> Outcome:
    """All flows inside the study area, with the place that each is in."""
    from ....analysis.flows.map_places import places_of

    found = EstimateFlows.on_map(layers, settings, part(progress, 0, 0.7))
    flows = inside_study_area(found.flows, layers.get("study_area"))
    places = places_of(flows, layers["members"], layers["zones"])
    skipped = estimates_skipped(found.skipped, settings.language)
    # Millions of flows are not copied for one column more.
    flows["place_id"] = places
    kept = {"every_flow": flows}
    return Outcome({}, found.remarks, kept=kept, skipped=skipped)


def _cells(layers: dict, settings, progress) -> Outcome:  # noqa: ARG001
    """The same as cells, and what stands in nobody's secret."""
    from ....analysis.flows.publishing import flow_cells

    progress(0)
    flows = layers["every_flow"]
    owners = layers.get("facility_owners")
    cells = flow_cells(flows, layers["establishments"], owners)
    kept = {
        "public_flows": cells.public,
        "flow_groups": cells.groups,
        "flow_streams": cells.streams,
        "reported_cells": cells.reported,
    }
    return Outcome({}, kept=kept, actors=cells.actors)


def _balance(layers: dict, settings, progress) -> Outcome:
    """What is told of flows: bundles, totals of places, balances."""
    from ....analysis.flows.balance import EVERYWHERE, balance_of_places
    from ....analysis.flows.bundles import bundle_flows
    from ....analysis.flows.flow_places import flow_places
    from ....analysis.flows.map_places import place_names
    from ....analysis.flows.publishing import REST

    language = settings.language
    flows = _told(layers)
    places = flows["place_id"].to_numpy(object)
    parts = (layers["clusters"], layers["zones"], layers.get("regions"))
    names = place_names(places, *parts, language)
    for key in (EVERYWHERE, REST):
        names[key] = text(f"steps.flows.{key}", language)
    seed = settings.integer("SEED")
    table = balance_of_places(
        flows, places, names, language, seed, part(progress, 0, 0.6)
    )
    flows = _as_told(flows[flows.geometry.notna()], layers, names)
    places = flows["place_id"].to_numpy(object)
    look = read_style("flow_places")
    sizes, shown = class_limits(look), look["map"]["drawn"]
    tables = {
        "flow_places": flow_places(flows, places, names, sizes, shown, language),
        "resource_balance": table,
        "flows": bundle_flows(flows, places, names, settings.min_flows),
    }
    return Outcome(tables, section=partial(_section, settings=settings))


def _told(layers: dict):
    """All flows that may be told, each with its place."""
    from ....analysis.flows.map_places import place_points
    from ....analysis.flows.publishing import published_flows

    if "every_flow" in layers:
        return layers["every_flow"]
    told = ("public_flows", "reported_cells")
    clusters = "cluster-" + layers["clusters"]["cluster_id"].astype(object)
    places = np.concatenate([clusters, *(layers[name]["place_id"] for name in told)])
    parts = (layers["clusters"], layers["zones"], layers.get("regions"))
    return published_flows(layers, place_points(places, *parts), layers["zones"].crs)


def _as_told(flows, layers: dict, names: dict):
    """Flows to be drawn and written: in a workshop no group of firms by itself."""
    from ....analysis.flows.bundles import flows_together

    if "every_flow" in layers:
        return flows
    public = flows["flow_id"].isin(layers["public_flows"]["flow_id"])
    firms = flows[~public]
    places = firms["place_id"].to_numpy(object)
    parts = [flows[public], flows_together(firms, places, names)]
    return pd.concat([each for each in parts if len(each)] or parts[:1])


def _section(layers: dict, settings):
    from ....analysis.flows.balance_section import balance_section

    told = "establishments" in layers
    return balance_section(layers["resource_balance"], told, settings.language)


STEPS = (
    Step(16, FacilityFlows, ("facilities",), _of_facilities),
    Step(17, EstimateFlows, ("establishments", "members"), _every_flow),
    Step(18, EstimateFlows, ("every_flow",), _cells, for_workshop=True),
    Step(35, ResourceBalance, ("clusters",), _balance, from_published=True, told=13),
)
