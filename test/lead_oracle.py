"""Leads by plain loops over all pairs, and small scenes to try them on."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

R_STEPS = {f"R{step}": 1 - step / 9 for step in range(10)}
WEIGHTS = {
    "distance": 0.15,
    "quantity": 0.15,
    "quality": 0.05,
    "evidence": 0.55,
    "data": 0.05,
    "ladder": 0.05,
}
EVERYDAY = {
    "aluminium_scrap", "copper_scrap", "ferrous_scrap", "mixed_plastics",
    "plastic_film", "reusable_packaging", "waste_paper", "wood_clean", "wood_treated",
}  # fmt: skip
PLAIN = {"heat": "R9", "water": "R3", "co2": "R7"}
TREATED = {"heat": "R9", "water": "R8", "co2": "R7"}


def begins(prefixes, sbi):
    return prefixes == "*" or any(sbi.startswith(p) for p in prefixes.split("|"))


def free_of(flow):
    """What is left of a flow; None where nobody knows."""
    from kansenkaart.analysis.flows.tables import materials

    share = flow["contracted_share"]
    if share is None or math.isnan(share):
        known = materials().get(flow["material"])
        if flow["basis"] == "reported":
            share = 0.0
        elif known is None or known.contracted_share is None:
            return None
        else:
            share = known.contracted_share
    return flow["quantity"] * (1 - share)


def properties(flow):
    from kansenkaart.analysis.flows.tables import materials

    known = materials().get(flow["material"])
    held = set((flow["properties"] or "").split(";"))
    held |= set(known.properties.split(";")) if known else set()
    if flow["hazardous"] is True:
        held.add("hazardous")
    return held - {""}


def banned(giver, receiver, known):
    held = properties(giver)
    return any(
        begins(ban["receiver_sbi"], receiver["sbi"])
        and (ban["material"] == giver["material"] or ban["property"] in held)
        for ban in known["forbidden"]
    )


def reach_of(carrier, material, known):
    table = {
        (row["carrier"], row["material"]): row["reach_km"] for row in known["reach"]
    }
    return table.get((carrier, material), table.get((carrier, "*")))


def physics(giver, receiver):
    """Treatment, yield, margin and overlap, or None."""
    from kansenkaart.analysis.matching import co2, heat, water
    from kansenkaart.analysis.matching.months import overlap, profile_codes

    carrier = giver["carrier"]
    key = "temperature_c" if carrier == "heat" else "quality"
    ends = [flow[key] for flow in (giver, receiver)]
    if any(pd.isna(end) or end == "" for end in ends):
        return None
    module = {"heat": heat, "water": water, "co2": co2}[carrier]
    kind = float if carrier == "heat" else object
    row = module.transfer(*(np.array([end], kind) for end in ends)).iloc[0]
    if not row["compatible"]:
        return None
    codes = [profile_codes([flow["profile"]]) for flow in (giver, receiver)]
    share = float(overlap(*codes)[0]) if carrier == "heat" else 1.0
    months = codes if carrier == "heat" else None
    return (row["treatment"], row["yield"], row["margin"], months) if share else None


def ways(giver, receiver, known, min_fit):
    """All that could make this pair a lead, whatever its distance."""
    carrier = giver["carrier"]
    if carrier != receiver["carrier"] or giver["unit"] != receiver["unit"]:
        return
    if banned(giver, receiver, known):
        return
    fits = None if carrier == "material" else physics(giver, receiver)
    if carrier != "material" and fits is None:
        return
    usual = reach_of(carrier, giver["material"], known)
    for rule in known["rules"]:
        named = (
            rule["carrier"] == carrier
            and rule["material"] == giver["material"]
            and rule["replaces"] == receiver["material"]
            and begins(rule["giver_sbi"], giver["sbi"])
            and begins(rule["receiver_sbi"], receiver["sbi"])
        )
        if named:
            own = rule["reach_km"] if rule["reach_km"] == rule["reach_km"] else usual
            yield {
                "rule_id": rule["rule_id"],
                "cited": 1,
                "reach": own,
                "evidence": (0.7 - 0.05 / (1 + rule["evidence"]))
                * (0.8 if rule["material"] in EVERYDAY else 1),
                "strategy": rule["r_strategy"],
                "quality": (0.5 if rule["treatment"] else 1.0) if not fits else fits[2],
                "yield": rule["yield"] if not fits else fits[1],
                "treatment": rule["treatment"]
                if not fits
                else fits[0] or rule["treatment"],
                "months": fits and fits[3],
            }
    if carrier != "material":
        yield {
            "rule_id": "",
            "cited": 0,
            "reach": usual,
            "evidence": 0.5,
            "strategy": (TREATED if fits[0] else PLAIN)[carrier],
            "quality": fits[2],
            "yield": fits[1],
            "treatment": fits[0],
            "months": fits[3],
        }
        return
    uses = {use["use"]: use for use in known["uses"]}
    for given in known["material_uses"]:
        if given["material"] != giver["material"]:
            continue
        rows = [
            row
            for row in known["activity_uses"]
            if row["use"] == given["use"] and receiver["sbi"].startswith(row["sbi"])
        ]
        if not rows:
            continue
        row, use = max(rows, key=lambda each: len(each["sbi"])), uses[given["use"]]
        fit = given["suitability"] * row["importance"]
        if row["replaces"] == receiver["material"] and fit >= min_fit - 1e-9:
            reach = use["typical_reach_km"]
            yield {
                "rule_id": "use:" + use["use"],
                "cited": 0,
                "reach": reach if usual is None else min(reach, usual),
                "evidence": 0.5 * fit,
                "strategy": use["r_strategy"],
                "quality": given["suitability"] * (0.5 if given["treatment"] else 1.0),
                "yield": given["yield"],
                "treatment": given["treatment"],
                "months": None,
            }


STREAM = (
    "carrier", "sbi", "material", "unit", "temperature_c", "profile", "quality",
    "properties", "hazardous",
)  # fmt: skip


def ways_of(giver, receiver, known, min_fit):
    """The same for equal streams, looked up once."""
    streams = [tuple(str(flow[name]) for name in STREAM) for flow in (giver, receiver)]
    seen = known.setdefault(("seen", min_fit), {})
    if tuple(streams) not in seen:
        seen[tuple(streams)] = list(ways(giver, receiver, known, min_fit))
    return seen[tuple(streams)]


def preferred(way):
    fixed = sum(
        WEIGHTS[name] * value
        for name, value in (
            ("quality", way["quality"]),
            ("evidence", way["evidence"]),
            ("ladder", R_STEPS[way["strategy"]]),
        )
    )
    return (-way["cited"], -round(fixed, 12), -way["yield"], way["rule_id"])


def apart(giver, receiver, detour):
    one, other = giver["geometry"], receiver["geometry"]
    return detour * math.hypot(one.x - other.x, one.y - other.y)


def shared_of(given, asked, way):
    from kansenkaart.analysis.flows.tables import profiles

    if not way["months"]:
        return min(given, asked)
    names = [list(profiles())[int(codes[0])] for codes in way["months"]]
    if names[0] == names[1]:
        return min(given, asked)
    one, other = (np.array(profiles()[name]) for name in names)
    monthly = np.minimum(given * one / one.sum(), asked * other / other.sum())
    return min(monthly.sum(), given, asked)


def lead_of(giver, receiver, known, detour, max_distance, min_fit):
    """The best lead of a pair, or None."""
    if giver["actor_id"] is not None and giver["actor_id"] == receiver["actor_id"]:
        return None
    distance = apart(giver, receiver, detour)
    if not ways_of(giver, receiver, known, min_fit):
        return None
    free = [free_of(flow) for flow in (giver, receiver)]
    amounts = [
        flow["quantity"] if left is None else left
        for flow, left in zip((giver, receiver), free, strict=True)
    ]
    if not all(amount > 0 for amount in amounts):
        return None
    found = [
        way
        for way in ways_of(giver, receiver, known, min_fit)
        if way["reach"] is not None
        and distance <= min(1000 * way["reach"], max_distance) * (1 + 1e-9)
    ]
    if not found:
        return None
    way = min(found, key=preferred)
    reach = min(1000 * way["reach"], max_distance)
    given, asked = amounts[0] * way["yield"], amounts[1]
    shared = shared_of(given, asked, way)
    quality = [flow["data_quality"] for flow in (giver, receiver)]
    parts = {
        "distance": max(0.0, 1 - distance / reach) if reach else 1.0,
        "quantity": math.sqrt(giver["share"] * shared / given),
        "quality": way["quality"],
        "evidence": way["evidence"],
        "data": sum((5 - q) / 4 for q in quality) / 2,
        "ladder": R_STEPS[way["strategy"]],
    }
    return {
        "flow_supply": giver["flow_id"],
        "flow_demand": receiver["flow_id"],
        "rule_id": way["rule_id"] or None,
        "distance_m": distance,
        "available": np.nan if None in free else shared,
        "yield": way["yield"],
        "treatment": way["treatment"] or None,
        "score": sum(WEIGHTS[name] * value for name, value in parts.items()),
        **{f"score_{name}": value for name, value in parts.items()},
    }


def share_of(flow, rows):
    """A flow's part in all that its actor offers of a carrier and unit."""
    if flow["actor_id"] is None:
        return 1.0
    same = ("actor_id", "direction", "carrier", "unit")
    usable = [
        row["quantity"]
        for row in rows
        if all(row[name] == flow[name] for name in same) and left_of(row) > 0
    ]
    return flow["quantity"] / sum(usable) if usable else 0.0


