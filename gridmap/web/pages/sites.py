"""/sites/<id>: all that is known of one site on a day, on a page that fits one sheet of paper."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from gridmap import auth
from gridmap.db.pool import connection
from gridmap.db.session import transaction
from gridmap.domain.rule import Rule
from gridmap.inspecting.site_file import REACH_M, SiteFile, site_file
from gridmap.maps import page as map_page
from gridmap.rules import catalogue
from gridmap.rules.catalogue import Catalogue
from gridmap.store import import_batches
from gridmap.store.law_at import LawAt
from gridmap.store.sites import get_site
from gridmap.store.zones import KindAt
from gridmap.web import language, law_form, navigate, security, view, words
from gridmap.web.errors import or_say
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.surroundings import length
from gridmap.web.site_map import site_map

FIRST_LISTED = 8
"""So many rows of a list are seen at once; the others unfold."""

PRINTED = {"open": 5, "past": 2, "visits": 3, "cases": 3, "handovers": 4, "permits": 2, "zones": 15, "stacks": 2}
"""Rows of each list that one sheet of paper has room for; what is more is counted on it."""


@blueprint.get("/sites/<site_id>")
def show_site(site_id: str) -> str:
    """Show one site: what is wrong, where it is, what holds there, its record, what came of it."""
    conn = connection()
    seen = law_form.read_day(conn).only_day()
    with or_say(_("没有编号为“%(text)s”的点位，或不在您负责的范围内。", text=site_id[:40])):
        get_site(conn, site_id, as_of=seen.day)  # before a day is judged for it
        found = site_file(conn, site_id, as_of=view.judged(conn, seen).day)
    with transaction(conn) as cursor:
        imports = import_batches.list_of_object(cursor, "site", site_id, until=seen.day)
    site, lang, known = found.site, language.current(), catalogue.load()
    place = f"#15/{site.lat:.5f}/{site.lon:.5f}"
    return page(
        "site.html",
        seen,
        file=found,
        imports=imports,
        site=site,
        findings=_findings(known, found, lang),
        lives=[_life(known, life, found, lang) for life in found.past.lives],
        zones=_zones(found.law, found) if found.law else None,
        posts=_posts(found.posts),
        record=next((record for record in found.records if record.group == site.kind), None),
        stacks=[record for record in found.records if record.group != site.kind],
        parts=map_page.split(site_map(conn, seen, site), security.nonce()),
        on_map=f"{seen.url('show_map', sel=f'site:{site.site_id}')}{place}",
        law_link=seen.url("show_law", lon=f"{site.lon:.6f}", lat=f"{site.lat:.6f}"),
        near_link=url_for("web.show_near", lon=f"{site.lon:.6f}", lat=f"{site.lat:.6f}", radius_m=2000),
        ways=navigate.ways(site.lon, site.lat, site.name),
        table_link=seen.url("show_table", q=site.site_id),
        visit_link=_visit_link(),
        length=length,
        reach_m=REACH_M,
        first=FIRST_LISTED,
        printed=PRINTED,
    )


def _findings(known: Catalogue, found: SiteFile, lang: str) -> list[dict[str, Any]]:
    """Return the open findings with their messages and fixes; of several of a rule the first tells the fix."""
    told = []
    before = None
    for row in found.findings:
        rule = known.get(row.rule_id)
        title, message = catalogue.render(rule, {**row.facts, "name": row.name, "part": row.part}, lang)
        entry = {"row": row, "rule": rule, "title": title, "message": message, "fix": _one_line(rule)}
        told.append({**entry, "tells_fix": row.rule_id != before})
        before = row.rule_id
    return told


def _one_line(rule: Rule) -> str:
    return " ".join(rule.fix.split())


def _life(known: Catalogue, life: Any, found: SiteFile, lang: str) -> dict[str, Any]:
    """Return a finding that is gone, accepted or came back, with its life. A rule may be gone too."""
    rules = {rule.id: rule for rule in known.rules}
    rule = rules.get(life.rule_id)
    title = life.rule_id if rule is None else rule.title_en if lang == "en" else rule.title
    return {"row": life, "title": title, "events": found.past.events.get(life.key, [])}


def _zones(law: LawAt, found: SiteFile) -> dict[str, list[Any]]:
    """Return the zones that hold the site or may, with metres to their boundary, and the kinds it is outside of."""
    distance = {edge.zone_id: edge.distance_m for edge in found.edges}

    def nearest(at: KindAt) -> Any:
        return next((edge for edge in found.edges if edge.kind == at.kind.kind), None)

    here = sorted(law.kinds, key=lambda at: ("inside", "near_boundary", "outside").index(at.side))
    return {
        "here": [(at, zone, distance.get(zone.zone_id)) for at in here for zone in at.zones if at.side != "outside"],
        "outside": [(at, nearest(at), law.may_be_by_name(at.kind.kind)) for at in here if at.side == "outside"],
    }


def _posts(rows: tuple[Any, ...]) -> list[tuple[str, list[str]]]:
    """Return the posts of the site's own cell by role, in the order of the roles."""
    roles = ("chief", "officer", "patroller", "supervisor")
    own = [row for row in rows if row.steps == 0]
    return [(words.word("duty_role", role), [row.post for row in own if row.role == role]) for role in roles]


def _visit_link() -> Any:
    """Return what gives the address of a visit's own page, or None for who may not read visits."""
    if not auth.may("visit:read"):
        return None
    return lambda visit_id: url_for("web.show_visit", visit_id=visit_id)
