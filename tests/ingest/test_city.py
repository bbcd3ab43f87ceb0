"""The demo city as loaded: what is in it, where it is placed, and what that is worth."""

from __future__ import annotations

import datetime as dt

from gridmap.db.session import Connection, today
from gridmap.ingest import city as loader


def ask(conn: Connection, statement: str) -> list[tuple[object, ...]]:
    with conn.cursor() as cursor:
        cursor.execute(statement)
        return [tuple(row) for row in cursor.fetchall()]


def one(conn: Connection, statement: str) -> object:
    return ask(conn, statement)[0][0]


def test_counts(city: Connection) -> None:
    assert ask(city, "SELECT level, count(*) FROM gridmap.region GROUP BY 1 ORDER BY 1") == [
        ("city", 1), ("county", 15), ("township", 208),
    ]  # fmt: skip
    assert one(city, "SELECT count(*) FROM gridmap.village") == 3328
    assert one(city, "SELECT count(*) FROM gridmap.power_plant") == 33
    assert one(city, "SELECT count(*) FROM gridmap.station WHERE NOT is_demo") == 9
    assert one(city, "SELECT count(*) FROM gridmap.site WHERE is_demo") == 1083


def test_it_stands_on_its_day_and_says_that_it_is_a_demo(city: Connection) -> None:
    assert today(city) == dt.date(2020, 10, 15)
    assert loader.is_loaded(city)


def test_outlines_are_not_made_up(city: Connection) -> None:
    without = ask(city, "SELECT code FROM gridmap.region WHERE level = 'county' AND geom IS NULL ORDER BY code")
    assert without == [("410171",), ("410172",), ("410173",)]
    assert one(city, "SELECT count(*) FROM gridmap.region WHERE level = 'township' AND geom IS NOT NULL") == 126
    assert one(city, "SELECT count(*) FROM gridmap.village WHERE territory IS NOT NULL") == 0


def test_every_village_lies_within_its_error_of_its_township(city: Connection) -> None:
    far = ask(
        city,
        """SELECT v.village_id FROM gridmap.village AS v
        JOIN gridmap.region AS r ON r.code = v.township_code
        WHERE ST_Distance(r.geom_m, v.geom_m) > v.position_error_m + r.position_error_m""",
    )
    assert far == []
    uncovered = ask(
        city,
        """SELECT v.village_id FROM gridmap.village AS v
        JOIN gridmap.region AS r
            ON r.code = CASE v.placed_by WHEN 'township' THEN v.township_code ELSE v.county_code END
        WHERE v.placed_by IN ('township', 'county')
            AND (ST_MaxDistance(r.geom_m, v.geom_m) + r.position_error_m > v.position_error_m + 1
                OR NOT ST_Intersects(r.geom_m, v.geom_m))""",
    )
    assert uncovered == []


def test_every_village_with_a_county_outline_is_shown_inside_it(city: Connection) -> None:
    outside = ask(
        city,
        """SELECT v.village_id FROM gridmap.village AS v JOIN gridmap.region AS r ON r.code = v.county_code
        WHERE ST_Distance(r.geom_m, v.geom_m) > CASE v.placed_by WHEN 'geocode' THEN v.position_error_m ELSE 0.1 END""",
    )
    assert outside == []


def test_villages_are_placed_as_well_as_the_data_allow(city: Connection) -> None:
    assert dict(ask(city, "SELECT placed_by, count(*) FROM gridmap.village WHERE NOT is_demo GROUP BY 1")) == {
        "geocode": 216, "township": 2117, "county": 705, "city": 268,
    }  # fmt: skip
    wrong = ask(
        city,
        """SELECT v.village_id FROM gridmap.village AS v JOIN gridmap.region AS r ON r.code = v.township_code
        WHERE v.placed_by IN ('county', 'city') AND r.geom IS NOT NULL""",
    )
    assert wrong == []


def test_symbols_do_not_sit_on_one_another(city: Connection) -> None:
    crowded = ask(
        city,
        """SELECT a.village_id, b.village_id FROM gridmap.village AS a
        JOIN gridmap.village AS b ON b.township_code = a.township_code AND b.village_id > a.village_id
            AND ST_DWithin(a.geom_m, b.geom_m, 30)
        WHERE a.placed_by <> 'geocode' AND b.placed_by <> 'geocode'""",
    )
    assert crowded == []


def test_what_documents_say_of_villages(city: Connection) -> None:
    planned = ask(city, "SELECT village_id FROM gridmap.village WHERE programme = 'planned' AND NOT is_demo ORDER BY 1")
    assert [str(code) for (code,) in planned] == [
        "410122104212", "410122104217", "410181110201", "410181110216", "410181112205", "410181112216",
    ]  # fmt: skip
    declared = ask(
        city,
        """SELECT left(village_id, 9), count(*) FROM gridmap.village
        WHERE terrain_declared = 'plain' AND NOT is_demo GROUP BY 1""",
    )
    assert declared == [("410181113", 21)]
    assert one(city, "SELECT count(*) FROM gridmap.village WHERE wholly_substituted") == 0


