"""What real runs wrote into a GeoPackage."""

import sqlite3


def only_table(path):
    """Rows of the one table that a GeoPackage has beside its styles."""
    with sqlite3.connect(path) as database:
        database.row_factory = sqlite3.Row
        query = "SELECT table_name FROM gpkg_contents"
        names = {row["table_name"] for row in database.execute(query)}
        (name,) = names - {"layer_styles"}
        return [dict(row) for row in database.execute(f'SELECT * FROM "{name}"')]
