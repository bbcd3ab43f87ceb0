"""/api/drafts/ID/impact: what a draft would change were it law today, as it is saved or as it is being drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from flask import Response

from gridmap import auth
from gridmap.api.core import blueprint, respond
from gridmap.api.drafts import read, read_body, read_content, read_to_change
from gridmap.api.request import Query
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import transaction
from gridmap.planning import preview
from gridmap.planning.impact import Change, Impact, RuleImpact, impact, only_counties
from gridmap.rules import catalogue as catalogues
from gridmap.store import drafts
from gridmap.store.draft_sides import Land, Side


@blueprint.post("/api/drafts/<zone_id>/impact")
def show_impact(zone_id: str) -> Response:
    """Tell what the saved draft would change (body: {}), or what is drawn in the body; it is not saved."""
    query = Query()
    query.finish()
    own = read(connection(), zone_id)
    body = read_body()
    conn = system_connection()
    if body:
        read_to_change(zone_id)
        with transaction(conn) as cursor:
            content = read_content(body, drafts.get_content(cursor, own.zone_id))
        found = preview.impact_of(conn, own.zone_id, content)
    else:
        found = impact(conn, own.zone_id)
    area = auth.reader().area
    return respond(as_json(found if area.is_city else only_counties(found, area.counties), query.lang))


def as_json(found: Impact, lang: str) -> dict[str, Any]:
    """Return an impact as the API shows it. Areas in whole square metres, households as far as known."""
    return {
        "draft": found.draft,
        "law": found.law,
        "revision": found.revision,
        **_land(found.land),
        "villages": {"gained": _sides(found.villages_gained), "lost": _sides(found.villages_lost)},
        "households": _households(found),
        "sites": {"gained": _sides(found.sites_gained), "lost": _sides(found.sites_lost)},
        "findings": [_rule(rule, lang) for rule in found.findings],
    }


def _households(found: Impact) -> dict[str, int]:
    unknown = sum(village.households is None for village in (*found.villages_gained, *found.villages_lost))
    return {"gained": found.households_gained, "lost": found.households_lost, "villages_unknown": unknown}


def _land(land: Land) -> dict[str, Any]:
    return {
        "area_m2": {
            "draft": round(land.draft_m2),
            "base": round(land.law_m2),
            "gained": round(land.gained_m2),
            "lost": round(land.lost_m2),
        },
        "overlap_m2": round(land.overlap_m2),
        "outside_m2": None if land.outside_m2 is None else round(land.outside_m2),
    }


def _sides(sides: Collection[Side]) -> list[dict[str, Any]]:
    return [{**dataclasses.asdict(side), "inside_pct": round(side.inside_pct, 1)} for side in sides]


def _rule(rule: RuleImpact, lang: str) -> dict[str, Any]:
    told = {name: [_change(change) for change in getattr(rule, name)] for name in ("appear", "go", "change")}
    own = catalogues.load().get(rule.rule_id)
    return {"rule": own.id, "title": own.title_en if lang == "en" else own.title, **told}


def _change(change: Change) -> dict[str, Any]:
    return dataclasses.asdict(change)
