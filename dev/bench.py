"""Speed against QGIS's own algorithms, scikit-learn and OR-tools: ``make bench``.

Every case runs in a Python of its own; ``dev/bench.py clusters load`` runs just those.
A case that computes something else than its oracle fails; a missed target does not.
"""

from __future__ import annotations

import subprocess
import sys
import time
from importlib import import_module

MODULES = {
    "clusters": "bench_clusters",
    "million": "bench_clusters",
    "overlay": "bench_overlay",
    "flows": "bench_flows",
    "leads": "bench_leads",
    "roads": "bench_roads",
    "match": "bench_match",
    "rediscovery": "bench_rediscovery",
    "reweigh": "bench_scores",
    "smaa": "bench_scores",
    "strategies": "bench_scores",
    "province": "bench_whole",
    "load": "bench_whole",
    "cancel": "bench_whole",
}
"""Where every case is, in the order in which they run."""


def measure(case: str) -> bool:
    """Run one case here; give whether everything agrees."""
    if case == "scene":
        from bench_scene import make_scenes, start_qgis

        application = start_qgis()
        make_scenes()
        return application is not None
    return getattr(import_module(MODULES[case]), case)()


def main(wanted: list[str]) -> int:
    """Run the cases one by one; 1 when one of them does not agree."""
    if len(wanted) == 2 and wanted[0] == "--here":
        return int(not measure(wanted[1]))
    unknown = sorted(set(wanted) - set(MODULES))
    if unknown:
        print(f"No such case: {', '.join(unknown)}. Cases: {', '.join(MODULES)}.")
        return 2
    start = time.monotonic()
    failed = []
    for case in ("scene", *(wanted or MODULES)):
        command = [sys.executable, "-W", "ignore", __file__, "--here", case]
        code = subprocess.run(command, check=False).returncode
        if code:
            failed.append(f"{case} ({code})")
    print(f"{time.monotonic() - start:.0f} s; failed: {', '.join(failed) or 'none'}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
