"""Diversity of activities."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .codes import DIVISIONS_COUNT, division


def diversity(establishments: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Diversity of activities per group of establishments, weighted by jobs.

    Shannon's entropy over the two-digit divisions, ``H = −Σ p ln p`` with ``p`` a
    division's share of the known jobs; ``diversity`` is ``H / ln 88``, the share of
    the highest possible, and ``divisions_effective`` is ``exp(H)``, the number of
    equally large divisions that is just as diverse.

    Parameters
    ----------
    establishments
        Canonical establishments.
    groups
        Group of each establishment, aligned with it; NULL belongs to none.

    Returns
    -------
    DataFrame
        Index: the groups. ``divisions`` (number of divisions present),
        ``diversity`` (0–1) and ``divisions_effective``, both NULL where no jobs
        are known.

    Source
    ------
    Shannon (1948), A mathematical theory of communication; exp(H) as a number of
    species: Hill (1973).
    """
    table = pd.DataFrame(
        {
            "group": groups.to_numpy(),
            "division": division(establishments["sbi"]),
            "jobs": establishments["jobs"].fillna(0).to_numpy(float),
        }
    ).dropna(subset=["group"])
    jobs = table.groupby(["group", "division"], sort=True)["jobs"].sum()
    total = jobs.groupby(level="group").transform("sum")
    share = (jobs / total.where(total > 0)).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(share > 0, -share * np.log(share), 0.0)
    terms = np.where(np.isnan(share), np.nan, terms)
    by_group = pd.Series(terms, jobs.index).groupby(level="group")
    entropy = by_group.sum(min_count=1).clip(lower=0)
    return pd.DataFrame(
        {
            "divisions": jobs.groupby(level="group").size(),
            "diversity": entropy / np.log(DIVISIONS_COUNT),
            "divisions_effective": np.exp(entropy),
        }
    )
