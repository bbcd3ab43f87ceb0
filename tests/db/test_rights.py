"""Own area beneath every query: what the database roles may see, and what no policy forgot."""

from __future__ import annotations

import psycopg2
import psycopg2.errors
import pytest

from gridmap.db.session import AREA_ROLE, CITY_ROLE, Access, ask_for, connect, transaction
from tests import builders

EVERYBODYS = {
    # the law and what it stands on
    "alert", "cluster_plan", "hundred_percent", "off_peak_share", "place_mention", "season",
    # the map
    "grid_cell", "region", "road", "road_setting", "road_square", "station", "village",
    # vocabularies
    "heat_fuel", "site_kind", "trade", "zone_kind",
    # what the platform says of itself: its day, its versions, and of a rule's runs whether they failed
    "cell_placement", "data_version", "run_rule", "setting",
    # how cells stand, in numbers only: ranks compare
    "cell_statistic", "cell_statistic_run",
}  # fmt: skip
"""Tables that every reader may read whole; a new table is added here or kept to the area by a policy."""

NOBODYS = {
    "account", "audit_log", "change", "import_job", "login_attempt", "login_session", "login_step", "role_grant",
}  # fmt: skip
"""Tables of which a reader of an area may read nothing at all."""


def names(conn, query, values=None):
    with transaction(conn) as cursor:
        cursor.execute(query, values or [])
        return {record[0] for record in cursor.fetchall()}


def as_area(cursor, counties=(), cells=()):
    cursor.execute("SELECT set_config('gridmap.area_counties', %s, true)", [",".join(counties)])
    cursor.execute("SELECT set_config('gridmap.area_cells', %s, true)", [",".join(cells)])
    cursor.execute(f"SET LOCAL ROLE {AREA_ROLE}")


def test_every_table_is_kept_to_the_area_or_declared_everybodys(conn):
    kept = names(
        conn,
        "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'gridmap'::regnamespace AND c.relkind IN ('r', 'p') "
        "AND c.relrowsecurity",
    )
    every = names(
        conn,
        "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'gridmap'::regnamespace AND c.relkind IN ('r', 'p')",
    )
    readable = names(
        conn,
        "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'gridmap'::regnamespace AND c.relkind IN ('r', 'p') "
        "AND has_any_column_privilege(%s, c.oid, 'SELECT')",
        [AREA_ROLE],
    )
    assert every - kept - EVERYBODYS - NOBODYS == set()
    assert kept & (EVERYBODYS | NOBODYS) == set()
    assert every >= (EVERYBODYS | NOBODYS)
    assert NOBODYS & readable == set()


def test_every_kept_table_has_a_policy_for_each_role_of_readers(conn):
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT c.relname, array_agg(r.rolname ORDER BY r.rolname) AS roles "
            "FROM pg_class AS c JOIN pg_policy AS p ON p.polrelid = c.oid "
            "CROSS JOIN unnest(p.polroles) AS o (role) JOIN pg_roles AS r ON r.oid = o.role "
            "WHERE c.relnamespace = 'gridmap'::regnamespace AND c.relrowsecurity GROUP BY c.relname"
        )
        found = {row.relname: set(row.roles) for row in cursor.fetchall()}
    kept = names(
        conn,
        "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'gridmap'::regnamespace AND c.relrowsecurity",
    )
    assert {name for name in kept if found.get(name) != {AREA_ROLE, CITY_ROLE}} == set()


def test_roles_of_readers_are_members_of_nothing_own_nothing_and_bypass_nothing(conn):
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, "
            "EXISTS (SELECT FROM pg_auth_members AS m WHERE m.member = r.oid) AS is_member, "
            "EXISTS (SELECT FROM pg_class AS c WHERE c.relowner = r.oid) AS owns, "
            "EXISTS (SELECT FROM pg_proc AS p WHERE p.proowner = r.oid) AS owns_functions "
            "FROM pg_roles AS r WHERE r.rolname = ANY(%s)",
            [[CITY_ROLE, AREA_ROLE]],
        )
        found = cursor.fetchall()
    assert len(found) == 2
    for row in found:
        assert not any(row[1:]), row


def test_readers_may_create_nothing(conn):
    for role in (CITY_ROLE, AREA_ROLE):
        assert names(
            conn, "SELECT n.nspname FROM pg_namespace AS n WHERE has_schema_privilege(%s, n.oid, 'CREATE')", [role]
        ) <= {"pg_temp"}


def test_functions_that_act_as_the_owner_have_their_own_search_path(conn):
    assert (
        names(
            conn,
            "SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.pronamespace IN "
            "('gridmap'::regnamespace, 'snapshot'::regnamespace) AND p.prosecdef "
            "AND NOT coalesce(array_to_string(p.proconfig, ',') LIKE '%%search_path=%%', false)",
        )
        == set()
    )


@pytest.mark.parametrize("role", [CITY_ROLE, AREA_ROLE])
def test_a_reader_s_connection_compiles_nothing_and_waits_for_no_worker(database_url, role):
    conn = connect(database_url, role)
    try:
        with transaction(conn) as cursor:
            cursor.execute(
                "SELECT current_user, current_setting('jit') AS jit, "
                "current_setting('max_parallel_workers_per_gather') AS workers"
            )
            assert tuple(cursor.fetchone()) == (role, "off", "0")
    finally:
        conn.close()


