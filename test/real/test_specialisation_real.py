"""Specialisation on tables of CBS, against pandas alone."""

import numpy as np
import pandas as pd
import pytest
from kansenkaart.analysis.errors import RefusalError
from kansenkaart.analysis.region_join import join_regions
from kansenkaart.analysis.region_table import read_region_table, take_out
from kansenkaart.analysis.specialisation import specialise_table
from scipy.stats import hypergeom

SAME_PLACE = 1e-9
RENAMED = {"Súdwest Fryslân": "Súdwest-Fryslân"}
"""What differs in spelling only."""


@pytest.fixture(scope="module")
def establishments(data):
    """2012, by municipality, region and sector as published: every level at once."""
    path = data / "jobs" / "cbs_establishments_sbi_municipality_2012.csv"
    table = pd.read_csv(path, sep=";", dtype=str)
    return table.rename(
        columns={"regio": "region", "sbi_code": "sector", "vestigingen": "count"}
    )


@pytest.fixture(scope="module")
def jobs(data):
    """2008 to 2010, by everything."""
    path = data / "jobs" / "cbs_jobs_sbi_region_2008_2010.csv"
    table = pd.read_csv(path, sep=";", dtype=str, encoding="cp1252")
    names = {"Regio": "region", "SBI": "sector", "Banen van werknemers": "count"}
    return table.rename(columns=names)


def municipalities(table):
    marked = table["region"].str.contains(r"\([A-Z]{2}\)")
    return table[~marked & ~table["region"].isin(["Nederland", "Nederland totaal"])]


@pytest.fixture(scope="module")
def one_level(establishments):
    """Establishments by municipality and section."""
    return municipalities(establishments[establishments["sector"].str.len() == 1])


@pytest.fixture(scope="module")
def one_date(jobs):
    """Jobs at the end of 2010 by municipality and section."""
    sections = jobs["sector"].str.match("[A-Z] ")
    return municipalities(jobs[sections & (jobs["Periode"] == "2010 december*")])


def read(frame):
    return read_region_table(frame, "region", "sector", ["count"])


def oracle(frame, size):
    """Quotients and chances by pandas and scipy alone."""
    numbers = pd.to_numeric(frame["count"], errors="coerce")
    cells = frame.assign(count=numbers).pivot(
        index="region", columns="sector", values="count"
    )
    share = cells.div(cells.sum(axis=1), axis=0)
    lq = share.div(cells.sum() / cells.sum().sum(), axis=1)
    drawn = (cells / size).round()
    p = drawn.copy()
    for sector in drawn:
        p[sector] = hypergeom.sf(
            drawn[sector] - 1, drawn.sum().sum(), drawn[sector].sum(), drawn.sum(axis=1)
        )
    p = p.where(drawn.notna()).stack()
    ordered = p.sort_values(ascending=False)
    ranks = np.arange(len(p), 0, -1)
    q = (ordered * len(p) / ranks).cummin()
    return pd.DataFrame({"lq": lq.stack(), "p_value": p, "q_value": q})


@pytest.mark.parametrize(
    ("name", "unit", "size"),
    [("one_level", "establishments", 1.0), ("one_date", "jobs", 0.01)],
)
def test_quotients_equal_those_of_pandas(request, name, unit, size):
    frame = request.getfixturevalue(name)
    found = specialise_table(read(frame), unit, size, 1.25, None).table
    found = found.set_index(["region_id", "sector"])
    expected = oracle(frame, size).reindex(found.index)
    for column in expected:
        np.testing.assert_allclose(found[column], expected[column], SAME_PLACE, 1e-15)
    high = expected["lq"] >= 1.25
    marked = high & (expected["q_value"] <= 0.05)
    assert found["specialised"].fillna(False).tolist() == marked.tolist()
    assert 0 < marked.sum() < high.sum()


def test_what_the_sources_lead_one_to_expect(one_level, one_date):
    firms = specialise_table(read(one_level), "establishments", 1.0, 1.25, None).table
    firms = firms.set_index(["region_id", "sector"])["specialised"]
    assert firms["Rotterdam", "H"]
    assert firms["Westland", "A"]
    assert firms["Veldhoven", "C"] and firms["Terneuzen", "C"]
    work = specialise_table(read(one_date), "jobs", 0.01, 1.25, None).table
    work = work.set_index(["region_id", "sector"])["specialised"]
    for name in ("Veldhoven", "Velsen", "Terneuzen"):
        assert work[name, "C Industrie"]
    assert work["Westland", "A Landbouw, bosbouw en visserij"]
    assert work["Rotterdam", "H Vervoer en opslag"]


