"""Guessing gets slower and slower; nobody's post is shut out from its own desk by strangers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gridmap.auth import throttle
from gridmap.auth.throttle import ADDRESS, NAME_ANYWHERE, NAME_HERE
from gridmap.db.session import Connection, connect, transaction
from gridmap.store import logins
from tests.accounts import enter_by_password, log_in


def fail(world: Connection, name: str, address: str | None, times: int, ago_s: float = 0) -> None:
    """Note failed attempts as so many seconds ago."""
    with transaction(world) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.login_attempt (name_digest, address, succeeded, at) "
            "SELECT %s, %s, false, gridmap.instant() - make_interval(secs => %s) FROM generate_series(1, %s)",
            [throttle.digest(name), address, ago_s, times],
        )


def admitted(world: Connection, name: str, address: str | None) -> int:
    """Return how long the next attempt would have to wait; none is noted."""
    with transaction(world) as cursor:
        return throttle.seconds_to_wait(logins.count_failures(cursor, throttle.digest(name), throttle.network(address)))


def test_waits_grow_and_end() -> None:
    assert [NAME_HERE.wait_s(n) for n in (0, 4, 5, 6, 7)] == [0, 0, 15, 30, 60]
    assert NAME_HERE.wait_s(30) == NAME_HERE.wait_s(10_000) == 900
    assert ADDRESS.wait_s(29) == 0 and NAME_ANYWHERE.wait_s(10_000) == 60


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", None),
        (None, None),
        ("unix", None),
    ],
)
def test_what_counts_as_one_address(address: str | None, counted: str | None) -> None:
    assert throttle.network(address) == counted


def test_after_five_failures_the_next_is_told_to_wait(
    visitor: FlaskClient, application: Flask, world_url: str, world: Connection
) -> None:
    name, password = enter_by_password(world_url, "bureau")
    answers = [log_in(visitor, name, "wrong").status_code for _ in range(NAME_HERE.free)]
    assert answers == [401] * NAME_HERE.free
    for typed in ("wrong", password):  # the right password is not even looked at: the answer tells nothing
        answer = log_in(visitor, name, typed)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 15
        assert "尝试次数过多，请过" in answer.text
    fail(world, "nobody-here", "127.0.0.1", NAME_HERE.free)
    assert log_in(visitor, "nobody-here", "x").status_code == 429
    assert log_in(application.test_client(), name, password, "10.9.9.9").status_code == 303


def test_whoever_waits_is_let_in_and_starts_afresh(visitor: FlaskClient, world_url: str, world: Connection) -> None:
    name, password = enter_by_password(world_url, "bureau")
    fail(world, name, "127.0.0.1", NAME_HERE.free, ago_s=16)
    assert log_in(visitor, name, password).status_code == 303
    fail(world, name, "127.0.0.1", NAME_HERE.free - 1)
    assert admitted(world, name, "127.0.0.1") == 0


def test_a_list_of_names_from_one_address(visitor: FlaskClient, world: Connection) -> None:
    for number in range(ADDRESS.free):
        fail(world, f"name-{number}", "10.3.0.1", 1)
    assert admitted(world, "another", "10.3.0.1") > 0
    assert admitted(world, "another", "10.3.0.2") == 0
    assert log_in(visitor, "another", "x", "10.3.0.1").status_code == 429


def test_a_success_of_his_own_does_not_free_the_address(world: Connection) -> None:
    for number in range(ADDRESS.free):
        fail(world, f"name-{number}", "10.3.0.1", 1)
    with transaction(world) as cursor:
        logins.mark_right(cursor, logins.insert_attempt(cursor, throttle.digest("his-own"), "10.3.0.1"))
    assert admitted(world, "another", "10.3.0.1") > 0


def test_strangers_cannot_shut_a_post_out(world: Connection) -> None:
    with transaction(world) as cursor:
        logins.mark_right(cursor, logins.insert_attempt(cursor, throttle.digest("chief"), "10.4.0.1"))
    for number in range(200):
        fail(world, "chief", f"10.5.0.{number}", 20)
    assert admitted(world, "chief", "10.4.0.1") == 0  # from its desk
    assert 0 < admitted(world, "chief", "10.4.0.2") <= NAME_ANYWHERE.longest_s  # from anywhere else


def test_an_ipv6_machine_does_not_hide_in_its_network(world: Connection) -> None:
    with transaction(world) as cursor:
        for number in range(NAME_HERE.free):
            throttle.admit(cursor, "chief", f"2001:db8::{number}")
    assert admitted(world, "chief", "2001:db8::ffff") > 0
    assert admitted(world, "chief", "2001:db8:0:1::1") == 0


def test_attempts_at_the_same_time_do_not_slip_through_together(world_url: str, world: Connection) -> None:
    """Each has a connection of its own, as processes have."""

    def attempt(_number: int) -> bool:
        conn = connect(world_url)
        try:
            with transaction(conn) as cursor:
                return throttle.admit(cursor, "chief", "10.6.0.1")[0] is not None
        finally:
            conn.close()

    with ThreadPoolExecutor(10) as pool:
        let_through = sum(pool.map(attempt, range(20)))
    assert let_through == NAME_HERE.free


def test_old_failures_are_forgotten(world: Connection) -> None:
    fail(world, "chief", "10.7.0.1", 40, ago_s=25 * 3600)
    assert admitted(world, "chief", "10.7.0.1") == 0
    with transaction(world) as cursor:
        logins.mark_right(cursor, logins.insert_attempt(cursor, throttle.digest("chief"), "10.7.0.1"))
        logins.forget_old(cursor)
        cursor.execute("SELECT count(*) FROM gridmap.login_attempt")
        assert cursor.fetchone()[0] == 1
