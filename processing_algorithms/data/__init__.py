"""Algorithms of the step: data."""
