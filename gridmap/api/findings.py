"""/api/findings: what the rules find, as JSON, GeoJSON, CSV or Excel."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from flask import Response

from gridmap.api.core import GEOJSON, JSON, blueprint, respond, respond_bytes
from gridmap.api.days import catalogue, judged
from gridmap.api.links import link, page_links
from gridmap.api.request import Query
from gridmap.auth import record
from gridmap.db.pool import connection
from gridmap.db.session import Connection, today
from gridmap.exports import findings as export
from gridmap.rules.catalogue import describe_facts
from gridmap.rules.present import facts_of, present, present_flat
from gridmap.store.findings import (
    FindingFilter,
    FindingRow,
    get_finding,
    list_events,
    list_findings,
    number_of_findings,
)

SEVERITIES = ("high", "medium", "low")
CERTAINTIES = ("breach", "near_boundary", "report")
STATUSES = ("open", "accepted", "gone")
FORMATS = ("json", "geojson", "csv", "xlsx")


@blueprint.get("/api/findings")
def list_all() -> Response:
    """Return findings of a day; csv and xlsx hold all of them, json and geojson a page."""
    query = Query()
    as_of = query.day()
    wanted = filter_of(query)
    chosen = query.choice("f", FORMATS, "json")
    limit, offset = query.page()
    query.finish()
    conn = connection()
    judged(as_of)
    if chosen in ("csv", "xlsx"):
        rows = [as_export(row, query.lang) for row in list_findings(conn, wanted, as_of=as_of)]
        record.note_export("finding", chosen, {**vars(wanted), "as_of": as_of}, len(rows))
        return _download(chosen, rows, query.lang, as_of or today(conn))
    matched = number_of_findings(conn, wanted, as_of=as_of)
    found = list_findings(conn, wanted, as_of=as_of, limit=limit, offset=offset)
    if chosen == "geojson":
        content = export.geojson([as_export(row, query.lang) for row in found], [row.geojson for row in found])
    else:
        content = {"items": [as_json(row, query.lang) for row in found]}
    content |= {"numberMatched": matched, "numberReturned": len(found)}
    content["links"] = page_links(matched, limit, offset, GEOJSON if chosen == "geojson" else JSON)
    return respond(content, GEOJSON if chosen == "geojson" else JSON)


@blueprint.get("/api/findings/<key>")
def get_one(key: str) -> Response:
    """Return one finding with its history, place, rule and legal source."""
    query = Query()
    as_of = query.day()
    query.finish()
    conn = connection()
    day = _not_today(conn, as_of)
    judged(day)
    row = get_finding(conn, key, as_of=day)
    rule = catalogue().get(row.rule_id)
    facts = describe_facts(rule, facts_of(row), query.lang)
    content = as_json(row, query.lang) | {
        "facts_described": [{"title": title, "value": value} for title, value in facts],
        "geometry": json.loads(row.geojson) if row.geojson else None,
        "events": [] if day else [_event(record) for record in list_events(conn, key)],
        "links": [link("self", f"/api/findings/{key}"), link("rule", f"/api/rules/{row.rule_id}")],
    }
    return respond(content)


def filter_of(query: Query) -> FindingFilter:
    """Return the filter that a request asks for."""
    rules = query.texts("rule")
    for rule_id in rules:
        catalogue().get(rule_id)
    return FindingFilter(
        rules=rules,
        counties=query.counties(),
        severities=query.choices("severity", SEVERITIES),
        certainties=query.choices("certainty", CERTAINTIES),
        statuses=query.choices("status", STATUSES),
        feature=query.text("feature"),
        q=query.text("q"),
    )


def as_json(row: FindingRow, lang: str) -> dict[str, Any]:
    """Return a finding as the API shows it."""
    return present(row, catalogue().get(row.rule_id), lang)


def as_export(row: FindingRow, lang: str) -> dict[str, Any]:
    """Return a finding as a row of a table: one value per column, the legal source in words."""
    return present_flat(row, catalogue().get(row.rule_id), lang)


def _not_today(conn: Connection, as_of: dt.date | None) -> dt.date | None:
    """A living finding is kept even when it is gone, so today is asked without a day."""
    return None if as_of is None or as_of == today(conn) else as_of


def _event(record: Any) -> dict[str, Any]:
    told = {"event": record.event, "reason": record.reason, "on_day": record.on_day.isoformat()}
    return told | ({"visit": record.inspection_id} if record.inspection_id else {})


def _download(chosen: str, rows: list[dict[str, Any]], lang: str, day: dt.date) -> Response:
    make = export.csv_file if chosen == "csv" else export.xlsx_file
    response = respond_bytes(make(rows, lang), export.MEDIA_TYPES[chosen])
    response.headers["Content-Disposition"] = f'attachment; filename="findings-{day}.{chosen}"'
    return response
