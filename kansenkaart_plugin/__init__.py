"""What a planner sees in QGIS Desktop."""
