"""What phones send: taken once, checked against the cell, and seen by those it concerns."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.db.session import Connection, transaction
from gridmap.domain import grid
from gridmap.rules import incremental
from tests import accounts
from tests.phone import CELL, INSIDE, now, patrol, photo, report, send_patrol, send_report

Enter = Callable[..., FlaskClient]
OUTSIDE = (113.10, 34.75)
"""In the same county, in another cell."""


@pytest.fixture(scope="module")
def chief(own_app: Flask, own_url: str) -> FlaskClient:
    return accounts.carry(own_app.test_client(), accounts.enter(own_url, "chief", CELL))


def _rows(conn: Connection, query: str, *values: object) -> list:
    with transaction(conn) as cursor:
        cursor.execute(query, list(values))
        return list(cursor.fetchall())


def _count(conn: Connection, table: str, key: str) -> int:
    return _rows(conn, f"SELECT count(*) FROM gridmap.{table} WHERE {table.split('_')[-1]}_id::text = %s", key)[0][0]


def _near(own: Connection, metres: float, *, inside: bool) -> tuple[float, float]:
    """Return a place so far from the cell's boundary, on a side."""
    sign = -1 if inside else 1
    row = _rows(
        own,
        "SELECT ST_X(p.geom), ST_Y(p.geom) FROM gridmap.grid_cell AS c CROSS JOIN LATERAL (SELECT ST_Transform("
        "ST_PointN(ST_ExteriorRing(ST_GeometryN(ST_Buffer(c.geom_m, %s, 'join=mitre'), 1)), 2), 4490) AS geom) AS p "
        "WHERE c.cell_code = %s",
        sign * metres,
        CELL,
    )[0]
    return float(row[0]), float(row[1])


def test_a_report_arrives_with_its_photos(chief: FlaskClient, own: Connection) -> None:
    entry = report()
    answer = send_report(chief, entry, (photo(), "a.jpg"), (photo("blue"), "b.jpg"))
    assert (answer.status_code, answer.json["state"], answer.json["standing"]) == (200, "sent", "inside")
    row = _rows(own, "SELECT * FROM gridmap.report WHERE report_id = %s", entry["id"])[0]
    assert (row.reporter_cell_code, row.county_code, row.theme) == (CELL, "410181", "dust")
    assert row.cell_code.startswith(CELL) and len(row.cell_code) == 15  # the unit cell that holds the place
    assert row.reported_on.isoformat() == "2020-10-15"
    page = chief.get(f"/reports/{entry['id']}")
    assert "路边裸土没有覆盖" in page.text
    for number in (1, 2):
        picture = chief.get(f"/reports/{entry['id']}/photos/{number}")
        assert picture.mimetype == "image/jpeg" and picture.data.startswith(b"\xff\xd8")
        assert picture.headers["Cache-Control"] == "private, no-store"
        assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert chief.get(f"/reports/{entry['id']}/photos/3").status_code == 404
    assert "路边裸土没有覆盖" in chief.get("/cell").text
    logged = _rows(own, "SELECT actor FROM gridmap.audit_log WHERE relation = 'report' AND row_key = %s", entry["id"])
    assert len(logged) == 1


def test_what_is_sent_twice_is_kept_once(chief: FlaskClient, own: Connection) -> None:
    entry = report()
    answers = [send_report(chief, {**entry, "sent_at": now()}, (photo(), "a.jpg")).json for _ in range(3)]
    assert [answer["state"] for answer in answers] == ["sent"] * 3
    assert [answer["repeated"] for answer in answers] == [False, True, True]
    assert len({answer["sentence"] for answer in answers}) == 1
    assert _count(own, "report", entry["id"]) == 1
    assert _rows(own, "SELECT count(*) FROM gridmap.report_photo WHERE report_id = %s", entry["id"])[0][0] == 1


