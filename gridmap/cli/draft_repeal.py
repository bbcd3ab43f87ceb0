"""`gridmap drafts repeal`: propose that a zone ends without a successor."""

from __future__ import annotations

import datetime as dt

import click

from gridmap.cli.text import Day


@click.command("repeal")
@click.argument("zone_id", type=int)
@click.option("--document", required=True, help="Full title of the document that ends it.")
@click.option("--number", default=None, help="Its number, such as 郑政通〔2020〕99号.")
@click.option("--begins-on", type=Day(), required=True, help="The first day without the zone.")
@click.option("--reason", default=None, help="Why it may end; without one, land given up counts as a breach.")
@click.option("--title", default=None, help="What the draft is called.")
def repeal_command(
    zone_id: int, document: str, number: str | None, begins_on: dt.date, reason: str | None, title: str | None
) -> None:
    """Make a draft that ends a zone (see `gridmap zones list`) without a successor; it is reviewed and published."""
    from gridmap.cli.acting import ACTOR, connect
    from gridmap.db.session import transaction
    from gridmap.store import draft_repeal, zones
    from gridmap.store.draft_repeal import Repeal

    conn = connect()
    try:
        name = title or f"废止{zones.get_zone(conn, zone_id).name}"
        with transaction(conn) as cursor:
            wanted = Repeal(document, number, begins_on, reason)
            made = draft_repeal.create(cursor, zone_id, wanted, title=name[:200], author=ACTOR)
    finally:
        conn.close()
    click.echo(f"draft {made.zone_id}, {made.title}: ends {made.name} from {begins_on}")
