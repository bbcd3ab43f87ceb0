"""The sites nearest to a position, exact on the spheroid, always within a radius.

Planar metres find them, the geodesic orders them. In the envelope a planar distance of EPSG:4547 is never shorter than
the geodesic, and at most STRETCH times as long (2.5 degrees from the central meridian; tests/store/test_nearest.py
measures it). So a few more are read than are wanted, in planar order, until the last one read is so far that nothing
unread can be nearer than what is returned: nothing is missed, and of equals none is left to chance.

The city's readers walk the spatial index outwards. Row-level security keeps a reader of an area from conditions on it,
since PostGIS functions are not leakproof: he searches the squares around him (squares.py), ring by ring, until there is
enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import AREA_ROLE, Connection, transaction
from gridmap.errors import UserError
from gridmap.geo import ENVELOPE, SRID_METRES, SRID_STORAGE, inside_envelope
from gridmap.store import squares

WIDEST_M = 10_000.0
"""The widest radius that may be asked, metres."""

MOST = 2000
"""So many sites are looked at for one answer: the nearest ones, whatever they are ranked by."""

STRETCH = 1.0007
"""A planar distance is at most so many times the geodesic, anywhere in the envelope."""

FIRST_RING_M = 400.0
"""Radius of the first ring that a reader of an area searches; each next one is so many times wider:"""

WIDER = 3.0

TIMEOUT_MS = 10_000

SPHEROID = 'SPHEROID["CGCS2000",6378137,298.257222101]'

_HERE = sql.SQL("ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), {})").format(sql.Literal(SRID_STORAGE))
_HERE_M = sql.SQL("ST_Transform({}, {})").format(_HERE, sql.Literal(SRID_METRES))

_THERE = sql.SQL(
    "(s.opened_on IS NULL OR s.opened_on <= gridmap.today()) AND (s.closed_on IS NULL OR s.closed_on > gridmap.today())"
)

# what is asked of findings is asked of one and the same finding. They are few beside sites: the squares around tell
# them, and they their sites; to ask site by site on the way outwards took seconds where few fit, of a million
_FOUND = sql.SQL(
    "WITH found AS MATERIALIZED (SELECT DISTINCT f.feature_id FROM gridmap.finding AS f "
    "WHERE (f.cell_key = ANY({squares}) OR f.cell_key IS NULL) AND f.feature_kind = 'site' "
    "AND f.status = ANY(%(statuses)s) "
    "AND (%(rules)s::text[] IS NULL OR f.rule_id = ANY(%(rules)s::text[])) "
    "AND (%(severities)s::text[] IS NULL OR f.severity = ANY(%(severities)s::text[]))) "
)

# OFFSET 0 keeps these from becoming joins: they are asked site by site on the way outwards, until there is enough
_UNVISITED = """NOT EXISTS (SELECT FROM gridmap.inspection AS i WHERE i.site_id = s.site_id
        AND i.inspected_on > gridmap.today() - %(unvisited_days)s AND i.inspected_on <= gridmap.today() OFFSET 0)
    AND NOT EXISTS (SELECT FROM gridmap.patrol_round AS p WHERE p.site_id = s.site_id
        AND p.patrolled_on > gridmap.today() - %(unvisited_days)s OFFSET 0)
    AND NOT EXISTS (SELECT FROM gridmap.report AS r WHERE r.site_id = s.site_id
        AND r.reported_on > gridmap.today() - %(unvisited_days)s OFFSET 0)"""

_NEAR = sql.SQL(
    "SELECT s.site_id, s.kind, s.name, s.address, s.county_code, s.cell_code, s.position_error_m, s.placed_by, "
    "ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat, ST_DistanceSpheroid(s.geom, {here}, {spheroid}) AS distance_m, "
    "s.geom_m <-> {here_m} AS planar_m "
    "FROM {sites} WHERE {near} AND {conditions} ORDER BY s.geom_m <-> {here_m} LIMIT %(most)s"
)

# a box and no ST_DWithin: of that the planner believes that it finds next to nothing
_IN_BOX = sql.SQL("s.geom_m && ST_Expand({here_m}, %(reach_m)s)")
_WITHIN = sql.SQL("ST_Distance(s.geom_m, {here_m}) <= %(reach_m)s")
_IN_SQUARES = sql.SQL("s.cell_key = ANY({squares}) AND ST_Distance(s.geom_m, {here_m}) <= %(reach_m)s")

SLACK = 8
"""So many more are read than are wanted: the projection changes the order of less than one in a thousand."""


@dataclass(frozen=True)
class SiteFilter:
    """Which sites are wanted; an empty field asks nothing.

    rules, severities, statuses: of one finding of the site, which fits all three; an open one where no status is asked.
    unvisited_days: nobody was there for so many days, or ever.
    """

    kinds: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    unvisited_days: int | None = None

    @property
    def asks_findings(self) -> bool:
        """Return whether only sites with certain findings are wanted."""
        return bool(self.rules or self.severities or self.statuses)


@dataclass(frozen=True)
class NearSite:
    """A site near a position. lon, lat: degrees, EPSG:4490. distance_m: geodesic on the CGCS2000 spheroid."""

    site_id: str
    kind: str
    name: str
    address: str | None
    county_code: str
    cell_code: str | None
    position_error_m: float
    placed_by: str
    lon: float
    lat: float
    distance_m: float


EVERY = SiteFilter()
"""Asks nothing: all sites of today."""


def check_position(lon: float, lat: float) -> None:
    """Raise UserError when a position (degrees) is not in the city's envelope; it tells swapped axes."""
    if inside_envelope(lon, lat):
        return
    hint = "; longitude and latitude look swapped" if inside_envelope(lat, lon) else ""
    west, south, east, north = ENVELOPE
    raise UserError(
        f"position {lon}, {lat} is outside the city's data; expected longitude {west} to {east} "
        f"and latitude {south} to {north}{hint}"
    )


