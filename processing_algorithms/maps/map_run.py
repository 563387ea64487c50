"""One run of the opportunity map: read, compute step by step, write everything."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path

import pandas as pd
from qgis.core import Qgis

from ...analysis.clip import clip_to_box, map_box
from ...analysis.coarse import coarse_outlines
from ...analysis.confidentiality import Withheld, publishable, unlisted_totals, withhold
from ...analysis.density import coarse_density
from ...analysis.flows.min_flows import choose_min_flows
from ...analysis.flows.tables import CARRIERS
from ...analysis.layers import LayerType, layer_type
from ...analysis.progress import part
from ...analysis.report import render_report
from ...analysis.run_record import to_json, versions
from ...analysis.texts import text
from ...analysis.vocabulary import AUDIENCES, LANGUAGE_CHOICES, PAGES
from ..about import plugin_version
from ..geopackage import write_table
from ..language import help_text
from ..leverage.score_areas import ScoreAreas, scored_type
from .assumptions import assumptions_table, outline_side
from .flow_pages import add_flow_page, flow_pages
from .initiatives import initiatives_on_map
from .inputs import Inputs
from .main_thread import on_main_thread
from .match_pages import add_match_page, match_pages
from .page import add_page, export_pdf
from .project import GEOPACKAGE, PROJECT, SCORED, build_project, save_project
from .ranking_sheet import RANKING, write_ranking
from .reach import largest_reach
from .settings import (
    MAP_DEFAULTS,
    StepSettings,
    confidentiality_rule,
    flow_settings,
    map_options,
    read_settings,
)
from .steps import all_steps
from .words import page_content, report_content

COPIES = (
    "zones",
    "regions",
    "infrastructure",
    "facilities",
    "constraints",
    "study_area",
)
"""Input that the map draws, and that goes along so that nothing lies outside."""
FLOWS = ("flows", "matching")
"""Groups of the algorithms that a map without flows does without."""
LAST = 100
"""Place in the report behind the sections of all steps."""


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
        self.workshop = run.choice("AUDIENCE", AUDIENCES) == "workshop"
        self.steps = all_steps()
        self.layers: dict[str, pd.DataFrame] = {}
        self.actors: dict[str, pd.DataFrame] = {}
        self.withheld: Withheld | None = None
        self.written: list[str] = []
        self.tellers: list[tuple[int, Callable]] = []
        self.timings: dict[str, float] = {}
        self.started = datetime.now().astimezone()
        self.title = run.string("TITLE") or text("steps.map.title", self.language)
        self._read_settings()

    # Reading.

    def read_layers(self, roles: tuple[str, ...]) -> None:
        """Read every layer that was given, in the CRS of the zones."""
        self.run.tell_text("messages.reading")
        with self._timed("read"):
            self.inputs = Inputs(
                self.run,
                roles,
                largest_reach(self.settings),
                self.language,
                self.workshop,
                part(self.run.progress, 0, 0.1),
            )
        self.layers |= self.inputs.layers
        self.run.tell_text("messages.layers_read")

    def _read_settings(self) -> None:
        algorithms = {step.algorithm.ID: step.algorithm for step in self.steps}
        own = ("opportunitymap", "confidentiality", "flows")
        known = dict.fromkeys([*algorithms, *own])
        changed = read_settings(self.run.text_file("SETTINGS"), known)
        self.options = map_options(changed.pop("opportunitymap", {}))
        self.rule, self.rule_changed = confidentiality_rule(
            changed.pop("confidentiality", {})
        )
        min_flow, of_facilities = flow_settings(changed.pop("flows", {}))
        changed["facilityflows"] = changed.get("facilityflows", {}) | of_facilities
        self.min_flows_changed = min_flow is not None
        self.min_flows = choose_min_flows(min_flow)
        fixed = self._fixed()
        self.settings = {
            name: StepSettings(
                algorithm().create(),
                changed.get(name, {}),
                fixed.get(name, {}),
                self.language,
                self.run.read_text,
                self.min_flows,
                MAP_DEFAULTS.get(name),
            )
            for name, algorithm in algorithms.items()
        }
        # What does not exist is refused before anything is computed.
        _ = self.weights
        self._check_groupings()

    def _check_groupings(self) -> None:
        """Read the groupings of the steps, and say what does not fit the code lists."""
        remarks = {}
        for settings in self.settings.values():
            if "GROUPING" in settings.values:
                for key, values in settings.grouping("GROUPING").remarks():
                    remarks[key, str(values)] = values
        for (key, _), values in remarks.items():
            self.run.say(key, **values)

    def _fixed(self) -> dict:
        """Settings of the steps that are parameters of the map."""
        language = LANGUAGE_CHOICES.index(self.language)
        return {
            "scoreareas": {
                "LANGUAGE": language,
                "WEIGHTS_FILE": self.run.text_file("WEIGHTS_FILE"),
                "STRATEGY": self.run.string("STRATEGY") or "basis",
            },
            # The weights file of the map is that of the areas.
            "rankclusters": {"LANGUAGE": language, "WEIGHTS_FILE": None},
        }

    # Computing.

    def run_steps(self) -> None:
        """Run the steps one by one; one without its layers is passed over."""
        for place, step in enumerate(self.steps):
            if step.from_published and self.withheld is None:
                self._publish()
            if not self._wanted(step):
                continue
            name = help_text(step.algorithm.ID, self.language)["name"]
            if any(need not in self.layers for need in step.needs):
                self.run.tell_text("messages.step_skipped", step=name)
                continue
            self.run.tell_text("messages.step_runs", step=name)
            self._run_step(place, step)
        if "initiatives" in self.layers:
            found = initiatives_on_map(self.layers, self._box(), self.language)
            self._take(found, told=LAST)
        self._add_tables(
            {"assumptions": self._assumptions(), "skipped": self._skipped()}
        )

    def _wanted(self, step) -> bool:
        """Whether a step has a part in this map."""
        if step.algorithm.GROUP in FLOWS and not self.options["FLOWS"]:
            return False
        return self.workshop or not step.for_workshop

    def _run_step(self, place: int, step) -> None:
        def progress(done: float) -> bool:
            return self.run.progress(0.1 + 0.6 * (place + done) / len(self.steps))

        settings = self.settings[step.algorithm.ID]
        with self._timed(step.algorithm.ID):
            outcome = step.compute(self.layers, settings, progress)
        self._take(outcome, step.place if step.told is None else step.told)

    def _take(self, outcome, told: int) -> None:
        """Keep what came out, and say what is to be said, at a place in the report."""
        self._add_tables(outcome.tables)
        self.layers |= outcome.kept
        self.actors |= outcome.actors
        self.run.skipped += [
            (self._layer_names(role), source_id, reason, 1)
            for role, source_id, reason in outcome.skipped
        ]
        for key, values in outcome.notes:
            self.run.say(key, **values)
        if outcome.section is not None:
            self.tellers.append((told, outcome.section))

    def _layer_names(self, role: str) -> str:
        """How the table of what was skipped calls the layers of a role."""
        return ", ".join(layer.name for layer in self.run.opened(role.upper()))

    def _add_tables(self, tables: dict[str, pd.DataFrame]) -> None:
        """Keep tables for the steps that follow, and to be written.

        From the moment of publishing on, nothing else comes in.
        """
        if self.withheld is not None:
            tables = self._published(tables)
        self.layers |= tables
        self.written += [name for name in tables if name not in self.written]

    # Publishing.

    def _publish(self) -> None:
        """Keep what is listed and may be told; the rest is gone from here on."""
        found = {name: self.layers[name] for name in self.written}
        if self.inputs.study is not None:
            found = self.inputs.study.listed(found)
        self.withheld = Withheld()
        if self.workshop:
            firms = self.layers["establishments"]
            unlisted, actors = unlisted_totals(firms, self.actors)
            kept = [name for name in self.actors if name not in found]
            found |= {name: self.layers[name] for name in kept}
            cells = {name: found[name] for name in self.actors} | unlisted
            progress = part(self.run.progress, 0.6, 0.65)
            emptied, self.withheld = withhold(cells, actors, self.rule, progress)
            found |= {name: emptied[name] for name in self.actors}
            side = outline_side(self.settings["detectclusters"])
            found["clusters"] = coarse_outlines(found["clusters"], side, progress)
            found["density"] = coarse_density(found["density"], self.rule)
            self.run.say("confidentiality.withheld", count=self.withheld.count)
        self.layers = self._published(self.layers | found)
        self.written = [name for name in self.written if name in self.layers]

    def _published(self, tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """Tables as the audience may see them; to insiders they are all open."""
        if not self.workshop:
            return tables
        shown = {name: publishable(name, table) for name, table in tables.items()}
        return {name: table for name, table in shown.items() if table is not None}

    # Writing.

    def write(self, folder: Path) -> None:
        """Write everything; the run record last, since it says that all is there."""
        self.run.tell_text("messages.writing")
        with self._timed("geopackage"):
            self._write_geopackage(folder / GEOPACKAGE)
            areas = self.layers["leverage_areas"]
            write_ranking(folder / RANKING, areas, self.language, self.run.context)
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
            "WITHHELD_COUNT": self.withheld.count,
            "GEOPACKAGE": str(folder / GEOPACKAGE),
            "PROJECT": str(folder / PROJECT),
            "PDF_FILE": str(folder / "kansenkaart.pdf") if self._with_pdf() else "",
            "REPORT": str(folder / "rapport.html"),
            "RANKING": str(folder / RANKING),
            "RUN_RECORD": str(folder / "run.json"),
        }

    def sections(self) -> list:
        """What the steps tell in the report, of what is published."""
        ordered = sorted(self.tellers, key=lambda teller: teller[0])
        return [tell(self.layers) for _, tell in ordered]

    def _write_geopackage(self, path: Path) -> None:
        box = self._box()
        copies = [name for name in COPIES if name in self.layers]
        tables = [*self.written, *copies]
        for place, name in enumerate(tables):
            start, end = (0.7 + 0.1 * (place + n) / len(tables) for n in (0, 1))
            progress = part(self.run.progress, start, end)
            progress(0)
            table = self.layers[name]
            if name in copies:
                table = clip_to_box(table, box)
            kind = self._type(name, table)
            crs = None if kind.geometry == "None" else self.inputs.crs
            write_table(path, name, table, kind, self.run.context, crs, progress)

    def _box(self) -> tuple[float, float, float, float]:
        """What the map shows."""
        return map_box(self.layers.get("study_area", self.layers["zones"]))

    def _type(self, name: str, table: pd.DataFrame) -> LayerType:
        """Geometry and fields of a table; a field that may not be told is not there."""
        if name in SCORED:
            return scored_type(table)
        kind = layer_type(name)
        told = [field for field in kind.fields if field in table]
        fields = {field: kind.fields[field] for field in told}
        added = {"withheld": "text", "number": "integer"}
        added |= layer_type("cluster_ranks").fields
        added |= layer_type("density_classes").fields
        added |= layer_type("bundled_flows").fields
        fields |= {field: added[field] for field in added if field in table}
        return LayerType(name, kind.geometry, kind.id, fields, kind.optional)

    def _assumptions(self) -> pd.DataFrame:
        return assumptions_table(
            list(self.settings.values()),
            self.layers["criteria"],
            self.weights,
            self.language,
            self.rule if self.workshop else None,
            self.rule_changed,
            self.min_flows,
            self.min_flows_changed,
            "network" in self.layers,
        )

    @cached_property
    def weights(self):
        """The weights that were used."""
        return ScoreAreas.weights(self.settings["scoreareas"])

    def _skipped(self) -> pd.DataFrame:
        """What was left out while reading, or gave no flow."""
        fields = list(layer_type("skipped").fields)
        table = pd.DataFrame(self.run.skipped, columns=fields, dtype=object)
        return table.sort_values(fields, ignore_index=True)

    def _draw(self, folder: Path) -> None:
        """Make project, pages and PDF, one by one: meanwhile QGIS stands still."""
        made = {}
        size = self.run.choice("PAGE", PAGES)
        content = page_content(self)

        def project() -> None:
            made["project"] = build_project(folder, self.language, self.title)

        def page() -> None:
            made["pages"] = [add_page(made["project"], content, size)]

        def further(add: Callable, told) -> None:
            made["pages"].append(add(made["project"], content, told, size))

        def save() -> None:
            save_project(made["project"], folder / PROJECT)

        def pdf() -> None:
            if self._with_pdf():
                path = folder / "kansenkaart.pdf"
                stop = self.run.feedback.isCanceled
                export_pdf(made["pages"][0], path, *made["pages"][1:], stop=stop)
            # Open layers would keep files beside the GeoPackage, and the folder in use.
            made["project"].clear()
            made.clear()

        actions = (project, page, *self._pages_of_carriers(further), save, pdf)
        for place, action in enumerate(actions):
            on_main_thread(action, self.run)
            self.run.progress(0.84 + 0.16 * place / len(actions))

    def _pages_of_carriers(self, further: Callable) -> list[Callable]:
        """What adds the pages of each carrier: its places, then its matches."""
        kinds = (
            ("flow_places", flow_pages, add_flow_page),
            ("match_pairs", match_pages, add_match_page),
        )
        found = [
            (CARRIERS.index(told.carrier), partial(further, add, told))
            for table, pages, add in kinds
            if table in self.layers
            for told in pages(self.layers[table], self.language)
        ]
        return [action for _, action in sorted(found, key=lambda each: each[0])]

    def _with_pdf(self) -> bool:
        return self.run.boolean("PDF")

    def _record(self) -> dict:
        record = {
            "title": self.title,
            "started": self.started.isoformat(timespec="seconds"),
            "language": self.language,
            "audience": "workshop" if self.workshop else "internal",
            "versions": versions(plugin_version(), Qgis.version()),
            "inputs": self.inputs.record,
            "parameters": {
                "opportunitymap": {
                    "STRATEGY": self.settings["scoreareas"].string("STRATEGY"),
                    "WEIGHTS_FILE": self._file("WEIGHTS_FILE"),
                    "SETTINGS": self._file("SETTINGS"),
                    "PAGE": self.run.choice("PAGE", PAGES),
                    "PDF": self._with_pdf(),
                    **self.options,
                },
                **{name: self._told(each) for name, each in self.settings.items()},
            },
            "weights": self.weights.weight.to_dict(),
            "outputs": {name: len(self.layers[name]) for name in self.written},
            "timings_s": {name: round(took, 3) for name, took in self.timings.items()},
            "warnings": self.run.messages,
        }
        if self.workshop:
            record["confidentiality"] = {
                "MIN_ACTORS": self.rule.min_actors,
                "DOMINANCE": 100 * self.rule.dominance,
                "withheld": self.withheld.count,
                "withheld_further": self.withheld.further,
            }
        if self.inputs.study is not None:
            record["study_area"] = {"reach_m": self.inputs.study.reach}
        return record

    def _told(self, settings: StepSettings) -> dict:
        """The values of a step; in a workshop files without their folders."""
        values = dict(settings.values)
        if not self.workshop:
            return values
        if "GROUPING" in values:
            values["GROUPING"] = settings.grouping("GROUPING").id
        return values | {name: Path(values[name]).name for name in settings.files()}

    def _file(self, name: str) -> str | None:
        """A file as the record may tell it."""
        path = self.run.file(name)
        return Path(path).name if path and self.workshop else path

    @contextmanager
    def _timed(self, name: str):
        """Note how long a part of the run takes."""
        start = time.monotonic()
        yield
        took = time.monotonic() - start
        # An algorithm may have several steps.
        self.timings[name] = self.timings.get(name, 0.0) + took
