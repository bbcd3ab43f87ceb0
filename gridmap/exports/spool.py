"""Features on their way to a file of points, lines and areas: Arrow batches on disk, one file per kind of geometry.

The database is asked once and let go, however slow the file is, and a file format that holds one kind of geometry
per table gets one table per kind.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from gridmap.exports.options import Told
from gridmap.layers import Column
from gridmap.store.outgoing import Outgoing, Row

GEOMETRY = "geom"
_TYPES = {
    "text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(),
}  # fmt: skip
_KINDS = {
    1: "Point", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString", 6: "MultiPolygon",
    7: "GeometryCollection",
}  # fmt: skip
NO_PLACE = "none"


@dataclass(frozen=True)
class Part:
    """Features of one kind of geometry. kind: as GeoJSON names it, none without; rows: how many."""

    kind: str
    rows: int
    path: Path

    def reader(self) -> pa.RecordBatchReader:
        """Return the batches anew."""
        return pa.ipc.open_stream(pa.OSFile(str(self.path)))


def schema_of(out: Outgoing, names: dict[str, str] | None = None, *, place: bool = True) -> pa.Schema:
    """Return the columns of a table: feature_id, those of the layer, then the geometry as WKB. names: new names."""
    names = names or {}
    fields = [pa.field(names.get("feature_id", "feature_id"), pa.string(), metadata=_meaning(out.feature_id))]
    for column in out.columns:
        fields.append(
            pa.field(names.get(column.name, column.name), _TYPES[column.type], metadata=_meaning(column.title, column))
        )
    if place:
        fields.append(pa.field(GEOMETRY, pa.binary()))
    return pa.schema(fields)


def _meaning(title: Any, column: Column | None = None) -> dict[str, str]:
    return {"title_zh": title.zh, "title_en": title.en, **({"unit": column.unit} if column and column.unit else {})}


def batch_of(schema: pa.Schema, rows: list[Row], *, place: bool = True) -> pa.RecordBatch:
    """Return rows as Arrow."""
    columns = list(zip(*rows, strict=True))
    order = [columns[0], *columns[2:]] + ([columns[1]] if place else [])
    arrays = [pa.array(values, field.type) for values, field in zip(order, schema, strict=True)]
    return pa.record_batch(arrays, schema=schema)


def spool(
    out: Outgoing,
    folder: Path,
    told: Told,
    *,
    names: dict[str, str] | None = None,
    fit: Callable[[Row], Row] | None = None,
) -> list[Part]:
    """Write features to disk and return them by kind of geometry; a layer of one kind is one part, places or not.

    fit: changes a row to what the format can hold.
    """
    several = out.geometry == "Geometry"
    writers: dict[str, Any] = {}
    numbers: dict[str, int] = {}
    with ExitStack() as stack:

        def open_(kind: str) -> Any:
            schema = schema_of(out, names, place=kind != NO_PLACE)
            writer = stack.enter_context(pa.ipc.new_stream(str(folder / f"{kind}.arrow"), schema))
            writers[kind], numbers[kind] = (writer, schema), 0
            return writers[kind]

        if not several:
            open_(out.geometry)
        for batch in out.batches:
            for kind, rows in _by_kind(batch, None if several else out.geometry).items():
                writer, schema = writers.get(kind) or open_(kind)
                kept = [fit(row) for row in rows] if fit else rows
                writer.write_batch(batch_of(schema, kept, place=kind != NO_PLACE))
                numbers[kind] += len(rows)
                told.rows += len(rows)
        if not writers:
            open_("Point")  # nothing at all: an empty table is a file too
    return [Part(kind, numbers[kind], folder / f"{kind}.arrow") for kind in sorted(writers)]


def _by_kind(batch: list[Row], only: str | None) -> dict[str, list[Row]]:
    if only is not None:
        return {only: batch}
    found: dict[str, list[Row]] = {}
    for row in batch:
        found.setdefault(kind_of(row[1]), []).append(row)
    return found


def kind_of(wkb: bytes | None) -> str:
    """Return the kind of a geometry from the head of its WKB."""
    if wkb is None:
        return NO_PLACE
    (code,) = struct.unpack_from("<I" if wkb[0] == 1 else ">I", wkb, 1)
    return _KINDS[code % 1000]
