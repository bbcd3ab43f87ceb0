"""The log only grows, whoever asks; readers write it by triggers alone, under no name but their own."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest

from gridmap.db.session import AREA_ROLE, CITY_ROLE, Access, Connection, ask_for, connect, transaction
from gridmap.store import audit_log

WRITES = {
    "update": "UPDATE gridmap.audit_log SET actor = 'somebody else'",
    "update nothing": "UPDATE gridmap.audit_log SET actor = 'somebody else' WHERE false",
    "delete": "DELETE FROM gridmap.audit_log",
    "truncate": "TRUNCATE gridmap.audit_log",
    "truncate all": "TRUNCATE gridmap.audit_log, gridmap.change CASCADE",
}
INSERT = "INSERT INTO gridmap.audit_log (actor, action) VALUES ('somebody else', 'login')"


@pytest.fixture(params=[None, CITY_ROLE, AREA_ROLE], ids=["owner", "city", "area"])
def asking(request: pytest.FixtureRequest, database_url: str) -> Iterator[tuple[str | None, Connection]]:
    """Return a connection of the owner, and of each role of readers."""
    conn = connect(database_url, request.param)
    ask_for(conn, Access(request.param or CITY_ROLE, actor="reader-01"))
    yield request.param, conn
    conn.close()


@pytest.mark.parametrize("write", WRITES)
def test_nobody_alters_the_log(asking: tuple[str | None, Connection], write: str) -> None:
    role, conn = asking
    expected = psycopg2.errors.InsufficientPrivilege if role else psycopg2.errors.ObjectNotInPrerequisiteState
    with pytest.raises(expected), transaction(conn) as cursor:
        cursor.execute(WRITES[write])


@pytest.mark.parametrize("role", [CITY_ROLE, AREA_ROLE])
@pytest.mark.parametrize("statement", [INSERT, "SELECT * FROM gridmap.audit_log", "SELECT * FROM gridmap.login_step"])
def test_readers_neither_write_nor_read_it(database_url: str, role: str, statement: str) -> None:
    conn = connect(database_url, role)
    try:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege), transaction(conn) as cursor:
            cursor.execute(statement)
    finally:
        conn.close()


@pytest.mark.parametrize("role", [CITY_ROLE, AREA_ROLE])
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE gridmap.audit_log DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_log_is_append_only ON gridmap.audit_log",
        "DROP TABLE gridmap.audit_log",
    ],
)
def test_readers_cannot_switch_that_off(database_url: str, role: str, statement: str) -> None:
    """By themselves; but whoever can send any SQL over a reader's connection can say RESET ROLE (SECURITY.md)."""
    conn = connect(database_url, role)
    try:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege), transaction(conn) as cursor:
            cursor.execute(statement)
    finally:
        conn.close()


def test_a_change_is_logged_under_whoever_was_admitted(conn: Connection) -> None:
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT set_config('gridmap.actor', 'chief-01', true), set_config('gridmap.account_id', '7', true), "
            "set_config('gridmap.address', '10.0.0.1', true)"
        )
        cursor.execute("UPDATE gridmap.setting SET city_name_en = 'Elsewhere'")
        row = audit_log.list_log(cursor, audit_log.LogFilter(actor="chief-01"))[0]
    assert (row.account_id, row.address, row.action, row.relation) == (7, "10.0.0.1", "update", "setting")
    assert row.after == {"city_name_en": "Elsewhere"} and row.before is not None


def test_secrets_are_left_out(conn: Connection) -> None:
    with transaction(conn) as cursor:
        cursor.execute("SELECT set_config('gridmap.actor', 'admin-01', true)")
        cursor.execute(
            "INSERT INTO gridmap.account (name, post, password_hash) VALUES ('x1', 'x', '$argon2id$secret-hash') "
            "RETURNING account_id"
        )
        cursor.execute("UPDATE gridmap.account SET password_hash = '$argon2id$other-hash', totp_secret = 'SECRET'")
        cursor.execute("SELECT string_agg(l::text, ' ') FROM gridmap.audit_log AS l WHERE actor = 'admin-01'")
        logged = cursor.fetchone()[0]
    assert "hash" not in logged and "SECRET" not in logged
    assert "password" in logged and "second_factor" in logged
