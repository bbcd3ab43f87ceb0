"""Visits as they arrive: kept once, judged, written beside findings and the record, decided on."""

from __future__ import annotations

import datetime as dt
import io
import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from gridmap.db.session import Connection, transaction
from gridmap.store import runs
from tests import accounts
from tests.phone import now, photo, send_visit, signature, visit

Enter = Callable[..., FlaskClient]
COUNTY = "410181"
WORKS = "demo-dust-0043"
"""A site of demolition works with an open finding of DUST-03."""


@pytest.fixture(scope="module")
def inspector(own_app: Flask, own_url: str) -> FlaskClient:
    return accounts.carry(own_app.test_client(), accounts.enter(own_url, "inspector", COUNTY))


def _rows(conn: Connection, query: str, *values: object) -> list:
    with transaction(conn) as cursor:
        cursor.execute(query, list(values))
        return list(cursor.fetchall())


def _do(conn: Connection, query: str, *values: object) -> None:
    with transaction(conn) as cursor:
        cursor.execute(query, list(values))


def _place(conn: Connection, site: str) -> tuple[float, float]:
    return tuple(_rows(conn, "SELECT ST_X(geom), ST_Y(geom) FROM gridmap.site WHERE site_id = %s", site)[0])


def _said(**answers: Any) -> list[dict[str, Any]]:
    return [
        {"item": item, "answer": said} if isinstance(said, str) else {"item": item, "value": said}
        for item, said in answers.items()
    ]


def _events(conn: Connection, visit_id: str) -> set[tuple[str, str, str]]:
    query = (
        "SELECT e.event, f.rule_id, f.part FROM gridmap.finding_event AS e JOIN gridmap.finding AS f USING (key) "
        "WHERE e.inspection_id = %s"
    )
    return {tuple(row) for row in _rows(conn, query, visit_id)}


def test_a_failed_visit_confirms_makes_and_proposes(inspector: FlaskClient, own: Connection) -> None:
    lon, lat = _place(own, WORKS)
    first, second = (sign * 8 + str(uuid.uuid4())[8:] for sign in "f0")
    entry = visit(
        WORKS, id=first, lon=lon, lat=lat, accuracy_m=12, signed_how="drawn",
        answers=_said(fence="ok", cover="failed", no_mixing="failed", three_posts="failed", pm10_reading=135.5),
    )  # fmt: skip
    told = send_visit(inspector, entry, (photo(), "a.jpg"), signed=signature()).json
    assert (told["state"], told["outcome"], told["place_state"]) == ("sent", "objections", "near")
    # DUST-08 is for built-up areas: what it does not tell is told all the same
    assert {("confirmed", "DUST-03", ""), ("confirmed", "VISIT-01", "three_posts")} <= _events(own, told["visit"])
    assert {rule for _event, rule, part in _events(own, told["visit"]) if part in ("", "no_mixing")} >= {"DUST-03"}
    assert {part for _e, rule, part in _events(own, told["visit"]) if rule in ("DUST-08", "VISIT-01")} & {
        "",
        "no_mixing",
    }
    row = _rows(own, "SELECT * FROM gridmap.inspection WHERE inspection_id = %s", told["visit"])[0]
    assert (row.site_id, row.is_settled, row.mixes_on_site, row.signed_how) == (WORKS, True, True, "drawn")
    assert row.inspected_on.isoformat() == "2020-10-15"
    facts = _rows(own, "SELECT facts FROM gridmap.finding WHERE rule_id = 'DUST-03' AND feature_id = %s", WORKS)[0][0]
    assert facts["inspected_on"] == "2020-10-15"
    page = inspector.get(f"/visits/{told['visit']}").text
    for wording in ("停工建议", "经本次检查证实", "由本次检查发现", "135.5", "试"):
        assert wording in page
    picture = inspector.get(f"/visits/{told['visit']}/photos/1")
    assert picture.mimetype == "image/jpeg"
    assert picture.headers["Cache-Control"] == "private, no-store"
    assert Image.open(io.BytesIO(inspector.get(f"/visits/{told['visit']}/signature").data)).format == "PNG"
    assert inspector.get(f"/visits/{told['visit']}/photos/2").status_code == 404
    key = next(key for key in told["findings"])
    assert told["visit"] in inspector.get(f"/findings/{key}").text
    logged = _rows(own, "SELECT 1 FROM gridmap.audit_log WHERE relation = 'inspection' AND row_key = %s", told["visit"])
    assert logged

    # the ladder: declined without a reason is refused, then taken, then decided
    path = f"/visits/{told['visit']}/stop-work"
    stop = _rows(own, "SELECT times, step FROM gridmap.stop_work WHERE inspection_id = %s", told["visit"])[0]
    assert facts["times"] == stop.times
    assert facts["stop_work"] == stop.step
    refused = inspector.post(path, data={"decision": "declined", "reason": " "})
    assert refused.status_code == 400
    assert "不采纳的，请写明理由" in refused.text
    assert inspector.post(path, data={"decision": "taken"}).status_code == 303
    assert inspector.post(path, data={"decision": "declined", "reason": "另案"}).status_code == 409
    assert "已采纳" in inspector.get(f"/visits/{told['visit']}").text

    # a later visit, be it in the same second, sees all kept: what rests on visits is settled by it
    kept = _said(cover="ok", fence="ok", no_mixing="ok", three_posts="ok")
    at = dt.datetime.fromisoformat(entry["made_at"]) + dt.timedelta(milliseconds=1)
    again = send_visit(
        inspector, visit(WORKS, id=second, began_at=at.isoformat(), made_at=at.isoformat(), answers=kept)
    ).json
    assert again["outcome"] == "nothing_to_object"
    gone = "SELECT rule_id, gone_reason FROM gridmap.finding WHERE feature_id = %s AND status = 'gone' AND gone_on = %s"
    assert {("DUST-03", "cured"), ("VISIT-01", "cured")} <= {tuple(r) for r in _rows(own, gone, WORKS, "2020-10-15")}
    assert "没有异议，当场办结" in inspector.get(f"/visits/{again['visit']}").text


