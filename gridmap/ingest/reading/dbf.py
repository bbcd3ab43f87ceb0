"""DBF, the attribute table of a Shapefile, read record by record."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from gridmap.domain.incoming import Sentence, Value
from gridmap.ingest.reading.faults import refusal, shown, text_value

_CODE_PAGES = {0x4D: "gb18030", 0x4F: "big5", 0x78: "big5", 0x7A: "gb18030"}
_CPG = {
    "utf-8": "utf-8", "utf8": "utf-8", "65001": "utf-8", "gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030",
    "936": "gb18030", "cp936": "gb18030", "ansi 936": "gb18030", "54936": "gb18030", "950": "big5", "big5": "big5",
    "1252": "cp1252", "cp1252": "cp1252", "ansi 1252": "cp1252", "iso-8859-1": "latin-1", "iso 88591": "latin-1",
    "88591": "latin-1",
}  # fmt: skip
_DATE = re.compile(rb"(\d{4})(\d\d)(\d\d)")
_UNREAD = "MGPT@Q0Y"
_MOST_FIELDS = 2048


@dataclass(frozen=True)
class Field:
    """A column: name as bytes, since the encoding is known later; kind as the format's letter; where it stands."""

    raw_name: bytes
    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Layout:
    """How records are laid out. code_page: the encoding that the file's header names, if one."""

    fields: tuple[Field, ...]
    record_bytes: int
    code_page: str | None


def encoding_of_cpg(text: str) -> str | None:
    """Return Python's name of what a .cpg file says, None when it says nothing known."""
    return _CPG.get(text.strip().strip("\0").lower())


def read_layout(source: BinaryIO, what: str) -> Layout:
    """Read the header, leaving the source at the first record."""
    head = source.read(32)
    if len(head) < 32:
        raise _cut(what)
    head_bytes, record_bytes = struct.unpack_from("<HH", head, 8)
    rest = source.read(max(head_bytes - 32, 0))
    if len(rest) < head_bytes - 32 or record_bytes < 1:
        raise _cut(what)
    fields: list[Field] = []
    start = 1
    for at in range(0, len(rest) - 31, 32):
        if rest[at] in (0x0D, 0) or len(fields) == _MOST_FIELDS:
            break
        kind = chr(rest[at + 11]).upper()
        length = rest[at + 16] + (256 * rest[at + 17] if kind == "C" else 0)
        fields.append(Field(rest[at : at + 11].partition(b"\0")[0].rstrip(), kind, start, start + length))
        start += length
    if start > record_bytes:
        raise refusal(
            f"{what}的字段比记录还长，文件已损坏", f"{what}: its fields are longer than its records; it is damaged"
        )
    return Layout(tuple(fields), record_bytes, _CODE_PAGES.get(head[29]))


def records(source: BinaryIO, layout: Layout) -> Iterator[bytes]:
    """Yield the records, deleted ones too (their first byte is an asterisk); the last may be cut."""
    while True:
        record = source.read(layout.record_bytes)
        if not record or record[:1] == b"\x1a":
            return
        yield record


def guess(source: BinaryIO, layout: Layout) -> str:
    """Return the encoding in which every text of the table can be decoded: UTF-8, else GB18030."""
    texts = [field for field in layout.fields if field.kind == "C"]
    # one by one: QGIS cuts a name of four Chinese characters after ten bytes, amid the fourth
    if any(_decoded(field.raw_name, "utf-8")[1] for field in layout.fields):
        return "gb18030"
    for record in records(source, layout):
        if record.isascii():
            continue
        for field in texts:
            piece = record[field.start : field.end]
            if not piece.isascii() and _decoded(piece, "utf-8")[1]:
                return "gb18030"
    return "utf-8"


def titles(layout: Layout, encoding: str) -> list[str]:
    """Return the names of the columns."""
    return [" ".join(_decoded(field.raw_name, encoding)[0].split()) or "?" for field in layout.fields]


def unread(layout: Layout) -> list[int]:
    """Return which columns hold memos, pictures and the like, which are not read."""
    return [number for number, field in enumerate(layout.fields) if field.kind in _UNREAD]


class Decoder:
    """Make values of records."""

    def __init__(self, layout: Layout, names: tuple[str, ...], encoding: str, longest: int) -> None:
        self._columns = list(zip(names, layout.fields, strict=True))
        self._bytes = layout.record_bytes
        self._encoding = encoding
        self._longest = longest

    def values(self, record: bytes, faults: list[Sentence]) -> tuple[Value, ...]:
        """Return the values of a record; what is wrong with them is added to the faults."""
        if len(record) < self._bytes:
            faults.append(Sentence("属性记录不完整，文件被截断", "the record of attributes is cut off"))
        return tuple(
            [self._value(name, field, record[field.start : field.end], faults) for name, field in self._columns]
        )

    def _value(self, name: str, field: Field, raw: bytes, faults: list[Sentence]) -> Value:
        kind = field.kind
        if kind in "NF":
            return _number(name, raw, faults)
        if kind == "D":
            return _day(raw)
        if kind == "L":
            return {b"T": True, b"Y": True, b"F": False, b"N": False}.get(raw.strip().upper())
        if kind in "I+" and len(raw) == 4:
            return int(struct.unpack("<i", raw)[0])
        if kind in "BO" and len(raw) == 8:
            number = float(struct.unpack("<d", raw)[0])
            return number if math.isfinite(number) else None
        if kind in _UNREAD:
            return None
        text, is_wrong = _decoded(raw.rstrip(b" \0"), self._encoding)
        if is_wrong:
            faults.append(
                Sentence(f"{shown(name)}不是 {self._encoding} 文字", f"{shown(name)} is no text in {self._encoding}")
            )
        return text_value(name, text, self._longest, faults)


def _decoded(raw: bytes, encoding: str) -> tuple[str, bool]:
    """Return the text and whether it was wrong; a character that the end of the field cuts off is left out."""
    try:
        return raw.decode(encoding), False
    except UnicodeDecodeError as error:
        if error.start >= len(raw) - 3 and error.end == len(raw):
            return raw[: error.start].decode(encoding), False
        return raw.decode(encoding, "replace"), True


def _number(name: str, raw: bytes, faults: list[Sentence]) -> Value:
    text = raw.strip(b" \0")
    if not text or text.strip(b"*") == b"":
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        return number
    said = shown(text.decode("latin-1"))
    faults.append(Sentence(f"{shown(name)}应为数字，却是“{said}”", f"{shown(name)}: expected a number, found {said!r}"))
    return None


def _day(raw: bytes) -> Value:
    text = raw.strip(b" \0")
    if not text or text == b"00000000":
        return None
    found = _DATE.fullmatch(text)
    # a day that does not exist is left as it stands, for whoever checks days
    return "-".join(part.decode() for part in found.groups()) if found else text.decode("latin-1")


def _cut(what: str) -> Exception:
    return refusal(f"{what}不完整，文件被截断", f"{what} is cut off")
