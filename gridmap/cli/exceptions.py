"""`gridmap exceptions`: findings accepted for a time, with reason and document."""

from __future__ import annotations

import datetime as dt

import click

from gridmap.cli.text import Day, echo_json, echo_table, json_option


@click.group()
def command() -> None:
    """Accept findings as exceptions, revoke, list."""


@command.command("list")
@click.option("--county", "counties", multiple=True, metavar="CODE", help="Only this county; may be repeated.")
@json_option
def list_command(counties: tuple[str, ...], as_json: bool) -> None:
    """List exceptions by the day they end."""
    from gridmap.db.session import connect
    from gridmap.store import exceptions

    conn = connect()
    try:
        rows = exceptions.list_exceptions(conn, counties=counties)
    finally:
        conn.close()
    if as_json:
        echo_json(rows)
        return
    echo_table(
        ["until", "rule", "id", "name", "status", "reason", "document", "by", "key"],
        [
            [
                r.accepted_until, r.rule_id, r.feature_id, r.name, r.status, r.accepted_reason, r.accepted_document,
                r.accepted_by, r.key,
            ]
            for r in rows
        ],
    )  # fmt: skip


@command.command("accept")
@click.argument("key")
@click.option("--reason", required=True, help="Why.")
@click.option("--document", required=True, help="Document it rests on.")
@click.option("--by", "post", required=True, help="The post that accepts it, never a name.")
@click.option("--until", required=True, type=Day(), help="Its last day.")
def accept_command(key: str, reason: str, document: str, post: str, until: dt.date) -> None:
    """Accept the open finding KEY until a day; it lapses earlier when the facts that matter change."""
    from gridmap.cli.acting import connect
    from gridmap.domain.finding import Acceptance
    from gridmap.rules import catalogue
    from gridmap.store import exceptions, findings

    conn = connect()
    try:
        rule = catalogue.load().get(findings.get_finding(conn, key).rule_id)
        exceptions.accept(conn, key, rule, Acceptance(reason, document, post, until))
    finally:
        conn.close()
    click.echo(f"finding {key} is accepted until {until}")


@command.command("revoke")
@click.argument("key")
@click.option("--reason", default="", help="Why.")
def revoke_command(key: str, reason: str) -> None:
    """Revoke the exception of the finding KEY: it is open again."""
    from gridmap.cli.acting import connect
    from gridmap.store import exceptions

    conn = connect()
    try:
        exceptions.revoke(conn, key, reason)
    finally:
        conn.close()
    click.echo(f"finding {key} is open again")
