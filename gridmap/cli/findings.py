"""`gridmap findings`: what was found, on a terminal or as a file."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap import glossary
from gridmap.cli.text import as_of_option, echo_table

if TYPE_CHECKING:
    from gridmap.db.session import Connection
    from gridmap.rules.catalogue import Catalogue
    from gridmap.store.findings import FindingFilter, FindingRow

WHOLE = ("gpkg", "shp", "parquet", "html")
FORMATS = ("table", "json", "geojson", "csv", "xlsx", "ledger", *WHOLE)
_BINARY = ("xlsx", "ledger", *WHOLE)


@click.command()
@as_of_option
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Only this rule; may be repeated.")
@click.option("--county", "counties", multiple=True, metavar="CODE", help="Only this county; may be repeated.")
@click.option("--severity", "severities", multiple=True, type=click.Choice(["high", "medium", "low"]))
@click.option("--certainty", "certainties", multiple=True, type=click.Choice(["breach", "near_boundary", "report"]))
@click.option("--status", "statuses", multiple=True, type=click.Choice(["open", "accepted"]))
@click.option("--repeats", is_flag=True, help="Only what was handed over, came back or failed repeatedly.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default=None,
    help="By default as the file ends, or a table.",
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def command(
    as_of: dt.date | None,
    rules: tuple[str, ...],
    counties: tuple[str, ...],
    severities: tuple[str, ...],
    certainties: tuple[str, ...],
    statuses: tuple[str, ...],
    repeats: bool,
    form: str | None,
    lang: str,
    output: Path | None,
) -> None:
    """List the findings of today, or of another day as a report.

    ledger is a workbook with a sheet for each theme; html a map in one file.
    """
    from gridmap.db.session import connect, today
    from gridmap.exports import findings as exports
    from gridmap.rules import catalogue, engine
    from gridmap.store.findings import FindingFilter, list_findings
    from gridmap.store.regions import list_counties

    if form is None:
        form = _form_of(output)
    if form in _BINARY and output is None:
        raise click.UsageError(f"--format {form} needs --output FILE")
    known = catalogue.load()
    for rule_id in rules:
        known.get(rule_id)  # an unknown rule is a mistake, not an empty list
    conn = connect()
    try:
        engine.check_counties(conn, counties)
        engine.ensure_report(conn, as_of, known)
        wanted = FindingFilter(rules, counties, severities, certainties, statuses, repeats=repeats)
        if form in WHOLE and output is not None:
            number = _whole(conn, known, form, output, wanted, as_of, lang)
            click.echo(f"{number} findings written to {output}")
            return
        day = as_of or today(conn)
        names = {county.code: county.title(lang) for county in list_counties(conn, as_of=as_of)}
        rows = list_findings(conn, wanted, as_of=as_of)
        shown = _presented(conn, known, rows, as_of, lang)
    finally:
        conn.close()
    if form == "table" and output is None:
        _table(shown, lang)
        return
    if form == "ledger":
        asked = exports.asked_for(wanted, names, lang)
        data = exports.ledger(shown, {rule.id: rule.theme for rule in known.rules}, day, asked, lang)
    else:
        data = _encode(form, shown, [row.geojson for row in rows], lang)
    if output is None:
        sys.stdout.buffer.write(data)
    else:
        save(output, data)
        click.echo(f"{len(rows)} findings written to {output}")


def _whole(
    conn: Connection,
    known: Catalogue,
    form: str,
    output: Path,
    wanted: FindingFilter,
    as_of: dt.date | None,
    lang: str,
) -> int:
    """Write a file of a format that is read from the database as it is written, and return how many findings."""
    from gridmap.db.session import today
    from gridmap.exports import findings as exports
    from gridmap.exports import formats
    from gridmap.exports.options import Options, Told
    from gridmap.store.findings import each_finding
    from gridmap.store.outgoing import Outgoing
    from gridmap.store.regions import list_counties

    def draw(given: Outgoing, place: Path, options: Options, told: Told) -> None:
        from gridmap.maps import standalone

        told.rows = standalone.write(given, place, lang=lang, backdrop=standalone.counties(conn, as_of))

    names = {county.code: county.title(lang) for county in list_counties(conn, as_of=as_of)}
    batches = (
        [(flat, row.geojson) for flat, row in zip(_presented(conn, known, batch, as_of, lang), batch, strict=True)]
        for batch in each_finding(conn, wanted, as_of=as_of)
    )
    out = exports.outgoing(batches, as_of or today(conn), exports.asked_for(wanted, names, lang))
    told = formats.write(
        out, formats.FORMATS[form], output, Options(lang), replace=True, shown=wanted.certainties, draw=draw
    )
    for sentence in told.sentences(lang):
        click.echo(sentence, err=True)
    return told.rows


def _presented(
    conn: Connection, known: Catalogue, rows: Sequence[FindingRow], as_of: dt.date | None, lang: str
) -> list[dict[str, Any]]:
    from gridmap.domain.repeat import NEVER
    from gridmap.rules.present import present_flat
    from gridmap.store.repeats import repeats_of

    told = repeats_of(conn, [row.feature_id for row in rows], as_of=as_of)
    return [
        present_flat(row, known.get(row.rule_id), lang, told.get((row.feature_kind, row.feature_id), NEVER))
        for row in rows
    ]


def _form_of(output: Path | None) -> str:
    if output is None:
        return "table"
    if output.suffix.lower() == ".json":
        return "json"
    from gridmap.exports.formats import format_of

    return format_of(output).id


def _table(shown: Sequence[dict[str, Any]], lang: str) -> None:
    echo_table(
        ["rule", "county", "id", "name", "certainty", "repeated", "message"],
        [
            [
                row["rule_id"], row["county_name"] or row["county_code"], row["feature_id"], row["name"],
                glossary.word("certainty", row["certainty"], lang), row["repeat"], row["message"],
            ]
            for row in shown
        ],
    )  # fmt: skip
    click.echo(f"{len(shown)} findings")


def _encode(form: str, shown: Sequence[dict[str, Any]], places: Sequence[str | None], lang: str) -> bytes:
    from gridmap.exports import findings as exports

    if form == "csv" or form == "table":
        return exports.csv_file(shown, lang)
    if form == "xlsx":
        return exports.xlsx_file(shown, lang)
    value = exports.geojson(shown, places) if form == "geojson" else list(shown)
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def save(output: Path, data: bytes) -> None:
    """Write a whole file or none: a full disk or a killed process leaves the old one."""
    from gridmap.exports.target import writing

    with writing(output, replace=True) as place:
        place.write_bytes(data)
