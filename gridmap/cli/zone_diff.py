"""`gridmap zones diff` and `gridmap zones changes`: versions side by side, and the law of two days."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.findings import save
from gridmap.cli.text import Day, as_of_option, echo_json, json_option

if TYPE_CHECKING:
    from gridmap.store.zone_diff import Crossing, DaysDiff, Diff

FORMATS = ("table", "json", "geojson", "xlsx")


@click.command("diff")
@click.argument("a", type=int)
@click.argument("b", type=int)
@as_of_option
@json_option
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Of titles in a file.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def diff_command(
    a: int, b: int, as_of: dt.date | None, as_json: bool, form: str, lang: str, output: Path | None
) -> None:
    """Compare two versions of a zone (ids of `gridmap zones show`): land, villages, households, sites."""
    from gridmap.db.session import connect
    from gridmap.exports import zone_diff as exports
    from gridmap.exports.zone_values import diff_values
    from gridmap.planning.diff import diff
    from gridmap.store.regions import list_counties

    form = "json" if as_json else form
    if form == "xlsx" and output is None:
        raise click.UsageError("--format xlsx needs --output FILE")
    if form == "table" and output is not None:
        raise click.UsageError("a table is for the terminal; --output needs --format json, geojson or xlsx")
    conn = connect()
    try:
        found = diff(conn, a, b, on=as_of)
        counties = {county.code: county.title(lang) for county in list_counties(conn, as_of=as_of)}
    finally:
        conn.close()
    if form == "table":
        _tell(found)
    elif form == "json" and output is None:
        echo_json(diff_values(found, lang))
    else:
        data = _json(diff_values(found, lang)) if form == "json" else exports.encode(found, form, counties, lang)
        if output is None:
            sys.stdout.buffer.write(data)
            return
        save(output, data)
        click.echo(f"the difference between {a} and {b} written to {output}")


@click.command("changes")
@click.argument("day_a", type=Day())
@click.argument("day_b", type=Day())
@click.option("--kind", required=True, help="Kind of zone, such as coal_free.")
@click.option("--county", default=None, metavar="CODE", help="Only zones drawn by this county, and its villages.")
@json_option
def changes_command(day_a: dt.date, day_b: dt.date, kind: str, county: str | None, as_json: bool) -> None:
    """Tell which zones of a kind changed between two days, and what changed side."""
    from gridmap.db.session import connect
    from gridmap.exports.zone_values import diff_values
    from gridmap.planning.diff import diff_days

    conn = connect()
    try:
        found = diff_days(conn, kind, county, day_a, day_b)
    finally:
        conn.close()
    if as_json:
        echo_json(diff_values(found, "zh"))
        return
    _tell_days(found)


def _json(values: dict[str, Any]) -> bytes:
    return (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode()


def _tell(found: Diff) -> None:
    land = found.land
    if not found.differs:
        click.echo("no difference")
    click.echo(f"{found.b.name}: version {found.a.version} (id {found.a.zone_id}) → version {found.b.version} "
               f"(id {found.b.zone_id}); villages, sites and other zones of {found.on}")  # fmt: skip
    if any(one.area_m2 is None and not one.is_repeal for one in (found.a, found.b)):
        click.echo("a version that lists units by name only covers no land on the map")
    click.echo(
        f"area: {land.before_m2 / 1e6:.2f} → {land.after_m2 / 1e6:.2f} km2, "
        f"+{land.added_m2 / 1e6:.2f} -{land.removed_m2 / 1e6:.2f}, kept {land.kept_m2 / 1e6:.2f}"
    )
    click.echo(f"households: +{found.households('added')} -{found.households('removed')} (where known)")
    _names("villages that come in", found.villages_that("added"))
    _names("villages that fall out", found.villages_that("removed"))
    _names("sites that come in", found.sites_that("added"))
    _names("sites that fall out", found.sites_that("removed"))


def _tell_days(found: DaysDiff) -> None:
    if not found.zones:
        click.echo(f"no zone of kind {found.kind} changed between {found.day_a} and {found.day_b}")
    for change in found.zones:
        ids = [str(version.zone_id) if version else "none" for version in (change.before, change.after)]
        click.echo(
            f"{change.zone.name}: {' → '.join(ids)}, +{change.land.added_m2 / 1e6:.2f} "
            f"-{change.land.removed_m2 / 1e6:.2f} km2"
        )
    _names("villages that come in", found.villages_that("added"))
    _names("villages that fall out", found.villages_that("removed"))
    _names("sites that come in", found.sites_that("added"))
    _names("sites that fall out", found.sites_that("removed"))


def _names(title: str, crossings: Iterable[Crossing]) -> None:
    told = [f"{one.name}{'?' if one.near_boundary else ''}" for one in crossings]
    click.echo(f"{title}: {len(told)}{': ' + '、'.join(told) if told else ''}")
