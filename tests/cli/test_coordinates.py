"""`gridmap coordinates` and `gridmap villages` on the demo city: what they print, and what they refuse in a sentence."""

import csv
import json

import geopandas as gpd
import openpyxl
import pytest
from click.testing import CliRunner

from gridmap import config
from gridmap.cli import cli
from gridmap.coordinates import to_gcj02
from gridmap.errors import GridmapError

VILLAGES = config.resource("layers") / "village" / "data"


@pytest.fixture
def _city(city_url, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", city_url)


def run(*words, fails=None):
    done = CliRunner().invoke(cli, [str(word) for word in words], standalone_mode=False)
    if fails is None:
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output
    assert isinstance(done.exception, GridmapError | SystemExit), done
    assert fails in f"{done.exception} {done.output}"
    return done.output


def test_a_position_is_converted_however_it_is_typed():
    told = run("coordinates", "convert", "--from", "gcj02", "113.6313465804004", "34.745417341698484")
    assert told.startswith("113.62530000 34.74660000") and "may be off by 2 m" in told
    there = json.loads(
        run("coordinates", "convert", "--from", "WGS84", "--to", "EPSG:4547", "东经113度30分", "34°30′", "--json")
    )
    back = run("coordinates", "convert", "--from", "EPSG:4547", there["x"], there["y"])
    assert back.startswith("113.50000000 34.50000000")
    assert run("coordinates", "convert", "--from", "wgs84", "-113.5", "34").startswith("-113.5")
    run("coordinates", "convert", "--from", "gcj02", "nan", "34", fails="expected a longitude in degrees")
    run("coordinates", "convert", "--from", "西安80", "113", "34", fails="each province keeps to itself")
    run("coordinates", "convert", "--from", "EPSG:4526", "465737", "3845000", fails="easting from 38000000")


@pytest.mark.usefixtures("_city")
def test_a_file_of_a_phone_map_is_seen_for_what_it_is(tmp_path):
    with (VILLAGES / "village_points.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))[:120]
    lines = [(row["name"], row["code"], *to_gcj02(float(row["lon"]), float(row["lat"]))) for row in rows]
    path = tmp_path / "台账.csv"
    text = (
        "村\t代码\t经度\t纬度\n" + "".join(f"{a}\t{b}\t{x:.6f}\t{y:.6f}\n" for a, b, x, y in lines) + "某村\t\tnan\t\n"
    )
    path.write_bytes(text.encode("gb18030"))
    words = ["coordinates", "guess", path, "--x", "经度", "--y", "纬度", "--county", "代码", "--village", "村"]
    told = run(*words)
    assert told.startswith("确定是 GCJ-02") and "certainly GCJ-02" in told
    assert "rows without a position that can be read: 1, the first is row 122" in told
    content = json.loads(run(*words, "--json"))
    assert content["guess"]["verdict"] == "certain" and content["unread"] == [122]
    run(*words[:3], "--x", "lng", "--y", "纬度", fails="there is no column 'lng'; it has 村, 代码, 经度, 纬度")
    run(*words[:5], fails="name both columns of the position")
    run(*words[:3], fails="is no map")
    book = openpyxl.Workbook()
    book.active.title = "封面"
    book.active.append(["村级台账"])
    sheet = book.create_sheet("台账")
    for line in [
        ("村", "代码", "经度", "纬度"),
        *((a, int(b) if b else None, x, y) for a, b, x, y in lines),
        ("合计", None, 5.0, "#N/A"),
    ]:
        sheet.append(line)
    book.save(tmp_path / "台账.xlsx")
    words[2] = tmp_path / "台账.xlsx"
    content = json.loads(run(*words, "--json"))
    assert content["guess"]["verdict"] == "certain" and content["unread"] == [122]
    assert json.loads(run(*words, "--sheet", "台账", "--json")) == content
    run(*words, "--sheet", "别的", fails="no sheet 别的; it has 封面, 台账")
    points = gpd.points_from_xy([line[2] for line in lines], [line[3] for line in lines])
    frame = gpd.GeoDataFrame({"代码": [line[1] for line in lines]}, geometry=points, crs=4326)
    frame.to_file(tmp_path / "台账.gpkg", driver="GPKG")
    told = run("coordinates", "guess", tmp_path / "台账.gpkg", "--county", "代码")
    assert "GCJ-02" in told.splitlines()[0]


@pytest.mark.usefixtures("_city")
def test_a_name_is_matched_or_candidates_are_told():
    told = run("villages", "match", "东风村", "--county", "410181000000", "--township", "410181110")
    assert "可能是 东门村（巩义市北山口镇）" in told and "差 1 个字：风→门" in told
    found = json.loads(run("villages", "match", "北官庄", "--county", "410181", "--json"))
    assert found["how"] == "unique" and found["unit"]["code"] == "410181005203"
    run("villages", "match", "王庄", "--county", "4.10181E+11", fails="6 of 12 digits are left")
    run("villages", "match", "x" * 10_000, fails="a text of 10000 characters")


@pytest.mark.usefixtures("_city")
def test_a_newer_list_is_told_of_with_what_hangs_on_the_villages_that_end(tmp_path):
    path = tmp_path / "名录.csv"
    lines = (VILLAGES / "villages_2023.csv").read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:1] + [line for line in lines if line.startswith("410183")]), encoding="utf-8")
    told = run("villages", "reconcile", path)
    assert "compared: county 410183\n" in told and "gone 5" in told.splitlines()[2]
    assert "    on 410183200921 hang: zones " in told
    content = json.loads(run("villages", "reconcile", path, "--apply", "--dry-run", "--json"))
    assert content["applied"]["ended"] == 5 and content["applied"]["renamed"] == 0
    assert json.loads(run("villages", "reconcile", path, "--json"))["applied"] is None


@pytest.mark.usefixtures("_city")
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "0 bytes"), (b"a,b\n1,2\n", "no column code"), (b"code,name\n", "no line below"),
        (b"PK\3\4rest", "damaged or cut off"), (b"code,name\n4.10181E+11,x\n", "faults in list.csv: 1"),
        (b"\xff\xfe\x00", "nothing but spaces"), (b"code,name\n\xff\xff\xff\n", "neither UTF-8"),
        (b'code,name\n"410181113201', "a quote is never closed"), (b"code;name\n410181113201;" + b"x" * 200_000, "cannot be parted"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused(tmp_path, content, told):
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    run("villages", "reconcile", path, fails=told)
