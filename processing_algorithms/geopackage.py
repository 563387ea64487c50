"""Writing frames into one GeoPackage, through QGIS."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from qgis.core import QgsCoordinateReferenceSystem, QgsVectorFileWriter

from ..analysis.layers import LayerType
from ..analysis.progress import Progress, silent
from ..analysis.threads import patiently
from . import border


def write_table(
    path: Path,
    name: str,
    frame: pd.DataFrame,
    kind: LayerType,
    context,
    crs: QgsCoordinateReferenceSystem | None = None,
    progress: Progress = silent,
    driver: str = "GPKG",
    append: bool = False,
) -> None:
    """Write a frame as one table; the file is made if it is not there yet.

    Parameters
    ----------
    path
        The file.
    name
        Name of the table.
    frame
        What to write.
    kind
        Geometry and fields.
    context
        The processing context.
    crs
        Its coordinate system; None for a table.
    progress
        Told after each batch.
    driver
        GDAL's name of the format.
    append
        Add to the table, which exists, instead of replacing it.

    Raises
    ------
    OSError
        If the table can't be written.
    """
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = driver
    options.layerName = name
    actions = QgsVectorFileWriter.ActionOnExistingFile
    if append:
        options.actionOnExistingFile = actions.AppendToLayerNoNewFields
    elif path.exists():
        options.actionOnExistingFile = actions.CreateOrOverwriteLayer
    fields = border.qgis_fields(kind.fields)
    writer = QgsVectorFileWriter.create(
        str(path),
        fields,
        border.WKB_TYPES[kind.geometry],
        crs or border.no_crs(),
        context.transformContext(),
        options,
    )
    if writer.hasError() != QgsVectorFileWriter.WriterError.NoError:
        raise OSError(writer.errorMessage())
    border.write(frame, kind, writer, fields, progress)
    # The file is complete only when the writer is gone, after making its index.
    last = [writer]
    del writer
    patiently(last.clear, lambda: progress(1.0))


def table_uri(path: Path, name: str) -> str:
    """How QGIS names a table in a GeoPackage, with slashes on Windows too."""
    return f"{path.as_posix()}|layername={name}"


def table_name(uri: str) -> str:
    """Name of the table in such a name; empty where it names none."""
    parts = (part.partition("=") for part in uri.split("|")[1:])
    return next((value for key, _, value in parts if key == "layername"), "")
