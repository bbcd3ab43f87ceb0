"""The one table of a file that is meant, row by row with its titles, whatever format the file has.

For lists that are read as they are: of villages, of positions whose system is asked. Ledgers go through importing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gridmap.domain.incoming import IncomingFile, IncomingSheet, ReadingLimits, TitledRow
from gridmap.errors import UserError
from gridmap.ingest.reading import open_incoming
from gridmap.ingest.reading.faults import refusal

MOST_BYTES = 20_000_000
LIMITS = ReadingLimits(bytes_on_disk=MOST_BYTES, bytes_unpacked=200_000_000, rows=100_000, columns=200)
"""Of the list of one city: a province has 50,000 villages."""


@dataclass(frozen=True)
class TitledTable:
    """The sheet that is read and the file that it stands in."""

    sheet: IncomingSheet
    _file: IncomingFile

    def rows(self) -> Iterator[TitledRow]:
        """Yield the rows below the titles, empty ones left out; ReadingError when the file breaks off."""
        titles = self.sheet.header
        for row in self._file.rows(self.sheet):
            yield TitledRow(row.number, dict(zip(titles, row.values, strict=True)), row.fault, row.geometry)


@contextmanager
def opened(
    path: Path,
    fits: Callable[[Sequence[str]], bool],
    *,
    name: str | None = None,
    sheet: str | None = None,
    limits: ReadingLimits = LIMITS,
) -> Iterator[TitledTable]:
    """Open the table of a file that is meant. name: what its owner calls the file.

    sheet: the name of the one that is meant; without it the only one that is shown and whose titles fit, or, where none
    fits, the first that is shown: its reader tells what it misses.
    Errors: ReadingError for a file that cannot be read, UserError for a sheet that is not there, or several that fit.
    """
    file = open_incoming(path, name=name, limits=limits)
    try:
        yield TitledTable(_chosen(file, fits, sheet), file)
    finally:
        file.close()


def _chosen(file: IncomingFile, fits: Callable[[Sequence[str]], bool], wanted: str | None) -> IncomingSheet:
    names = ", ".join(one.name for one in file.sheets)
    if wanted is not None:
        found = next((one for one in file.sheets if one.name == wanted), None)
        if found is None:
            raise UserError(f"the file has no sheet {wanted}; it has {names}", zh=f"文件里没有工作表“{wanted}”")
        return found
    shown = [one for one in file.sheets if not one.hidden]
    if not shown:
        raise refusal(
            "文件里的工作表都是隐藏的，请取消隐藏要读取的那个",
            "all sheets of the file are hidden: unhide the one meant",
        )
    fitting = [one for one in shown if fits(one.header)]
    if len(fitting) > 1:
        listed = "、".join(one.name for one in fitting)
        raise refusal(
            f"有{len(fitting)}个表都像要读取的（{listed}），请只留一个，或把其余的隐藏",
            f"{len(fitting)} sheets could be meant ({listed}): keep one, hide the others, or name it with --sheet",
        )
    return fitting[0] if fitting else shown[0]
