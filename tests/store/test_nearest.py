"""The nearest sites: geodesic metres, nothing missed, whoever asks."""

import math
import random

import psycopg2.extras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Proj, Transformer

from gridmap.db.session import AREA_ROLE, transaction
from gridmap.errors import UserError
from gridmap.geo import ENVELOPE
from gridmap.store.nearest import EVERY, MOST, SLACK, STRETCH, SiteFilter, bearing_deg, list_nearest
from tests.builders import add_site

GEOD = Geod(a=6378137.0, rf=298.257222101)
WEST, SOUTH, EAST, NORTH = ENVELOPE
HERE = (113.5, 34.6)
LON = st.floats(112.7, 114.2)
LAT = st.floats(34.3, 34.98)


def fill(conn, places, county="410181"):
    """Insert sites at longitudes and latitudes; ids s0, s1 … in their order. No county there may be without cells."""
    with transaction(conn) as cursor:
        cursor.execute("ALTER TABLE gridmap.site DISABLE TRIGGER USER")
        psycopg2.extras.execute_values(
            cursor,
            "INSERT INTO gridmap.site (site_id, kind, name, county_code, geom, position_error_m, placed_by, source) "
            "VALUES %s",
            [
                (f"s{i}", ("machine", "enterprise")[i % 2], f"x{i}", county, lon, lat)
                for i, (lon, lat) in enumerate(places)
            ],
            "(%s, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4490), 0, 'x', 'x')",
        )


def become_inspector(conn, county):
    with transaction(conn) as cursor:
        cursor.execute("SELECT set_config('gridmap.area_counties', %s, true)", [county])
        cursor.execute(f"SET LOCAL ROLE {AREA_ROLE}")


def scattered(number, seed=1):
    chance = random.Random(seed)
    # more near the middle than at the edge, as in a city
    return [(HERE[0] + chance.gauss(0, 0.05), HERE[1] + chance.gauss(0, 0.04)) for _ in range(number)]


def truth(places, here, radius_m, limit):
    far = sorted((GEOD.inv(*here, *place)[2], f"s{i}") for i, place in enumerate(places))
    return [(site_id, metres) for metres, site_id in far if metres <= radius_m][:limit]


@given(st.lists(st.tuples(LON, LAT), min_size=2, max_size=2))
def test_a_planar_distance_is_never_shorter_than_the_geodesic_and_little_longer(ends):
    (lon, lat), (x, y) = ends
    # as far apart as may be asked, in a direction of chance
    angle = math.atan2(y - lat, x - lon) * 180 / math.pi
    there = GEOD.fwd(lon, lat, angle, 10_000)[:2]
    assert 1 - 1e-7 <= planar((lon, lat), there) / 10_000 <= STRETCH


def planar(here, there):
    to_metres = Transformer.from_crs(4490, 4547, always_xy=True)
    return math.dist(to_metres.transform(*here), to_metres.transform(*there))


def test_the_stretch_holds_in_the_corners_of_the_envelope():
    projection = Proj("EPSG:4547")
    for lon in (WEST, 112.5, 114.0, EAST):
        for lat in (SOUTH, 34.7, NORTH):
            scale = projection.get_factors(lon, lat).meridional_scale
            assert 1 - 1e-9 <= scale < STRETCH


@pytest.mark.parametrize("is_inspector", [False, True])
@pytest.mark.parametrize(("radius_m", "limit"), [(10_000.0, 50), (700.0, 500), (3000.0, 1)])
def test_every_distance_is_the_geodesic_and_none_is_missed(conn, is_inspector, radius_m, limit):
    places = scattered(3000)
    fill(conn, places)
    if is_inspector:
        become_inspector(conn, "410181")
    chance = random.Random(7)
    for _ in range(8):
        here = (HERE[0] + chance.gauss(0, 0.06), HERE[1] + chance.gauss(0, 0.05))
        found = list_nearest(conn, here, radius_m=radius_m, limit=limit)
        expected = truth(places, here, radius_m, limit)
        assert [site.site_id for site in found] == [site_id for site_id, _ in expected]
        assert all(abs(site.distance_m - metres) < 0.001 for site, (_, metres) in zip(found, expected, strict=True))


@settings(max_examples=25)
@given(lon=LON, lat=LAT, seed=st.integers(0, 1000))
def test_any_position_has_distances_within_a_metre_of_pyproj(database_url, lon, lat, seed):
    """At the sixth decimal, anywhere in the city: the issue asks for a metre, we hold a millimetre."""
    from gridmap.db.session import connect

    chance = random.Random(seed)
    places = [(lon + chance.uniform(-0.1, 0.1), lat + chance.uniform(-0.08, 0.08)) for _ in range(30)]
    conn = connect(database_url)
    try:
        conn.cursor().execute("SELECT 1")  # opens the transaction that is rolled back
        fill(conn, places)
        found = list_nearest(conn, (lon, lat), limit=30)
        assert [site.site_id for site in found] == [site_id for site_id, _ in truth(places, (lon, lat), 10_000, 30)]
        for site in found:
            azimuth, _, metres = GEOD.inv(lon, lat, site.lon, site.lat)
            assert abs(site.distance_m - metres) < 0.001
            turn = abs(bearing_deg((lon, lat), (site.lon, site.lat)) - azimuth) % 360
            assert min(turn, 360 - turn) < 0.5
    finally:
        conn.rollback()
        conn.close()


