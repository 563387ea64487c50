"""Algorithms of the step: clusters."""
