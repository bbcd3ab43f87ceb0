"""What is noted in the log beside the changes of rows, which the database notes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from psycopg2.extensions import cursor as Cursor

from gridmap.auth.guard import reader
from gridmap.db import pool
from gridmap.db.session import transaction
from gridmap.store import audit_log

NOBODY = "-"
"""Actor of what was tried by somebody who is not logged in."""


def note(action: str, *, relation: str | None = None, row_key: str | None = None, **details: Any) -> None:
    """Note what the reader of this request does."""
    found = reader()
    with transaction(pool.system_connection()) as cursor:
        audit_log.write(
            cursor,
            found.name,
            action,
            account_id=found.account_id,
            address=request.remote_addr,
            relation=relation,
            row_key=row_key,
            after=details or None,
        )


def note_export(relation: str, form: str, wanted: Mapping[str, Any], rows: int) -> None:
    """Note that the reader takes a table away. form: csv, xlsx. wanted: the filter as it was asked for."""
    asked = {name: value for name, value in wanted.items() if value not in (None, "", [], (), False)}
    note("export", relation=relation, form=form, filter=asked, rows=rows)


def note_login(cursor: Cursor, action: str, name: str, account_id: int | None, **details: Any) -> None:
    """Note a login, or one that failed: then name is NOBODY and the details hold only a digest of what was typed."""
    audit_log.write(
        cursor,
        name,
        action,
        account_id=account_id,
        address=request.remote_addr,
        relation="account",
        row_key=None if account_id is None else str(account_id),
        after=details or None,
    )
