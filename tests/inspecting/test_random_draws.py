"""Random draws in the database: fixed, drawn once, kept for ever; what changes in between is told, not hidden."""

import datetime as dt
import uuid
from dataclasses import replace

import psycopg2
import pytest

from gridmap.db.session import AREA_ROLE, transaction
from gridmap.domain import draw_record
from gridmap.domain.random_draw import Amount
from gridmap.errors import ConflictError, NotFoundError, UserError
from gridmap.inspecting import random_draws
from gridmap.inspecting.random_draws import DrawnAlready, Plan, PlanRefused, Who
from gridmap.store import accounts, conflicts_of_interest
from gridmap.store import random_draws as store
from tests.accounts import NO_PASSWORD
from tests.builders import add_region, add_site, box

DAY = dt.date(2020, 10, 15)
COUNTY, OTHER = "410181", "410182"
BUREAU = Who("bureau-01", "市局-01")
PLAN = Plan("双随机", DAY, amount=Amount("50%"))
CREDIT = "91410100MA00000001"


def add_inspector(cursor, number, county=COUNTY):
    name = f"inspector-{county}-{number}"
    account = accounts.insert_account(cursor, name, f"检查岗-{county}-{number}", NO_PASSWORD)
    accounts.insert_grant(cursor, account, "inspector", county)
    return name


@pytest.fixture
def cursor(conn):
    """A county with six machines and two enterprises, and four inspectors."""
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = %s", [DAY])
        add_region(cursor, COUNTY, "county", box(0, 0, 9, 9), name="巩义市")
        add_region(cursor, OTHER, "county", box(9, 0, 18, 9), name="荥阳市")
        for n in range(6):
            add_site(cursor, f"M{n}", (n, 1))
        for n in range(2):
            add_site(cursor, f"E{n}", (n, 2), kind="enterprise", credit_code=CREDIT if n else None)
        for n in range(4):
            add_inspector(cursor, n)
        yield cursor


def fix(cursor, plan=PLAN, key=None):
    return random_draws.fix(cursor, plan, BUREAU, key or str(uuid.uuid4()))


def refused(cursor, plan):
    with pytest.raises(PlanRefused) as error:
        fix(cursor, plan)
    return error.value


def test_a_draw_is_fixed_then_drawn_and_anybody_draws_it_again(cursor):
    fixed = fix(cursor)
    assert (fixed.state, fixed.seed, list(fixed.county_codes)) == ("fixed", None, [COUNTY])
    row = random_draws.draw(cursor, fixed.draw_id, None, BUREAU)
    assert (row.state, row.list_sha256, row.drawn_post) == ("drawn", fixed.list_sha256, "市局-01")
    assert len(row.seed) == 64
    record = random_draws.record(row, store.get_texts(cursor, row.draw_id))
    given, result = draw_record.verify(record, fixed.list_sha256)
    assert {stratum.id: (stratum.size, stratum.number) for stratum in given.fixed.strata} == {
        f"machine/{COUNTY}": (6, 3),
        f"enterprise/{COUNTY}": (2, 1),
    }
    drawn = store.list_drawn(cursor, row.draw_id)
    assert [(one.site_id, tuple(one.inspectors)) for one in drawn] == [(o.site, o.inspectors) for o in result.drawn]
    assert all(
        post == f"检查岗{name[9:]}" for one in drawn for name, post in zip(one.inspectors, one.posts, strict=True)
    )
    assert sorted(len(store.list_errands(cursor, f"inspector-{COUNTY}-{n}")) for n in range(4)) == [2, 2, 2, 2]


def test_the_same_request_is_made_once_and_a_draw_drawn_once(cursor):
    key = str(uuid.uuid4())
    first, second = fix(cursor, key=key), fix(cursor, replace(PLAN, title="再来"), key=key)
    assert first == second
    drawn = random_draws.draw(cursor, first.draw_id, None, BUREAU)
    with pytest.raises(DrawnAlready):
        random_draws.draw(cursor, first.draw_id, None, BUREAU)
    assert store.get_draw(cursor, first.draw_id) == drawn


def test_a_public_seed_is_told_of_before_and_typed_after(cursor):
    row = fix(cursor, replace(PLAN, seed_kind="public", seed_source="2020-10-16 福彩3D"))
    assert "seed\tpublic\t2020-10-16 福彩3D" in store.get_texts(cursor, row.draw_id)["list"]
    for seed in (None, "", "  ", "1\n2"):
        with pytest.raises(UserError):
            random_draws.draw(cursor, row.draw_id, seed, BUREAU)
    assert random_draws.draw(cursor, row.draw_id, " 3 1 7 ", BUREAU).seed == "3 1 7"
    with pytest.raises(UserError, match="made by the machine"):
        random_draws.draw(cursor, fix(cursor).draw_id, "317", BUREAU)


