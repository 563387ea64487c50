"""Algorithms of the step: leverage areas."""
