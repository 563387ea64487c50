"""The manual, walked in QGIS Desktop: from the ZIP to the page, and from own layers.

Run inside QGIS Desktop by ``dev/desktop.sh``, once per part. It goes through menus and
windows as a planner does, says how long each run took, and takes the pictures of
docs/handleiding.md. Where it stumbles, QGIS ends with 1.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QTimer

_WORK, ROOT, PART = sys.argv[1:4]
sys.path.append(str(Path(ROOT, "dev")))


def main() -> None:
    """Walk, and end QGIS without asking."""
    from desktop_hands import stumble, tidy_window

    try:
        tidy_window()
        import_module(f"desktop_{PART}").walk()
    except Exception:
        stumble()
    # The next part finds the plugin installed.
    QgsSettings().sync()
    os._exit(0)


QTimer.singleShot(3000, main)
