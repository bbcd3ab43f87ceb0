"""Shapefile, zipped: what the format cannot hold is told in the zip."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gridmap.domain.definition import Text
from gridmap.errors import UserError
from gridmap.exports.about import described, facts, heads
from gridmap.exports.options import Options, Told
from gridmap.exports.spool import GEOMETRY, NO_PLACE, Part, spool
from gridmap.exports.target import scratch
from gridmap.store.outgoing import Outgoing, Row

MOST_BYTES = 254
NAME_LETTERS = 10
_CUT = Text(f"超过 {MOST_BYTES} 字节，后面的没有写入", f"cut at {MOST_BYTES} bytes")
_LIMITS = Text(
    "Shapefile 的字段名不超过10个字符（对照见 fields.csv），文字不超过254字节，数保留15位小数，空文字与空值不分，"
    "单部分与多部分几何不分。需要原样数据请用 GeoPackage 或 GeoParquet。",
    "A Shapefile has names of ten letters (see fields.csv), texts of 254 bytes, numbers of 15 decimals, and tells "
    "neither an empty text from none nor a part from several. For the data as they are take GeoPackage or GeoParquet.",
)


def write(out: Outgoing, path: Path, options: Options, told: Told) -> None:
    """Write a zip: a Shapefile in UTF-8 per kind of geometry, fields.csv for their names, README.txt."""
    import pyogrio

    if options.is_shifted:
        raise UserError(
            "a Shapefile cannot say that its coordinates are gcj02; expected wgs84, cgcs2000 or an EPSG number"
        )
    names = short_names(["feature_id", *(column.name for column in out.columns)])
    with scratch() as folder:
        parts = spool(out, folder, told, names=names, fit=_fit(out, options, told))
        shapes = folder / "shapes"
        shapes.mkdir()
        for part in parts:
            if part.kind == "GeometryCollection":
                raise UserError(
                    f"{part.rows} features are collections of geometries, which a Shapefile does not know; take gpkg"
                )
            name = out.id if len(parts) == 1 else f"{out.id}_{part.kind.lower()}"
            told.files.append(name)
            with part.reader() as reader:
                pyogrio.write_arrow(
                    reader,
                    shapes / (f"{name}.dbf" if part.kind == NO_PLACE else f"{name}.shp"),
                    driver="ESRI Shapefile",
                    **_geometry(out, part),
                    layer_options={"ENCODING": "UTF-8", "2GB_LIMIT": "YES", "RESIZE": "YES"},
                )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for each in sorted(shapes.iterdir()):
                file.write(each, each.name)
            file.writestr("fields.csv", _fields(out, options, names))
            file.writestr("README.txt", _readme(out, options, told))


def short_names(names: list[str]) -> dict[str, str]:
    """Return names of at most ten letters, each once: cut, and with a number where two would be the same."""
    found: dict[str, str] = {}
    for name in names:
        short, number = name[:NAME_LETTERS], 1
        while short.lower() in {each.lower() for each in found.values()}:
            number += 1
            short = f"{name[: NAME_LETTERS - 1 - len(str(number))]}_{number}"
        found[name] = short
    return found


def _geometry(out: Outgoing, part: Part) -> dict[str, Any]:
    if part.kind == NO_PLACE:
        return {}
    # a Shapefile knows points, several points, lines and areas
    kind = {"MultiLineString": "LineString", "MultiPolygon": "Polygon"}.get(part.kind, part.kind)
    return {"geometry_name": GEOMETRY, "geometry_type": kind, "crs": f"EPSG:{out.srid}"}


def _fit(out: Outgoing, options: Options, told: Told) -> Callable[[Row], Row]:
    """Return what cuts the texts of a row, and counts it."""
    titles = [out.feature_id, *(column.title for column in out.columns)]
    texts = [0, *(place for place, column in enumerate(out.columns, 2) if column.type == "text")]

    def fit(row: Row) -> Row:
        # a letter takes at most four bytes: short texts need no counting
        long = [place for place in texts if row[place] is not None and len(row[place]) > MOST_BYTES // 4]
        if not long:
            return row
        values = list(row)
        for place in long:
            content = values[place].encode()
            if len(content) > MOST_BYTES:
                values[place] = content[:MOST_BYTES].decode(errors="ignore")
                told.cut[titles[max(0, place - 1)].get(options.lang), _CUT] += 1
        return tuple(values)

    return fit


def _fields(out: Outgoing, options: Options, names: dict[str, str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["field", *heads(options.lang)])
    writer.writerow([names["feature_id"], out.feature_id.get(options.lang), "feature_id"])
    writer.writerows([names[column.name], *described(column, options.lang)] for column in out.columns)
    return text.getvalue().encode("utf-8-sig")


def _readme(out: Outgoing, options: Options, told: Told) -> bytes:
    colon = ": " if options.lang == "en" else "："
    lines = [f"{title}{colon}{value}" for title, value in facts(out, options, told)]
    return "\r\n".join([*lines, "", _LIMITS.get(options.lang), ""]).encode("utf-8-sig")