def test_what_is_sent_twice_at_once_is_kept_once(own_app: Flask, own_url: str, own: Connection) -> None:
    token = accounts.enter(own_url, "chief", CELL)
    entry, round_ = report(), patrol(squares=[_square(own)])
    states = []

    def send(act: Callable[[FlaskClient], object]) -> None:
        states.append(act(accounts.carry(own_app.test_client(), token)))

    acts = [lambda c: send_report(c, entry, (photo(size=(2000, 1500)), "a.jpg")).json["state"]] * 3
    acts += [lambda c: send_patrol(c, round_).json["state"]] * 3
    threads = [threading.Thread(target=send, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states == ["sent"] * 6
    assert _count(own, "report", entry["id"]) == 1
    assert _rows(own, "SELECT count(*) FROM gridmap.report_photo WHERE report_id = %s", entry["id"])[0][0] == 1
    assert _rows(own, "SELECT count(*) FROM gridmap.patrol_round WHERE round_id = %s", round_["id"])[0][0] == 1


def test_a_key_of_somebody_else_is_taken(chief: FlaskClient, enter: Enter, own: Connection) -> None:
    entry = report(words="第一个人写的")
    assert send_report(chief, entry).status_code == 200
    other = send_report(enter("chief", "410183102"), {**entry, "cell": "410183102", "confirmed": True})
    assert other.status_code == 409 and other.json["state"] == "refused"
    assert "第一个人" not in other.text
    assert _count(own, "report", entry["id"]) == 1


@pytest.mark.parametrize(
    ("metres", "inside", "accuracy", "standing"),
    [(50, True, 10, "inside"), (5, True, 30, "near_boundary"), (5, False, 30, "near_boundary")],
)
def test_the_boundary_is_told(
    chief: FlaskClient, own: Connection, metres: float, inside: bool, accuracy: float, standing: str
) -> None:
    lon, lat = _near(own, metres, inside=inside)
    answer = send_report(chief, report(lon=lon, lat=lat, accuracy_m=accuracy))
    assert (answer.status_code, answer.json.get("standing")) == (200, standing)
    assert ("界外待核" in answer.json["sentence"]) is (standing == "near_boundary")


def test_outside_is_confirmed_then_handed_over(chief: FlaskClient, enter: Enter, own: Connection) -> None:
    entry = report(lon=OUTSIDE[0], lat=OUTSIDE[1], words="界外看到的")
    asked = send_report(chief, entry)
    assert (asked.status_code, asked.json["state"]) == (409, "confirm")
    assert " km" in asked.json["sentence"]
    assert _count(own, "report", entry["id"]) == 0
    assert send_report(chief, {**entry, "confirmed": True}).json["standing"] == "outside"
    holder = _rows(own, "SELECT cell_code FROM gridmap.report WHERE report_id = %s", entry["id"])[0][0]
    assert holder and not holder.startswith(CELL)
    assert "界外看到的" in enter("chief", holder).get("/cell").text
    assert "界外看到的" in chief.get(f"/reports/{entry['id']}").text
    assert enter("inspector", "410181").get(f"/reports/{entry['id']}").status_code == 200
    assert enter("bureau").get(f"/reports/{entry['id']}").status_code == 200
    # his neighbour in the first cell answers for neither the place nor the report
    for role, place in [("chief", f"{CELL}000001"), ("chief", "410183102"), ("inspector", "410183")]:
        stranger = enter(role, place)
        assert stranger.get(f"/reports/{entry['id']}").status_code == 404
        assert stranger.get(f"/reports/{entry['id']}/photos/1").status_code == 404


def test_a_rough_position_is_asked_about(chief: FlaskClient) -> None:
    entry = report(accuracy_m=3000)
    asked = send_report(chief, entry)
    assert (asked.status_code, asked.json["state"]) == (409, "confirm") and "3.0 km" in asked.json["sentence"]
    assert send_report(chief, {**entry, "confirmed": True}).json["standing"] == "near_boundary"


def test_a_site_gives_the_place(chief: FlaskClient, own: Connection) -> None:
    entry = report(lon=..., lat=..., accuracy_m=..., placed_by=..., site="demo-con-0043")
    assert send_report(chief, entry).json["state"] == "sent"
    row = _rows(own, "SELECT placed_by, site_id FROM gridmap.report WHERE report_id = %s", entry["id"])[0]
    assert tuple(row) == ("site", "demo-con-0043")


WRONG = {
    "nothing": "",
    "no object": "[]",
    "half": '{"id": "',
    "deep": "[" * 100_000,
    "no key": json.dumps(report(id="17")),
    "no words": json.dumps(report(words="  ")),
    "too many words": json.dumps(report(words="土" * 1001)),
    "NUL": json.dumps(report(words="a\x00b")),
    "half a letter": json.dumps(report(words="x")).replace('"x"', '"\\ud800"'),
    "no position": json.dumps(report(lon=..., lat=..., accuracy_m=...)),
    "half a position": json.dumps(report(lat=...)),
    "NaN": json.dumps(report(lon=float("nan"))),
    "1e999": json.dumps(report(lat=34.7)).replace("34.7", "1e999"),
    "a huge whole number": json.dumps(report(lat=10**400)),
    "text for a number": json.dumps(report(lon="112.9")),
    "accuracy below nothing": json.dumps(report(accuracy_m=-1)),
    "accuracy without end": json.dumps(report(accuracy_m=float("inf"))),
    "another city": json.dumps(report(lon=121.5, lat=31.2)),
    "beyond the city": json.dumps(report(lon=115.2, lat=36.0, confirmed=True)),
    "swapped": json.dumps(report(lon=34.79, lat=112.87)),
    "no time": json.dumps(report(made_at=...)),
    "no zone": json.dumps(report(made_at="2026-03-01T08:00:00")),
    "the year 1": json.dumps(report(made_at="0001-01-01T00:00:00+00:00")),
    "tomorrow": json.dumps(report(made_at=now(days=-1))),
    "last year": json.dumps(report(made_at=now(days=300))),
    "unknown theme": json.dumps(report(theme="weather")),
    "unknown site": json.dumps(report(site="no-such-site")),
    "a site elsewhere": json.dumps(report(site="demo-con-0003")),
    "no cell of his": json.dumps(report(cell="410183102")),
    "no cell": json.dumps(report(cell=...)),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_bad_report_is_refused_in_one_sentence(chief: FlaskClient, own: Connection, case: str) -> None:
    before = _rows(own, "SELECT count(*) FROM gridmap.report")[0][0]
    answer = send_report(chief, WRONG[case])
    assert answer.status_code == 400
    assert answer.json["state"] == "refused" and answer.json["sentence"] and "\n" not in answer.json["sentence"]
    assert _rows(own, "SELECT count(*) FROM gridmap.report")[0][0] == before


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [(b"PK\x03\x04" + b"0" * 99, "photo.jpg", "照片格式"), (b"", "a.jpg", "空的"), (photo()[:700], "a.jpg", "损坏")],
)
def test_a_bad_photo_refuses_the_whole(
    chief: FlaskClient, own: Connection, content: bytes, name: str, word: str
) -> None:
    entry = report()
    answer = send_report(chief, entry, (photo(), "good.jpg"), (content, name))
    assert answer.status_code == 400 and word in answer.json["sentence"]
    assert _count(own, "report", entry["id"]) == 0


def test_photos_are_limited(chief: FlaskClient) -> None:
    many = send_report(chief, report(), *[(photo(), f"{n}.jpg") for n in range(5)])
    assert many.status_code == 400 and "最多 4 张" in many.json["sentence"]
    large = send_report(chief, report(), (photo() + b"\0" * 13_000_000, "a.jpg"))
    assert large.status_code == 400 and "12 MB" in large.json["sentence"]
    larger = send_report(chief, report(), (photo() + b"\0" * 50_000_000, "a.jpg"))
    assert larger.status_code == 400 and "12 MB" in larger.json["sentence"]
    huge = send_report(chief, report(), (photo() + b"\0" * 60_000_000, "a.jpg"))
    assert huge.status_code == 413 and "12 MB" in huge.json["sentence"]


def test_a_wrong_clock_is_put_right(chief: FlaskClient, own: Connection) -> None:
    entry = report(made_at=now(days=-3, hours=1), sent_at=now(days=-3))
    assert send_report(chief, entry).json["state"] == "sent"
    row = _rows(
        own,
        "SELECT clock_skew_s, received_at - made_at AS age, reported_on FROM gridmap.report WHERE report_id = %s",
        entry["id"],
    )[0]
    assert abs(row.clock_skew_s - 3 * 86400) < 60
    assert 3500 < row.age.total_seconds() < 3700


def test_who_may_not_send(own_app: Flask, enter: Enter, chief: FlaskClient) -> None:
    assert send_report(own_app.test_client(), report()).status_code == 401
    assert send_report(enter("auditor"), report()).status_code == 403
    assert send_patrol(enter("inspector", "410181"), patrol()).status_code == 403
    assert send_patrol(enter("bureau"), patrol()).status_code == 403
    bare = own_app.test_client()
    bare.set_cookie("gridmap_login", chief.get_cookie("gridmap_login").value)
    assert send_report(bare, report()).status_code == 403  # no form token
    assert send_report(bare, report()).json is None


def test_an_inspector_reports_without_a_cell(enter: Enter, own: Connection) -> None:
    entry = report(cell=...)
    assert send_report(enter("inspector", "410181"), entry).json["standing"] == "no_cell"
    assert _rows(own, "SELECT reporter_cell_code FROM gridmap.report WHERE report_id = %s", entry["id"])[0][0] is None


def _square(own: Connection, *, road: bool = False, number: int = 0) -> str:
    """Return the code of a square well inside the cell, with or without a road."""
    rows = _rows(
        own,
        "SELECT s.cell_code FROM gridmap.grid_cell AS c JOIN gridmap.grid_cell AS s ON s.kind = 'square' "
        "AND ST_Area(ST_Intersection(s.geom_m, c.geom_m)) > 500000 WHERE c.cell_code = %s AND EXISTS ("
        "SELECT FROM gridmap.road AS r WHERE ST_Intersects(r.geom_m, s.geom_m)) = %s ORDER BY 1",
        CELL,
        road,
    )
    return str(rows[number][0])


def test_a_round_counts_for_its_squares(chief: FlaskClient, own: Connection) -> None:
    plain, road = _square(own), _square(own, road=True)
    entry = patrol(squares=[plain, road, plain], note="例行")
    answer = send_patrol(chief, entry)
    assert answer.json["state"] == "sent" and answer.json["squares"] == 2
    rows = _rows(
        own, "SELECT kind, cell_key, patrolled_on, cell_code FROM gridmap.patrol WHERE round_id = %s", entry["id"]
    )
    assert sorted((row.kind, grid.code_of(row.cell_key)) for row in rows) == sorted(
        [("cell", plain), ("cell", road), ("road", road)]
    )
    assert {(row.patrolled_on.isoformat(), row.cell_code) for row in rows} == {("2020-10-15", CELL)}
    again = send_patrol(chief, entry)
    assert again.json["repeated"] is True and again.json["squares"] == 2


def test_a_track_counts_where_it_is_sure(chief: FlaskClient, own: Connection) -> None:
    points = [
        {"lon": INSIDE[0], "lat": INSIDE[1], "accuracy_m": 15, "at": now(minutes=20)},
        {"lon": INSIDE[0] + 0.02, "lat": INSIDE[1], "accuracy_m": 900, "at": now(minutes=10)},
        {"lon": OUTSIDE[0], "lat": OUTSIDE[1], "accuracy_m": 5, "at": now(minutes=5)},
    ]
    entry = patrol(points=points)
    assert send_patrol(chief, entry).json["squares"] == 1
    assert _rows(own, "SELECT count(*) FROM gridmap.patrol_point WHERE round_id = %s", entry["id"])[0][0] == 3
    nowhere = send_patrol(chief, patrol(points=points[1:]))
    assert nowhere.status_code == 400 and "没有经过" in nowhere.json["sentence"]


def test_a_round_of_yesterday_counts_for_yesterday(chief: FlaskClient, own: Connection) -> None:
    entry = patrol(squares=[_square(own)], made_at=now(days=1))
    assert "2020-10-14" in send_patrol(chief, entry).json["sentence"]


def test_one_tap_notes_a_visit(chief: FlaskClient, own: Connection) -> None:
    entry = patrol(site="demo-ent-0115", with_roads=...)
    assert send_patrol(chief, entry).json["squares"] == 1
    assert "最近巡查 2020-10-15" in chief.get("/cell").text
    kinds = _rows(own, "SELECT kind FROM gridmap.patrol WHERE round_id = %s", entry["id"])
    assert [row.kind for row in kinds] == ["cell"]


BAD_ROUNDS = {
    "nothing": "",
    "nowhere": json.dumps(patrol()),
    "a square elsewhere": json.dumps(patrol(squares=["E500N3850"])),
    "no code": json.dumps(patrol(squares=[17])),
    "no list": json.dumps(patrol(squares="E1N1")),
    "a point that is none": json.dumps(patrol(points=[17])),
    "NaN": json.dumps(patrol(points=[{"lon": float("nan"), "lat": 34.7, "at": now()}])),
    "too many points": json.dumps(patrol(points=[{}] * 5001)),
    "unknown cell": json.dumps(patrol(cell="no-such-cell")),
    "unknown site": json.dumps(patrol(site="no-such-site")),
    "tomorrow": json.dumps(patrol(made_at=now(days=-1))),
    "a key of no kind": json.dumps(patrol(id="' OR 1=1")),
}


@pytest.mark.parametrize("case", BAD_ROUNDS)
def test_a_bad_round_is_refused_in_one_sentence(chief: FlaskClient, own: Connection, case: str) -> None:
    before = _rows(own, "SELECT count(*) FROM gridmap.patrol_round")[0][0]
    answer = send_patrol(chief, BAD_ROUNDS[case])
    assert answer.status_code == 400 and answer.json["state"] == "refused" and answer.json["sentence"]
    assert _rows(own, "SELECT count(*) FROM gridmap.patrol_round")[0][0] == before


def test_nobody_patrols_his_neighbours_cell(enter: Enter, own: Connection) -> None:
    officer = enter("officer", f"{CELL}000001")
    for cell in (CELL, f"{CELL}000002", "410183102", "410181"):
        answer = send_patrol(officer, patrol(cell=cell, squares=[_square(own)]))
        assert answer.status_code in (400, 403), cell


def test_a_patrol_of_roads_settles_what_was_found(chief: FlaskClient, own: Connection) -> None:
    """GRID-04 asks for a patrol of the roads of a square within a week; the next audit of what changed knows of it."""
    road = _square(own, road=True)
    key = grid.parse(road)
    with transaction(own) as cursor:
        cursor.execute("DELETE FROM gridmap.patrol WHERE cell_key = %s", [key])
    incremental.rejudge(own)
    status = "SELECT status FROM gridmap.finding WHERE rule_id = 'GRID-04' AND feature_id = %s"
    assert [row.status for row in _rows(own, status, road)] == ["open"]
    assert send_patrol(chief, patrol(squares=[road], with_roads=False)).json["state"] == "sent"
    incremental.rejudge(own)
    assert [row.status for row in _rows(own, status, road)] == ["open"]  # of the cell, not of its roads
    assert send_patrol(chief, patrol(squares=[road])).json["state"] == "sent"
    incremental.rejudge(own)
    assert [row.status for row in _rows(own, status, road)] == ["gone"]


def test_a_session_that_ended_meanwhile(own_app: Flask, own_url: str, own: Connection) -> None:
    client = accounts.carry(own_app.test_client(), accounts.enter(own_url, "chief", CELL))
    assert client.get("/cell/session").json["account"].startswith("test-chief-")
    client.post("/logout")
    client.set_cookie("gridmap_login", "x" * 43)
    entry = report()
    assert send_report(client, entry).status_code == 401
    assert _count(own, "report", entry["id"]) == 0


def test_guessed_keys_tell_nothing(chief: FlaskClient) -> None:
    for key in (str(uuid.uuid4()), "x", "1", "%00", "../../etc/passwd"):
        assert chief.get(f"/reports/{key}").status_code == 404
        assert chief.get(f"/reports/{key}/photos/1").status_code == 404
    assert chief.get(f"/reports/{uuid.uuid4()}/photos/-1").status_code == 404
