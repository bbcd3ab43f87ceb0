"""`gridmap drafts import`, on files as a design institute hands them over."""

import json
import zipfile

import geopandas as gpd
import openpyxl
import pytest
from click.testing import CliRunner

from gridmap.cli import acting, cli
from gridmap.db import session
from gridmap.db.session import transaction
from gridmap.domain import import_form
from gridmap.errors import UserError
from tests import builders
from tests.cli.test_layer_imports import Kept
from tests.ingest.ledgers import rows_of


@pytest.fixture
def law(conn, monkeypatch):
    with transaction(conn) as cursor:
        builders.add_region(cursor, "410181", "county", builders.box(0, 0, 10, 10), name="巩义市")
        builders.add_region(cursor, "410181104", "township", builders.box(5, 5, 10, 10), parent="410181", name="回郭镇")
        builders.add_zone(cursor, boundary=builders.box(1, 1, 4, 4), name="巩义市禁煤区")
    for module in (acting, session):
        monkeypatch.setattr(module, "connect", lambda *_: Kept(conn))
    return conn


def run(*arguments):
    return CliRunner().invoke(cli, ["drafts", "import", *map(str, arguments)])


def frame(crs=4490):
    shapes = [builders.degrees(builders.box(1, 1, 5, 4)), builders.degrees(builders.box(6, 1, 8, 3))]
    columns = {"名称": ["巩义市禁煤区", "西部禁燃区"], "类别": ["禁煤区", "禁燃区"], "文号": ["巩政〔2020〕9号", None]}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4490).to_crs(crs)


def shapefile(folder, crs):
    frame(crs).to_file(folder / "分区.shp", encoding="utf-8")
    with zipfile.ZipFile(folder / "分区.zip", "w") as archive:
        for part in folder.glob("分区.*"):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    return folder / "分区.zip"


def test_a_zipped_shapefile_in_metres_becomes_drafts(law, tmp_path):
    file = shapefile(tmp_path, 4547)
    tried = run(file, "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "version 1" in tried.output and "none: a new zone" in tried.output and "+3.00" not in tried.output
    assert rows_of(law, "SELECT count(*) FROM gridmap.zone_draft") == [(0,)]
    done = run(file, "--json")
    made = [zone["draft"] for zone in json.loads(done.output)["report"]["zones"]]
    assert rows_of(law, "SELECT zone_id, author FROM gridmap.zone_draft ORDER BY 1") == [
        (zone, "command line") for zone in made
    ]


def test_a_geopackage_and_a_workbook_of_units_are_read_too(law, tmp_path):
    frame().to_file(tmp_path / "分区.gpkg", driver="GPKG")
    assert run(tmp_path / "分区.gpkg", "--dry-run").exit_code == 0
    book = openpyxl.Workbook()
    for line in (["分区名录"], ["名称", "包含乡镇"], ["巩义市禁煤区", "回郭镇"]):
        book.active.append(line)
    book.save(tmp_path / "名录.xlsx")
    told = run(tmp_path / "名录.xlsx", "--kind", "coal_free", "--dry-run")
    assert told.exit_code == 0 and "1 in, 0 out" in told.output, told.output


def test_a_faulty_file_ends_with_an_error_and_makes_nothing(law, tmp_path):
    own = frame()
    own.loc[1, "名称"] = "巩义市禁煤区"
    own.loc[1, "类别"] = "禁煤区"
    own.to_file(tmp_path / "分区.gpkg", driver="GPKG")
    told = run(tmp_path / "分区.gpkg")
    assert told.exit_code == 1 and "each zone once; row 1 is of the same zone" in told.output
    assert rows_of(law, "SELECT count(*) FROM gridmap.zone_draft") == [(0,)]
    missing = run(tmp_path / "keine.gpkg")
    assert isinstance(missing.exception, UserError) or "no such file" in missing.output


def test_importing_into_the_layer_itself_points_here():
    with pytest.raises(UserError, match="gridmap drafts import FILE"):
        import_form.load("zone")


def test_a_repeal_is_drafted_from_the_command_line(law):
    zone = rows_of(law, "SELECT zone_id FROM gridmap.zone")[0][0]
    words = ["drafts", "repeal", str(zone), "--document", "通告", "--begins-on", "2099-11-01"]
    told = CliRunner().invoke(cli, words)
    assert told.exit_code == 0 and "废止巩义市禁煤区: ends 巩义市禁煤区 from 2099-11-01" in told.output, told.output
    assert rows_of(law, "SELECT is_repeal, document FROM gridmap.zone WHERE status = 'draft'") == [(True, "通告")]