def test_what_can_not_be_drawn_from_is_refused(cursor):
    assert refused(cursor, replace(PLAN, kinds={"quarry": None})).reason == "empty"
    assert refused(cursor, replace(PLAN, county=OTHER)).reason == "empty"
    assert refused(cursor, replace(PLAN, team=5)).named == ((COUNTY, "4"),)
    add_site(cursor, "elsewhere", (12, 1), county=OTHER)
    assert refused(cursor, PLAN).named == ((OTHER, "0"),)
    assert refused(cursor, replace(PLAN, by_kind=False, kinds={"machine": Amount("1")})).reason == "kind_amount"
    assert refused(cursor, replace(PLAN, county=COUNTY, replaces=fix(cursor, replace(PLAN, county=COUNTY)).draw_id))


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"day": DAY - dt.timedelta(days=1)},
        {"day": DAY + dt.timedelta(days=400)},
        {"amount": Amount("0%")},
        {"amount": Amount("101%")},
        {"amount": Amount("nan")},
        {"kinds": {"machine": Amount("0")}},
        {"kinds": {"castle": None}},
        {"off_hours_pct": "nan"},
        {"off_hours_pct": "100.5"},
        {"off_hours_pct": "-1"},
        {"team": 0},
        {"team": 11},
        {"unvisited_days": 0},
        {"seed_kind": "public", "seed_source": " "},
    ],
)
def test_a_plan_beyond_its_limits_is_refused(cursor, wrong):
    with pytest.raises(UserError):
        fix(cursor, replace(PLAN, **wrong))


def test_declared_conflicts_are_kept_and_told(cursor):
    posts = [f"检查岗-{COUNTY}-{n}" for n in range(4)]
    for post in posts[:3]:
        subject = conflicts_of_interest.find_object(cursor, CREDIT)
        conflicts_of_interest.declare(cursor, post, subject, "亲属任职", DAY, None, by="bureau-01")
    with pytest.raises(ConflictError):
        conflicts_of_interest.declare(cursor, posts[0], subject, "又一次", DAY, None, by="bureau-01")
    assert refused(cursor, PLAN).named == (("E1", "演示E1"),)
    row = fix(cursor, replace(PLAN, drop_unmatched=True, amount=Amount("100%")))
    random_draws.draw(cursor, row.draw_id, None, BUREAU)
    texts = store.get_texts(cursor, row.draw_id)
    assert f"conflict\tE1\tinspector-{COUNTY}-0\tdeclared\t亲属任职" in texts["list"]
    assert "excluded\tE1\tno_team" in texts["result"]
    assert len(store.list_drawn(cursor, row.draw_id)) == 7
    one = conflicts_of_interest.list_conflicts(cursor)[0]
    conflicts_of_interest.end(cursor, one.conflict_id, DAY + dt.timedelta(days=1))
    assert fix(cursor, replace(PLAN, day=DAY + dt.timedelta(days=2))).state == "fixed"
    with pytest.raises(NotFoundError):
        conflicts_of_interest.end(cursor, one.conflict_id, DAY)


def test_whoever_checked_last_does_not_come_again_when_that_is_asked(cursor):
    cursor.execute(
        "INSERT INTO gridmap.inspection (inspection_id, site_id, inspected_on, post) VALUES "
        "('old', 'M0', '2020-01-01', %(post)s || '1'), ('new', 'M0', '2020-09-01', %(post)s || '0')",
        {"post": f"检查岗-{COUNTY}-"},
    )
    first = fix(cursor, replace(PLAN, amount=Amount("100%")))
    random_draws.draw(cursor, first.draw_id, None, BUREAU)
    before = {one.site_id: set(one.inspectors) for one in store.list_drawn(cursor, first.draw_id)}
    plan = replace(PLAN, amount=Amount("100%"), bar_last=True, drop_unmatched=True)
    again = fix(cursor, plan)
    text = store.get_texts(cursor, again.draw_id)["list"]
    assert f"conflict\tM0\tinspector-{COUNTY}-0\tlast_check\t2020-09-01" in text
    assert f"inspector-{COUNTY}-1\tlast_check" not in text
    random_draws.draw(cursor, again.draw_id, None, BUREAU)
    after = store.list_drawn(cursor, again.draw_id)
    assert after
    assert all(not before[one.site_id] & set(one.inspectors) for one in after)


def test_what_changes_between_fixing_and_drawing_is_left_out_and_told(cursor):
    row = fix(cursor, replace(PLAN, amount=Amount("100%")))
    cursor.execute("UPDATE gridmap.site SET closed_on = '2020-10-15' WHERE site_id = 'M0'")
    cursor.execute("DELETE FROM gridmap.site WHERE site_id = 'M1'")
    cursor.execute("UPDATE gridmap.account SET is_active = false WHERE name = %s", [f"inspector-{COUNTY}-0"])
    conflicts_of_interest.declare(cursor, f"检查岗-{COUNTY}-1", ("M2", None), "亲属", DAY, None, by="bureau-01")
    row = random_draws.draw(cursor, row.draw_id, None, BUREAU)
    texts = store.get_texts(cursor, row.draw_id)
    assert texts["late"].splitlines() == [
        "closed\tM0\t2020-10-15",
        "closed\tM1\tgone",
        f"left\tinspector-{COUNTY}-0\t{COUNTY}",
        f"conflict\tM2\tinspector-{COUNTY}-1\tdeclared\t亲属",
    ]
    drawn = store.list_drawn(cursor, row.draw_id)
    assert sorted(one.site_id for one in drawn) == ["E0", "E1", "M2", "M3", "M4", "M5"]
    assert not any(f"inspector-{COUNTY}-0" in one.inspectors for one in drawn)
    draw_record.verify(random_draws.record(row, texts))


