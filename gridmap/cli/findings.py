"""`gridmap findings`: what was found, on a terminal or as a file."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gridmap import glossary
from gridmap.cli.text import as_of_option, echo_table
from gridmap.errors import UserError

FORMATS = ("table", "json", "geojson", "csv", "xlsx")


@click.command()
@as_of_option
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Only this rule; may be repeated.")
@click.option("--county", "counties", multiple=True, metavar="CODE", help="Only this county; may be repeated.")
@click.option("--severity", "severities", multiple=True, type=click.Choice(["high", "medium", "low"]))
@click.option("--certainty", "certainties", multiple=True, type=click.Choice(["breach", "near_boundary", "report"]))
@click.option("--status", "statuses", multiple=True, type=click.Choice(["open", "accepted"]))
@click.option("--repeats", is_flag=True, help="Only what was handed over, came back or failed repeatedly.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
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
    form: str,
    lang: str,
    output: Path | None,
) -> None:
    """List the findings of today, or of another day as a report."""
    from gridmap.db.session import connect
    from gridmap.domain.repeat import NEVER
    from gridmap.rules import catalogue, engine
    from gridmap.rules.present import present_flat
    from gridmap.store.findings import FindingFilter, list_findings
    from gridmap.store.repeats import repeats_of

    if form == "xlsx" and output is None:
        raise click.UsageError("--format xlsx needs --output FILE")
    known = catalogue.load()
    for rule_id in rules:
        known.get(rule_id)  # an unknown rule is a mistake, not an empty list
    conn = connect()
    try:
        engine.check_counties(conn, counties)
        engine.ensure_report(conn, as_of, known)
        wanted = FindingFilter(rules, counties, severities, certainties, statuses, repeats=repeats)
        rows = list_findings(conn, wanted, as_of=as_of)
        told = repeats_of(conn, [row.feature_id for row in rows], as_of=as_of)
    finally:
        conn.close()
    shown = [
        present_flat(row, known.get(row.rule_id), lang, told.get((row.feature_kind, row.feature_id), NEVER))
        for row in rows
    ]
    if form == "table" and output is None:
        _table(shown, lang)
        return
    data = _encode(form, shown, [row.geojson for row in rows], lang)
    if output is None:
        sys.stdout.buffer.write(data)
    else:
        save(output, data)
        click.echo(f"{len(rows)} findings written to {output}")


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
    try:
        handle, temporary = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            # mkstemp makes the file private; give it the permissions a new file would have
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(temporary, 0o666 & ~mask)
            os.replace(temporary, output)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise UserError(f"cannot write {output}: {error.strerror}") from error
