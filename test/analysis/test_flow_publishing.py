"""What a workshop may see of flows: from published numbers of jobs and only these."""

import numpy as np
import pandas as pd
import pytest
import shapely
from kansenkaart.analysis.confidentiality import Rule, publishable, withhold
from kansenkaart.analysis.flows.coefficients import shipped_coefficients
from kansenkaart.analysis.flows.facility import facility_flows, shipped_factors
from kansenkaart.analysis.flows.publishing import REST, flow_cells, published_flows
from kansenkaart.analysis.flows.tables import ESTIMATED
from kansenkaart.analysis.flows.whole import flows_of_map
from kansenkaart.analysis.layers import layer_type

ENDS = ["quantity", "quantity_low", "quantity_high"]
KEYS = ["direction", "carrier", "material", "unit"]
CODES = ("1013", "1013", "1071", "2014", "2511", "3700", "3811", "4711", "6201")


@pytest.fixture(scope="module")
def scene(firms, layer):
    """Firms in four clusters and outside, a plant, reports, and all of their flows."""
    rng = np.random.default_rng(8)
    count = 260
    codes = rng.choice(CODES, count)
    made = firms(rng.uniform(0, 9e3, (count, 2)), np.ceil(rng.lognormal(2, 1, count)),
                 codes)  # fmt: skip
    made.loc[0, ["sbi", "jobs"]] = ["3700", 40]
    made.loc[1, ["sbi", "jobs"]] = ["3700", 12]
    made.loc[[5, 6], "jobs"] = [np.nan, 0]
    at = shapely.get_coordinates(made.geometry.iloc[:2])
    plants = layer(
        shapely.points([*at + 1, [20_000, 0]]), facility_id=["V1", "V2", "V3"],
        name=["Rwzi Noord", "Rwzi Zuid", "Rwzi Oost"], kind="wwtp", capacity=1e5,
        unit="p.e.",
    )  # fmt: skip
    regions = layer([shapely.box(0, 0, 9e3, 9e3)], region_id=["R"], name=["Regio"],
                    population=[50_000.0])  # fmt: skip
    found = facility_flows(plants, shipped_factors(), made)
    owners = pd.DataFrame(
        [(actor, *owner) for actor, owner in found.owners.items()],
        columns=["actor_id", "facility_id", "name"],
    )
    told = found.flows.iloc[[0] * 40].assign(
        flow_id=[f"R{n:02}" for n in range(40)],
        actor_id=[f"E{20 + n % 20:04}" for n in range(40)],
        actor_name="Geheim B.V.", sbi=codes[20 + np.arange(40) % 20],
        direction=["supply", "demand"] * 20, carrier="material", material="gft",
        quality=None, unit="t/y", quantity=rng.lognormal(3, 1, 40), source="opgave",
        quantity_low=np.nan, quantity_high=np.nan, basis="reported", confidential=True,
    )  # fmt: skip
    told.iloc[0, told.columns.get_loc("actor_id")] = "E0001"
    told.iloc[1, told.columns.get_loc("actor_id")] = "onbekend"
    told = told.reset_index(drop=True)
    layers = {"establishments": made, "regions": regions, "given_flows": told,
              "facility_flows": found.flows}  # fmt: skip
    flows = flows_of_map(layers, shipped_coefficients()).flows
    cluster = dict(zip(made["est_id"], rng.choice(["a", "b", "c", "d", ""], count),
                       strict=True))  # fmt: skip
    flows["place_id"] = [
        f"cluster-{cluster[actor]}" if cluster.get(actor) else "square-0-0"
        for actor in flows["actor_id"]
    ]
    return made, flows, owners, cluster


