"""Sessions: a random token in the reader's cookie, its digest in the database. Ending one takes effect at once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import Response, g, request
from psycopg2.extensions import cursor as Cursor

from gridmap.domain.roles import Reader
from gridmap.store import accounts, logins

COOKIE = "gridmap_login"
VISIT_COOKIE = "gridmap_visit"
"""What the forms of somebody who is not logged in yet are tied to."""

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


def begin_anew(cursor: Cursor, account_id: int) -> str:
    """Begin a session after a login: the one that the browser may have carried until then ends."""
    old = token()
    if old is not None:
        accounts.delete_session(cursor, digest(old))
    logins.forget_old(cursor)
    return begin(cursor, account_id)


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


def rotate(cursor: Cursor) -> str:
    """Give this request's session another token and return it; the old one ends."""
    value = secrets.token_urlsafe(32)
    logins.rename_session(cursor, digest(token() or ""), digest(value))
    return value


def visit() -> str:
    """Return what this browser is known by before it logs in; a page with a form keeps it by `keep_visit`."""
    if "visit" not in g:
        g.visit = request.cookies.get(VISIT_COOKIE) or secrets.token_urlsafe(32)
    return str(g.visit)


def keep_visit(response: Response) -> Response:
    """Put what the browser is known by into its cookie."""
    secure = request.is_secure
    response.set_cookie(VISIT_COOKIE, visit(), httponly=True, samesite="Strict", secure=secure, path="/login")
    return response


def form_token() -> str:
    """Return what a form of this session must carry, so that no page of somebody else can send it."""
    return form_token_of(token() or visit())


def form_token_of(value: str) -> str:
    """Return the form token that belongs to a session's token."""
    return hmac.new(value.encode(), b"form", hashlib.sha256).hexdigest()


def has_form_token() -> bool:
    """Return whether the request carries the token of its sender's session, in a field or a header."""
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    held = token() or request.cookies.get(VISIT_COOKIE)
    return bool(held) and hmac.compare_digest(sent.encode(), form_token().encode())


def from_elsewhere() -> bool:
    """Return whether the browser says that the request comes from a page of another site."""
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host
