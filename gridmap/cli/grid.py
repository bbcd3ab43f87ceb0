"""`gridmap grid`: the cells of supervision, from township to unit."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from gridmap.cli.text import Day, as_of_option, echo_json, echo_table, json_option
from gridmap.domain.grid_change import Cell, GridChange
from gridmap.errors import UserError

_from_day = click.option("--from-day", type=Day(), default=None, help="First day of the change; today by default.")
_dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done, and leave everything as it is.")
_size = click.option("--size-km", type=click.IntRange(1, 50), default=None, help="Cut along the 1 km squares, N by N.")
_error = click.option(
    "--error-m", type=click.FloatRange(0, 5000), default=10.0, show_default=True, help="How far drawn lines may be off."
)


@click.group()
def command() -> None:
    """Make, check and show cells; split, merge and rename them with their history."""


@command.command("make")
@click.argument("parent")
@_size
@click.option("--from", "file", type=click.Path(path_type=Path), default=None, metavar="FILE", help="GeoJSON outlines.")
@_error
@_from_day
@_dry_run
@json_option
def make_command(
    parent: str,
    size_km: int | None,
    file: Path | None,
    error_m: float,
    from_day: dt.date | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make the unit cells of the township or village PARENT, all or nothing."""
    from gridmap.domain import grid_change
    from gridmap.store import grid, grid_changes

    conn = _connect()
    try:
        with grid_changes.changing(conn, dry_run=dry_run) as cursor:
            day = from_day or _today(conn)
            cell = grid.get_cell(cursor, parent, day)
            grid_change.check_parent(cell)
            change = grid_changes.make(
                cursor, cell, _outlines(cursor, cell, day, size_km or (None if file else 1), file, error_m), day
            )
    finally:
        conn.close()
    _tell(change, dry_run, as_json)


