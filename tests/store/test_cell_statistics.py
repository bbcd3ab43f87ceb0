"""Numbers of the cells: equal to a recount by another way, and a small world counted by hand."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

import pytest
import shapely

from gridmap.db.session import Connection, snapshot, transaction
from gridmap.rules import catalogue, engine, incremental
from gridmap.store import cell_numbers, cell_statistics
from gridmap.store.findings import FindingFilter, list_findings
from tests import builders

DAY = dt.date(2020, 10, 15)
CITY = "410100"


def numbers(conn: Connection, day: dt.date = DAY) -> dict[str, dict[str, int]]:
    with transaction(conn) as cursor:
        cursor.execute("SELECT DISTINCT cell_code FROM gridmap.cell_statistic WHERE day = %s", [day])
        codes = [code for (code,) in cursor.fetchall()]
    return cell_numbers.get_numbers(conn, codes, day)


def recount(conn: Connection) -> dict[str, Counter[str]]:
    """Count findings cell by cell in Python, climbing from each one's cell to the city."""
    themes = {rule.id: rule.theme for rule in catalogue.load().rules}
    with snapshot(conn) as cursor:
        cursor.execute("SELECT cell_code, parent_code FROM grid_cell WHERE kind = 'responsibility'")
        parents = dict(cursor.fetchall())
        cursor.execute("SELECT key, cell_code FROM gridmap.finding")
        own = dict(cursor.fetchall())
        cursor.execute("SELECT square_code, cell_code FROM gridmap.road_square")
        squares = dict(cursor.fetchall())
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for found in list_findings(conn, FindingFilter(statuses=("open",))):
        cell = None if found.feature_kind in ("county", "case_file") else own[found.key]
        cell = squares.get(found.feature_id, cell) if found.feature_kind == "grid_cell" else cell
        cell = cell if cell in parents else found.county_code if found.county_code in parents else None
        measures = [found.certainty]
        if found.certainty == "breach":
            measures += [f"breach_{found.severity}", f"breach:{themes[found.rule_id]}", "new_7d"]
            measures += ["breach_site"] if found.feature_kind == "site" else []
        counted[CITY].update(measures)
        while cell is not None:
            counted[cell].update(measures)
            cell = parents[cell]
    return counted


def test_the_numbers_equal_a_recount(fresh_city: Connection) -> None:
    counted = recount(fresh_city)
    written = numbers(fresh_city)
    assert counted[CITY]["breach"] > 500
    for code, values in written.items():
        kept = {name: value for name, value in values.items() if name in counted[CITY] and name != "cell"}
        assert kept == dict(counted[code]), code
    assert set(counted) <= set(written)


def test_a_parent_includes_what_lies_below(city: Connection) -> None:
    written = numbers(city)
    counties = [written[cell.code] for cell in cell_numbers.list_counties(city, CITY)]
    townships = [written[c.code] for c in cell_numbers.list_below(city, "410181")]
    for measure in ("site", "site_visited_30d", "road_square", "cell"):
        assert sum(each.get(measure, 0) for each in counties) <= written[CITY][measure]
    assert written["410181"]["cell"] == 1 + sum(each["cell"] for each in townships)
    assert written[CITY]["duty_role"] == sum(each["duty_role"] for each in counties)


def test_sites_visits_and_patrols_equal_a_recount(city: Connection) -> None:
    with snapshot(city) as cursor:
        cursor.execute("SELECT site_id FROM site_all")
        sites = {site_id for (site_id,) in cursor.fetchall()}
        cursor.execute("SELECT site_id, inspected_on FROM inspection")
        visited = {site_id for site_id, day in cursor.fetchall() if DAY - dt.timedelta(days=30) < day <= DAY}
        cursor.execute("SELECT DISTINCT cell_key FROM road_cell")
        roads = {key for (key,) in cursor.fetchall()}
        cursor.execute("SELECT cell_key, patrolled_on FROM patrol WHERE kind = 'road'")
        patrolled = {key for key, day in cursor.fetchall() if DAY - dt.timedelta(days=7) < day <= DAY}
    written = numbers(city)[CITY]
    assert written["site"] == len(sites)
    assert written["site_visited_30d"] == len(sites & visited)
    assert written["road_square"] == len(roads)
    assert written["road_square_patrolled_7d"] == len(roads & patrolled)
    grid_04 = list_findings(city, FindingFilter(rules=("GRID-04",)))
    assert written["road_square"] - written["road_square_patrolled_7d"] == sum(
        f.part == "" for f in grid_04 if f.feature_kind == "grid_cell"
    )


