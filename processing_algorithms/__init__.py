"""What QGIS's toolbox, models and qgis_process run."""
