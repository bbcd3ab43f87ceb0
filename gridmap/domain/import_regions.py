"""Regions as ledgers name them: by code, or by the names of county, township and village."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from gridmap.domain.definition import Text
from gridmap.domain.import_values import Unreadable
from gridmap.domain.names import match_name

_ENDINGS = ("街道办事处", "办事处", "街道办", "人民政府", "镇政府", "乡政府", "村民委员会", "村委会", "社区居委会", "居委会")
_KINDS = {"county": ("市", "区", "县"), "township": ("街道", "镇", "乡"), "village": ("社区", "村")}
_MOST_KEPT = 100_000

ROLE_LEVELS = {"county_name": "county", "township_name": "township", "village_name": "village"}


@dataclass(frozen=True)
class Wrong:
    """What is wrong with how a row names its region: in which of the columns."""

    role: str
    expected: Text
    suggestion: str | None


class RegionBook:
    """Regions of a day by code and by name."""

    def __init__(self, regions: Iterable[tuple[str, str, str, tuple[str, ...]]]) -> None:
        """Take (code, level, name, other names) of each region."""
        self._names: dict[str, str] = {}
        self._by_name: dict[tuple[str, str], dict[str, list[str]]] = {}
        self._kept: dict[tuple[str, ...], str | None | Wrong] = {}
        for code, level, name, others in regions:
            self._names[code] = name
            for parent in {code[:length] for length in (6, 9) if length < len(code)} | {""}:
                words = self._by_name.setdefault((level, parent), {})
                for word in {key for each in (name, *others) for key in _keys(each, level)}:
                    codes = words.setdefault(word, [])
                    if code not in codes:
                        codes.append(code)

    def name(self, code: str) -> str | None:
        """Return the name of a region, None when there is none of that code."""
        return self._names.get(code)

    def resolve(self, said: dict[str, str]) -> str | None | Wrong:
        """Return the code of the smallest region that a row names, None when it names none, or what is wrong with it.

        said: by role (region_code, county_name, township_name, village_name), only what the row has.
        """
        key = tuple(f"{role}={text}" for role, text in sorted(said.items()))
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = self._resolve(said)
        return self._kept[key]

    def _resolve(self, said: dict[str, str]) -> str | None | Wrong:
        found: str | None = None
        for role, level in ROLE_LEVELS.items():
            text = said.get(role)
            if not text:
                continue
            step = self._of_name(role, level, text, found or "")
            if isinstance(step, Wrong):
                return step
            found = step
        code = said.get("region_code")
        if not code:
            return found
        try:
            return self._of_code(code, found)
        except Unreadable as wrong:
            return Wrong("region_code", wrong.expected, wrong.suggestion)

    def _of_name(self, role: str, level: str, text: str, parent: str) -> str | Wrong:
        words = self._by_name.get((level, parent), {})
        for key in _keys(text, level):
            codes = words.get(key, [])
            if len(codes) == 1:
                return codes[0]
            if len(codes) > 1:
                listed = "、".join(f"{self._path(code)}（{code}）" for code in codes[:4])
                return Wrong(role, Text(f"其中之一：{listed}", f"one of {listed}"), None)
        within = self._names.get(parent)
        where = (f"{within}的" if within else "名录中的", f" of {within}" if within else " of the list")
        kind = {"county": ("县（市、区）", "a county"), "township": ("乡镇（街道）", "a township"), "village": ("村（社区）", "a village")}
        zh, en = kind[level]
        best = process.extractOne(_keys(text, level)[-1], list(words), scorer=fuzz.ratio, score_cutoff=50)
        suggestion = self._names[words[best[0]][0]] if best else None
        return Wrong(role, Text(where[0] + zh, en + where[1]), suggestion)

    def _of_code(self, text: str, named: str | None) -> str:
        code = unicodedata.normalize("NFKC", text)
        if re.fullmatch(r"[0-9]{12}", code) and code not in self._names:
            # lists write counties and townships with zeros behind
            code = code.removesuffix("000") if code[9:] == "000" else code
            code = code.removesuffix("000") if len(code) == 9 and code[6:] == "000" else code
        if not re.fullmatch(r"[0-9]{6}|[0-9]{9}|[0-9]{12}", code):
            raise Unreadable(Text("6、9或12位区划代码", "a division code of 6, 9 or 12 digits"))
        if code not in self._names:
            above = next((code[:n] for n in (9, 6) if code[:n] in self._names and n < len(code)), None)
            where = (f"{self._names[above]}（{above}）", self._names[above] + f" ({above})") if above else ("名录", "the list")
            raise Unreadable(Text(f"{where[0]}中有的区划代码", f"a code that there is in {where[1]}"))
        if named is not None and not (code.startswith(named) or named.startswith(code)):
            raise Unreadable(
                Text(f"以 {named}（{self._names[named]}）开头的代码", f"a code that begins with {named} ({self._names[named]})"),
                self._names[code],
            )
        return max(code, named or "", key=len)

    def _path(self, code: str) -> str:
        return "".join(self._names.get(code[:n], "") for n in (6, 9) if n < len(code)) + self._names[code]


def _keys(text: str, level: str) -> list[str]:
    """Return a name as it is compared: whole, then without the word for its kind."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
    keys = [plain]
    for ending in _ENDINGS:
        if plain.endswith(ending) and len(plain) > len(ending) + 1:
            keys.append(plain.removesuffix(ending))
            break
    short = keys[-1]
    if level == "village":
        keys.append(match_name(short))
    for word in _KINDS[level]:
        if short.endswith(word) and len(short) > len(word) + 1:
            keys.append(short.removesuffix(word))
            break
    return list(dict.fromkeys(keys))
