"""`gridmap accounts`: passwords are made and printed once; whatever it does is in the log."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner, Result

from gridmap.auth import passwords
from gridmap.cli import accounts as command_line
from gridmap.cli import doctor
from gridmap.db.session import Connection, connect, transaction
from gridmap.errors import ConflictError, NotFoundError, UserError
from gridmap.store import account_book, accounts
from tests import databases
from tests.accounts import enter
from tests.builders import add_region, box


@pytest.fixture(scope="module")
def world_url():
    """Return a database with one county and no account."""
    with databases.migrated("cli_accounts") as url:
        with connect(url) as conn, transaction(conn) as cursor:
            add_region(cursor, "410100", "city")
            add_region(cursor, "410181", "county", box(0, 0, 20, 20), parent="410100")
        yield url


@pytest.fixture
def world(world_url: str, monkeypatch: pytest.MonkeyPatch):
    """Return a connection to it; commands work there."""
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", world_url)
    conn = connect(world_url)
    yield conn
    conn.close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command_line.command, list(arguments))


def made(name: str, *more: str) -> str:
    done = run("create", name, "--post", "岗位-01", "--json", *more)
    assert done.exit_code == 0, done
    return str(json.loads(done.output)["password"])


def hash_of(conn: Connection, name: str) -> str:
    with transaction(conn) as cursor:
        found = accounts.find_account(cursor, name)
    assert found is not None
    return found.password_hash


def test_doctor_says_who_is_missing(world: Connection) -> None:
    """The first test: there are no accounts yet."""
    assert (
        "WRONG  accounts: nobody can log in; run `gridmap accounts create" in CliRunner().invoke(doctor.command).output
    )
    made("bureau-01", "--role", "bureau")
    assert "WRONG  accounts: no account is admin" in CliRunner().invoke(doctor.command).output
    made("admin-01", "--role", "admin")
    assert "ok     accounts: 2 open, 1 of them admin" in CliRunner().invoke(doctor.command).output
    with transaction(world) as cursor:
        cursor.execute("UPDATE gridmap.account SET is_demo = true WHERE name = 'bureau-01'")
    assert "WRONG  accounts: 1 demo accounts on a city that is none" in CliRunner().invoke(doctor.command).output


def test_the_password_is_printed_once_and_fits(world: Connection) -> None:
    done = run("create", "planner-01", "--post", "规划岗-01", "--role", "planner", "--county", "410181")
    found = re.fullmatch(
        r"planner-01  (\S+)\nThis password is shown once; it must be changed at the first login.\n", done.output
    )
    assert found and passwords.fits(hash_of(world, "planner-01"), found[1])
    assert found[1] not in run("list").output + run("list", "--json").output
    row = next(row for row in json.loads(run("list", "--json").output) if row["name"] == "planner-01")
    assert row["must_change_password"] is True and row["last_login"] is None
    assert [(grant["role"], grant["place"]) for grant in row["grants"]] == [("planner", "410181")]
    assert "password_hash" not in row and "totp_secret" not in row


def test_no_command_takes_a_password() -> None:
    for name, command in command_line.command.commands.items():  # type: ignore[attr-defined]
        assert not [option for option in command.params if "password" in str(option.name)], name


def test_everything_is_logged_as_the_command_line(world: Connection) -> None:
    made("logged-01")
    for arguments in (
        ("grant", "logged-01", "--role", "auditor"),
        ("revoke", "logged-01", "--role", "auditor"),
        ("reset-password", "logged-01"),
        ("deactivate", "logged-01"),
        ("activate", "logged-01"),
        ("sessions", "logged-01", "--end"),
    ):
        assert run(*arguments).exit_code == 0, arguments
    with transaction(world) as cursor:
        account_id = account_book.get_listed(cursor, "logged-01").account_id
        cursor.execute(
            "SELECT actor, relation, action FROM gridmap.audit_log WHERE row_key = %(id)s::text AND relation = 'account' "
            "OR after->>'account_id' = %(id)s::text OR before->>'account_id' = %(id)s::text ORDER BY log_id",
            {"id": account_id},
        )
        rows = [tuple(row) for row in cursor.fetchall()]
    assert {actor for actor, _relation, _action in rows} == {"command line"}
    assert [row[1:] for row in rows] == [
        ("account", "insert"),
        ("role_grant", "insert"),
        ("role_grant", "delete"),
        ("account", "update"),
        ("account", "update"),
        ("account", "update"),
        ("account", "sessions_ended"),
    ]


def test_roles_take_their_places_in_order() -> None:
    assert command_line.places(["planner", "bureau", "chief", "inspector"], ["410181", "410182"], ["410181113"]) == [
        ("planner", "410181"),
        ("bureau", None),
        ("chief", "410181113"),
        ("inspector", "410182"),
    ]


@pytest.mark.parametrize(
    ("roles", "counties", "cells", "sentence"),
    [
        (["emperor"], [], [], "'emperor' is no role"),
        (["planner"], [], [], "give --county CODE"),
        (["chief"], ["410181"], [], "give --cell CODE"),
        (["bureau"], ["410181"], [], "--county 410181 belongs to no role"),
    ],
)
def test_places_that_do_not_fit(roles: list[str], counties: list[str], cells: list[str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        command_line.places(roles, counties, cells)


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        (("create", "Bad Name", "--post", "x"), UserError, "small letters"),
        (("create", "x-01", "--post", " "), UserError, "the post is empty"),
        (("create", "x-01", "--post", "x", "--role", "planner", "--county", "999999"), UserError, "no county '999999'"),
        (("create", "x-01", "--post", "x", "--role", "chief", "--cell", "9"), UserError, "no cell '9'"),
        (("grant", "nobody", "--role", "bureau"), NotFoundError, "no account nobody"),
        (("grant", "known-01"), UserError, "no role was given"),
        (("revoke", "known-01", "--role", "admin"), NotFoundError, "is not admin"),
        (("reset-password", "nobody"), NotFoundError, "no account nobody"),
        (("deactivate", "nobody"), NotFoundError, "no account nobody"),
        (("create", "known-01", "--post", "x"), ConflictError, "known-01 already"),
    ],
)
def test_a_mistake_is_one_sentence_and_changes_nothing(
    world: Connection, arguments: tuple[str, ...], error: type[Exception], sentence: str
) -> None:
    if not run("list").output.count("known-01"):
        made("known-01")
    before = run("list").output
    done = run(*arguments)
    assert isinstance(done.exception, error) and sentence in str(done.exception) and "\n" not in str(done.exception)
    assert run("list").output == before


def test_sessions_are_listed_and_ended(world: Connection, world_url: str) -> None:
    enter(world_url, "auditor")
    with transaction(world) as cursor:
        name = next(row.name for row in account_book.list_accounts(cursor) if row.sessions)
    assert len(json.loads(run("sessions", name, "--json").output)) == 1
    assert run("sessions", name, "--end").output == f"1 sessions of {name} ended\n"
    assert json.loads(run("sessions", name, "--json").output) == []


def test_a_reset_password_must_be_changed_but_a_demo_account_keeps_it(world: Connection) -> None:
    made("demo-01")
    before = hash_of(world, "demo-01")
    assert "must be changed" in run("reset-password", "demo-01").output
    with transaction(world) as cursor:
        cursor.execute("UPDATE gridmap.account SET is_demo = true WHERE name = 'demo-01'")
    assert "a demo account keeps it" in run("reset-password", "demo-01").output
    assert hash_of(world, "demo-01") != before


def test_a_lost_phone(world: Connection) -> None:
    made("phone-01")
    assert "had no second factor" in run("reset-second-factor", "phone-01").output
    with transaction(world) as cursor:
        account_book.set_second_factor(cursor, account_book.get_listed(cursor, "phone-01").account_id, "SECRET")
    assert "logs in without a code" in run("reset-second-factor", "phone-01").output
    with transaction(world) as cursor:
        assert not account_book.get_listed(cursor, "phone-01").has_second_factor
