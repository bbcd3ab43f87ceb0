"""Files by the API and the command: filters, own area, the log, broken connections, bad input."""

import csv
import io
import json
import zipfile

import openpyxl
import pytest
from click.testing import CliRunner

from gridmap import layers
from gridmap.cli import cli
from gridmap.db.session import snapshot
from gridmap.store.layers import FeatureFilter
from gridmap.store.outgoing import of_layer
from tests import accounts

SITES = "/api/collections/site/export"


def lines(answer):
    assert answer.status_code == 200, answer.text[:300]
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_county_takes_only_its_own_away(app, city_url, city, client):
    inspector = accounts.carry(app.test_client(), accounts.enter(city_url, "inspector", "410181"))
    own = lines(inspector.get(f"{SITES}?f=csv"))
    everything = lines(client.get(f"{SITES}?f=csv"))
    assert {line["县（市、区）代码"] for line in own} == {"410181"}
    assert len(own) == sum(line["县（市、区）代码"] == "410181" for line in everything) < len(everything)
    book = openpyxl.load_workbook(io.BytesIO(inspector.get("/table/export?layer=site&f=xlsx&kind=boiler").data))
    assert book.worksheets[0].max_row - 1 == sum(line["类别"] == "锅炉" for line in own)
    told = {row[0]: row[1] for row in book.worksheets[1].iter_rows(max_row=9, values_only=True)}
    assert told["范围"] == "只含本账号负责的范围" and told["类别"] == "锅炉"
    with city.cursor() as cursor:
        cursor.execute(
            "SELECT relation, after FROM gridmap.audit_log WHERE action = 'export' AND actor LIKE 'test-inspector%' "
            "ORDER BY log_id DESC LIMIT 2"
        )
        table, api = cursor.fetchall()
    assert api[0] == table[0] == "site" and api[1]["rows"] == len(own) and api[1]["form"] == "csv"
    assert table[1]["form"] == "xlsx" and table[1]["filter"]["kind"] == ["boiler"]


def test_filters_day_and_box(client):
    narrow = lines(
        client.get(f"{SITES}?county=410181&kind=boiler&bbox=113,34.5,113.3,34.8&values=codes&lang=en&bom=false")
    )
    assert narrow and {line["kind"] for line in narrow} == {"boiler"}
    items = client.get("/api/collections/site/items?county=410181&kind=boiler&bbox=113,34.5,113.3,34.8").get_json(
        force=True
    )
    assert [feature["id"] for feature in items["features"]] == [line["identifier of the site"] for line in narrow]
    before = lines(client.get("/api/collections/zone/export?as_of=2019-01-01"))
    assert len(before) < len(lines(client.get("/api/collections/zone/export")))


def test_a_boundary_comes_back_as_it_is_stored(client, city):
    features = json.loads(client.get("/api/collections/zone/export?f=geojson").data)["features"]
    text = {
        line["区域沿革标识，各版本不变"]: line["WKT"]
        for line in lines(client.get("/api/collections/zone/export?f=csv"))
    }
    with snapshot(city) as cursor:
        for feature in (each for each in features if each["geometry"]):
            cursor.execute(
                "SELECT ST_OrderingEquals(ST_Normalize(ST_SetSRID(ST_GeomFromGeoJSON(%s), 4490)), ST_Normalize(z.geom)) AS one, "
                "ST_OrderingEquals(ST_GeomFromText(%s, 4490), z.geom) AS other FROM zone AS z WHERE z.lineage = %s",
                [json.dumps(feature["geometry"]), text[feature["id"]], feature["id"]],
            )
            assert tuple(cursor.fetchone()) == (True, True), feature["id"]


def test_rows_come_in_batches(city):
    out = of_layer(city, layers.load().get("village"), FeatureFilter(counties=("410181",)), on=None, size=100)
    sizes = [len(batch) for batch in out.batches]
    assert max(sizes) == 100 and len(sizes) > 2 and out.asked[0][1].zh == "巩义市 410181"


