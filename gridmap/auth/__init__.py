"""Who asks, and what he may do: accounts, sessions, permissions, own area. Nothing is allowed by default.

guard.py stands before every request, access.py says what each route asks for, sessions.py knows who is logged in.
"""

from gridmap.auth.drafting import may_draft, require_drafting
from gridmap.auth.guard import find_reader, install, may, reader, require, tells_of_expiry
from gridmap.auth.sessions import form_token, has_form_token

__all__ = [
    "find_reader",
    "form_token",
    "has_form_token",
    "install",
    "may",
    "may_draft",
    "reader",
    "require",
    "require_drafting",
    "tells_of_expiry",
]
