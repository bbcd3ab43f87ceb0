"""Large files on /data/import: checked and written by a process of their own, told of, cancelled, killed, queued."""

import errno
import io
import json
import os
import re
import signal
import time
from contextlib import contextmanager

import openpyxl
import psycopg2
import pytest

from gridmap.db.session import connect, transaction
from gridmap.domain.import_progress import how_far
from gridmap.store import import_jobs
from gridmap.web import import_check, import_files, import_form, import_queue, import_work, import_worker
from tests import accounts, builders, databases
from tests.imports import post, send, text
from tests.ingest.ledgers import lonlat


def rows(first, number, name="厂"):
    return [
        [f"j-{at}", f"{name}{at}", "铸造", "巩义市", *lonlat(1 + at % 7, 1 + at % 5)]
        for at in range(first, first + number)
    ]


@pytest.fixture(scope="module")
def world_url():
    with databases.migrated("import_jobs") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15', city_code = '410100'")
            builders.add_region(cursor, "410100", "city", builders.box(0, 0, 20, 10))
            builders.add_region(
                cursor, "410181", "county", builders.box(0, 0, 20, 10), parent="410100", name="巩义市", error_m=20
            )
        conn.close()
        yield url


@pytest.fixture(scope="module", autouse=True)
def _large_begins_early():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_check, "SMALL_ROWS", 5)
        patch.setattr(import_queue, "_AGAIN_S", 0.5)
        yield


@pytest.fixture(autouse=True)
def _nothing_stays(world_url):
    yield
    ask(world_url, "DELETE FROM gridmap.site RETURNING 1")
    ask(world_url, "DELETE FROM gridmap.import_job RETURNING 1")


def ask(url, query):
    conn = connect(url)
    with transaction(conn) as cursor:
        cursor.execute(query)
        found = [tuple(each) for each in cursor.fetchall()]
    conn.close()
    return found


def until(look, seconds=20.0):
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
    return found


def follow(client, address):
    """Look at the progress of a file until it leads elsewhere, and return where."""
    answer = until(lambda: (got := client.get(address)).status_code == 303 and got)
    return answer.headers["Location"]


def shown(client, address):
    return re.search(r'name="shown" value="([0-9a-f]+)"', client.get(address).text)[1]


def checked(client, content):
    progress = send(client, content)
    assert progress.endswith("/progress")
    return follow(client, progress)


@contextmanager
def halted(url):
    """Halt whoever writes sites where a first part of them is written, and yield what lets it go on."""
    conn = connect(url)
    with conn.cursor() as cursor:
        cursor.execute("SELECT 1 FROM gridmap.site_kind WHERE kind = 'enterprise' FOR UPDATE")
    try:
        yield conn.rollback
    finally:
        conn.close()


def write(client, url, content):
    """Have a file written, up to where halted() halts it, and return the addresses of report and progress."""
    report = checked(client, content)
    progress = client.post(report, data={"shown": shown(client, report)}).headers["Location"]
    until(lambda: ask(url, "SELECT 1 FROM gridmap.import_job WHERE state = 'running' AND step = 'writing'"))
    until(lambda: ask(url, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                           "AND datname = current_database() AND query LIKE '%INTO \"gridmap\".\"site\"%'"))  # fmt: skip
    return report, progress


def test_a_large_file_is_checked_shown_written_and_found_on_the_site_s_page(world_app, bureau, world_url, state_folder):
    progress = send(bureau, text(rows(0, 120)))
    page = bureau.get(progress)
    if page.status_code == 200:  # a quick machine may be done already
        assert 'role="progressbar"' in page.text and 'aria-live="polite"' in page.text
        assert '<noscript><meta http-equiv="refresh"' in page.text
    report = follow(bureau, progress)
    told = bureau.get(report).text
    assert "<b>120</b> 新增" in told and "第 1 页，共 3 页" in told
    assert "j-119" in bureau.get(f"{report}?changes=3").text, "every change can be reached"
    csv = bureau.get(f"{report}/changes.csv").data.decode("utf-8-sig").splitlines()
    assert len(csv) == 121 and csv[1].startswith("新增,2,j-0,厂0,巩义市")
    book = openpyxl.load_workbook(io.BytesIO(bureau.get(f"{report}/changes.xlsx?state=new").data))
    assert book.active.max_row == 121
    click = bureau.post(report, data={"shown": shown(bureau, report)})
    assert click.status_code == 303 and click.headers["Location"].endswith("/progress")
    assert follow(bureau, progress) == report
    batch = follow(bureau, report)
    assert re.search(r"/data/imports/[0-9]+\?done=yes", batch)
    assert ask(world_url, "SELECT count(*) FROM gridmap.site") == [(120,)]
    assert not list(state_folder.glob("imports/*/*/file")) and not list(state_folder.glob("imports/*/*/found.db"))
    site = bureau.get("/sites/j-7").text
    assert "台账导入" in site and "新增了本点位" in site and "台账.csv" in site
    number = re.search(r"/data/imports/([0-9]+)", batch)[1]
    auditor = accounts.carry(world_app.test_client(), accounts.enter(world_url, "auditor"))
    log = auditor.get("/log?row=j-7").text
    assert f"导入批次 {number} 新增了本点位" in log and "改过它的台账导入" not in auditor.get("/log").text
    assert bureau.post(f"/data/imports/{number}").status_code == 303
    assert ask(world_url, "SELECT count(*) FROM gridmap.site") == [(0,)]


