"""`gridmap grid` and `gridmap duties`: what they print, and that they change all or nothing."""

import json
from urllib.parse import urlsplit

import pytest
import shapely
from click.testing import CliRunner

from gridmap.cli import cli
from gridmap.db.session import connect, transaction
from tests import databases
from tests.builders import add_region, box, degrees
from tests.ingest.test_unit_cells import write
from tests.store.test_grid_changes import DAY, TOWN, add_cell, add_duty

FIRST, SECOND = f"{TOWN}000001", f"{TOWN}000002"


@pytest.fixture(scope="module")
def template():
    """Return the name of a database with a county and a town that has a chief and no unit cells."""
    with databases.migrated("grid_world") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = %s", [DAY])
            add_region(cursor, "410100", "city")
            add_region(cursor, "410181", "county", box(0, 0, 4, 2), parent="410100")
            add_cell(cursor, "410181", box(0, 0, 4, 2), level="county")
            add_cell(cursor, TOWN, box(0, 0, 4, 2), parent="410181")
            add_duty(cursor, TOWN, "[2020-01-01,)", post="网格长-甲")
        conn.close()
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture
def url(template):
    with databases.temporary("grid", template) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_DATABASE_URL", url)
        yield url


def run(*arguments, fails=None):
    done = CliRunner().invoke(cli, [str(a) for a in arguments], standalone_mode=False)
    if fails is not None:
        assert done.exception is not None and fails in f"{done.exception} {done.output}", (done.output, done.exception)
        return done.output
    if done.exception is not None:
        raise done.exception
    return done.output


def query(url, statement):
    conn = connect(url)
    try:
        with transaction(conn) as cursor:
            cursor.execute(statement)
            return [tuple(row) for row in cursor.fetchall()]
    finally:
        conn.close()


def test_a_town_from_squares_to_history(url):
    assert "8 cells would begin" in run("grid", "make", TOWN, "--dry-run")
    assert query(url, "SELECT count(*) FROM gridmap.grid_cell WHERE level = 'unit'") == [(0,)]
    assert "2 cells begin on 2020-10-15" in run("grid", "make", TOWN, "--size-km", 2)
    pieces = json.loads(run("grid", "check", "--parent", TOWN, "--json"))
    assert {(p["rule_id"], p["feature_id"], p["part"]) for p in pieces} == {
        ("GRID-03", code, role)
        for code in (TOWN, FIRST, SECOND)
        for role in ("chief", "officer", "patroller", "supervisor")
    } - {("GRID-03", TOWN, "chief")}
    lon, lat = degrees(shapely.Point(1, 1)).coords[0]
    shown = run("grid", "show", lon, lat)
    assert FIRST in shown and "网格长-甲" in shown and "1 km square: E461N3841" in shown and "410181 " in shown
    assert json.loads(run("grid", "show", TOWN, "--json"))["children"][1]["cell_code"] == SECOND
    later = ("--from-day", "2020-11-01")
    assert "is called 东片" in run("grid", "rename", SECOND, "东片", *later)
    assert "东片 (2020-11-01 to now)" in run("grid", "show", SECOND)


def test_split_and_merge_tell_of_duties_that_end(url, tmp_path):
    run("grid", "make", TOWN, "--size-km", 2)
    run("duties", "handover", FIRST, "chief", "--to-post", "网格长-乙", "--from-day", "2020-10-16")
    file = write(tmp_path / "halves.geojson", [degrees(box(0, 0, 2, 1)), degrees(box(0, 1, 2, 2))])
    said = run("grid", "split", FIRST, "--by", file, "--from-day", "2020-11-01")
    assert f"duty chief of 网格长-乙 in {FIRST} ends with its cell" in said and f"end the day before: {FIRST}" in said
    said = run("grid", "merge", f"{TOWN}000003", f"{TOWN}000004", "--into", "西片", "--from-day", "2020-12-01")
    assert f"{TOWN}000005  西片" in said
    assert query(url, "SELECT DISTINCT actor FROM gridmap.audit_log") == [("command line",)]
    assert "no gap" not in run("grid", "check", "--parent", TOWN, "--as-of", "2020-12-01")
    assert "GRID-02" not in run("grid", "check", "--as-of", "2020-12-01")


