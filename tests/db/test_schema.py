"""The schema keeps its promises: views see as their caller, everything is described, geometry is sound, law stays."""

from __future__ import annotations

import datetime as dt

import psycopg2
import pytest
import shapely

from gridmap.db.session import Connection, transaction
from gridmap.geo import ENVELOPE, inside_envelope
from gridmap.store import zones
from tests import builders

SCHEMAS = ["gridmap", "snapshot"]
VILLAGE = "410181113201"


def _names(conn: Connection, query: str) -> list[str]:
    with transaction(conn) as cursor:
        cursor.execute(query, {"schemas": SCHEMAS})
        return [".".join(str(part) for part in row if part is not None) for row in cursor.fetchall()]


def test_every_view_sees_as_its_caller(conn: Connection) -> None:
    """Without security_invoker a view reads with its owner's rights and sees past row-level security."""
    assert _names(conn, "SELECT viewname FROM pg_views WHERE schemaname = ANY(%(schemas)s)")
    blind = _names(
        conn,
        "SELECT c.oid::regclass FROM pg_class AS c WHERE c.relkind = 'v' "
        "AND c.relnamespace = ANY(%(schemas)s::regnamespace[]) "
        "AND NOT coalesce(c.reloptions @> ARRAY['security_invoker=true'], false)",
    )
    assert blind == []


def test_no_materialized_view_hides_among_them(conn: Connection) -> None:
    assert _names(conn, "SELECT matviewname FROM pg_matviews WHERE schemaname = ANY(%(schemas)s)") == []


def test_every_relation_and_column_is_described(conn: Connection) -> None:
    silent = _names(
        conn,
        "SELECT c.oid::regclass, a.attname FROM pg_class AS c "
        "JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum >= 0 AND NOT a.attisdropped "
        "WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace = ANY(%(schemas)s::regnamespace[]) "
        "AND col_description(c.oid, a.attnum) IS NULL "
        "UNION ALL "
        "SELECT c.oid::regclass, NULL FROM pg_class AS c "
        "WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace = ANY(%(schemas)s::regnamespace[]) "
        "AND obj_description(c.oid, 'pg_class') IS NULL",
    )
    assert silent == []


def test_every_function_is_described(conn: Connection) -> None:
    silent = _names(
        conn,
        "SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = ANY(%(schemas)s::regnamespace[]) "
        "AND obj_description(p.oid, 'pg_proc') IS NULL",
    )
    assert silent == []


def test_every_table_that_judging_reads_is_watched(conn: Connection) -> None:
    """data_version follows what tiles, pages and reports are cached by; histories and derived tables need not."""
    unwatched = _names(
        conn,
        "SELECT DISTINCT u.table_name FROM information_schema.view_table_usage AS u "
        "WHERE u.view_schema = 'snapshot' AND u.table_schema = 'gridmap' AND NOT EXISTS ("
        "SELECT FROM pg_trigger AS t WHERE t.tgrelid = ('gridmap.' || u.table_name)::regclass "
        "AND t.tgname = u.table_name || '_data_version')",
    )
    # kinds of zone never change with the data; edges and squares are rebuilt with their zone; runs announce themselves by findings
    # the two views stand over squares and the setting
    views = {"zone_square", "narrowing"}
    assert set(unwatched) - views <= {"zone_kind", "zone_edge", "zone_cell", "zone_grid", "run", "run_finding"}


def test_every_stored_position_has_srid_and_type(conn: Connection) -> None:
    loose = _names(
        conn,
        "SELECT g.f_table_name, g.f_geometry_column FROM geometry_columns AS g "
        "JOIN pg_tables AS t ON t.schemaname = g.f_table_schema AND t.tablename = g.f_table_name "
        "WHERE g.f_table_schema = 'gridmap' AND (g.srid NOT IN (4490, 4547, 3857) OR g.type = 'GEOMETRY') "
        "AND g.f_table_name NOT IN ('finding', 'run_finding')",
    )
    assert loose == []


