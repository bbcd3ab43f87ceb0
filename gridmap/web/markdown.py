"""The little Markdown that our SOURCE.md files use, as HTML."""

from __future__ import annotations

import re

from markupsafe import Markup, escape


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
        head = Markup("<h{0}>{1}</h{0}>").format(level, _inline(heading[2]))
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
    return (
        Markup("<ul>")
        + Markup("").join(Markup("<li>") + _inline(item) + Markup("</li>") for item in items)
        + Markup("</ul>")
    )


def _table(lines: list[str]) -> Markup:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    body = [row for row in rows[1:] if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    head = Markup("").join(Markup('<th scope="col">') + _inline(cell) + Markup("</th>") for cell in rows[0])
    made = Markup("").join(
        Markup("<tr>")
        + Markup("").join(Markup("<td>") + _inline(cell) + Markup("</td>") for cell in row)
        + Markup("</tr>")
        for row in body
    )
    return (
        Markup('<div class="scroll"><table><thead><tr>')
        + head
        + Markup("</tr></thead><tbody>")
        + made
        + Markup("</tbody></table></div>")
    )


def _inline(text: str) -> Markup:
    escaped = str(escape(text))
    escaped = re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped)
    escaped = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", escaped)
    return Markup(re.sub(r"\*([^*\s][^*]*)\*", r"<em>\1</em>", escaped))  # noqa: S704 escaped above
