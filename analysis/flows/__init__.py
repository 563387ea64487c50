"""Flows: what firms, households and land give off and ask for, per year."""
