"""XML read piece by piece, without entities: a document type is refused before anything in it is looked at."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.parsers import expat

from gridmap.ingest.reading.faults import ReadingError, refusal

CHUNK = 64 * 1024
DEEPEST = 200
LONGEST_TOKEN = 2 * 1024 * 1024
"""Bytes of one tag or comment: the parser holds it in memory whole."""

_GB = re.compile(rb"""<\?xml[^>]*encoding=["'](?:gb18030|gbk|gb2312)["']""", re.I)


class Parser:
    """A parser that calls start(name, attributes), end(name) and text(piece); names come without their namespace."""

    def __init__(
        self,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None],
        text: Callable[[str], None],
    ) -> None:
        self._start, self._end, self._text = start, end, text
        self._heard = False

    def pieces(self, source: BinaryIO, what: str) -> Iterator[None]:
        """Feed the source, pausing after each piece so that what was found in it can be taken away.

        what: its name in sentences. Errors: ReadingError for entities, broken XML, or elements nested too deep.
        """
        first = source.read(CHUNK)
        decoder = codecs.getincrementaldecoder("gb18030")() if _GB.match(first.lstrip()[:200]) else None
        parser = self._parser("utf-8" if decoder else None, what)
        piece = first
        silent = 0
        try:
            while piece:
                self._heard = False
                parser.Parse(decoder.decode(piece).encode() if decoder else piece, False)
                silent = 0 if self._heard else silent + len(piece)
                if silent > LONGEST_TOKEN:
                    raise refusal(f"{what}中有一个标签过长", f"{what}: a tag has more than {LONGEST_TOKEN} bytes")
                yield
                piece = source.read(CHUNK)
            parser.Parse(decoder.decode(b"", final=True).encode() if decoder else b"", True)
            yield
        except (expat.ExpatError, LookupError, ValueError) as error:
            line = getattr(error, "lineno", 0)
            raise _broken(what, line) from error

    def _parser(self, encoding: str | None, what: str) -> expat.XMLParserType:
        parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.buffer_size = CHUNK
        depth = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            self._heard = True
            depth += 1
            if depth > DEEPEST:
                raise refusal(f"{what}的层次超过{DEEPEST}层", f"{what}: elements are nested deeper than {DEEPEST}")
            self._start(name.rpartition(":")[2] if ":" in name else name, attributes)

        def end(name: str) -> None:
            nonlocal depth
            self._heard = True
            depth -= 1
            self._end(name.rpartition(":")[2] if ":" in name else name)

        def text(piece: str) -> None:
            self._heard = True
            self._text(piece)

        def refuse(*_declared: object) -> int:
            raise _entities(what)

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = refuse
        parser.EntityDeclHandler = refuse
        parser.ExternalEntityRefHandler = refuse
        return parser


def _entities(what: str) -> ReadingError:
    return refusal(
        f"{what}中有 DTD 或实体声明，出于安全不予读取",
        f"{what}: it declares a document type or entities, which are not read for safety",
    )


def _broken(what: str, line: int) -> ReadingError:
    return refusal(
        f"{what}不是完整的 XML{f'（第{line}行）' if line else ''}，文件可能被截断",
        f"{what}: it is no whole XML{f' (line {line})' if line else ''}; the file may be cut off",
    )
