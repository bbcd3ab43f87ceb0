"""/data: what the data are and what they are not."""

from __future__ import annotations

import re
from pathlib import Path

from markupsafe import Markup, escape

from gridmap import config
from gridmap import layers as definitions
from gridmap.db.pool import connection
from gridmap.web import language, view
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


def to_html(text: str) -> Markup:
    """Turn the little Markdown of our SOURCE.md files into HTML: headings (the title is left
    out: the page has its own), paragraphs, lists, tables, code, emphasis.

    Everything is escaped first; there are no raw HTML, links or images.
    """
    without_title = re.sub(r"^# [^\n]*\n?", "", text.strip())
    blocks = [block for block in re.split(r"\n\s*\n", without_title) if block.strip()]
    return Markup("\n").join(_block(block.strip("\n").split("\n")) for block in blocks)


def _block(lines: list[str]) -> Markup:
    first = lines[0]
    heading = re.match(r"(#{1,4}) +(.*)", first)
    if heading:
        level = min(len(heading[1]) + 2, 6)
        head = Markup(f"<h{level}>") + _inline(heading[2]) + Markup(f"</h{level}>")
        return head + _block(lines[1:]) if len(lines) > 1 else head
    if first.lstrip().startswith(("* ", "- ")):
        return _list(lines)
    if first.startswith("|") and len(lines) > 1:
        return _table(lines)
    return Markup("<p>") + _inline(" ".join(lines)) + Markup("</p>")


def _list(lines: list[str]) -> Markup:
    items: list[str] = []
    for line in lines:
        if re.match(r"\s*[*-] ", line):
            items.append(re.sub(r"^\s*[*-] ", "", line))
        else:
            items[-1] += " " + line.strip()
    return Markup("<ul>") + Markup("").join(Markup("<li>") + _inline(item) + Markup("</li>") for item in items) + Markup("</ul>")


def _table(lines: list[str]) -> Markup:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    body = [row for row in rows[1:] if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    head = Markup("").join(Markup('<th scope="col">') + _inline(cell) + Markup("</th>") for cell in rows[0])
    made = Markup("").join(
        Markup("<tr>") + Markup("").join(Markup("<td>") + _inline(cell) + Markup("</td>") for cell in row) + Markup("</tr>")
        for row in body
    )
    return Markup('<div class="scroll"><table><thead><tr>') + head + Markup("</tr></thead><tbody>") + made + Markup("</tbody></table></div>")


def _inline(text: str) -> Markup:
    escaped = str(escape(text))
    escaped = re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped)
    escaped = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", escaped)
    return Markup(re.sub(r"\*([^*\s][^*]*)\*", r"<em>\1</em>", escaped))