@pytest.fixture
def world(conn: Connection) -> Connection:
    """Return a database with a county, its cell, two township cells and sites of which one lies outside all."""
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = %s", [DAY])
        builders.add_region(cursor, "410181", "county", builders.box(0, 0, 10, 10))
        for code, level, parent, box in (
            ("410181", "county", None, builders.box(0, 0, 8, 10)),
            ("410181101", "township", "410181", builders.box(0, 0, 4, 10)),
            ("410181102", "township", "410181", builders.box(4, 0, 8, 10)),
        ):
            cursor.execute(
                "INSERT INTO gridmap.grid_cell (cell_code, kind, level, name, parent_code, county_code, geom, "
                "position_error_m, source) VALUES (%s, 'responsibility', %s, %s, %s, '410181', "
                "ST_GeomFromWKB(%s, 4490), 0, 'test')",
                [code, level, f"格{code}", parent, builders.multi(box)],
            )
        for name, at in (("west", (1, 1)), ("east", (6, 1)), ("outside", (9, 1))):
            builders.add_site(cursor, name, at)
        cursor.execute(
            "INSERT INTO gridmap.duty (cell_code, role, post, in_force) VALUES ('410181101', 'chief', '岗', '(,)')"
        )
    return conn


def write(conn: Connection, day: dt.date = DAY) -> dict[str, dict[str, int]]:
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = %s", [day])
        cell_statistics.write(cursor, day, {"R-1": "coal"})
    return numbers(conn, day)


def add_finding(conn: Connection, key: str, site: str, **more: object) -> None:
    values = {
        "key": key * 32, "rule_id": "R-1", "county_code": "410181", "feature_kind": "site", "feature_id": site,
        "name": site, "certainty": "breach", "severity": "high", "status": "open", "facts": "{}", "opened_on": DAY,
        "last_seen_on": DAY, **more,
    }  # fmt: skip
    with transaction(conn) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.run (kind, as_of, today, engine, software, data_version) "
            "VALUES ('living', %s, %s, 'test', 'test', 0) RETURNING run_id",
            [DAY, DAY],
        )
        run_id = cursor.fetchone()[0]
        columns, marks = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        cursor.execute(
            f"INSERT INTO gridmap.finding ({columns}, first_run_id, last_run_id) VALUES ({marks}, %(run)s, %(run)s)",
            {**values, "run": run_id},
        )


def test_what_lies_in_no_cell_counts_for_the_county_that_answers(world: Connection) -> None:
    written = write(world)
    assert written["410181101"]["site"] == written["410181102"]["site"] == 1
    assert written["410181"]["site"] == written[CITY]["site"] == 3
    assert written["410181101"]["duty_role"] == written[CITY]["duty_role"] == 1


def test_only_a_breach_is_ranked_and_each_counts_once(world: Connection) -> None:
    add_finding(world, "a", "west")
    add_finding(world, "b", "east", certainty="report")
    add_finding(world, "c", "outside")
    add_finding(world, "d", "410181", feature_kind="county")
    written = write(world)
    assert {code: values.get("breach", 0) for code, values in written.items()} == {
        "410181101": 1, "410181102": 0, "410181": 3, CITY: 3,
    }  # fmt: skip
    assert written["410181102"]["report"] == 1
    assert written[CITY]["breach:coal"] == 3
    assert written[CITY]["breach_site"] == 2


def test_the_last_seven_days_are_told_apart(world: Connection) -> None:
    week = dt.timedelta(days=7)
    add_finding(world, "a", "west", opened_on=DAY - week)
    add_finding(world, "b", "west", opened_on=DAY - week + dt.timedelta(days=1))
    gone = {"status": "gone", "gone_reason": "cured"}
    add_finding(world, "c", "west", opened_on=DAY - 3 * week, gone_on=DAY - week, **gone)
    add_finding(world, "d", "west", opened_on=DAY - 3 * week, gone_on=DAY, **gone)
    add_finding(world, "e", "east", opened_on=DAY - 3 * week)
    with transaction(world) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.finding_event (key, event, reason, on_day) VALUES (%s, 'reopened', 'resurgence', %s)",
            ["e" * 32, DAY],
        )
    west = write(world)["410181101"]
    assert (west["new_7d"], west["gone_7d"]) == (1, 1)
    east = numbers(world)["410181102"]
    assert (east["reopened_7d"], east["resurgence_7d"], east.get("new_7d", 0)) == (1, 1, 0)


