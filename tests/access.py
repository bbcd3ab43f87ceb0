"""Who asks for what, for the table of rights (tests/web/access.csv): readers of every role, and a thing in every place."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmap.db.session import Connection, transaction
from tests import draws

TABLE = Path(__file__).parent / "web" / "access.csv"

SEES, HIDDEN, REFUSED, LOGIN = "看得到", "看不到", "拒绝", "登录"
COUNTY_ROLES = ("inspector", "planner", "reviewer")
OUTCOMES = {SEES, HIDDEN, REFUSED, LOGIN}


@dataclass(frozen=True)
class Thing:
    """A site with one finding and one visit somewhere in the city, its place, and what its county drafts, draws and drives."""

    values: dict[str, str]


@dataclass(frozen=True)
class Asker:
    """A column of the table under one role. place: county or cell of the role; thing: whose thing he asks for."""

    column: str
    role: str | None
    place: str | None
    thing: str


@dataclass(frozen=True)
class Row:
    """A line of the table: an endpoint, an address, what the answer must hold, and the outcome by column.

    A column of the counties whose roles differ holds three outcomes: inspector/planner/reviewer.
    """

    endpoint: str
    title: str
    method: str
    address: str
    seeks: str
    expected: dict[str, str]

    def expected_of(self, asker: Asker) -> str:
        """Return the outcome that the table gives for somebody."""
        outcomes = self.expected[asker.column].split("/")
        return outcomes[COUNTY_ROLES.index(asker.role or "")] if len(outcomes) > 1 else outcomes[0]


def read_table() -> list[Row]:
    """Read the table; its first line names the columns."""
    with TABLE.open(encoding="utf-8-sig", newline="") as file:
        return [
            Row(
                line.pop("端点"),
                line.pop("页面或接口"),
                line.pop("方法"),
                line.pop("地址"),
                line.pop("应含"),
                {name: value for name, value in line.items() if name},
            )
            for line in csv.DictReader(file)
        ]


# a site with exactly one finding, whose books and place agree: nobody else has a claim to see it
_THINGS = """
SELECT s.cell_code, c.level AS cell_level, c.parent_code, s.county_code, s.site_id, s.name, f.key, f.rule_id,
    ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat
FROM gridmap.site AS s
INNER JOIN gridmap.grid_cell AS c ON c.cell_code = s.cell_code AND c.kind = 'responsibility'
INNER JOIN gridmap.finding AS f ON f.feature_kind = 'site' AND f.feature_id = s.site_id AND f.status = 'open'
WHERE f.other_county_codes = '{}' AND f.county_code = s.county_code AND s.county_code LIKE '4101%'
    AND left(coalesce(c.county_code, c.cell_code), 6) = s.county_code
    AND 1 = (SELECT count(*) FROM gridmap.finding AS o WHERE o.feature_id = s.site_id)
    AND 1 = (SELECT count(*) FROM gridmap.site AS o WHERE o.name = s.name)
ORDER BY s.site_id
"""


# in the cell above and in none below it: the demo city's small cells may leave no such place
_ADD_SITE = """
INSERT INTO gridmap.site (site_id, kind, name, county_code, geom, position_error_m, placed_by, source)
SELECT 'access-above', s.kind, '权限试验-上级网格', s.county_code, s.geom, 0, 'test', 'test'
FROM gridmap.site AS s WHERE s.site_id = %s
"""
_PUT_ABOVE = "UPDATE gridmap.site SET cell_code = %s WHERE site_id = 'access-above'"
_ADD_FINDING = """
INSERT INTO gridmap.finding (key, rule_id, county_code, feature_kind, feature_id, name, certainty, severity, status,
    facts, geom, opened_on, last_seen_on, first_run_id, last_run_id)
SELECT md5('access-above'), f.rule_id, s.county_code, 'site', s.site_id, s.name, f.certainty, f.severity, 'open',
    f.facts, s.geom, f.opened_on, f.last_seen_on, f.first_run_id, f.last_run_id
