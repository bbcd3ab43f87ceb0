"""/reports/<id>: what somebody reported, with its photos."""

from __future__ import annotations

import re
import uuid

from flask import Response

from gridmap.db.pool import connection
from gridmap.errors import NotFoundError
from gridmap.store import reports
from gridmap.store.places import get_installation
from gridmap.web import navigate
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.surroundings import length
from gridmap.web.view import View


@blueprint.get("/reports/<report_id>")
def show_report(report_id: str) -> str:
    """Show a report of the reader's area or of his own."""
    conn = connection()
    found, photos = reports.get_report(conn, _key(report_id))
    installation = get_installation(conn)
    return page(
        "report.html",
        View(installation, (), installation.today),
        found=found,
        photos=photos,
        length=length,
        ways=navigate.ways(found.lon, found.lat, found.site_name or found.words[:20]),
    )


@blueprint.get("/reports/<report_id>/photos/<number>")
def show_photo(report_id: str, number: str) -> Response:
    """Answer with a photo of a report that the reader may see; nobody on the way may keep it."""
    if not re.fullmatch(r"[1-9]", number, re.ASCII):
        raise NotFoundError(f"there is no photo {number[:20]}")
    content, _digest = reports.get_photo(connection(), _key(report_id), int(number))
    response = Response(content, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = "inline; filename=photo.jpg"
    return response


def _key(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise NotFoundError(f"there is no report {text[:60]}") from None
