"""The method of Kansenkaart: pure functions on GeoDataFrames and arrays.

Nothing here imports qgis, reads a user's layer or prints. Every function takes
what it needs as arguments; tables that a planner may change lie in ``resources``.
"""
