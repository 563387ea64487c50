"""A file that stands in its place when it is complete, and not before."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Where to write a file; it takes its place when all went well.

    Parameters
    ----------
    path
        Its place. What stands there stays if writing fails.

    Raises
    ------
    OSError
        If the folder can't be written, or the file there is in use.
    """
    # On the same disk, where taking a place happens at once; in a folder of its own,
    # for beside the file any name may be somebody's.
    with tempfile.TemporaryDirectory(
        prefix=f"{path.stem}_", dir=path.parent, ignore_cleanup_errors=True
    ) as folder:
        unfinished = Path(folder) / path.name
        yield unfinished
        unfinished.replace(path)
