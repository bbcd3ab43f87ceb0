"""/api/findings: what the rules find, as JSON or a file of any format."""

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
from gridmap.auth.handing import FORMATS as FILES
from gridmap.auth.handing import Options, area_told, hand_out
from gridmap.db.pool import connection
from gridmap.db.session import Connection, today
from gridmap.domain.repeat import NEVER, Repeat
from gridmap.exports import findings as export
from gridmap.rules.catalogue import describe_facts
from gridmap.rules.present import facts_of, present, present_flat
from gridmap.store.findings import (
    FindingFilter,
    FindingRow,
    each_finding,
    get_finding,
    list_events,
    list_findings,
    number_of_findings,
)
from gridmap.store.regions import list_counties
from gridmap.store.repeats import repeats_of

SEVERITIES = ("high", "medium", "low")
CERTAINTIES = ("breach", "near_boundary", "report")
STATUSES = ("open", "accepted", "gone")
PAGED = ("json", "geojson")
TABLES = ("csv", "xlsx", "ledger")
WHOLE = {"gpkg": "gpkg", "shp": "shp", "parquet": "parquet", "html": "html", "geojson_all": "geojson"}
"""Formats of exports/formats.py by the name that they have here: geojson is a page."""

FORMATS = (*PAGED, *TABLES, *WHOLE)


@blueprint.get("/api/findings")
def list_all() -> Response:
    """Return findings of a day; json and geojson hold a page, every other format all of them."""
    query = Query()
    as_of = query.day()
    wanted = filter_of(query)
    chosen = query.choice("f", FORMATS, "json")
    limit, offset = query.page()
    query.finish()
    conn = connection()
    judged(as_of)
    if chosen not in PAGED:
        return _file(conn, chosen, wanted, as_of, query.lang)
    matched = number_of_findings(conn, wanted, as_of=as_of)
    found = list_findings(conn, wanted, as_of=as_of, limit=limit, offset=offset)
    told = list(zip(found, _repeats(conn, found, as_of), strict=True))
    if chosen == "geojson":
        flat = [as_export(row, query.lang, repeat) for row, repeat in told]
        content = export.geojson(flat, [row.geojson for row in found])
    else:
        content = {"items": [as_json(row, query.lang, repeat) for row, repeat in told]}
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
    content = as_json(row, query.lang, _repeats(conn, [row], day)[0]) | {
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
        repeats=query.choice("repeats", ("true", "false"), "false") == "true",
    )


def _repeats(conn: Connection, rows: list[FindingRow], as_of: dt.date | None) -> list[Repeat]:
    """Return what is repeated at the feature of each finding."""
    found = repeats_of(conn, [row.feature_id for row in rows], as_of=as_of)
    return [found.get((row.feature_kind, row.feature_id), NEVER) for row in rows]


def as_json(row: FindingRow, lang: str, repeat: Repeat = NEVER) -> dict[str, Any]:
    """Return a finding as the API shows it."""
    return present(row, catalogue().get(row.rule_id), lang, repeat)


def as_export(row: FindingRow, lang: str, repeat: Repeat = NEVER) -> dict[str, Any]:
    """Return a finding as a row of a table: one value per column, the legal source in words."""
    return present_flat(row, catalogue().get(row.rule_id), lang, repeat)


def _flat(conn: Connection, rows: list[FindingRow], as_of: dt.date | None, lang: str) -> list[dict[str, Any]]:
    return [as_export(row, lang, repeat) for row, repeat in zip(rows, _repeats(conn, rows, as_of), strict=True)]


def _not_today(conn: Connection, as_of: dt.date | None) -> dt.date | None:
    """A living finding is kept even when it is gone, so today is asked without a day."""
    return None if as_of is None or as_of == today(conn) else as_of


def _event(record: Any) -> dict[str, Any]:
    told = {"event": record.event, "reason": record.reason, "on_day": record.on_day.isoformat()}
    return told | ({"visit": record.inspection_id} if record.inspection_id else {})


def _file(conn: Connection, chosen: str, wanted: FindingFilter, as_of: dt.date | None, lang: str) -> Response:
    day = as_of or today(conn)
    log = {**vars(wanted), "as_of": as_of}
    counties = {county.code: county.title(lang) for county in list_counties(conn, as_of=as_of)}
    asked = (*export.asked_for(wanted, counties, lang), *area_told())
    if chosen not in TABLES:
        batches = (
            [(flat, row.geojson) for flat, row in zip(_flat(conn, batch, as_of, lang), batch, strict=True)]
            for batch in each_finding(conn, wanted, as_of=as_of)
        )
        return hand_out(
            conn, export.outgoing(batches, day, asked), FILES[WHOLE[chosen]], Options(lang), asked=log,
            shown=wanted.certainties, rows=number_of_findings(conn, wanted, as_of=as_of),
        )  # fmt: skip
    rows = _flat(conn, list_findings(conn, wanted, as_of=as_of), as_of, lang)
    record.note_export("finding", chosen, log, len(rows))
    if chosen == "ledger":
        body = export.ledger(rows, {rule.id: rule.theme for rule in catalogue().rules}, day, asked, lang)
    else:
        body = (export.csv_file if chosen == "csv" else export.xlsx_file)(rows, lang)
    response = respond_bytes(body, export.MEDIA_TYPES[chosen])
    name = f"findings-ledger-{day}.xlsx" if chosen == "ledger" else f"findings-{day}.{chosen}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