def left_of(flow):
    free = free_of(flow)
    left = flow["quantity"] if free is None else free
    return left if math.isfinite(left) else 0.0


def plain_leads(
    flows,
    known,
    per_division=10,
    most=100_000,
    min_fit=0.2,
    max_distance=math.inf,
    detour=1.3,
    together=None,
    among=None,
):
    """Leads, the best first; and the number of pairs that fit and that are in reach.

    Shares of flows are those among other flows, where these are given.
    """
    known = {
        name: getattr(known, name).to_dict("records")
        for name in (
            "rules", "uses", "material_uses", "activity_uses", "forbidden", "reach"
        )
    }  # fmt: skip
    rows = flows.to_dict("records")
    whole = rows if among is None else among.to_dict("records")
    givers = [
        row | {"share": share_of(row, whole)}
        for row in rows
        if row["direction"] == "supply"
    ]
    receivers = [row for row in rows if row["direction"] == "demand"]
    found, in_reach = [], dict.fromkeys(("material", "water", "heat", "co2"), 0)
    compatible = dict(in_reach)
    for giver in givers:
        for receiver in receivers:
            carrier = giver["carrier"]
            if carrier != receiver["carrier"] or (
                together and not together(giver, receiver)
            ):
                continue
            in_reach[carrier] += near_enough(
                giver, receiver, known, detour, max_distance
            )
            lead = lead_of(giver, receiver, known, detour, max_distance, min_fit)
            if lead:
                compatible[carrier] += 1
                found.append({**lead, "division": receiver["sbi"][:2]})
    found.sort(
        key=lambda x: (-round(x["score"], 12), x["flow_supply"], x["flow_demand"])
    )
    kept, taken = [], {}
    for lead in found:
        key = lead["flow_supply"], lead["division"]
        taken[key] = taken.get(key, 0) + 1
        if not per_division or taken[key] <= per_division:
            kept.append(lead)
    return pd.DataFrame(kept[: most or None]), compatible, in_reach


