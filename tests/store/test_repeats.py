"""What is repeated at a site: hand-overs of open cases, resurgence, failed inspections, day by day, reader by reader."""

import datetime as dt

import pytest

from gridmap.db.session import AREA_ROLE, today, transaction
from gridmap.domain.repeat import WINDOW_DAYS, Repeat
from gridmap.errors import NotFoundError
from gridmap.inspecting.site_file import read_record, site_file
from gridmap.store.findings import FindingFilter, list_findings
from gridmap.store.repeats import list_standing_out, repeats_of
from gridmap.store.site_record import records_of
from gridmap.store.sites import Version, get_site
from tests.builders import add_site


@pytest.fixture
def world(conn):
    with transaction(conn) as cursor:
        cursor.execute("ALTER TABLE gridmap.site DISABLE TRIGGER USER")
        for name in ("handed", "resurged", "failed", "plain"):
            add_site(cursor, name, (1, 1), kind="enterprise", county="410181")
        add_site(cursor, "other", (1, 1), kind="enterprise", county="410185")
        cursor.execute(
            "INSERT INTO gridmap.run (kind, as_of, today, engine, software, data_version, status) VALUES "
            "('living', gridmap.today(), gridmap.today(), 'test', 'test', 0, 'complete') RETURNING run_id"
        )
        run = cursor.fetchone()[0]
    return conn, run, today(conn)


def hand_over(conn, site, *days, closed=None, county="410181"):
    with transaction(conn) as cursor:
        case = f"c-{site}-{days[0]}"
        cursor.execute(
            "INSERT INTO gridmap.case_file (case_id, county_code, site_id, source, title, filed_on, closed_on) "
            "VALUES (%s, %s, %s, 'hand_over', '试', %s, %s)",
            [case, county, site, min(days), closed],
        )
        for day in days:
            cursor.execute(
                "INSERT INTO gridmap.case_handover (case_id, handed_on, from_office, to_office) VALUES (%s, %s, '市', '县')",
                [case, day],
            )


def find(conn, run, site, *events, rule="DUST-01", status="open"):
    with transaction(conn) as cursor:
        back = sum(reason == "resurgence" for _event, reason, _day in events)
        gone = ("cured", events[-1][2]) if status == "gone" else (None, None)
        key = "0" * 24 + format(abs(hash((site, rule))) % 16**8, "08x")
        cursor.execute(
            "INSERT INTO gridmap.finding (key, rule_id, county_code, feature_kind, feature_id, name, certainty, severity, "
            "status, gone_reason, gone_on, facts, opened_on, last_seen_on, first_run_id, last_run_id, resurgence_count) "
            "VALUES (%s, %s, '410181', 'site', %s, %s, 'breach', 'high', %s, %s, %s, '{}', %s, %s, %s, %s, %s)",
            [key, rule, site, site, status, *gone, events[0][2], events[-1][2], run, run, back],
        )
        for event, reason, day in events:
            cursor.execute(
                "INSERT INTO gridmap.finding_event (key, event, reason, on_day) VALUES (%s, %s, %s, %s)",
                [key, event, reason, day],
            )


def inspect(conn, site, day, *unmet):
    with transaction(conn) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.inspection (inspection_id, site_id, inspected_on, post) VALUES (%s, %s, %s, '检查岗')",
            [f"i-{site}-{day}", site, day],
        )
        for measure in ("fence", "cover"):
            cursor.execute(
                "INSERT INTO gridmap.inspection_measure (inspection_id, measure, is_met) VALUES (%s, %s, %s)",
                [f"i-{site}-{day}", measure, measure not in unmet],
            )


def ago(day, days):
    return day - dt.timedelta(days=days)


def test_hand_overs_count_while_the_case_is_open_and_within_the_window(world):
    conn, _run, day = world
    hand_over(conn, "handed", ago(day, 1), ago(day, 20), ago(day, WINDOW_DAYS - 1), ago(day, WINDOW_DAYS))
    hand_over(conn, "plain", ago(day, 2), ago(day, 3), ago(day, 4), closed=ago(day, 1))
    hand_over(conn, "handed", day + dt.timedelta(days=3))  # of the future: not yet
    found = repeats_of(conn, ["handed", "plain", "failed"])
    assert found["site", "handed"] == Repeat(handed=3, handed_ever=4, handed_on=ago(day, 1))
    assert found["site", "plain"].reasons == () and found["site", "plain"].handed_ever == 3
    assert ("site", "failed") not in found
    # the day before it was closed out
    assert repeats_of(conn, ["plain"], as_of=ago(day, 2))["site", "plain"].reasons == ("handed",)
    assert list_standing_out(conn) == ["handed"] == list_standing_out(conn, county="410181")
    assert list_standing_out(conn, county="410185") == []


def test_resurgence_stands_while_it_stands_and_half_a_year_after(world):
    conn, run, day = world
    events = [("opened", None, ago(day, 900)), ("gone", "cured", ago(day, 800))]
    find(conn, run, "resurged", *events, ("reopened", "resurgence", ago(day, 700)))
    find(
        conn,
        run,
        "plain",
        *events,
        ("reopened", "resurgence", ago(day, 700)),
        ("gone", "cured", ago(day, 600)),
        status="gone",
    )
    find(conn, run, "failed", *events, ("reopened", "zone_changed", ago(day, 10)))
    find(conn, run, "other", ("opened", None, ago(day, 3)), rule="INDU-04")
    found = repeats_of(conn, ["resurged", "plain", "failed", "other"])
    assert found["site", "resurged"] == Repeat(resurged=1, resurged_on=ago(day, 700))
    assert found["site", "other"].reasons == ("resurged",) and found["site", "other"].returned == 1
    assert set(found) == {("site", "resurged"), ("site", "other")}
    assert list_standing_out(conn) == ["other", "resurged"]
    only = FindingFilter(repeats=True)
    assert {row.feature_id for row in list_findings(conn, only)} == {"other", "resurged"}
    assert len(list_findings(conn, FindingFilter())) == 3
    past = repeats_of(conn, ["plain", "resurged"], as_of=ago(day, 650))
    assert past["site", "plain"].resurged == 1 and past["site", "resurged"].resurged == 1


