"""`gridmap visits`: what inspectors told from the spot."""

from __future__ import annotations

import datetime as dt

import click

from gridmap.cli.text import echo_json, echo_table, json_option

OUTCOMES = ("objections", "nothing_to_object", "nothing_seen")
MARKS = ("told", "undecided", "place", "correction")


@click.group()
def command() -> None:
    """List visits of sites, or show one."""


@command.command("list")
@click.option("--county", "counties", multiple=True, metavar="CODE", help="Only this county; may be repeated.")
@click.option("--kind", "kinds", multiple=True, help="Only this kind of site; may be repeated.")
@click.option("--outcome", "outcomes", multiple=True, type=click.Choice(OUTCOMES))
@click.option(
    "--mark", type=click.Choice(MARKS), help="Told from the spot, stop undecided, place in doubt, correction."
)
@click.option("--site", metavar="ID", help="Only visits of this site, removed or not.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
def list_command(
    counties: tuple[str, ...],
    kinds: tuple[str, ...],
    outcomes: tuple[str, ...],
    mark: str | None,
    site: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List visits, newest first."""
    from gridmap import glossary
    from gridmap.db.session import connect
    from gridmap.errors import UserError
    from gridmap.store.visit_book import VisitFilter, list_visits, number_of_visits

    for kind in kinds:
        if kind not in glossary.terms()["site_kind"]:
            raise UserError(f"there is no kind of site {kind!r}; known are {', '.join(glossary.terms()['site_kind'])}")
    wanted = VisitFilter(
        counties, kinds, outcomes, since.date() if since else None, until.date() if until else None, site, None, mark
    )
    conn = connect()
    try:
        total = number_of_visits(conn, wanted)
        rows = list_visits(conn, wanted, limit=limit)
    finally:
        conn.close()
    if as_json:
        echo_json({"matched": total, "visits": [row._asdict() for row in rows]})
        return
    echo_table(
        ["visit", "day", "site", "name", "county", "outcome", "failed", "place", "stop"],
        [
            [
                row.inspection_id, row.inspected_on, row.site_id, row.site_name, row.county_code, row.outcome or "",
                row.failed or row.unmet, row.place_state or "", row.stop_decision or row.stop_step or "",
            ]
            for row in rows
        ],
    )  # fmt: skip
    click.echo(f"{len(rows)} of {total} visits")


@command.command("show")
@click.argument("visit_id")
@json_option
def show_command(visit_id: str, as_json: bool) -> None:
    """Show one visit: its items, findings, and the stop of work that it proposes."""
    from gridmap.db.session import connect
    from gridmap.store.visit_book import get_visit

    conn = connect()
    try:
        visit = get_visit(conn, visit_id)
    finally:
        conn.close()
    if as_json:
        lists = {"items": visit.items, "measures": visit.measures, "photos": visit.photos, "findings": visit.findings}
        content = visit.row._asdict() | {name: [row._asdict() for row in rows] for name, rows in lists.items()}
        echo_json(content | {"stop_work": visit.stop._asdict() if visit.stop else None})
        return
    row = visit.row
    site = f"{row.site_name or ''} ({row.visited_site_id or 'unknown site'})"
    click.echo(f"{row.inspected_on} {site}: {row.outcome or 'on paper'}")
    click.echo(f"{row.kind} by {row.post}; place {row.place_state or 'not told'}")
    echo_table(
        ["item", "answer", "value", "rule", "recorded", "asked"],
        [
            [
                item.item, item.answer, "" if item.value is None else f"{item.value:g} {item.unit or ''}",
                item.rule_id or "", f"{item.recorded} → {item.seen}" if item.corrects else item.recorded or "",
                item.wording,
            ]
            for item in visit.items
        ],
    )  # fmt: skip
    for finding in visit.findings:
        click.echo(
            f"{finding.event}: {finding.rule_id} {finding.part} {finding.status} {finding.key}".replace("  ", " ")
        )
    if visit.stop:
        stop = visit.stop
        decision = stop.decision or "undecided"
        click.echo(f"stop of work, time {stop.times}: {stop.step}, {stop.begins_on} to {stop.ends_on}: {decision}")
