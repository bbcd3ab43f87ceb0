"""Reports of findings from the ground: where they stand, keep each once, read them with their photos."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gridmap.db.session import Connection, transaction
from gridmap.domain.arrival import Standing
from gridmap.errors import ConflictError, NotFoundError

# the county is that of the cell, else of the region: land that no cell holds is in a county all the same; at the city's
# edge a phone may be wrong by a few metres, and the reporter stands in his own cell
_WHERE = """
WITH place AS (
    SELECT p.geom, ST_Transform(p.geom, 4547) AS geom_m, gridmap.cell_at(p.geom) AS cell_code
    FROM (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490) AS geom) AS p
)

SELECT
    place.cell_code, held.name AS cell_name,
    coalesce(held.county_code, (
        SELECT r.code FROM gridmap.region AS r
        WHERE r.level = 'county' AND r.in_force @> gridmap.today() AND ST_Intersects(r.geom_m, place.geom_m)
        ORDER BY r.code LIMIT 1
    ), CASE WHEN ST_DWithin(own.geom_m, place.geom_m, %(accuracy_m)s) THEN own.county_code END) AS county_code,
    ST_Distance(own.geom_m, place.geom_m) AS distance_m,
    ST_Distance(ST_Boundary(own.geom_m), place.geom_m) AS boundary_m
FROM place
LEFT JOIN gridmap.grid_cell AS held
    ON held.cell_code = place.cell_code AND held.kind = 'responsibility' AND held.in_force @> gridmap.today()
LEFT JOIN gridmap.grid_cell AS own
    ON own.cell_code = %(own)s AND own.kind = 'responsibility' AND own.in_force @> gridmap.today()
"""

_INSERT = """
INSERT INTO gridmap.report (
    report_id, account_id, post, reporter_cell_code, county_code, site_id, theme, words, geom, accuracy_m, placed_by,
    standing, distance_m, reported_on, made_at, clock_skew_s
)
VALUES (
    %(report_id)s, gridmap.reader_account(), %(post)s, %(own)s, %(county_code)s, %(site_id)s, %(theme)s, %(words)s,
    ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490), %(accuracy_m)s, %(placed_by)s, %(standing)s, %(distance_m)s,
    gridmap.today() - (gridmap.instant()::date - %(made_at)s::timestamptz::date), %(made_at)s, %(clock_skew_s)s
)
ON CONFLICT (report_id) DO NOTHING
RETURNING report_id
"""

_INSERT_PHOTO = """
INSERT INTO gridmap.report_photo (report_id, number, content, sha256, width, height, taken_at, taken)
VALUES (
    %(report_id)s, %(number)s, %(content)s, %(sha256)s, %(width)s, %(height)s, %(taken_at)s,
    CASE WHEN %(lon)s::double precision IS NOT NULL THEN ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490) END
)
"""

_ONE = """
SELECT
    r.report_id::text AS report_id, r.post, r.reporter_cell_code, r.cell_code, c.name AS cell_name, r.county_code,
    r.site_id, s.name AS site_name, r.theme, r.words, ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat, r.accuracy_m,
    r.placed_by, r.standing, r.distance_m, r.reported_on, r.made_at, r.received_at, r.is_demo,
    r.account_id = gridmap.reader_account() AS is_mine
FROM gridmap.report AS r
LEFT JOIN gridmap.site AS s ON s.site_id = r.site_id
LEFT JOIN gridmap.grid_cell AS c
    ON c.cell_code = r.cell_code AND c.kind = 'responsibility' AND c.in_force @> gridmap.today()
WHERE r.report_id = %s
"""

_PHOTOS = """
SELECT p.number, p.width, p.height, p.taken_at, ST_X(p.taken) AS lon, ST_Y(p.taken) AS lat
FROM gridmap.report_photo AS p WHERE p.report_id = %s ORDER BY p.number
"""


@dataclass(frozen=True)
class Whereabouts:
    """Where a place lies. cell_code, cell_name: the cell that holds it. county_code: None outside the city.

    distance_m: metres outside the reporter's cell; boundary_m: to its boundary; None without such a cell.
    """

    cell_code: str | None
    cell_name: str | None
    county_code: str | None
    distance_m: float | None
    boundary_m: float | None


@dataclass(frozen=True)
class NewReport:
    """A report as it came. own: the reporter's cell, None for posts of a county or the city. lon, lat: degrees."""

    report_id: str
    post: str
    own: str | None
    county_code: str
    site_id: str | None
    theme: str | None
    words: str
    lon: float
    lat: float
    accuracy_m: float
    placed_by: str
    standing: Standing
    distance_m: float
    made_at: dt.datetime
    clock_skew_s: float


