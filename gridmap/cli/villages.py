"""`gridmap villages`: which village a name means, and a newer list held against the one in force."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.text import Day, as_of_option, echo_json, echo_table, json_option

if TYPE_CHECKING:
    from gridmap.domain.village_list import NewList, Reconciliation
    from gridmap.store.village_changes import Applied
    from gridmap.store.village_lists import Hanging


@click.group()
def command() -> None:
    """Match a name to the list of villages; replace the list by a newer one."""


@command.command("match")
@click.argument("name")
@click.option("--county", default=None, metavar="CODE", help="Only within this county.")
@click.option("--township", default=None, metavar="CODE", help="Only within this township.")
@as_of_option
@json_option
def match_command(name: str, county: str | None, township: str | None, as_of: dt.date | None, as_json: bool) -> None:
    """Say which village NAME means, or which ones it may mean and why; none is chosen among several."""
    from gridmap.db.session import connect, today, transaction
    from gridmap.domain.region_codes import read_code
    from gridmap.store import known_places

    county_code = read_code(county, level="county", field="--county").code if county else None
    township_code = read_code(township, level="township", field="--township").code if township else None
    conn = connect()
    try:
        with transaction(conn) as cursor:
            index = known_places.get_names(cursor, as_of or today(conn))
    finally:
        conn.close()
    found = index.match(name, county_code=county_code, township_code=township_code)
    if as_json:
        echo_json(found)
        return
    click.echo(found.zh)
    click.echo(found.en)
    if found.candidates:
        echo_table(
            ["code", "name", "where", "score", "why"],
            [[one.code, one.name, one.where, one.score, one.zh] for one in found.candidates],
        )


@command.command("reconcile")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--apply", "put_in_force", is_flag=True, help="Put the list in force, all or nothing; else only tell.")
@click.option("--on", "day", type=Day(), default=None, help="First day of the new list; today by default.")
@click.option("--dry-run", is_flag=True, help="With --apply: say what would be done, and leave everything as it is.")
@click.option("--sheet", default=None, metavar="NAME", help="Sheet of the file, where several could be the list.")
@json_option
def reconcile_command(
    file: Path, put_in_force: bool, day: dt.date | None, dry_run: bool, sheet: str | None, as_json: bool
) -> None:
    """Hold FILE, codes and names, against the list of villages: renamed, moved, merged, split, new, gone.

    FILE: CSV, XLSX or the attributes of a map (GeoPackage, Shapefile, GeoJSON, KML).
    What hangs on a village that ends is told with it. Only counties that the file has villages of are compared. With
    --apply the old versions end the day before and the new ones begin, with history; a later list can undo it.
    """
    from gridmap.cli.acting import connect
    from gridmap.db.session import today, transaction
    from gridmap.domain import village_list
    from gridmap.ingest import titled_rows
    from gridmap.store import village_lists

    with titled_rows.opened(file, village_list.has_list, sheet=sheet) as table:
        listed = village_list.read_list(table.sheet.header, table.rows())
    if listed.faults:
        _tell_faults(listed, file, as_json)
        raise SystemExit(1)
    conn = connect()
    try:
        first = day or today(conn)
        with transaction(conn) as cursor:
            found = village_list.reconcile(village_lists.list_listed(cursor, first), listed.villages)
            hanging = village_lists.what_hangs(cursor, found.ended, first)
        done = _apply(conn, listed, file, first, dry_run) if put_in_force else None
    finally:
        conn.close()
    if as_json:
        content = {"on": first, "reconciliation": found, "hanging": hanging, "applied": done, "dry_run": dry_run}
        echo_json(content)
    else:
        _tell(found, hanging, listed, first)
        if done is not None:
            _tell_applied(done, first, dry_run)


def _apply(conn: Any, listed: NewList, file: Path, day: dt.date, dry_run: bool) -> Applied:
    """Put a list in force; it is compared again where nobody else changes anything."""
    from gridmap.cli.acting import ACTOR
    from gridmap.db.session import today
    from gridmap.domain import village_list
    from gridmap.store import audit_log, grid_changes, village_changes, village_lists

    now = today(conn)
    source = f"名录 {file.name}"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    with grid_changes.changing(conn, dry_run=dry_run) as cursor:
        found = village_list.reconcile(village_lists.list_listed(cursor, day), listed.villages)
        done = village_changes.apply(cursor, found, day, now, source=source)
        noted = village_changes.as_noted(done, day, source, digest)
        audit_log.write(cursor, ACTOR, "reconcile", relation="village", after=noted)
    return done


def _tell_faults(listed: NewList, file: Path, as_json: bool) -> None:
    if as_json:
        echo_json({"faults": listed.faults})
    else:
        for fault in listed.faults:
            click.echo(f"row {fault.row}: {fault.en}\n    {fault.zh}")
    click.echo(f"nothing was compared; faults in {file.name}: {len(listed.faults)}", err=True)


def _tell(found: Reconciliation, hanging: dict[str, Hanging], listed: NewList, day: dt.date) -> None:
    from gridmap.domain.village_list import KINDS

    click.echo(f"compared: county {', '.join(found.counties)}")
    click.echo(f"villages in force on {day}: {found.old}; on the new list: {found.new}")
    if listed.above:
        click.echo(f"lines of townships and counties, which are not read: {listed.above}")
    click.echo(", ".join([f"the same {found.same}", *(f"{kind} {len(found.of(kind))}" for kind in KINDS)]))
    for change in found.changes:
        click.echo(f"{change.kind}{'' if change.sure else '?'}: {change.zh}")
        for one in change.before:
            hangs = hanging.get(one.code)
            if hangs is not None and not hangs.is_nothing:
                click.echo(f"    on {one.code} hang: {_hangs(hangs)}")
    if found.partial is not None:
        click.echo(f"so many villages of county {found.partial} are missing that the list may be a part of one")


def _hangs(one: Hanging) -> str:
    told = [] if one.programme is None else [f"programme {one.programme}"]
    told += ["task list"] if one.on_task_list else []
    for name in ("zones", "cells", "duties", "sites", "findings"):
        things: list[str] = getattr(one, name)
        if things:
            more = f" and {len(things) - 10} more" if len(things) > 10 else ""
            told.append(f"{name} {', '.join(things[:10])}{more}")
    return "; ".join(told)


def _tell_applied(done: Applied, day: dt.date, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    click.echo(
        f"{would}in force from {day} on: {done.renamed} renamed, {done.carried} under another code with what is known "
        f"of them, {done.came_back} come back, {done.begun} begun ({done.unplaced} placed no better than in their "
        f"township), {done.ended} ended the day before"
    )
    if done.sites:
        click.echo(f"{done.sites} sites {would}said to lie in what follows their village")
    if done.cells:
        click.echo(f"cells {would}called as their village: {', '.join(done.cells)}")
