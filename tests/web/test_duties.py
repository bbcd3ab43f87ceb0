"""/duties: own area, any day, handing over; and a point on an edge has one cell in every answer of the platform."""

import csv
import io

import pytest

from gridmap.app import create_app
from gridmap.db.session import connect, transaction
from gridmap.rules import catalogue, engine
from gridmap.rules.catalogue import Catalogue
from tests import accounts, databases
from tests.api.test_tiles import features, tile_at
from tests.builders import add_region, add_site, box
from tests.store.test_grid_changes import DAY, TOWN, add_cell, add_duty, make

OTHER = "410182101"
FIRST = f"{TOWN}000001"
# corners, edges and the middle of the squares of a town of 4 by 2 km
PLACES = [(x / 2, y / 2) for x in range(9) for y in range(5)]


@pytest.fixture(scope="module")
def world_url():
    with databases.migrated("duties") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = %s", [DAY])
            add_region(cursor, "410100", "city")
            add_region(cursor, "410181", "county", box(0, 0, 10, 10), parent="410100", name="巩义市")
            add_region(cursor, "410182", "county", box(10, 0, 20, 10), parent="410100", name="荥阳市")
            add_cell(cursor, TOWN, box(0, 0, 4, 2), parent="410181")
            add_cell(cursor, OTHER, box(10, 0, 14, 2), parent="410182")
            for number, place in enumerate(PLACES):
                add_site(cursor, f"s{number}", place, kind="construction_site")
            add_duty(cursor, TOWN, "[2017-04-01,2020-01-01)", post="网格长-旧")
            add_duty(cursor, TOWN, "[2020-01-01,)", post="网格长-新")
            add_duty(cursor, OTHER, "[2020-01-01,)", post="网格长-邻县")
        make(conn, box(0, 0, 4, 2))
        with transaction(conn) as cursor:
            cursor.execute(
                "INSERT INTO gridmap.construction_site (site_id, works, floor_area_m2, has_pm10_monitoring, in_force) "
                "SELECT site_id, 'x', 20000, false, '(,)' FROM gridmap.site"
            )
        conn.close()
        yield url


@pytest.fixture(scope="module")
def app(world_url):
    application = create_app(world_url)
    application.config["TESTING"] = True
    yield application
    application.extensions["gridmap_pools"].close()


@pytest.fixture
def enter(app, world_url):
    return lambda role, place=None: accounts.carry(app.test_client(), accounts.enter(world_url, role, place))


def sent(**changes):
    return {"role": "chief", "to_post": "网格长-接任", "from_day": "2020-10-20", **changes}


def test_each_sees_the_cells_of_his_own_area(enter):
    text = enter("bureau").get("/duties").text
    assert "网格长-新" in text and "网格长-邻县" in text and "网格长-旧" not in text
    assert "网格长-旧" in enter("bureau").get("/duties?as_of=2019-06-01").text
    for client in (enter("inspector", "410181"), enter("chief", TOWN)):
        text = client.get("/duties").text
        assert "网格长-新" in text and FIRST in text and "网格长-邻县" not in text and OTHER not in text
        assert client.get(f"/duties/{OTHER}").status_code == 403
        assert client.get(f"/duties/{FIRST}").status_code == 200
    unit = enter("patroller", FIRST)
    assert f'/duties/{TOWN}"' not in unit.get("/duties").text
    assert unit.get(f"/duties/{TOWN}").status_code == 403
    assert "网格长-新" not in unit.get(f"/duties/{FIRST}").text
    assert enter("admin").get("/duties").status_code == 403


def test_filters_pages_and_the_day(enter):
    client = enter("bureau")
    assert "网格长-邻县" not in client.get("/duties?county=410181").text
    assert OTHER not in client.get(f"/duties?q={FIRST}").text and FIRST in client.get(f"/duties?q={FIRST}").text
    assert FIRST in client.get("/duties?vacant=1").text
    assert client.get("/duties?page=99").status_code == 200
    assert "Duties" in client.get("/duties?lang=en").text
    assert "vacant" in client.get(f"/duties/{FIRST}?lang=en").text
    for wrong in ("/duties?as_of=2020-13-01", "/duties?page=0", "/duties?vacant=2", "/duties?q=%00"):
        assert client.get(wrong).status_code == 400
    for missing in ("/duties/999", "/duties/%00", f"/duties/{FIRST}?as_of=2018-01-01"):
        assert client.get(missing).status_code == 404


def test_who_may_not_change_gets_no_form_and_is_refused(enter, world_url):
    for client in (enter("chief", TOWN), enter("inspector", "410181"), enter("auditor"), enter("planner", "410181")):
        assert "接任岗位" not in client.get(f"/duties/{TOWN}").text
        assert client.post(f"/duties/{TOWN}", data=sent()).status_code == 403
    neighbour = enter("reviewer", "410182")
    assert neighbour.post(f"/duties/{TOWN}", data=sent()).status_code == 403
    own = enter("reviewer", "410181")
    del own.environ_base[next(name for name in own.environ_base if "CSRF" in name)]
    answer = own.post(f"/duties/{TOWN}", data=sent())
    assert answer.status_code == 403 and "网格长-接任" in answer.text
    with connect(world_url) as conn, transaction(conn) as cursor:
        cursor.execute("SELECT count(*) FROM gridmap.duty WHERE post = '网格长-接任'")
        assert cursor.fetchone()[0] == 0


