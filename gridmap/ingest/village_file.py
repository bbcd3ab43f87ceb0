"""Read a list of villages from a CSV file: rows with the number that its owner sees."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from gridmap.domain.village_list import NoList

MOST_BYTES = 20_000_000


def rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the rows of a file, as rows_of() does; NoList also for a file that cannot be opened."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise NoList(f"{path.name} 打不开", f"{path.name}: the file cannot be read ({error.strerror})") from error
    return rows_of(path.name, content)


def rows_of(name: str, content: bytes) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the number and the values by title of each row below the headings; the headings are row 1.

    UTF-8, with or without its mark, or GB18030; parted by comma, tab or semicolon, as the headings are.
    Errors: NoList for a file that is too large, is no text, or has a row that is no CSV.
    """
    text = _text(name, content)
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",\t;", key=head.count), strict=True)
    try:
        titles = [title.strip() for title in next(reader, [])]
        if not any(titles):
            raise NoList(f"{name} 的第一行没有表头", f"{name}: the first line has no headings")
        for values in reader:
            if any(value.strip() for value in values):
                short = len(titles) - len(values)
                yield reader.line_num, dict(zip(titles, [*values, *[""] * short], strict=False))
    except csv.Error as error:
        number = reader.line_num
        raise NoList(
            f"{name} 第 {number} 行不是 CSV", f"{name}, row {number}: not readable as CSV ({error})"
        ) from error


def _text(name: str, content: bytes) -> str:
    if len(content) > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise NoList(
            f"{name} 超过 {most} MB，请给一个市的名录", f"{name}: larger than {most} MB; expected the list of one city"
        )
    if b"\0" in content or content.startswith(b"PK\3\4"):
        raise NoList(
            f"{name} 不是文本，请另存为 CSV（UTF-8 或 GB18030）",
            f"{name}: no text; save it as CSV (UTF-8 or GB18030)",
        )
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NoList(f"{name} 既不是 UTF-8 也不是 GB18030 文本", f"{name}: neither UTF-8 nor GB18030 text")
