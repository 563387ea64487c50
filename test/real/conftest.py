"""Real open data, where a folder with them is at hand."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "dev"), str(ROOT / "test" / "real")]


@pytest.fixture(scope="session")
def data():
    """Folder with the open data."""
    folder = Path(os.environ.get("DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}")
    return folder
