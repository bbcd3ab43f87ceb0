"""Objects that are placed by hand: how each stands, which come next, where its region lies, and what was gone by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from gridmap.domain.import_form import Form
from gridmap.domain.placement import VAGUE, Placing
from gridmap.errors import NotFoundError
from gridmap.store.import_apply import mark
from gridmap.store.import_tables import Target

# how far a position is from the outlines of regions, and how far off those may be
_DISTANCES = """
SELECT r.code, r.name, r.position_error_m AS error_m, public.ST_Distance(r.geom_m, here.geom_m) AS distance_m
FROM gridmap.region AS r
CROSS JOIN (
    SELECT public.ST_Transform(public.ST_SetSRID(public.ST_MakePoint(%(lon)s, %(lat)s), 4490), 4547) AS geom_m
) AS here
WHERE r.code = ANY(%(codes)s) AND r.geom IS NOT NULL AND r.in_force @> gridmap.today()
ORDER BY length(r.code) DESC
"""
_BOX = """
SELECT public.ST_XMin(r.geom) AS west, public.ST_YMin(r.geom) AS south, public.ST_XMax(r.geom) AS east,
    public.ST_YMax(r.geom) AS north
FROM gridmap.region AS r
WHERE r.code = ANY(%s) AND r.geom IS NOT NULL AND r.in_force @> gridmap.today()
ORDER BY length(r.code) DESC
LIMIT 1
"""
_LAST = """
SELECT p.batch_id, p.relation, p.object_key, b.layer_id, b.kind, p.county_code, p.basis, p.note, p.typed, b.actor,
    b.imported_on, b.undone_by, b.file_name
FROM gridmap.placement AS p
INNER JOIN gridmap.import_batch AS b USING (batch_id)
"""


_NOTHING = sql.SQL("NULL::text")

FILE_NAME = "手工定位 "
"""How the batch of a placement is called, before the object's name."""


@dataclass(frozen=True)
class UnplacedRow:
    """An object whose place is only that of a region: within position_error_m of where it stands."""

    key: str
    name: str
    address: str | None
    county_code: str
    placed_by: str
    position_error_m: float


@dataclass(frozen=True)
class Standing:
    """An object as it stands today.

    reported: code of the region that its ledger says, None when it says none. lon, lat: degrees, EPSG:4490. mark: by
    which it is known to be as it was. ended_on: the first day it is no longer there.
    """

    key: str
    name: str
    address: str | None
    county_code: str
    reported: str | None
    placed_by: str
    position_error_m: float
    lon: float
    lat: float
    source: str
    note: str | None
    ended_on: dt.date | None
    mark: str

    @property
    def is_vague(self) -> bool:
        """Return whether only its region is known."""
        return self.placed_by in VAGUE

    @property
    def regions(self) -> list[str]:
        """Return the codes of the county and, where it is known, the township that it is said to lie in."""
        said = self.reported or self.county_code
        return [said[:length] for length in (6, 9) if len(said) >= length]


@dataclass(frozen=True)
class PlacementRow:
    """What was gone by when an object was placed, and who did it. undone_by: None while it holds."""

    batch_id: int
    relation: str
    object_key: str
    layer_id: str
    kind: str | None
    county_code: str
    basis: str
    note: str | None
    typed: str
    actor: str
    imported_on: dt.date
    undone_by: str | None
    file_name: str

    @property
    def name(self) -> str:
        """Return what the object was called."""
        return self.file_name.removeprefix(FILE_NAME)


@dataclass(frozen=True)
class Apart:
    """How far a position is from a region's outline, metres, 0 within; error_m: how far off the outline may be."""

    code: str
    name: str
    error_m: float
    distance_m: float

    @property
    def is_outside(self) -> bool:
        """Return whether the position is surely outside: farther than the outline may be off."""
        return self.distance_m > self.error_m


def list_unplaced(
    cursor: Cursor, form: Form, counties: Sequence[str] | None = None, limit: int = 1000, offset: int = 0
) -> list[UnplacedRow]:
    """List objects that stand in their township, county or city for want of a position, to be placed by hand."""
    cursor.execute(
        sql.SQL(
            "SELECT t.{key} AS key, t.name, {address} AS address, t.county_code, t.placed_by, "
            "t.position_error_m FROM {table} AS t WHERE {unplaced} ORDER BY t.county_code, t.{key} "
            "LIMIT %(limit)s OFFSET %(offset)s"
        ).format(**_parts(form), address=_or_null(form, "address")),
        {
            "counties": list(counties) if counties is not None else None,
            "vague": list(VAGUE),
            "limit": limit,
            "offset": offset,
        },
    )
    return [UnplacedRow(*row) for row in cursor.fetchall()]


