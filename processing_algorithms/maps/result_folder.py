"""The folder of a finished map: whole, or the old one.

A run writes into ``<folder>.new``, ``run.json`` last. Then the old folder moves to
``<folder>.old``, the new one takes its place and the old one goes. A folder is complete
when it holds ``run.json``; whoever finds leftovers finishes or clears them.
"""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path

from qgis.PyQt.QtCore import QLockFile

from ...analysis.errors import RefusalError

RECORD = "run.json"
OWN_FILES = {
    "kansenkaart.gpkg",
    "kansenkaart.qgz",
    "kansenkaart.pdf",
    "ranglijst.xlsx",
    "rapport.html",
    RECORD,
}
LAYER_MARK = "|"
"""Behind it QGIS reads which layer of a file is meant, even in the name of a folder."""
PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds to wait for a program that reads in a folder, before moving it once more."""
BY_PRODUCTS = (".gpkg-wal", ".gpkg-shm", ".gpkg-journal", ".qgz~")


class ResultFolder:
    """Writes a result as a whole.

    Used as a context: on entering, the target is checked and claimed; what stands in
    :attr:`work` when :meth:`finish` is called becomes the result.

    Parameters
    ----------
    target
        The folder that the user asked for.

    Raises
    ------
    RefusalError
        If the folder is a whole disk, or QGIS could not open it; on entering: if it
        holds something else, or another run is writing it.
    """

    def __init__(self, target: Path) -> None:
        self.target = target = target.resolve()
        if not target.name:
            raise RefusalError("messages.folder_foreign", path=str(target))
        if LAYER_MARK in str(target):
            raise RefusalError("messages.folder_bar", path=str(target))
        self.work = _beside(target, ".new")
        self._old = _beside(target, ".old")
        self._lock = QLockFile(str(_beside(target, ".lock")))
        # Only a lock of a process that is gone counts as left behind.
        self._lock.setStaleLockTime(0)
        self._kept = False

    def __enter__(self) -> ResultFolder:
        """Claim the target and start with an empty folder to work in."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        if not self._lock.tryLock(0):
            if self._lock.error() != QLockFile.LockError.LockFailedError:
                raise PermissionError(str(self.target))
            raise RefusalError("messages.folder_busy", path=str(self.target))
        try:
            self._recover()
            if self.target.exists() and not _replaceable(self.target):
                raise RefusalError("messages.folder_foreign", path=str(self.target))
            self.work.mkdir()
        except BaseException:
            self._lock.unlock()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        """Clear what was not finished, and let others in."""
        if not self._kept:
            shutil.rmtree(self.work, ignore_errors=True)
        self._lock.unlock()

    def finish(self) -> Path:
        """Put the new result in the place of the old one; give where it stands.

        A target that another program holds open can't be moved; the result is then
        put beside it.

        Raises
        ------
        RefusalError
            If the new result itself can't be moved; it stays where it was made.
        """
        place = self.target
        try:
            if self.target.exists():
                _move(self.target, self._old)
        except OSError:
            place = _free_name(self.target)
        try:
            _move(self.work, place)
        except OSError:
            self._kept = True
            with suppress(OSError):
                self._old.rename(self.target)
            raise RefusalError("messages.folder_held", path=str(self.work)) from None
        shutil.rmtree(self._old, ignore_errors=True)
        return place

    def _recover(self) -> None:
        """Finish or clear what an interrupted run left behind."""
        if not self.target.exists():
            for left in (self.work, self._old):
                if (left / RECORD).is_file():
                    left.rename(self.target)
                    break
        elif _is_empty(self.target):
            self.target.rmdir()
        for left in (self.work, self._old):
            shutil.rmtree(left, ignore_errors=True)


def _move(folder: Path, place: Path) -> None:
    """Rename a folder; Windows may refuse while a scanner reads what is new in it."""
    for pause in PAUSES:
        try:
            folder.rename(place)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    folder.rename(place)


def _beside(target: Path, ending: str) -> Path:
    return target.with_name(target.name + ending)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _replaceable(target: Path) -> bool:
    """Whether a folder holds an earlier result and nothing else."""
    if not target.is_dir() or not (target / RECORD).is_file():
        return False
    return all(
        path.name in OWN_FILES or path.name.endswith(BY_PRODUCTS)
        for path in target.iterdir()
    )


def _free_name(target: Path) -> Path:
    number = 2
    while (name := target.with_name(f"{target.name} {number}")).exists():
        number += 1
    return name
