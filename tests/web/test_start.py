"""The web process: what it imports, and when it opens the database."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("geopandas", "rasterio", "pandas.plotting", "pyogrio")


def test_it_starts_without_geopandas_rasterio_and_without_a_database() -> None:
    program = (
        "import sys; from gridmap.app import create_app; "
        "create_app('postgresql:///none?host=/nowhere'); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_a_database_that_is_away_is_a_page_in_words() -> None:
    from gridmap.app import create_app

    client = create_app("postgresql:///none?host=/nowhere").test_client()
    answer = client.get("/")
    assert answer.status_code == 503
    assert "数据库不可用" in answer.text and "gridmap doctor" in answer.text
    assert client.get("/api/collections/village/items").status_code == 503
