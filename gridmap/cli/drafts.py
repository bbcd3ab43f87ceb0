"""`gridmap drafts`: redraw a zone beside the law, and see what that would change."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.draft_imports import import_command
from gridmap.cli.draft_repeal import repeal_command
from gridmap.cli.text import echo_json, echo_table, json_option
from gridmap.errors import UserError

if TYPE_CHECKING:
    from gridmap.planning.impact import Change, Impact

MOST_BYTES = 32 * 1024 * 1024
"""Files larger than this are no boundary of one zone: 200,000 vertices take a quarter of it."""


@click.group()
def command() -> None:
    """Redraw zones beside the law and see what that would change."""


command.add_command(import_command)
command.add_command(repeal_command)


@command.command("list")
@click.option("--county", default=None, metavar="CODE", help="Only drafts of this county.")
@click.option("--kind", default=None, help="Only drafts of zones of this kind, such as coal_free.")
@json_option
def list_command(county: str | None, kind: str | None, as_json: bool) -> None:
    """List drafts, last changed first."""
    from gridmap.db.session import connect, transaction
    from gridmap.store import drafts

    conn = connect()
    try:
        with transaction(conn) as cursor:
            rows = drafts.list_drafts(cursor, county=county, kind=kind)
    finally:
        conn.close()
    if as_json:
        echo_json([drafts.as_values(row) for row in rows])
        return
    echo_table(
        ["id", "kind", "county", "name", "title", "state", "revision", "by", "base"],
        [
            [
                r.zone_id, r.kind, r.county_code, r.name, r.title, r.state, r.revision, r.author,
                f"{r.base_zone_id or ''}{' (superseded)' if r.is_stale else ''}",
            ]
            for r in rows
        ],
    )  # fmt: skip


@command.command("create")
@click.argument("zone_id", type=int)
@click.option("--title", required=True, help="What the draft is called.")
@click.option("--purpose", default="", help="What it is for.")
def create_command(zone_id: int, title: str, purpose: str) -> None:
    """Make a draft of a version of a zone (see `gridmap zones list`), drawing what it draws."""
    from gridmap.cli.acting import ACTOR, connect
    from gridmap.db.session import transaction
    from gridmap.store import drafts

    conn = connect()
    try:
        with transaction(conn) as cursor:
            made = drafts.create(cursor, zone_id, title=title, purpose=purpose, author=ACTOR)
    finally:
        conn.close()
    click.echo(
        f"draft {made.zone_id}, {made.title}: version {made.version} of {made.lineage}, revision {made.revision}"
    )


@command.command("draw")
@click.argument("zone_id", type=int)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--revision", type=int, required=True, help="Revision it was drawn on; refused when another stands.")
@click.option("--in", "units_in", multiple=True, metavar="CODE", help="List a unit as in; may be repeated.")
@click.option("--out", "units_out", multiple=True, metavar="CODE", help="List a unit as out; may be repeated.")
@click.option("--unlist", multiple=True, metavar="CODE", help="Take a unit off both lists; may be repeated.")
def draw_command(
    zone_id: int,
    file: Path | None,
    revision: int,
    units_in: tuple[str, ...],
    units_out: tuple[str, ...],
    unlist: tuple[str, ...],
) -> None:
    """Save another boundary (GeoJSON, WGS 84 or CGCS2000 degrees) or other lists of units in a draft."""
    from gridmap.cli.acting import ACTOR, connect
    from gridmap.db.session import transaction
    from gridmap.planning.geometry_input import looks_shifted
    from gridmap.store import drafts

    if file is None and not (units_in or units_out or unlist):
        raise click.UsageError("nothing to draw: give a FILE, --in, --out or --unlist")
    boundary = None if file is None else _read(file)
    conn = connect()
    try:
        with transaction(conn) as cursor:
            old = drafts.get_content(cursor, zone_id)
            moved = {*units_in, *units_out, *unlist}
            new = dataclasses.replace(
                old,
                boundary_wkb=old.boundary_wkb if file is None else boundary,
                units_in=(*(code for code in old.units_in if code not in moved), *units_in),
                units_out=(*(code for code in old.units_out if code not in moved), *units_out),
            )
            saved = drafts.save(cursor, zone_id, revision, new, actor=ACTOR)
    finally:
        conn.close()
    click.echo(f"draft {zone_id} is at revision {saved.revision}")
    if old.boundary_wkb is not None and boundary is not None and looks_shifted(old.boundary_wkb, boundary):
        click.echo("warning: the boundary lies where GCJ-02 would put the old one; was it drawn on a Chinese web map?")


def _read(file: Path) -> bytes:
    """Return the boundary of a GeoJSON file; UserError names the file and what is wrong."""
    from gridmap.planning.geometry_input import read_boundary

    size = file.stat().st_size
    if size > MOST_BYTES:
        raise UserError(f"{file.name} has {size} bytes; expected the boundary of one zone, at most {MOST_BYTES}")
    try:
        geojson = json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file.name} is no GeoJSON in UTF-8: {error}") from error
    boundary = read_boundary(geojson)
    if boundary is None:
        raise UserError(f"{file.name} holds null; expected a Polygon or MultiPolygon")
    return boundary


@command.command("check")
@click.argument("zone_id", type=int)
@click.option("--repair", "kind", default=None, metavar="KIND", help="Mend all faults of a kind, or all, and save.")
@click.option("--dry-run", is_flag=True, help="Only tell what the repair would change.")
@json_option
def check_command(zone_id: int, kind: str | None, dry_run: bool, as_json: bool) -> None:
    """List the faults of a draft's boundary by place and size; mend them with --repair."""
    from gridmap.cli.acting import ACTOR, connect
    from gridmap.planning import draft_check

    conn = connect()
    try:
        if kind is None:
            told = [draft_check.as_values(fault) for fault in draft_check.check(conn, zone_id)]
            _tell_faults(told, as_json)
            return
        done = draft_check.mend_draft(conn, zone_id, kind, actor=ACTOR, keep=not dry_run)
    finally:
        conn.close()
    says = "would mend" if dry_run else "mended"
    click.echo(f"{says} {len(done.mended)} faults: +{done.added_m2:.0f} -{done.removed_m2:.0f} m2")
    if done.skipped:
        click.echo(f"left {len(done.skipped)}: locked land would change, or nothing would be left")


