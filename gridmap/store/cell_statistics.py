"""Write how the responsibility cells stand on a day: one statement, rolled up from each cell to the city."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

from psycopg2.extensions import cursor as Cursor

WEEK_D = 7
VISITED_D = 30
"""A site counts as visited when an inspection of it lies no farther back than so many days, today among them."""

_SQUARES_ARE_OLD = """
SELECT NOT EXISTS (SELECT FROM gridmap.road_square AS q WHERE q.version = %(version)s AND q.day = %(day)s)
"""
_PLACE_SQUARES = """
INSERT INTO gridmap.road_square (cell_key, square_code, county_code, cell_code, version, day)
SELECT q.cell_key, q.cell_code, q.county_code, gridmap.cell_at(c.geom), %(version)s, %(day)s
FROM (SELECT DISTINCT r.cell_key, r.cell_code, r.county_code FROM snapshot.road_cell AS r) AS q
INNER JOIN gridmap.grid_cell AS c ON c.cell_code = q.cell_code AND c.kind = 'square' AND c.in_force @> %(day)s
"""

# above: each cell with itself and every cell that it lies in; the city is above all, also where no cell is the city's.
# What is said of a county as a whole, and a case about no site, is the county's, not of the cell at its middle. What
# lies in no cell is the county's that answers for it, and without a county's cell the city's alone.
_HOMES = """
WITH RECURSIVE city AS (
    SELECT s.city_code AS code FROM gridmap.setting AS s
),

cell AS (
    SELECT c.cell_code, nullif(c.parent_code, c.cell_code) AS parent_code
    FROM gridmap.grid_cell AS c
    WHERE c.kind = 'responsibility' AND c.in_force @> %(day)s
),

chain AS (
    SELECT c.cell_code AS own, c.cell_code AS above FROM cell AS c
    UNION
    SELECT h.own, c.parent_code
    FROM chain AS h
    INNER JOIN cell AS c ON c.cell_code = h.above
    INNER JOIN cell AS p ON p.cell_code = c.parent_code
),

above AS MATERIALIZED (
    SELECT h.own, h.above FROM chain AS h
    UNION
    SELECT c.cell_code, t.code FROM cell AS c CROSS JOIN city AS t
    UNION
    SELECT t.code, t.code FROM city AS t
),

square AS MATERIALIZED (
    SELECT q.cell_key, q.square_code, coalesce(own.cell_code, county.cell_code, t.code) AS home
    FROM gridmap.road_square AS q
    CROSS JOIN city AS t
    LEFT JOIN cell AS own ON own.cell_code = q.cell_code
    LEFT JOIN cell AS county ON county.cell_code = q.county_code
),

counted AS MATERIALIZED (
    SELECT
        f.key, f.rule_id, f.certainty, f.severity, f.status, f.feature_kind, f.opened_on, f.gone_on,
        coalesce(own.cell_code, q.home, county.cell_code, t.code) AS home
    FROM gridmap.finding AS f
    CROSS JOIN city AS t
    LEFT JOIN cell AS own ON own.cell_code = f.cell_code AND f.feature_kind NOT IN ('county', 'case_file')
    LEFT JOIN square AS q ON q.square_code = f.feature_id AND f.feature_kind = 'grid_cell'
    LEFT JOIN cell AS county ON county.cell_code = f.county_code
    WHERE f.status <> 'gone' OR f.gone_on > %(day)s - %(week)s OR f.opened_on > %(day)s - %(week)s
),

"""

_ITEMS = """
placed_site AS MATERIALIZED (
    SELECT s.site_id, coalesce(own.cell_code, county.cell_code, t.code) AS home
    FROM snapshot.site_all AS s
    CROSS JOIN city AS t
    LEFT JOIN cell AS own ON own.cell_code = s.cell_code
    LEFT JOIN cell AS county ON county.cell_code = s.county_code
),

