"""/data/import: a ledger is sent, its titles are settled, what it would change is shown, and then it is imported."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial
from typing import TypeAlias
from urllib.parse import urlencode

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from gridmap import auth
from gridmap.db.pool import connection
from gridmap.domain import import_form as layers
from gridmap.domain.import_report import ImportChange, ImportReport
from gridmap.errors import ConflictError, FullDiskError, GridmapError, NotFoundError, UserError
from gridmap.maps import page as map_page
from gridmap.maps.imports import COLORS, changes_map
from gridmap.store import import_found
from gridmap.web import import_check, import_columns, import_files, import_queue, import_work, language, security, view
from gridmap.web import import_form as forms
from gridmap.web import import_words as telling
from gridmap.web.import_columns import Columns
from gridmap.web.import_files import MOST_BYTES, TooLarge, WaitingFile
from gridmap.web.import_form import Form
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.map import TILES
from gridmap.web.static import static_url
from gridmap.web.view import View

Page: TypeAlias = str | Answer | tuple[str, int]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/data/import")
def show_import() -> str:
    """Show the form by which a file is sent, and those of the reader that wait."""
    seen = _seen()
    what = request.args.get("what", "")
    return _first(seen, Form({"what": what[:60], "day": str(seen.installation.today)}))


@blueprint.get("/data/import/template")
def download_template() -> Response:
    """Send the workbook to fill in for what was chosen."""
    from gridmap.exports.import_forms import template_of

    layer = forms.layer_of(request.args.get("what", ""))
    name = f"template-{layer.label.replace('/', '-')}.xlsx"
    return _file(template_of(layer, language.current()), name)


@blueprint.post("/data/import")
@auth.tells_of_expiry
def send_import() -> Page:
    """Take a file, and go on to its titles or to what it would change."""
    seen = _seen()
    sent = request.files.get("file")
    form, said = forms.read(request.form, (sent.filename or "") if sent else "", seen.installation.today)
    if not auth.has_form_token():
        form.notice = _("没有上传：页面已过期，请再选一次文件。")
        return _first(seen, form), 403
    import_check.importer()
    waiting, status = None, 400
    try:
        if not sent or not sent.filename:
            form.errors["file"] = _("请选择文件。")
        elif said is not None:
            waiting = _receive(form, sent.stream, said)
    except FullDiskError as error:
        form.errors["file"], status = forms.told(error), error.status
    if waiting is None:
        form.notice = _("没有上传：请改正标出的内容，再选一次文件。")
        return _first(seen, form), status
    try:
        with waiting.alone():
            with import_work.opened(waiting) as incoming:
                asks = import_columns.look(incoming, waiting.said).asks
            if not asks:
                return _check(waiting)
    except FileNotFoundError:  # of many that came at once the oldest give way
        if waiting.path.exists():
            raise
        form.notice = _("同时上传的文件太多，“%(name)s”没有留下，请再选一次。", name=waiting.said.file)
        return _first(seen, form), 409
    except UserError as error:
        waiting.forget()
        form.errors["file"] = forms.told(error)
        form.notice = _("文件读不出来：请改正后再选一次。")
        return _first(seen, form), error.status
    return redirect(url_for("web.show_import_columns", token=waiting.token), 303)


@blueprint.get("/data/import/<token>/columns")
def show_import_columns(token: str) -> Page:
    """Show which title of the file is which column."""
    seen, waiting = _seen(), _waiting(token)
    try:
        with import_work.opened(waiting) as incoming:
            found = import_columns.look(incoming, waiting.said)
    except UserError as error:
        return _unreadable(seen, waiting, error)
    return _columns(seen, waiting, found)


@blueprint.post("/data/import/<token>/columns")
@auth.tells_of_expiry
def set_import_columns(token: str) -> Page:
    """Take over which sheet is meant or which title is which column, and check the file."""
    seen, waiting = _seen(), _waiting(token)
    import_check.importer()
    if _is_busy(waiting):
        return _to_progress(waiting)
    sheet = request.form.get("sheet", "")
    said = replace(waiting.said, sheet=sheet or waiting.said.sheet)
    try:
        with import_work.opened(waiting) as incoming:
            if sheet and sheet not in [one.name for one in incoming.sheets]:
                raise UserError(f"no sheet {sheet[:40]}", zh=_("文件里没有这个工作表。"))
            if sheet and sheet != waiting.said.sheet and request.form.get("do") == "sheet":
                said = replace(said, mapping={})
            found = import_columns.look(incoming, said)
    except UserError as error:
        return _unreadable(seen, waiting, error)
    expired = not auth.has_form_token()
    if request.form.get("do") == "sheet" and not expired:
        waiting.say(said)
        return redirect(url_for("web.show_import_columns", token=token), 303)
    mapping = import_columns.read(request.form, found)
    if expired:
        found.notice = _("没有保存：页面已过期，请再点一次。")
        return _columns(seen, waiting, found), 403
    if mapping is None or found.sheet is None:
        return _columns(seen, waiting, found), 400
    with waiting.alone():
        waiting = waiting.say(replace(said, sheet=found.sheet.name, mapping=mapping))
        return _checked(seen, waiting)


@blueprint.post("/data/import/<token>/check")
def check_import(token: str) -> Page:
    """Check a file again, with what is said now of its day, its system, and whether it replaces and is repaired."""
    seen, waiting = _seen(), _waiting(token)
    import_check.importer()
    if _is_busy(waiting):
        return _to_progress(waiting)
    form = Form({name: request.form.get(name, "").strip()[:60] for name in forms.SAID})
    said = forms.read_said(form, seen.installation.today)
    forms.refuse_replacing(form, layers.load(waiting.said.layer, waiting.said.kind))
    report = waiting.find_report()
    if form.errors and report is not None:
        return _report(seen, waiting, report, form), 400
    with waiting.alone():
        return _checked(seen, waiting.say(replace(waiting.said, **said)))


@blueprint.get("/data/import/<token>")
def show_import_report(token: str) -> Page:
    """Show what a file would change, as it was found when it was checked."""
    waiting = _waiting(token)
    if (batch := waiting.done) is not None:
        return _to_batch(batch)
    job = import_queue.find(auth.reader(), token)
    if job is not None and job.is_live:
        return _to_progress(waiting)
    if job is not None and job.task == "write" and job.state == "done":
        # its process ended between writing and noting it here
        waiting.finish(job.batch_id)
        return _to_batch(job.batch_id or 0)
    seen, report = _seen(), waiting.find_report()
    if report is None:
        return page("import_unchecked.html", seen, waiting=waiting, sentence=telling.ended(job))
    form = _said_form(waiting)
    form.notice = telling.ended(job)
    return _report(seen, waiting, report, form)


@blueprint.get("/data/import/<token>/copy.xlsx")
def download_copy(token: str) -> Response:
    """Send the file's rows with what is wrong with each beside it."""
    from gridmap.exports.annotated import write_annotated
    from gridmap.exports.import_forms import ProblemsInOrder

    waiting = _waiting(token)
    report = waiting.find_report()
    if report is None:
        raise NotFoundError("the file was not checked yet", zh=_("文件还没有检查过。"))
    lang = language.current()
    problems = ProblemsInOrder(import_found.each_row(waiting.found), lang)
    content = io.BytesIO()
    with import_work.opened(waiting) as incoming:
        sheet = next(sheet for sheet in incoming.sheets if sheet.name == report.sheet)
        write_annotated(content, sheet, incoming.rows(sheet), problems, lang=lang)
    return _file(content.getvalue(), "problems.xlsx")