def cells_by_hand(made, cluster):
    """Jobs per division, and per cluster and division, with who is behind them."""
    own = made[["est_id", "sbi", "jobs"]].assign(
        division=made["sbi"].str[:2], cluster_id=made["est_id"].map(cluster)
    )
    inside = own[own["cluster_id"] != ""]
    inside = inside.assign(cell_id=inside["cluster_id"] + "|" + inside["division"])
    keys = ["cell_id", "cluster_id", "division"]
    names = {"activities": (own, ["division"]), "cluster_profile": (inside, keys)}
    tables = {
        name: each.groupby(keys, as_index=False).agg(
            establishments=("est_id", "size"), jobs=("jobs", "sum")
        )
        for name, (each, keys) in names.items()
    }
    return tables, {name: each for name, (each, _) in names.items()}


@pytest.fixture(scope="module")
def published(scene):
    """Cells, the tables as they are published, and the flows that follow from them."""
    made, flows, owners, cluster = scene
    cells = flow_cells(flows, made, owners)
    tables, actors = cells_by_hand(made, cluster)
    tables |= {"flow_groups": cells.groups, "reported_cells": cells.reported}
    emptied, found = withhold(tables, actors | cells.actors, Rule())
    emptied |= {"flow_streams": cells.streams, "public_flows": cells.public}
    shown = {name: publishable(name, table) for name, table in emptied.items()}
    points = {f"cluster-{each}": shapely.Point(n, 0) for n, each in enumerate("abcd")}
    points["square-0-0"] = shapely.Point(9, 9)
    return cells, shown, published_flows(shown, points, flows.crs), found


def totals(frame, *keys):
    return frame.groupby([*keys, *KEYS])["quantity"].sum()


def test_every_flow_is_in_exactly_one_part(scene, published):
    made, flows, _, _ = scene
    cells = published[0]
    jobs = made.set_index("est_id")["jobs"]
    secret = flows["confidential"].astype(bool)
    grouped = secret & (flows["basis"] == ESTIMATED) & (flows["actor_id"].map(jobs) > 0)
    members = cells.streams.merge(cells.groups, on="cell_id")
    assert members["establishments"].sum() == grouped.sum() > 3000
    of_cells = cells.actors["reported_cells"]
    assert len(cells.public) + grouped.sum() < len(flows)
    members["quantity"] *= members["jobs"]
    parts = [totals(cells.public), totals(members), totals(cells.reported)]
    whole = parts[0].add(parts[1], fill_value=0).add(parts[2], fill_value=0)
    np.testing.assert_allclose(whole, totals(flows).loc[whole.index], rtol=1e-9)
    assert len(whole) == len(totals(flows))
    behind = of_cells.groupby("cell_id")["reported"].sum()
    own = cells.reported.set_index("cell_id")["quantity"]
    np.testing.assert_allclose(behind, own.loc[behind.index], rtol=1e-9)
    assert cells.groups["cell_id"].is_unique and cells.reported["cell_id"].is_unique


def per_job(scene):
    """Amounts per job of every firm, by stream and class."""
    made, flows, _, _ = scene
    jobs = made.set_index("est_id")["jobs"]
    found = {}
    for row in flows.itertuples():
        number = jobs.get(row.actor_id, 0)
        if number > 0 and row.confidential and row.basis == ESTIMATED:
            key = (*(getattr(row, name) for name in KEYS), row.quality)
            amounts = [getattr(row, end) / number for end in ENDS]
            found.setdefault(row.actor_id, {})[key] = amounts
    return found


def test_firms_of_a_group_have_the_same_estimates_per_job(scene, published):
    made, cells = scene[0], published[0]
    own = per_job(scene)
    groups = cells.actors["flow_groups"].groupby("cell_id")["est_id"].agg(list)
    sbi = made.set_index("est_id")["sbi"]
    firsts = []
    for firms in groups:
        first = own[firms[0]]
        for firm in firms:
            assert own[firm].keys() == first.keys()
            assert sbi[firm][:2] == sbi[firms[0]][:2]
            assert np.allclose([*own[firm].values()], [*first.values()], rtol=1e-8)
        figures = sorted((str(key), f"{each[0]:.6g}") for key, each in first.items())
        firsts.append((sbi[firms[0]][:2], *figures))
    assert len(set(firsts)) == len(firsts) > len(set(CODES))
    assert sorted(sum(groups, [])) == sorted(own)  # noqa: RUF017


