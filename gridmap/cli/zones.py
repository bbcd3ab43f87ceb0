"""`gridmap zones`: the law on the ground."""

from __future__ import annotations

import datetime as dt

import click

from gridmap.cli import drafts, law, propose, zone_diff, zone_publish
from gridmap.cli.text import as_of_option, echo_json, echo_table, json_option


@click.group()
def command() -> None:
    """Show the zones of the law, and publish drafts of them."""


command.add_command(drafts.list_command, "drafts")
command.add_command(zone_publish.command, "publish")
command.add_command(propose.command)
command.add_command(zone_diff.diff_command)
command.add_command(zone_diff.changes_command)


@command.command("list")
@as_of_option
@click.option("--kind", default=None, help="Only zones of this kind, such as coal_free.")
@click.option("--county", default=None, metavar="CODE", help="Only zones drawn by this county.")
@json_option
def list_command(as_of: dt.date | None, kind: str | None, county: str | None, as_json: bool) -> None:
    """List the zones in force on a day."""
    from gridmap.db.session import connect
    from gridmap.store import zones

    conn = connect()
    try:
        rows = zones.list_zones(conn, as_of=as_of, kind=kind, county=county)
    finally:
        conn.close()
    if as_json:
        echo_json(rows)
        return
    echo_table(
        ["id", "kind", "county", "name", "version", "from", "to", "km2", "sketch", "document"],
        [
            [
                z.zone_id, z.kind, z.county_code, z.name, z.version, z.begins_on, z.ends_on or "",
                f"{z.area_m2 / 1e6:.1f}" if z.area_m2 is not None else "by name only",
                f"±{z.position_error_m:.0f} m" if z.is_sketch else "", z.document_number or z.document,
            ]
            for z in rows
        ],
    )  # fmt: skip


@command.command("show")
@click.argument("zone_id", type=int)
@json_option
def show_command(zone_id: int, as_json: bool) -> None:
    """Show one version of a zone: its decree, its units, its days."""
    from gridmap.db.session import connect
    from gridmap.store import zones

    conn = connect()
    try:
        zone = zones.get_zone(conn, zone_id)
        versions = zones.list_versions(conn, zone.lineage)
    finally:
        conn.close()
    if as_json:
        echo_json({"zone": zone, "versions": [version.zone_id for version in versions]})
        return
    for name, value in zone.__dict__.items():
        if value not in (None, [], ""):
            click.echo(f"{name}: {', '.join(value) if isinstance(value, list) else value}")
    click.echo("versions: " + ", ".join(f"{v.version} (id {v.zone_id}, from {v.begins_on})" for v in versions))


command.add_command(law.at_command)
command.add_command(law.law_command)
