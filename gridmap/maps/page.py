"""A folium map inside a page of ours: rendered once, then header, body and script apart, each with the page's nonce."""

from __future__ import annotations

import re
from dataclasses import dataclass

from branca.element import Element, Figure
from markupsafe import Markup

# folium's own viewport forbids zooming with the fingers; the page has its own
_META = re.compile(r"<meta\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<(script|style)(?=[\s>])", re.IGNORECASE)


@dataclass(frozen=True)
class MapParts:
    """A rendered map, ready for a template: in <head>, where the map stands, at the end of <body>."""

    header: Markup
    body: Markup
    script: Markup
    name: str


def split(element: Element, nonce: str) -> MapParts:
    """Render an element's figure once and give every script and style tag the nonce.

    figure.render() must run first: header, html and script fill only then.
    """
    figure = element.get_root()
    if not isinstance(figure, Figure):
        figure = Figure().add_child(element)
    figure.render()
    script = figure.script.render()
    if "</script" in script.lower():
        raise ValueError("the map's script would end its own tag; escape < in what is put into it")
    marked = f'<\\1 nonce="{nonce}"'
    # folium's own templates made this markup; data come in as escaped JSON only (elements.as_script)
    return MapParts(
        header=Markup(_TAG.sub(marked, _META.sub("", figure.header.render()))),  # noqa: S704
        body=Markup(_TAG.sub(marked, figure.html.render())),  # noqa: S704
        script=Markup(f'<script nonce="{nonce}">{script}</script>'),  # noqa: S704
        name=element.get_name(),
    )