def count_unplaced(cursor: Cursor, forms: Sequence[Form], counties: Sequence[str] | None = None) -> dict[str, int]:
    """Count what waits to be placed by hand, by the forms' labels: each table is read once, for all its kinds."""
    found = {form.label: 0 for form in forms}
    tables = {form.table: form for form in forms}
    for first in tables.values():
        of_table = {tuple(form.fixed.values()): form.label for form in forms if form.table == first.table}
        parts = _parts(replace(first, fixed={}))
        fixed = sql.SQL(", ").join([sql.SQL("t.{}").format(sql.Identifier(name)) for name in first.fixed] or [_NOTHING])
        cursor.execute(
            sql.SQL("SELECT count(*) AS n, {fixed} FROM {table} AS t WHERE {unplaced} GROUP BY {fixed}").format(
                fixed=fixed, **parts
            ),
            {"counties": list(counties) if counties is not None else None, "vague": list(VAGUE)},
        )
        for number, *kind in cursor.fetchall():
            label = of_table.get(tuple(kind) if first.fixed else ())
            if label is not None:
                found[label] = int(number)
    return found


def next_unplaced(
    cursor: Cursor, form: Form, counties: Sequence[str] | None, after: tuple[str, str]
) -> tuple[str | None, int]:
    """Return the key of the first unplaced object after a county and key, None at the end; and how many there are."""
    values = {"counties": list(counties) if counties is not None else None, "vague": list(VAGUE), "after": list(after)}
    cursor.execute(
        sql.SQL(
            "SELECT count(*) AS n, (array_agg(t.{key} ORDER BY t.county_code, t.{key}) "
            "FILTER (WHERE ARRAY[t.county_code, t.{key}] > %(after)s::text[]))[1] AS key "
            "FROM {table} AS t WHERE {unplaced}"
        ).format(**_parts(form)),
        values,
    )
    number, key = cursor.fetchone()
    return key, int(number)


def get(cursor: Cursor, form: Form, target: Target, key: str) -> Standing:
    """Return how an object stands today; NotFoundError when it is not there, or not for the reader to see."""
    scope = sql.SQL("t.in_force @> gridmap.today()" if target.versioned else "true")
    cursor.execute(
        sql.SQL(
            "SELECT t.{key} AS key, t.name, {address} AS address, t.county_code, {reported} AS reported, "
            "t.placed_by, t.position_error_m, public.ST_X(t.geom) AS lon, public.ST_Y(t.geom) AS lat, t.source, "
            "t.note, {ended} AS ended_on, {mark} AS mark FROM {table} AS t WHERE t.{key} = %s AND {scope}"
        ).format(
            key=sql.Identifier(form.key), table=sql.Identifier("gridmap", target.table),
            address=_or_null(form, "address"), scope=scope,
            reported=sql.SQL("t.{}").format(sql.Identifier(form.reported_column or form.key)),
            ended=sql.SQL("t.closed_on" if target.has("closed_on") else "NULL::date"),
            mark=sql.SQL("({})::text").format(mark(target.compared, "t")),
        ),
        [key],
    )  # fmt: skip
    row = cursor.fetchone()
    if row is None:
        raise NotFoundError(f"there is no {form.layer_id} {key[:40]} today", zh=f"今天没有编号为“{key[:40]}”的对象。")
    return Standing(*row)


def kind_of(cursor: Cursor, site_id: str) -> str | None:
    """Return the kind of a site, None when there is none that the reader may see."""
    cursor.execute("SELECT s.kind FROM gridmap.site AS s WHERE s.site_id = %s", [site_id])
    row = cursor.fetchone()
    return str(row[0]) if row else None


def apart_from(cursor: Cursor, lon: float, lat: float, codes: Sequence[str]) -> list[Apart]:
    """Return how far a position (degrees, EPSG:4490) is from regions, those with an outline, the smallest first."""
    cursor.execute(_DISTANCES, {"lon": lon, "lat": lat, "codes": list(codes)})
    return [
        Apart(code, name, float(error or 0.0), float(distance)) for code, name, error, distance in cursor.fetchall()
    ]


