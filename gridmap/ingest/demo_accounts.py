"""Accounts of the demo city: one per kind of post, so that a newcomer sees what each of them sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

from gridmap.errors import ConflictError
from gridmap.store import account_book, accounts, duties_of_cells, settings
from gridmap.store.duties_of_cells import DutyRow

COUNTY = "410181"
TOWNSHIP = "410181113"
"""巩义 and its 回郭镇, where the demo's main case lies."""

_POSTS = (
    # name, post, role, county, area in words
    ("bureau-01", "市局-01", "bureau", None, "全市"),
    ("auditor-01", "审计岗-01", "auditor", None, "全市"),
    ("admin-01", "管理员-01", "admin", None, "只管账号和日志"),
    ("inspector-410181-01", "检查岗-410181-01", "inspector", COUNTY, "巩义市"),
    # a random draw sends two posts to a site, and asks for more than two of them
    *(
        (f"inspector-410181-0{number}", f"检查岗-410181-0{number}", "inspector", COUNTY, "巩义市")
        for number in range(2, 5)
    ),
    ("planner-410181-01", "规划岗-410181-01", "planner", COUNTY, "巩义市"),
    ("reviewer-410181-01", "审核岗-410181-01", "reviewer", COUNTY, "巩义市"),
)


@dataclass(frozen=True)
class Made:
    """A demo account that was just made. password: shown once, kept nowhere."""

    name: str
    post: str
    role: str
    area: str
    password: str


def load(cursor: Cursor, make: Callable[[], tuple[str, str]]) -> list[Made]:
    """Make the demo accounts unless there are any, and return them.

    make: gives a fresh password and its hash. The posts of cells get the duties that the city has for them already.
    """
    if not settings.is_demo(cursor) or account_book.count(cursor)["demo"]:
        return []
    made = []
    for name, post, role, county, area in _POSTS:
        account_id, password = _insert(cursor, name, post, make)
        accounts.insert_grant(cursor, account_id, role, county)
        made.append(Made(name, post, role, area, password))
    for duty in duties_of_cells.list_duties(cursor, _cells(cursor)):
        name = f"{duty.role}-{duty.cell_code.lower()}-01"
        account_id, password = _insert(cursor, name, duty.post, make)
        duties_of_cells.give(cursor, duty.duty_id, account_id)
        made.append(Made(name, duty.post, duty.role, _area(duty), password))
    return made


def _cells(cursor: Cursor) -> list[str]:
    """Return the county's cell, the township's, and the first unit cell below it, whatever its code is."""
    below = duties_of_cells.list_cells_below(cursor, TOWNSHIP)
    return [COUNTY, TOWNSHIP, *below[:1]]


def _insert(cursor: Cursor, name: str, post: str, make: Callable[[], tuple[str, str]]) -> tuple[int, str]:
    password, password_hash = make()
    try:
        return accounts.insert_account(cursor, name, post, password_hash, must_change=False, is_demo=True), password
    except ConflictError as error:
        raise ConflictError(
            f"the demo needs the account name {name}, which is taken; see gridmap accounts list"
        ) from error


def _area(duty: DutyRow) -> str:
    return f"{duty.cell_name} {duty.cell_code}"
