"""CSV and GeoJSON, a piece at a time, so that a file of any length needs no memory."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator
from typing import Any

from gridmap.domain.spreadsheet import harmless
from gridmap.errors import UserError
from gridmap.exports.options import Options, Told, shifted
from gridmap.store.outgoing import Outgoing, Row

BOM = b"\xef\xbb\xbf"


def csv_pieces(out: Outgoing, options: Options, told: Told | None = None) -> Iterator[bytes]:
    """Yield a CSV, UTF-8: titles, then a line per feature.

    Points stand in two columns, other places as WKT in one; numbers of coordinates are as short as is exact.
    """
    header, cells = columns_of(out, options)
    told = told if told is not None else Told()
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(title) for title in header])
    yield (BOM if options.bom else b"") + text.getvalue().encode()
    for batch in out.batches:
        text.seek(0)
        text.truncate()
        writer.writerows([harmless(value) for value in row] for row in cells(batch))
        told.rows += len(batch)
        yield text.getvalue().encode()


def columns_of(out: Outgoing, options: Options) -> tuple[list[str], Any]:
    """Return the titles of a table, and what turns a batch of rows into its lines; the place stands last."""
    header = options.header(out.columns, out.feature_id.get(options.lang))
    words = [options.words(column) for column in out.columns]
    # None where a value is written as it is: most columns of most layers
    change = [
        (place, word) for place, (word, column) in enumerate(zip(words, out.columns, strict=True), 1)
        if not options.codes and (column.codes or column.type == "boolean")
    ]  # fmt: skip
    place = _place(out, options)
    if place is not None:
        header += place[0]

    def lines(batch: list[Row]) -> Iterator[list[Any]]:
        places = place[1](batch) if place is not None else [()] * len(batch)
        for row, at in zip(batch, places, strict=True):
            line = [row[0], *row[2:], *at]
            for number, word in change:
                line[number] = word(line[number])
            yield line

    return header, lines


def _place(out: Outgoing, options: Options) -> tuple[list[str], Any] | None:
    import shapely

    if not out.has_geometry:
        return None
    if out.geometry == "Point":

        def positions(batch: list[Row]) -> list[tuple[Any, Any]]:
            points = shapely.from_wkb([row[1] for row in batch])
            pairs: list[tuple[Any, Any]] = []
            for lon, lat in zip(shapely.get_x(points).tolist(), shapely.get_y(points).tolist(), strict=True):
                if math.isnan(lon):
                    pairs.append((None, None))
                else:
                    pairs.append(shifted(lon, lat) if options.is_shifted else (lon, lat))
            return pairs

        return list(options.axes()), positions
    if options.is_shifted:
        raise UserError("lines and areas are not written in gcj02, where a straight side is none; expected wgs84")

    def texts(batch: list[Row]) -> list[tuple[str | None]]:
        shapes = shapely.from_wkb([row[1] for row in batch])
        # 20 decimals at most: the shortest text that brings the double back is never longer in degrees or metres
        return [(text,) for text in shapely.to_wkt(shapes, rounding_precision=20, trim=True).tolist()]

    return [f"WKT ({options.system()})" if options.is_metric else "WKT"], texts


def geojson_pieces(out: Outgoing, options: Options, told: Told | None = None) -> Iterator[bytes]:
    """Yield a GeoJSON FeatureCollection (RFC 7946): degrees, longitude first, no crs, outer rings counter-clockwise.

    Coordinates have as many digits as bring back the very same doubles: no fewer would come in again unchanged.
    """
    import shapely

    if options.is_shifted or options.is_metric:
        raise UserError("GeoJSON holds WGS 84 degrees only (RFC 7946); for other coordinates take csv or gpkg")
    told = told if told is not None else Told()
    names = [column.name for column in out.columns]
    head = {"type": "FeatureCollection", "name": out.id, "title": out.title.get(options.lang), "on": out.on.isoformat()}
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "features": [\n'
    between = b""
    for batch in out.batches:
        shapes = shapely.orient_polygons(shapely.from_wkb([row[1] for row in batch]))
        places = shapely.to_geojson(shapes).tolist()
        features = [
            f'{{"type": "Feature", "id": {_json(row[0])}, "geometry": {place or "null"}, "properties": '
            f"{_json(dict(zip(names, map(_bare, row[2:]), strict=True)))}}}"
            for row, place in zip(batch, places, strict=True)
        ]
        told.rows += len(batch)
        yield between + ",\n".join(features).encode()
        between = b",\n"
    yield b"\n]}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _bare(value: Any) -> Any:
    """Return a value as JSON has it: days as text, nothing for what is no number."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