def test_a_reader_who_leaves_gives_the_connection_back(client):
    for _ in range(6):  # more than the pool holds
        answer = client.get("/api/collections/road/export?f=csv", buffered=False)
        assert next(answer.response).startswith(b"\xef\xbb\xbf")
        answer.close()
    assert client.head("/api/collections/road/export").status_code == 200
    assert len(lines(client.get("/api/collections/road/export"))) == 36


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"{SITES}?f=doc", "f is 'doc'; expected csv or xlsx"),
        (f"{SITES}?colour=red", "there is no parameter colour here"),
        (f"{SITES}?kind=castle", "kind is 'castle'"),
        (f"{SITES}?crs=mars", "the coordinate system is 'mars'"),
        (f"{SITES}?f=geojson&crs=4547", "WGS 84 degrees only"),
        (f"{SITES}?f=gpkg&crs=gcj02", "cannot say"),
        ("/api/collections/case_file/export?f=html", "has no places"),
        (f"{SITES}?bbox=1,2", "bbox is"),
    ],
)
def test_a_mistake_is_one_sentence(client, address, said):
    answer = client.get(address)
    assert answer.status_code == 400 and said in answer.get_json(force=True)["detail"]
    assert "Content-Disposition" not in answer.headers


def test_findings_in_every_format(client):
    wanted = "county=410181&certainty=breach&lang=zh"
    rows = lines(client.get(f"/api/findings?f=csv&{wanted}"))
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/api/findings?f=ledger&{wanted}").data))
    assert book.sheetnames[:2] == ["概要", "散煤与禁煤区"]
    assert sum(sheet.max_row - 1 for sheet in book.worksheets[1:]) == len(rows)
    found = json.loads(client.get(f"/api/findings?f=geojson_all&{wanted}").data)["features"]
    assert [feature["id"] for feature in found] == [row["问题标识"] for row in rows]
    assert found[0]["properties"]["message"] == rows[0]["说明"]
    with zipfile.ZipFile(io.BytesIO(client.get(f"/api/findings?f=shp&{wanted}").data)) as file:
        assert "fields.csv" in file.namelist()
    for form, start in (("gpkg", b"SQLite format 3"), ("parquet", b"PAR1"), ("html", b"<!DOCTYPE html>")):
        answer = client.get(f"/api/findings?f={form}&{wanted}")
        assert answer.data.startswith(start) and answer.content_length == len(answer.data)


def test_the_roster_goes_out(client):
    rows = lines(client.get("/duties.csv?county=410181"))
    assert {"网格代码", "角色", "岗位", "起", "止", "专职"} < set(rows[0]) and rows[0]["角色"] == "网格长"
    assert client.get("/duties.pdf").status_code == 404


def test_the_command(city_url, tmp_path, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", city_url)

    def run(*words):
        return CliRunner().invoke(cli, [str(word) for word in words])

    path = tmp_path / "村庄.csv"
    told = run("layers", "export", "village", path, "--county", "410181", "--filter", "covered_pct=0..50", "--no-bom")
    assert told.exit_code == 0, told.output
    number = int(told.output.split(" features")[0])
    assert len(list(csv.reader(path.open(encoding="utf-8", newline="")))) == number + 1 > 1
    for words, said in (
        ((path,), "give --force"),
        ((path, "--force", "--filter", "source=x"), "cannot be filtered by source"),
        ((path, "--force", "--filter", "covered_pct"), "expected COLUMN=VALUE"),
        ((path, "--force", "--county", "999999"), "there is no county 999999"),
        ((tmp_path / "no" / "a.csv",), "there is no folder"),
    ):
        refused = run("layers", "export", "village", *words)
        assert refused.exit_code and said in str(refused.exception), words
    assert run("findings", "--format", "gpkg").exit_code == 2
    assert "findings written" in run("findings", "--county", "410181", "--output", tmp_path / "f.gpkg").output
