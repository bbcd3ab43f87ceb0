"""What a visit's urgency is made of, from the rows of the database."""

import datetime as dt

import pytest

from gridmap.db.session import transaction
from gridmap.domain.urgency import Facts, Weights
from gridmap.errors import UserError
from gridmap.inspecting.near import Asked, near
from tests.builders import add_site


@pytest.fixture
def here(conn):
    """Two sites, one with all that makes a visit urgent; return a position at both."""
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15'")
        add_site(cursor, "calm", (10, 10))
        add_site(cursor, "urgent", (10, 10.2))
        cursor.execute(
            "INSERT INTO gridmap.run (kind, as_of, today, engine, software, data_version) "
            "VALUES ('living', '2020-10-15', '2020-10-15', 'postgis', 'x', 1) RETURNING run_id"
        )
        run_id = cursor.fetchone().run_id
        for key, certainty, severity, reopened in (("a", "breach", "medium", 2), ("b", "report", "high", 0)):
            cursor.execute(
                "INSERT INTO gridmap.finding (key, rule_id, county_code, feature_kind, feature_id, name, certainty, "
                "severity, status, facts, geom, opened_on, last_seen_on, reopened_count, first_run_id, last_run_id) "
                "SELECT %s, 'X-01', '410181', 'site', s.site_id, s.name, %s, %s, 'open', '{}', s.geom, '2020-10-01', "
                "'2020-10-15', %s, %s, %s FROM gridmap.site AS s WHERE s.site_id = 'urgent'",
                [key * 32, certainty, severity, reopened, run_id, run_id],
            )
        cursor.execute(
            "INSERT INTO gridmap.inspection (inspection_id, site_id, inspected_on, post) VALUES "
            "('i1', 'urgent', '2020-09-15', '检查岗'), ('i2', 'urgent', '2020-10-16', '检查岗'), "
            "('i3', 'calm', '2020-10-15', '检查岗')"
        )
        cursor.execute(
            "INSERT INTO gridmap.case_file (case_id, county_code, site_id, source, title, filed_on, due_on, closed_on) "
            "VALUES ('c1', '410181', 'urgent', 'finding', 'x', '2020-09-01', '2020-10-12', NULL), "
            "('c2', '410181', 'urgent', 'finding', 'x', '2020-09-01', '2020-09-10', '2020-09-09')"
        )
        cursor.execute("SELECT ST_X(geom), ST_Y(geom) FROM gridmap.site WHERE site_id = 'calm'")
        return tuple(cursor.fetchone())


def test_facts_are_those_of_today(conn, here):
    by_id = {one.site.site_id: one for one in near(conn, Asked(*here)).sites}
    assert by_id["urgent"].facts == Facts(
        breaches=1, unsure=1, worst="medium", worst_unsure="high", days_left=-3, days_since_visit=30, reopened=2
    )
    assert by_id["urgent"].record.last_visit_on == dt.date(2020, 9, 15)
    assert by_id["urgent"].record.last_visit_kind == "inspected"
    assert by_id["calm"].facts == Facts(days_since_visit=0)


def test_the_calm_site_is_nearer_and_the_other_more_urgent(conn, here):
    assert [one.site.site_id for one in near(conn, Asked(*here)).sites] == ["calm", "urgent"]
    found = near(conn, Asked(*here, rank="urgency"))
    assert [(one.rank, one.site.site_id) for one in found.sites] == [(1, "urgent"), (2, "calm")]
    nothing = Weights(0, 0, 0, 0, 0)
    assert near(conn, Asked(*here, rank="urgency", weights=nothing)).sites[0].site.site_id == "calm"


def test_urgency_looks_at_more_than_it_lists(conn, here):
    found = near(conn, Asked(*here, rank="urgency", nearest=1))
    assert [one.site.site_id for one in found.sites] == ["urgent"]
    assert (found.looked_at, found.is_cut) == (2, False)
    assert near(conn, Asked(*here, nearest=1)).is_cut


def test_whoever_is_lost_beyond_the_widest_radius_is_told(conn, here):
    assert near(conn, Asked(*here, accuracy_m=3000)).is_vague
    for error_m in (-1, 10_001, float("nan")):
        with pytest.raises(UserError, match="off by"):
            near(conn, Asked(*here, accuracy_m=error_m))