@blueprint.post("/data/import/<token>")
@auth.tells_of_expiry
def apply_import(token: str) -> Page:
    """Import what was just shown, or put the file away. The second of two clicks finds what the first one did."""
    waiting = _waiting(token)
    import_check.importer()
    if waiting.done is None and not auth.has_form_token():
        return _again(waiting, _("没有导入：页面已过期，请看过下面的结果再点一次。"), 403)
    if _is_busy(waiting):
        return _to_progress(waiting)
    with waiting.alone():
        if waiting.done is not None:
            return _to_batch(waiting.done)
        if request.form.get("do") == "forget":
            waiting.forget()
            return redirect(url_for("web.show_import"), 303)
        shown = request.form.get("shown", "")
        if shown != waiting.shown:
            return _again(waiting, _("没有导入：这个文件之后又检查过。请看过下面的结果再导入。"), 409)
        try:
            if not import_check.is_small(waiting):
                import_queue.add(waiting, "write", shown)
                return _to_progress(waiting)
            import_queue.forget_ended(auth.reader(), token)
            batch = import_check.apply(waiting, shown)
        except ConflictError:
            if waiting.shown == shown:  # others import: it waits for its turn
                import_queue.add(waiting, "write", shown)
                return _to_progress(waiting)
            return _again(waiting, _("没有导入：检查以后数据有变化。下面是现在的结果，看过后再导入。"), 409)
        except GridmapError as error:
            return _again(waiting, _("没有导入，数据保持原样。%(why)s", why=forms.told(error)), error.status)
        waiting.finish(batch)
    return _to_batch(batch or 0)


def _seen() -> View:
    return view.read(connection()).only_today()


def _waiting(token: str) -> WaitingFile:
    return import_files.get(auth.reader(), token)


def _receive(form: Form, stream: object, said: dict[str, object]) -> WaitingFile | None:
    reader = auth.reader()
    try:
        with import_work.telling_of_a_full_disk():
            waiting = import_files.receive(reader, stream, said, import_queue.live_tokens(reader))  # type: ignore[arg-type]
    except TooLarge:
        form.errors["file"] = _(
            "文件超过 %(n)s MB，网页不收；请在服务器上用 gridmap layers import 命令导入。", n=MOST_BYTES // 1_000_000
        )
        return None
    if waiting is None:
        form.errors["file"] = _("文件是空的（0 字节）。")
    return waiting


