"""Evaluate a rule on PostGIS: one SELECT in a read-only snapshot."""

from __future__ import annotations

import datetime as dt
import re
import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import cursor as Cursor

from gridmap.db import prepared
from gridmap.domain import finding
from gridmap.domain.finding import Certainty, Row
from gridmap.domain.rule import Rule
from gridmap.errors import DefinitionError
from gridmap.geo import SRID_STORAGE
from gridmap.store import features, narrowing

# what the engine reads of a rule's row; every other column is a fact
_FRAME = frozenset({"county_code", "feature_kind", "feature_id", "part", "name", "near_boundary", "report", "geom"})


@dataclass(frozen=True)
class Few:
    """Sites that alone are judged, and the relations of a rule that hold sites: each has a column site_id."""

    sites: Collection[str]
    relations: Collection[str]


def evaluate(
    cursor: Cursor,
    rule: Rule,
    *,
    as_of: dt.date,
    params: Mapping[str, Any] | None = None,
    few: Few | None = None,
    planned: bool = False,
) -> list[Row]:
    """Return what a rule finds on a day, sorted, each row placed where its feature is.

    cursor: one of gridmap.db.session.snapshot(), standing on as_of.
    params: values that replace the rule's own of that day. few: judge these sites only. planned: by the plan that the
    connection made when it was asked so last, for little that is asked time and again.
    A rule says nothing before its `since`, and only about the counties of its `where`.
    DefinitionError when the SELECT lacks a column it must have, returns a feature twice, or a row that says not
    what it is about.
    """
    if as_of < rule.since:
        return []
    values: dict[str, Any] = {**rule.parameters(as_of), **(params or {}), "as_of": as_of}
    statement = rule.sql
    if few is not None:
        statement = narrowing.to_sites(rule.sql, few.relations)
        values[narrowing.SITES] = list(few.sites)
    if planned:
        prepared.execute(cursor, statement, values, listed=None if few is None else narrowing.SITES)
    else:
        cursor.execute(statement, values)
    columns = [column.name for column in cursor.description or ()]
    for needed in ("county_code", "feature_id", "name"):
        if needed not in columns:
            raise DefinitionError(f"rule {rule.id}: its SELECT returns no column {needed}")
    records = [dict(zip(columns, record, strict=True)) for record in cursor.fetchall()]
    rows = [_row(rule, record) for record in records if not rule.where or record["county_code"] in rule.where]
    rows.sort(key=lambda row: row.order)
    _refuse_twins(rule, rows)
    return _placed(cursor, rows)


def _check(rule: Rule, record: Mapping[str, Any]) -> None:
    """Refuse a row that could not be kept: the sentence names the column and the row."""
    about = record["feature_id"] or record["name"] or "a row"
    for column in ("county_code", "feature_id", "name"):
        if not isinstance(record[column], str) or not record[column]:
            raise DefinitionError(f"rule {rule.id}: {column} of {about} is {record[column]!r}; expected a text")
    if not re.fullmatch("[0-9]{6}", record["county_code"]):
        raise DefinitionError(f"rule {rule.id}: county_code of {about} is {record['county_code']!r}; expected 6 digits")
    geom = record.get("geom")
    if geom is not None and _srid(geom) != SRID_STORAGE:
        raise DefinitionError(f"rule {rule.id}: geom of {about} is no geometry in EPSG:{SRID_STORAGE}")


def _srid(geom: Any) -> int | None:
    """Return the SRID in the head of a hex EWKB, None for anything else."""
    if not isinstance(geom, str) or not re.fullmatch("0[01][0-9A-Fa-f]{16,}", geom):
        return None
    order = "<" if geom.startswith("01") else ">"
    kind, srid = struct.unpack(f"{order}II", bytes.fromhex(geom[2:18]))
    return srid if kind & 0x20000000 else None


def _row(rule: Rule, record: Mapping[str, Any]) -> Row:
    _check(rule, record)
    certainty: Certainty = "breach"
    if record.get("report"):
        certainty = "report"
    elif record.get("near_boundary"):
        certainty = "near_boundary"
    return Row(
        county_code=record["county_code"],
        feature_kind=record.get("feature_kind") or rule.judges,
        feature_id=record["feature_id"],
        part=record.get("part") or "",
        name=record["name"],
        certainty=certainty,
        facts={name: finding.fact(value) for name, value in record.items() if name not in _FRAME},
        geom_hex=record.get("geom"),
    )


def _refuse_twins(rule: Rule, rows: Sequence[Row]) -> None:
    seen: set[tuple[str, str]] = set()
    for row in rows:
        if (row.feature_id, row.part) in seen:
            raise DefinitionError(f"rule {rule.id}: it returns {row.feature_id} {row.part} twice".replace("  ", " "))
        seen.add((row.feature_id, row.part))


def _placed(cursor: Cursor, rows: list[Row]) -> list[Row]:
    """Give rows without a geometry of their own the place of their feature."""
    homeless: dict[str, list[str]] = {}
    for row in rows:
        if row.geom_hex is None:
            homeless.setdefault(row.feature_kind, []).append(row.feature_id)
    places = {kind: features.places(cursor, kind, ids) for kind, ids in homeless.items()}
    return [
        row
        if row.geom_hex is not None
        else Row(**{**row.__dict__, "geom_hex": places[row.feature_kind].get(row.feature_id)})
        for row in rows
    ]
