"""/api/legend: how many of what the map shows."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Response

from gridmap import layers
from gridmap.api.core import blueprint, respond
from gridmap.api.days import judged
from gridmap.api.findings import filter_of
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.store.findings import count_findings
from gridmap.store.legend import count_by_style


@blueprint.get("/api/legend")
def legend() -> Response:
    """Count features by legend entry, and findings by rule, county, certainty and severity, under the filter given."""
    query = Query()
    as_of = query.day()
    wanted = filter_of(query)
    query.finish()
    conn = connection()
    judged(conn, as_of)
    content: dict[str, Any] = {
        layer.id: count_by_style(conn, layer, as_of=as_of, counties=wanted.counties)
        for layer in layers.load()
        if layer.has_tiles and layer.id != "finding"
    }
    content["finding"] = _by(count_findings(conn, wanted, as_of=as_of))
    return respond(content)


def _by(counts: list[tuple[str, str, str, str, int]]) -> dict[str, Any]:
    by_rule: dict[str, Counter[str]] = {}
    by_county: dict[str, Counter[str]] = {}
    by_certainty: Counter[str] = Counter()
    by_severity: Counter[str] = Counter()
    for rule_id, county_code, certainty, severity, number in counts:
        by_rule.setdefault(rule_id, Counter())[certainty] += number
        by_county.setdefault(county_code, Counter())[certainty] += number
        by_certainty[certainty] += number
        by_severity[severity] += number
    return {
        "by_rule": by_rule,
        "by_county": by_county,
        "by_certainty": by_certainty,
        "by_severity": by_severity,
        "total": sum(by_certainty.values()),
    }