def _checked(seen: View, waiting: WaitingFile) -> Page:
    """Check a file and go to what was found; the sentence when it cannot be."""
    try:
        return _check(waiting)
    except UserError as error:
        return _unreadable(seen, waiting, error)


def _check(waiting: WaitingFile) -> Answer:
    """Check a small file and go to what was found; have others checked and go to where that is seen."""
    if import_check.is_small(waiting):
        import_queue.forget_ended(auth.reader(), waiting.token)
        try:
            import_check.check(waiting)
            return redirect(url_for("web.show_import_report", token=waiting.token), 303)
        except ConflictError:
            pass  # others are being checked: it waits for its turn
    import_queue.add(waiting, "check")
    return _to_progress(waiting)


def _is_busy(waiting: WaitingFile) -> bool:
    """Return whether a file waits or is worked on: then nothing else is done with it."""
    job = import_queue.find(auth.reader(), waiting.token)
    return job is not None and job.is_live


def _to_progress(waiting: WaitingFile) -> Answer:
    return redirect(url_for("web.show_import_progress", token=waiting.token), 303)


def _unreadable(seen: View, waiting: WaitingFile, error: UserError) -> Page:
    return page("import_unchecked.html", seen, waiting=waiting, sentence=forms.told(error)), error.status


def _first(seen: View, form: Form) -> str:
    return page(
        "import.html",
        seen,
        form=form,
        choices=forms.choices(),
        systems=forms.systems(),
        refused=forms.refused(),
        standing=telling.standing,
        waiting=import_files.list_waiting(auth.reader()),
        busy=import_queue.live_tokens(auth.reader()),
        most_mb=MOST_BYTES // 1_000_000,
        most_rows=import_work.LIMITS.rows,
    )


def _columns(seen: View, waiting: WaitingFile, found: Columns) -> str:
    return page("import_columns.html", seen, waiting=waiting, found=found)


def _again(waiting: WaitingFile, notice: str, status: int) -> Page:
    """Show a report anew, with the reason why nothing was imported."""
    seen, report = _seen(), waiting.find_report()
    if report is None:
        return page("import_unchecked.html", seen, waiting=waiting, sentence=notice), status
    form = _said_form(waiting)
    form.notice = notice
    return _report(seen, waiting, report, form), status


def _said_form(waiting: WaitingFile) -> Form:
    said = waiting.said
    ticks = {name: "yes" if getattr(said, name) else "" for name in ("replace", "repair")}
    return Form({"day": said.day, "crs": said.crs or "", **ticks})


def _report(seen: View, waiting: WaitingFile, report: ImportReport, form: Form) -> str:
    wanted = request.args
    kind, state = wanted.get("problem", ""), wanted.get("state", "")
    problems = partial(import_found.list_problems, waiting.found, telling.kind_in(kind))
    changes = partial(import_found.list_changes, waiting.found, state or None)
    return page(
        "import_report.html",
        seen,
        waiting=waiting,
        report=report,
        form=form,
        layer=layers.load(report.layer_id, report.kind),
        states=telling.states(),
        farthest=telling.farthest(report),
        plain=telling.plain,
        title_of=telling.title_of,
        kinds=telling.kinds(import_found.list_kinds(waiting.found)),
        kind=kind,
        state=state,
        problems=telling.part(problems, wanted.get("problems")),
        changes=telling.part(changes, wanted.get("changes")),
        address=_address,
        systems=forms.systems(),
        colors=COLORS,
        parts=_map(seen, report),
    )


def _address(part: str, **changes: object) -> str:
    """Return the address of the same report with another filter or page, at one of its parts."""
    kept = {name: request.args.get(name, "") for name in ("problem", "problems", "state", "changes")}
    query = {name: str(value) for name, value in {**kept, **changes}.items() if value}
    path = url_for("web.show_import_report", token=(request.view_args or {})["token"])
    return f"{path}{'?' if query else ''}{urlencode(query)}#{part}"


def _map(seen: View, report: ImportReport) -> map_page.MapParts | None:
    words = telling.states()

    def facts(change: ImportChange) -> dict[str, str]:
        moved = f"{change.moved_m:,.0f} m" if change.moved_m is not None else ""
        row = str(change.row) if change.row is not None else ""
        return {"key": change.key, "what": words[change.status], "moved": moved, "row": row}

    chart = changes_map(
        telling.marks(report, facts),
        {"key": _("编号"), "what": _("变化"), "moved": _("移动"), "row": _("行"), "warning": _("提醒")},
        tiles=TILES,
        lang=language.current(),
        address=static_url,
        credited=seen.installation.is_demo,
    )
    return None if chart is None else map_page.split(chart, security.nonce())


def _to_batch(batch: int) -> Answer:
    if batch == 0:
        return redirect(url_for("web.list_imports", nothing="new"), 303)
    return redirect(url_for("web.show_import_batch", batch_id=batch, done="yes"), 303)


def _file(content: bytes, name: str) -> Response:
    response = Response(content, mimetype=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
