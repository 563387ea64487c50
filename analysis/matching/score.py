"""How promising a lead is: six parts from 0 to 1, and their weighted sum.

No source gives weights or scales; every number here is an assumption of ours. A lead
that only a use finds stays below the same lead with a cited rule, since its evidence is
at most :data:`USE_EVIDENCE` and that of a rule at least :data:`RULE_EVIDENCE`, and all
other parts are the same.
"""

from __future__ import annotations

import numpy as np

from .rules import LADDER

WEIGHTS = {
    "distance": 0.15,
    "quantity": 0.15,
    "quality": 0.05,
    "evidence": 0.55,
    "data": 0.05,
    "ladder": 0.05,
}
"""Weight of each part; together 1."""
WEIGHTS_IN_PERCENT = {name: 100 * weight for name, weight in WEIGHTS.items()}
PARTS = tuple(f"score_{name}" for name in WEIGHTS)
RULE_EVIDENCE = 0.65
"""Evidence of a rule that no documented exchange stands behind."""
MOST_EVIDENCE = 0.7
"""Evidence of a rule with ever more of them. It rises so little since their number says
how much was written down, not how often it happens."""
EVERYDAY_EVIDENCE = 0.8
"""Part of it that is left for an everyday stream, which nearly every firm gives."""
USE_EVIDENCE = 0.5
"""Evidence of a use that the material serves fully, and the activity needs most."""
PHYSICS_EVIDENCE = 0.5
"""Evidence of heat, water or CO2 that fits, without a rule."""
TREATED_QUALITY = 0.5
"""Quality margin of a material that is treated first; as it is: 1."""
BEST_DATA, WORST_DATA = 1, 5


def distance_part(distance: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """1 next door, 0 at the end of the reach, linear in between; both in metres."""
    part = np.divide(distance, reach, where=reach > 0, out=np.zeros(len(distance)))
    return np.clip(1 - part, 0, 1)


def quantity_part(
    share: np.ndarray, given: np.ndarray, shared: np.ndarray
) -> np.ndarray:
    """How much of what a giver offers finds a place: the root of that part.

    What leaves a plant by the shipload is what the plant is about; every firm has some
    paper and pallets besides. The root keeps streams of a tenth in sight.

    Parameters
    ----------
    share
        Share of the flow in all that its actor offers of a carrier, in one unit.
    given
        What would arrive if the giver gave all that is free.
    shared
        What can pass: the lesser of that and what the receiver still asks for, for
        heat by month.
    """
    return np.sqrt(share) * np.sqrt(shared / given)


def quality_part(treated: np.ndarray, suitability: np.ndarray) -> np.ndarray:
    """Quality margin of a material: its suitability, half of it after a treatment."""
    return np.where(treated, TREATED_QUALITY, 1.0) * suitability


def rule_evidence(cases: np.ndarray, everyday: np.ndarray | bool = False) -> np.ndarray:
    """0.65 without a documented exchange, 0.675 with one, then ever closer to 0.7.

    Parameters
    ----------
    cases
        Number of documented exchanges.
    everyday
        Whether the stream is an everyday one: four fifths of it, so that paper and
        scrap don't crowd out what is particular to a firm.
    """
    found = MOST_EVIDENCE - (MOST_EVIDENCE - RULE_EVIDENCE) / (1 + cases)
    return np.where(everyday, EVERYDAY_EVIDENCE, 1.0) * found


def use_evidence(fit: np.ndarray) -> np.ndarray:
    """Half of the suitability times importance of a use."""
    return USE_EVIDENCE * fit


def data_part(quality: np.ndarray) -> np.ndarray:
    """1 for a figure of quality 1 (best), 0 for quality 5; a pair has the mean."""
    return np.clip((WORST_DATA - quality) / (WORST_DATA - BEST_DATA), 0, 1)


def ladder_part(strategy: np.ndarray) -> np.ndarray:
    """Place on the R-ladder: 1 for R0, 0 for R9."""
    steps = {name: 1 - place / (len(LADDER) - 1) for place, name in enumerate(LADDER)}
    return np.array([steps[name] for name in strategy], float)


def weighted(**parts: np.ndarray) -> np.ndarray:
    """Sum of some of the parts, each times its weight, in their fixed order."""
    return sum(WEIGHTS[name] * parts[name] for name in WEIGHTS if name in parts)
