"""Activities: how many establishments each has, and how large these are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import zeta

from ..resources import read_csv

ENVIRONMENTS = (
    "centre", "residential", "park", "port", "farm", "greenhouse", "campus", "nature",
)  # fmt: skip


def read_activities(rules: dict) -> pd.DataFrame:
    """Read the activities and fit their sizes to what is published by section.

    Within a section activities keep their own proportions, which are estimates; the
    section as a whole gets the number of establishments, the part of them with one
    job and the jobs of ``sections.csv``.

    Parameters
    ----------
    rules : dict
        Table ``jobs`` of ``province.toml``.

    Returns
    -------
    DataFrame
        ``sbi``, ``section``, ``category``, the environments (shares that add up to 1),
        ``share`` (of all establishments), ``mean`` (jobs), ``one`` (part with one
        job), and of the others ``largest`` (most jobs) and ``scale`` (see
        :func:`draw_jobs`).
    """
    rows = pd.DataFrame(read_csv("demo", "activities.csv"))
    numbers = ["weight", "mean_jobs", "category", *ENVIRONMENTS]
    rows[numbers] = rows[numbers].astype(float)
    sections = pd.DataFrame(read_csv("demo", "sections.csv")).set_index("section")
    sections = sections[["establishments", "one", "jobs"]].astype(float)
    parts = [
        _fitted(part, sections.loc[section])
        for section, part in rows.groupby("section", sort=False)
    ]
    activities = pd.concat(parts, ignore_index=True)
    activities["share"] /= sections["establishments"].sum()
    others = activities.pop("others").to_numpy()
    activities["largest"] = np.clip(others * rules["span"], 0, rules["largest"]).round()
    activities["scale"] = _scales(rules["tail"], others, activities["largest"])
    places = activities[list(ENVIRONMENTS)]
    activities[list(ENVIRONMENTS)] = places.div(places.sum(axis=1), axis=0)
    return activities


def draw_jobs(
    rules: dict, activities: pd.DataFrame, kind: np.ndarray, place: np.ndarray
) -> np.ndarray:
    """Whole numbers of jobs (n,) of establishments of activity ``kind`` (n,).

    ``place`` (n,) between 0 and 1 is where each stands in the distribution of its
    activity: the first part has one job, the others two or more with a Pareto tail
    (Lomax), P(jobs >= 2 + t) = (1 + t / scale) ** -tail. Last, the largest in each
    section takes what its section has too many or too few, as far as it stays the
    largest: else one giant decides about a small province.
    """
    one = activities["one"].to_numpy()[kind]
    scale = activities["scale"].to_numpy()[kind]
    largest = activities["largest"].to_numpy()[kind]
    above = np.clip((place - one) / (1 - one), 0, 1 - 1e-9)
    jobs = 2 + np.floor(scale * ((1 - above) ** (-1 / rules["tail"]) - 1))
    jobs = np.where(place < one, 1.0, np.minimum(jobs, largest))
    return _balanced(activities, kind, jobs, largest)


def _balanced(activities: pd.DataFrame, kind, jobs, largest) -> np.ndarray:
    """Jobs (n,) of which each section has its total, by changing its largest."""
    due = activities["mean"].to_numpy()[kind] - jobs
    section = pd.Series(activities["section"].to_numpy()[kind])
    for rows in section.groupby(section).indices.values():
        first, *second = rows[np.argsort(-jobs[rows], kind="stable")[:2]]
        least = jobs[second[0]] if second else 1.0
        wanted = np.round(jobs[first] + due[rows].sum())
        jobs[first] = np.clip(wanted, least, max(least, largest[first]))
    return jobs


def _fitted(part: pd.DataFrame, section: pd.Series) -> pd.DataFrame:
    """Give the activities of one section their share, ``one`` and ``others``.

    The more jobs an activity has on average, the fewer of its establishments have
    one: exp(-pull * (mean - 1)), with the pull that gives the section its total.
    """
    share = part["weight"] / part["weight"].sum()
    excess = part["mean_jobs"] - 1
    excess = excess * (section["jobs"] / section["establishments"] - 1)
    excess = excess / (share @ (part["mean_jobs"] - 1))

    def one(pull: float) -> pd.Series:
        # The others have two jobs or more, so no fewer than this can have one.
        return np.maximum(np.exp(-pull * excess), 1 - excess)

    wanted = section["one"] / section["establishments"]
    pull = brentq(lambda pull: share @ one(pull) - wanted, 1e-9, 1e3)
    return part.assign(
        share=share * section["establishments"],
        mean=1 + excess,
        one=one(pull),
        others=1 + excess / (1 - one(pull)),
    )


def _scales(tail: float, means: np.ndarray, largest: np.ndarray) -> np.ndarray:
    """Scale of the tail (n,) that gives each mean number of jobs, of two or more."""
    low, high = np.full(len(means), -7.0), np.full(len(means), 10.0)
    for _ in range(50):
        middle = (low + high) / 2
        scale = np.exp(middle)
        # Sum of P(jobs >= 2 + t) over t = 1 … largest - 2, by Hurwitz's zeta function.
        sums = zeta(tail, scale + 1) - zeta(tail, scale + largest - 1)
        short = 2 + scale**tail * sums < means
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return np.exp(low)
