"""/data: what the data are and what they are not."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from gridmap import config
from gridmap import layers as definitions
from gridmap.db.pool import connection
from gridmap.web import language, view
from gridmap.web.markdown import to_html
from gridmap.web.pages.base import blueprint, page


@blueprint.get("/data")
def show_data() -> str:
    """Show every layer's description and source."""
    conn = connection()
    seen = view.read(conn)
    lang = language.current()
    folder = config.resource("layers")
    entries = [
        (layer.id, layer.title.get(lang), layer.description.get(lang), _source(folder / layer.id / "SOURCE.md"))
        for layer in definitions.load()
    ]
    return page("data.html", seen, entries=entries)


def _source(path: Path) -> Markup | None:
    return to_html(path.read_text("utf-8")) if path.is_file() else None
