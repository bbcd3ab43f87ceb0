"""Where a row of a file is said to lie: by code, or by the names of county, township and village."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from gridmap.domain import name_match, region_codes
from gridmap.domain.definition import Text
from gridmap.domain.incoming import Value
from gridmap.domain.misread import Misread
from gridmap.domain.name_match import NameIndex, Unit

_MOST_KEPT = 50_000
_MOST_COMPARED = 500
"""So many unknown names of villages are compared with the whole list; a file with more of them is of another city."""

_WHOLE = ("全市", "市级", "市本级", "市直")

_LEVELS = {"county_name": ("县（市、区）", "a county"), "township_name": ("乡镇（街道）", "a township")}


@dataclass(frozen=True)
class Wrong:
    """What is wrong with how a row names its region, and in which of the columns. disagrees: code and names do."""

    role: str
    expected: Text
    suggestion: str | None
    disagrees: bool = False


class RegionBook:
    """The regions of a day, asked row by row; equal rows are asked once."""

    def __init__(
        self, names: Mapping[str, str], villages: Sequence[Unit], as_of: dt.date, city: tuple[str, str] | None = None
    ) -> None:
        """Take the names of counties and townships by code, and the villages in force on a day.

        city: its code and name, where a row may be the whole city's instead of a county's.
        """
        self._city = city
        self.names = {**names, **{unit.code: unit.name for unit in villages}}
        self._parents = dict(names)
        self._counties = {code: name for code, name in names.items() if len(code) == 6}
        self._townships = {code: name for code, name in names.items() if len(code) == 9}
        self._index = NameIndex(villages, names, as_of)
        self._kept: dict[tuple[tuple[str, Value], ...], str | Wrong | None] = {}
        self._unknown = 0

    def name_of(self, code: str) -> str | None:
        """Return the name of a region, None when there is none of that code."""
        return self.names.get(code)

    def resolve(self, said: Mapping[str, Value]) -> str | Wrong | None:
        """Return the code of the smallest region that a row names, None when it names none, or what is wrong with it.

        said: by role (region_code, county_name, township_name, village_name), only what the row has.
        """
        key = tuple(sorted(said.items()))
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = self._resolve(said)
        return self._kept[key]

    def _resolve(self, said: Mapping[str, Value]) -> str | Wrong | None:
        named = self._named(said)
        if isinstance(named, Wrong) or said.get("region_code") is None:
            return named
        try:
            code = region_codes.read_code(said["region_code"])
        except Misread as error:
            return Wrong("region_code", _told(error), None)
        missing = region_codes.unknown(code, self.names) if code.level != "city" else None
        if missing is not None:
            return Wrong(
                "region_code", Text(f"名录中有的代码：{missing.zh}", f"a code of the list: {missing.en}"), None
            )
        if named is not None:
            short, long = sorted((code.code, named), key=len)
            told = region_codes.disagreement(long, short, self.names)
            if told is not None:
                return Wrong(
                    "region_code",
                    Text(f"与所填名称一致的代码：{told.zh}", f"a code that agrees with the names: {told.en}"),
                    named,
                    disagrees=True,
                )
            return long
        return code.code

    def _named(self, said: Mapping[str, Value]) -> str | Wrong | None:
        found = ""
        for role, names in (("county_name", self._counties), ("township_name", self._townships)):
            if said.get(role) is None:
                continue
            step = self._region(role, str(said[role]), names, found)
            if isinstance(step, Wrong):
                return step
            found = step
        if said.get("village_name") is not None:
            return self._village(str(said["village_name"]), found)
        return found or None

    def _region(self, role: str, text: str, names: Mapping[str, str], within: str) -> str | Wrong:
        if self._city is not None and role == "county_name" and text.strip() in (self._city[1], *_WHOLE):
            return self._city[0]
        try:
            codes = name_match.regions_named(text, names, within=within)
        except Misread as error:
            return Wrong(role, _told(error), None)
        if len(codes) == 1:
            return codes[0]
        zh, en = _LEVELS[role]
        if codes:
            listed = "、".join(f"{self._parents.get(code[:6], '')}{names[code]}" for code in codes[:5])
            return Wrong(role, Text(f"其中之一（再填上级）：{listed}", f"one of {listed}: give the county too"), None)
        near = {code: name for code, name in names.items() if code.startswith(within)}
        best = process.extractOne(name_match.tidy(text), near, scorer=fuzz.ratio, score_cutoff=50)
        where = self._parents.get(within)
        expected = Text(f"{where or '名录'}中有的{zh}", f"{en} of {where or 'the list'}")
        return Wrong(role, expected, str(best[0]) if best else None)

    def _village(self, text: str, within: str) -> str | Wrong:
        if self._unknown >= _MOST_COMPARED:
            return Wrong(
                "village_name",
                Text(
                    "名录中有的村（社区）（未知名称过多，未再比较）",
                    "a village of the list (too many unknown names: not compared)",
                ),
                None,
            )
        try:
            found = self._index.match(
                text, county_code=within[:6] or None, township_code=within if len(within) == 9 else None
            )
        except Misread as error:
            return Wrong("village_name", _told(error), None)
        if found.unit is not None:
            return found.unit.code
        self._unknown += 1
        first = found.candidates[0] if found.candidates else None
        suggestion = f"{first.name}（{first.where}，{first.code}）" if first else None
        return Wrong(
            "village_name", Text(f"名录中有的村（社区）：{found.zh}", f"a village of the list: {found.en}"), suggestion
        )


def _told(error: Misread) -> Text:
    """Return what was expected and, where it is known, what went wrong on the way."""
    if error.hint is None:
        return Text(error.expected.zh, error.expected.en)
    return Text(
        f"{error.expected.zh}（现为{error.found.zh}；{error.hint.zh}）",
        f"{error.expected.en} (found {error.found.en}; {error.hint.en})",
    )
