"""/data/import/<file>/progress: how far a large file is, and how it is stopped; what a check found, to take away."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeAlias

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from gridmap import auth
from gridmap.db.pool import connection
from gridmap.domain import import_form as layers
from gridmap.domain.import_progress import how_far
from gridmap.errors import ConflictError, NotFoundError
from gridmap.web import import_check, import_downloads, import_files, import_queue, view
from gridmap.web import import_words as telling
from gridmap.web.pages.base import blueprint, page

Page: TypeAlias = str | Answer | tuple[str, int]


@blueprint.get("/data/import/<token>/progress")
def show_import_progress(token: str) -> Page:
    """Show how far a file is that is checked or written; where it has ended, what came of it."""
    reader = auth.reader()
    waiting = import_files.get(reader, token)
    job = import_queue.find(reader, token)
    if job is None or not job.is_live:
        return redirect(url_for("web.show_import_report", token=token), 303)
    far = how_far(job.task, job.step, job.done, job.total, job.elapsed_s)
    return page(
        "import_progress.html",
        view.read(connection()).only_today(),
        waiting=waiting,
        layer=layers.load(waiting.said.layer, waiting.said.kind),
        job=job,
        far=far,
        what=telling.doing(job, far),
        times=telling.times(job, far),
    )


@blueprint.post("/data/import/<token>/cancel")
def cancel_import(token: str) -> Page:
    """Have a check or an import stop; nothing of it stays."""
    reader = auth.reader()
    import_files.get(reader, token)
    import_check.importer()
    job = import_queue.find(reader, token)
    if job is not None:
        with suppress(ConflictError):  # it ended meanwhile: the page that follows shows how
            import_queue.cancel(job)
    return redirect(url_for("web.show_import_progress", token=token), 303)


@blueprint.get("/data/import/<token>/<any(problems, changes):what>.<any(csv, xlsx):form>")
def download_found(token: str, what: str, form: str) -> Answer:
    """Send all problems or all changes that a check found, those that the page's filter leaves."""
    waiting = import_files.get(auth.reader(), token)
    report = waiting.find_report()
    if report is None:
        raise NotFoundError("the file was not checked yet", zh=_("文件还没有检查过。"))
    make = import_downloads.problems if what == "problems" else import_downloads.changes
    wanted = telling.kind_in(request.args.get("problem")) if what == "problems" else request.args.get("state")
    return import_downloads.send(make(waiting.found, wanted, view.read(connection())), f"{what}.{form}", form)  # type: ignore[arg-type]
