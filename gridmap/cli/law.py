"""`gridmap zones at` and `gridmap zones law`: the law of a day, at a place or of a county."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.findings import save
from gridmap.cli.text import Day, echo_json, echo_table, json_option

if TYPE_CHECKING:
    from gridmap.store.law_at import LawAt, ZoneHere

_on: Callable[..., Any] = click.option(
    "--on", "--as-of", "as_of", type=Day(), default=None, help="The law of this day instead of today's."
)


@click.command("at")
@click.argument("lon", type=float)
@click.argument("lat", type=float)
@_on
@click.option("--error-m", type=click.FloatRange(0, 20_000), default=0, help="How far off the position may be, metres.")
@json_option
def at_command(lon: float, lat: float, as_of: dt.date | None, error_m: float, as_json: bool) -> None:
    """Tell the law at a position in degrees: every kind of zone, with its document, and what comes before and after."""
    from gridmap.db.session import connect
    from gridmap.store.law_at import law_at

    conn = connect()
    try:
        law = law_at(conn, lon, lat, error_m=error_m, as_of=as_of, with_exceptions=True)
    finally:
        conn.close()
    if as_json:
        echo_json(law)
        return
    _tell(law)


@click.command("law")
@_on
@click.option("--county", default=None, metavar="CODE", help="Only what applies in this county.")
@json_option
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Of the XLSX file.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write an XLSX file.")
def law_command(as_of: dt.date | None, county: str | None, as_json: bool, lang: str, output: Path | None) -> None:
    """List the law of a day: all kinds, versions in force, documents, exemptions."""
    from gridmap.db.session import connect
    from gridmap.exports import law as exports
    from gridmap.store.law_report import law_of_day

    if output is not None and output.suffix.lower() != ".xlsx":
        raise click.UsageError(f"--output is {output.name}; expected a name that ends with .xlsx")
    conn = connect()
    try:
        law = law_of_day(conn, county=county, as_of=as_of, with_exceptions=True)
    finally:
        conn.close()
    if output is not None:
        save(output, exports.xlsx(law, lang))
        click.echo(f"the law of {law.on} written to {output}")
    elif as_json:
        echo_json(law)
    else:
        _list(law)


def _tell(law: LawAt) -> None:
    place = law.location
    where = [place.county, place.township, place.cell_code, place.square_code]
    click.echo(f"{law.on}  {' '.join(part for part in where if part) or 'outside every county'}")
    for at in law.kinds:
        here = law.of_kind(at.kind.kind)
        if not here:
            click.echo(f"{at.kind.name_zh}: no zone is in force there on that day")
        for one in here:
            click.echo(f"{at.kind.name_zh} {_zone(one)}")
    for named in law.named_only:
        units = "、".join(name for _code, name in named.units)
        click.echo(f"{named.name} names {units}, whose outlines are unknown: inside if the place belongs to one")
    for title, versions in (("ended", law.earlier), ("not begun", law.later)):
        for version in versions:
            click.echo(f"{title}: {version.name}, {version.begins_on} to {version.last_day or '…'}; {version.document}")
    for row in law.exceptions or ():
        click.echo(f"exception until {row.accepted_until}: {row.rule_id} {row.name}, {row.accepted_reason}")


def _zone(here: ZoneHere) -> str:
    zone = here.zone
    doubt = " (nearer to the boundary than its error)" if zone.near_boundary else ""
    how = f", by {here.unit_name or here.unit_code} on its list" if here.unit_code else ""
    number = f" {zone.document_number}" if zone.document_number else ""
    exempt = f"; exempt: {zone.exemptions}" if zone.exemptions else ""
    return (
        f"{zone.name}: {'inside' if zone.inside else 'outside'}{doubt}{how}; {zone.document}{number}; "
        f"{zone.begins_on} to {zone.last_day or '…'}{exempt}"
    )


def _list(law: Any) -> None:
    click.echo(f"{law.on}  {law.county.name if law.county else 'the whole city'}")
    echo_table(
        ("id", "kind", "zone", "from", "last day", "km2", "units", "document"),
        [
            [
                one.zone.zone_id, one.zone.kind_zh, one.zone.name, one.zone.begins_on, one.zone.last_day,
                "" if one.area_m2 is None else f"{one.area_m2 / 1e6:.2f}{'?' if one.is_doubtful else ''}",
                len(one.units), one.zone.document_number or one.zone.document,
            ]
            for one in law.listed
        ],
    )  # fmt: skip
    none = [kind.name_zh for kind, zones in law.kinds if not zones]
    if none:
        click.echo(f"no zone in force: {'、'.join(none)}")
