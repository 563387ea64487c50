"""Running algorithms through real qgis_process: JSON in, JSON out."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class RunFailedError(RuntimeError):
    """qgis_process said no."""


def environment(config: Path | None = None) -> dict[str, str]:
    """The environment that ``make env`` prints, for a profile of one's own."""
    given = dict(os.environ)
    given.pop("PYTHONPATH", None)
    config = config or ROOT / ".dev" / "profile"
    config.mkdir(parents=True, exist_ok=True)
    given["QGIS_CUSTOM_CONFIG_PATH"] = str(config)
    printed = subprocess.run(
        ["bash", ROOT / "dev/env.sh"],
        env=given,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for line in printed.splitlines():
        name, value = line.removeprefix("export ").split("=", 1)
        given[name] = value.strip("'")
    # Says no when the plugin is enabled already.
    subprocess.run(
        ["qgis_process", "plugins", "enable", "kansenkaart"],
        env=given,
        check=False,
        capture_output=True,
    )
    return given


def run(algorithm: str, inputs: dict, env: dict, quiet: bool = False) -> dict:
    """Run one algorithm, by its id or by the path of a model; give its results.

    Raises
    ------
    RunFailedError
        With what it wrote on stderr, if it ends with anything but a clean 0.
    """
    started = time.monotonic()
    own = ":" not in algorithm and not algorithm.endswith(".model3")
    name = f"kansenkaart:{algorithm}" if own else algorithm
    done = subprocess.run(
        ["qgis_process", "run", name, "-"],
        input=json.dumps({"inputs": inputs}),
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RunFailedError(
            f"{name} ({done.returncode})\n{done.stderr}\n{done.stdout}"
        )
    answer = json.loads(done.stdout)
    if not quiet:
        print(f"{name}: {time.monotonic() - started:.1f} s", flush=True)
        for line in answer.get("log", {}).get("warning", []):
            print(f"  {line}", flush=True)
    return answer["results"]


def measured(algorithm: str, inputs: dict, env: dict, folder: Path) -> dict:
    """Run one of our algorithms; seconds and gigabytes at its peak.

    What it is asked and what it says is left in the folder.
    """
    asked, told = folder / "inputs.json", folder / "log.txt"
    asked.write_text(json.dumps({"inputs": inputs}), "utf-8")
    start = time.monotonic()
    with asked.open() as source, told.open("w") as log:
        command = ["qgis_process", "run", f"kansenkaart:{algorithm}", "-"]
        process = subprocess.Popen(
            command, stdin=source, stdout=log, stderr=log, env=env
        )
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RunFailedError(f"{algorithm}\n{told.read_text('utf-8')}")
    row = {
        "what": algorithm,
        "seconds": time.monotonic() - start,
        "memory_gb": usage.ru_maxrss / 1e6,
    }
    print("{what}: {seconds:.1f} s, {memory_gb:.2f} GB".format(**row), flush=True)
    return row
