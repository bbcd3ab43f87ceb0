"""`gridmap zones diff` and `gridmap zones changes` on a small law of its own."""

import json

import openpyxl
import pytest
from click.testing import CliRunner

from gridmap.cli import cli
from gridmap.db.session import connect, transaction
from tests import databases
from tests.builders import add_village, add_zone, box


@pytest.fixture(scope="module")
def two():
    """Return the ids of two versions of a zone in a database of its own."""
    with databases.migrated("diff_cli") as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_DATABASE_URL", url)
        conn = connect(url)
        with transaction(conn) as cursor:
            a = add_zone(cursor, boundary=box(0, 0, 2, 2))
            b = add_zone(cursor, boundary=box(0, 0, 4, 2), begins_on="2020-10-01")
            add_village(cursor, "410181113202", (3, 1), households=50)
        conn.close()
        yield a, b


def run(*words):
    return CliRunner().invoke(cli, ["zones", *(str(word) for word in words)])


def test_a_table_tells_land_and_villages_by_name(two):
    told = run("diff", *two).output
    assert "4.00 → 8.00 km2, +4.00 -0.00, kept 4.00" in told
    assert "households: +50 -0" in told
    assert "villages that come in: 1: 村202" in told


@pytest.mark.parametrize("flag", [("--json",), ("--format", "json")])
def test_json_is_the_same_by_either_name(two, flag):
    found = json.loads(run("diff", *two, *flag).output)
    assert [village["id"] for village in found["villages"]] == ["410181113202"]
    assert (found["a"]["zone_id"], found["b"]["zone_id"]) == two
    assert found["land"]["added"]["type"] in ("Polygon", "MultiPolygon")


def test_files_are_written_whole(two, tmp_path):
    workbook, outlines, values = (tmp_path / f"diff.{form}" for form in ("xlsx", "geojson", "json"))
    for path in (workbook, outlines, values):
        done = run("diff", *two, "--format", path.suffix[1:], "--output", path)
        assert done.exit_code == 0, done.output
    assert len(openpyxl.load_workbook(workbook).sheetnames) == 3
    assert json.loads(outlines.read_text("utf-8"))["type"] == "FeatureCollection"
    assert json.loads(values.read_text("utf-8"))["land"]["added_m2"] == pytest.approx(4e6, abs=2)
    assert json.loads(run("diff", *two, "--format", "geojson").output) == json.loads(outlines.read_text("utf-8"))


@pytest.mark.parametrize("words", [("--format", "xlsx"), ("--output", "x.txt")])
def test_forms_that_need_a_file_and_files_that_need_a_form(two, words):
    assert run("diff", *two, *words).exit_code == 2


def test_what_cannot_be_compared_is_said(two):
    assert "there is no zone 999999" in str(run("diff", two[0], 999999).exception)


def test_two_days_tell_which_zones_changed(two):
    assert "1 → 2, +4.00 -0.00 km2" in run("changes", "2020-01-01", "2020-10-15", "--kind", "coal_free").output
    assert (
        "no zone of kind coal_free changed" in run("changes", "2020-01-01", "2020-01-02", "--kind", "coal_free").output
    )
    found = json.loads(run("changes", "2020-01-01", "2020-10-15", "--kind", "coal_free", "--json").output)
    assert [village["change"] for village in found["villages"]] == ["added"]
    assert "known are coal_free" in str(run("changes", "2020-01-01", "2020-01-02", "--kind", "x").exception)


def test_a_version_beside_itself_is_told_to_be_no_different(two):
    done = run("diff", two[0], two[0])
    assert done.exit_code == 0
    assert done.output.startswith("no difference\n")
    assert "no difference" not in run("diff", *two).output
