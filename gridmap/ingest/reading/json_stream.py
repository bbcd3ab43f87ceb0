"""GeoJSON text read feature by feature, so that a collection never lies in memory whole."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from gridmap.domain.incoming import Sentence
from gridmap.ingest.reading.faults import ReadingError, refusal, shown

CHUNK = 256 * 1024
LARGEST = 16 * 1024 * 1024
"""Characters of one feature, or of one member beside the features: parsed they take twenty times as much memory."""

_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR_END = 32
_LAST_WORD = re.compile(r"[\w.+-]*\s*")


class Stream:
    """Go through a document of one object. members: those beside its features, once members_and_features() is done.

    bad: what is wrong with the value just given: numbers that are none, members that stand twice.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self._path = path
        self._encoding = encoding
        self.members: dict[str, Any] = {}
        self.bad: list[Sentence] = []
        self.has_features = False
        self._text = ""
        self._at = 0
        self._before = 0
        self._is_over = False
        self._numbers: list[str] = []
        self._twice: list[str] = []
        self._decoder = json.JSONDecoder(
            parse_constant=self._constant, parse_float=self._float, object_pairs_hook=self._object
        )

    def features(self) -> Iterator[Any]:
        """Yield each element of the features; ReadingError when the text is no JSON or breaks off."""
        self.members = {}
        self._text, self._at, self._before, self._is_over = "", 0, 0, False
        with self._path.open("r", encoding=self._encoding, newline="") as file:
            self._file: TextIO = file
            self._expect("{")
            yield from self._object_members()
            if self._peek() == "{":
                raise refusal(
                    "这是每行一个要素的 GeoJSON（NDJSON），请转换为 FeatureCollection",
                    "this is GeoJSON of one feature a line (NDJSON): convert it to a FeatureCollection",
                )
            if self._peek():
                raise self._broken("文件在对象之后还有内容", "there is something behind the object")

    def _object_members(self) -> Iterator[Any]:
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            name = self._value()
            if not isinstance(name, str):
                raise self._broken("应为成员名", "expected the name of a member")
            self._expect(":")
            if name in self.members:
                raise refusal(
                    f"GeoJSON 的成员“{shown(name)}”出现了两次", f"the GeoJSON has its member {shown(name)!r} twice"
                )
            if name == "features" and self._peek() == "[":
                self.members[name] = None
                self.has_features = True
                yield from self._elements()
            else:
                self.members[name] = self._value()
                self._refuse_bad(name)
            if self._comma_or("}"):
                return

    def _elements(self) -> Iterator[Any]:
        self._expect("[")
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            value = self._value()
            self.bad = self._found(value)
            yield value
            if self._comma_or("]"):
                return

    def _refuse_bad(self, name: str) -> None:
        bad = self._found(self.members[name], name)
        if bad:
            raise ReadingError(bad[0])

    def _comma_or(self, end: str) -> bool:
        found = self._peek()
        if found not in (",", end) or not found:
            raise self._broken(f"应为“,”或“{end}”", f"expected , or {end}")
        self._at += 1
        return found == end

    def _expect(self, sign: str) -> None:
        if self._peek() != sign:
            raise self._broken(f"应为“{sign}”", f"expected {sign}")
        self._at += 1

    def _peek(self) -> str:
        """Return the next character that is no space, "" at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _value(self) -> Any:
        self._peek()
        want = CHUNK
        while True:
            self._numbers, self._twice = [], []
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                # what breaks off at the end of the buffer may only want more of the file
                unfinished = error.msg.startswith("Unterminated") or error.pos >= len(self._text) - _SCALAR_END
                if not unfinished or not self._more(want):
                    is_cut = error.msg.startswith("Unterminated") or _LAST_WORD.fullmatch(self._text, error.pos)
                    self._at = len(self._text) if unfinished and is_cut else min(error.pos, len(self._text))
                    raise self._broken("不是 JSON", "no JSON") from error
            except RecursionError as error:
                raise self._broken("嵌套过深", "nested too deep") from error
            except ValueError as error:
                raise self._broken("数字过长", "a number has too many digits") from error
            else:
                # a number may go on in the next piece
                if end < len(self._text) or self._is_over or not self._more():
                    self._at = end
                    return value
            if len(self._text) - self._at > LARGEST:
                raise refusal(
                    f"GeoJSON 中有一个要素超过{LARGEST}字",
                    f"a feature of the GeoJSON has more than {LARGEST} characters",
                )
            want = len(self._text) - self._at

    def _more(self, want: int = CHUNK) -> bool:
        piece = self._file.read(max(want, CHUNK))
        if not piece:
            self._is_over = True
            return False
        self._before += self._at
        self._text = self._text[self._at :] + piece
        self._at = 0
        return True

    def _constant(self, name: str) -> float:
        self._numbers.append(name)
        return math.nan

    def _float(self, text: str) -> float:
        number = float(text)
        if not math.isfinite(number):
            self._numbers.append(shown(text, 20))
            return math.nan
        return number

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            seen: set[str] = set()
            self._twice.extend(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        return result

    def _found(self, value: Any, start: str = "") -> list[Sentence]:
        result = [
            Sentence(f"成员“{shown(name)}”出现了两次", f"the member {shown(name)!r} stands twice")
            for name in self._twice[:5]
        ]
        if self._numbers:
            where, what = place_of_nan(value, start), self._numbers[0]
            result.append(
                Sentence(f"{where} 的值 {what} 不是有限的数", f"{where} is {what}, which is no finite number")
            )
        self._numbers, self._twice = [], []
        return result

    def _broken(self, zh: str, en: str) -> ReadingError:
        place = self._before + self._at + 1
        if not self._peek():
            return refusal("GeoJSON 文件不完整，可能被截断", f"the GeoJSON is cut off (after character {place - 1})")
        found = shown(self._text[self._at : self._at + 20])
        return refusal(
            f"GeoJSON 第{place}个字符处无法读取：{zh}，却是“{found}”",
            f"the GeoJSON cannot be read at character {place}: {en}, found {found!r}",
        )


def place_of_nan(value: Any, path: str = "") -> str:
    """Return where in a value the first number that is none stands: properties.households, geometry.coordinates[0]."""
    stack: list[tuple[str, Any]] = [(path, value)]
    while stack:
        where, item = stack.pop()
        if isinstance(item, float) and math.isnan(item):
            return where or "value"
        if isinstance(item, dict):
            stack.extend((f"{where}.{key}" if where else str(key), child) for key, child in reversed(item.items()))
        elif isinstance(item, list):
            stack.extend((f"{where}[{i}]", item[i]) for i in range(len(item) - 1, -1, -1))
    return path or "value"