def test_a_killed_process_leaves_nothing_written_and_the_job_says_so(bureau, world_url, state_folder):
    with halted(world_url) as go_on:
        report, progress = write(bureau, world_url, text(rows(0, 50)))
        page = bureau.get(progress).text
        assert "正在写入，全部完成前什么都不改" in page
        assert bureau.post(report, data={"shown": "x"}).headers["Location"] == progress, "nothing else is done with it"
        os.kill(int((state_folder / "importer-1.pid").read_text()), signal.SIGKILL)
        go_on()
        follow(bureau, progress)
    told = bureau.get(report)
    assert told.status_code == 200 and "导入中断了" in told.text and 'value="apply"' in told.text
    assert ask(world_url, "SELECT count(*) FROM gridmap.site") == [(0,)]
    assert ask(world_url, "SELECT state FROM gridmap.import_job ORDER BY job_id") == [("done",), ("interrupted",)]
    bureau.post(report, data={"shown": shown(bureau, report)})
    follow(bureau, progress)
    assert bureau.get(report).status_code == 303
    assert ask(world_url, "SELECT count(*) FROM gridmap.site") == [(50,)]


def test_an_import_that_is_cancelled_leaves_nothing_and_keeps_the_file(bureau, world_url):
    with halted(world_url):
        report, progress = write(bureau, world_url, text(rows(0, 50)))
        assert bureau.post(f"{report}/cancel").status_code == 303
        follow(bureau, progress)
    assert "已取消导入，数据保持原样" in bureau.get(report).text
    assert ask(world_url, "SELECT count(*) FROM gridmap.site") == [(0,)]
    assert bureau.post(f"{report}/cancel").status_code == 303, "what has ended is shown as it ended"


def test_two_write_one_after_the_other_and_one_may_give_up_waiting(bureau, inspector, world_url):
    with halted(world_url) as go_on:
        _, first = write(bureau, world_url, text(rows(0, 50)))
        second = checked(inspector, text(rows(100, 50)))
        waits = inspector.post(second, data={"shown": shown(inspector, second)}).headers["Location"]
        assert "正在排队" in inspector.get(waits).text
        assert bureau.get(waits).status_code == 404, "another account's file"
        assert "进行中" in inspector.get("/data/import").text
        third = checked(bureau, text(rows(200, 50)))
        gone = bureau.post(third, data={"shown": shown(bureau, third)}).headers["Location"]
        assert "前面还有 1 个文件" in bureau.get(gone).text
        bureau.post(f"{third}/cancel")
        assert follow(bureau, gone) == third and "已取消导入" in bureau.get(third).text
        small = send(bureau, text(rows(300, 2)))
        late = bureau.post(small, data={"shown": shown(bureau, small)}).headers["Location"]
        assert late.endswith("/progress"), "a small one waits for its turn too"
        go_on()
        for client, address in ((bureau, first), (inspector, waits), (bureau, late)):
            follow(client, address)
    until(lambda: ask(world_url, "SELECT count(*) FROM gridmap.site") == [(102,)])


def test_what_changed_meanwhile_is_shown_anew_and_not_written(bureau, world_url):
    report = checked(bureau, text(rows(0, 20)))
    other = send(bureau, text(rows(3, 1, name="另")))
    bureau.post(other, data={"shown": shown(bureau, other)})
    progress = bureau.post(report, data={"shown": shown(bureau, report)}).headers["Location"]
    follow(bureau, progress)
    told = bureau.get(report).text
    assert "检查以后数据有变化" in told and "<b>19</b> 新增" in told and "<del>另3</del> → <ins>厂3</ins>" in told


def test_faults_of_a_large_file_are_told_by_kind_and_all_stand_in_the_copy(bureau):
    ledger = rows(0, 150)
    for at in range(0, 150, 2):
        ledger[at][4] = "x"
    for at in range(0, 150, 3):
        ledger[at][1] = ""
    report = checked(bureau, text(ledger))
    page = bureau.get(report).text
    assert "错误：经度 75" in page and "错误：企业名称 50" in page
    assert "第 1 页，共 2 页" in bureau.get(f"{report}?problem=fault:经度").text
    sheet = openpyxl.load_workbook(io.BytesIO(bureau.get(f"{report}/copy.xlsx").data)).active
    problems = [sheet.cell(row, 2).value or "" for row in range(2, sheet.max_row + 1)]
    assert sum("经度" in each for each in problems) == 75 and sum("企业名称" in each for each in problems) == 50
    listed = bureau.get(f"{report}/problems.csv?problem=fault:企业名称").data.decode("utf-8-sig").splitlines()
    assert len(listed) == 51


