"""`gridmap layers import` and its kin: ledgers in, what they would change, and back out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli import import_progress
from gridmap.cli.import_report import SHOWN, mapping_of, tell_more, tell_reading
from gridmap.cli.text import Day, echo_json, echo_table, json_option

if TYPE_CHECKING:
    import datetime as dt

    from gridmap.domain.import_progress import Progress
    from gridmap.domain.import_report import ImportChange, ImportReport
    from gridmap.domain.incoming import IncomingFile
    from gridmap.ingest.importing import ImportPlan

_file = click.argument("file", type=click.Path(path_type=Path))
_options: tuple[Callable[..., Any], ...] = (
    click.option("--kind", default=None, metavar="KIND", help="Kind of site, where a layer has kinds."),
    click.option("--sheet", default=None, metavar="NAME", help="Sheet or layer of the file, where it has several."),
    click.option("--crs", default=None, metavar="NAME", help="Of its positions: wgs84, cgcs2000, gcj02, bd09, EPSG:n."),
    click.option("--map", "mapped", multiple=True, metavar="TITLE=COLUMN", help="What a title is; TITLE= ignores it."),
    click.option("--replace", is_flag=True, help="Objects of the file's counties that it no longer has are gone."),
    click.option("--repair", is_flag=True, help="Leave out heights, make points of shapes."),
    click.option("--on", "on_day", type=Day(), default=None, help="First day of what it says; today by default."),
)  # fmt: skip


def _with_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_options):
        function = option(function)
    return function


def add_to(group: click.Group) -> None:
    """Add the commands to `gridmap layers`."""
    for each in (import_command, changes_command, imports_command, undo_command, template_command, work_command):
        group.add_command(each)


@click.command("import")
@click.argument("layer_id")
@_file
@_with_options
@click.option("--dry-run", is_flag=True, help="Say what would change, row by row, and leave everything as it is.")
@click.option(
    "--annotated",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FILE",
    help="Write the rows with their problems, XLSX.",
)
@json_option
def import_command(
    layer_id: str, file: Path, dry_run: bool, annotated: Path | None, as_json: bool, **said: Any
) -> None:
    """Import a ledger into a layer: CSV, XLSX (XLS, ET, ODS), GeoJSON, Shapefile, GeoPackage or KML. All or nothing.

    Objects are known by their identifier: those that are there are changed, others are new. Columns that the file lacks
    stay as they are; what a ledger says holds from the day of the import on, and what held before is kept.
    """
    from gridmap.ingest.importing import apply_import

    bar = import_progress.bar("check" if dry_run else "write")
    with _planned(layer_id, file, said, bar) as (conn, plan, incoming):
        report = plan.report
        if annotated is not None:
            _annotate(conn, plan, incoming, annotated)
        batch_id = apply_import(conn, plan, bar) if report.is_clean and not dry_run else None
        import_progress.clear()
        if as_json:
            echo_json({"report": report.as_dict(), "batch": batch_id, "dry_run": dry_run})
        else:
            _tell(report, dry_run or not report.is_clean)
            if batch_id is not None:
                click.echo(f"imported as batch {batch_id}; take it back with: gridmap layers undo {batch_id}")
            elif report.is_clean and not report.has_changes:
                click.echo("nothing new")
        if not report.is_clean:
            click.echo(f"nothing was imported: {_why(report)}", err=True)
            raise SystemExit(1)


@click.command("changes")
@click.argument("layer_id")
@_file
@_with_options
@json_option
def changes_command(layer_id: str, file: Path, as_json: bool, **said: Any) -> None:
    """Tell what a newer file would change: new, changed, moved, same; with --replace also what is gone."""
    with _planned(layer_id, file, said, import_progress.bar("check")) as (_, plan, _):
        import_progress.clear()
        if as_json:
            echo_json({"counts": plan.report.counts, "changes": plan.report.changes, "faults": plan.report.faults})
            return
        _tell(plan.report, True)


@click.command("imports")
@click.option("--layer", "layer_id", default=None, metavar="ID", help="Only those into this layer.")
@json_option
def imports_command(layer_id: str | None, as_json: bool) -> None:
    """List what was imported, the newest first."""
    from gridmap.db.session import connect, transaction
    from gridmap.store import import_batches

    conn = connect()
    try:
        with transaction(conn) as cursor:
            batches = import_batches.list_batches(cursor, layer_id)
    finally:
        conn.close()
    if as_json:
        echo_json(batches)
        return
    echo_table(
        ["batch", "on", "layer", "kind", "file", "new", "changed", "moved", "gone", "counties", "by", "undone by"],
        [
            [
                row.batch_id, row.imported_on, row.layer_id, row.kind, row.file_name,
                *(row.counts.get(name, 0) for name in ("new", "changed", "moved", "gone")),
                " ".join(row.county_codes), row.actor, row.undone_by,
            ]
            for row in batches
        ],
    )  # fmt: skip


@click.command("undo")
@click.argument("batch_id", type=int)
def undo_command(batch_id: int) -> None:
    """Take a batch back: every object as it was before, unless somebody has changed it since."""
    from gridmap.cli.acting import connect
    from gridmap.ingest.importing import undo_import

    conn = connect()
    try:
        batch = undo_import(conn, batch_id)
    finally:
        conn.close()
    click.echo(f"batch {batch_id} ({batch.file_name}) is undone")


@click.command("work")
def work_command() -> None:
    """Check and write the large files that were sent by the page of imports and wait; the web server starts it."""
    from gridmap.web.import_worker import work

    click.echo(f"{work()} files were worked on", err=True)


@click.command("template")
@click.argument("layer_id")
@_file
@click.option("--kind", default=None, metavar="KIND", help="Kind of site, where a layer has kinds.")
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the titles."
)
def template_command(layer_id: str, file: Path, kind: str | None, lang: str) -> None:
    """Write an XLSX to fill in: titles that are recognised, drop-downs, codes as text, notes on every column."""
    from gridmap.domain import import_form
    from gridmap.exports.import_forms import template_columns, template_of

    form = import_form.load(layer_id, kind)
    _write(file, template_of(form, lang))
    click.echo(f"{file}: {len(template_columns(form))} columns of {form.label}")


def _write(file: Path, content: bytes) -> None:
    from gridmap.exports.target import writing

    with writing(file, replace=True) as place:
        place.write_bytes(content)


def _annotate(conn: Any, plan: ImportPlan, incoming: IncomingFile, file: Path) -> None:
    """Write the file's rows with what is wrong with each beside them."""
    import io

    from gridmap.db.session import transaction
    from gridmap.exports.annotated import write_annotated
    from gridmap.exports.import_forms import problems_of
    from gridmap.store.import_staging import each_fault

    with transaction(conn) as cursor:
        problems = problems_of(each_fault(cursor))
    sheet = next(sheet for sheet in incoming.sheets if sheet.name == plan.report.sheet)
    content = io.BytesIO()
    rows = write_annotated(content, sheet, incoming.rows(sheet), problems)
    _write(file, content.getvalue())
    click.echo(f"{file}: {rows} rows, {len(problems)} of them with a problem", err=True)


