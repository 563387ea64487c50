"""The choices that are made in scoring areas."""

from __future__ import annotations

from dataclasses import dataclass

from .robustness import CONFIDENCE, DRAWS
from .scoring import WEIGHTED_SUM


@dataclass(frozen=True)
class Scoring:
    """How areas are scored; defaults that no source gives are assumptions.

    Parameters
    ----------
    method
        One of :data:`.vocabulary.SCORING_METHODS`.
    min_completeness
        Share of the weight that must be known for a rank.
    draws, confidence, seed
        Of the robustness, see :func:`.robustness.robustness`.
    top
        Places that count as the best; a work agenda wants the areas that have such a
        place for it.
    strategy
        A strategy of the study, a work agenda or all: then every area also gets its
        best strategies, and the number of work agendas that want it.
    language
        Of sentences and units, ``nl`` or ``en``.
    """

    method: str = WEIGHTED_SUM
    min_completeness: float = 0.6
    draws: int = DRAWS
    confidence: float = CONFIDENCE
    seed: int = 1
    top: int = 10
    strategy: str = ""
    language: str = "nl"


AS_GIVEN = Scoring()