def expected_flows(scene, cells, shown):
    """Estimates by place, group and stream, from published jobs and nothing else."""
    own = per_job(scene)
    first = cells.actors["flow_groups"].groupby("cell_id")["est_id"].min()
    whole = shown["activities"].set_index("division")["jobs"].to_dict()
    found = {}
    for group in shown["flow_groups"].itertuples():
        if not group.jobs > 0 or not whole.get(group.division, 0) > 0:
            continue
        shares = {}
        for cell in shown["cluster_profile"].itertuples():
            if cell.division == group.division and cell.jobs > 0:
                shares[f"cluster-{cell.cluster_id}"] = cell.jobs
        total = max(whole[group.division], sum(shares.values()))
        shares[REST] = total - sum(shares.values())
        for place, jobs in shares.items():
            for stream, amounts in own[first[group.cell_id]].items():
                values = [each * group.jobs * jobs / total for each in amounts]
                if jobs > 1e-9:
                    found[place, group.cell_id, *stream] = values
    return found


def test_estimates_follow_from_published_jobs_alone(scene, published):
    cells, shown, flows, _ = published
    expected = expected_flows(scene, cells, shown)
    of_firms = flows[flows["actor_id"].str.contains("|", regex=False)]
    found = {}
    for row in of_firms[of_firms["basis"] == ESTIMATED].itertuples():
        group = row.actor_id.partition("|")[2]
        key = (row.place_id, group, *(getattr(row, name) for name in KEYS), row.quality)
        assert key not in found
        found[key] = [getattr(row, end) for end in ENDS]
    assert found.keys() == expected.keys() and len(found) > 500
    for key, values in found.items():
        assert values == pytest.approx(expected[key], rel=1e-9)
    assert any(key[0] == REST for key in found)


def test_clusters_and_the_rest_are_what_the_published_groups_give(published):
    cells, shown, flows, _ = published
    jobs = shown["flow_groups"].set_index("cell_id")["jobs"]
    told = shown["activities"].set_index("division")["jobs"]
    streams = cells.streams.assign(jobs=cells.streams["cell_id"].map(jobs))
    known = streams["cell_id"].str[:2].map(told) > 0
    streams = streams[(streams["jobs"] > 0) & known]
    streams["quantity"] *= streams["jobs"]
    ours = flows[flows["flow_id"].str.contains("|", regex=False)
                 & (flows["basis"] == ESTIMATED)]  # fmt: skip
    np.testing.assert_allclose(totals(ours), totals(streams), rtol=1e-9)


def test_published_groups_of_a_withheld_division_are_not_lost(published):
    _, shown, _, _ = published
    groups = shown["flow_groups"]
    division = groups.loc[groups["jobs"] > 0, "division"].iloc[0]
    hidden = shown["activities"].copy()
    hidden.loc[hidden["division"] == division, "jobs"] = np.nan
    found = published_flows(shown | {"activities": hidden}, {}, None)
    own = groups.loc[(groups["division"] == division) & (groups["jobs"] > 0), "cell_id"]
    assert own.isin(found["actor_id"].str.partition("|")[2]).all()


def test_of_what_is_withheld_nothing_comes_out(scene, published):
    made, flows, _, _ = scene
    cells, _, shown, withheld = published
    hidden = withheld.cells["flow_groups", "jobs"] | withheld.few["flow_groups"]
    assert 0 < len(hidden) < len(cells.groups)
    groups = set(shown["actor_id"].str.partition("|")[2])
    assert not groups & hidden
    told = withheld.cells["reported_cells", "reported"]
    assert told and not set(shown["flow_id"]) & told
    words = shown.drop(columns=["geometry", "place_id"]).map(str).to_numpy().ravel()
    words = " ".join(words)
    assert not any(name in words for name in [*made["est_id"], *made["name"]])
    assert "Geheim" not in words and "onbekend" not in words
    reported = set(flows.loc[flows["basis"] == "reported", "quantity"])
    assert reported and not reported & set(shown["quantity"])


