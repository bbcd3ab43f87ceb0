"""Find the row of column titles below titles and units, as people find it: the first row that names most columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gridmap.domain.incoming import Told, Value
from gridmap.ingest.reading.faults import shown
from gridmap.ingest.reading.opened import unique_titles

SAMPLE = 50
"""So many rows are looked at; a header stands among the first of them."""

DEEPEST = 3
"""A header has so many rows at most."""

_ENOUGH = 0.6
_SPILLED = 1.5
_NUMBER = re.compile(r"[-+−]?[\d０-９][\d０-９,，.．]*(?:[eE][-+]?\d+)?%?|\d{4}[-/年.]\d{1,2}([-/月.]\d{1,2}日?)?.*")
_YEAR = re.compile(r"(19|20)\d\d年?")

Row = tuple[int, tuple[Value, ...]]
"""A row's number and its cells."""


@dataclass(frozen=True)
class Merge:
    """Cells merged into one: rows from 1, columns from 0, all inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Header:
    """Where the titles are. above: the rows over them that are no table. unnamed: columns with values but no title."""

    titles: tuple[str, ...]
    first: int
    last: int
    above: tuple[str, ...] = ()
    unnamed: int = 0

    def told(self, sheet: str) -> list[Told]:
        """Return what its owner should know of it. sheet: its name, "" when there is only one."""
        zh, en = (f"“{sheet}”：", f"{sheet}: ") if sheet else ("", "")
        result = []
        if self.above:
            first = shown(self.above[0])
            result.append(
                Told(
                    f"{zh}表头上方有{len(self.above)}行标题或说明（“{first}”），没有当作数据",
                    f"{en}{len(self.above)} rows of title or notes above the header ({first!r}) were not taken as data",
                )
            )
        if self.last > self.first:
            result.append(
                Told(
                    f"{zh}表头占第{self.first}至{self.last}行，已合并为一行",
                    f"{en}the header takes rows {self.first} to {self.last} and was made one",
                )
            )
        if self.unnamed:
            result.append(
                Told(
                    f"{zh}有{self.unnamed}列没有标题，按列号命名",
                    f"{en}{self.unnamed} columns have no title and are named by their letter",
                )
            )
        return result


def find(rows: Sequence[Row], merges: Sequence[Merge] = ()) -> Header | None:
    """Return the header among the first rows of a table; None when no row holds a text.

    merges: merged cells of a workbook. A CSV saved from one has lost them: there a second row that names just what the
    first leaves empty belongs to the header.
    """
    sample = [row for row in rows[:SAMPLE] if any(_filled(cell) for cell in row[1])]
    if not sample:
        return None
    sample = _without_spilled(sample)
    spread = {number: _spread(number, cells, merges) for number, cells in sample}
    scores = [_score([spread[number]]) for number, _ in sample]
    most = max(scores)
    if most == 0:
        return None
    for place, (number, _cells) in enumerate(sample):
        depth = _depth(number, sample[place:], merges)
        lines = [spread[n] for n, _ in sample[place : place + depth]]
        score = _score(lines)
        grouped = len({m for m in merges if m.top == number and m.right > m.left and m.bottom == m.top}) > 1
        if score >= _ENOUGH * most and (score >= 2 or most == 1) and not (depth == 1 and grouped and score < most):
            return _header(sample, place, depth, lines)
    return None


def _without_spilled(sample: list[Row]) -> list[Row]:
    """Return the rows but for those far wider than the others, if an ordinary row of titles stands above them.

    A row with separators too many would else be the one that names most columns.
    """
    counts = [sum(map(_filled, cells)) for _, cells in sample]
    (usual, times), *_ = Counter(counts).most_common(1)
    if usual < 2 or times < 2:
        return sample
    first = next((i for i, count in enumerate(counts) if count > _SPILLED * usual), None)
    if first is None:
        return sample
    above = zip(counts[:first], sample[:first], strict=True)
    has_titles = any(count == usual == _score([cells]) for count, (_, cells) in above)
    return (
        [row for row, count in zip(sample, counts, strict=True) if count <= _SPILLED * usual] if has_titles else sample
    )


def _depth(number: int, rows: Sequence[Row], merges: Sequence[Merge]) -> int:
    """Return how many of the rows, the first being the one asked about, belong together as a header."""
    bottoms = [m.bottom for m in merges if m.top == number and m.bottom > m.top]
    if bottoms:
        last = min(max(bottoms), number + DEEPEST - 1)
        return max(sum(n <= last for n, _ in rows[:DEEPEST]), 1)
    if len(rows) < 2 or rows[1][0] != number + 1:
        return 1
    upper, lower = rows[0][1], rows[1][1]
    if any(m.top == number for m in merges) and _score([_spread(number, upper, merges)]) < _score([lower]):
        return 1
    return 2 if _completes(upper, lower) else 1


def _completes(upper: Sequence[Value], lower: Sequence[Value]) -> bool:
    """Return whether the lower row holds titles under groups of the upper one: 坐标, empty over 经度, 纬度."""
    width = max(_width(upper), _width(lower))
    top, low = _padded(upper, width), _padded(lower, width)
    named = [_filled(cell) for cell in top]
    below = [_filled(cell) for cell in low]
    if sum(named) < 3 or not all(a or b for a, b in zip(named, below, strict=True)):
        return False
    if any(b and not _is_title(cell) for b, cell in zip(below, low, strict=True)):
        return False
    gaps = [i for i in range(width) if not named[i]]
    alone = [i for i in range(width) if named[i] and not below[i]]
    # a row of data fills the columns that have a title; a second header leaves most of them empty
    return bool(gaps) and len(alone) >= 2 and all(below[i - 1] for i in gaps)


def _header(sample: Sequence[Row], place: int, depth: int, lines: Sequence[Sequence[str]]) -> Header:
    titles = _combined(lines)
    body = sample[place + depth :]
    width = max([_width(titles), *(_typical_width(body),)])
    names, unnamed = [], 0
    for column in range(width):
        title = titles[column] if column < len(titles) else ""
        if not title:
            unnamed += 1
            title = f"{letters(column)}列"
        names.append(title)
    above = tuple(" ".join(str(cell).strip() for cell in cells if _filled(cell)) for _, cells in sample[:place])
    return Header(unique_titles(names), sample[place][0], sample[place + depth - 1][0], above, unnamed)


def _typical_width(rows: Sequence[Row]) -> int:
    """Return up to which column at least a tenth of the rows, and two of them, have values."""
    enough = max(2, len(rows) // 10)
    widths = sorted((_width(cells) for _, cells in rows), reverse=True)
    return widths[enough - 1] if len(widths) >= enough else 0


def _combined(lines: Sequence[Sequence[str]]) -> list[str]:
    width = max(len(line) for line in lines)
    result = []
    group = ""
    for column in range(width):
        parts: list[str] = []
        for depth, line in enumerate(lines):
            text = line[column] if column < len(line) else ""
            if depth == 0 and len(lines) > 1:
                # a CSV has the name of the group over its first column only
                lower = any(column < len(other) and other[column] for other in lines[1:])
                group = text or (group if lower else "")
                text = group
            if text and text not in parts:
                parts.append(text)
        result.append(" ".join(parts))
    return result


def _spread(number: int, cells: Sequence[Value], merges: Sequence[Merge]) -> list[str]:
    """Return the texts of a row; what is merged sideways stands in each column of its merge."""
    texts = [_text(cell) for cell in cells]
    for merge in merges:
        if merge.top == number and merge.right > merge.left and merge.left < len(texts):
            right = min(merge.right, merge.left + 1_000)
            texts.extend([""] * (right + 1 - len(texts)))
            texts[merge.left : right + 1] = [texts[merge.left]] * (right + 1 - merge.left)
    return texts


def _score(lines: Sequence[Sequence[Value]]) -> int:
    """Return how many different titles the lines give together."""
    texts = _combined([[_text(cell) for cell in line] for line in lines])
    return len({text for text in texts if text and _is_title(text)})


def _is_title(value: Value) -> bool:
    if not isinstance(value, str):
        return isinstance(value, int) and not isinstance(value, bool) and 1900 <= value < 2100
    text = value.strip()
    return bool(text) and (not _NUMBER.fullmatch(text) or bool(_YEAR.fullmatch(text)))


def _text(value: Value) -> str:
    return "" if value is None else " ".join(str(value).split())


def _filled(value: Value) -> bool:
    return value is not None and (not isinstance(value, str) or bool(value.strip()))


def _width(cells: Sequence[Value]) -> int:
    return next((i for i in range(len(cells), 0, -1) if _filled(cells[i - 1])), 0)


def _padded(cells: Sequence[Value], width: int) -> list[Value]:
    return [*cells[:width], *[None] * (width - len(cells))]


def letters(column: int) -> str:
    """Return what a spreadsheet calls a column, the first being 0: A, B, …, Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
