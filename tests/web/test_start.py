"""The web process: what it imports, and when it opens the database."""

from __future__ import annotations

import subprocess
import sys

from gridmap.app import create_app
from gridmap.db.migrate import migrate
from tests import accounts, databases

HEAVY = ("geopandas", "rasterio", "pyogrio")


def test_it_starts_without_geopandas_rasterio_and_without_a_database() -> None:
    program = (
        "import sys; from gridmap.app import create_app; "
        "create_app('postgresql:///none?host=/nowhere'); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_an_empty_database_is_told_as_such() -> None:
    # of its own: an account stays, and others count on the shared one being empty
    with databases.migrated("start") as url:
        client = accounts.carry(create_app(url).test_client(), accounts.enter(url, "bureau"))
        assert "还没有数据" in client.get("/").text
        for path in ("/table", "/table?layer=village", "/rules", "/rules/COAL-01", "/data", "/city"):
            assert client.get(path).status_code == 200, path


def test_a_database_that_is_away_is_a_page_in_words() -> None:
    client = accounts.carry(create_app("postgresql:///none?host=/nowhere").test_client(), "some-token")
    answer = client.get("/")
    assert answer.status_code == 503
    assert "数据库不可用" in answer.text and "gridmap doctor" in answer.text
    assert client.get("/api/collections/village/items").status_code == 503


def test_a_database_of_an_older_version_is_told_as_such() -> None:
    with databases.temporary("older") as url:
        migrate(url)
        with databases.admin(url) as cursor:
            cursor.execute(
                "DROP VIEW snapshot.road_all CASCADE; ALTER TABLE gridmap.setting DROP COLUMN is_demo CASCADE"
            )
        client = accounts.carry(create_app(url).test_client(), accounts.enter(url, "bureau"))
        for path in ("/", "/table"):
            answer = client.get(path)
            assert answer.status_code == 503, path
            assert "gridmap db migrate" in answer.text


def test_a_city_without_cells_has_nothing_to_rank() -> None:
    from gridmap.db.session import connect
    from gridmap.rules import engine

    with databases.temporary("no_cells") as url:
        migrate(url)
        conn = connect(url)
        engine.audit(conn)
        conn.close()
        client = accounts.carry(create_app(url).test_client(), accounts.enter(url, "bureau"))
        assert "其下没有责任网格" in client.get("/city").text
        assert client.get("/city/ranking.csv").status_code == 200
