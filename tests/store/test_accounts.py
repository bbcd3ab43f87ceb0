"""Sessions in the database."""

from __future__ import annotations

import pytest

from gridmap.db.session import Connection, transaction
from gridmap.store import accounts
from tests.accounts import NO_PASSWORD


@pytest.mark.parametrize("column", ["created_at", "last_seen_at"])
def test_a_login_forgets_sessions_that_have_ended_by_themselves(conn: Connection, column: str) -> None:
    with transaction(conn) as cursor:
        account_id = accounts.insert_account(cursor, "post-01", "岗位-01", NO_PASSWORD)
        for digest in ("a" * 64, "b" * 64):
            accounts.insert_session(cursor, account_id, digest, None, None)
        cursor.execute(
            f"UPDATE gridmap.login_session SET {column} = gridmap.instant() - interval '8 days' WHERE session_id = %s",
            ["a" * 64],
        )
        accounts.insert_session(cursor, account_id, "c" * 64, None, None)
        cursor.execute(
            "SELECT left(session_id, 1) FROM gridmap.login_session WHERE account_id = %s ORDER BY 1", [account_id]
        )
        assert [digest for (digest,) in cursor.fetchall()] == ["b", "c"]
