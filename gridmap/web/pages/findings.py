"""/findings/<key>: one finding with all it rests on."""

from __future__ import annotations

from flask_babel import gettext as _

from gridmap import auth
from gridmap.db.pool import connection
from gridmap.db.session import Connection
from gridmap.domain.repeat import NEVER
from gridmap.errors import NotFoundError
from gridmap.maps import page as map_page
from gridmap.rules import catalogue
from gridmap.store.exceptions import find_exception
from gridmap.store.findings import FindingRow, get_finding, list_events
from gridmap.store.repeats import repeats_of
from gridmap.store.sites import sites_there
from gridmap.store.zones import ZoneRow, zones_at, zones_of_village
from gridmap.web import language, security, view
from gridmap.web.errors import or_say
from gridmap.web.exception_form import Form
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.surroundings import show_place
from gridmap.web.view import View


@blueprint.get("/findings/<key>")
def show_finding(key: str) -> str:
    """Show one finding: the living one, or that of a report on another day."""
    conn = connection()
    return render_finding(conn, view.judged(conn, view.read(conn)), key)


def render_finding(conn: Connection, seen: View, key: str, form: Form | None = None) -> str:
    """Return the page of a finding. form: what was typed into its form, when something is wrong with it."""
    with or_say(_("%(day)s 没有标识为“%(key)s”的问题。", day=seen.as_of, key=key[:40])):
        found = get_finding(conn, key, as_of=seen.day)
    rule = catalogue.load().get(found.rule_id)
    lang = language.current()
    facts = {**found.facts, "name": found.name, "part": found.part}
    title, message = catalogue.render(rule, facts, lang)
    place = show_place(conn, seen, found, rule, lang)
    zones: list[ZoneRow] = []
    on_map = None
    if found.lon is not None and found.lat is not None:
        zones = _zones(conn, seen, found, (found.lon, found.lat))
        on_map = f"{seen.only_day().url('show_map', sel=f'finding:{key}')}#14/{found.lat:.5f}/{found.lon:.5f}"
    is_site = found.feature_kind == "site" and auth.may("site:read") and sites_there(conn, [found.feature_id])
    repeats = repeats_of(conn, [found.feature_id], as_of=seen.day)
    may_edit = seen.is_today and found.status in ("open", "accepted") and auth.may("exception:decide")
    return page(
        "finding.html",
        seen,
        found=found,
        rule=rule,
        title=title,
        repeat=repeats.get((found.feature_kind, found.feature_id), NEVER),
        site=seen.only_day().url("show_site", path_site_id=found.feature_id) if is_site else None,
        message=message,
        part=catalogue.describe_part(rule, found.part, found.facts, lang),
        facts=catalogue.describe_facts(rule, found.facts, lang),
        county=seen.county_name(found.county_code, lang),
        events=list_events(conn, key),
        exception=find_exception(conn, key) if seen.is_today else None,
        form=(form or Form()) if may_edit else None,
        notice=form.notice if form else "",
        zones=zones,
        on_map=on_map,
        why=place.sentences if place else [],
        has_edges=bool(place and place.has_edges),
        parts=map_page.split(place.chart, security.nonce()) if place else None,
    )


def _zones(conn: Connection, seen: View, found: FindingRow, place: tuple[float, float]) -> list[ZoneRow]:
    """Return the zones that hold a finding; a village may be in one by its name."""
    if found.feature_kind == "village":
        try:
            return zones_of_village(conn, found.feature_id, as_of=seen.day)
        except NotFoundError:
            pass  # a finding that is gone because its village is
    return zones_at(conn, *place, as_of=seen.day)