@command.command("split")
@click.argument("code")
@click.option("--by", "file", type=click.Path(path_type=Path), default=None, metavar="FILE", help="GeoJSON outlines.")
@_size
@_error
@_from_day
@_dry_run
@json_option
def split_command(
    code: str,
    file: Path | None,
    size_km: int | None,
    error_m: float,
    from_day: dt.date | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """End the unit cell CODE and begin others in its place; its duties end with it."""
    from gridmap.domain import grid_change
    from gridmap.store import grid, grid_changes

    conn = _connect()
    try:
        with grid_changes.changing(conn, dry_run=dry_run) as cursor:
            day = from_day or _today(conn)
            cell = grid.get_cell(cursor, code, day)
            grid_change.check_unit(cell)
            new = _outlines(cursor, cell, day, size_km, file, error_m)
            if len(new) < 2:
                raise UserError(f"cell {code} would not be split: only one cell comes of it")
            change = grid_changes.split(cursor, cell, new, day)
    finally:
        conn.close()
    _tell(change, dry_run, as_json)


@command.command("merge")
@click.argument("codes", nargs=-1, required=True)
@click.option("--into", "name", required=True, metavar="NAME", help="Name of the cell that comes of it.")
@_from_day
@_dry_run
@json_option
def merge_command(codes: tuple[str, ...], name: str, from_day: dt.date | None, dry_run: bool, as_json: bool) -> None:
    """End the unit cells CODES and begin one in their place; their duties end with them."""
    from gridmap.store import grid, grid_changes

    conn = _connect()
    try:
        with grid_changes.changing(conn, dry_run=dry_run) as cursor:
            day = from_day or _today(conn)
            cells = [grid.get_cell(cursor, code, day) for code in sorted(set(codes))]
            change = grid_changes.merge(cursor, cells, name, day)
    finally:
        conn.close()
    _tell(change, dry_run, as_json)


@command.command("rename")
@click.argument("code")
@click.argument("name")
@_from_day
@_dry_run
@json_option
def rename_command(code: str, name: str, from_day: dt.date | None, dry_run: bool, as_json: bool) -> None:
    """Give the cell CODE another name from a day on; the old version ends the day before."""
    from gridmap.store import grid, grid_changes

    conn = _connect()
    try:
        with grid_changes.changing(conn, dry_run=dry_run) as cursor:
            day = from_day or _today(conn)
            change = grid_changes.rename(cursor, grid.get_cell(cursor, code, day), name, day)
    finally:
        conn.close()
    if as_json:
        echo_json(change)
    else:
        click.echo(f"{'would be' if dry_run else 'is'} called {change.begun[0][1]} from {change.from_day} on: {code}")


@command.command("check")
@click.option("--parent", default=None, metavar="CODE", help="Only this cell and those below it.")
@as_of_option
@json_option
def check_command(parent: str | None, as_of: dt.date | None, as_json: bool) -> None:
    """List gaps, overlaps and missing duties piece by piece, as GRID-01 to GRID-03 find them."""
    from gridmap.db.session import connect
    from gridmap.rules import grid_check

    conn = connect()
    try:
        pieces = grid_check.check(conn, parent, as_of)
    finally:
        conn.close()
    if as_json:
        echo_json(pieces)
        return
    if not pieces:
        click.echo("no gap, no overlap, no missing duty")
        return
    echo_table(
        ["rule", "certainty", "cell or site", "part", "m2", "lon", "lat", "what"],
        [
            [
                p.rule_id,
                p.certainty,
                p.feature_id,
                p.part,
                "" if p.area_m2 is None else f"{p.area_m2:.0f}",
                p.lon,
                p.lat,
                p.message,
            ]
            for p in pieces
        ],
    )


@command.command("show")
@click.argument("place", nargs=-1, required=True, metavar="CODE | LON LAT")
@as_of_option
@json_option
def show_command(place: tuple[str, ...], as_of: dt.date | None, as_json: bool) -> None:
    """Show a cell by its code, or the one at a position: its square, what is above and below, and who answers."""
    from gridmap.db.session import connect, transaction
    from gridmap.store import duties, grid

    conn = connect()
    try:
        day = as_of or _today(conn)
        with transaction(conn) as cursor:
            if len(place) == 1:
                code: str | None = place[0]
                grid.get_cell(cursor, place[0], day)
                lon, lat, square = grid.place_of(cursor, place[0], day)
            else:
                lon, lat = _position(place)
                code, square = grid.cell_at(cursor, lon, lat, day)
            chain = grid.list_above(cursor, code, day) if code else []
            children = grid.list_children(cursor, code, day) if code else []
            versions = grid.list_versions(cursor, code) if code else []
            answering = duties.list_duties(cursor, [cell.cell_code for cell in chain], day)
    finally:
        conn.close()
    content: dict[str, Any] = {
        "as_of": day, "lon": lon, "lat": lat, "square": square, "chain": chain, "children": children,
        "versions": versions, "duties": answering,
    }  # fmt: skip
    if as_json:
        echo_json(content)
    else:
        _show(content)


def _connect() -> Any:
    from gridmap.cli.acting import connect

    return connect()


def _today(conn: Any) -> dt.date:
    from gridmap.db.session import today

    return today(conn)


def _outlines(
    cursor: Any, cell: Cell, day: dt.date, size_km: int | None, file: Path | None, error_m: float
) -> list[Any]:
    """Return the outlines of new cells, cut by squares or from a file."""
    import shapely

    from gridmap.ingest import unit_cells
    from gridmap.store import grid

    if (size_km is None) == (file is None):
        raise click.UsageError("give either a size in kilometres or a file of outlines")
    land_m = shapely.from_wkb(grid.outline_m(cursor, cell.cell_code, day))
    if file is not None:
        return unit_cells.from_file(file, land_m, error_m)
    return unit_cells.by_squares(land_m, size_km or 1)


def _position(place: tuple[str, ...]) -> tuple[float, float]:
    try:
        lon, lat = (float(number) for number in place)
    except ValueError as error:
        raise click.UsageError("give one code, or a longitude and a latitude in degrees") from error
    return lon, lat


def _tell(change: GridChange, dry_run: bool, as_json: bool) -> None:
    if as_json:
        echo_json(change)
        return
    echo_table(["code", "name", "km2"], [[code, name, f"{area / 1e6:.2f}"] for code, name, area in change.begun])
    would = "would " if dry_run else ""
    click.echo(f"{len(change.begun)} cells {would}begin on {change.from_day}")
    if change.ended:
        click.echo(f"{would}end the day before: {', '.join(change.ended)}")
    for duty in change.duties:
        how = "is taken away before it begins" if duty.never_began else "ends with its cell"
        click.echo(f"duty {duty.role} of {duty.post} in {duty.cell_code} {how}")
    if change.findings:
        click.echo(
            f"{change.findings} open findings of the ended cells belong to the new ones from {change.from_day} on"
        )
    click.echo(
        "missing in each new cell: chief, officer, patroller, supervisor; "
        "see `gridmap duties import` and `gridmap grid check`"
    )


def _show(content: dict[str, Any]) -> None:
    chain: list[Cell] = content["chain"]
    if not chain:
        click.echo(f"no responsibility cell holds {content['lon']}, {content['lat']} on {content['as_of']}")
    for step, cell in enumerate(chain):
        click.echo(f"{'  ' * step}{cell.cell_code} {cell.name} ({cell.level}, {cell.area_m2 / 1e6:.2f} km²)")
        for duty in content["duties"]:
            if duty.cell_code == cell.cell_code:
                span = f"from {duty.begins_on or 'ever'} to {duty.last_day or 'no end'}"
                click.echo(f"{'  ' * step}  {duty.role}: {duty.post}, {span}")
    click.echo(f"1 km square: {content['square']}")
    if content["children"]:
        click.echo(f"below it: {', '.join(cell.cell_code for cell in content['children'])}")
    if len(content["versions"]) > 1:
        spans = [f"{v.name} ({v.begins_on or 'ever'} to {v.ends_on or 'now'})" for v in content["versions"]]
        click.echo(f"versions: {', '.join(spans)}")
