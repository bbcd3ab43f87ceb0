"""/drafts: zones that are being redrawn beside the law; making one; and one with all that was said of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from gridmap import auth, glossary
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import Connection, transaction
from gridmap.domain import draft as life
from gridmap.domain.draft import Step
from gridmap.domain.roles import Place
from gridmap.errors import NotFoundError
from gridmap.maps import draft as draft_map
from gridmap.maps import page as map_page
from gridmap.maps.elements import LocalMap
from gridmap.planning import publication
from gridmap.store import draft_outlines, drafts, zones
from gridmap.store.drafts import DraftRow, EventRow
from gridmap.store.units import name_units
from gridmap.store.zones import ZoneRow
from gridmap.web import draft_faults, draft_form, draw_words, language, security, view
from gridmap.web.draft_form import Wanted
from gridmap.web.errors import or_say
from gridmap.web.exception_form import Form
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.map import TILES
from gridmap.web.place_labels import place_labels
from gridmap.web.static import static_url
from gridmap.web.view import View

STATES: tuple[life.State, ...] = ("drafting", "submitted", "returned", "approved", "published", "withdrawn")
OPEN: tuple[life.State, ...] = ("drafting", "submitted", "returned", "approved")
"""The states in which it is still worth asking what a draft would change."""
DONE = ("created", "repeal", "described", *life.EVENT_OF_STEP, *publication.OUTCOMES)
"""What the page of a draft may tell of, right after it was done."""


@dataclass(frozen=True)
class UnitLine:
    """A unit that a draft lists. is_new: its base does not list it so."""

    code: str
    name: str
    is_new: bool


@dataclass(frozen=True)
class UnitList:
    """The units on one list of a draft; gone: those that its base lists so and it does not."""

    units: tuple[UnitLine, ...]
    gone: tuple[UnitLine, ...]


@blueprint.get("/drafts")
def list_drafts() -> str:
    """List the drafts that the reader may see, last changed first."""
    conn = connection()
    return _render_list(conn, view.read(conn), Form({"base": view.parameter("base") or ""}))


@blueprint.post("/drafts")
@auth.tells_of_expiry
def create_draft() -> Response | tuple[str, int]:
    """Make a draft of a version in force and go to it, or show what is wrong beside what was typed."""
    conn = connection()
    seen = view.read(conn).only_today()
    form, wanted = draft_form.read("create", request.form, seen.installation.today)
    if not auth.has_form_token():
        return _render_list(conn, seen, Form(form.values, notice=draft_form.expired())), 403
    if wanted is None or wanted.base is None:
        return _render_list(conn, seen, form), 400
    with or_say(_("没有编号为“%(text)s”的法定区域。", text=wanted.base)):
        base = zones.get_zone(conn, wanted.base)
    auth.require_drafting(base.county_code, seen.installation.city_code)
    last = _last_published(zones.list_versions(conn, base.lineage))
    if last is None or last.zone_id != base.zone_id:
        form.errors["base"] = (
            _("它还是草案，不能作为依据。")
            if last is None or base.status != "published"
            else _("这一版已有第 %(n)s 版接替，自 %(day)s 起有效，请从那一版新建。", n=last.version, day=last.begins_on)
        )
        form.notice = draft_form.wrong()
        return _render_list(conn, seen, form), 409
    made = _create(wanted, base.zone_id)
    return redirect(url_for("web.show_draft", zone_id=made.zone_id, done="created"), 303)


@blueprint.get("/drafts/<zone_id>")
def show_draft(zone_id: str) -> str:
    """Show a draft: what it draws, how far it has come, what was said of it, and what the reader may do now."""
    conn = connection()
    seen = view.read(conn).only_today()
    return render_draft(conn, seen, read_draft(conn, zone_id), done=view.choice("done", DONE, ""))


def read_draft(conn: Connection, zone_id: str) -> DraftRow:
    """Return a draft that the reader may see; what is not there, or not his, is told in his language."""
    missing = _("没有编号为“%(text)s”的草案。", text=zone_id[:40])
    if not (zone_id.isascii() and zone_id.isdecimal() and len(zone_id) < 18):
        raise NotFoundError(missing)
    with or_say(missing), transaction(conn) as cursor:
        return drafts.get_draft(cursor, int(zone_id))


def may_take(seen: View, own: DraftRow, step: Step) -> bool:
    """Return whether the reader's rights allow a step of a draft, whatever its state is now."""
    permission = life.STEPS[step].permission
    if permission == "draft:change":
        return auth.may_draft(own.county_code, seen.installation.city_code)
    return auth.may(permission, Place((own.county_code,)))


