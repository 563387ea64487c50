"""Names of fictional companies, put together from parts."""

from __future__ import annotations

import numpy as np

from ..resources import read_toml


def company_names(
    rng: np.random.Generator, sbi: np.ndarray, jobs: np.ndarray, towns: list[str]
) -> np.ndarray:
    """Names (n,) that fit the activity; larger ones carry a legal form."""
    parts = read_toml("demo", "names.toml")
    count = len(sbi)
    fields = {
        "word": _words(rng, parts["words"], sbi),
        "surname": _pick(rng, _surnames(parts), count),
        "place": _pick(rng, parts["place_part"], count),
        "town": _pick(rng, towns, count),
    }
    patterns = parts["patterns"]
    chosen = rng.integers(0, len(patterns), count)
    names = np.empty(count, dtype=object)
    for number, pattern in enumerate(patterns):
        rows = chosen == number
        names[rows] = _fill(
            pattern, {key: value[rows] for key, value in fields.items()}
        )
    small = _pick(rng, parts["legal_small"], count)
    large = _pick(rng, parts["legal_large"], count)
    return names + np.where(jobs >= 5, large, small)


def _pick(rng, options: list[str], count: int) -> np.ndarray:
    return np.array(options, dtype=object)[rng.integers(0, len(options), count)]


def _surnames(parts: dict) -> list[str]:
    return [
        prefix + start + end
        for prefix in parts["surname_prefix"]
        for start in parts["surname_start"]
        for end in parts["surname_end"]
    ]


def _words(rng, words: dict, sbi: np.ndarray) -> np.ndarray:
    """Word for the activity of each establishment."""
    codes, where = np.unique(sbi.astype(str), return_inverse=True)
    draw = rng.random(len(sbi))
    chosen = np.empty(len(sbi), dtype=object)
    for number, code in enumerate(codes):
        options = np.array(_options(words, code), dtype=object)
        rows = np.flatnonzero(where == number)
        chosen[rows] = options[(draw[rows] * len(options)).astype(int)]
    return chosen


def _options(words: dict, code: str) -> list[str]:
    """Words of the longest beginning of ``code`` that has any."""
    starts = [code[:digits] for digits in range(len(code), 1, -1)]
    return next((words[start] for start in starts if start in words), words["other"])


def _fill(pattern: str, fields: dict) -> np.ndarray:
    """Put whole columns in the place of the fields of ``pattern``."""
    text: np.ndarray | str = ""
    for piece in pattern.replace("}", "{").split("{"):
        text = text + fields.get(piece, piece)
    return text
