"""Sessions: a random token in the reader's cookie, its digest in the database. Ending one takes effect at once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import Response, request
from psycopg2.extensions import cursor as Cursor

from gridmap.domain.roles import Reader
from gridmap.store import accounts

COOKIE = "gridmap_login"
FIELD = "csrf"
HEADER = "X-CSRF-Token"
_AGENT_LENGTH = 200


def token() -> str | None:
    """Return the token that the request brought."""
    return request.cookies.get(COOKIE) or None


def digest(value: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(value.encode()).hexdigest()


def begin(cursor: Cursor, account_id: int) -> str:
    """Begin a session of an account for whoever sent this request and return its token."""
    value = secrets.token_urlsafe(32)
    agent = request.headers.get("User-Agent", "")[:_AGENT_LENGTH].replace("\x00", "") or None
    accounts.insert_session(cursor, account_id, digest(value), request.remote_addr, agent)
    return value


def keep(response: Response, value: str) -> Response:
    """Put a session's token into the reader's cookie."""
    response.set_cookie(COOKIE, value, httponly=True, samesite="Lax", secure=request.is_secure, path="/")
    return response


def drop(response: Response) -> Response:
    """Take the token out of the reader's cookie."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure, path="/")
    return response


def find(cursor: Cursor) -> Reader | None:
    """Return whoever is logged in, None when nobody is or the session has ended."""
    value = token()
    return None if value is None else accounts.find_reader(cursor, digest(value))


def form_token() -> str:
    """Return what a form of this session must carry, so that no page of somebody else can send it."""
    return form_token_of(token() or "")


def form_token_of(value: str) -> str:
    """Return the form token that belongs to a session's token."""
    return hmac.new(value.encode(), b"form", hashlib.sha256).hexdigest()


def has_form_token() -> bool:
    """Return whether the request carries the token of its sender's session, in a field or a header."""
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    return token() is not None and hmac.compare_digest(sent.encode(), form_token().encode())


def from_elsewhere() -> bool:
    """Return whether the browser says that the request comes from a page of another site."""
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host
