"""Names of villages as files write them, matched to the list: exactly, without the words for village, or offered.

A village is chosen only where one alone can be meant, and how it was found is told. Several of one name, and names that
are nearly one on the list, become candidates for somebody to choose from.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import OSA

from gridmap.domain.incoming import Told
from gridmap.domain.misread import NOTHING, Misread, shown
from gridmap.domain.names import match_name, village_name

How = Literal["exact", "unique", "former", "candidates", "none"]

LONGEST = 100
"""Characters of a name; the longest of the list has 14."""

_EXPECTED = Told("村或社区的名称", "the name of a village")

# traditional forms, and characters that one and the same village is written with in one paper and another
_VARIANTS = str.maketrans(
    "溝崗岡冈窯窰砦陂峒窪凹臺廟莊荘樓橋馬孫劉張陳趙鄭東龍鳳楊韓閻関關門廠場園圍嶺咀硖陝陽陰黃賈鄧盧呂吳許馮鍾羅魏衛趕疙屹灣塢塬",
    "沟岗岗岗窑窑寨坡垌洼洼台庙庄庄楼桥马孙刘张陈赵郑东龙凤杨韩阎关关门厂场园围岭嘴峡陕阳阴黄贾邓卢吕吴许冯钟罗魏卫赶圪圪湾坞原",
)
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff·•"))


@dataclass(frozen=True)
class Unit:
    """A version of a village or community on the list: in force on [begins_on, ends_on), None without such a day."""

    code: str
    name: str
    official_name: str
    begins_on: dt.date | None = None
    ends_on: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Return whether the version is in force that day."""
        return (self.begins_on is None or self.begins_on <= day) and (self.ends_on is None or day < self.ends_on)


@dataclass(frozen=True)
class Candidate:
    """A village that may be meant. where: county and township. score: 0 to 100. zh, en: why it is offered."""

    code: str
    name: str
    where: str
    score: int
    zh: str
    en: str


@dataclass(frozen=True)
class NameMatch:
    """What a name means. unit: None unless one alone can be meant. zh, en: how it was found, or why it was not."""

    how: How
    unit: Unit | None
    candidates: tuple[Candidate, ...]
    zh: str
    en: str


def tidy(name: object, *, field: str = "name") -> str:
    """Return a name in plain characters without spaces; Misread for what is none, or longer than any."""
    if not isinstance(name, str) or len(name) > LONGEST:
        raise Misread(field, _EXPECTED, shown(name))
    plain = "".join(unicodedata.normalize("NFKC", name).translate(_INVISIBLE).split())
    if not plain:
        raise Misread(field, _EXPECTED, NOTHING)
    return plain


def stem(name: str) -> str:
    """Return what a tidy name is compared by: without the words for village, community and committee."""
    return match_name(village_name(name).name)


def folded(name: str) -> str:
    """Return the stem with one character for those that are written for one another (砦 → 寨)."""
    return stem(name).translate(_VARIANTS)


def regions_named(name: object, names: Mapping[str, str], *, within: str = "", field: str = "name") -> tuple[str, ...]:
    """Return the codes of counties or townships that a name may mean (巩义市, 巩义, 紫荆路街道办事处): none to several.

    names: of regions by code. within: the beginning of their codes. Misread as of tidy().
    """
    plain = tidy(name, field=field)
    candidates = {code: known for code, known in names.items() if code.startswith(within)}
    exact = tuple(code for code, known in candidates.items() if known == plain)
    return exact or tuple(code for code, known in candidates.items() if _region_stem(known) == _region_stem(plain))


def _region_stem(name: str) -> str:
    for word in ("街道办事处", "人民政府", "办事处", "街道", "镇", "乡", "区", "县", "市"):
        if name.endswith(word) and len(name) >= len(word) + 2:
            return name.removesuffix(word).translate(_VARIANTS)
    return name.translate(_VARIANTS)


