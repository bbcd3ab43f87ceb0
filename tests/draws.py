"""Random draws for tests on the demo city, and how they go again although the database keeps every draw."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Sequence

from psycopg2.extensions import cursor as Cursor

from gridmap.inspecting import random_draws
from gridmap.inspecting.random_draws import Plan, Who
from gridmap.store import accounts, settings
from gridmap.store.random_draws import DrawRow
from tests.accounts import NO_PASSWORD

WHO = Who("test", "测试岗")
_KEPT = ("random_draw_list", "random_draw_site", "random_draw")


def fix(cursor: Cursor, county: str, **more: object) -> DrawRow:
    """Fix a draw of a county's sites by a public seed, with three inspectors made for it."""
    for _ in range(3):
        name = f"test-inspector-{secrets.token_hex(6)}"
        accounts.insert_grant(
            cursor, accounts.insert_account(cursor, name, f"检查岗-{name[-4:]}", NO_PASSWORD), "inspector", county
        )
    day: dt.date = settings.today(cursor)
    values = {"title": f"权限试验抽取{county}", "seed_kind": "public", "seed_source": "试验号码", **more}
    plan = Plan(day=day, county=county, **values)  # type: ignore[arg-type]
    return random_draws.fix(cursor, plan, WHO, str(uuid.uuid4()))


def forget(cursor: Cursor, draws: Sequence[int]) -> None:
    """Remove draws that a test made, past the triggers that keep them."""
    for table in _KEPT:
        cursor.execute(f"ALTER TABLE gridmap.{table} DISABLE TRIGGER {table}_stays")
        cursor.execute(f"DELETE FROM gridmap.{table} WHERE draw_id = ANY(%s)", [list(draws)])
        cursor.execute(f"ALTER TABLE gridmap.{table} ENABLE TRIGGER {table}_stays")
