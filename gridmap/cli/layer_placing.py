"""`gridmap layers unplaced` and `place`: what has no position of its own, and giving it one by hand."""

from __future__ import annotations

import click

from gridmap.cli.text import echo_json, echo_table, json_option
from gridmap.domain.placement import BASES


def add_to(group: click.Group) -> None:
    """Add the commands to `gridmap layers`."""
    for each in (unplaced_command, place_command):
        group.add_command(each)


@click.command("unplaced")
@click.argument("layer_id")
@click.option("--kind", default=None, metavar="KIND", help="Kind of site, where a layer has kinds.")
@json_option
def unplaced_command(layer_id: str, kind: str | None, as_json: bool) -> None:
    """List objects that stand in their township or county for want of a position, to be placed by hand."""
    from gridmap.db.session import connect, transaction
    from gridmap.domain import import_form
    from gridmap.errors import UserError
    from gridmap.ingest.importing import by_hand
    from gridmap.store import placements

    form = import_form.load(layer_id, kind)
    if not by_hand.is_placeable(form):
        raise UserError(f"{layer_id} does not say by what its objects are placed")
    conn = connect()
    try:
        with transaction(conn) as cursor:
            rows = placements.list_unplaced(cursor, form)
    finally:
        conn.close()
    if as_json:
        echo_json(rows)
        return
    echo_table(
        ["identifier", "name", "address", "county", "stands in its", "within m"],
        [[r.key, r.name, r.address, r.county_code, r.placed_by, f"{r.position_error_m:.0f}"] for r in rows],
    )


@click.command("place")
@click.argument("layer_id")
@click.argument("object_id")
@click.option("--lon", required=True, metavar="X", help="Longitude, or easting in metres; or both in one text.")
@click.option("--lat", default="", metavar="Y", help="Latitude, or northing in metres.")
@click.option("--crs", required=True, metavar="NAME", help="wgs84, cgcs2000, gcj02, bd09, EPSG:n: never guessed.")
@click.option("--error-m", required=True, metavar="METRES", help="Metres within which the object lies.")
@click.option(
    "--basis", type=click.Choice(BASES), default="address", show_default=True, help="What the position was taken from."
)
@click.option("--note", default=None, metavar="TEXT", help="What else was gone by.")
@click.option("--confirm", is_flag=True, help="Place it there though it lies outside its reported county or township.")
@click.option("--dry-run", is_flag=True, help="Say what the position is and what speaks against it; change nothing.")
@json_option
def place_command(
    layer_id: str,
    object_id: str,
    lon: str,
    lat: str,
    crs: str,
    error_m: str,
    basis: str,
    note: str | None,
    confirm: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Give an object its position by hand; what follows from it follows as it does from an import."""
    from gridmap.cli.acting import connect
    from gridmap.domain.placement import Placing, read_error
    from gridmap.ingest.importing import by_hand

    said = Placing(lon, lat, crs, read_error(error_m), basis, note, confirmed="*" if confirm else None)
    conn = connect()
    try:
        if dry_run:
            found, batch_id = by_hand.look(conn, layer_id, object_id, said), None
        else:
            placed = by_hand.place(conn, layer_id, object_id, said)
            found, batch_id = placed.found, placed.batch_id
    finally:
        conn.close()
    if as_json:
        echo_json({"found": found, "batch": batch_id})
        return
    click.echo(f"{object_id}: {found.lat:.6f} {found.lon:.6f} ± {said.error_m:g} m, in {found.region}")
    click.echo(f"moved by {found.moved_m:,.0f} m")
    for doubt in found.doubts:
        click.echo(f"but {doubt.en}")
    if batch_id is not None:
        click.echo(
            f"take it back with: gridmap layers undo {batch_id}; judge what it changed with: gridmap audit --due"
        )
