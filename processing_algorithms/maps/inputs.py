"""What goes into an opportunity map: every layer once, as far as it counts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ...analysis.confidentiality import is_public
from ...analysis.progress import part
from ...analysis.run_record import content_hash
from ...analysis.study_area import StudyArea, study_area
from ..language import label

FIRST = "ZONES"
"""The layer whose coordinate system counts, and that says how far the ground goes."""
NAMES = {"FLOWS": "given_flows"}
"""What a role is called here where that is not its own name: a table that comes out has
that one, and may be told when what goes in may not."""


class Inputs:
    """The layers of a run, and the record of them.

    Parameters
    ----------
    run
        The run of the algorithm.
    roles
        Roles to read, as far as they were given.
    reach
        Largest distance over which anything counts, in metres.
    language
        ``nl`` or ``en``.
    workshop
        Whether the record leaves out folders, and hashes that confirm guesses.
    progress
        Told while reading.
    """

    def __init__(self, run, roles, reach, language, workshop, progress) -> None:
        self.run = run
        self.crs = run.crs_of(FIRST)
        self.language = language
        self.workshop = workshop
        self.layers: dict[str, pd.DataFrame] = {}
        self.record: list[dict] = []
        self.study: StudyArea | None = None
        given = [role for role in (FIRST, *roles) if run.given(role)]
        given = list(dict.fromkeys(given))
        for place, role in enumerate(given):
            start, end = ((place + n) / len(given) for n in (0, 1))
            self._read(role, reach, part(progress, start, end))
        if self.study is not None:
            name = run.opened("STUDY_AREA")[0].name
            self.layers["study_area"] = self.study.as_layer(name)

    def _read(self, role: str, reach: float, progress) -> None:
        box = None if self.study is None else self.study.box
        frame = self.run.frame(role, self.crs, part(progress, 0, 0.8), box)
        if role == FIRST and self.run.given("STUDY_AREA"):
            shapes = self.run.shapes("STUDY_AREA", self.crs)
            self.study = study_area(shapes, frame, reach)
        if self.study is not None:
            frame = self.study.near(frame)
        self.layers[_name(role)] = frame
        self._note(role, frame, part(progress, 0.8, 1))

    def _note(self, role: str, frame: pd.DataFrame, progress) -> None:
        """Record a layer, and say how much of it lies too far away."""
        opened = self.run.opened(role)
        read = [layer.feature_count for layer in opened]
        names = ", ".join(layer.name for layer in opened)
        self.record.append(
            {
                "role": role,
                "layer": names,
                "features": len(frame),
                "crs": self.crs.authid() or self.crs.description(),
                "hash": content_hash(self._hashed(role, frame), progress),
                "source": [self._shown(layer.path) for layer in opened],
                "source_crs": [layer.crs.authid() for layer in opened],
                "features_read": read,
            }
        )
        if self.study is not None and min(read) >= 0:
            title, _ = label("opportunitymap", "parameters", role, self.language)
            left = sum(read) - len(frame)
            self.run.say("messages.far_away", role=title, count=left)

    def _hashed(self, role: str, frame: pd.DataFrame) -> pd.DataFrame:
        """What of a layer goes into its hash.

        Whoever knows all other rows can find a figure by trying, until the hash fits:
        of confidential layers only the places are told.
        """
        if self.workshop and not is_public(_name(role)):
            return frame[[frame.geometry.name]]
        return frame

    def _shown(self, path: str) -> str:
        """A source as it may be told: folders can name people and firms."""
        return Path(path.partition("|")[0]).name if self.workshop else path


def _name(role: str) -> str:
    return NAMES.get(role, role.lower())