FROM gridmap.finding AS f
INNER JOIN gridmap.site AS s ON s.site_id = 'access-above'
WHERE f.key = %s
"""

_ADD_VISITS = """
INSERT INTO gridmap.inspection (inspection_id, site_id, inspected_on, post)
SELECT 'access-visit-' || s.site_id, s.site_id, '2020-10-01', '检查岗' FROM unnest(%s) AS s (site_id)
"""


@contextmanager
def things(conn: Connection) -> Iterator[dict[str, Any]]:
    """Yield a thing per place, and the readers' cells and county. What is added for it goes with the block."""
    with transaction(conn) as cursor:
        cursor.execute(_THINGS)
        found = cursor.fetchall()
        own, neighbour = next(
            (o, n)
            for o in found
            for n in found
            if o.cell_level != "township" and o.parent_code == n.parent_code and o.cell_code != n.cell_code
        )
        other = next(f for f in found if f.county_code != own.county_code)
        cursor.execute(_ADD_SITE, [own.site_id])
        cursor.execute(_PUT_ABOVE, [own.parent_code])
        cursor.execute(_ADD_FINDING, [own.key])
        cursor.execute(_THINGS)
        above = next(f for f in cursor.fetchall() if f.site_id == "access-above")
        cursor.execute(_ADD_VISITS, [[one.site_id for one in (own, above, neighbour, other)]])
    with transaction(conn) as cursor:
        fixed = {code: draws.fix(cursor, code).draw_id for code in (own.county_code, other.county_code)}
    drafts = {code: _draft(conn, code) for code in (own.county_code, other.county_code)}
    tours = {code: _tour(conn, code) for code in (own.county_code, other.county_code)}
    per_county = {"draft": drafts, "random_draw": fixed, "tour": tours}
    try:
        placed = {"own": own, "above": above, "neighbour": neighbour, "other": other}
        yield {
            "cell": own.cell_code,
            "parent": own.parent_code,
            "county": own.county_code,
            "things": {
                name: _thing(record, {kind: made[record.county_code] for kind, made in per_county.items()})
                for name, record in placed.items()
            },
        }
    finally:
        with transaction(conn) as cursor:
            cursor.execute("DELETE FROM gridmap.tour WHERE tour_id = ANY(%s)", [list(tours.values())])
            cursor.execute("DELETE FROM gridmap.zone WHERE zone_id = ANY(%s)", [list(drafts.values())])
            draws.forget(cursor, list(fixed.values()))
            cursor.execute("DELETE FROM gridmap.inspection WHERE inspection_id LIKE 'access-visit-%'")
            cursor.execute("DELETE FROM gridmap.finding WHERE feature_id = 'access-above'")
            cursor.execute("DELETE FROM gridmap.site WHERE site_id = 'access-above'")


def askers(world: dict[str, Any]) -> list[Asker]:
    """Return everybody who asks: the table's columns, for each role under them."""
    cell, parent, county = world["cell"], world["parent"], world["county"]
    found = [Asker("访客", None, None, "own")]
    for role in ("officer", "patroller", "chief", "supervisor"):
        found += [
            Asker("网格·本网格", role, cell, "own"),
            Asker("网格·下级网格", role, parent, "own"),
            Asker("网格·上级网格", role, cell, "above"),
            Asker("网格·相邻网格", role, cell, "neighbour"),
            Asker("网格·外县", role, cell, "other"),
        ]
    for role in COUNTY_ROLES:
        found += [Asker("县级·本县", role, county, "own"), Asker("县级·外县", role, county, "other")]
    return [
        *found,
        Asker("市局", "bureau", None, "other"),
        Asker("审计", "auditor", None, "other"),
        Asker("管理员", "admin", None, "own"),
    ]


def _thing(record: Any, made: dict[str, int]) -> Thing:
    zoom = 14
    mercator = (1 - math.asinh(math.tan(math.radians(record.lat))) / math.pi) / 2
    reach = 0.002
    box = (record.lon - reach, record.lat - reach, record.lon + reach, record.lat + reach)
    return Thing(
        {
            "site": record.site_id,
            "name": record.name,
            "finding": record.key,
            "rule": record.rule_id,
            "county": record.county_code,
            "cell": record.cell_code,
            "lon": f"{record.lon:.6f}",
            "lat": f"{record.lat:.6f}",
            "box": ",".join(f"{side:.6f}" for side in box),
            "tile": f"{zoom}/{int(mercator * 2**zoom)}/{int((record.lon + 180) / 360 * 2**zoom)}",
            **{kind: str(number) for kind, number in made.items()},
        }
    )


def _draft(conn: Connection, county: str) -> int:
    with transaction(conn) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.zone (lineage, version, kind, name, county_code, issuer, document, in_force, "
            "boundary, source) SELECT 'access_' || r.code, 1, 'coal_free', '权限试验草案' || r.code, r.code, '试', '试', "
            "'[2021-01-01,)', ST_Multi(ST_Expand(ST_PointOnSurface(r.geom), 0.001)), 'test' "
            "FROM gridmap.region AS r WHERE r.code = %s LIMIT 1 RETURNING zone_id",
            [county],
        )
        zone_id = int(cursor.fetchone()[0])
        cursor.execute(
            "INSERT INTO gridmap.zone_draft (zone_id, county_code, title, author) VALUES (%s, %s, '权限试验', 'test')",
            [zone_id, county],
        )
        return zone_id


def _tour(conn: Connection, county: str) -> int:
    with transaction(conn) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.tour (day, county_code, title, post, start, finish, begins_s, ends_s, speed_kmh, "
            "detour_factor, ways_from, is_hand_made, home_m, home_s) SELECT gridmap.today(), %(code)s, "
            "'行程' || %(code)s, 'test', p.at, p.at, 32400, 63000, 30, 1.3, 'crow_fly', false, 0, 32400 "
            "FROM (SELECT ST_SetSRID(ST_MakePoint(113.0, 34.7), 4490) AS at) AS p RETURNING tour_id",
            {"code": county},
        )
        return int(cursor.fetchone()[0])