def test_each_day_keeps_its_own_numbers_and_is_written_anew(world: Connection) -> None:
    add_finding(world, "a", "west")
    write(world)
    add_finding(world, "b", "west")
    assert write(world)["410181101"]["breach"] == 2
    later = DAY + dt.timedelta(days=7)
    add_finding(world, "c", "west")
    assert write(world, later)["410181101"]["breach"] == 3
    assert numbers(world)["410181101"]["breach"] == 2
    assert cell_numbers.list_trend(world, "410181101", "breach", later) == [(DAY, 2), (later, 3)]
    assert cell_numbers.find_day(world, DAY, later - dt.timedelta(days=1)) == DAY


def test_a_square_is_counted_where_its_middle_lies_also_after_the_grid_changed(world: Connection) -> None:
    with transaction(world) as cursor:
        key = (461 * 100_000) + 3841
        cursor.execute(
            "INSERT INTO gridmap.grid_cell (cell_code, kind, level, name, county_code, cell_key, geom, position_error_m, "
            "source) VALUES ('E461N3841', 'square', 'km', '方格', '410181', %s, ST_GeomFromWKB(%s, 4490), 0, 'test')",
            [key, builders.multi(builders.box(1, 1, 2, 2))],
        )
        line = builders.degrees(shapely.MultiLineString([[(1.2, 1.5), (1.8, 1.5)]]))
        cursor.execute(
            "INSERT INTO gridmap.road (road_id, name, class, county_code, geom, position_error_m, source) "
            "VALUES ('r', '路', 'main', '410181', ST_GeomFromWKB(%s, 4490), 0, 'test')",
            [shapely.to_wkb(line)],
        )
    assert write(world)["410181101"]["road_square"] == 1
    with transaction(world) as cursor:
        cursor.execute("UPDATE gridmap.grid_cell SET in_force = '(,2020-01-01)' WHERE cell_code = '410181101'")
    written = write(world)
    assert "410181101" not in written
    assert written["410181"]["road_square"] == 1


def test_an_audit_writes_the_numbers_and_a_report_of_another_day_does_not(world: Connection) -> None:
    engine.audit(world, as_of=dt.date(2020, 1, 1))
    assert cell_numbers.find_day(world, dt.date(2019, 1, 1), DAY) is None
    engine.audit(world)
    assert numbers(world)[CITY]["cell"] == 3


def test_every_reader_sees_the_numbers_and_nobody_writes_them(city: Connection) -> None:
    for role in ("gridmap_city", "gridmap_area"):
        with transaction(city) as cursor:
            cursor.execute(
                "SELECT has_table_privilege(%(r)s, 'gridmap.cell_statistic', 'SELECT') AS reads, "
                "has_table_privilege(%(r)s, 'gridmap.cell_statistic', 'INSERT, UPDATE, DELETE') AS writes",
                {"r": role},
            )
            assert tuple(cursor.fetchone()) == (True, False)


def test_after_a_small_run_whoever_asks_first_has_the_numbers_written(city: Connection) -> None:
    themes = {rule.id: rule.theme for rule in catalogue.load().rules}
    with transaction(city) as cursor:
        engine.ensure_statistics(city)
        assert not cell_statistics.ensure(cursor, DAY, themes)
        before = numbers(city)[CITY]["breach"]
        cursor.execute(
            "DELETE FROM gridmap.site WHERE site_id = (SELECT feature_id FROM gridmap.finding "
            "WHERE feature_kind = 'site' AND certainty = 'breach' AND rule_id = 'NRMM-01' ORDER BY key LIMIT 1)"
        )
    assert incremental.rejudge(city) is not None
    assert numbers(city)[CITY]["breach"] == before
    engine.ensure_statistics(city)
    assert numbers(city)[CITY]["breach"] < before
    assert numbers(city)[CITY]["breach"] == recount(city)[CITY]["breach"]
