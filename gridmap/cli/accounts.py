"""`gridmap accounts`: who may log in, and as what. Passwords are made here and printed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import click
from psycopg2.extensions import cursor as Cursor

from gridmap.cli.acting import ACTOR, connect
from gridmap.cli.text import echo_json, echo_table, json_option
from gridmap.db.session import transaction
from gridmap.domain.roles import ROLES
from gridmap.errors import UserError

role_option: Callable[..., Any] = click.option(
    "--role", "roles", multiple=True, metavar="ROLE", help=f"One of {', '.join(ROLES)}; may be repeated."
)
county_option: Callable[..., Any] = click.option(
    "--county", "counties", multiple=True, metavar="CODE", help="County of a county's role, in the order of the roles."
)
cell_option: Callable[..., Any] = click.option(
    "--cell", "cells", multiple=True, metavar="CODE", help="Cell of a cell's role, in the order of the roles."
)


@click.group()
def command() -> None:
    """Make, list, change and close accounts; each belongs to a post, none to a person by name."""


@command.command("create")
@click.argument("name")
@click.option("--post", required=True, help="The post that uses it, never a person's name.")
@role_option
@county_option
@cell_option
@json_option
def create_command(
    name: str, post: str, roles: tuple[str, ...], counties: tuple[str, ...], cells: tuple[str, ...], as_json: bool
) -> None:
    """Make the account NAME with roles and print its password, once."""
    from gridmap.auth import keeping

    wanted = places(roles, counties, cells)
    with _book() as cursor:
        password = keeping.create(cursor, name, post, wanted)
    _tell(name, password, as_json, "it must be changed at the first login")


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List accounts with their roles and when they last logged in."""
    from gridmap.store import account_book

    with _book() as cursor:
        rows = account_book.list_accounts(cursor)
    if as_json:
        echo_json(rows)
        return
    echo_table(
        ["name", "post", "roles", "state", "sessions", "last login"],
        [
            [
                row.name,
                row.post,
                ", ".join(f"{grant.role}{f' {grant.place}' if grant.place else ''}" for grant in row.grants),
                _state(row),
                row.sessions,
                row.last_login.isoformat(" ", "minutes") if row.last_login else "never",
            ]
            for row in rows
        ],
    )


@command.command("grant")
@click.argument("name")
@role_option
@county_option
@cell_option
def grant_command(name: str, roles: tuple[str, ...], counties: tuple[str, ...], cells: tuple[str, ...]) -> None:
    """Grant roles to the account NAME from today on; a role in a cell is its post's duty there."""
    from gridmap.store import account_book

    with _book() as cursor:
        account_id = account_book.get_listed(cursor, name).account_id
        for role, place in _some(places(roles, counties, cells)):
            account_book.grant(cursor, account_id, role, place)
            click.echo(f"{name} is {role}{f' in {place}' if place else ''} from today on")


@command.command("revoke")
@click.argument("name")
@role_option
@county_option
@cell_option
def revoke_command(name: str, roles: tuple[str, ...], counties: tuple[str, ...], cells: tuple[str, ...]) -> None:
    """Take roles from the account NAME from today on."""
    from gridmap.store import account_book

    with _book() as cursor:
        account_id = account_book.get_listed(cursor, name).account_id
        for role, place in _some(places(roles, counties, cells)):
            account_book.revoke(cursor, account_id, role, place)
            click.echo(f"{name} is no longer {role}{f' in {place}' if place else ''}")


@command.command("reset-password")
@click.argument("name")
@json_option
def reset_password_command(name: str, as_json: bool) -> None:
    """Give the account NAME a fresh password, end its sessions, and print it, once."""
    from gridmap.auth import keeping
    from gridmap.store import account_book

    with _book() as cursor:
        password = keeping.reset_password(cursor, name)
        must_change = account_book.get_listed(cursor, name).must_change_password
    _tell(name, password, as_json, "it must be changed at the next login" if must_change else "a demo account keeps it")


