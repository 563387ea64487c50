"""Doing in the main thread what only the main thread may do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QObject, Qt, QThread, pyqtSignal, pyqtSlot

from ...analysis.progress import CancelledError

WAIT = 0.1
"""Seconds between two looks at whether the user wants to stop."""


class _Messenger(QObject):
    """Carries a call from a background thread to the main thread."""

    call = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self.moveToThread(QgsApplication.instance().thread())
        self.call.connect(self.perform, Qt.ConnectionType.QueuedConnection)

    # Only a declared slot runs in the thread of its object.
    @pyqtSlot(object)
    def perform(self, call: tuple) -> None:
        """Run the action and keep what it gives or raises."""
        action, outcome, done, claim = call
        if not claim.acquire(blocking=False):
            return
        try:
            outcome["result"] = action()
        except Exception as error:
            outcome["error"] = error
        finally:
            done.set()


@cache
def _messenger() -> _Messenger:
    """One for all, never destroyed: a QObject must not die in another thread."""
    return _Messenger()


def on_main_thread(action: Callable[[], object], run) -> object:
    """Run an action in the main thread and wait for it.

    Layouts and projects belong to the main thread, while QGIS Desktop computes in the
    background. An action that has not begun is given up when the user cancels, so
    that QGIS can always close; one that has begun is waited for, with a word of
    progress now and then.

    Parameters
    ----------
    action
        What to run; its result is given back, its exception raised here.
    run
        The run of the algorithm.
    """
    if QThread.currentThread() == QgsApplication.instance().thread():
        return action()
    outcome: dict = {}
    done = threading.Event()
    # Whoever gets it first decides: the main thread begins, or the run gives up.
    claim = threading.Lock()
    _messenger().call.emit((action, outcome, done, claim))
    while not done.wait(WAIT):
        if run.feedback.isCanceled() and claim.acquire(blocking=False):
            raise CancelledError
        run.be_heard()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]
