"""`gridmap draw`: random draws of sites and inspectors, and drawing one again from its record."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmap.cli.text import Day, echo_json, echo_table, json_option
from gridmap.errors import UserError

if TYPE_CHECKING:
    from gridmap.domain.random_draw import Amount
    from gridmap.store.random_draws import DrawRow

MOST_BYTES = 64 * 1024 * 1024
"""A record of 20,000 sites with all their conflicts takes a tenth of it."""


@click.group()
def command() -> None:
    """Draw sites and inspectors at random, so that anybody can draw them again from the record."""


@command.command("new")
@click.option("--title", required=True, help="What the draw is for.")
@click.option("--day", type=Day(), default=None, help="Sites and inspectors of this day instead of today.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND[:AMOUNT]", help="Only this kind; may be repeated.")
@click.option("--county", default=None, metavar="CODE", help="Only sites of this county.")
@click.option("--amount", default="15%", show_default=True, help="Share (15%) or number (3) of each stratum.")
@click.option("--strata", type=click.Choice(["kind,county", "kind", "county", "none"]), default="kind,county")
@click.option("--team", type=int, default=2, show_default=True, help="Inspectors to a site.")
@click.option("--off-hours", "off_hours_pct", default="0", show_default=True, help="Per cent of the checks off-hours.")
@click.option("--closed-too", is_flag=True, help="Closed sites may be drawn too.")
@click.option("--unvisited-days", type=int, default=None, help="Nobody was there for so many days, or ever.")
@click.option("--not-last", "bar_last", is_flag=True, help="Not the inspectors of the last check or draw.")
@click.option("--leave-out-unmatched", "drop_unmatched", is_flag=True, help="Leave out sites that nobody may check.")
@click.option("--public-seed", default=None, metavar="WORDS", help="Which public number will be the seed.")
@click.option("--replaces", type=int, default=None, metavar="ID", help="The annulled draw that this one replaces.")
@json_option
def new_command(
    title: str,
    day: dt.date | None,
    kinds: tuple[str, ...],
    county: str | None,
    amount: str,
    strata: str,
    team: int,
    off_hours_pct: str,
    closed_too: bool,
    unvisited_days: int | None,
    bar_last: bool,
    drop_unmatched: bool,
    public_seed: str | None,
    replaces: int | None,
    as_json: bool,
) -> None:
    """Fix what may be drawn and show its sum; `gridmap draw seed` draws from it."""
    from gridmap.cli.acting import ACTOR, connect
    from gridmap.db.session import transaction
    from gridmap.domain.random_draw import Amount
    from gridmap.inspecting import random_draws
    from gridmap.inspecting.random_draws import Plan, Who
    from gridmap.store import settings
    from gridmap.store.random_draws import as_values

    conn = connect()
    try:
        with transaction(conn) as cursor:
            plan = Plan(
                title=title,
                day=day or settings.today(cursor),
                kinds=_kinds(kinds),
                county=county,
                only_open=not closed_too,
                unvisited_days=unvisited_days,
                by_kind="kind" in strata,
                by_county="county" in strata,
                amount=Amount(amount),
                team=team,
                off_hours_pct=off_hours_pct,
                bar_last=bar_last,
                seed_kind="machine" if public_seed is None else "public",
                seed_source=public_seed or "",
                drop_unmatched=drop_unmatched,
                replaces=replaces,
            )
            row = random_draws.fix(cursor, plan, Who(ACTOR, ACTOR), str(uuid.uuid4()))
    finally:
        conn.close()
    if as_json:
        echo_json(as_values(row))
        return
    click.echo(f"draw {row.draw_id} is fixed; SHA-256 of its list: {row.list_sha256}")
    click.echo(f"next: gridmap draw seed {row.draw_id}" + (" NUMBER" if row.seed_kind == "public" else ""))


@command.command("seed")
@click.argument("draw_id", type=int)
@click.argument("seed", required=False)
@json_option
def seed_command(draw_id: int, seed: str | None, as_json: bool) -> None:
    """Draw by the public number SEED, or without it by a seed that the machine makes."""
    from gridmap.cli.acting import ACTOR, connect
    from gridmap.db.session import transaction
    from gridmap.inspecting import random_draws
    from gridmap.inspecting.random_draws import Who

    conn = connect()
    try:
        with transaction(conn) as cursor:
            row = random_draws.draw(cursor, draw_id, seed, Who(ACTOR, ACTOR))
    finally:
        conn.close()
    _show(row, as_json)


@command.command("annul")
@click.argument("draw_id", type=int)
@click.option("--reason", required=True, help="Why; it stands on the certificate.")
def annul_command(draw_id: int, reason: str) -> None:
    """Annul a mistaken draw; it stays in the books."""
    from gridmap.cli.acting import ACTOR, connect
    from gridmap.db.session import transaction
    from gridmap.inspecting import random_draws
    from gridmap.inspecting.random_draws import Who

    conn = connect()
    try:
        with transaction(conn) as cursor:
            random_draws.annul(cursor, draw_id, reason, Who(ACTOR, ACTOR))
    finally:
        conn.close()
    click.echo(f"draw {draw_id} is annulled")


@command.command("list")
@click.option("--county", default=None, metavar="CODE", help="Only draws that concern this county.")
@json_option
def list_command(county: str | None, as_json: bool) -> None:
    """List the draws, the newest first."""
    from gridmap.db.session import connect, transaction
    from gridmap.store import random_draws

    conn = connect()
    try:
        with transaction(conn) as cursor:
            rows = random_draws.list_draws(cursor, county=county, limit=1000)
    finally:
        conn.close()
    if as_json:
        echo_json(rows)
        return
    echo_table(
        ["id", "state", "day", "sites", "title"],
        [[row.draw_id, row.state, row.on_day, row.drawn, row.title] for row in rows],
    )


@command.command("show")
@click.argument("draw_id", type=int)
@json_option
def show_command(draw_id: int, as_json: bool) -> None:
    """Show a draw; with --json its record, which `gridmap draw verify` reads."""
    from gridmap.db.session import connect, transaction
    from gridmap.store import random_draws

    conn = connect()
    try:
        with transaction(conn) as cursor:
            row = random_draws.get_draw(cursor, draw_id)
    finally:
        conn.close()
    _show(row, as_json)


@command.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--commitment", default=None, metavar="SHA256", help="The list's sum as it was published before the draw."
)
def verify_command(file: Path, commitment: str | None) -> None:
    """Draw again from the record in FILE. Needs no database: whoever has the record can do it."""
    from gridmap.domain.draw_record import verify

    if file.stat().st_size > MOST_BYTES:
        raise UserError(f"{file} has more than {MOST_BYTES // 2**20} MB: that is no record of a draw")
    try:
        record = json.loads(file.read_text("utf-8"))
        if not isinstance(record, dict):
            raise ValueError("it holds no object")
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file} is no record of a draw: {error}") from error
    if record.get("seed") is None and "list" in record:
        raise UserError(f"{file}: nothing was drawn yet")
    try:
        given, result = verify(record, commitment)
    except ValueError as error:
        raise UserError(f"{file}: {error}") from error
    rows = [[one.id, one.size, one.amount.text, one.number] for one in given.fixed.strata]
    echo_table(["stratum", "sites", "amount", "number"], rows)
    click.echo(
        f"true: the list, the seed and the result fit; {len(result.drawn)} sites drawn, {len(result.excluded)} left out"
    )


def _kinds(given: tuple[str, ...]) -> dict[str, Amount | None]:
    from gridmap.domain.random_draw import Amount

    found: dict[str, Amount | None] = {}
    for text in given:
        kind, has_own, own = text.partition(":")
        found[kind] = Amount(own) if has_own else None
    return found


def _show(row: DrawRow, as_json: bool) -> None:
    from gridmap.db.session import connect, transaction
    from gridmap.inspecting.random_draws import record
    from gridmap.store import random_draws

    conn = connect()
    try:
        with transaction(conn) as cursor:
            texts = random_draws.get_texts(cursor, row.draw_id)
            drawn = random_draws.list_drawn(cursor, row.draw_id)
    finally:
        conn.close()
    if as_json:
        echo_json(record(row, texts))
        return
    click.echo(f"draw {row.draw_id}, {row.state}: {row.title}, {row.on_day}")
    click.echo(f"SHA-256 of the list    {row.list_sha256}")
    if row.seed is not None:
        click.echo(f"seed                   {row.seed} ({row.seed_source or 'made by the machine'})")
        click.echo(f"SHA-256 of the record  {row.record_sha256}")
    if row.annulled_reason is not None:
        click.echo(f"annulled               {row.annulled_reason}")
    for line in texts.get("late", "").splitlines():
        click.echo(f"changed since          {line}")
    rows = [
        [one.number, one.site_id, one.name, ", ".join(one.posts), "off-hours" if one.is_off_hours else ""]
        for one in drawn
    ]
    if rows:
        echo_table(["#", "id", "name", "inspectors", ""], rows)