WRONG = [
    ({"to_post": "张三"}, 400, "不写姓名"),
    ({"to_post": ""}, 400, "不写姓名"),
    ({"role": "boss"}, 400, "请选择角色"),
    ({"from_day": "2020-10-14"}, 400, "早于平台的今天"),
    ({"from_day": "soon"}, 400, "应为年-月-日"),
    ({"to_post": "网格长-新"}, 409, "已担任此角色"),
    ({"account": "nobody-here"}, 400, "账号不存在"),
    ({"from_post": "网格长-没有"}, 400, "交出的岗位"),
]


@pytest.mark.parametrize(("changes", "status", "reason"), WRONG)
def test_what_is_wrong_stands_beside_what_was_typed(enter, changes, status, reason):
    answer = enter("reviewer", "410181").post(f"/duties/{TOWN}", data=sent(**changes))
    assert answer.status_code == status
    assert reason in answer.text


def test_a_handover_ends_one_duty_and_begins_the_other(enter, world_url):
    client = enter("reviewer", "410182")
    assert client.post(f"/duties/{OTHER}", data=sent()).status_code == 303
    assert client.post(f"/duties/{OTHER}", data=sent(to_post="网格长-再接任")).status_code == 409
    with connect(world_url) as conn, transaction(conn) as cursor:
        cursor.execute("SELECT post, in_force::text FROM gridmap.duty WHERE cell_code = %s ORDER BY in_force", [OTHER])
        assert [tuple(row) for row in cursor.fetchall()] == [
            ("网格长-邻县", "[2020-01-01,2020-10-20)"),
            ("网格长-接任", "[2020-10-20,)"),
        ]
        cursor.execute(
            "SELECT action, actor LIKE 'test-reviewer-%' AS his FROM gridmap.audit_log WHERE relation = 'duty' ORDER BY log_id"
        )
        assert [tuple(row) for row in cursor.fetchall()] == [("update", True), ("insert", True)]
    assert "网格长-邻县" in client.get(f"/duties/{OTHER}").text
    assert client.get(f"/duties/{OTHER}?as_of=2020-10-20").text.count("网格长-接任") == 2


def test_a_point_on_an_edge_or_corner_has_the_same_cell_in_sql_item_tile_page_and_csv(app, enter, world_url):
    conn = connect(world_url)
    rule = catalogue.load().get("DUST-01")
    engine.audit(conn, catalogue=Catalogue((rule,), (), "one"))
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT s.site_id, gridmap.cell_at(s.geom), gridmap.square_at(s.geom), ST_X(s.geom), ST_Y(s.geom), "
            "(SELECT min(c.cell_code) FROM gridmap.grid_cell AS c WHERE c.level = 'unit' AND ST_Intersects(c.geom_m, s.geom_m)) "
            "FROM gridmap.site AS s"
        )
        rows = cursor.fetchall()
        expected = {row[0]: (row[1], row[2]) for row in rows}
        cursor.execute("SELECT feature_id, cell_code FROM gridmap.finding")
        on_findings = dict(cursor.fetchall())
    conn.close()
    assert len(expected) == len(PLACES)
    assert all(row[5] is None or row[1] == row[5] for row in rows)
    client = enter("bureau")
    items = client.get("/api/collections/site/items?limit=1000").get_json(force=True)["features"]
    assert {i["id"]: (i["properties"]["cell_code"], i["properties"]["square_code"]) for i in items} == expected
    tiles = {tile_at(row[3], row[4], 14) for row in rows}
    drawn = {
        f["properties"]["feature_id"]: f["properties"] for y, x in tiles for f in features(client, "site", 14, y, x)
    }
    assert {site: (each.get("cell_code"), each.get("square_code")) for site, each in drawn.items()} == expected
    # on the outline of the town some lie outside by less than a millimetre; there is no cell about it
    for cell in {cell for cell, _square in expected.values() if cell}:
        asked = client.get(f"/api/collections/site/items?limit=1000&cell_code={cell}").get_json(force=True)["features"]
        assert {i["id"] for i in asked} == {site for site, (own, _square) in expected.items() if own == cell}
    assert set(on_findings) and all(on_findings[site] == expected[site][0] for site in on_findings)
    text = client.get("/api/findings?f=csv&rule=DUST-01").data.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert {r["对象编号"]: (r["所在网格代码"] or None, r["所在公里方格"]) for r in lines} == {
        s: expected[s] for s in on_findings
    }
    page = client.get("/table?layer=site").text
    assert all(cell in page for cell, _square in expected.values() if cell)
