"""Tables beside scored areas: criteria, stakeholders, central weights, strategies."""

from __future__ import annotations

import pandas as pd

from .criteria import Measured
from .layers import layer_type
from .progress import Progress, part, silent
from .resources import read_toml
from .robustness import Robustness, robustness
from .scoring import Scores, criteria_table
from .scoring_choices import Scoring
from .stakeholders import stakeholder_scores
from .texts import text
from .weights import Weights


def criteria_rows(
    ids: pd.Series,
    measured: Measured,
    scores: Scores,
    language: str,
    catalogue: str = "criteria.toml",
) -> pd.DataFrame:
    """What every criterion measures and gives; fields of ``criteria``.

    Parameters
    ----------
    catalogue
        File in ``resources`` that tells unit and source of each criterion.
    """
    entries = read_toml(catalogue).items()
    units = {name: text(f"units.{entry['unit']}", language) for name, entry in entries}
    sources = {name: entry["source"] for name, entry in entries}
    return criteria_table(ids, measured, scores, units, sources)


def stakeholder_rows(
    ids: pd.Series, scores: Scores, weights: Weights, how: Scoring
) -> pd.DataFrame:
    """What stakeholders make of every area; fields of ``stakeholder_scores``."""
    table = stakeholder_scores(
        scores, weights.stakeholders, how.min_completeness, how.top
    )
    table.insert(0, "area_id", ids.loc[table.pop("area")].to_numpy())
    order = ["area_id", "stakeholder"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def central_rows(ids: pd.Series, sure: Robustness) -> pd.DataFrame:
    """Central weights of the areas that are among the best in one draw or more.

    Fields of ``central_weights``.
    """
    table = sure.central.assign(area_id=ids).melt(
        "area_id", var_name="criterion", value_name="weight"
    )
    order = ["area_id", "criterion"]
    return table.dropna().sort_values(order, kind="stable", ignore_index=True)


def strategy_rows(
    ids: pd.Series, levers: dict[str, Scores], how: Scoring, progress: Progress = silent
) -> pd.DataFrame:
    """Scores for each strategy, and how sure the places are.

    Fields of ``strategy_scores``.
    """
    parts = []
    for number, (name, scores) in enumerate(levers.items()):
        sure = robustness(
            scores,
            how.draws,
            how.confidence,
            how.top,
            how.seed,
            part(progress, number / len(levers), (number + 1) / len(levers)),
        )
        told = scores.table.join(sure.table)
        parts.append(told.assign(area_id=ids.to_numpy(), strategy=name))
    if not parts:
        return pd.DataFrame(columns=list(layer_type("strategy_scores").fields))
    return pd.concat(parts).sort_values("area_id", kind="stable", ignore_index=True)