def test_terrain_is_told_with_its_resolution(city: Connection) -> None:
    found = dict(ask(city, "SELECT terrain_derived, count(*) FROM gridmap.village WHERE NOT is_demo GROUP BY 1"))
    assert set(found) == {"plain", "not_plain", "unknown"}
    spacing = "SELECT DISTINCT terrain_resolution_m BETWEEN 1900 AND 2100 FROM gridmap.village WHERE NOT is_demo"
    assert ask(city, spacing) == [(True,)]


def test_invented_villages_are_marked_and_have_codes_of_their_own(city: Connection) -> None:
    invented = ask(city, "SELECT village_id, name, note FROM gridmap.village WHERE is_demo")
    assert len(invented) == 22
    assert all(str(code)[9] == "9" and "演示" in f"{name}" and "虚构" in f"{note}" for code, name, note in invented)


def test_squares_are_whole_and_agree_with_their_code(city: Connection) -> None:
    assert (
        one(
            city,
            """SELECT count(*) FROM gridmap.grid_cell AS c
        WHERE c.kind = 'square' AND (
            abs(ST_Area(c.geom_m) - 1000000) > 1
            OR c.cell_key <> gridmap.cell_key_m(ST_X(ST_Centroid(c.geom_m)), ST_Y(ST_Centroid(c.geom_m)))
            OR c.cell_code <> 'E' || c.cell_key / 100000 || 'N' || c.cell_key % 100000)""",
        )
        == 0
    )
    assert (
        one(
            city,
            """SELECT ST_Area(ST_Difference(r.geom_m, s.geom_m)) < 1
        FROM gridmap.region AS r,
            (SELECT ST_Union(c.geom_m) AS geom_m FROM gridmap.grid_cell AS c WHERE c.kind = 'square') AS s
        WHERE r.level = 'city'""",
        )
        is True
    )


def test_responsibility_cells_are_a_partition_under_their_parents(fresh_city: Connection) -> None:
    cells = ask(
        fresh_city, "SELECT level, count(*) FROM gridmap.grid_cell WHERE kind = 'responsibility' GROUP BY 1 ORDER BY 1"
    )
    assert cells == [("county", 14), ("township", 160), ("unit", 6)]
    odd = ask(
        fresh_city,
        """SELECT p.cell_code FROM gridmap.grid_cell AS p
        JOIN (SELECT parent_code, ST_Union(geom) AS geom, sum(ST_Area(geom_m)) AS area
              FROM gridmap.grid_cell WHERE level = 'township' GROUP BY 1) AS c ON c.parent_code = p.cell_code
        WHERE p.level = 'county'
            AND (abs(ST_Area(p.geom_m) - c.area) > 1000 OR ST_Area(ST_SymDifference(p.geom, c.geom)) > 1e-9)""",
    )
    assert odd == []
    missing = ask(
        fresh_city,
        """SELECT count(*) FROM gridmap.grid_cell AS c
        CROSS JOIN unnest(ARRAY['chief', 'officer', 'patroller', 'supervisor']) AS r (role)
        WHERE c.kind = 'responsibility' AND NOT EXISTS (
            SELECT FROM gridmap.duty AS d WHERE d.cell_code = c.cell_code AND d.role = r.role)""",
    )
    assert missing == [(5,)]


def test_zones_say_that_they_are_sketches(city: Connection) -> None:
    drawn = ask(
        city,
        "SELECT lineage FROM gridmap.zone WHERE boundary IS NOT NULL AND NOT (is_sketch AND position_error_m >= 800)",
    )
    assert drawn == []
    assert one(city, "SELECT count(*) FROM gridmap.zone WHERE note IS NULL OR status <> 'published'") == 0
    by_name = ask(
        city,
        """SELECT u.unit_code FROM gridmap.zone_unit AS u JOIN gridmap.zone AS z USING (zone_id)
        WHERE z.lineage = 'coal_free_410181' AND u.side = 'out' AND u.by_name_only ORDER BY 1""",
    )
    assert [code for (code,) in by_name] == ["410181110201", "410181110216", "410181112205", "410181112216"]


def test_demo_sites_say_that_they_are_and_real_plants_are_not_mixed_in(city: Connection) -> None:
    mixed = ask(
        city,
        """SELECT site_id FROM gridmap.site
        WHERE is_demo <> (name LIKE '演示%') OR credit_code IS NOT NULL OR is_demo = (kind = 'power_plant')
            OR (kind = 'power_plant' AND reported_region_code IS NOT NULL)""",
    )
    assert mixed == []
    assert one(city, "SELECT count(*) > 100 FROM gridmap.site WHERE county_code = '410102'") is True
    outside = one(city, "SELECT count(*) FROM gridmap.site WHERE is_demo AND county_code NOT LIKE '4101%'")
    assert outside == 0


def test_every_code_is_text(city: Connection) -> None:
    columns = ask(
        city,
        """SELECT DISTINCT data_type FROM information_schema.columns
        WHERE table_schema = 'gridmap' AND (column_name ~ 'code$' OR column_name = 'village_id')""",
    )
    assert columns == [("text",)]