def _tell_faults(told: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        echo_json(told)
        return
    echo_table(
        ["fault", "kind", "detail", "place", "m2", "width m"],
        [[f["id"], f["title_en"], f["detail"], f["place"], f"{f['area_m2']:.0f}", f"{f['width_m']:.0f}"] for f in told],
    )


@command.command("impact")
@click.argument("zone_id", type=int)
@json_option
def impact_command(zone_id: int, as_json: bool) -> None:
    """Tell what would change were a draft law today: land, villages, households, sites, findings by rule."""
    from gridmap.db.session import connect
    from gridmap.planning.impact import impact

    conn = connect()
    try:
        found = impact(conn, zone_id)
    finally:
        conn.close()
    if as_json:
        echo_json(_values(found))
        return
    _tell(found)


def _values(found: Impact) -> dict[str, Any]:
    extra = {name: getattr(found, name) for name in ("households_gained", "households_lost")}
    land = {name: getattr(found.land, name) for name in ("gained_m2", "lost_m2")}
    values = dataclasses.asdict(found)
    return {**values, **extra, "land": {**values["land"], **land}}


def _tell(found: Impact) -> None:
    land = found.land
    against = "no zone in force" if found.law is None else f"zone {found.law} in force"
    click.echo(f"draft {found.draft}, revision {found.revision}, against {against}")
    click.echo(f"area: {land.draft_m2 / 1e6:.2f} km2, +{land.gained_m2 / 1e6:.2f} -{land.lost_m2 / 1e6:.2f}")
    if land.overlap_m2 >= 1:
        click.echo(f"gained, but in other zones of its kind: {land.overlap_m2 / 1e6:.2f} km2")
    if land.outside_m2 is not None and land.outside_m2 >= 1:
        click.echo(f"gained, but outside the county that draws it: {land.outside_m2 / 1e6:.2f} km2")
    click.echo(f"households: +{found.households_gained} -{found.households_lost} (where known)")
    for title, sides in (
        ("villages that come in", found.villages_gained),
        ("villages that fall out", found.villages_lost),
        ("sites that come in", found.sites_gained),
        ("sites that fall out", found.sites_lost),
    ):
        names = "、".join(side.name for side in sides)
        click.echo(f"{title}: {len(sides)}{': ' + names if names else ''}")
    if not found.findings:
        click.echo("findings: none would appear, go or change")
    for rule in found.findings:
        click.echo(f"{rule.rule_id} {rule.title}: +{len(rule.appear)} -{len(rule.go)} ~{len(rule.change)}")
        for sign, changes in (("+", rule.appear), ("-", rule.go), ("~", rule.change)):
            for change in changes:
                click.echo(f"  {sign} {_named(change)}")


def _named(change: Change) -> str:
    doubt = "" if change.certainty == "breach" else f" ({change.certainty})"
    return f"{change.name} {change.feature_id} {change.part}".rstrip() + doubt
