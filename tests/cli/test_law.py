"""`gridmap zones at` and `gridmap zones law` on a small law of their own."""

import json

import openpyxl
import pytest
import shapely
from click.testing import CliRunner

from gridmap.cli import cli
from gridmap.db.session import connect, transaction
from tests import databases
from tests.builders import add_region, add_zone, box, degrees


@pytest.fixture(scope="module")
def place():
    """Return longitude and latitude of a place that a zone of two versions holds."""
    with databases.migrated("law_cli") as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_DATABASE_URL", url)
        conn = connect(url)
        with transaction(conn) as cursor:
            add_region(cursor, "410181", "county", box(0, 0, 10, 10), name="甲市")
            add_zone(cursor, boundary=box(0, 0, 2, 2), document_number="甲〔2019〕1号", exemptions="火电厂")
            add_zone(cursor, boundary=box(0, 0, 4, 2), document_number="甲〔2020〕2号", begins_on="2020-10-01")
        conn.close()
        point = degrees(shapely.Point(1, 1))
        yield point.x, point.y


def run(*words):
    return CliRunner().invoke(cli, ["zones", *(str(word) for word in words)])


@pytest.mark.parametrize("name", ["--on", "--as-of"])
def test_the_law_at_a_place_of_a_day_and_what_comes_after(place, name):
    told = run("at", *place, name, "2020-09-30").output
    assert "甲市" in told
    assert "inside; 通告 甲〔2019〕1号; 2019-11-14 to 2020-09-30; exempt: 火电厂" in told
    assert "高污染燃料禁燃区: no zone is in force there" in told
    assert "not begun: 禁煤区 coal_free_410181, 2020-10-01 to …" in told
    after = run("at", *place, name, "2020-10-01").output
    assert "甲〔2020〕2号; 2020-10-01 to …" in after
    assert "ended: 禁煤区 coal_free_410181, 2019-11-14 to 2020-09-30" in after


def test_a_script_gets_json(place):
    found = json.loads(run("at", *place, "--on", "2020-09-30", "--json").output)
    assert [one["zone"]["version"] for one in found["zones"]] == [1]
    assert (found["on"], found["location"]["county"], len(found["kinds"])) == ("2020-09-30", "甲市", 11)


def test_the_law_of_a_day_as_a_table(place):
    told = run("law", "--on", "2020-09-30", "--county", "410181").output
    assert "甲〔2019〕1号" in told and "2020-09-30" in told and "甲〔2020〕2号" not in told
    assert "no zone in force: 高污染燃料禁燃区" in told


def test_the_law_of_a_day_as_a_workbook(place, tmp_path):
    file = tmp_path / "law.xlsx"
    told = run("law", "--on", "2020-10-01", "-o", file)
    assert told.exit_code == 0, told.output
    book = openpyxl.load_workbook(file)
    assert [row[6].value for row in book["法定区域"].iter_rows(min_row=2)] == ["甲〔2020〕2号"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("at", 34.7, 113.6), "look swapped"),
        (("at", 113.6, 34.7, "--on", "2020-02-30"), "is no day"),
        (("law", "--county", "410199"), "there is no region 410199"),
        (("law", "-o", "law.csv"), "expected a name that ends with .xlsx"),
    ],
)
def test_mistakes_are_one_sentence(place, words, said):
    result = run(*words)
    assert result.exit_code != 0
    assert said in result.output + str(result.exception)
