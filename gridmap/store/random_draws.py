"""Random draws in the database: fixed, drawn once, annulled, never changed (triggers of migration 0029 see to it)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from gridmap.domain.random_draw import Drawn, Inspector, Site
from gridmap.errors import NotFoundError

State = Literal["fixed", "drawn", "annulled"]
Part = Literal["list", "late", "result"]

_DRAW = """
SELECT d.draw_id, d.title, d.state, d.on_day, d.county_codes, d.only_open, d.list_sha256, d.seed_kind, d.seed_source,
    d.replaces, d.fixed_by, d.fixed_post, d.fixed_at, d.fixed_software, d.seed, d.record_sha256, d.drawn_by,
    d.drawn_post, d.drawn_at, d.drawn_software, d.annulled_by, d.annulled_post, d.annulled_at, d.annulled_reason
FROM gridmap.random_draw AS d
"""
_LIST = """
SELECT d.draw_id, d.title, d.state, d.on_day, d.county_codes, d.fixed_post, d.drawn_at,
    (SELECT count(*) FROM gridmap.random_draw_site AS s WHERE s.draw_id = d.draw_id) AS drawn
FROM gridmap.random_draw AS d
WHERE %(county)s::text IS NULL OR %(county)s = ANY(d.county_codes)
ORDER BY d.draw_id DESC LIMIT %(limit)s OFFSET %(offset)s
"""
_SITES = """
SELECT s.draw_id, s.number, s.site_id, s.county_code, s.kind, s.name, s.stratum, s.is_off_hours, s.inspectors, s.posts
FROM gridmap.random_draw_site AS s
"""
_FOR_INSPECTOR = """
SELECT s.draw_id, s.number, s.site_id, s.county_code, s.kind, s.name, s.stratum, s.is_off_hours, s.inspectors, s.posts,
    d.title, d.on_day
FROM gridmap.random_draw_site AS s
INNER JOIN gridmap.random_draw AS d ON d.draw_id = s.draw_id
WHERE d.state = 'drawn' AND s.inspectors @> ARRAY[%(name)s::text]
ORDER BY d.on_day DESC, s.draw_id DESC, s.number LIMIT %(limit)s
"""
# of a draw only what the house knows of a site counts, so that closing it later can be told from closing it before
_CLOSED = """
SELECT f.site_id, coalesce(s.closed_on::text, 'gone') AS since
FROM unnest(%(sites)s::text[]) AS f (site_id)
LEFT JOIN gridmap.site AS s ON s.site_id = f.site_id
WHERE s.site_id IS NULL OR (%(only_open)s AND s.closed_on <= %(day)s)
ORDER BY f.site_id
"""
_INSERT = """
INSERT INTO gridmap.random_draw (request_key, title, on_day, county_codes, only_open, list_sha256, seed_kind,
    seed_source, replaces, fixed_by, fixed_post, fixed_software)
VALUES (%(request_key)s, %(title)s, %(on_day)s, %(county_codes)s, %(only_open)s, %(list_sha256)s, %(seed_kind)s,
    %(seed_source)s, %(replaces)s, %(by)s, %(post)s, %(software)s)
ON CONFLICT (request_key) DO NOTHING
RETURNING draw_id
"""
_COMPLETE = """
UPDATE gridmap.random_draw
SET state = 'drawn', seed = %(seed)s, record_sha256 = %(record_sha256)s, drawn_by = %(by)s, drawn_post = %(post)s,
    drawn_at = gridmap.instant(), drawn_software = %(software)s
WHERE draw_id = %(draw_id)s
"""
_ANNUL = """
UPDATE gridmap.random_draw
SET state = 'annulled', annulled_by = %(by)s, annulled_post = %(post)s, annulled_at = gridmap.instant(),
    annulled_reason = %(reason)s
