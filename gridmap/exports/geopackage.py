"""GeoPackage: a table per kind of geometry, with titles in both languages and the style by which QGIS draws it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

from gridmap.errors import UserError
from gridmap.exports import qgis_style
from gridmap.exports.options import Options, Told
from gridmap.exports.spool import GEOMETRY, NO_PLACE, Part, spool
from gridmap.exports.target import scratch
from gridmap.store.outgoing import Outgoing

_STYLES = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN,
    description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME
)
"""
_TITLES = """
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
    constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name)
)
"""


def write(out: Outgoing, path: Path, options: Options, told: Told, shown: Collection[str] = ()) -> None:
    """Write a GeoPackage. shown: values of the style's column that were asked for by name: they are switched on."""
    import pyogrio

    if options.is_shifted:
        raise UserError(
            "GeoPackage cannot say that its coordinates are gcj02; expected wgs84, cgcs2000 or an EPSG number"
        )
    with scratch() as folder:
        parts = spool(out, folder, told)
        tables = [(part, out.id if len(parts) == 1 else f"{out.id}_{part.kind.lower()}") for part in parts]
        for part, table in tables:
            title = out.title.get(options.lang)
            with part.reader() as reader:
                pyogrio.write_arrow(
                    reader, path, layer=table, driver="GPKG", append=path.exists(), **_place(out, part),
                    # of what was written by a later one GDAL before 3.7 warns, hence QGIS of the same time
                    dataset_options={} if path.exists() else {"VERSION": "1.3"},
                    layer_options={
                        "GEOMETRY_NAME": GEOMETRY,
                        "IDENTIFIER": title if len(parts) == 1 else f"{title} {part.kind}",
                        "DESCRIPTION": f"{out.description.get(options.lang)} {out.on}",
                    },
                )  # fmt: skip
    told.files += [table for _part, table in tables]
    with closing(sqlite3.connect(path)) as file:
        _add_styles(file, out, options, tables, shown)
        _add_titles(file, out, [table for _part, table in tables], options)
        file.commit()


def _place(out: Outgoing, part: Part) -> dict[str, Any]:
    if part.kind == NO_PLACE:
        return {}
    return {"geometry_name": GEOMETRY, "crs": f"EPSG:{out.srid}", "geometry_type": part.kind}


def _add_styles(
    file: sqlite3.Connection,
    out: Outgoing,
    options: Options,
    tables: list[tuple[Part, str]],
    shown: Collection[str],
) -> None:
    """Add the table that QGIS looks a style up in; that it is registered as a table makes QGIS find it."""
    file.execute(_STYLES)
    file.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
        "SELECT 'layer_styles', 'attributes', 'layer_styles', '', min(last_change), 0 FROM gpkg_contents"
    )
    for part, table in tables:
        # a table without places has no colours, but titles and words
        has_place = part.kind != NO_PLACE
        file.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner, update_time) "
            "SELECT '', '', ?, ?, ?, ?, ?, 1, ?, '', last_change FROM gpkg_contents WHERE table_name = ?",
            [
                table, GEOMETRY if has_place else "", table[:30],
                qgis_style.qml(out, part.kind, options.lang, shown)
                if has_place
                else qgis_style.table_qml(out, options.lang),
                qgis_style.sld(out, part.kind, options.lang, table) if has_place else "",
                out.title.get(options.lang), table,
            ],
        )  # fmt: skip


def _add_titles(file: sqlite3.Connection, out: Outgoing, tables: list[str], options: Options) -> None:
    """Add titles and meanings of the columns, as the schema extension of the standard has them."""
    file.execute(
        "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, "
        "definition TEXT NOT NULL, scope TEXT NOT NULL, UNIQUE (table_name, column_name, extension_name))"
    )
    file.execute(_TITLES)
    file.execute(
        "INSERT INTO gpkg_extensions VALUES ('gpkg_data_columns', NULL, 'gpkg_schema', "
        "'http://www.geopackage.org/spec121/#extension_schema', 'read-write')"
    )
    rows = [("feature_id", out.feature_id, None), *((column.name, column.title, column.unit) for column in out.columns)]
    file.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, title, description) VALUES (?, ?, ?, ?)",
        [
            (table, name, title.get(options.lang), f"{title.zh} {title.en}{f' / {unit}' if unit else ''}")
            for table in tables
            for name, title, unit in rows
        ],
    )
