"""The ZIP in QGIS Desktop, on a screen of its own."""

import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "dev" / "desktop.sh"


def test_installed_from_the_window_of_plugins_it_runs(tmp_path):
    done = subprocess.run(
        ["bash", SCRIPT, tmp_path, "install"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "installed from the ZIP and started" in done.stdout
    assert "the province is written" in done.stdout
    (picture,) = tmp_path.glob("*.png")
    assert picture.stat().st_size > 0