@contextmanager
def _planned(
    layer_id: str, file: Path, said: dict[str, Any], progress: Progress | None
) -> Iterator[tuple[Any, ImportPlan, IncomingFile]]:
    """Open the file and the database and judge the one against the other."""
    from gridmap.cli.acting import connect
    from gridmap.domain.incoming import ReadingLimits
    from gridmap.errors import UserError
    from gridmap.ingest.importing import ImportOptions, plan_import
    from gridmap.ingest.importing.estimate import estimate_rows
    from gridmap.ingest.importing.plan import sha256_of
    from gridmap.ingest.reading import open_incoming

    on_day: dt.date | None = said["on_day"]
    options = ImportOptions(
        kind=said["kind"], sheet=said["sheet"], crs=said["crs"], mapping=mapping_of(said["mapped"]),
        replace=said["replace"], repair=said["repair"], on=on_day,
    )  # fmt: skip
    if not file.is_file():
        raise UserError(f"{file}: there is no such file")
    incoming = open_incoming(file, name=file.name, limits=ReadingLimits())
    try:
        conn = connect()
        try:
            plan = plan_import(
                conn,
                layer_id,
                incoming,
                file_name=file.name,
                sha256=sha256_of(file),
                options=options,
                progress=progress,
                count_rows=(lambda sheet: estimate_rows(file, incoming, sheet)) if progress else None,
            )
            yield conn, plan, incoming
        finally:
            conn.close()
    finally:
        incoming.close()


def _tell(report: ImportReport, would: bool) -> None:
    tell_reading(report.notes, report.unread, report.faults, report.counts["faults"] + report.counts["warnings"])
    if would and report.changes:
        echo_table(
            ["state", "row", "identifier", "name", "what"], [_change(change) for change in report.changes[:SHOWN]]
        )
        tell_more(sum(report.counts[name] for name in ("new", "changed", "moved", "gone")))
    numbers = [f"{name} {report.counts.get(name, 0)}" for name in ("new", "changed", "moved", "same", "gone")]
    click.echo(f"{report.counts.get('read', 0)} rows read; {', '.join(numbers)}")
    if report.counts.get("unplaced"):
        click.echo(
            f"{report.counts['unplaced']} new objects have no position: they stand in their township or county, "
            "to be placed by hand"
        )
    if report.loses_most:
        click.echo("more objects would be gone than the file has: is it all of the list, or a part of it?")
    for sentence in report.blocking:
        click.echo(sentence.en)


def _change(change: ImportChange) -> list[Any]:
    what = [f"{field.column}: {field.before or '-'} → {field.after or '-'}" for field in change.fields[:4]]
    if change.moved_m is not None:
        what.insert(0, f"{change.moved_m:,.0f} m")
    if change.status == "new" and not change.is_placed:
        what.append("no position of its own")
    return [change.status, change.row, change.key, change.name, "; ".join(what)]


def _why(report: ImportReport) -> str:
    if report.blocking:  # faults of most rows may come of it
        return report.blocking[0].en
    return f"{report.counts['refused']} of {report.counts['read']} rows have faults"
