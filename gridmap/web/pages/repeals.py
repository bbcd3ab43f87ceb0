"""/zones/<base_id>/repeal: a planner proposes that a zone ends without a successor."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from gridmap import auth
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import Connection, transaction
from gridmap.errors import ConflictError, NotFoundError
from gridmap.store import draft_repeal, zones
from gridmap.store.zones import ZoneRow
from gridmap.web import draft_form, view
from gridmap.web.errors import or_say
from gridmap.web.exception_form import Form
from gridmap.web.pages.base import blueprint, page
from gridmap.web.view import View


@blueprint.get("/zones/<base_id>/repeal")
def show_repeal(base_id: str) -> str | tuple[str, int]:
    """Show the form by which the end of a zone is proposed."""
    conn = connection()
    seen, zone = _seen(conn, base_id)
    form = Form({"title": _("废止%(name)s", name=zone.name)[:200], "begins_on": ""})
    if not _may_end(conn, zone):
        form.notice = _ended()
        return _render(seen, zone, form), 409
    return _render(seen, zone, form)


@blueprint.post("/zones/<base_id>/repeal")
@auth.tells_of_expiry
def propose_repeal(base_id: str) -> Response | tuple[str, int]:
    """Make a draft that ends a zone and go to it, or show what is wrong beside what was typed."""
    conn = connection()
    seen, zone = _seen(conn, base_id)
    author = auth.require_drafting(zone.county_code, seen.installation.city_code).name
    form, wanted = draft_form.read_repeal(request.form, seen.installation.today, zone.begins_on)
    if not auth.has_form_token():
        return _render(seen, zone, Form(form.values, notice=draft_form.expired())), 403
    if wanted is None:
        return _render(seen, zone, form), 400
    try:
        with transaction(system_connection()) as cursor:
            made = draft_repeal.create(
                cursor, zone.zone_id, wanted.repeal, title=wanted.title, purpose=wanted.purpose, author=author
            )
    except ConflictError:
        form.notice = _ended()
        return _render(seen, zone, form), 409
    return redirect(url_for("web.show_draft", zone_id=made.zone_id, done="repeal"), 303)


def _seen(conn: Connection, base_id: str) -> tuple[View, ZoneRow]:
    """Return the view and the zone that may be ended; NotFoundError where there is none, or only a draft."""
    seen = view.read(conn).only_today()
    missing = _("没有编号为“%(text)s”的法定区域。", text=base_id[:40])
    if not (base_id.isascii() and base_id.isdecimal() and len(base_id) < 18):
        raise NotFoundError(missing)
    with or_say(missing):
        zone = zones.get_zone(conn, int(base_id))
    if zone.status != "published" or zone.is_repeal:
        raise NotFoundError(missing)
    auth.require_drafting(zone.county_code, seen.installation.city_code)
    return seen, zone


def _may_end(conn: Connection, zone: ZoneRow) -> bool:
    published = [one for one in zones.list_versions(conn, zone.lineage) if one.status == "published"]
    return published[-1].zone_id == zone.zone_id


def _ended() -> str:
    return _("这一版已有新版接替或到那天已失效，请从最后一版提议废止。")


def _render(seen: View, zone: ZoneRow, form: Form) -> str:
    return page("draft_repeal.html", seen, zone=zone, form=form, most=draft_form.MOST)
