"""GeoPackages, read as the SQLite databases they are: tables only, nothing that the file could make run."""

from __future__ import annotations

import math
import re
import sqlite3
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmap.domain.incoming import IncomingRow, IncomingSheet, ReadingLimits, Sentence, Told, Value
from gridmap.ingest.reading import wkb
from gridmap.ingest.reading.crs import of_wkt
from gridmap.ingest.reading.faults import ReadingError, joined, refusal, shown, text_value
from gridmap.ingest.reading.opened import Opened, check_columns, unique_titles
from gridmap.ingest.reading.types_seen import TypesSeen

LARGEST_CELL = 64 * 1024 * 1024
"""Bytes of a text or geometry that SQLite may hand out."""

# names in a damaged schema need not be text
_DAMAGED = (sqlite3.Error, UnicodeDecodeError)
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?Z?")
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA}
_PRAGMAS = {"table_xinfo", "trusted_schema", "query_only", "cell_size_check"}
_TYPES = dict(
    enumerate(("Geometry", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"))
)


@dataclass(frozen=True)
class _Column:
    name: str
    kind: str


@dataclass(frozen=True)
class _Table:
    """A table with its columns but for that of the geometry."""

    name: str
    columns: tuple[_Column, ...]
    geometry: str | None


class GeoPackage(Opened):
    """An opened GeoPackage: layers and tables of attributes are sheets; views, tiles and the rest are left alone."""

    format = "geopackage"

    def __init__(self, path: Path, limits: ReadingLimits) -> None:
        super().__init__(limits)
        self._path = path
        self._tables: dict[IncomingSheet, _Table] = {}
        self._told: list[Told] = []
        connection = _connect(path)
        try:
            self._open(connection)
        except _DAMAGED as error:
            raise _broken(error) from error
        finally:
            connection.close()
        self.sheets, self.told = tuple(self._tables), tuple(self._told)

    def _open(self, connection: sqlite3.Connection) -> None:
        real = {
            name: start or ""
            for name, start in connection.execute(
                "SELECT name, substr(sql, 1, 20) FROM sqlite_master WHERE type = 'table'"
            )
        }
        if "gpkg_contents" not in real:
            raise refusal(
                "这是 SQLite 数据库，但不是 GeoPackage",
                "this is a SQLite database, but no GeoPackage: it lists no contents",
            )
        geometries = {}
        if "gpkg_geometry_columns" in real:
            geometries = dict(connection.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        listed = connection.execute("SELECT table_name, data_type, srs_id FROM gpkg_contents").fetchmany(10_001)
        layers = [row for row in listed if row[1] in ("features", "attributes", "aspatial")]
        if len(layers) > self._limits.sheets:
            most = self._limits.sheets
            raise refusal(f"GeoPackage 的图层超过{most}个", f"the GeoPackage has more than {most} layers")
        for name, kind, srs in layers:
            if name not in real or real[name].upper().startswith("CREATE VIRTUAL"):
                label = shown(str(name))
                self._say(f"“{label}”是视图或不存在，不读取", f"{label} is a view, or not there, and is not read")
                continue
            self._add(connection, str(name), geometries.get(name) if kind == "features" else None, srs)
        if len(listed) > len(layers):
            number = len(listed) - len(layers)
            self._say(f"有{number}个栅格或其他内容，不读取", f"{number} rasters or other contents are not read")
        if not self._tables:
            raise refusal("GeoPackage 里没有可读取的图层", "the GeoPackage has no layer that can be read")

    def _add(self, connection: sqlite3.Connection, name: str, geometry: str | None, srs: Any) -> None:
        info = connection.execute(f"PRAGMA table_xinfo({_quoted(name)})").fetchall()
        # what the file computes itself is not asked for: its expressions would run
        computed = [str(row[1]) for row in info if row[6] in (2, 3)]
        if computed:
            label = "、".join(map(shown, computed))
            self._say(
                f"“{shown(name)}”的计算列不读取：{label}", f"{shown(name)}: computed columns are not read: {label}"
            )
        columns = tuple(
            _Column(str(row[1]), str(row[2]).upper())
            for row in info
            if row[6] == 0 and str(row[1]).lower() != str(geometry).lower()
        )
        check_columns(len(columns), self._limits)
        has_geometry = any(str(row[1]).lower() == str(geometry).lower() and row[6] == 0 for row in info)
        table = _Table(name, columns, geometry if has_geometry else None)
        titles = unique_titles(" ".join(column.name.split()) or "?" for column in columns)
        crs = self._crs(connection, srs) if has_geometry else None
        sheet = IncomingSheet(name, titles, 0, crs, has_geometry=has_geometry)
        self._tables[sheet] = table
        if table.geometry is not None:
            types = TypesSeen()
            column, source = _quoted(table.geometry), _quoted(name)
            for (head,) in connection.execute(f"SELECT substr({column}, 1, 80) FROM {source}"):
                types.add(_type_of(head))
            self._told.extend(types.told(name))

    def _crs(self, connection: sqlite3.Connection, srs: Any) -> str | None:
        if srs in (0, -1, None):
            return None
        row = connection.execute(
            "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
            (srs,),
        ).fetchone()
        if row is None:
            return None
        organization, number, definition = row
        if str(organization).upper() == "EPSG" and isinstance(number, int):
            return f"EPSG:{number}"
        return of_wkt(str(definition)[:65_536])

    def _say(self, zh: str, en: str) -> None:
        self._told.append(Told(zh, en))

    def _rows(self, sheet: IncomingSheet) -> Iterator[IncomingRow]:
        table = self._tables[sheet]
        names = [*(column.name for column in table.columns), *([table.geometry] if table.geometry else [])]
        chosen = ", ".join(map(_quoted, names)) or "NULL"
        connection = _connect(self._path)
        try:
            cursor = connection.execute(f"SELECT {chosen} FROM {_quoted(table.name)}")
            for number, found in enumerate(cursor, 1):
                yield self._row(number, found, sheet, table)
        except _DAMAGED as error:
            raise _broken(error) from error
        finally:
            connection.close()

    def _row(self, number: int, found: tuple[Any, ...], sheet: IncomingSheet, table: _Table) -> IncomingRow:
        faults: list[Sentence] = []
        values = tuple(
            [
                self._value(title, column.kind, value, faults)
                for title, column, value in zip(sheet.header, table.columns, found, strict=False)
            ]
        )
        geometry = None
        if table.geometry is not None and found[-1] is not None:
            try:
                geometry = self._geometry(found[-1])
            except wkb.GeometryFault as fault:
                faults.append(fault.sentence)
        return IncomingRow(number, values, geometry, joined(faults))

    def _value(self, title: str, kind: str, value: Any, faults: list[Sentence]) -> Value:
        if isinstance(value, str):
            moment = _MOMENT.fullmatch(value) if kind == "DATETIME" else None
            if moment:
                return f"{moment[1]} {moment[2]}"
            return text_value(title, value, self._limits.characters_per_cell, faults)
        if isinstance(value, int) and kind == "BOOLEAN" and value in (0, 1):
            return bool(value)
        if isinstance(value, float) and not math.isfinite(value):
            label = shown(title)
            faults.append(Sentence(f"{label}不是有限的数", f"{label} is no finite number"))
            return None
        if isinstance(value, bytes):
            label = shown(title)
            faults.append(Sentence(f"{label}是二进制内容，不读取", f"{label} is binary and is not read"))
            return None
        return value

    def _geometry(self, content: Any) -> bytes:
        start = _start_of_wkb(content)
        return wkb.checked(content[start:], self._limits.vertices_per_geometry)[0]


def _start_of_wkb(content: Any) -> int:
    if not isinstance(content, bytes) or content[:2] != b"GP" or len(content) < 8:
        raise wkb.GeometryFault("几何不是 GeoPackage 格式", "the geometry is not as a GeoPackage writes it")
    flags = content[3]
    envelope = _ENVELOPES.get(flags >> 1 & 7)
    if envelope is None or flags & 0x20:
        raise wkb.GeometryFault("几何的文件头无效", "the head of the geometry is not valid, or of an extension")
    return 8 + envelope


def _type_of(head: Any) -> str | None:
    if head is None:
        return None
    try:
        start = _start_of_wkb(head)
        order = "<" if head[start] else ">"
        (number,) = struct.unpack_from(f"{order}I", head, start + 1)
    except (wkb.GeometryFault, struct.error, IndexError):
        return "?"
    kind = (number & 0x1FFFFFFF) % 1000
    return "GeometryCollection" if kind == wkb.COLLECTION else _TYPES.get(kind, "?")


def _connect(path: Path) -> sqlite3.Connection:
    """Open read-only, trusting nothing in the schema: no triggers, views, functions, attached files or extensions."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True, isolation_level=None)
    connection.text_factory = _text
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_CELL)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    try:
        for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.set_authorizer(_authorize)
    except sqlite3.Error as error:
        connection.close()
        raise _broken(error) from error
    return connection


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, inner: str | None) -> int:
    # inner names the view or trigger that asks
    allowed = inner is None and (
        (action in _ALLOWED and (action != sqlite3.SQLITE_PRAGMA or first in _PRAGMAS))
        or (action == sqlite3.SQLITE_FUNCTION and second == "substr")
    )
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _broken(error: Exception) -> ReadingError:
    return refusal(
        f"GeoPackage 已损坏或不完整，请重新复制（{error}）",
        f"the GeoPackage is damaged or cut off; copy it again ({error})",
    )
