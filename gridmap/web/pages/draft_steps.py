"""POST /drafts/<zone_id>/<step>: a draft on its way through review to publication, one step at a time."""

from __future__ import annotations

from flask import redirect, request, url_for
from psycopg2.extensions import cursor as Cursor
from werkzeug.wrappers import Response

from gridmap import auth
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import transaction
from gridmap.domain import draft as life
from gridmap.domain.draft import Step
from gridmap.domain.roles import Place
from gridmap.errors import ConflictError
from gridmap.planning import publication
from gridmap.store import draft_law, drafts
from gridmap.store.drafts import DraftRow, StepRefused
from gridmap.web import draft_form, view
from gridmap.web.draft_form import Wanted
from gridmap.web.exception_form import Form
from gridmap.web.pages.base import blueprint
from gridmap.web.pages.drafts import base_begins_on, read_draft, render_draft
from gridmap.web.view import View

_STEPS = "describe,submit,comment,return,approve,publish,withdraw,rebase"


@blueprint.post(f"/drafts/<zone_id>/<any({_STEPS}):step>")
@auth.tells_of_expiry
def take_draft_step(zone_id: str, step: str) -> Response | tuple[str, int]:
    """Take a draft a step on, or show why not beside what was typed."""
    conn = connection()
    seen = view.read(conn).only_today()
    own = read_draft(conn, zone_id)
    asked: Step = "save" if step == "describe" else step  # type: ignore[assignment]  # the route lets no other through
    actor = _require(seen, own, asked)
    form, wanted = draft_form.read(step, request.form, seen.installation.today)
    if not auth.has_form_token():
        form = Form(form.values, notice=draft_form.expired())
        return render_draft(conn, seen, own, step=step, form=form), 403
    if wanted is None:
        return render_draft(conn, seen, own, step=step, form=form), 400
    try:
        with transaction(system_connection()) as cursor:
            taken = _take(cursor, own, asked, wanted, actor)
    except StepRefused as refused:
        now = read_draft(conn, zone_id)  # somebody may have been quicker
        draft_form.refused(form, refused, now, base_begins_on(conn, now))
        return render_draft(conn, seen, now, step=step, form=form), 409
    except ConflictError:
        form.notice = draft_form.refusal_notice(asked, "overlap", own)
        return render_draft(conn, seen, read_draft(conn, zone_id), step=step, form=form), 409
    if wanted.publication is not None:
        # committed: whatever becomes of the audit, the version stays law
        done: str = publication.follow(system_connection(), wanted.publication.begins_on)
    else:
        done = "described" if asked == "save" else asked
    return redirect(url_for("web.show_draft", zone_id=taken.zone_id, done=done), 303)


@blueprint.get(f"/drafts/<zone_id>/<any({_STEPS}):step>")
def back_to_draft(zone_id: str, step: str) -> Response:
    """Lead back to the draft whoever asks for a form's address, such as by switching the language on it."""
    return redirect(url_for("web.show_draft", zone_id=zone_id, lang=request.args.get("lang")), 303)


def _require(seen: View, own: DraftRow, step: Step) -> str:
    """Return the login name of the reader, who may take such steps with a draft of this place."""
    permission = life.STEPS[step].permission
    if permission == "draft:change":
        return auth.require_drafting(own.county_code, seen.installation.city_code).name
    return auth.require(permission, Place((own.county_code,))).name


def _take(cursor: Cursor, own: DraftRow, step: Step, wanted: Wanted, actor: str) -> DraftRow:
    if step == "save":
        return drafts.describe(cursor, own.zone_id, title=wanted.title, purpose=wanted.purpose, actor=actor)
    if step == "rebase":
        if not drafts.begin_step(cursor, own.zone_id, step, actor).is_stale:
            raise StepRefused(step, "current_base", f"draft {own.zone_id} is on the last version already")
        return draft_law.rebase(cursor, own.zone_id, drafts.get_content(cursor, own.zone_id), actor=actor)
    if wanted.publication is not None:
        return draft_law.publish(cursor, own.zone_id, wanted.publication, actor=actor)
    return drafts.take_step(cursor, own.zone_id, step, actor, text=wanted.text, place=wanted.place)