def test_filters_of_the_population(cursor):
    cursor.execute("UPDATE gridmap.site SET closed_on = '2020-10-01' WHERE site_id = 'M5'")
    cursor.execute(
        "INSERT INTO gridmap.inspection (inspection_id, site_id, inspected_on, post) VALUES ('x', 'M0', '2020-10-01', 'p')"
    )

    def sites(**asked):
        return {site.id for site in random_draws.compose(cursor, replace(PLAN, **asked)).fixed.sites}

    machines = {"M0", "M1", "M2", "M3", "M4"}
    assert sites() == machines | {"E0", "E1"}
    assert sites(kinds={"machine": None}) == machines
    assert sites(kinds={"machine": Amount("1")}, only_open=False) == machines | {"M5"}
    assert sites(kinds={"machine": None}, unvisited_days=30) == machines - {"M0"}
    assert sites(kinds={"machine": None}, unvisited_days=14) == machines


def test_a_draw_is_annulled_with_a_reason_replaced_and_never_gone(cursor):
    row = random_draws.draw(cursor, fix(cursor).draw_id, None, BUREAU)
    with pytest.raises(UserError, match="reason"):
        random_draws.annul(cursor, row.draw_id, "  ", BUREAU)
    gone = random_draws.annul(cursor, row.draw_id, "县别选错", BUREAU)
    assert (gone.state, gone.annulled_reason, gone.seed) == ("annulled", "县别选错", row.seed)
    with pytest.raises(DrawnAlready):
        random_draws.annul(cursor, row.draw_id, "再撤一次", BUREAU)
    with pytest.raises(DrawnAlready):
        random_draws.draw(cursor, row.draw_id, None, BUREAU)
    anew = fix(cursor, replace(PLAN, replaces=row.draw_id))
    assert store.find_successor(cursor, row.draw_id) == anew.draw_id
    assert [line.draw_id for line in store.list_draws(cursor)] == [anew.draw_id, row.draw_id]
    assert store.list_errands(cursor, store.list_drawn(cursor, row.draw_id)[0].inspectors[0]) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE gridmap.random_draw SET seed = '1' WHERE draw_id = %s",
        "UPDATE gridmap.random_draw SET state = 'fixed' WHERE draw_id = %s",
        "UPDATE gridmap.random_draw SET title = 'x' WHERE draw_id = %s",
        "DELETE FROM gridmap.random_draw WHERE draw_id = %s",
        "UPDATE gridmap.random_draw_site SET is_off_hours = true WHERE draw_id = %s",
        "DELETE FROM gridmap.random_draw_site WHERE draw_id = %s",
        "UPDATE gridmap.random_draw_list SET content = 'x' WHERE draw_id = %s",
        "INSERT INTO gridmap.random_draw_list (draw_id, part, content) VALUES (%s, 'late', 'x')",
        "DELETE FROM gridmap.conflict_of_interest WHERE conflict_id = %s",
    ],
)
def test_the_database_itself_lets_nothing_of_it_be_changed(cursor, change):
    row = random_draws.draw(cursor, fix(cursor).draw_id, None, BUREAU)
    with pytest.raises(psycopg2.errors.ObjectNotInPrerequisiteState), transaction(cursor.connection) as inner:
        inner.execute(change, [row.draw_id])


def test_a_county_reads_its_own_sites_of_a_draw_and_the_texts_only_of_its_own_draws(cursor):
    for n in range(2):
        add_site(cursor, f"far{n}", (12, n), county=OTHER)
        add_inspector(cursor, n, OTHER)
    both = random_draws.draw(cursor, fix(cursor, replace(PLAN, amount=Amount("100%"))).draw_id, None, BUREAU)
    own = random_draws.draw(cursor, fix(cursor, replace(PLAN, county=COUNTY)).draw_id, None, BUREAU)
    cursor.execute("SELECT set_config('gridmap.area_counties', %s, true)", [COUNTY])
    cursor.execute(f"SET LOCAL ROLE {AREA_ROLE}")
    assert {one.county_code for one in store.list_drawn(cursor, both.draw_id)} == {COUNTY}
    assert store.get_texts(cursor, both.draw_id) == {}
    assert set(store.get_texts(cursor, own.draw_id)) == {"list", "late", "result"}
    cursor.execute("SELECT set_config('gridmap.area_counties', %s, true)", [OTHER])
    assert len(store.list_drawn(cursor, both.draw_id)) == 2
    assert store.find_draw(cursor, own.draw_id) is None