def test_nobody_s_connection_sees_nothing_of_what_is_kept(city_url):
    """The demo city is full; a connection on which no area was set sees published law and stations' numbers at most."""
    conn = connect(city_url, AREA_ROLE)
    try:
        kept = names(
            conn,
            "SELECT DISTINCT c.relname FROM pg_class AS c JOIN pg_policy AS p ON p.polrelid = c.oid "
            "WHERE p.polname = 'area' AND c.relkind IN ('r', 'p')",
        )
        seen = {}
        with transaction(conn) as cursor:
            for name in sorted(kept):
                cursor.execute(f"SELECT count(*) FROM gridmap.{name}")
                number = cursor.fetchone()[0]
                if number:
                    seen[name] = number
            if "observation" in seen:
                cursor.execute("SELECT DISTINCT subject_kind FROM gridmap.observation")
                assert cursor.fetchall() == [("station",)]
            if "emergency_measure" in seen:
                cursor.execute("SELECT count(site_id) FROM gridmap.emergency_measure")
                assert cursor.fetchone()[0] == 0
        assert set(seen) <= {"observation", "emergency_measure"}
    finally:
        conn.close()


def test_the_numbers_of_a_run_are_the_city_s(conn):
    with transaction(conn) as cursor:
        as_area(cursor, ["410181"])
        cursor.execute("SELECT rule_id, status FROM gridmap.run_rule")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege), transaction(conn) as inner:
            inner.execute("SELECT breach FROM gridmap.run_rule")


def test_an_area_s_setting_ends_when_the_connection_asks_for_nobody(city_url):
    conn = connect(city_url, AREA_ROLE)
    try:
        ask_for(conn, Access(AREA_ROLE, counties=("410181",)))
        assert names(conn, "SELECT DISTINCT county_code FROM gridmap.site") == {"410181"}
        ask_for(conn, None)
        assert names(conn, "SELECT county_code FROM gridmap.site") == set()
    finally:
        conn.close()


DRAFT = """
INSERT INTO gridmap.zone (lineage, version, kind, name, county_code, issuer, document, in_force, boundary, source)
VALUES ('draft_' || %(county)s, 1, 'coal_free', '草案', %(county)s, '试', '试', '[2021-01-01,)',
    ST_GeomFromWKB(%(boundary)s, 4490), 'test')
RETURNING zone_id
"""


def test_a_draft_and_all_that_tells_of_it_is_its_county_s_own(conn):
    """Its units, edges and squares, the judgement of it, and what that judgement found in any county."""
    with transaction(conn) as cursor:
        for code in ("410181", "410182"):
            builders.add_region(cursor, code, "county", builders.box(0, 0, 10, 10))
        cursor.execute(DRAFT, {"county": "410181", "boundary": builders.multi(builders.box(1, 1, 2, 2))})
        zone_id = cursor.fetchone().zone_id
        cursor.execute(
            "INSERT INTO gridmap.zone_unit (zone_id, unit_code, side) VALUES (%s, '410181', 'in')", [zone_id]
        )
        cursor.execute(
            "INSERT INTO gridmap.run (kind, as_of, today, draft_zone_id, engine, software, data_version) "
            "VALUES ('report', '2020-10-15', '2020-10-15', %s, 'postgis', 'test', 0) RETURNING run_id",
            [zone_id],
        )
        run_id = cursor.fetchone().run_id
        cursor.execute(
            "INSERT INTO gridmap.run_finding (run_id, key, rule_id, county_code, feature_kind, feature_id, name, "
            "certainty, severity, facts) SELECT %s, md5(c), 'COAL-01', c, 'village', 'x', 'x', 'breach', 'high', '{}' "
            "FROM unnest(ARRAY['410181', '410182']) AS c",
            [run_id],
        )
    tables = ("zone", "zone_unit", "run", "run_finding")

    def seen(county):
        with transaction(conn) as cursor:
            cursor.execute("SAVEPOINT before")
            as_area(cursor, [county])
            numbers = []
            for table in tables:
                cursor.execute(f"SELECT count(*) FROM gridmap.{table}")
                numbers.append(cursor.fetchone()[0])
            cursor.execute("ROLLBACK TO SAVEPOINT before")
            return numbers

    assert seen("410181") == [1, 1, 1, 1]
    assert seen("410182") == [0, 0, 0, 0]


def test_a_finding_about_a_region_belongs_to_the_region_s_cell(city):
    """Not to the small cell in which the point happens to lie that stands for a county on the map."""
    with transaction(city) as cursor:
        cursor.execute(
            "SELECT DISTINCT f.feature_id, f.cell_code FROM gridmap.finding AS f "
            "WHERE f.feature_kind IN ('county', 'township') AND f.cell_code IS NOT NULL"
        )
        found = cursor.fetchall()
        assert found
        assert [row for row in found if row.feature_id != row.cell_code] == []
        cursor.execute(
            "SELECT count(*) FROM gridmap.finding AS f WHERE f.feature_kind = 'grid_cell' AND f.geom IS NOT NULL "
            "AND NOT EXISTS (SELECT FROM gridmap.grid_cell AS c WHERE c.cell_code = f.cell_code AND c.kind = 'responsibility')"
        )
        assert cursor.fetchone()[0] == 0
