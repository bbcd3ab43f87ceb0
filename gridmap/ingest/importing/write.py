"""Carry a plan out, all of it or nothing, and take a batch back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext

import psycopg2
from psycopg2 import errors
from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import Connection, transaction
from gridmap.domain import import_form as forms
from gridmap.domain.definition import Text
from gridmap.domain.import_progress import Progress
from gridmap.errors import ConflictError, ForbiddenError, UserError
from gridmap.ingest.importing.plan import COMMAND_LINE, ImportPlan
from gridmap.store import audit_log, import_apply, import_batches, import_diff, import_tables, import_undo, placements
from gridmap.store.import_batches import BatchRow, Importer


def apply_import(conn: Connection, plan: ImportPlan, progress: Progress | None = None) -> int | None:
    """Write what a plan says and return the batch's key; None when there is nothing new.

    On the connection on which it was planned. Errors: UserError when the plan has faults, ConflictError while another
    import is being written, or when the base has changed since so that something else would come of it.
    """
    report = plan.report
    if not report.is_clean:
        number = report.counts["refused"]
        first = report.blocking[0] if report.blocking else Text(f"{number} 行有错误", f"{number} rows have faults")
        raise UserError(f"{report.file}: nothing was imported: {first.en}", zh=first.zh)
    if any(target.by_month for target in plan.targets):
        with transaction(conn) as cursor:
            import_batches.only_one(cursor)
            import_apply.make_room(cursor, plan.targets)
    with transaction(conn) as cursor:
        import_batches.only_one(cursor)
        import_apply.lock(cursor, plan.targets)
        import_diff.compare(cursor, plan.form, plan.targets, plan.names, report.on)
        import_diff.find_gone(
            cursor, plan.form, plan.targets[0], report.on, plan.importer.counties, plan.options.replace
        )
        if import_diff.fingerprint(cursor) != report.fingerprint:
            raise ConflictError(
                f"{report.file}: the data changed since the file was checked; check it again",
                zh="检查以后数据有变化，请重新检查",
            )
        import_batches.remember(cursor, report, plan.header_key, plan.importer, plan.options.crs)
        if not report.has_changes:
            return None
        with import_batches.unlogged(cursor):
            batch_id, counties = write_plan(cursor, plan, f"导入：{report.file}", progress)
            _log(cursor, "import", plan.importer, batch_id, {
                "layer": plan.form.label, "file": report.file, "sha256": report.sha256, "counts": report.counts,
                "counties": counties,
            })  # fmt: skip
    return batch_id


def write_plan(
    cursor: Cursor, plan: ImportPlan, source: str, progress: Progress | None = None
) -> tuple[int, list[str]]:
    """Write what a plan says, and return the batch's key and the counties whose objects it changed.

    The caller holds the right to import and the tables. source: where new objects come from. progress: is called with
    what is done. Errors: UserError for what the database refuses, ForbiddenError where objects of another county would
    change.
    """
    report, importer = plan.report, plan.importer
    columns = {target.table: target.compared for target in plan.targets}
    batch_id = import_batches.create(cursor, report, importer, columns, plan.options.replace)
    batch = import_apply.Batch(batch_id, plan.form, plan.names, plan.only_new, report.on, source)

    def told(done: int, total: int) -> None:
        if progress is not None:
            progress("writing", done, total)

    try:
        import_apply.write(cursor, batch, plan.targets, told)
    except (
        errors.CheckViolation,
        errors.ForeignKeyViolation,
        errors.ExclusionViolation,
        errors.NotNullViolation,
    ) as error:
        why = _sentence(error)
        raise UserError(f"{report.file}: nothing was imported: {why.en}", zh=why.zh) from error
    counties = import_batches.finish(cursor, batch_id)
    if importer.counties is not None and not set(counties) <= set(importer.counties):
        raise ForbiddenError(
            f"{report.file}: nothing was imported: it would change objects of {', '.join(counties)}",
            zh=f"会改动 {'、'.join(counties)} 的对象，不只是本县的",
        )
    return batch_id, counties


def undo_import(conn: Connection, batch_id: int, *, importer: Importer = COMMAND_LINE) -> BatchRow:
    """Take a batch back and return it as it was.

    Errors: NotFoundError for none, ConflictError when it was undone already, when later changes touch its rows or other
    tables tell of objects that it brought, or while an import is being written; ForbiddenError for another county's.
    """
    with transaction(conn) as cursor:
        import_batches.only_one(cursor)
        batch = import_batches.get(cursor, batch_id, for_update=True)
        if batch.undone_at is not None:
            raise ConflictError(
                f"batch {batch_id} was undone already, by {batch.undone_by}",
                zh=f"这一批已由 {batch.undone_by} 撤销。",
            )
        if importer.counties is not None and not set(batch.county_codes) <= set(importer.counties):
            raise ForbiddenError(
                f"batch {batch_id} changed objects of {', '.join(batch.county_codes)}",
                zh=f"这一批改了 {'、'.join(batch.county_codes)} 的对象，不只是本县的。",
            )
        form = forms.load(batch.layer_id, batch.kind)
        targets = import_tables.targets_of(cursor, form)
        columns = {table: list(names) for table, names in batch.column_names.items()}
        import_apply.lock(cursor, targets)
        import_undo.refuse_later_changes(cursor, batch_id, targets, columns)
        # of one object placed by hand the log tells what became of its row, as it did when it was placed
        by_hand = placements.find(cursor, batch_id) is not None
        with nullcontext() if by_hand else import_batches.unlogged(cursor):
            number = import_undo.take_back(cursor, batch_id, targets, columns)
        import_batches.note_undone(cursor, batch_id, importer.actor)
        _log(cursor, "undo_import", importer, batch_id, {"layer": form.label, "file": batch.file_name, "rows": number})
    return batch


def _log(cursor: Cursor, action: str, importer: Importer, batch_id: int, after: Mapping[str, object]) -> None:
    audit_log.write(
        cursor, importer.actor, action, account_id=importer.account_id, address=importer.address,
        relation="import_batch", row_key=str(batch_id), after=after,
    )  # fmt: skip


def _sentence(error: psycopg2.Error) -> Text:
    """Return what the database refused: the rule's name, and in its own words the row that it names."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    detail = next((line for line in lines if line.startswith("DETAIL")), "")
    rule = error.diag.constraint_name or lines[0]
    return Text(
        f"数据库不接受其中一行，不合规则 {rule}；请把这句话告诉管理员：{detail[:200] or rule}",
        f"the database refused a row ({rule}) {detail[:200]}".strip(),
    )
