"""The shared strings of a workbook, kept in a temporary file: a workbook may have millions of them."""

from __future__ import annotations

import mmap
import tempfile
from array import array
from typing import BinaryIO

from gridmap.ingest.reading.faults import no_room, refusal
from gridmap.ingest.reading.xml import Parser

MOST = 5_000_000
"""Strings that are kept; each takes eight bytes of memory."""


class SharedStrings:
    """Texts by number. Longer ones than longest are cut to one character more, so that who reads them can tell."""

    def __init__(self, source: BinaryIO | None, longest: int) -> None:
        self._longest = longest
        self._ends = array("Q", [0])
        self._map: mmap.mmap | None = None
        self._parts: list[str] = []
        self._gathered: list[bytes] = []
        self._length = 0
        self._takes = False
        self._phonetic = 0
        try:
            # unbuffered: what a full disk refused would come again on closing
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  closed in close()
        except OSError as error:
            raise no_room(error) from error
        try:
            if source is not None:
                self._read(source)
        except BaseException:
            self.close()
            raise

    def __call__(self, number: int) -> str:
        """Return a text; IndexError when there is none of that number."""
        if not 0 <= number < len(self._ends) - 1:
            raise IndexError(number)
        start, end = self._ends[number], self._ends[number + 1]
        return self._map[start:end].decode("utf-8") if self._map is not None else ""

    def close(self) -> None:
        """Remove the temporary file."""
        if self._map is not None:
            self._map.close()
            self._map = None
        self._file.close()

    def _read(self, source: BinaryIO) -> None:
        for _ in Parser(self._start, self._end, self._text).pieces(source, "sharedStrings.xml"):
            self._keep()
        if self._ends[-1]:
            self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def _keep(self) -> None:
        """Write out what was gathered of a piece of the file."""
        left = memoryview(b"".join(self._gathered))
        self._gathered.clear()
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise no_room(error) from error

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if name == "si":
            self._parts, self._length = [], 0
        elif name == "rPh":  # how it is pronounced, which is no part of the text
            self._phonetic += 1
        elif name == "t":
            self._takes = not self._phonetic

    def _end(self, name: str) -> None:
        if name == "t":
            self._takes = False
        elif name == "rPh":
            self._phonetic -= 1
        elif name == "si":
            # a lone half of a surrogate pair cannot come out of expat, so this never fails
            if len(self._ends) > MOST:
                raise refusal(f"工作簿里不同的文字超过{MOST}个", f"the workbook has more than {MOST} different texts")
            content = "".join(self._parts)[: self._longest + 1].encode("utf-8")
            self._gathered.append(content)
            self._ends.append(self._ends[-1] + len(content))

    def _text(self, piece: str) -> None:
        if self._takes and self._length <= self._longest:
            self._parts.append(piece)
            self._length += len(piece)
