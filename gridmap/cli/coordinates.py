"""`gridmap coordinates`: from one coordinate system to another, and which one a file is in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from gridmap.cli.text import as_of_option, echo_json, echo_table, json_option


@click.group()
def command() -> None:
    """Convert positions; guess the system of a file with the evidence shown."""


# a longitude west of Greenwich begins with a minus and is no option
@command.command("convert", context_settings={"ignore_unknown_options": True})
@click.argument("x", metavar="LON")
@click.argument("y", metavar="LAT")
@click.option("--from", "source", required=True, metavar="SYSTEM", help="wgs84, cgcs2000, gcj02, bd09 or EPSG:n.")
@click.option("--to", "target", default="wgs84", show_default=True, metavar="SYSTEM")
@json_option
def convert_command(x: str, y: str, source: str, target: str, as_json: bool) -> None:
    """Convert one position: LON LAT in degrees, however they are typed, or easting and northing in metres."""
    from gridmap.coordinates import convert, get_system
    from gridmap.domain.typed_coordinates import read_degrees, read_metres

    first, second = get_system(source), get_system(target)
    if first.metres:
        one, other = read_metres(x, field="easting"), read_metres(y, field="northing")
    else:
        one, other = read_degrees(x, "lon", field="LON").degrees, read_degrees(y, "lat", field="LAT").degrees
    there = convert(first, second, one, other)
    error_m = max(first.error_m, second.error_m)
    values = float(there[0][0]), float(there[1][0])
    if as_json:
        echo_json({"system": second.key, "x": values[0], "y": values[1], "error_m": error_m})
        return
    digits = 3 if second.metres else 8
    click.echo(f"{values[0]:.{digits}f} {values[1]:.{digits}f}")
    click.echo(f"{second.en}; from {first.en}; may be off by {error_m:.0f} m", err=True)


@command.command("guess")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--x", "x", default=None, metavar="TITLE", help="Column of longitudes or eastings; none: a map's points.")
@click.option("--y", "y", default=None, metavar="TITLE", help="Column of latitudes or northings; none: a map's points.")
@click.option("--county", default=None, metavar="TITLE", help="Column of codes, of a county or below.")
@click.option("--village", default=None, metavar="TITLE", help="Column of village names.")
@click.option("--sheet", default=None, metavar="NAME", help="Sheet or layer of the file, where several could be meant.")
@as_of_option
@json_option
def guess_command(file: Path, sheet: str | None, as_of: dt.date | None, as_json: bool, **titles: str | None) -> None:
    """Say which coordinate system FILE is in, by the counties and villages that its rows name.

    FILE: CSV, XLSX, GeoJSON, Shapefile, GeoPackage or KML.
    """
    from gridmap.coordinates.guess import guess
    from gridmap.db.session import connect, today, transaction
    from gridmap.ingest import positions
    from gridmap.store import known_places

    conn = connect()
    try:
        with transaction(conn) as cursor:
            day = as_of or today(conn)
            ground, names = known_places.get_ground(cursor, day), known_places.get_names(cursor, day)
    finally:
        conn.close()
    reported, unread = positions.read(file, names, positions.Columns(**titles), sheet)
    found = guess(reported, ground)
    if as_json:
        echo_json({"guess": found, "unread": unread})
        return
    click.echo(found.zh)
    click.echo(found.en)
    echo_table(
        ["as", "inside", "near", "outside", "known", "median m", "all off by m", "for best : for it"], _rows(found)
    )
    if unread:
        click.echo(f"rows without a position that can be read: {len(unread)}, the first is row {unread[0]}")


def _rows(found: Any) -> list[list[Any]]:
    def metres(value: float | None) -> str:
        return "" if value is None else f"{value:.0f}"

    return [
        [
            one.hypothesis.en, one.inside, one.near, one.outside, one.known, metres(one.to_known_m),
            metres(one.shift_m), "" if one.against is None else f"{one.against[0]} : {one.against[1]}",
        ]
        for one in found.ranking
    ]  # fmt: skip
