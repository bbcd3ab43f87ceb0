"""/api/legend: how many of what the map shows."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from flask import Response, current_app

from gridmap import auth, layers
from gridmap.api.core import blueprint, respond
from gridmap.api.days import judged
from gridmap.api.findings import filter_of
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.db.session import Connection
from gridmap.layers import Layer
from gridmap.store import versions
from gridmap.store.caches import Cache
from gridmap.store.findings import count_findings
from gridmap.store.legend import count_by_style

KEPT = 500
"""How many counts of a layer (by day, counties and rights) a process keeps."""


@blueprint.get("/api/legend")
def legend() -> Response:
    """Count features by legend entry, and findings by rule, county, certainty and severity, under the filter given."""
    query = Query()
    as_of = query.day()
    wanted = filter_of(query)
    query.finish()
    conn = connection()
    judged(as_of)
    content: dict[str, Any] = {
        layer.id: _counts(conn, layer, as_of, wanted.counties)
        for layer in layers.load()
        if layer.has_tiles and layer.id != "finding"
    }
    content["finding"] = _by(count_findings(conn, wanted, as_of=as_of))
    return respond(content)


def _counts(conn: Connection, layer: Layer, as_of: dt.date | None, counties: tuple[str, ...]) -> dict[str, int]:
    """Count a layer once per version of its data: people move the map far more often than the data change."""
    cache: Cache[dict[str, int]] = current_app.extensions.setdefault("gridmap_legend", Cache(KEPT))
    rights = versions.rights(conn, layer, auth.reader().area.key)
    key = (layer.digest, *versions.layer_version(conn, layer, as_of), rights, counties)
    return cache.get(key, lambda: count_by_style(conn, layer, as_of=as_of, counties=counties))


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
