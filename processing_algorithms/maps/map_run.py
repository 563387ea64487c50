"""One run of the opportunity map: read, compute step by step, write everything."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path

import pandas as pd
from qgis.core import Qgis

from ...analysis.clip import clip_to_box, map_box
from ...analysis.layers import LayerType, layer_type
from ...analysis.progress import part
from ...analysis.report import render_report
from ...analysis.run_record import content_hash, to_json, versions
from ...analysis.texts import text
from ...analysis.vocabulary import LANGUAGE_CHOICES, PAGES
from ..about import plugin_version
from ..geopackage import write_table
from ..language import help_text
from ..leverage.score_areas import ScoreAreas, scored_type
from .assumptions import assumptions_table
from .main_thread import on_main_thread
from .page import add_page, export_pdf
from .project import GEOPACKAGE, PROJECT, build_project, save_project
from .settings import StepSettings, map_options, read_settings
from .steps import all_steps
from .words import page_content, report_content

COPIES = ("zones", "regions", "infrastructure", "facilities", "constraints")
"""Input that the map draws, and that goes along so that nothing lies outside."""


class MapRun:
    """Holds what one run has read, computed and said.

    Parameters
    ----------
    run
        The run of the algorithm.
    """

    def __init__(self, run) -> None:
        self.run = run
        self.language = run.choice("LANGUAGE", LANGUAGE_CHOICES)
        # The log speaks the language of the map: both end in one record.
        run.language = self.language
        self.steps = all_steps()
        self.layers: dict[str, pd.DataFrame] = {}
        self.written: list[str] = []
        self.inputs: list[dict] = []
        self.sections: list = []
        self.timings: dict[str, float] = {}
        self.started = datetime.now().astimezone()
        self.title = run.string("TITLE") or text("steps.map.title", self.language)
        self._read_settings()

    # Reading.

    def read_layers(self, roles: tuple[str, ...]) -> None:
        """Read every layer that was given, in the CRS of the zones."""
        self.crs = self.run.crs_of("ZONES")
        with self._timed("read"):
            given = [role for role in roles if self.run.given(role)]
            for place, role in enumerate(given):
                start, end = (0.1 * (place + n) / len(given) for n in (0, 1))
                report = part(self.run.progress, start, end)
                frame = self.run.frame(role, self.crs, report)
                self.layers[role.lower()] = frame
                self._record_input(role, frame)
        self.run.tell_text("messages.layers_read")

    def _read_settings(self) -> None:
        algorithms = {step.algorithm.ID: step.algorithm for step in self.steps}
        known = dict.fromkeys([*algorithms, "opportunitymap"])
        changed = read_settings(self.run.text_file("SETTINGS"), known)
        self.options = map_options(changed.pop("opportunitymap", {}))
        self.settings = {
            name: StepSettings(
                algorithm().create(),
                changed.get(name, {}),
                self._fixed() if name == "scoreareas" else {},
                self.language,
            )
            for name, algorithm in algorithms.items()
        }

    def _fixed(self) -> dict:
        """Settings of the scores that are parameters of the map."""
        return {
            "LANGUAGE": LANGUAGE_CHOICES.index(self.language),
            "WEIGHTS_FILE": self.run.text_file("WEIGHTS_FILE"),
            "STRATEGY": self.run.string("STRATEGY") or "basis",
        }

    def _record_input(self, role: str, frame) -> None:
        opened = self.run.opened(role)
        self.inputs.append(
            {
                "role": role,
                "layer": ", ".join(layer.name for layer in opened),
                "features": len(frame),
                "crs": self.crs.authid() or self.crs.description(),
                "hash": content_hash(frame),
                "source": [layer.path for layer in opened],
                "source_crs": [layer.crs.authid() for layer in opened],
                "features_read": [layer.feature_count for layer in opened],
            }
        )

    # Computing.

    def run_steps(self) -> None:
        """Run the steps one by one; one without its layers is passed over."""
        for place, step in enumerate(self.steps):
            name = help_text(step.algorithm.ID, self.language)["name"]
            if any(need not in self.layers for need in step.needs):
                self.run.tell_text("messages.step_skipped", step=name)
                continue
            self.run.tell_text("messages.step_runs", step=name)
            self._run_step(place, step)

    def _run_step(self, place: int, step) -> None:
        def progress(done: float) -> bool:
            return self.run.progress(0.1 + 0.6 * (place + done) / len(self.steps))

        settings = self.settings[step.algorithm.ID]
        with self._timed(step.algorithm.ID):
            outcome = step.compute(self.layers, settings, progress)
        self._add_tables(outcome.tables)
        for key, values in outcome.notes:
            self.run.say(key, **values)
        if outcome.section is not None:
            self.sections.append(outcome.section)

    def _add_tables(self, tables: dict[str, pd.DataFrame]) -> None:
        """Keep tables for the steps that follow, and to be written."""
        self.layers |= tables
        self.written += [name for name in tables if name not in self.written]

    # Writing.

    def write(self, folder: Path) -> None:
        """Write everything; the run record last, since it says that all is there."""
        self.run.tell_text("messages.writing")
        with self._timed("geopackage"):
            self._write_geopackage(folder / GEOPACKAGE)
        self.run.progress(0.8)
        self.run.tell_text("messages.drawing")
        with self._timed("project"):
            self._draw(folder)
        report = render_report(report_content(self))
        (folder / "rapport.html").write_text(report, encoding="utf-8")
        (folder / "run.json").write_text(to_json(self._record()), encoding="utf-8")

    def results(self, folder: Path) -> dict:
        """Outputs of the algorithm, for a result in a folder."""
        areas = self.layers["leverage_areas"]
        return {
            "OUTPUT_FOLDER": str(folder),
            "AREA_COUNT": len(areas),
            "RANKED_COUNT": int(areas["rank"].notna().sum()),
            "CLUSTER_COUNT": len(self.layers["clusters"]),
            "GEOPACKAGE": str(folder / GEOPACKAGE),
            "PROJECT": str(folder / PROJECT),
            "PDF_FILE": str(folder / "kansenkaart.pdf") if self._with_pdf() else "",
            "REPORT": str(folder / "rapport.html"),
            "RUN_RECORD": str(folder / "run.json"),
        }

    def _write_geopackage(self, path: Path) -> None:
        box = map_box(self.layers["zones"])
        self._add_tables(
            {"assumptions": self._assumptions(), "skipped": self._skipped()}
        )
        copies = [name for name in COPIES if name in self.layers]
        tables = [*self.written, *copies]
        for place, name in enumerate(tables):
            start, end = (0.7 + 0.1 * (place + n) / len(tables) for n in (0, 1))
            progress = part(self.run.progress, start, end)
            progress(0)
            table = self.layers[name]
            if name in copies:
                table = clip_to_box(table, box)
            kind = self._type(name)
            crs = None if kind.geometry == "None" else self.crs
            write_table(path, name, table, kind, self.run.context, crs, progress)

    def _type(self, name: str) -> LayerType:
        if name == "leverage_areas":
            return scored_type(self.layers[name])
        return layer_type(name)

    def _assumptions(self) -> pd.DataFrame:
        return assumptions_table(
            list(self.settings.values()),
            self.layers["criteria"],
            self.weights,
            self.language,
        )

    @cached_property
    def weights(self):
        """The weights that were used."""
        return ScoreAreas.weights(self.settings["scoreareas"])

    def _skipped(self) -> pd.DataFrame:
        """What was left out while reading; prepared layers leave out nothing more."""
        fields = list(layer_type("skipped").fields)
        return pd.DataFrame(self.run.skipped, columns=fields, dtype=object)

    def _draw(self, folder: Path) -> None:
        """Make project, page and PDF, one by one: meanwhile QGIS stands still."""
        made = {}

        def project() -> None:
            made["project"] = build_project(folder, self.language, self.title)

        def page() -> None:
            size = self.run.choice("PAGE", PAGES)
            made["page"] = add_page(made["project"], page_content(self), size)
            save_project(made["project"], folder / PROJECT)

        def pdf() -> None:
            if self._with_pdf():
                export_pdf(made["page"], folder / "kansenkaart.pdf")
            # Open layers would keep files beside the GeoPackage, and the folder in use.
            made["project"].clear()
            made.clear()

        for place, action in enumerate((project, page, pdf)):
            on_main_thread(action, self.run.feedback)
            self.run.progress(0.85 + 0.05 * place)

    def _with_pdf(self) -> bool:
        return self.run.boolean("PDF")

    def _record(self) -> dict:
        return {
            "title": self.title,
            "started": self.started.isoformat(timespec="seconds"),
            "language": self.language,
            "versions": versions(plugin_version(), Qgis.version()),
            "inputs": self.inputs,
            "parameters": {
                "opportunitymap": {
                    "STRATEGY": self.settings["scoreareas"].string("STRATEGY"),
                    "WEIGHTS_FILE": self.run.file("WEIGHTS_FILE"),
                    "SETTINGS": self.run.file("SETTINGS"),
                    "PAGE": self.run.choice("PAGE", PAGES),
                    "PDF": self._with_pdf(),
                    **self.options,
                },
                **{name: each.values for name, each in self.settings.items()},
            },
            "weights": self.weights.weight.to_dict(),
            "outputs": {name: len(self.layers[name]) for name in self.written},
            "timings_s": {name: round(took, 3) for name, took in self.timings.items()},
            "warnings": self.run.messages,
        }

    @contextmanager
    def _timed(self, name: str):
        """Note how long a part of the run takes."""
        start = time.monotonic()
        yield
        self.timings[name] = time.monotonic() - start
