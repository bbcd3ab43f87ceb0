"""`gridmap zones publish`: an approved draft becomes law."""

from __future__ import annotations

import datetime as dt

import click

from gridmap.cli.text import Day
from gridmap.errors import UserError


@click.command()
@click.argument("draft_id", type=int)
@click.option("--document", required=True, help="Full title of the document.")
@click.option("--number", required=True, help="Its number, such as 郑政通〔2020〕99号.")
@click.option("--signed-on", type=Day(), required=True, help="The day it was signed.")
@click.option("--begins-on", type=Day(), required=True, help="The day it takes effect; it may have passed.")
def command(draft_id: int, document: str, number: str, signed_on: dt.date, begins_on: dt.date) -> None:
    """Publish an approved draft (see `gridmap zones drafts`); its predecessor ends the day before.

    It cannot be changed afterwards, only followed by another version. What it changes today is judged at once.
    """
    from gridmap.cli.acting import ACTOR, connect
    from gridmap.db.session import transaction
    from gridmap.domain.draft import Publication
    from gridmap.planning import publication
    from gridmap.store import draft_law

    if not document.strip() or not number.strip():
        raise UserError("--document and --number must not be empty")
    if signed_on > begins_on:
        raise UserError(f"signed on {signed_on}, after it begins on {begins_on}; expected a day not after that")
    wanted = Publication(document.strip(), number.strip(), signed_on, begins_on)
    conn = connect()
    try:
        with transaction(conn) as cursor:
            law = draft_law.publish(cursor, draft_id, wanted, actor=ACTOR)
        click.echo(f"published: version {law.version} of {law.lineage} (zone {law.zone_id}), in force from {begins_on}")
        outcome = publication.follow(conn, begins_on)
    finally:
        conn.close()
    click.echo(_WORDS[outcome])


_WORDS = {
    "judged": "judged: the findings of today answer for it",
    "waits": "not in force yet: the audit of that day judges by it",
    "due": "there is no whole audit of today to go on from: run `gridmap audit --due`",
    "busy": "another audit is running: run `gridmap audit --due` when it has ended",
    "failed": "the audit after it failed: run `gridmap audit --due`",
}