def test_what_is_kept_disputes_the_record_and_closes_nothing(inspector: FlaskClient, own: Connection) -> None:
    site, key = _rows(
        own,
        "SELECT f.feature_id, f.key FROM gridmap.finding AS f JOIN gridmap.enterprise AS e ON e.site_id = f.feature_id "
        "WHERE f.rule_id = 'INDU-03' AND f.county_code = %s AND f.status = 'open' AND e.polluter_class = 'close' "
        "ORDER BY f.feature_id LIMIT 1",
        COUNTY,
    )[0]
    answers = _said(
        power_cut="ok", water_cut="ok", materials_cleared="ok", products_cleared="ok", equipment_cleared="ok",
        closed_idle="ok",
    )  # fmt: skip
    told = send_visit(inspector, visit(site, answers=answers)).json
    assert told["outcome"] == "nothing_to_object"
    assert ("disputed", "INDU-03", "") in _events(own, told["visit"])
    assert _rows(own, "SELECT status FROM gridmap.finding WHERE key = %s", key)[0][0] == "open"
    page = inspector.get(f"/visits/{told['visit']}").text
    assert "建议更正登记资料" in page
    assert "检查结果与它不符" in page
    listed = inspector.get("/api/visits?mark=correction").json["items"]
    assert told["visit"] in {one["inspection_id"] for one in listed}
    assert told["visit"] in inspector.get("/visits?mark=correction").text


def test_what_is_sent_twice_is_kept_once(own_app: Flask, own_url: str, own: Connection) -> None:
    token = accounts.enter(own_url, "inspector", COUNTY)
    entry = visit("demo-con-0043", answers=_said(fence="ok"))
    told: list[dict[str, Any]] = []

    def send() -> None:
        told.append(send_visit(accounts.carry(own_app.test_client(), token), {**entry, "sent_at": now()}).json)

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    send()
    assert {one["state"] for one in told} == {"sent"}
    assert sorted(one["repeated"] for one in told) == [False, True, True, True]
    assert len({one["visit"] for one in told}) == 1
    assert _rows(own, "SELECT count(*) FROM gridmap.inspection WHERE entry_key = %s", entry["id"])[0][0] == 1
    other = send_visit(accounts.carry(own_app.test_client(), accounts.enter(own_url, "bureau")), entry)
    assert (other.status_code, other.json["state"]) == (409, "refused")


