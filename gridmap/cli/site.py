"""`gridmap site`: all that is known of one site."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from gridmap import glossary
from gridmap.cli.text import Day, echo_json, echo_table, json_option

if TYPE_CHECKING:
    from gridmap.inspecting.site_file import SiteFile
    from gridmap.rules.catalogue import Catalogue

_on: Callable[..., Any] = click.option(
    "--on", "--as-of", "as_of", type=Day(), default=None, help="As of this day instead of today."
)


@click.group()
def command() -> None:
    """Show what is known of a site."""


@command.command("show")
@click.argument("site_id")
@_on
@json_option
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
def show_command(site_id: str, as_of: dt.date | None, as_json: bool, lang: str) -> None:
    """Show the file of a site: findings, place, zones, record, visits, cases, permits."""
    from gridmap.db.session import connect, today
    from gridmap.inspecting.site_file import site_file
    from gridmap.rules import catalogue, engine
    from gridmap.store.sites import get_site

    known = catalogue.load()
    conn = connect()
    try:
        day = None if as_of == today(conn) else as_of
        get_site(conn, site_id, as_of=day)
        engine.ensure_report(conn, day, known)
        found = site_file(conn, site_id, as_of=day)
    finally:
        conn.close()
    if as_json:
        from gridmap.api.sites import as_json as written

        echo_json(written(found, lang))
        return
    _tell(found, known, lang)


def _tell(found: SiteFile, known: Catalogue, lang: str) -> None:
    from gridmap.rules.catalogue import render
    from gridmap.rules.present import repeat_in_words

    site, past = found.site, found.past
    state, kind = glossary.word("site_state", site.state, lang), glossary.word("site_kind", site.kind, lang)
    click.echo(f"{site.name}  {site.site_id}  {kind}  {state}  {site.as_of}")
    for text in repeat_in_words(found.repeat, lang):
        click.echo(f"  ! {text}")
    for datum in found.identity:
        click.echo(f"  {datum.field.title.get(lang)}: {datum.field.in_words(datum.value, lang)}")
    click.echo(f"  {site.lat:.5f} {site.lon:.5f} ± {site.position_error_m:g} m  {site.placed_by}  {site.recorded_on}")
    click.echo(
        f"  {found.names.get(site.county_code, '')} {site.county_code}  {site.cell_code or ''}  {site.square_code}"
    )
    click.echo(f"{found.number_open} open findings")
    for row in found.findings:
        _title, message = render(known.get(row.rule_id), {**row.facts, "name": row.name, "part": row.part}, lang)
        click.echo(f"  {row.rule_id}  {row.certainty}  {row.severity}  {message}")
    distance = {edge.zone_id: edge.distance_m for edge in found.edges}
    zones = [
        [zone.kind_en if lang == "en" else zone.kind_zh, zone.name, at.side,
         f"{distance[zone.zone_id]:.0f}" if zone.zone_id in distance else "> 5000", zone.document_number]
        for at in (found.law.kinds if found.law else ()) for zone in at.zones
    ]  # fmt: skip
    echo_table(["zone", "name", "side", "m to boundary", "document"], zones)
    for record in found.records:
        click.echo(f"{record.group}  {record.begins_on or ''}  {record.recorded_on or ''}")
        for datum in record.data:
            since = f"  [{datum.since}]" if datum.since else ""
            click.echo(f"  {datum.field.title.get(lang)}: {datum.field.in_words(datum.value, lang)}{since}")
    click.echo(f"{past.numbers['visits']} visits, {past.numbers['cases']} cases, {past.numbers['permits']} permits")
    for visit in past.visits[:10]:
        click.echo(f"  {visit.on_day}  {visit.how}  {visit.post}  {', '.join(visit.unmet or ())}")
    for case in past.cases[:10]:
        click.echo(f"  {case.filed_on}  {case.title}  {case.closed_on or case.due_on or ''}")
    for row in past.handovers[:10]:
        click.echo(f"  {row.handed_on}  {row.from_office} → {row.to_office}")
    for life in past.lives[:10]:
        click.echo(f"  {life.since}  {life.rule_id}  {life.status}  {life.reason or ''}")
