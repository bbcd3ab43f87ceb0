"""What phones send, for tests: entries, photos, and a client that carries them."""

from __future__ import annotations

import datetime as dt
import io
import json
import uuid
from typing import Any

from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

CELL = "410181113"
INSIDE = (112.8486, 34.6795)
"""A place in the middle of the cell."""


def photo(color: str = "brown", size: tuple[int, int] = (320, 240), **options: Any) -> bytes:
    """Return a small JPEG."""
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def now(**ago: float) -> str:
    """Return an instant as a phone writes it, some time ago."""
    return (dt.datetime.now(dt.UTC) - dt.timedelta(**ago)).isoformat().replace("+00:00", "Z")


def report(**changes: Any) -> dict[str, Any]:
    """Return a report as a phone sends it."""
    content = {
        "id": str(uuid.uuid4()), "cell": CELL, "words": "路边裸土没有覆盖", "theme": "dust", "lon": INSIDE[0],
        "lat": INSIDE[1], "accuracy_m": 12.0, "placed_by": "phone", "made_at": now(), "sent_at": now(),
    }  # fmt: skip
    return {name: value for name, value in {**content, **changes}.items() if value is not ...}


def patrol(**changes: Any) -> dict[str, Any]:
    """Return a round as a phone sends it."""
    content = {
        "id": str(uuid.uuid4()), "cell": CELL, "squares": [], "points": [], "with_roads": True, "made_at": now(),
        "sent_at": now(),
    }  # fmt: skip
    return {name: value for name, value in {**content, **changes}.items() if value is not ...}


def send_report(client: FlaskClient, entry: dict[str, Any] | str, *photos: tuple[bytes, str]) -> TestResponse:
    """Send a report with photos (content, file name)."""
    text = entry if isinstance(entry, str) else json.dumps(entry)
    files = [(io.BytesIO(content), name) for content, name in photos]
    return client.post("/cell/reports", data={"entry": text, "photo": files}, content_type="multipart/form-data")


def send_patrol(client: FlaskClient, entry: dict[str, Any] | str) -> TestResponse:
    """Send a round."""
    return client.post("/cell/patrols", data=entry if isinstance(entry, str) else json.dumps(entry))


def visit(at: str, **changes: Any) -> dict[str, Any]:
    """Return a visit as a phone sends it."""
    content = {
        "id": str(uuid.uuid4()), "site": at, "kind": "regular", "answers": [], "began_at": now(minutes=20),
        "made_at": now(), "sent_at": now(), "signed_how": "typed", "signed_as": "检查岗", "note": "试",
    }  # fmt: skip
    return {name: value for name, value in {**content, **changes}.items() if value is not ...}


def signature() -> bytes:
    """Return a PNG with a stroke."""
    image = Image.new("RGB", (600, 200), "white")
    image.paste((0, 0, 0), (50, 90, 400, 96))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def send_visit(
    client: FlaskClient, entry: dict[str, Any] | str, *photos: tuple[bytes, str], signed: bytes | None = None
) -> TestResponse:
    """Send a visit with photos (content, file name) and perhaps a signature."""
    data: dict[str, Any] = {"entry": entry if isinstance(entry, str) else json.dumps(entry)}
    data["photo"] = [(io.BytesIO(content), name) for content, name in photos]
    if signed is not None:
        data["signature"] = (io.BytesIO(signed), "signature.png")
    return client.post("/visits", data=data, content_type="multipart/form-data")