@pytest.mark.parametrize(
    ("place", "state", "wording"),
    [
        ({}, "unknown", "没有位置"),
        ({"accuracy_m": 3000.0}, "vague", "3.0 km"),
        ({"east": 0.02}, "far", "离登记点位较远"),
        ({"lon": 121.47, "lat": 31.23, "accuracy_m": 10.0}, "outside_city", "不在本市范围内"),
    ],
)
def test_a_doubtful_place_is_taken_and_marked(
    inspector: FlaskClient, own: Connection, place: dict[str, float], state: str, wording: str
) -> None:
    lon, lat = _place(own, "demo-con-0067")
    sent = dict(place)
    if place and "lon" not in place:
        sent = {"lon": lon + sent.pop("east", 0.0), "lat": lat, "accuracy_m": 10.0, **sent}
    told = send_visit(inspector, visit("demo-con-0067", answers=_said(fence="ok"), **sent)).json
    assert (told["state"], told["place_state"]) == ("sent", state)
    assert wording in told["sentence"]
    assert wording in inspector.get(f"/visits/{told['visit']}").text


def test_a_site_closed_or_removed_meanwhile_is_told_of(inspector: FlaskClient, enter: Enter, own: Connection) -> None:
    _do(
        own,
        "INSERT INTO gridmap.site (site_id, kind, name, county_code, geom, position_error_m, placed_by, source) "
        "SELECT x.id, 'market', x.id, s.county_code, s.geom, 10, 'test', 'test' "
        "FROM gridmap.site AS s, unnest(ARRAY['visit-closed', 'visit-removed']) AS x (id) WHERE s.site_id = %s",
        WORKS,
    )
    first = send_visit(inspector, visit("visit-removed", answers=_said(ground_clean="failed"))).json
    assert first["state"] == "sent"
    _do(own, "UPDATE gridmap.site SET closed_on = '2020-10-01' WHERE site_id = 'visit-closed'")
    _do(own, "DELETE FROM gridmap.site WHERE site_id = 'visit-removed'")
    closed = send_visit(inspector, visit("visit-closed", answers=_said(ground_clean="failed"))).json
    assert (closed["state"], closed["site_state"]) == ("sent", "closed")
    assert "2020-10-01 已停用" in closed["sentence"]
    removed = send_visit(inspector, visit("visit-removed", answers=_said(is_there="failed"))).json
    assert removed["state"] == "refused"  # the list is that of a market, as the earlier visit tells
    removed = send_visit(inspector, visit("visit-removed", answers=_said(ground_clean="failed"))).json
    assert (removed["state"], removed["site_state"]) == ("sent", "removed")
    assert "已从台账中删除" in removed["sentence"]
    for one in (first, removed):
        assert "visit-removed" in inspector.get(f"/visits/{one['visit']}").text
        assert enter("inspector", "410183").get(f"/visits/{one['visit']}").status_code == 404
    assert _rows(own, "SELECT is_settled FROM gridmap.inspection WHERE NOT is_settled") == []


def test_another_county_is_none_of_his(enter: Enter, own: Connection) -> None:
    stranger = enter("inspector", "410183")
    texts = []
    for site in (WORKS, "no-such-site"):
        answer = send_visit(stranger, visit(site, answers=_said(fence="ok")))
        assert answer.status_code == 400
        texts.append(answer.json["sentence"].replace(site, "X"))
    assert texts[0] == texts[1]
    assert stranger.get(f"/visits/new?site={WORKS}").status_code == 404


