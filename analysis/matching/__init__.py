"""Matches: who can use what another gives off."""
