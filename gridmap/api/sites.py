"""/api/sites/{id}: the file of a site, the same that its page shows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response

from gridmap.api.core import blueprint, respond
from gridmap.api.days import catalogue, judged
from gridmap.api.links import link
from gridmap.api.request import Query
from gridmap.api.zones import law_as_json
from gridmap.db.pool import connection
from gridmap.db.session import today
from gridmap.errors import UserError
from gridmap.glossary import word
from gridmap.inspecting.site_file import Datum, Record, SiteFile, site_file
from gridmap.rules.present import present, repeat_of
from gridmap.store.sites import Edge, get_site


@blueprint.get("/api/sites/<site_id>")
def get_site_file(site_id: str) -> Response:
    """Return all that is known of one site on a day; one outside the reader's area is not found."""
    query = Query()
    on, as_of = query.day("on"), query.day()
    if on is not None and as_of is not None and on != as_of:
        raise UserError(f"on is {on} and as_of is {as_of}; expected one day")
    query.finish()
    conn = connection()
    day = on or as_of
    day = None if day == today(conn) else day
    get_site(conn, site_id, as_of=day)  # before a day is judged for it
    judged(day)
    return respond(as_json(site_file(conn, site_id, as_of=day), query.lang))


def as_json(found: SiteFile, lang: str) -> dict[str, Any]:
    """Return the file of a site as the API and the command show it."""
    site, past = found.site, found.past
    return {
        "site_id": site.site_id,
        "on": site.as_of.isoformat(),
        "kind": site.kind,
        "kind_title": word("site_kind", site.kind, lang),
        "name": site.name,
        "state": site.state,
        "opened_on": _plain(site.opened_on),
        "closed_on": _plain(site.closed_on),
        "note": site.note,
        "is_demo": site.is_demo,
        "source": site.source,
        "recorded_on": _plain(site.recorded_on),
        "identity": [_datum(datum, lang) for datum in found.identity],
        "position": {
            "lon": round(site.lon, 6),
            "lat": round(site.lat, 6),
            "error_m": site.position_error_m,
            "placed_by": site.placed_by,
        },
        "county": {"code": site.county_code, "name": found.names.get(site.county_code)},
        "cell": site.cell_code,
        "square": site.square_code,
        "posts": [_row(row) for row in found.posts],
        "repeat": {**repeat_of(found.repeat, lang), **_days_of(found)},
        "findings": [present(row, catalogue().get(row.rule_id), lang, found.repeat) for row in found.findings],
        "number_open": found.number_open,
        # null: the position lies outside the city's data
        "law": law_as_json(found.law, lang) if found.law else None,
        "boundaries": [_edge(edge) for edge in found.edges],
        "seasons": [_plain_object(vars(season)) for season in found.conditions.seasons],
        "alerts": [_plain_object(vars(alert)) for alert in found.conditions.alerts],
        "records": [_record(record, lang) for record in found.records],
        "past_findings": [_life(life, past.events.get(life.key, [])) for life in past.lives],
        "visits": [_row(visit) for visit in past.visits],
        "cases": [_row(case) for case in past.cases],
        "handovers": [_row(row) for row in past.handovers],
        "permits": [_row(permit) for permit in past.permits],
        "numbers": past.numbers,
        "links": [link("self", f"/api/sites/{site.site_id}"), link("alternate", f"/sites/{site.site_id}", "text/html")],
    }


def _datum(datum: Datum, lang: str) -> dict[str, Any]:
    """Return a field: its value, and in words what it says or what it means that there is none."""
    return {
        "name": datum.field.name,
        "title": datum.field.title.get(lang),
        "value": _plain(datum.value),
        "unit": datum.field.unit,
        "words": datum.field.in_words(datum.value, lang),
        "since": _plain(datum.since),
        "recorded_on": _plain(datum.recorded_on),
    }


def _record(record: Record, lang: str) -> dict[str, Any]:
    return {
        "table": record.group,
        "in_force_from": _plain(record.begins_on),
        "recorded_on": _plain(record.recorded_on),
        "versions": record.versions,
        "fields": [_datum(datum, lang) for datum in record.data],
    }


def _life(life: Any, events: list[Any]) -> dict[str, Any]:
    told = {name: value for name, value in _row(life).items() if name != "facts"}
    return {
        **told,
        "events": [{name: value for name, value in _row(event).items() if name != "key"} for event in events],
    }


def _days_of(found: SiteFile) -> dict[str, Any]:
    repeat = found.repeat
    return {
        "last_handed_over_on": _plain(repeat.handed_on),
        "last_resurged_on": _plain(repeat.resurged_on),
        "last_failed_on": _plain(repeat.failed_on),
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {"kind": edge.kind, "zone_id": edge.zone_id, "name": edge.name, "distance_m": round(edge.distance_m, 1)}


def _row(row: Any) -> dict[str, Any]:
    return _plain_object(row._asdict())


def _plain_object(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
