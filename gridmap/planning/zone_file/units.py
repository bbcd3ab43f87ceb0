"""Units as files list them, by code or by name, found on the list of the day or offered with the reason."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from gridmap.domain import name_match, region_codes
from gridmap.domain.definition import Text
from gridmap.domain.incoming import Value
from gridmap.domain.name_match import NameIndex, Unit
from gridmap.errors import UserError
from gridmap.store.import_regions import RegionRow

_BREAK = re.compile(r"[、，,;；|/\s]+")
_CODE = re.compile(r"[0-9０-９.]+|[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")


@dataclass(frozen=True)
class NoUnit:
    """A word of a list that is no unit. suggestion: the likeliest that may be meant."""

    found: str
    expected: Text
    suggestion: str | None


class UnitBook:
    """Counties, townships and villages of a day, by code and by name."""

    def __init__(self, regions: Sequence[RegionRow], day: dt.date) -> None:
        """Take the regions of a day."""
        above = {row.code: row.name for row in regions if row.level != "village"}
        self.names = {row.code: row.name for row in regions}
        self.counties = {code: name for code, name in above.items() if len(code) == 6}
        self._townships = {code: name for code, name in above.items() if len(code) == 9}
        villages = [
            Unit(row.code, row.name, (*row.other_names, row.name)[0]) for row in regions if row.level == "village"
        ]
        self._villages = NameIndex(villages, above, day)

    def county(self, said: Value) -> str | NoUnit:
        """Return the county that a code or name means."""
        found = self._one(said if isinstance(said, (int, float)) else str(said), "")
        if isinstance(found, NoUnit) or len(found) == 6:
            return found
        listed = "、".join(self.counties.values())
        return NoUnit(str(said), Text(f"县（市、区）：{listed}", f"a county: {listed}"), self.counties.get(found[:6]))

    def read(self, cell: Value, county: str) -> tuple[list[str], list[NoUnit]]:
        """Return the codes of the units that a cell lists, each once, and what in it is no unit.

        county: in which names are looked for first; "" for the whole city.
        """
        if cell is None or isinstance(cell, bool):
            return [], []
        words = [cell] if isinstance(cell, (int, float)) else [word for word in _BREAK.split(str(cell)) if word]
        codes, wrong = [], []
        for word in words:
            found = self._one(word, county)
            if isinstance(found, NoUnit):
                wrong.append(found)
            elif found not in codes:
                codes.append(found)
        return codes, wrong

    def _one(self, word: str | int | float, county: str) -> str | NoUnit:
        if not isinstance(word, str) or _CODE.fullmatch(word):
            return self._coded(word)
        try:
            return self._named(word, county)
        except UserError as error:
            return NoUnit(word[:40], Text("单位的代码或名称", "code or name of a unit"), str(error)[:60])

    def _coded(self, word: str | int | float) -> str | NoUnit:
        try:
            code = region_codes.read_code(word)
        except UserError as error:
            told = str(error).partition("expected ")[2] or str(error)
            return NoUnit(str(word)[:40], Text("6、9或12位区划代码，文本格式", told), None)
        missing = region_codes.unknown(code, self.names) if code.level != "city" else None
        if missing is not None:
            expected = Text(f"名录中有的代码：{missing.zh}", f"a code of the list: {missing.en}")
            return NoUnit(str(word)[:40], expected, None)
        return code.code

    def _named(self, word: str, county: str) -> str | NoUnit:
        own = name_match.regions_named(word, self.counties)
        if len(own) == 1:
            return own[0]
        plain = name_match.tidy(word)
        for code, name in self.counties.items():
            if plain.startswith(name) and len(plain) - len(name) >= 2:
                plain, county = plain[len(name) :], code
                break
        towns = name_match.regions_named(plain, self._townships, within=county)
        if len(towns) == 1:
            return towns[0]
        if len(towns) > 1:
            listed = "、".join(f"{self.counties.get(code[:6], '')}{self._townships[code]}" for code in towns[:5])
            return NoUnit(
                word, Text(f"其中之一（前面写上县）：{listed}", f"one of {listed}: name the county too"), None
            )
        found = self._villages.match(plain, county_code=county or None)
        if found.unit is not None:
            return found.unit.code
        first = found.candidates[0] if found.candidates else None
        hint = f"{first.name}（{first.where}，{first.code}）" if first else None
        expected = Text(f"名录中有的县、乡镇或村：{found.zh}", f"a county, township or village of the list: {found.en}")
        return NoUnit(word, expected, hint)