def test_what_repair_changes_is_listed_before_it_is_kept(bureau):
    corners = [[float(each) for each in lonlat(x, y)] for x, y in ((1, 1), (3, 1), (3, 3), (1, 1))]
    shapes = ({"type": "Polygon", "coordinates": [corners]}, {"type": "Point", "coordinates": [*corners[1], 120.5]})
    names = ({"编号": f"r-{at}", "企业名称": "厂", "行业": "铸造"} for at in range(2))
    features = [
        {"type": "Feature", "properties": each, "geometry": shape} for each, shape in zip(names, shapes, strict=True)
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    report = send(bureau, content, "台账.geojson")
    page = bureau.get(report).text
    assert "2 行有错误" in page and "--repair" not in page
    again = bureau.post(f"{report}/check", data={"day": "2020-10-15", "repair": "yes"})
    page = bureau.get(again.headers["Location"]).text
    assert "<b>0</b> 行有错误" in page
    assert "Polygon" in page and "已换成其中的一点" in page
    assert "Z 120.5" in page and "已去掉高程，位置不变" in page
    assert re.search(r'name="repair" type="checkbox" value="yes" checked', page)


def test_a_full_disk_is_told_in_one_sentence(bureau, world_url, monkeypatch):
    def refuse(*_args, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(import_files, "_write", refuse)
        answer = post(bureau, text(rows(0, 3)))
    assert answer.status_code == 507 and "服务器磁盘已满" in answer.text and "台账文件" in answer.text
    with monkeypatch.context() as patch:  # while the request is read its files lie on a disk too
        patch.setattr(import_form, "read", refuse)
        answer = post(bureau, text(rows(0, 3)))
    assert answer.status_code == 507 and "服务器磁盘已满" in answer.text
    for error in (psycopg2.errors.DiskFull(), OSError(errno.ENOSPC, "")):
        with pytest.raises(import_work.FullDiskError, match="disk is full"), import_work.telling_of_a_full_disk():
            raise error
    monkeypatch.setattr(import_queue, "start", lambda: None)
    progress = send(bureau, text(rows(0, 20)))
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", world_url)
    monkeypatch.setattr(import_work.import_found, "keep", refuse)
    assert import_worker.work() == 1
    assert "服务器磁盘已满" in bureau.get(follow(bureau, progress)).text
    assert not list(import_files.root().glob("*/*/*.part"))


def test_a_worker_does_nothing_for_an_account_that_may_no_longer_import_and_no_more_than_two_work(
    bureau, world_url, monkeypatch
):
    monkeypatch.setattr(import_queue, "start", lambda: None)
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", world_url)
    progress = send(bureau, text(rows(0, 20)))
    began = []
    monkeypatch.setattr(import_queue, "start", lambda: began.append(1))
    monkeypatch.setattr(import_queue, "_AGAIN_S", -1.0)
    bureau.get("/data/imports")
    assert began, "what waits since the machine ended goes on when somebody looks at any page of imports"
    monkeypatch.setattr(import_queue, "start", lambda: None)
    places = [import_worker._take_place() for _ in range(3)]
    assert places[:2] != [None, None] and places[2] is None
    assert import_worker.work() == 0 and "正在排队" in bureau.get(progress).text
    for place in places[:2]:
        os.close(place)
    monkeypatch.setattr(import_work, "importer_of", lambda *_: (_ for _ in ()).throw(
        import_work.ForbiddenError("no", zh="您的岗位不能做这件事。")))  # fmt: skip
    assert import_worker.work() == 1
    monkeypatch.undo()
    conn = connect(world_url)
    with transaction(conn) as cursor:
        cursor.execute("SELECT state, told_zh FROM gridmap.import_job")
        assert tuple(cursor.fetchone()) == ("failed", "您的岗位不能做这件事。")
        cursor.execute("UPDATE gridmap.import_job SET state = 'running', ended_at = NULL, told_zh = NULL")
        import_jobs.note_interrupted(cursor)
        cursor.execute("SELECT state FROM gridmap.import_job")
        assert cursor.fetchone()[0] == "interrupted", "nobody holds it"
    conn.close()


def test_how_far_a_task_is_and_how_long_it_takes():
    assert how_far("check", "reading", 0, 1000, 0.0).percent == 0
    assert how_far("check", "reading", 500, None, 9.0).percent is None
    half = how_far("check", "reading", 1000, 1400, 10.0)
    assert half.percent == 50 and half.left_s == pytest.approx(10)
    assert how_far("write", "writing", 9, 3, 60.0).percent == 99, "an estimate was too small"
    assert how_far("check", "keeping", 0, 0, 60.0).percent == 99