def list_nearest(
    conn: Connection,
    position: tuple[float, float],
    wanted: SiteFilter = EVERY,
    *,
    radius_m: float = WIDEST_M,
    limit: int = 50,
) -> list[NearSite]:
    """List the sites of today nearest to a position that the reader may see, nearest first; of equals by id.

    position: longitude and latitude, degrees, EPSG:4490. radius_m: nothing farther, at most WIDEST_M. limit: at most
    MOST. Errors: UserError for a position outside the envelope and for a radius or limit beyond these.
    """
    check_position(*position)
    if not 0 < radius_m <= WIDEST_M:
        raise UserError(f"the radius is {radius_m:g} m; expected more than 0 and at most {WIDEST_M:g}")
    if not 1 <= limit <= MOST:
        raise UserError(f"{limit} sites are asked for; expected 1 to {MOST}")
    with transaction(conn) as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true), current_user", [str(TIMEOUT_MS)])
        is_area = cursor.fetchone().current_user == AREA_ROLE
        if is_area:
            squares.search_by_squares(cursor)
        found: list[NearSite] = []
        for ring_m in _rings(radius_m) if is_area or wanted.asks_findings else (radius_m,):
            found = _within(cursor, is_area, position, wanted, ring_m, limit)
            if len(found) == limit:
                break
        return found


def _rings(radius_m: float) -> Iterator[float]:
    """Return ever wider radii, the last of them as asked."""
    ring_m = FIRST_RING_M
    while ring_m < radius_m:
        yield ring_m
        ring_m *= WIDER
    yield radius_m


def _within(
    cursor: Cursor, is_area: bool, position: tuple[float, float], wanted: SiteFilter, radius_m: float, limit: int
) -> list[NearSite]:
    most = limit + SLACK
    while True:
        composed, values = query(position, wanted, radius_m=radius_m, most=most, is_area=is_area)
        cursor.execute(composed, values)
        rows = cursor.fetchall()
        found = sorted(
            (NearSite(*row[:-1]) for row in rows if row.distance_m <= radius_m),
            key=lambda site: (site.distance_m, site.site_id),
        )
        sure_m = found[limit - 1].distance_m if len(found) >= limit else radius_m
        if len(rows) < most or rows[-1].planar_m > sure_m * STRETCH:
            return found[:limit]
        most *= 4


def query(
    position: tuple[float, float], wanted: SiteFilter, *, radius_m: float, most: int, is_area: bool
) -> tuple[sql.Composed, dict[str, Any]]:
    """Return what the database is asked, and its parameters. is_area: by squares, as readers of an area must."""
    conditions = [_THERE]
    if wanted.kinds:
        conditions.append(sql.SQL("s.kind = ANY(%(kinds)s)"))
    if wanted.unvisited_days is not None:
        conditions.append(sql.SQL(_UNVISITED))
    box = sql.SQL("gridmap.squares_of(ST_MakeEnvelope({}, {}))").format(
        sql.SQL(", ").join(map(sql.Literal, squares.around(*position, radius_m))), sql.Literal(SRID_STORAGE)
    )
    # the sites of a materialized handful, each by its key: squares are asked of the findings alone then
    found = _FOUND.format(squares=box) if wanted.asks_findings else sql.SQL("")
    sites = "gridmap.site AS s"
    if wanted.asks_findings:
        sites = "found INNER JOIN gridmap.site AS s ON s.site_id = found.feature_id"
    near = _WITHIN if wanted.asks_findings else _IN_SQUARES if is_area else _IN_BOX
    composed = found + _NEAR.format(
        sites=sql.SQL(sites),
        here=_HERE,
        here_m=_HERE_M,
        spheroid=sql.Literal(SPHEROID),
        near=near.format(squares=box, here_m=_HERE_M),
        conditions=sql.SQL(" AND ").join(conditions),
    )
    values = {
        "lon": position[0],
        "lat": position[1],
        "reach_m": radius_m * STRETCH,
        "most": most,
        "kinds": list(wanted.kinds),
        "rules": list(wanted.rules) or None,
        "severities": list(wanted.severities) or None,
        "statuses": list(wanted.statuses) or ["open"],
        "unvisited_days": wanted.unvisited_days,
    }
    return composed, values


def bearing_deg(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Return the direction from one position to another, degrees clockwise from north.

    Positions are longitude and latitude, degrees. A sphere is enough: over 10 km it errs by less than half a degree.
    """
    east = math.radians(there[0] - here[0]) * math.cos(math.radians((here[1] + there[1]) / 2))
    return math.degrees(math.atan2(east, math.radians(there[1] - here[1]))) % 360
