"""Pages of docs/ that follow from the plugin itself: the help, and the assumptions.

Run by ``make docs``. ``pages`` gives what the files should hold, so that a test can
compare it with what they do hold.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
METHOD = ROOT / "docs" / "methode.md"


def pages() -> dict[Path, str]:
    """Text of every page that is made, by its path; QGIS must be started."""
    from assumption_tables import assumption_tables
    from demo_figures import put
    from help_pages import help_pages

    method = METHOD.read_text("utf-8")
    for name, table in assumption_tables().items():
        method = put(method, name, table)
    return {METHOD: method, **help_pages(ROOT / "docs" / "help")}


def main() -> None:
    """Write the pages, and take away what no longer belongs to them."""
    sys.path.insert(0, str(ROOT / ".dev" / "plugins"))
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    made = pages()
    for path in set((ROOT / "docs" / "help").rglob("*.md")) - set(made):
        path.unlink()
    for path, content in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    print(f"{len(made)} pages written")
    application.exitQgis()


if __name__ == "__main__":
    main()
