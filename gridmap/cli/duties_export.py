"""`gridmap duties export`: the roster of a day as a file that `gridmap duties import` reads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from gridmap.cli.text import as_of_option
from gridmap.errors import UserError


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@as_of_option
@click.option("--county", default=None, metavar="CODE", help="Only cells of this county.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Of titles and words.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def command(file: Path, as_of: dt.date | None, county: str | None, lang: str, force: bool) -> None:
    """Write who answers for which cell on a day to FILE, .csv or .xlsx."""
    from gridmap.db.session import connect, today, transaction
    from gridmap.exports import roster
    from gridmap.exports.target import writing
    from gridmap.rules import engine
    from gridmap.store import duties

    form = file.suffix.lower().removeprefix(".")
    if form not in roster.MEDIA_TYPES:
        raise UserError(f"{file.name} does not say a format by its ending: expected .csv or .xlsx")
    conn = connect()
    try:
        if county is not None:
            engine.check_counties(conn, [county])
        day = as_of or today(conn)
        with transaction(conn) as cursor:
            rows, cells = duties.list_roster(cursor, duties.CellFilter(is_city=True, county=county), day)
            accounts = duties.account_names(cursor, {row.account_id for row in rows if row.account_id is not None})
    finally:
        conn.close()
    with writing(file, replace=force) as place:
        place.write_bytes(roster.file(rows, cells, form, lang, accounts))
    click.echo(f"{len(rows)} duties of {day} written to {file}")