def near_enough(giver, receiver, known, detour, max_distance):
    carrier = giver["carrier"]
    same = giver["actor_id"] is not None and giver["actor_id"] == receiver["actor_id"]
    reaches = [
        row["reach_km"]
        for row in (*known["rules"], *known["reach"])
        if row["carrier"] == carrier and row["reach_km"] == row["reach_km"]
    ]
    widest = max(reaches, default=0)
    left = [free_of(flow) for flow in (giver, receiver)]
    something = all(
        (flow["quantity"] if free is None else free) > 0
        for flow, free in zip((giver, receiver), left, strict=True)
    )
    close = apart(giver, receiver, detour) <= min(1000 * widest, max_distance)
    return not same and something and close


FIELDS = {
    "actor_name": None,
    "sbi": "2410",
    "carrier": "material",
    "material": "steel_slag",
    "quantity": 100.0,
    "quantity_low": 50.0,
    "quantity_high": 200.0,
    "unit": "t/y",
    "temperature_c": np.nan,
    "return_c": np.nan,
    "profile": None,
    "quality": None,
    "contracted_share": np.nan,
    "hazardous": None,
    "properties": None,
    "eural": None,
    "confidential": True,
    "basis": "reported",
    "data_quality": 3,
    "source": "test",
    "year": 2024,
}


def flows_of(*rows):
    """Flows with what the rows tell; ``at`` is a point, ids are made where missing."""
    made, points = [], []
    for number, told in enumerate(rows):
        row = {"at": (0, 0), **told}
        points.append(shapely.Point(100_000 + row["at"][0], 400_000 + row["at"][1]))
        own = {"flow_id": f"f{number}", "actor_id": f"a{number}", **FIELDS}
        made.append(own | {name: row[name] for name in row if name != "at"})
    table = pd.DataFrame(made)
    for name in ("hazardous", "properties", "profile", "quality", "actor_id"):
        table[name] = table[name].astype(object).where(table[name].notna(), None)
    return gpd.GeoDataFrame(table, geometry=points, crs=28992)


def random_flows(number, seed, side=30_000, actors=None):
    """Flows with streams of the shipped coefficients at random places."""
    from kansenkaart.analysis.flows.coefficients import shipped_coefficients

    rows = shipped_coefficients()
    rows = rows[(rows["per"] == "job") & (rows["mode"] > 0)]
    random = np.random.default_rng(seed)
    physical = rows["carrier"] != "material"
    weight = np.where(physical, 3.0, 1.0)
    chosen = rows.iloc[random.choice(len(rows), number, p=weight / weight.sum())]
    share = random.choice([np.nan, 0.0, 0.3, 1.0], number, p=[0.4, 0.3, 0.2, 0.1])
    spots = random.uniform(0, side, (number, 2)).round(-2)
    of = random.integers(actors or max(2, number // 6), size=number)
    held = random.choice(
        [None, "hazardous", "pfas_above_limit"], number, p=[0.9, 0.05, 0.05]
    )
    return flows_of(
        *(
            {
                "flow_id": f"f{place:05}",
                "actor_id": f"a{of[place]}",
                "at": tuple(spots[place]),
                "quantity": float(row.mode * random.lognormal(2, 1.5)),
                "contracted_share": share[place],
                "properties": held[place],
                "basis": str(random.choice(["estimated", "reported"])),
                "data_quality": int(random.integers(1, 6)),
                **{
                    name: getattr(row, name)
                    for name in (
                        "sbi",
                        "direction",
                        "carrier",
                        "material",
                        "unit",
                        "temperature_c",
                        "profile",
                        "quality",
                    )
                },
            }
            for place, row in enumerate(chosen.itertuples())
        )
    )
