"""Read a list of villages from a CSV file: rows with the number that its owner sees."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from gridmap.errors import UserError

MOST_BYTES = 20_000_000


def rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the number and the values by title of each row below the headings; the headings are row 1.

    UTF-8, with or without its mark, or GB18030; parted by comma, tab or semicolon, as the headings are.
    Errors: UserError for a file that cannot be read, is too large, is no text, or has a row that is no CSV.
    """
    text = _text(path)
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",\t;", key=head.count), strict=True)
    try:
        titles = [title.strip() for title in next(reader, [])]
        if not any(titles):
            raise UserError(f"{path.name}: the first line has no headings")
        for values in reader:
            if any(value.strip() for value in values):
                short = len(titles) - len(values)
                yield reader.line_num, dict(zip(titles, [*values, *[""] * short], strict=False))
    except csv.Error as error:
        raise UserError(f"{path.name}, row {reader.line_num}: not readable as CSV ({error})") from error


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path.name}: the file cannot be read ({error.strerror})") from error
    if len(content) > MOST_BYTES:
        raise UserError(f"{path.name}: larger than {MOST_BYTES // 1_000_000} MB; expected the list of one city")
    if b"\0" in content or content.startswith(b"PK\3\4"):
        raise UserError(f"{path.name}: no text; save it as CSV (UTF-8 or GB18030)")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UserError(f"{path.name}: neither UTF-8 nor GB18030 text")