def test_every_position_in_degrees_is_checked(conn: Connection) -> None:
    unchecked = _names(
        conn,
        "SELECT g.f_table_name, g.f_geometry_column FROM geometry_columns AS g "
        "JOIN pg_tables AS t ON t.schemaname = g.f_table_schema AND t.tablename = g.f_table_name "
        "WHERE g.f_table_schema = 'gridmap' AND g.srid = 4490 AND NOT EXISTS ("
        "SELECT FROM pg_constraint AS c WHERE c.conrelid = ('gridmap.' || g.f_table_name)::regclass "
        "AND pg_get_constraintdef(c.oid) LIKE '%%is_sound(' || g.f_geometry_column || ')%%')",
    )
    assert unchecked == []


def test_columns_derived_from_a_position_are_generated(conn: Connection) -> None:
    written = _names(
        conn,
        "SELECT g.f_table_name, g.f_geometry_column FROM geometry_columns AS g "
        "JOIN information_schema.columns AS c ON c.table_schema = g.f_table_schema "
        "AND c.table_name = g.f_table_name AND c.column_name = g.f_geometry_column "
        "WHERE g.f_table_schema = 'gridmap' AND g.srid IN (4547, 3857) AND c.is_generated = 'NEVER' "
        "AND EXISTS (SELECT FROM pg_tables AS t WHERE t.schemaname = 'gridmap' AND t.tablename = g.f_table_name)",
    )
    assert sorted(written) == ["zone_cell.edge_m", "zone_cell.piece_m", "zone_edge.geom_m"]


WEST, SOUTH, EAST, NORTH = ENVELOPE
SQUARE = shapely.box(113.0, 34.5, 113.1, 34.6)


def _insert_outline(conn: Connection, wkb: bytes, srid: int = 4490) -> None:
    with transaction(conn) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.region (code, level, name, geom, position_error_m, source) "
            "VALUES ('410181', 'county', '试', ST_GeomFromWKB(%s, %s), 0, 'test')",
            [wkb, srid],
        )


def test_a_sound_outline_is_taken_and_measured_in_metres(conn: Connection) -> None:
    _insert_outline(conn, shapely.to_wkb(shapely.MultiPolygon([SQUARE])))
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT ST_Area(geom_m), ST_SRID(geom_m) AS metres, ST_SRID(geom_3857) AS tiles FROM gridmap.region"
        )
        area, metres, tiles = cursor.fetchone()
    assert (metres, tiles) == (4547, 3857)
    assert area == pytest.approx(101.7e6, rel=0.01)


BOW_TIE = shapely.Polygon([(113, 34), (114, 35), (114, 34), (113, 35)])
WRONG_OUTLINES = {
    "not a MultiPolygon": (SQUARE, 4490, "MultiPolygon"),
    "another SRID": (shapely.MultiPolygon([SQUARE]), 4326, "SRID"),
    "crosses itself": (shapely.MultiPolygon([BOW_TIE]), 4490, "check constraint"),
    "empty": (shapely.MultiPolygon(), 4490, "check constraint"),
    "latitude first": (shapely.MultiPolygon([shapely.box(34.5, 113.0, 34.6, 113.1)]), 4490, "check constraint"),
    "another city": (shapely.MultiPolygon([shapely.box(121.0, 31.0, 121.1, 31.1)]), 4490, "check constraint"),
}