def test_every_job_as_a_decision_is_no_test(one_date):
    """With each job a draw nearly every high quotient would be no chance."""
    thousands = specialise_table(read(one_date), "jobs", 0.001, 1.25, None).table
    tens = specialise_table(read(one_date), "jobs", 0.01, 1.25, None).table
    assert thousands["specialised"].sum() > 1.1 * tens["specialised"].sum()


def refusal(frame):
    with pytest.raises(RefusalError) as refused:
        specialise_table(read(frame), "jobs", 1.0, 1.25, None)
    return refused.value.key.removeprefix("specialisation.")


def test_nested_levels_are_refused(establishments, jobs):
    assert refusal(establishments) == "nested_marks"
    assert refusal(jobs) == "double"
    at_once = jobs[jobs["Periode"] == "2010 december*"]
    assert refusal(at_once) == "nested_marks"
    regions = at_once[at_once["region"].str.endswith("(CR)")]
    assert refusal(regions) == "nested_codes_sectors"
    sections = establishments[establishments["sector"].str.len() == 1]
    country = sections[sections["region"] == "Nederland"]
    groups = sections[sections["region"].str.endswith("(GA)")]
    assert refusal(pd.concat([country, sections])) == "double"
    whole = read(pd.concat([country, groups, municipalities(sections)]))
    with pytest.raises(RefusalError, match="GA"):
        specialise_table(whole, "establishments", 1.0, 1.25, None)
    provinces = jobs[
        jobs["region"].str.contains(r"\(PV\)|Nederland totaal")
        & jobs["sector"].str.match("[A-Z] ")
        & (jobs["Periode"] == "2010 december*")
    ]
    assert refusal(provinces) == "nested_sum_regions"


def test_the_country_may_be_the_reference(establishments, one_level):
    sections = establishments[establishments["sector"].str.len() == 1]
    country = sections[sections["region"] == "Nederland"]
    table = read(pd.concat([country, one_level]))
    found = specialise_table(table, "establishments", 1.0, 1.25, "Nederland").table
    _, row = take_out(table, "Nederland")
    whole = dict(zip(table.sectors, row, strict=True))
    cells = found.set_index(["region_id", "sector"])["count"]
    expected = cells["Rotterdam", "H"] / cells["Rotterdam"].sum()
    expected /= whole["H"] / np.nansum(row)
    lq = found.set_index(["region_id", "sector"])["lq"]
    assert lq["Rotterdam", "H"] == pytest.approx(expected, rel=1e-12)


def test_municipalities_that_do_not_match_are_listed(data, one_level):
    """Those of the table that were not there in 2022, and the other way round."""
    history = pd.read_csv(
        data / "boundaries" / "nl_municipality_history.csv", sep=";", dtype=str
    )
    now = history[
        (history["begindatum"] <= "2022-01-01")
        & ~(history["einddatum"].fillna("9999") <= "2022-01-01")
    ]
    polygons = pd.DataFrame(
        {"region_id": "GM" + now["gemeentecode"], "name": now["gemeentenaam"]}
    ).drop_duplicates("region_id", ignore_index=True)
    names = sorted(one_level["region"].unique())
    places, unmatched = join_regions(names, polygons)
    missing = set(unmatched["region"][unmatched["side"] == "table"])
    gone = set(history["gemeentenaam"]) - set(now["gemeentenaam"])
    assert {"Spijkenisse", "Veghel", "Winsum", "Boarnsterhim"} <= missing & gone
    known = set(polygons["name"])
    bare = {name.rsplit(" (", 1)[0] for name in missing}
    assert not (missing | bare) & known
    new = set(unmatched["region"][unmatched["side"] == "regions"])
    assert {"Nissewaard", "Meierijstad", "Het Hogeland"} <= new
    assert len(missing) + (places >= 0).sum() == len(names)
    matched = dict(zip(names, places, strict=True))
    for written, name in RENAMED.items():
        assert polygons["name"][matched[written]] == name
