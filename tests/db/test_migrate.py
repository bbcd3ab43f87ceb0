"""Migrations: each is one transaction, a failing one is named and leaves nothing, two at once wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from gridmap.db.migrate import check_server, migrate, pending
from gridmap.db.session import connect, transaction
from gridmap.errors import DatabaseError
from tests import databases


@pytest.fixture
def fresh() -> Iterator[str]:
    with databases.temporary("migrate") as url:
        yield url


def _write(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    return str(folder)


def _tables(url: str) -> set[str]:
    conn = connect(url)
    try:
        with transaction(conn) as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'trial%'")
            return {row.tablename for row in cursor.fetchall()}
    finally:
        conn.close()


def test_all_migrations_apply_once(fresh: str) -> None:
    applied = migrate(fresh)
    assert applied == sorted(applied)
    assert applied[0].startswith("0001_")
    assert migrate(fresh) == []
    assert pending(fresh) == []


def test_a_migration_that_fails_midway_leaves_nothing_of_itself(fresh: str, tmp_path: Path) -> None:
    folder = _write(
        tmp_path,
        trial_1_good="CREATE TABLE trial_good (id int);",
        trial_2_bad="CREATE TABLE trial_bad (id int);\nINSERT INTO trial_bad VALUES (1);\nSELECT 1 / 0;",
        trial_3_never="CREATE TABLE trial_never (id int);",
    )
    with pytest.raises(DatabaseError, match=r"trial_2_bad failed and left nothing of itself: division by zero"):
        migrate(fresh, folder)
    assert _tables(fresh) == {"trial_good"}

    _write(tmp_path, trial_2_bad="CREATE TABLE trial_bad (id int);")
    assert migrate(fresh, folder) == ["trial_2_bad", "trial_3_never"]
    assert _tables(fresh) == {"trial_good", "trial_bad", "trial_never"}


def test_a_killed_migration_is_done_again(fresh: str, tmp_path: Path) -> None:
    """The lock row that a killed run leaves behind stops nobody."""
    folder = _write(tmp_path, trial_4="CREATE TABLE trial_four (id int);")
    migrate(fresh, folder)
    conn = connect(fresh)
    with transaction(conn) as cursor:
        cursor.execute("INSERT INTO public.yoyo_lock (locked, ctime, pid) VALUES (1, '2020-01-01', 1)")
    conn.close()
    _write(tmp_path, trial_5="CREATE TABLE trial_five (id int);")
    assert migrate(fresh, folder) == ["trial_5"]


def test_two_at_once_wait_for_each_other(fresh: str, tmp_path: Path) -> None:
    folder = _write(tmp_path, trial_6="CREATE TABLE trial_six (id int);\nSELECT pg_sleep(0.5);")
    applied: list[list[str]] = []
    runs = [threading.Thread(target=lambda: applied.append(migrate(fresh, folder))) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert sorted(applied) == [[], ["trial_6"]]


def test_what_a_migration_selects_is_not_printed(
    fresh: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    migrate(fresh, _write(tmp_path, trial_7="SELECT 'chatter' AS noise;"))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("url", ["mysql://somewhere/db", "host=/tmp dbname=x", ""])
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    if not url:
        pytest.skip("an empty address means the private cluster")
    with pytest.raises(DatabaseError) as caught:
        migrate(url)
    assert "\n" not in str(caught.value)


def test_an_account_that_may_not_create_is_told_so(fresh: str) -> None:
    role = "gridmap_test_reader"
    with databases.admin() as cursor:
        cursor.execute(f"DROP ROLE IF EXISTS {role}")
        cursor.execute(f"CREATE ROLE {role} LOGIN")
    try:
        as_reader = fresh.replace("//", f"//{role}@", 1) if "@" not in fresh else _as_user(fresh, role)
        with pytest.raises(DatabaseError, match=r"may not migrate|permission denied"):
            migrate(as_reader)
    except psycopg2.OperationalError:
        pytest.skip("this server lets no new role log in")
    finally:
        with databases.admin() as cursor:
            cursor.execute(f"DROP ROLE {role}")


def test_check_server_accepts_this_server(database_url: str) -> None:
    check_server(database_url)


def _as_user(url: str, role: str) -> str:
    before, after = url.split("@", 1)
    return f"{before.split('//')[0]}//{role}@{after}"