def names_of(cursor: Cursor, codes: Sequence[str]) -> dict[str, str]:
    """Return the names of counties and townships of today by code."""
    cursor.execute(
        "SELECT r.code, r.name FROM gridmap.region AS r WHERE r.code = ANY(%s) AND r.in_force @> gridmap.today()",
        [list(codes)],
    )
    return dict(cursor.fetchall())


def box_of(cursor: Cursor, codes: Sequence[str]) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north (degrees) of the smallest of these regions that has an outline."""
    cursor.execute(_BOX, [list(codes)])
    row = cursor.fetchone()
    return tuple(row) if row else None


def villages_known(cursor: Cursor, county_code: str, within_m: float = 1_000.0) -> list[tuple[str, str, float, float]]:
    """List code, name, longitude and latitude (degrees) of a county's villages whose position is no worse than that."""
    cursor.execute(
        "SELECT v.village_id, v.name, public.ST_X(v.geom) AS lon, public.ST_Y(v.geom) AS lat FROM gridmap.village AS v "
        "WHERE v.county_code = %s AND v.position_error_m <= %s AND v.in_force @> gridmap.today() ORDER BY v.village_id",
        [county_code, within_m],
    )
    return [(row.village_id, row.name, float(row.lon), float(row.lat)) for row in cursor.fetchall()]


def staged(cursor: Cursor) -> tuple[float, float, str | None, str | None, float]:
    """Return longitude, latitude, county and region of the one row that is staged, and metres from where it stood."""
    cursor.execute(
        "SELECT public.ST_X(r.geom) AS lon, public.ST_Y(r.geom) AS lat, r.county_at, r.region_at, "
        "coalesce(d.moved_m, 0) AS moved_m FROM pg_temp.import_row AS r "
        "INNER JOIN pg_temp.import_diff AS d USING (row_number)"
    )
    lon, lat, county, region, moved_m = cursor.fetchone()
    return float(lon), float(lat), county, region, float(moved_m)


def note(
    cursor: Cursor, batch_id: int, form: Form, key: str, county: str, said: Placing, confirmed: str | None
) -> None:
    """Note what was gone by when an object was placed."""
    cursor.execute(
        "INSERT INTO gridmap.placement (batch_id, relation, object_key, county_code, basis, note, typed, confirmed) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [batch_id, form.table, key, county, said.basis, said.note, said.typed, confirmed],
    )


def find_last(cursor: Cursor, relation: str, key: str) -> PlacementRow | None:
    """Return how an object was placed last by hand, be it undone since; None when it never was."""
    cursor.execute(
        _LAST + "WHERE p.relation = %s AND p.object_key = %s ORDER BY p.batch_id DESC LIMIT 1", [relation, key]
    )
    row = cursor.fetchone()
    return PlacementRow(*row) if row else None


def find(cursor: Cursor, batch_id: int) -> PlacementRow | None:
    """Return the placement that a batch is, None when it is the import of a file."""
    cursor.execute(_LAST + "WHERE p.batch_id = %s", [batch_id])
    row = cursor.fetchone()
    return PlacementRow(*row) if row else None


def _parts(form: Form) -> dict[str, sql.Composable]:
    fixed = [
        sql.SQL("t.{} = {}").format(sql.Identifier(name), sql.Literal(value)) for name, value in form.fixed.items()
    ]
    holds = {"close": "t.closed_on IS NULL", "end": "t.in_force @> gridmap.today()"}.get(form.gone, "true")
    unplaced = [
        sql.SQL("t.placed_by = ANY(%(vague)s)"), sql.SQL(holds), *fixed,
        sql.SQL("(%(counties)s::text[] IS NULL OR t.county_code = ANY(%(counties)s::text[]))"),
    ]  # fmt: skip
    return {
        "key": sql.Identifier(form.key),
        "table": sql.Identifier("gridmap", form.table),
        "unplaced": sql.SQL(" AND ").join(unplaced),
    }


def _or_null(form: Form, name: str) -> sql.Composable:
    has = any(column.name == name for column in form.columns)
    return sql.SQL("t.{}").format(sql.Identifier(name)) if has else sql.SQL("NULL::text").format()
