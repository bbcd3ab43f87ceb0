"""/data/imports: what was imported, each batch with its undoing, and what is still to be placed by hand."""

from __future__ import annotations

from typing import TypeAlias

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from gridmap.db.pool import connection, system_connection
from gridmap.db.session import transaction
from gridmap.domain import import_form as layers
from gridmap.errors import ConflictError, ForbiddenError, NotFoundError, UserError
from gridmap.ingest.importing import by_hand, undo_import
from gridmap.store import import_batches, placements
from gridmap.store.import_batches import BatchRow
from gridmap.web import import_check, import_queue, language, view
from gridmap.web import import_form as forms
from gridmap.web import import_words as telling
from gridmap.web.errors import or_say
from gridmap.web.pages.base import blueprint, page

Page: TypeAlias = str | Answer | tuple[str, int]

SHOWN = 100


@blueprint.get("/data/imports")
def list_imports() -> str:
    """Show what was imported, the newest first."""
    conn = connection()
    seen = view.read(conn).only_today()
    import_queue.resume()
    with transaction(conn) as cursor:
        batches = import_batches.list_batches(cursor, limit=SHOWN)
    return page(
        "imports.html",
        seen,
        batches=batches,
        titles={(batch.layer_id, batch.kind): _title(batch) for batch in batches},
        states=telling.states(),
        shown=SHOWN,
        nothing=request.args.get("nothing") == "new",
    )


@blueprint.get("/data/imports/<int:batch_id>")
def show_import_batch(batch_id: int) -> str:
    """Show one batch."""
    return _batch(batch_id, "", done=request.args.get("done") == "yes")


@blueprint.post("/data/imports/<int:batch_id>")
def undo_import_batch(batch_id: int) -> Page:
    """Take a batch back; the page says why when it cannot be."""
    who = import_check.importer()
    _get(batch_id)  # as the reader sees it: another county's is none of his
    try:
        undo_import(system_connection(), batch_id, importer=who)
    except (ConflictError, ForbiddenError, UserError) as error:
        return _batch(batch_id, _("没有撤销，数据保持原样。%(why)s", why=forms.told(error))), error.status
    return redirect(url_for("web.show_import_batch", batch_id=batch_id), 303)


@blueprint.get("/data/unplaced")
def list_unplaced() -> str:
    """Show objects that stand in their township or county for want of a position."""
    conn = connection()
    seen = view.read(conn).only_today()
    every = [one for one in layers.list_forms() if by_hand.is_placeable(one)]
    wanted, own = request.args.get("what"), import_check.importer().counties
    with transaction(conn) as cursor:
        numbers = placements.count_unplaced(cursor, every, own)
        # where nobody says what, the first that waits: others would say that all is well
        likely = next((one for one in every if numbers[one.label]), every[0])
        layer = next((one for one in every if one.label == wanted), None) if wanted else likely
        if layer is None:
            raise NotFoundError(f"no such data: {str(wanted)[:40]}", zh=_("没有这种可以导入的数据。"))
        total = numbers[layer.label]
        listed = telling.part(
            lambda limit, offset: (placements.list_unplaced(cursor, layer, own, limit, offset), total),
            request.args.get("page"),
        )
        done = request.args.get("done", "")
        last = placements.find(cursor, int(done)) if done.isdecimal() and len(done) < 18 else None
    lang = language.current()
    return page(
        "unplaced.html",
        seen,
        listed=listed,
        rows=listed.rows,
        saved=last.name if last is not None and last.undone_by is None else "",
        layer=layer,
        choices=[(one.label, one.title.get(lang), numbers[one.label]) for one in every],
    )


def _get(batch_id: int) -> BatchRow:
    with or_say(_("没有导入批次 %(id)s。", id=batch_id)), transaction(connection()) as cursor:
        return import_batches.get(cursor, batch_id)


def _batch(batch_id: int, notice: str, *, done: bool = False) -> str:
    batch = _get(batch_id)
    return page(
        "import_batch.html",
        view.read(connection()).only_today(),
        batch=batch,
        title=_title(batch),
        system=telling.system(batch.crs),
        notice=notice,
        done=done and batch.undone_at is None,
        states=telling.states(),
    )


def _title(batch: BatchRow) -> str:
    try:
        return layers.load(batch.layer_id, batch.kind).title.get(language.current())
    except (NotFoundError, UserError):
        return batch.layer_id