@command.command("deactivate")
@click.argument("name")
def deactivate_command(name: str) -> None:
    """Close the account NAME: its sessions end at once."""
    _set_active(name, False)
    click.echo(f"{name} is closed; its sessions have ended")


@command.command("activate")
@click.argument("name")
def activate_command(name: str) -> None:
    """Open the account NAME again."""
    _set_active(name, True)
    click.echo(f"{name} is open")


@command.command("reset-second-factor")
@click.argument("name")
def reset_second_factor_command(name: str) -> None:
    """Ask the account NAME for no more codes: its phone is lost."""
    from gridmap.store import account_book

    with _book() as cursor:
        found = account_book.get_listed(cursor, name)
        account_book.set_second_factor(cursor, found.account_id, None)
    click.echo(f"{name} logs in without a code" if found.has_second_factor else f"{name} had no second factor")


@command.command("sessions")
@click.argument("name")
@click.option("--end", is_flag=True, help="End them all.")
@json_option
def sessions_command(name: str, end: bool, as_json: bool) -> None:
    """List the sessions of the account NAME, or end them."""
    from gridmap.store import account_book, audit_log, logins

    with _book() as cursor:
        account_id = account_book.get_listed(cursor, name).account_id
        if end:
            ended = account_book.end_everywhere(cursor, account_id)
            audit_log.write(
                cursor, ACTOR, "sessions_ended", relation="account", row_key=str(account_id), after={"ended": ended}
            )
        rows = logins.list_sessions(cursor, account_id)
    if as_json:
        echo_json({"ended": ended} if end else rows)
    elif end:
        click.echo(f"{ended} sessions of {name} ended")
    else:
        echo_table(
            ["begun", "last seen", "from", "browser"],
            [
                [r.created_at.isoformat(" ", "minutes"), r.last_seen_at.isoformat(" ", "minutes"), r.address, r.agent]
                for r in rows
            ],
        )


def places(roles: Sequence[str], counties: Sequence[str], cells: Sequence[str]) -> list[tuple[str, str | None]]:
    """Return roles with their places: each role of a county takes the next county, each of a cell the next cell.

    UserError for an unknown role, and for places too many or too few.
    """
    left = {"county": list(counties), "cell": list(cells)}
    found: list[tuple[str, str | None]] = []
    for role in roles:
        if role not in ROLES:
            raise UserError(f"{role!r} is no role; expected one of {', '.join(ROLES)}")
        reach = ROLES[role].reach
        if reach == "city":
            found.append((role, None))
            continue
        if not left[reach]:
            raise UserError(f"{role} is a role in a {reach}; give --{reach} CODE for it")
        found.append((role, left[reach].pop(0)))
    for option, codes in left.items():
        if codes:
            raise UserError(f"--{option} {codes[0]} belongs to no role given; give a role of a {option} for it")
    return found


@contextmanager
def _book() -> Iterator[Cursor]:
    with closing(connect()) as conn, transaction(conn) as cursor:
        yield cursor


def _some(found: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    if not found:
        raise UserError(f"no role was given; expected --role with one of {', '.join(ROLES)}")
    return found


def _set_active(name: str, active: bool) -> None:
    from gridmap.store import account_book

    with _book() as cursor:
        account_book.set_active(cursor, account_book.get_listed(cursor, name).account_id, active)


def _tell(name: str, password: str, as_json: bool, hint: str) -> None:
    if as_json:
        echo_json({"name": name, "password": password})
    else:
        click.echo(f"{name}  {password}\nThis password is shown once; {hint}.")


def _state(row: Any) -> str:
    words = [
        "open" if row.is_active else "closed",
        "must change password" if row.must_change_password else "",
        "second factor" if row.has_second_factor else "",
        "demo" if row.is_demo else "",
    ]
    return ", ".join(word for word in words if word)
