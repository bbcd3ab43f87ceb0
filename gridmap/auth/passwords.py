"""Passwords: argon2id, and what a password must be."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gridmap.errors import UserError

SHORTEST = 10
LONGEST = 200
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are taken for one another


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # the library's own parameters follow RFC 9106's second recommendation


@cache
def _nobody() -> str:
    return hash_password(secrets.token_urlsafe())


def hash_password(password: str) -> str:
    """Return an argon2id hash."""
    return _hasher().hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Return whether a password is that of a hash; None takes as long as a hash and is never right."""
    nobody = _nobody()  # made by the first call, whoever it is for, so that its time tells nothing
    try:
        return _hasher().verify(kept or nobody, password[: LONGEST + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Return whether a hash was made with weaker parameters than today's."""
    return _hasher().check_needs_rehash(kept)


def make() -> str:
    """Return a fresh random password that can be read out: 16 letters and digits, 79 bits."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def check(password: str, name: str) -> None:
    """Raise UserError unless a password may be used for an account of that name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise UserError(f"the password has {len(password)} characters; expected {SHORTEST} to {LONGEST}")
    if "\x00" in password:
        raise UserError("the password holds a NUL character")
    if len(set(password)) < 5 or password.casefold() in (name.casefold(), name.casefold() * 2):
        raise UserError("the password is too easy to guess; expected at least 5 different characters, not the name")
