"""Keeping accounts, the same from the browser and from the command line. Whoever calls has asked for the permission.

A password is made here and returned once; nobody chooses it for somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from psycopg2.extensions import cursor as Cursor

from gridmap.auth import passwords, throttle
from gridmap.errors import UserError
from gridmap.store import account_book, accounts, logins

NAME = re.compile(r"^[a-z0-9][a-z0-9-]{1,62}$", re.ASCII)
LONGEST_POST = 80


def create(cursor: Cursor, name: str, post: str, roles: Sequence[tuple[str, str | None]] = ()) -> str:
    """Make an account for a post with roles, each with the code of its place or None, and return its password.

    UserError for a name, post, role or place that cannot be; ConflictError when the name is taken. All or nothing
    where the cursor's transaction is.
    """
    check_name(name)
    check_post(post)
    password = passwords.make()
    account_id = accounts.insert_account(cursor, name, post.strip(), passwords.hash_password(password))
    for role, place in roles:
        account_book.grant(cursor, account_id, role, place)
    return password


def reset_password(cursor: Cursor, name: str) -> str:
    """Give an account a fresh password, end its sessions and forget what went wrong for its name; return the password.

    Whoever uses it must choose another one, but for accounts of the demo city.
    """
    found = account_book.get_listed(cursor, name)
    password = passwords.make()
    must_change = not found.is_demo
    account_book.set_password(cursor, found.account_id, passwords.hash_password(password), must_change=must_change)
    account_book.end_everywhere(cursor, found.account_id)
    logins.forget_attempts(cursor, throttle.digest(name))
    return password


def check_name(name: str) -> None:
    """Raise UserError unless a name may be a login name."""
    if not NAME.match(name):
        raise UserError(
            f"the name {name[:63]!r} cannot be; expected 2 to 63 small letters, digits and hyphens, no hyphen first"
        )


def check_post(post: str) -> None:
    """Raise UserError unless a text may be a post."""
    if not post.strip() or len(post) > LONGEST_POST or not post.isprintable():
        raise UserError(
            f"the post is empty or longer than {LONGEST_POST} characters; expected such as 网格长-410181113-01"
        )