WRONG: dict[str, Any] = {
    "nothing": "",
    "no key": visit(WORKS, id="17"),
    "no site": visit(WORKS, site=...),
    "unknown item": visit(WORKS, answers=_said(weather="ok")),
    "wrong type": visit(WORKS, answers=[{"item": "fence", "answer": 3}]),
    "NaN": json.dumps(visit(WORKS, answers=[{"item": "pm10_reading", "value": float("nan")}])),
    "NaN place": json.dumps(visit(WORKS, lon=float("nan"), lat=34.7, accuracy_m=5)),
    "no such place on Earth": visit(WORKS, lon=500, lat=34.7, accuracy_m=5),
    "end before start": visit(WORKS, began_at=now(minutes=-1), made_at=now(minutes=5)),
    "two days long": visit(WORKS, began_at=now(days=2)),
    "tomorrow": visit(WORKS, began_at=now(days=-1), made_at=now(days=-1)),
    "last year": visit(WORKS, began_at=now(days=300), made_at=now(days=300)),
    "unknown purpose": visit(WORKS, kind="party"),
    "unsigned": visit(WORKS, signed_how=...),
    "no post": visit(WORKS, signed_as=" "),
    "drawn without a drawing": visit(WORKS, signed_how="drawn"),
    "too many words": visit(WORKS, note="土" * 1001),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_bad_visit_is_refused_in_one_sentence(inspector: FlaskClient, own: Connection, case: str) -> None:
    before = _rows(own, "SELECT count(*) FROM gridmap.inspection")[0][0]
    answer = send_visit(inspector, WRONG[case])
    assert answer.status_code == 400
    assert answer.json["state"] == "refused"
    assert answer.json["sentence"].endswith("。")
    assert _rows(own, "SELECT count(*) FROM gridmap.inspection")[0][0] == before


def _blank() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (600, 200), "white").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("photos", "signed", "wording"),
    [
        ([b"GIF89a no photo"], None, "照片格式不对"),
        ([b"\xff\xd8" + bytes(13 * 1024 * 1024)], None, "照片太大"),
        ([b""], None, "空的"),
        ([photo()] * 7, None, "最多 6 张"),
        ([], _blank(), "空白"),
        ([], b"no picture", "签名图片读不出来"),
        ([], photo(), "签名图片读不出来"),
    ],
)
def test_a_bad_picture_is_refused(
    inspector: FlaskClient, photos: list[bytes], signed: bytes | None, wording: str
) -> None:
    entry = visit(WORKS, answers=_said(fence="ok"), signed_how="typed" if signed is None else "drawn")
    answer = send_visit(inspector, entry, *((content, f"{n}.jpg") for n, content in enumerate(photos)), signed=signed)
    assert answer.status_code == 400
    assert wording in answer.json["sentence"]


def test_fifty_megabytes_are_not_read(inspector: FlaskClient) -> None:
    entry = visit(WORKS, answers=_said(fence="ok"))
    answer = send_visit(inspector, entry, (bytes(50 * 1024 * 1024), "a.jpg"), (bytes(30 * 1024 * 1024), "b.jpg"))
    assert answer.status_code == 413
    assert "照片太大" in answer.json["sentence"]


def test_a_visit_during_another_audit_is_kept_and_settled_later(
    inspector: FlaskClient, own: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridmap.inspecting.visits.WAIT_S", 0.2)
    with runs.one_audit_at_a_time(own, 60):
        told = send_visit(inspector, visit("demo-con-0055", answers=_said(three_posts="failed"))).json
    assert told["state"] == "sent"
    assert "稍后列出" in told["sentence"]
    assert "还没有按这次检查判定" in inspector.get(f"/visits/{told['visit']}").text
    send_visit(inspector, visit("demo-con-0055", began_at=now(), answers=[]))
    assert ("confirmed", "VISIT-01", "three_posts") in _events(own, told["visit"])


def test_the_form_asks_what_binds_the_site_and_is_kept_for_one_account(inspector: FlaskClient) -> None:
    form = inspector.get(f"/visits/new?site={WORKS}")
    assert form.headers["Gridmap-Account"]
    for wording in ('data-item="fence"', "旧村拆迁", "DUST-03", "第 "):
        assert wording in form.text
    polluter = inspector.get("/visits/new?site=demo-polluter-0008").text
    assert "两断：已断电" in polluter
    assert inspector.get("/visits/new").status_code == 303
    for bad in ("mark=x", "since=2020-13-01", "page=0", "outcome=x", "kind=x", "county=1"):
        assert inspector.get(f"/visits?{bad}").status_code == 400, bad
    assert inspector.get("/visits/no%20such").status_code == 404
    for nothing in ("nothing", "%00", "a" * 200, "x/photos/1", "x/signature"):
        assert inspector.get(f"/visits/{nothing}").status_code == 404
    for nothing in ("nothing", "%00"):
        assert inspector.get(f"/api/visits/{nothing}").status_code == 404
    assert inspector.get("/visits?q=%25_&page=9").status_code == 200