def test_flows_are_canonical_and_ends_in_order(published):
    flows = published[2]
    fields = [*layer_type("flows").fields, "place_id", "geometry"]
    assert list(flows) == fields
    assert flows["flow_id"].is_unique and flows["flow_id"].is_monotonic_increasing
    known = flows[flows["quantity_low"].notna()]
    assert (known["quantity_low"] <= known["quantity"]).all()
    assert (known["quantity"] <= known["quantity_high"]).all()
    assert flows.loc[flows["place_id"] == REST, "geometry"].isna().all()
    assert flows.loc[flows["place_id"] != REST, "geometry"].notna().all()


def test_the_order_of_rows_makes_no_difference(scene, published, shuffled, same_tables):
    made, flows, owners, _ = scene
    cells = published[0]
    again = flow_cells(flows, shuffled(made), shuffled(owners))
    for name in ("groups", "streams", "reported", "public"):
        same_tables(getattr(cells, name), getattr(again, name))
    for name, table in cells.actors.items():
        same_tables(table, again.actors[name])


def test_owners_without_public_flows_rename_nothing(scene, same_tables):
    made, flows, owners, _ = scene
    public = flow_cells(flows, made, None).public
    assert len(public)
    none = pd.DataFrame([], columns=owners.columns)
    others = owners.assign(actor_id="nergens-" + owners["actor_id"])
    for given in (none, others):
        same_tables(public, flow_cells(flows, made, given).public)


def test_facilities_stand_under_their_own_name(published):
    public = published[0].public
    names = public.set_index("actor_id")["actor_name"].to_dict()
    # Plant V2 is firm E0001, which reports a flow in confidence.
    assert names == {"facility-V1": "Rwzi Noord", "facility-V3": "Rwzi Oost",
                     "region-R": "Regio"}  # fmt: skip
    mine = public[public["actor_id"] == "facility-V1"]
    assert mine["flow_id"].str.startswith("facility-V1:wwtp").all()
    assert mine["sbi"].isna().all()


def test_a_facility_that_reports_in_confidence_is_not_named(scene):
    """Also where it is no establishment of ours."""
    made, flows, owners, _ = scene
    own = flows[flows["actor_id"] == "facility-V3"]
    told = own.iloc[[0]].assign(flow_id="Z1", basis="reported", confidential=True)
    changed = pd.concat([flows, told]).sort_values("flow_id", ignore_index=True)
    public = flow_cells(changed, made, owners).public
    assert "facility-V3" not in set(public["actor_id"])


def test_a_firm_outside_the_map_is_not_named(scene):
    """A report, given openly, of a firm of ours that lies outside the study area."""
    made, flows, owners, _ = scene
    open_ones = flows.assign(
        confidential=flows["confidential"].mask(flows["flow_id"] == "R05", False)
    )
    teller = flows.set_index("flow_id").loc["R05", "actor_id"]
    for firms in (made, made[made["est_id"] != teller]):
        public = flow_cells(open_ones, firms, owners).public
        assert teller not in set(public["actor_id"])


def test_quantities_that_nobody_told_are_no_cell(scene):
    """Three reports without a figure are not a published 0."""
    made, flows, owners, _ = scene
    empty = flows["flow_id"].str.match("R[0-9]")
    unknown = flows.assign(quantity=flows["quantity"].mask(empty))
    cells = flow_cells(unknown, made, owners)
    of_reports = cells.reported[cells.reported["basis"] == "reported"]
    assert of_reports.empty
    assert set(cells.actors["reported_cells"]["cell_id"]) == set(
        cells.reported["cell_id"]
    )


def test_without_flows_facilities_or_reports(scene):
    made, flows, _, _ = scene
    cells = flow_cells(flows[:0], made)
    assert len(cells.public) == len(cells.groups) == len(cells.reported) == 0
    tables, _ = cells_by_hand(made, scene[3])
    tables |= {"flow_groups": cells.groups, "reported_cells": cells.reported,
               "flow_streams": cells.streams, "public_flows": cells.public}  # fmt: skip
    assert len(published_flows(tables, {}, flows.crs)) == 0