class PhotoContent(Protocol):
    """What is kept of a photo: see gridmap.ingest.photos.Photo."""

    @property
    def content(self) -> bytes: ...  # noqa: D102
    @property
    def sha256(self) -> str: ...  # noqa: D102
    @property
    def width(self) -> int: ...  # noqa: D102
    @property
    def height(self) -> int: ...  # noqa: D102
    @property
    def taken_at(self) -> dt.datetime | None: ...  # noqa: D102
    @property
    def lon(self) -> float | None: ...  # noqa: D102
    @property
    def lat(self) -> float | None: ...  # noqa: D102


def locate(conn: Connection, lon: float, lat: float, accuracy_m: float, own: str | None) -> Whereabouts:
    """Return where a place lies, and how far from the reporter's own cell. lon, lat: degrees, within the envelope."""
    with transaction(conn) as cursor:
        cursor.execute(_WHERE, {"lon": lon, "lat": lat, "accuracy_m": accuracy_m, "own": own})
        return Whereabouts(**cursor.fetchone()._asdict())


def find_site_place(conn: Connection, site_id: str) -> tuple[float, float, float] | None:
    """Return longitude, latitude and error of a site that the reader may see, None when there is none."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT ST_X(s.geom), ST_Y(s.geom), s.position_error_m FROM gridmap.site AS s WHERE s.site_id = %s",
            [site_id],
        )
        row = cursor.fetchone()
        return None if row is None else (float(row[0]), float(row[1]), float(row[2]))


def keep(conn: Connection, report: NewReport, photos: Sequence[PhotoContent]) -> bool:
    """Keep a report with its photos and return True; False when it is there already, sent twice.

    Errors: ConflictError when the key belongs to a report of somebody else.
    """
    with transaction(conn) as cursor:
        cursor.execute(_INSERT, vars(report))
        if cursor.fetchone() is None:
            if find_report(conn, report.report_id, mine=True) is None:
                raise ConflictError(f"the key {report.report_id} is taken")
            return False
        for number, photo in enumerate(photos, 1):
            cursor.execute(
                _INSERT_PHOTO,
                {
                    "report_id": report.report_id,
                    "number": number,
                    "content": photo.content,
                    "sha256": photo.sha256,
                    "width": photo.width,
                    "height": photo.height,
                    "taken_at": photo.taken_at,
                    "lon": photo.lon,
                    "lat": photo.lat,
                },
            )
        return True


def find_report(conn: Connection, report_id: str, *, mine: bool = False) -> Any | None:
    """Return a report that the reader may see; mine: only one of his own. report_id: a UUID."""
    with transaction(conn) as cursor:
        cursor.execute(_ONE, [report_id])
        row = cursor.fetchone()
    return row if row is not None and (row.is_mine or not mine) else None


def get_report(conn: Connection, report_id: str) -> tuple[Any, list[Any]]:
    """Return a report that the reader may see, and its photos without their content."""
    found = find_report(conn, report_id)
    if found is None:
        raise NotFoundError(f"there is no report {report_id}")
    with transaction(conn) as cursor:
        cursor.execute(_PHOTOS, [report_id])
        return found, list(cursor.fetchall())


def get_photo(conn: Connection, report_id: str, number: int) -> tuple[bytes, str]:
    """Return the JPEG of a report's photo and its SHA-256."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT p.content, p.sha256 FROM gridmap.report_photo AS p WHERE p.report_id = %s AND p.number = %s",
            [report_id, number],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFoundError(f"the report {report_id} has no photo {number}")
    return bytes(row.content), str(row.sha256)
