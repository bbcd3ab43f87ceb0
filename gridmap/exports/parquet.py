"""GeoParquet 1.1: WKB, degrees as longitude and latitude, the system as PROJJSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pyproj
import shapely

from gridmap.errors import UserError
from gridmap.exports.about import facts
from gridmap.exports.options import Options, Told
from gridmap.exports.spool import GEOMETRY, batch_of, kind_of, schema_of
from gridmap.store.outgoing import Outgoing


def write(out: Outgoing, path: Path, options: Options, told: Told) -> None:
    """Write a Parquet file batch by batch; a layer without places is a plain one. Its metadata tell what it is."""
    if options.is_shifted:
        raise UserError(
            "GeoParquet cannot say that its coordinates are gcj02; expected wgs84, cgcs2000 or an EPSG number"
        )
    has_place = out.has_geometry
    schema = schema_of(out, place=has_place)
    kinds: set[str] = set()
    box = [float("inf"), float("inf"), float("-inf"), float("-inf")]
    # with Arrow's own schema inside, readers look for what the file is there and nowhere else
    with pq.ParquetWriter(path, schema, compression="zstd", store_schema=False) as writer:
        for rows in out.batches:
            writer.write_batch(batch_of(schema, rows, place=has_place))
            told.rows += len(rows)
            if has_place:
                places = [row[1] for row in rows if row[1] is not None]
                kinds.update(map(kind_of, places))
                _widen(box, places)
        metadata = {name: value for name, value in facts(out, options, told) if value}
        writer.add_key_value_metadata({"gridmap": json.dumps(metadata, ensure_ascii=False)})
        if has_place:
            writer.add_key_value_metadata({"geo": json.dumps(_geo(out, sorted(kinds), box))})


def _widen(box: list[float], places: list[bytes]) -> None:
    bounds = shapely.total_bounds(shapely.from_wkb(places)).tolist() if places else [float("nan")]
    if bounds[0] == bounds[0]:  # of nothing but empty geometries there is none
        box[:] = [*map(min, box[:2], bounds[:2]), *map(max, box[2:], bounds[2:])]


def _geo(out: Outgoing, kinds: list[str], box: list[float]) -> dict[str, Any]:
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": kinds,
        "crs": pyproj.CRS.from_epsg(out.srid).to_json_dict(),
        "edges": "planar",
    }
    if box[0] <= box[2]:
        column["bbox"] = box
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
