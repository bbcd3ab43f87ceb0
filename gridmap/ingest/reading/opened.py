"""What every opened file does alike: it counts rows, and gives only sheets of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gridmap.domain.incoming import IncomingRow, IncomingSheet, ReadingLimits, Told
from gridmap.ingest.reading.faults import refusal


class Opened:
    """An IncomingFile but for _rows(). Used in a with statement it is closed at the end."""

    format = ""
    sheets: tuple[IncomingSheet, ...] = ()
    told: tuple[Told, ...] = ()

    def __init__(self, limits: ReadingLimits) -> None:
        self._limits = limits

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def rows(self, sheet: IncomingSheet) -> Iterator[IncomingRow]:
        """Yield the rows below the header; ReadingError when there are more than the limit, or the file breaks off."""
        if sheet not in self.sheets:
            raise refusal(f"文件中没有工作表“{sheet.name}”", f"the file has no sheet {sheet.name!r}")
        for count, row in enumerate(self._rows(sheet), 1):
            if count > self._limits.rows:
                raise refusal(
                    f"“{sheet.name}”超过{self._limits.rows}行，请分成几个文件",
                    f"{sheet.name}: it has more than {self._limits.rows} rows; split it into several files",
                )
            yield row

    def close(self) -> None:
        """Release what is held; nothing here."""

    def _rows(self, sheet: IncomingSheet) -> Iterator[IncomingRow]:
        raise NotImplementedError


def unique_titles(titles: Iterable[str]) -> tuple[str, ...]:
    """Return titles of which none stands twice: the second “名称” becomes “名称 (2)”."""
    seen: set[str] = set()
    result = []
    for title in titles:
        name, number = title, 1
        while name in seen:
            number += 1
            name = f"{title} ({number})"
        seen.add(name)
        result.append(name)
    return tuple(result)


def check_columns(number: int, limits: ReadingLimits) -> None:
    """Refuse a table with too many columns."""
    if number > limits.columns:
        raise refusal(
            f"表格至少有{number}列，最多{limits.columns}列；请删去表格右侧多余的列",
            f"the table has at least {number} columns, at most {limits.columns} are read: delete those beside it",
        )
