"""The book of what was left out, mended or worth a word."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..texts import text

Note = tuple[str, dict[str, object]]
EXAMPLES = 10


class Ledger:
    """Keeps, per feature, why it was skipped and what was repaired.

    A feature is skipped once, for the first reason found; the order of the tests is
    therefore part of the method. Repairs and remarks count kept features only. A key
    is one of the theme ``prepare``, unless it names its own: ``<theme>.<key>``.

    Parameters
    ----------
    count
        Number of features.
    language
        Language of the reasons, ``nl`` or ``en``.
    """

    def __init__(self, count: int, language: str) -> None:
        self.language = language
        self.reasons = np.full(count, None, dtype=object)
        self._repairs: list[tuple[np.ndarray, str]] = []
        self._remarks: list[tuple[np.ndarray, str, np.ndarray | None]] = []

    @property
    def kept(self) -> np.ndarray:
        """Mask of the features that no test has skipped yet, shape (n,)."""
        return np.equal(self.reasons, None)

    def skip(self, mask: np.ndarray, key: str, **values: object) -> None:
        """Leave features out, for a reason ``prepare.skip.<key>``."""
        reason = text(_full("skip", key), self.language, **values)
        self.reasons[mask & self.kept] = reason

    def repair(self, mask: np.ndarray, key: str, **values: object) -> None:
        """Note a repair ``prepare.repair.<key>`` of features."""
        reason = text(_full("repair", key), self.language, **values)
        self._repairs.append((mask, reason))

    def say(
        self, mask: np.ndarray, key: str, examples: np.ndarray | None = None
    ) -> None:
        """Count features in a remark ``prepare.note.<key>``, with examples by name."""
        self._remarks.append((mask, key, examples))

    def skipped(self, layer: str, source_ids: np.ndarray) -> pd.DataFrame:
        """Skipped features, one row each."""
        gone = ~self.kept
        return _table(layer, source_ids[gone], self.reasons[gone])

    def repaired(self, layer: str, source_ids: np.ndarray) -> pd.DataFrame:
        """Repairs of kept features, one row each."""
        kept = self.kept
        ids = [source_ids[mask & kept] for mask, _ in self._repairs]
        reasons = [
            np.full(len(found), reason, dtype=object)
            for found, (_, reason) in zip(ids, self._repairs, strict=True)
        ]
        nothing = np.array([], dtype=object)
        return _table(
            layer, np.concatenate([nothing, *ids]), np.concatenate([nothing, *reasons])
        )

    def notes(self, skipped: pd.DataFrame, repaired: pd.DataFrame) -> list[Note]:
        """Count in sentences what was skipped and repaired by reason, and remarks."""
        said: list[Note] = []
        for key, table in (("skipped", skipped), ("repaired", repaired)):
            counts = table["reason"].value_counts().sort_index()
            for reason, count in counts.items():
                values = {"count": int(count), "reason": reason}
                said.append((f"prepare.note.{key}", values))
        for mask, key, examples in self._remarks:
            found = mask & self.kept
            if found.any():
                values = {"count": int(found.sum())}
                if examples is not None:
                    values["examples"] = _first(examples[found])
                said.append((_full("note", key), values))
        return said


def _full(kind: str, key: str) -> str:
    """Key of a text, theme in front."""
    theme, _, own = key.rpartition(".")
    return f"{theme or 'prepare'}.{kind}.{own}"


def _table(layer: str, source_ids: np.ndarray, reasons: np.ndarray) -> pd.DataFrame:
    """Rows of the skipped or repaired table, in an order of their own."""
    columns = {"layer": layer, "source_id": source_ids, "reason": reasons, "count": 1}
    index = range(len(source_ids))
    table = pd.DataFrame(columns, index=index).astype(
        {"layer": object, "source_id": object, "reason": object, "count": int}
    )
    return table.sort_values(["source_id", "reason"], ignore_index=True)


def _first(examples: np.ndarray) -> str:
    """Join the first few different examples, in alphabetical order."""
    different = sorted(set(examples))
    more = ", …" if len(different) > EXAMPLES else ""
    return ", ".join(different[:EXAMPLES]) + more
