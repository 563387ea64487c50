"""Algorithms of the step: maps."""
