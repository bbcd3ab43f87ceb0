"""Attempts to log in are counted, in whatever process they arrive, and made to wait longer and longer.

Three counts, each of failed attempts only. (1) One name from one address: somebody who guesses, or forgot. It ends when
that name is let in there. (2) One address, whatever the names: somebody who tries a list of names. No success ends
it, else an account of his own would. (3) One name from anywhere: many machines that guess together. An address that
let the account in before is exempt from it: nobody's post can be shut out from its own desk by strangers, and from
elsewhere it waits a minute at most.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

from gridmap.store import logins
from gridmap.store.logins import Failures


@dataclass(frozen=True)
class Limit:
    """free: failed attempts before the first wait. first_s: that wait, doubled by each failure up to longest_s."""

    free: int
    first_s: float
    longest_s: float

    def wait_s(self, failed: int) -> float:
        """Return how long after the last failure the next attempt is taken, seconds."""
        if failed < self.free:
            return 0.0
        return float(min(self.longest_s, self.first_s * 2.0 ** min(failed - self.free, 40)))


NAME_HERE = Limit(free=5, first_s=15, longest_s=900)
"""Five tries are enough for a slip; at a quarter of an hour each a day holds about 100 guesses."""

ADDRESS = Limit(free=30, first_s=15, longest_s=900)
"""An office behind one address may forget 30 passwords within an hour."""

NAME_ANYWHERE = Limit(free=50, first_s=5, longest_s=60)
"""At most 1,500 guesses a day at one name by any number of machines; its owner waits a minute, never longer."""


def digest(name: str) -> str:
    """Return what is kept of a name that was typed."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def network(address: str | None) -> str | None:
    """Return what counts as one address: an IPv4 address, or the 64-bit network that one IPv6 machine has to itself."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def admit(cursor: Cursor, name: str, address: str | None) -> tuple[int | None, int]:
    """Note an attempt and return (its key, 0), or (None, seconds to wait) when there were too many.

    It counts as failed until `logins.mark_right`, so that many at once do not slip through together. One that is
    refused counts for nothing: whoever waits is let in afterwards.
    """
    name_digest, place = digest(name), network(address)
    logins.lock_attempts(cursor, name_digest, place)
    wait = seconds_to_wait(logins.count_failures(cursor, name_digest, place))
    if wait > 0:
        return None, wait
    return logins.insert_attempt(cursor, name_digest, place), 0


def seconds_to_wait(seen: Failures) -> int:
    """Return how many seconds are left before another attempt is taken."""
    rules = [(NAME_HERE, seen.here, seen.here_last), (ADDRESS, seen.address, seen.address_last)]
    if not seen.is_known:
        rules.append((NAME_ANYWHERE, seen.anywhere, seen.anywhere_last))
    left = [
        limit.wait_s(failed) - (seen.now - last).total_seconds() for limit, failed, last in rules if last is not None
    ]
    return max(0, math.ceil(max(left, default=0)))