def render_draft(
    conn: Connection, seen: View, own: DraftRow, *, step: str = "", form: Form | None = None, done: str = ""
) -> str:
    """Return the page of a draft. step, form: what was typed into the form of a step that was not taken."""
    actor = auth.reader().name
    mine = [each for each in life.STEPS if may_take(seen, own, each)]
    refusals = {each: life.refusal(each, own.state, actor, own.author, own.submitted_by) for each in mine}
    steps = {each for each, why in refusals.items() if why is None} - _pointless(own)
    drawn = zones.get_zone(conn, own.zone_id)
    base = None if own.base_zone_id is None else zones.get_zone(conn, own.base_zone_id)
    listed = [*drawn.units_in, *drawn.units_out, *([*base.units_in, *base.units_out] if base else [])]
    names = name_units(conn, listed, on=own.begins_on)
    with transaction(conn) as cursor:
        events = drafts.list_events(cursor, own.zone_id)
    forms = {"describe": Form({"title": own.title, "purpose": own.purpose}), "publish": _publication(drawn)}
    if form is not None:
        forms[step] = form
    chart, earliest = _chart(conn, own, events), earliest_day(seen, base)
    return page(
        "draft.html",
        seen,
        place_name=partial(place_name, seen),
        draft=own,
        drawn=drawn,
        base=base,
        earliest=earliest,
        gap_ends_on=earliest - dt.timedelta(days=1),
        law=_last_published(zones.list_versions(conn, own.lineage)),
        units_in=_units(drawn.units_in, base.units_in if base else (), names),
        units_out=_units(drawn.units_out, base.units_out if base else (), names),
        events=events,
        steps=steps,
        needs_other_post="same_post" in refusals.values(),
        step=step,
        typed=form,
        forms=forms,
        empty=Form(),
        most=draft_form.MOST,
        done=done,
        has_places=any(event.lon is not None for event in events),
        may_draw=not own.is_repeal and auth.may("draft:change", Place((own.county_code,))),
        parts=None if chart is None else map_page.split(chart, security.nonce()),
        impact=None if chart is None or own.state not in OPEN else _impact_settings(own, chart),
        faults=draft_faults.list_faults(conn, own) if own.state in OPEN and not own.is_repeal else None,
    )


def earliest_day(seen: View, base: ZoneRow | None) -> dt.date:
    """Return the first day on which what follows a version may begin: today, or the day after that version's first."""
    today = seen.installation.today
    return today if base is None else max(today, base.begins_on + dt.timedelta(days=1))


def _publication(drawn: ZoneRow) -> Form:
    """Return the form of a publication with what the draft says of its document: a repeal or a file named it."""
    if not (drawn.is_repeal or drawn.document_number):
        return Form()
    day = str(drawn.begins_on) if drawn.is_repeal else ""
    return Form({"document": drawn.document, "number": drawn.document_number or "", "begins_on": day})


def _impact_settings(own: DraftRow, chart: LocalMap) -> dict[str, object]:
    """Return what the script needs that asks what this draft would change."""
    return {
        "url": f"/api/drafts/{own.zone_id}/impact",
        "token": auth.form_token(),
        "map": chart.get_name(),
        "words": draw_words.of_impact(),
    }


def _pointless(own: DraftRow) -> set[Step]:
    """Return the steps that lead nowhere on this base: a stale draft first goes back onto the law in force."""
    return {"submit", "approve", "publish"} if own.is_stale else {"rebase"}