@pytest.mark.parametrize("case", WRONG_OUTLINES)
def test_an_unsound_outline_is_refused(conn: Connection, case: str) -> None:
    geometry, srid, reason = WRONG_OUTLINES[case]
    with pytest.raises(psycopg2.Error) as caught:
        _insert_outline(conn, shapely.to_wkb(geometry), srid)
    if srid == 4490 and reason == "check constraint":
        assert isinstance(caught.value, psycopg2.errors.CheckViolation) or "transform" in str(caught.value)
    else:
        assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(WEST, SOUTH), (EAST, NORTH), (WEST - 1e-9, SOUTH), (EAST, NORTH + 1e-9), (113.6, 34.7), (34.7, 113.6)],
)
def test_database_and_python_draw_the_same_envelope(conn: Connection, lon: float, lat: float) -> None:
    with transaction(conn) as cursor:
        cursor.execute("SELECT gridmap.inside_envelope(ST_SetSRID(ST_MakePoint(%s, %s), 4490))", [lon, lat])
        assert cursor.fetchone()[0] is inside_envelope(lon, lat)


def test_versions_of_a_region_do_not_overlap(conn: Connection) -> None:
    insert = (
        "INSERT INTO gridmap.region (code, level, name, in_force, source) "
        "VALUES ('410181', 'county', %s, daterange(%s, %s), 'test')"
    )
    with transaction(conn) as cursor:
        cursor.execute(insert, ["旧名", dt.date(2000, 1, 1), dt.date(2020, 1, 1)])
        cursor.execute(insert, ["新名", dt.date(2020, 1, 1), None])
    with pytest.raises(psycopg2.errors.ExclusionViolation), transaction(conn) as cursor:
        cursor.execute(insert, ["又名", dt.date(2019, 12, 31), dt.date(2020, 1, 1)])


@pytest.fixture
def published(conn: Connection) -> int:
    with transaction(conn) as cursor:
        builders.add_region(cursor, "410181", "county", builders.box(0, 0, 10, 10))
        cursor.execute(
            "INSERT INTO gridmap.zone (lineage, version, kind, name, county_code, issuer, document, in_force, "
            "boundary, source) VALUES ('coal_free_test', 1, 'coal_free', '试验禁煤区', '410181', '试', '试', "
            "'[2019-11-14,)', ST_GeomFromWKB(%s, 4490), 'test') RETURNING zone_id",
            [builders.multi(builders.box(1, 1, 2, 2))],
        )
        zone_id = int(cursor.fetchone()[0])
        zones.publish(cursor, zone_id)
    return zone_id


FORBIDDEN = {
    "rename": "UPDATE gridmap.zone SET name = '另名' WHERE zone_id = %s",
    "redraw": "UPDATE gridmap.zone SET boundary = ST_Translate(boundary, 0.01, 0) WHERE zone_id = %s",
    "begin earlier": "UPDATE gridmap.zone SET in_force = '[2018-01-01,)' WHERE zone_id = %s",
    "back to draft": "UPDATE gridmap.zone SET status = 'draft' WHERE zone_id = %s",
    "delete": "DELETE FROM gridmap.zone WHERE zone_id = %s",
    "add a unit": "INSERT INTO gridmap.zone_unit (zone_id, unit_code, side) VALUES (%s, '410181', 'out')",
    "cut an edge": "DELETE FROM gridmap.zone_edge WHERE zone_id = %s",
    "drop its squares": "DELETE FROM gridmap.zone_cell WHERE zone_id = %s",
}


@pytest.mark.parametrize("change", FORBIDDEN)
def test_a_published_zone_does_not_change(conn: Connection, published: int, change: str) -> None:
    with pytest.raises(psycopg2.errors.ObjectInUse, match="published"), transaction(conn) as cursor:
        cursor.execute(FORBIDDEN[change], [published])


def test_a_published_zone_may_only_end_sooner(conn: Connection, published: int) -> None:
    set_end = "UPDATE gridmap.zone SET in_force = daterange('2019-11-14', %s) WHERE zone_id = %s"
    with transaction(conn) as cursor:
        cursor.execute(set_end, [dt.date(2021, 1, 1), published])
        cursor.execute(set_end, [dt.date(2020, 6, 1), published])
    with pytest.raises(psycopg2.errors.ObjectInUse), transaction(conn) as cursor:
        cursor.execute(set_end, [dt.date(2022, 1, 1), published])
