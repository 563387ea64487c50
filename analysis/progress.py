"""How a long computation tells how far it is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float], object]
"""Called with the part that is done (0–1); raises :class:`CancelledError` to stop."""


class CancelledError(Exception):
    """The user asked to stop."""


def silent(_done: float) -> None:
    """A :data:`Progress` that tells nobody."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """The :data:`Progress` of one part of a computation, from ``start`` to ``end``."""
    return lambda done: progress(start + done * (end - start))