def _chart(conn: Connection, own: DraftRow, events: Sequence[EventRow]) -> LocalMap | None:
    places = [(event.lon, event.lat, event.text) for event in events if event.lon is not None and event.lat is not None]
    with transaction(conn) as cursor:
        found = draft_outlines.get_outlines(cursor, own.zone_id, own.base_zone_id)
    if found is None:
        return None
    names = {"draft": _("草案"), "base": _("依据的版本"), "place": _("意见")}
    return draft_map.draft_map(
        found, places, names, lang=language.current(), address=static_url, tiles=TILES, labels=place_labels(conn)
    )


def _render_list(conn: Connection, seen: View, form: Form) -> str:
    kinds = tuple(glossary.terms()["zone_kind"])
    kind, state = view.choice("kind", kinds, ""), view.choice("state", STATES, "")
    with transaction(conn) as cursor:
        rows = drafts.list_drafts(cursor, county=seen.county, kind=kind or None, state=state or None)
        open_ones = drafts.list_drafts(cursor) if auth.may("draft:review") else []
    bases = _bases(conn, seen, kinds, form.values.get("base", "")) if auth.may("draft:change") else {}
    return page(
        "drafts.html",
        seen,
        place_name=partial(place_name, seen),
        rows=rows,
        kinds=kinds,
        states=STATES,
        kind=kind,
        state=state,
        is_filtered=bool(kind or state or seen.county),
        waiting={each: sum(row.state == each for row in open_ones) for each in ("submitted", "approved")},
        bases=bases,
        form=form,
        most=draft_form.MOST,
        may_import=auth.may("draft:change"),
        made=view.parameter("made") or "",
    )


def _bases(conn: Connection, seen: View, kinds: Sequence[str], chosen: str) -> dict[str, list[ZoneRow]]:
    """Return the zones in force today that the reader may draft, by kind, and the version that was chosen already."""
    rows = zones.list_zones(conn)
    if chosen.isascii() and chosen.isdecimal() and len(chosen) < 18 and int(chosen) not in {z.zone_id for z in rows}:
        with suppress(NotFoundError):
            rows.append(zones.get_zone(conn, int(chosen)))
    city = seen.installation.city_code
    allowed = [row for row in rows if row.status == "published" and auth.may_draft(row.county_code, city)]
    found = {kind: [row for row in allowed if row.kind == kind] for kind in kinds}
    return {kind: of_kind for kind, of_kind in found.items() if of_kind}


def may_start_from(seen: View, versions: Sequence[ZoneRow], zone: ZoneRow) -> bool:
    """Return whether the reader may make a draft of this version: the last one that is published."""
    return zone == _last_published(versions) and auth.may_draft(zone.county_code, seen.installation.city_code)


def place_name(seen: View, code: str) -> str:
    """Return the name of the county, or of the city, that draws a zone."""
    lang, here = language.current(), seen.installation
    if code == here.city_code:
        return here.city_name_en if lang == "en" else here.city_name_zh
    return seen.county_name(code, lang)


def _create(wanted: Wanted, base: int) -> DraftRow:
    with transaction(system_connection()) as cursor:
        return drafts.create(cursor, base, title=wanted.title, purpose=wanted.purpose, author=auth.reader().name)


def _last_published(versions: Sequence[ZoneRow]) -> ZoneRow | None:
    return next((row for row in reversed(versions) if row.status == "published"), None)


def base_begins_on(conn: Connection, own: DraftRow) -> dt.date | None:
    """Return the day on which the version that a draft follows begins."""
    return None if own.base_zone_id is None else zones.get_zone(conn, own.base_zone_id).begins_on


def _units(codes: Sequence[str], before: Sequence[str], names: Mapping[str, str]) -> UnitList:
    return UnitList(
        tuple(UnitLine(code, names.get(code, code), code not in before) for code in codes),
        tuple(UnitLine(code, names.get(code, code), False) for code in before if code not in codes),
    )
