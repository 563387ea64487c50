"""Pages for a browser, from the templates in ``resources/report``."""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .resources import resource_path


def page_templates() -> Environment:
    """The templates; what is put into them is escaped, and nothing may be missing."""
    return Environment(
        loader=FileSystemLoader(resource_path("report")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
