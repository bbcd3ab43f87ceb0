"""The formats in which anything is taken away, and one way to write each: a whole file or none."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from gridmap.errors import UserError
from gridmap.exports.options import Options, Told
from gridmap.exports.target import writing
from gridmap.store.outgoing import Outgoing

Writer = Callable[[Outgoing, Path, Options, Told], None]


@dataclass(frozen=True)
class Format:
    """A format. suffix: of its files. streams: it can be sent as it is read, without a file."""

    id: str
    suffix: str
    media_type: str
    streams: bool = False


FORMATS = {
    form.id: form
    for form in (
        Format("csv", ".csv", "text/csv; charset=utf-8", streams=True),
        Format("xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        Format("geojson", ".geojson", "application/geo+json; charset=utf-8", streams=True),
        Format("gpkg", ".gpkg", "application/geopackage+sqlite3"),
        Format("shp", ".zip", "application/zip"),
        Format("parquet", ".parquet", "application/vnd.apache.parquet"),
        Format("html", ".html", "text/html; charset=utf-8"),
    )
}
"""html is a map: gridmap.maps.standalone writes it."""

_SUFFIXES = {form.suffix: form.id for form in FORMATS.values()} | {
    ".json": "geojson", ".geoparquet": "parquet", ".htm": "html", ".shz": "shp",
}  # fmt: skip


def format_of(path: Path, name: str | None = None) -> Format:
    """Return the format that is named, else that of a file's ending; UserError lists what there is."""
    if name is not None:
        if name not in FORMATS:
            raise UserError(f"the format is {name!r}; expected one of {', '.join(FORMATS)}")
        return FORMATS[name]
    found = _SUFFIXES.get(path.suffix.lower())
    if found is None:
        ends = ", ".join(form.suffix for form in FORMATS.values())
        said = (
            "a Shapefile is several files; expected .zip, which holds them"
            if path.suffix == ".shp"
            else f"expected {ends}"
        )
        raise UserError(f"{path.name} does not say a format by its ending: {said}, or --format")
    return FORMATS[found]


def pieces(out: Outgoing, form: Format, options: Options, told: Told) -> Iterator[bytes]:
    """Return the pieces of a format that streams."""
    from gridmap.exports import lines

    maker = lines.csv_pieces if form.id == "csv" else lines.geojson_pieces
    return maker(out, options, told)


def write(
    out: Outgoing,
    form: Format,
    target: Path,
    options: Options,
    *,
    replace: bool = False,
    shown: Collection[str] = (),
    draw: Writer | None = None,
) -> Told:
    """Write a file and return what it could not hold. shown: see exports.geopackage. draw: what writes html.

    UserError for a target that cannot be written and for what the format cannot say; then there is no file.
    """
    told = Told()
    with writing(target, replace=replace) as place:
        if form.streams:
            with place.open("wb") as file:
                for piece in pieces(out, form, options, told):
                    file.write(piece)
        elif form.id == "html":
            if options.is_shifted or options.is_metric:
                raise UserError("a map in one file is drawn from degrees; leave the coordinate system out")
            if draw is None:
                raise UserError("this cannot be drawn as a map")
            draw(out, place, options, told)
        else:
            try:
                _write(out, form, place, options, told, shown)
            except (RuntimeError, sqlite3.Error) as error:  # so GDAL and SQLite tell of a full disk
                raise UserError(f"cannot write {target}: {error}") from error
    return told


def _write(out: Outgoing, form: Format, place: Path, options: Options, told: Told, shown: Collection[str]) -> None:
    # each needs a library of its own, which pages that write no file must not wait for
    if form.id == "xlsx":
        from gridmap.exports import workbook

        workbook.write(out, place, options, told)
    elif form.id == "gpkg":
        from gridmap.exports import geopackage

        geopackage.write(out, place, options, told, shown)
    elif form.id == "shp":
        from gridmap.exports import shapefile

        shapefile.write(out, place, options, told)
    else:
        from gridmap.exports import parquet

        parquet.write(out, place, options, told)
