"""In which encoding a text is: decided by decoding all of it strictly, never by a guess on its beginning."""

from __future__ import annotations

import codecs
from pathlib import Path

from gridmap.ingest.reading.faults import ReadingError, refusal

CHUNK = 1024 * 1024
NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (BOM)",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "gb18030": "GB18030",
    "big5": "Big5",
}
"""What is read, by Python's name, and what people call it."""

_ALIASES = {"utf8": "utf-8", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "utf16": "utf-16"}


def of_file(path: Path, asked: str | None = None) -> str:
    """Return the encoding of a file, one of NAMES. asked: decode as this and nothing else.

    Errors: ReadingError when the text is none of UTF-8, UTF-16 with BOM and GB18030, or not what was asked.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if asked is not None:
        encoding = known(asked)
        if encoding == "utf-8" and head.startswith(codecs.BOM_UTF8):
            encoding = "utf-8-sig"
        _insist(path, encoding)
        return encoding
    marked = _marked(head)
    if marked:
        _insist(path, marked)
        return marked
    wrong = _first_wrong(path, "utf-8")
    if wrong is None:
        return "utf-8"
    if _is_cut(path, wrong):
        raise refusal(
            "文件在最后一个字的中间断开，可能没有复制完整，请重新复制",
            "the file breaks off in the middle of its last character; copy it again",
        )
    if _first_wrong(path, "gb18030") is None:
        return "gb18030"
    raise _neither(path, wrong)


def _is_cut(path: Path, wrong: int) -> bool:
    """Return whether all is UTF-8 but for the beginning of a character at the end, and not for want of any before."""
    size = path.stat().st_size
    if size - wrong > 3:
        return False
    with path.open("rb") as file:
        before = file.read(min(CHUNK, wrong))
        file.seek(wrong)
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        try:
            decoder.decode(file.read())
        except UnicodeDecodeError:
            return False
    return not before.isascii()


def _marked(head: bytes) -> str | None:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise refusal("文本是 UTF-32 编码，请另存为 UTF-8", "the text is UTF-32; save it as UTF-8")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Latin digits and separators in UTF-16 are every other byte a zero
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if len(zeros) > 4 and zeros.count(0) > 0.3 * len(zeros) and head.count(0) < 1.2 * zeros.count(0):
            return encoding
    return None


def known(name: str) -> str:
    """Return one of NAMES for what somebody calls an encoding; ReadingError for others."""
    plain = name.strip().lower().replace("_", "-")
    plain = _ALIASES.get(plain, plain)
    if plain not in NAMES:
        raise refusal(f"不支持编码“{name[:40]}”", f"encoding {name[:40]!r}: expected one of {', '.join(NAMES)}")
    return plain


def _insist(path: Path, encoding: str) -> None:
    wrong = _first_wrong(path, encoding)
    if wrong is not None:
        line = _line_of(path, wrong) if not encoding.startswith("utf-16") else 0
        zh, en = (f"（第{line}行）", f" (line {line})") if line else ("", "")
        raise refusal(
            f"文件不是完整的 {NAMES[encoding]} 文本：第{wrong + 1}个字节{zh}无法解码",
            f"the file is no whole {NAMES[encoding]} text: byte {wrong + 1}{en} is wrong",
        )


def _neither(path: Path, wrong: int) -> ReadingError:
    line = _line_of(path, wrong)
    return refusal(
        f"文件既不是 UTF-8 也不是 GB18030 文本（第{line}行起无法解码），可能不是表格，或已损坏；请另存为 UTF-8 的 CSV",
        f"the file is neither UTF-8 nor GB18030 text (from line {line} on); it may be no table, or damaged: "
        "save it as a CSV in UTF-8",
    )


def _first_wrong(path: Path, encoding: str) -> int | None:
    """Return the place of the first byte that cannot be decoded, None when all can."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    start = 0
    with path.open("rb") as file:
        while True:
            piece = file.read(CHUNK)
            kept = len(decoder.getstate()[0])
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                return max(start - kept + error.start, 0)
            if not piece:
                return None
            start += len(piece)


def _line_of(path: Path, place: int) -> int:
    line = 1
    with path.open("rb") as file:
        while place > 0:
            piece = file.read(min(CHUNK, place))
            if not piece:
                break
            line += piece.count(b"\n")
            place -= len(piece)
    return line