WHERE draw_id = %(draw_id)s
"""


@dataclass(frozen=True)
class DrawRow:
    """A draw without its texts. county_codes: of the sites that could be drawn. What is not done yet is None."""

    draw_id: int
    title: str
    state: State
    on_day: dt.date
    county_codes: Sequence[str]
    only_open: bool
    list_sha256: str
    seed_kind: Literal["public", "machine"]
    seed_source: str
    replaces: int | None
    fixed_by: str
    fixed_post: str
    fixed_at: dt.datetime
    fixed_software: str
    seed: str | None
    record_sha256: str | None
    drawn_by: str | None
    drawn_post: str | None
    drawn_at: dt.datetime | None
    drawn_software: str | None
    annulled_by: str | None
    annulled_post: str | None
    annulled_at: dt.datetime | None
    annulled_reason: str | None


@dataclass(frozen=True)
class DrawLine:
    """A draw as a list of draws shows it. drawn: how many of its sites the reader may see."""

    draw_id: int
    title: str
    state: State
    on_day: dt.date
    county_codes: Sequence[str]
    fixed_post: str
    drawn_at: dt.datetime | None
    drawn: int


@dataclass(frozen=True)
class DrawnSite:
    """A site that was drawn, with its inspectors (login names) and their posts in the same order."""

    draw_id: int
    number: int
    site_id: str
    county_code: str
    kind: str
    name: str
    stratum: str
    is_off_hours: bool
    inspectors: Sequence[str]
    posts: Sequence[str]


@dataclass(frozen=True)
class Errand(DrawnSite):
    """A site that somebody was drawn for, with title and day of the draw."""

    title: str
    on_day: dt.date


def insert(cursor: Cursor, text: str, values: Mapping[str, Any]) -> int:
    """Keep a list that was fixed, and return the number of its draw.

    values: the columns that _INSERT names. A request_key that was kept before gives the draw made then: sent twice,
    made once.
    """
    cursor.execute(_INSERT, values)
    row = cursor.fetchone()
    if row is None:
        found = find_by_request(cursor, values["request_key"])
        if found is None:
            raise NotFoundError(f"there is no draw of the request {values['request_key']}")
        return found
    draw_id = int(row[0])
    _write(cursor, draw_id, "list", text)
    return draw_id


def find_by_request(cursor: Cursor, request_key: str) -> int | None:
    """Return the draw that a request made, or None when it made none yet."""
    cursor.execute("SELECT draw_id FROM gridmap.random_draw WHERE request_key = %s", [request_key])
    row = cursor.fetchone()
    return None if row is None else int(row[0])


def complete(
    cursor: Cursor,
    draw_id: int,
    texts: Mapping[Part, str],
    drawn: Sequence[Drawn],
    sites: Mapping[str, Site],
    inspectors: Mapping[str, Inspector],
    values: Mapping[str, Any],
) -> None:
    """Keep what was drawn. texts: late and result. sites, inspectors: those of the list, by id."""
    for part, text in texts.items():
        _write(cursor, draw_id, part, text)
    rows = []
    for one in drawn:
        site = sites[one.site]
        posts = [inspectors[each].post for each in one.inspectors]
        rows.append(
            (
                draw_id, one.number, site.id, site.county, site.kind, site.name, one.stratum, one.is_off_hours,
                list(one.inspectors), posts,
            )
        )  # fmt: skip
    if rows:
        execute_values(
            cursor,
            "INSERT INTO gridmap.random_draw_site (draw_id, number, site_id, county_code, kind, name, stratum, "
            "is_off_hours, inspectors, posts) VALUES %s",
            rows,
        )
    cursor.execute(_COMPLETE, {**values, "draw_id": draw_id})


def annul(cursor: Cursor, draw_id: int, values: Mapping[str, Any]) -> None:
    """Annul a draw. values: by, post, reason."""
    cursor.execute(_ANNUL, {**values, "draw_id": draw_id})


def find_draw(cursor: Cursor, draw_id: int, *, lock: bool = False) -> DrawRow | None:
    """Return a draw that the connection's reader may see, or None. lock: until the transaction ends."""
    cursor.execute(_DRAW + "WHERE d.draw_id = %s" + (" FOR UPDATE" if lock else ""), [draw_id])
    row = cursor.fetchone()
    return None if row is None else DrawRow(*row)


def get_draw(cursor: Cursor, draw_id: int, *, lock: bool = False) -> DrawRow:
    """Return a draw; NotFoundError when there is none that the reader may see."""
    found = find_draw(cursor, draw_id, lock=lock)
    if found is None:
        raise NotFoundError(f"there is no draw {draw_id}")
    return found


def get_texts(cursor: Cursor, draw_id: int) -> dict[str, str]:
    """Return the texts of a draw by part; none of them for whoever may not see all of its counties."""
    cursor.execute("SELECT part, content FROM gridmap.random_draw_list WHERE draw_id = %s", [draw_id])
    return dict(cursor.fetchall())


def list_draws(cursor: Cursor, *, county: str | None = None, limit: int = 50, offset: int = 0) -> list[DrawLine]:
    """List draws that the reader may see, the newest first."""
    cursor.execute(_LIST, {"county": county, "limit": limit, "offset": offset})
    return [DrawLine(*row) for row in cursor.fetchall()]


def list_drawn(cursor: Cursor, draw_id: int) -> list[DrawnSite]:
    """List the sites of a draw that the reader may see, by number."""
    cursor.execute(_SITES + "WHERE s.draw_id = %s ORDER BY s.number", [draw_id])
    return [DrawnSite(*row) for row in cursor.fetchall()]


def list_errands(cursor: Cursor, name: str, *, limit: int = 200) -> list[Errand]:
    """List what an inspector was drawn for by draws that stand, the latest day first. name: login name."""
    cursor.execute(_FOR_INSPECTOR, {"name": name, "limit": limit})
    return [Errand(*row) for row in cursor.fetchall()]


def find_successor(cursor: Cursor, draw_id: int) -> int | None:
    """Return the newest draw that replaces one, or None."""
    cursor.execute("SELECT max(draw_id) FROM gridmap.random_draw WHERE replaces = %s", [draw_id])
    found = cursor.fetchone()[0]
    return None if found is None else int(found)


def list_closed(cursor: Cursor, sites: Sequence[str], day: dt.date, *, only_open: bool) -> dict[str, str]:
    """Return which of some sites are closed on a day (with the day), or are gone from the books ("gone")."""
    cursor.execute(_CLOSED, {"sites": list(sites), "day": day, "only_open": only_open})
    return dict(cursor.fetchall())


def as_values(row: DrawRow) -> dict[str, Any]:
    """Return a draw's values by name, days and instants as text, for scripts."""
    values = dataclasses.asdict(row)
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()}


def _write(cursor: Cursor, draw_id: int, part: str, text: str) -> None:
    cursor.execute(
        "INSERT INTO gridmap.random_draw_list (draw_id, part, content) VALUES (%s, %s, %s)", [draw_id, part, text]
    )