class NameIndex:
    """The list of a day, ready to be asked; names of earlier and later versions are known too."""

    def __init__(self, units: Iterable[Unit], parents: Mapping[str, str], as_of: dt.date) -> None:
        """Read the versions of villages and the names of counties and townships by code."""
        self._parents = parents
        self._as_of = as_of
        self._current: dict[str, Unit] = {}
        self._former: dict[tuple[str, str], list[Unit]] = defaultdict(list)
        # three ways to compare, the strictest first; each by what it is asked within: nothing, a county, a township
        self._ways: list[dict[tuple[str, str], list[Unit]]] = [defaultdict(list) for _ in range(3)]
        self._within: dict[str, list[tuple[str, Unit]]] = defaultdict(list)
        for unit in units:
            forms = self._forms(unit.name) | self._forms(unit.official_name)
            holds = unit.holds_on(as_of)
            if holds:
                self._current[unit.code] = unit
            for scope in ("", unit.code[:6], unit.code[:9]):
                for way, form in forms:
                    (self._ways[way] if holds else self._former)[form, scope].append(unit)
                if holds:
                    self._within[scope].append((folded(unit.name), unit))

    def match(
        self,
        name: object,
        *,
        county_code: str | None = None,
        township_code: str | None = None,
        most: int = 5,
        field: str = "name",
    ) -> NameMatch:
        """Return what a name means within a township, or a county, or the city where neither is known.

        The name may begin with those of county and township. Misread as of tidy().
        """
        plain = tidy(name, field=field)
        scope = township_code or county_code or ""
        found = self._named(plain, scope)
        if found is None:
            rest, narrower = self._without_parents(plain, scope)
            if rest != plain:
                plain, scope = rest, narrower
                found = self._named(plain, scope)
        if found is not None:
            return found
        return self._formerly(plain, scope, most) or self._offered(plain, scope, most)

    @staticmethod
    def _forms(name: str) -> set[tuple[int, str]]:
        plain = tidy(name)
        return {(0, plain), (1, stem(plain)), (2, folded(plain))}

    def _named(self, plain: str, scope: str) -> NameMatch | None:
        for way, form in ((0, plain), (1, stem(plain)), (2, folded(plain))):
            units = _distinct(self._ways[way].get((form, scope), []))
            if len(units) == 1:
                return self._found(units[0], way)
            if units:
                offered = tuple(self._candidate(unit, 100, "同名", "of the same name") for unit in units)
                where_zh, where_en = self._where(scope) or "本市", self._where(scope) or "the city"
                zh = f"{where_zh}有 {len(units)} 个{plain}，须选定一个"
                return NameMatch("candidates", None, offered, zh, f"{where_en} has {len(units)} of the name {plain}")
        return None

    def _found(self, unit: Unit, way: int) -> NameMatch:
        zh = ("名称相同", "去掉“村”“社区”“居委会”等字后相同", "异体字或通用字相同")[way]
        en = ("the same name", "the same without the words for village or community", "the same in variant characters")
        how: How = "exact" if way == 0 else "unique"
        return NameMatch(how, unit, (), f"{unit.name}（{unit.code}）：{zh}", f"{unit.name} ({unit.code}): {en[way]}")

    def _formerly(self, plain: str, scope: str, most: int) -> NameMatch | None:
        """Return the village that had the name on another day, when it is one."""
        for form in (plain, stem(plain), folded(plain)):
            units = self._former.get((form, scope), [])
            if len({unit.code for unit in units}) != 1:
                continue
            unit = units[-1]
            today = self._current.get(unit.code)
            zh, en = self._days(unit)
            if today is not None:
                zh, en = f"{zh}，{self._as_of} 名为{today.name}", f"{en}; on {self._as_of} it is called {today.name}"
                return NameMatch("former", today, (), zh, en)
            offered = self._offered(plain, scope, most)
            zh, en = f"{zh}，{self._as_of} 已不在名录中", f"{en}; on {self._as_of} it is not on the list"
            return NameMatch("candidates" if offered.candidates else "none", None, offered.candidates, zh, en)
        return None

    @staticmethod
    def _days(unit: Unit) -> tuple[str, str]:
        zh, en = f"{unit.code} 曾名{unit.name}", f"{unit.code} was called {unit.name}"
        if unit.ends_on is not None:
            last = unit.ends_on - dt.timedelta(days=1)
            return f"{zh}（至 {last}）", f"{en} until {last}"
        return (
            f"{unit.code} 自 {unit.begins_on} 起名为{unit.name}",
            f"{unit.code} is called {unit.name} from {unit.begins_on}",
        )

    def _offered(self, plain: str, scope: str, most: int) -> NameMatch:
        """Return villages that may be meant: of the same name elsewhere, or of nearly the same name."""
        own = folded(plain)
        offered: dict[str, Candidate] = {}
        for wider in dict.fromkeys((scope[:6], "")):
            for unit in self._ways[2].get((own, wider), []):
                where = self._where(unit.code[:9])
                # another county is less likely meant than a slip of the pen in the one that is named
                score = 95 if unit.code[:6] == scope[:6] else 40 if scope else 85
                zh, en = f"同名，在{where}", f"of the same name, in {where}"
                offered.setdefault(unit.code, self._candidate(unit, score, zh, en))
        for near, unit in self._within[scope]:
            self._offer_near(offered, own, near, unit, 0)
        if len(scope) == 9 and len(own) > 2:  # names of two characters are near to too many
            for near, unit in self._within[scope[:6]]:
                self._offer_near(offered, own, near, unit, 10)
        ranked = sorted(offered.values(), key=lambda one: (-one.score, one.code))[:most]
        where_zh, where_en = self._where(scope) or "本市", self._where(scope) or "the city"
        zh, en = f"{where_zh}的名录中没有{plain}", f"{plain} is not on the list of {where_en}"
        if ranked:
            names = "、".join(f"{one.name}（{one.where}）" for one in ranked)
            zh, en = f"{zh}；可能是 {names}", f"{en}; it may be {names}"
        return NameMatch("candidates" if ranked else "none", None, tuple(ranked), zh, en)

    def _offer_near(self, offered: dict[str, Candidate], own: str, near: str, unit: Unit, less: int) -> None:
        why = _nearness(own, near)
        if why is not None:
            score, zh, en = why
            offered.setdefault(unit.code, self._candidate(unit, score - less, zh, en))

    def _candidate(self, unit: Unit, score: int, zh: str, en: str) -> Candidate:
        return Candidate(unit.code, unit.name, self._where(unit.code[:9]), score, zh, en)

    def _where(self, code: str) -> str:
        return "".join(self._parents.get(part, "") for part in dict.fromkeys((code[:6], code[:9])) if part)

    def _without_parents(self, plain: str, scope: str) -> tuple[str, str]:
        """Return a name without those of its county and township in front, and the scope that they narrow it to."""
        for length in (6, 9):
            for code, name in self._parents.items():
                fits = len(code) == length and (code.startswith(scope) or scope.startswith(code))
                if fits and plain.startswith(name) and len(plain) - len(name) >= 2:
                    plain, scope = plain[len(name) :], max(code, scope, key=len)
                    break
        return plain, scope


def _distinct(units: Iterable[Unit]) -> list[Unit]:
    return list({unit.code: unit for unit in units}.values())


def _nearness(own: str, near: str) -> tuple[int, str, str] | None:
    """Return how near two different folded stems are, 0 to 100, and why; None when they are not."""
    most = 1 if len(own) <= 3 else 2
    if own == near or abs(len(own) - len(near)) > max(most, 2):
        return None
    similar = round(100 * OSA.normalized_similarity(own, near))
    if sorted(own) == sorted(near):
        return max(similar, 80), "字序不同", "the same characters in another order"
    steps = OSA.distance(own, near)
    if steps <= most and steps < min(len(own), len(near)):
        if len(own) == len(near):
            pairs = [(a, b) for a, b in zip(own, near, strict=True) if a != b]
            zh = "、".join(f"{a}→{b}" for a, b in pairs)
            return (
                similar,
                f"差 {len(pairs)} 个字：{zh}",
                f"{len(pairs)} character{'s differ' if len(pairs) > 1 else ' differs'}: {zh}",
            )
        return similar, "多或少一两个字", "a character or two more or less"
    if len(own) >= 2 and (own in near or near in own) and len(near) >= 2:
        return similar, "名称相互包含", "one name holds the other"
    return None
