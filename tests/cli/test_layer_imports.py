"""`gridmap layers import` and its kin, on files as they come."""

import json
import re

import pytest
import shapely
from click.testing import CliRunner

from gridmap.cli import acting, cli
from gridmap.db import session
from gridmap.db.session import transaction
from gridmap.errors import UserError
from tests import builders

TITLES = "企业编号,企业名称,所属行业,所属区县,经度,纬度,联系电话"


class Kept:
    """A connection that a command may close without closing it."""

    def __init__(self, conn):
        self._conn = conn

    def __getattr__(self, name):
        return getattr(self._conn, name)

    def close(self):
        pass


@pytest.fixture
def land(conn, monkeypatch):
    with transaction(conn) as cursor:
        builders.add_region(cursor, "410181", "county", builders.box(0, 0, 10, 10), name="巩义市")
    for module in (acting, session):
        monkeypatch.setattr(module, "connect", lambda *_: Kept(conn))
    return conn


def run(*arguments):
    return CliRunner().invoke(cli, ["layers", *map(str, arguments)], catch_exceptions=False)


def line(number, x=1, name="厂"):
    at = builders.degrees(shapely.Point(x, 1))
    return f"e-{number},{name}{number},铸造,巩义,{at.x:.8f},{at.y:.8f},123"


def test_a_ledger_in_gb18030_comes_in_and_goes_out_again(land, tmp_path):
    file = tmp_path / "台账.csv"
    file.write_bytes("\r\n".join(["某市企业台账,,,,,,", TITLES, line(1), line(2, 2)]).encode("gb18030"))
    tried = run("import", "site", file, "--kind", "enterprise", "--dry-run")
    assert "about a person: never read" in tried.output
    assert "2 rows read; new 2" in tried.output
    brought = run("import", "site", file, "--kind", "enterprise")
    assert "imported as batch" in brought.output
    batch_id = brought.output.rpartition("undo ")[2].strip()
    assert "nothing new" in run("import", "site", file, "--kind", "enterprise").output
    file.write_text("\n".join([TITLES, line(1, 1.5), line(2, 2, "新厂"), line(3)]), "utf-8")
    changes = run("changes", "site", file, "--kind", "enterprise")
    assert "500 m" in changes.output
    assert "name: 厂2 → 新厂2" in changes.output
    assert "台账.csv" in run("imports").output
    assert json.loads(run("imports", "--json").output)[0]["batch_id"] == int(batch_id)
    assert "is undone" in run("undo", batch_id).output


def test_a_bad_file_is_told_row_by_row_and_written_with_its_problems(land, tmp_path):
    file, copy = tmp_path / "a.csv", tmp_path / "a.xlsx"
    file.write_text("\n".join([TITLES, line(1), line(1), "编号,,铸造,某县,x,34,"]), "utf-8")
    told = run("import", "site", file, "--kind", "enterprise", "--annotated", copy)
    assert told.exit_code == 1
    assert "each once; row 2 has it too" in told.output
    assert "2 of 3 rows have faults" in told.output
    assert copy.stat().st_size > 0
    report = json.loads(run("import", "site", file, "--kind", "enterprise", "--dry-run", "--json").stdout)
    assert report["report"]["counts"]["refused"] == 2
    assert report["batch"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--map", "企业编号"], "expected TITLE=COLUMN"),
        (["--crs", "beijing54"], "surveying office"),
        (["--sheet", "二"], "no sheet 二"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(land, tmp_path, arguments, words):
    file = tmp_path / "a.csv"
    file.write_text("\n".join([TITLES, line(1)]), "utf-8")
    with pytest.raises(UserError, match=words):
        run("import", "site", file, "--kind", "enterprise", *arguments)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UserError, match="there is no such file"):
        run("import", "site", tmp_path / "nix.csv", "--kind", "enterprise")


def test_a_template_is_written_and_what_has_no_place_is_listed(land, tmp_path):
    template = tmp_path / "模板.xlsx"
    assert "columns of site/boiler" in run("template", "site", template, "--kind", "boiler").output
    assert template.stat().st_size > 5000
    with pytest.raises(UserError, match="cannot write"):
        run("template", "site", tmp_path / "no" / "x.xlsx", "--kind", "boiler")
    file = tmp_path / "a.csv"
    file.write_text("编号,名称,行业,县（市、区）,地址\ne-1,甲,铸造,巩义市,某路1号", "utf-8")
    assert "1 new objects have no position" in run("import", "site", file, "--kind", "enterprise").output
    assert "某路1号" in run("unplaced", "site", "--kind", "enterprise").output
    with pytest.raises(UserError, match="does not say by what"):
        run("unplaced", "station")


def test_an_object_is_placed_by_a_script(land, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(f"{TITLES}\ne-1,厂,铸造,巩义,,,", "utf-8")
    run("import", "site", file, "--kind", "enterprise")
    assert [row["key"] for row in json.loads(run("unplaced", "site", "--kind", "enterprise", "--json").output)] == [
        "e-1"
    ]
    at, out = builders.degrees(shapely.Point(1, 1)), builders.degrees(shapely.Point(30, 1))
    given = ("--crs", "cgcs2000", "--error-m", "40", "--basis", "field")
    tried = run("place", "site", "e-1", "--lon", at.x, "--lat", at.y, *given, "--dry-run", "--json")
    assert json.loads(tried.output)["batch"] is None
    with pytest.raises(UserError, match="a county of the city"):
        run("place", "site", "e-1", "--lon", out.x, "--lat", out.y, *given)
    placed = run("place", "site", "e-1", "--lon", at.x, "--lat", at.y, *given)
    assert "± 40 m, in 410181" in placed.output and "gridmap layers undo" in placed.output
    assert json.loads(run("unplaced", "site", "--kind", "enterprise", "--json").output) == []
    assert "is undone" in run("undo", re.search(r"undo (\d+)", placed.output)[1]).output