def test_failed_inspections_within_the_window(world):
    conn, _run, day = world
    inspect(conn, "failed", ago(day, 5), "fence", "cover")
    inspect(conn, "failed", ago(day, 50))
    inspect(conn, "failed", ago(day, 100), "cover")
    inspect(conn, "plain", ago(day, 5), "cover")
    inspect(conn, "plain", ago(day, WINDOW_DAYS), "cover")
    found = repeats_of(conn, ["failed", "plain"])
    assert found["site", "failed"] == Repeat(failed=2, failed_on=ago(day, 5))
    assert found["site", "plain"].failed == 1 and list_standing_out(conn) == ["failed"]
    assert records_of(conn, ["failed", "plain"])["failed"].repeat.failed == 2


def test_a_failed_item_of_a_visit_is_a_failed_inspection(world):
    conn, _run, day = world
    for days in (5, 6):
        inspect(conn, "failed", ago(day, days))
        with transaction(conn) as cursor:
            cursor.execute(
                "INSERT INTO gridmap.inspection_item "
                "(inspection_id, item, site_id, number, wording, wording_en, source, answer) "
                "VALUES (%s, 'stove', 'failed', 1, '炉具', 'stove', 'S38', 'failed')",
                [f"i-failed-{ago(day, days)}"],
            )
    assert repeats_of(conn, ["failed"])["site", "failed"].failed == 2


def test_another_county_knows_of_nothing(world):
    conn, _run, day = world
    hand_over(conn, "handed", ago(day, 1), ago(day, 2), ago(day, 3))
    with transaction(conn) as cursor:
        cursor.execute("SELECT set_config('gridmap.area_counties', '410185', true)")
        cursor.execute(f"SET LOCAL ROLE {AREA_ROLE}")
    assert repeats_of(conn, ["handed"]) == {} and list_standing_out(conn) == []
    with pytest.raises(NotFoundError):
        get_site(conn, "handed")
    assert get_site(conn, "other").state == "open"


@pytest.mark.parametrize("site_id", ["", "nothing", "a b", "'; DROP TABLE x", "站", "../x", "a\x00b", "x" * 5000])
def test_odd_identifiers_are_not_found(conn, site_id):
    with pytest.raises(NotFoundError) as told:
        get_site(conn, site_id)
    assert len(str(told.value)) < 120


def test_a_record_says_since_when_each_datum_is_so():
    def version(begins, ends, kept, **values):
        known = dict.fromkeys(("device", "capacity_t_h", "fuel"))
        from gridmap.domain.site_field import fields

        full = {each.name: None for each in fields()["boiler"]} | known | values
        return Version(full, begins, ends, ends is None, kept)

    first, second, third = dt.date(2017, 1, 1), dt.date(2018, 1, 1), dt.date(2019, 1, 1)
    kept = dt.date(2019, 2, 2)
    record = read_record(
        "boiler",
        [
            version(first, second, first, fuel="raw_coal", device="boiler", capacity_t_h=10.0),
            version(second, third, second, fuel="gas", device="boiler", capacity_t_h=4.0),
            version(third, None, kept, fuel="gas", device="boiler", capacity_t_h=10.0),
        ],
    )
    since = {datum.field.name: (datum.since, datum.recorded_on) for datum in record.data}
    assert since["device"] == (first, first) and since["fuel"] == (second, second)
    assert since["capacity_t_h"] == (third, kept) and record.versions == 3
    assert read_record("boiler", [version(first, second, first)]).data == ()
    assert read_record("boiler", []).versions == 0


def test_a_file_with_a_thousand_findings_closed_or_of_another_day(world):
    conn, run, day = world
    with transaction(conn) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.finding (key, rule_id, county_code, feature_kind, feature_id, part, name, certainty, "
            "severity, status, facts, opened_on, last_seen_on, first_run_id, last_run_id) SELECT md5(n::text), 'DUST-03', "
            "'410181', 'site', 'plain', n::text, 'x', 'breach', 'high', 'open', '{}', %s, %s, %s, %s "
            "FROM generate_series(1, 1000) AS n",
            [day, day, run, run],
        )
        cursor.execute("UPDATE gridmap.site SET closed_on = %s WHERE site_id = 'resurged'", [day])
    inspect(conn, "plain", day + dt.timedelta(days=9), "cover")  # of the future
    found = site_file(conn, "plain")
    assert (found.number_open, len(found.findings)) == (1000, 200)
    assert found.past.visits == [] and found.past.numbers == {"visits": 0, "cases": 0, "permits": 0}
    assert found.records[0].data == () and found.site.cell_code is None and found.posts == ()
    closed = site_file(conn, "resurged")
    assert (closed.site.state, closed.site.closed_on) == ("closed", day)
    assert site_file(conn, "resurged", as_of=ago(day, 1)).site.state == "open"
