"""Links between answers. They are relative to the host: behind a proxy the server does not know its own name."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request

from gridmap.api.core import GEOJSON, JSON


def link(rel: str, href: str, media_type: str = JSON, title: str | None = None) -> dict[str, Any]:
    """Return a link object."""
    found = {"rel": rel, "href": href, "type": media_type.split(";")[0]}
    return found if title is None else {**found, "title": title}


def page_links(matched: int, limit: int, offset: int, media_type: str = GEOJSON) -> list[dict[str, Any]]:
    """Return self, next and prev of a page of results, all other parameters kept."""
    links = [link("self", _page(limit, offset, as_asked=True), media_type)]
    if offset + limit < matched:
        links.append(link("next", _page(limit, offset + limit), media_type))
    if offset > 0:
        links.append(link("prev", _page(limit, max(0, offset - limit)), media_type))
    return links


def _page(limit: int, offset: int, *, as_asked: bool = False) -> str:
    pairs = list(request.args.items(multi=True))
    if not as_asked:
        pairs = [pair for pair in pairs if pair[0] not in ("limit", "offset")]
        pairs += [("limit", str(limit)), ("offset", str(offset))]
    return f"{request.path}?{urlencode(pairs)}" if pairs else request.path