def test_a_gap_is_printed_with_its_area_and_place(url, tmp_path):
    file = write(tmp_path / "gap.geojson", [degrees(box(0, 0, 2, 2)), degrees(box(2.1, 0, 4, 2))])
    run("grid", "make", TOWN, "--from", file, "--error-m", 5)
    piece = next(p for p in json.loads(run("grid", "check", "--json")) if p["rule_id"] == "GRID-02")
    lon, lat = degrees(shapely.Point(2.05, 1)).coords[0]
    assert (piece["feature_id"], piece["certainty"]) == (TOWN, "breach")
    assert piece["area_m2"] == pytest.approx(200_000, rel=0.001)
    assert (piece["lon"], piece["lat"]) == (pytest.approx(lon, abs=0.001), pytest.approx(lat, abs=0.01))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("grid", "make", "410999001"), "no responsibility cell 410999001"),
        (("grid", "make", "410181"), "county cell"),
        (("grid", "make", TOWN, "--from", "/nowhere.geojson"), "cannot be read"),
        (("grid", "make", TOWN, "--from", "x", "--size-km", 1), "either"),
        (("grid", "make", TOWN, "--from-day", "2010-01-01"), "on 2010-01-01"),
        (("grid", "split", TOWN, "--size-km", 1), "administrative"),
        (("grid", "show", "112.9", "north"), "one code, or"),
        (("grid", "show", "34.7", "113.6"), "swapped"),
        (("grid", "check", "--parent", "x"), "no responsibility cell x"),
        (("duties", "handover", TOWN, "boss", "--to-post", "a1"), "is no role"),
        (("duties", "handover", TOWN, "chief", "--to-post", "张三"), "never a person's name"),
        (("duties", "handover", TOWN, "chief", "--to-post", "a1", "--account", "x"), "no account x"),
        (("duties", "list", "--cell", "x"), "no responsibility cell x"),
    ],
)
def test_bad_input_gets_one_sentence(url, arguments, reason):
    run(*arguments, fails=reason)
    assert query(url, "SELECT count(*) FROM gridmap.audit_log") == [(0,)]


def roster(path, *lines):
    path.write_text("\n".join(["网格代码,角色,岗位,姓名,起,止,专职", *lines]), encoding="gb18030")
    return path


def test_a_roster_is_tried_then_imported_and_again_changes_nothing(url, tmp_path):
    file = roster(
        tmp_path / "r.csv",
        f"{TOWN},网格长,网格长-甲,某某,2020-01-01,,是",
        f"{TOWN},officer,网格员-甲,某某,2020/1/1,2020-12-31,",
    )
    said = run("duties", "import", file, "--dry-run")
    assert "column 姓名 was not read" in said and "would be new 1, would be changed 1, unchanged 0" in said
    assert query(url, "SELECT count(*) FROM gridmap.duty") == [(1,)]
    assert "new 1, changed 1, unchanged 0" in run("duties", "import", file)
    assert "new 0, changed 0, unchanged 2" in run("duties", "import", file)
    assert query(url, "SELECT role, post, in_force::text, is_full_time FROM gridmap.duty ORDER BY role") == [
        ("chief", "网格长-甲", "[2020-01-01,)", True),
        ("officer", "网格员-甲", "[2020-01-01,2021-01-01)", None),
    ]
    listed = run("duties", "list", "--cell", TOWN)
    assert (
        "网格员-甲" in listed
        and f"{TOWN} has no patroller, no supervisor" in listed
        and "410181 has no chief" in listed
    )
    assert "网格员-甲" not in run("duties", "list", "--cell", TOWN, "--as-of", "2021-01-01")
    assert "2020-12-31" in run("duties", "list", "--cell", TOWN, "--history")


def test_one_wrong_row_and_nothing_is_imported(url, tmp_path):
    file = roster(
        tmp_path / "r.csv",
        f"{TOWN},网格员,网格员-甲,,2020-01-01,,",
        "4.10181E+11,网格员,网格员-甲,,2020-01-01,,",
        "410181999,网格员,网格员-甲,,2020-01-01,,",
        f"{TOWN},网格员,网格员-甲,,2020-01-01,,",
        f"{TOWN},网格长,网格长-甲,,2020-06-01,,",
        f"{TOWN},巡查员,巡查员-甲,,2010-06-01,,",
    )
    said = run("duties", "import", file, fails="1")
    lines = [line.split()[:2] for line in said.splitlines() if line[:1].isdigit()]
    assert lines == [["3", "cell_code"], ["4", "cell_code"], ["5", "post"], ["6", "begins_on"], ["7", "cell_code"]]
    assert "nothing was imported: 5 faults" in said
    assert query(url, "SELECT count(*) FROM gridmap.duty") == [(1,)]


def test_of_several_posts_one_is_named_and_an_account_goes_along(url):
    conn = connect(url)
    with transaction(conn) as cursor:
        add_duty(cursor, TOWN, "[2020-02-01,)", post="网格长-丙")
        cursor.execute(
            "INSERT INTO gridmap.account (name, post, password_hash) VALUES ('chief-d', '网格长-丁', '$argon2id$x')"
        )
    handover = ("duties", "handover", TOWN, "网格长", "--to-post", "网格长-丁", "--account", "chief-d", "--full-time")
    run(*handover, fails="2 posts hold this role")
    said = run(*handover, "--from-post", "网格长-丙", "--from-day", "2020-10-20")
    assert "网格长-丙 answers for 410181113 as chief until 2020-10-19" in said
    assert query(
        url, "SELECT post, in_force::text, is_full_time, account_id IS NOT NULL FROM gridmap.duty ORDER BY duty_id"
    ) == [
        ("网格长-甲", "[2020-01-01,)", None, False),
        ("网格长-丙", "[2020-02-01,2020-10-20)", None, False),
        ("网格长-丁", "[2020-10-20,)", True, True),
    ]