@pytest.mark.parametrize("is_inspector", [False, True])
def test_of_many_at_one_place_the_first_by_id_are_told(conn, is_inspector):
    fill(conn, [(113.5, 34.6)] * (SLACK * 8))
    if is_inspector:
        become_inspector(conn, "410181")
    found = [site.site_id for site in list_nearest(conn, (113.51, 34.6), limit=3)]
    assert found == sorted(f"s{i}" for i in range(SLACK * 8))[:3]


def test_an_inspector_is_told_of_his_county_alone(conn):
    fill(conn, [(113.5, 34.6), (113.501, 34.6)])
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.site SET county_code = '410182' WHERE site_id = 's0'")
    assert [site.site_id for site in list_nearest(conn, HERE)] == ["s0", "s1"]
    become_inspector(conn, "410181")
    assert [site.site_id for site in list_nearest(conn, HERE)] == ["s1"]


def test_what_has_closed_or_not_opened_is_not_there(conn):
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15'")
        add_site(cursor, "open", (10, 10), opened_on="2020-10-15")
        add_site(cursor, "closed", (10, 10), closed_on="2020-10-15")
        add_site(cursor, "coming", (10, 10), opened_on="2020-10-16")
        cursor.execute("SELECT ST_X(geom), ST_Y(geom) FROM gridmap.site WHERE site_id = 'open'")
        here = tuple(cursor.fetchone())
    assert [site.site_id for site in list_nearest(conn, here)] == ["open"]


def test_filters_ask_what_they_say(city):
    here = (113.02, 34.75)
    every = {site.site_id: site for site in list_nearest(city, here, limit=MOST)}

    def asked(**wanted):
        return [site.site_id for site in list_nearest(city, here, SiteFilter(**wanted), limit=MOST)]

    with transaction(city) as cursor:
        cursor.execute(
            "SELECT f.feature_id, f.rule_id, f.severity, f.status FROM gridmap.finding AS f WHERE f.feature_kind = 'site'"
        )
        findings = [tuple(row) for row in cursor.fetchall() if row.feature_id in every]
        cursor.execute(
            "SELECT i.site_id FROM gridmap.inspection AS i WHERE i.inspected_on > gridmap.today() - 30 "
            "AND i.inspected_on <= gridmap.today()"
        )
        visited = {row.site_id for row in cursor.fetchall()} & set(every)
    assert visited
    assert set(asked(kinds=("vehicle",))) == {key for key, site in every.items() if site.kind == "vehicle"} != set()
    rule = findings[0][1]
    assert set(asked(rules=(rule,))) == {f[0] for f in findings if f[1] == rule and f[3] == "open"} != set()
    assert set(asked(severities=("high",))) == {f[0] for f in findings if f[2] == "high" and f[3] == "open"} != set()
    assert set(asked(unvisited_days=30)) == set(every) - visited
    # one and the same finding fits all that is asked of findings
    both = {f[0] for f in findings if f[1] == rule and f[2] == "low" and f[3] == "open"}
    assert set(asked(rules=(rule,), severities=("low",))) == both
    assert asked(statuses=("accepted",)) == []


@pytest.mark.parametrize("days", [4, 5])
def test_any_visit_counts_up_to_the_day(conn, days):
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15'")
        add_site(cursor, "s", (10, 10))
        cursor.execute(
            "INSERT INTO gridmap.inspection (inspection_id, site_id, inspected_on, post) "
            "VALUES ('i', 's', '2020-10-11', '检查岗')"
        )
        cursor.execute("SELECT ST_X(geom), ST_Y(geom) FROM gridmap.site")
        here = tuple(cursor.fetchone())
    assert len(list_nearest(conn, here, SiteFilter(unvisited_days=days))) == (days == 4)


@pytest.mark.parametrize(
    ("here", "said"),
    [
        ((34.6, 113.5), "swapped"),
        ((116.4, 39.9), "outside the city"),
        ((math.nan, 34.6), "outside"),
        ((math.inf, 34), "outside"),
    ],
)
def test_a_position_elsewhere_is_a_mistake(conn, here, said):
    with pytest.raises(UserError, match=said):
        list_nearest(conn, here)


@pytest.mark.parametrize("limit", [0, MOST + 1])
def test_a_number_has_limits(conn, limit):
    with pytest.raises(UserError, match="expected 1 to"):
        list_nearest(conn, HERE, limit=limit)


def test_nobody_near_is_an_empty_list(conn):
    assert list_nearest(conn, HERE, EVERY) == []
