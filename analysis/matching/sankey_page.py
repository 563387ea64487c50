"""Sankey diagrams as a file: a page for the browser and the printer, or one SVG."""

from __future__ import annotations

from functools import partial

from ..resources import read_toml
from ..templates import page_templates
from ..texts import text
from .sankey_svg import Drawing, nothing, svg


def as_html(drawings: list[Drawing], language: str) -> str:
    """Write a page with the drawings and their figures; a sentence where there is none.

    It fetches nothing from elsewhere, and holds no script.
    """
    fonts = [f"'{name}'" for name in read_toml("styles", "text.toml")["fonts"]]
    return (
        page_templates()
        .get_template("sankey.html.j2")
        .render(
            language=language,
            drawings=drawings,
            fonts=", ".join([*fonts, "sans-serif"]),
            svg=svg,
            t=partial(_say, language),
        )
    )


def as_svg(drawings: list[Drawing], language: str) -> str:
    """All drawings below each other; a sentence where there is none."""
    return svg(drawings) if drawings else nothing(language)


def _say(language: str, key: str, **values: object) -> str:
    return text(f"sankey.{key}", language, **values)