item AS (
    SELECT c.cell_code AS home, 'cell' AS measure FROM cell AS c
    UNION ALL
    SELECT f.home, m.measure
    FROM counted AS f
    CROSS JOIN LATERAL (VALUES
        (f.certainty, f.status = 'open'),
        ('accepted', f.status = 'accepted'),
        ('breach_' || f.severity, f.status = 'open' AND f.certainty = 'breach'),
        ('breach_site', f.status = 'open' AND f.certainty = 'breach' AND f.feature_kind = 'site'),
        ('breach:' || (%(themes)s::jsonb ->> f.rule_id), f.status = 'open' AND f.certainty = 'breach'),
        ('new_7d', f.certainty = 'breach' AND f.opened_on > %(day)s - %(week)s),
        ('gone_7d', f.certainty = 'breach' AND f.gone_on > %(day)s - %(week)s)
    ) AS m (measure, is_it)
    WHERE m.is_it AND m.measure IS NOT NULL
    UNION ALL
    SELECT f.home, m.measure
    FROM counted AS f
    INNER JOIN (
        SELECT e.key, bool_or(e.reason = 'resurgence') AS resurged
        FROM gridmap.finding_event AS e
        WHERE e.event = 'reopened' AND e.on_day > %(day)s - %(week)s AND e.on_day <= %(day)s
        GROUP BY e.key
    ) AS back ON back.key = f.key
    CROSS JOIN LATERAL (VALUES ('reopened_7d', true), ('resurgence_7d', back.resurged)) AS m (measure, is_it)
    WHERE m.is_it AND f.certainty = 'breach'
    UNION ALL
    SELECT s.home, 'site' FROM placed_site AS s
    UNION ALL
    SELECT s.home, 'site_visited_30d'
    FROM placed_site AS s
    WHERE EXISTS (
        SELECT FROM gridmap.inspection AS i
        WHERE i.site_id = s.site_id AND i.inspected_on > %(day)s - %(visited)s AND i.inspected_on <= %(day)s
    )
    UNION ALL
    SELECT q.home, 'road_square' FROM square AS q
    UNION ALL
    SELECT q.home, 'road_square_patrolled_7d'
    FROM square AS q
    WHERE EXISTS (
        SELECT FROM gridmap.patrol AS p
        WHERE p.kind = 'road' AND p.cell_key = q.cell_key
            AND p.patrolled_on > %(day)s - %(week)s AND p.patrolled_on <= %(day)s
    )
    UNION ALL
    SELECT d.cell_code, 'duty_role'
    FROM (SELECT DISTINCT u.cell_code, u.role FROM gridmap.duty AS u WHERE u.in_force @> %(day)s) AS d
    INNER JOIN cell AS c ON c.cell_code = d.cell_code
    UNION ALL
    SELECT coalesce(s.home, county.cell_code, t.code), 'overdue_case'
    FROM snapshot.case_file AS k
    CROSS JOIN city AS t
    LEFT JOIN placed_site AS s ON s.site_id = k.site_id
    LEFT JOIN cell AS county ON county.cell_code = k.county_code
    WHERE k.closed_on IS NULL AND k.due_on < %(day)s
),

-- counted where they are first: what climbs to the cells above are numbers, not things
tally AS (
    SELECT i.home, i.measure, count(*) AS n FROM item AS i GROUP BY i.home, i.measure
)

"""

_WRITE = (
    _HOMES
    + _ITEMS
    + """
INSERT INTO gridmap.cell_statistic (day, cell_code, measure, value)
SELECT %(day)s, a.above, i.measure, sum(i.n)
FROM tally AS i
INNER JOIN above AS a ON a.own = i.home
GROUP BY a.above, i.measure
UNION ALL
SELECT %(day)s, t.code, 'cell', 0 FROM city AS t WHERE NOT EXISTS (SELECT FROM cell)
"""
)


_NEWEST_RUN = (
    "SELECT coalesce(max(r.run_id), 0) FROM gridmap.run AS r WHERE r.kind = 'living' AND r.status <> 'running'"
)
_NOTE_RUN = f"UPDATE gridmap.cell_statistic_run SET run_id = ({_NEWEST_RUN})"
_IS_CURRENT = f"""
SELECT n.run_id = 0 OR c.run_id >= n.run_id AND EXISTS (SELECT FROM gridmap.cell_statistic AS s WHERE s.day = %s)
FROM gridmap.cell_statistic_run AS c
CROSS JOIN ({_NEWEST_RUN}) AS n (run_id)
"""


def is_current(cursor: Cursor, day: dt.date) -> bool:
    """Return whether the numbers of today are those of the newest run; where nothing was judged there are none."""
    cursor.execute(_IS_CURRENT, [day])
    return bool(cursor.fetchone()[0])


def ensure(cursor: Cursor, day: dt.date, themes: Mapping[str, str]) -> bool:
    """Write the numbers of today unless they are there; return whether they were written. Several may ask at once."""
    if is_current(cursor, day):
        return False
    cursor.execute("SELECT run_id FROM gridmap.cell_statistic_run FOR UPDATE")
    if is_current(cursor, day):
        return False
    write(cursor, day, themes)
    return True


def write(cursor: Cursor, day: dt.date, themes: Mapping[str, str]) -> int:
    """Write the numbers of today, replacing those written before, and return how many rows they are.

    day: the platform's today, which the living findings follow. themes: theme by rule id. The caller asks as the
    owner: no area may be left out.
    """
    _place_squares(cursor, day)
    cursor.execute("DELETE FROM gridmap.cell_statistic WHERE day = %s", [day])
    cursor.execute(_WRITE, {"day": day, "themes": json.dumps(dict(themes)), "week": WEEK_D, "visited": VISITED_D})
    written = int(cursor.rowcount)
    cursor.execute(_NOTE_RUN)
    return written


def _place_squares(cursor: Cursor, day: dt.date) -> None:
    """Find the squares that roads pass again when roads, the grid or the day are not those of the last time."""
    cursor.execute(
        "SELECT coalesce(sum(v.version), 0)::bigint FROM gridmap.data_version AS v "
        "WHERE v.relation IN ('grid_cell', 'road')"
    )
    values = {"version": cursor.fetchone()[0], "day": day}
    cursor.execute(_SQUARES_ARE_OLD, values)
    if cursor.fetchone()[0]:
        cursor.execute("DELETE FROM gridmap.road_square")
        cursor.execute(_PLACE_SQUARES, values)
