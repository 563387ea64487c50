"""Settings of maps that tests share."""

from pathlib import Path

NO_FLOWS_FILE = Path(__file__).with_name("data") / "no_flows.toml"
"""A map without flows, where a test is about something else."""
NO_FLOWS = NO_FLOWS_FILE.read_text(encoding="utf-8")
