"""Whose zone a row is, of what kind, and which version it follows: by number, or by kind, county and name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from rapidfuzz import fuzz

from gridmap.domain.definition import Text
from gridmap.domain.name_match import tidy
from gridmap.errors import UserError
from gridmap.ingest import shapes
from gridmap.planning.zone_file.rows import Entry, Telling
from gridmap.planning.zone_file.units import NoUnit, UnitBook
from gridmap.store.zone_file_ground import KindRow, KnownZone

LIKE = 60.0
"""Names so much alike, of 100, may be the same zone."""

MOST_HERE = 0.5
"""So much of an outline must lie in the county that draws it."""


@dataclass(frozen=True)
class Target:
    """What a row is about. base: the version that it follows, None for a new zone. codes: of its lists of units."""

    entry: Entry
    name: str
    kind: str
    county: str
    base: KnownZone | None
    units_in: tuple[str, ...] | None
    units_out: tuple[str, ...] | None


class Matcher:
    """Finds what rows are about. counties: outlines in metres by code; allowed: whether one may draft for a code."""

    def __init__(
        self, published: Sequence[KnownZone], kinds: Mapping[str, KindRow], book: UnitBook,
        counties: Mapping[str, Any], city: str, allowed: Callable[[str], bool], tell: Telling,
    ) -> None:  # fmt: skip
        self._published, self._kinds, self._book = published, kinds, book
        self._counties, self._city, self._allowed, self._tell = counties, city, allowed, tell
        self._last = [zone for zone in published if zone.is_last]

    def targets(self, entries: Sequence[Entry], kind: str | None) -> list[Target]:
        """Return what the rows are about, those that can be told. kind: of rows that say none."""
        found: list[Target] = []
        for entry in entries:
            target = self._target(entry, kind)
            if target is not None:
                found.append(target)
        self._refuse_twice(found)
        return found

    def _target(self, entry: Entry, default: str | None) -> Target | None:
        base = self._by_number(entry)
        if isinstance(base, str):
            return None
        kind = entry.values.get("kind") or default or (base.kind if base else None)
        name = entry.values.get("name") or (base.name if base else None)
        if name is None:
            self._tell.fault(entry.row, "name", None, Text("名称（必填）", "a name: it is needed"))
        if kind is None and not self._tell.has_told(entry.row, "kind"):
            self._tell.fault(
                entry.row, "kind", None,
                Text(
                    "类别，如禁煤区；文件里没有这一列时，为全部行选定（加 --kind）",
                    "a kind; where the file has no column of it, choose one for all rows (--kind on the command line)",
                ),
            )  # fmt: skip
        if name is None or kind is None:
            return None
        if base is not None and base.kind != kind:
            expected = Text(f"与第 {base.version} 版相同的类别", f"the kind of version {base.version}: {base.kind}")
            self._tell.fault(entry.row, "kind", kind, expected)
            return None
        if entry.values.get("class") and not self._kinds[kind].has_class:
            self._tell.fault(entry.row, "class", entry.values["class"], Text("空：这种区域不分类", "nothing: no class"))
        county = self._county(entry, kind, base)
        if county is None:
            return None
        if base is None:
            base = self._by_name(entry, name, kind, county)
        lists = [self._units(entry, column, county) for column in ("units_in", "units_out")]
        both = sorted(set(lists[0] or ()) & set(lists[1] or ()))
        if both:
            named = "、".join(self._book.names.get(code, code) for code in both)
            self._tell.fault(entry.row, "units_out", named, Text("不同时列入又列出", "a unit on one list only"))
        return Target(entry, name, kind, county, base, lists[0], lists[1])

    def _by_number(self, entry: Entry) -> KnownZone | str | None:
        """Return the version that a row names by its number or lineage; a text when that cannot be."""
        number, lineage = entry.values.get("zone_id"), entry.values.get("lineage")
        column, said = ("zone_id", number) if number else ("lineage", lineage)
        if not said:
            return None
        of = [z for z in self._published if (str(z.zone_id) if number else z.lineage) == str(said)]
        zone = of[-1] if of else None
        if zone is None:
            words = Text("已公布的一版的编号", "the key of a published version")
            if not number:
                words = Text("已有的沿革标识；新区域留空", "a lineage that is there; leave it empty for a new zone")
            self._tell.fault(entry.row, column, said, words)
            return "wrong"
        if not zone.is_last:
            last = next(z for z in self._last if z.lineage == zone.lineage)
            expected = Text(
                f"最后公布的一版：第 {last.version} 版，编号 {last.zone_id}",
                f"the last published version: {last.version}, key {last.zone_id}",
            )
            self._tell.fault(entry.row, column, said, expected, str(last.zone_id))
            return "wrong"
        return zone

    def _by_name(self, entry: Entry, name: str, kind: str, county: str) -> KnownZone | None:
        same = [zone for zone in self._last if zone.kind == kind and zone.county_code == county]
        try:
            wanted = tidy(name)
        except UserError:
            wanted = name
        own = [zone for zone in same if tidy(zone.name) == wanted]
        if len(own) == 1:
            return own[0]
        if len(own) > 1:
            listed = "、".join(f"{zone.name}（{zone.zone_id}）" for zone in own)
            expected = Text(f"版本编号：同名的有 {listed}", f"a key of the version: {listed} have that name")
            self._tell.fault(entry.row, "name", name, expected)
            return None
        like = sorted(same, key=lambda zone: -fuzz.ratio(tidy(zone.name), wanted))
        near = like[0] if like and fuzz.ratio(tidy(like[0].name), wanted) >= LIKE else None
        elsewhere = [code for code, title in self._book.counties.items() if title in wanted and code != county]
        if elsewhere and county in self._book.counties and self._book.counties[county] not in wanted:
            own_name, there = self._book.counties[county], self._book.counties[elsewhere[0]]
            expected = Text(f"{own_name}的区域；名称写的是{there}", f"a zone of {own_name}; its name says {there}")
            self._tell.fault(entry.row, "name", name, expected)
            return None
        words = Text("新的区域：本县没有同名同类的", "a new zone: the county has none of that kind and name")
        hint = f"{near.name}（zone_id {near.zone_id}）" if near else None
        self._tell.fault(entry.row, "name", name, words, hint, warn=True)
        return None

    def _county(self, entry: Entry, kind: str, base: KnownZone | None) -> str | None:
        """Return whose zone a row is: as it says, as its base is, as it lies, as its units are."""
        if self._kinds[kind].drawn_by == "city":
            return self._may(entry, self._city)
        said = self._said(entry)
        if said == "wrong":
            return None
        shares = self._shares(entry)
        most = max(shares, key=lambda code: shares[code]) if shares else None
        county = said or (base.county_code if base else None) or most or self._of_units(entry)
        if county is None:
            if entry.row not in self._tell.refused():  # an outline that was refused would have told it
                self._tell.fault(entry.row, "county_name", None, Text("县（市、区）", "a county"))
            return None
        if base is not None and base.county_code != county:
            name = self._book.counties.get(base.county_code, base.county_code)
            self._tell.fault(
                entry.row, "county_name", self._book.counties.get(county, county),
                Text(f"{name}：它依据的版本是该县（市、区）的", f"{name}, whose zone it follows"),
            )  # fmt: skip
            return None
        if most is not None and most != county and shares.get(county, 0.0) < MOST_HERE:
            there, own = (self._book.counties.get(code, code) for code in (most, county))
            self._tell.fault(
                entry.row, "", f"{shares[most]:.0%} {there}",
                Text(f"主要在{own}的面；它在{there}", f"a polygon in {own}; it lies in {there}"),
            )  # fmt: skip
            return None
        return self._may(entry, county)

    def _may(self, entry: Entry, county: str) -> str | None:
        if self._allowed(county):
            return county
        name = self._book.counties.get(county, "全市 / the city" if county == self._city else county)
        words = Text(
            f"您编制的县（市、区）的区域；这是{name}的", f"a zone of the county you draft for; this is one of {name}"
        )
        self._tell.fault(entry.row, "county_name", name, words)
        return None

    def _said(self, entry: Entry) -> str | None:
        said: list[str] = []
        for column in ("county_code", "county_name"):
            value = entry.values.get(column)
            if value in (None, ""):
                continue
            found = self._book.county(value)
            if isinstance(found, NoUnit):
                self._tell.fault(entry.row, column, value, found.expected, found.suggestion)
                return "wrong"
            said.append(found)
        if len(set(said)) > 1:
            self._tell.fault(
                entry.row, "county_code", said[0],
                Text(f"与县名一致的代码 {said[1]}", f"a code that agrees with the name: {said[1]}"),
            )  # fmt: skip
            return "wrong"
        return said[0] if said else None

    def _shares(self, entry: Entry) -> dict[str, float]:
        if entry.outline is None:
            return {}
        area = shapes.to_metres(shapely.from_wkb(entry.outline.wkb))
        parts = {code: float(shapely.intersection(area, shape).area) for code, shape in self._counties.items()}
        return {code: part / float(area.area) for code, part in parts.items() if part > 0}

    def _of_units(self, entry: Entry) -> str | None:
        codes, _wrong = self._book.read(entry.values.get("units_in"), "")
        counties = {code[:6] for code in codes}
        return counties.pop() if len(counties) == 1 else None

    def _units(self, entry: Entry, column: str, county: str) -> tuple[str, ...] | None:
        """Return the units that a row lists, None when the file has no such column."""
        if column not in entry.values:
            return None
        within = "" if county == self._city else county
        codes, wrong = self._book.read(entry.values[column], within)
        for one in wrong:
            self._tell.fault(entry.row, column, one.found, one.expected, one.suggestion)
        for code in codes:
            if within and column == "units_in" and code[:6] != within:
                own = self._book.counties.get(within, within)
                words = Text(f"{own}的单位", f"a unit of {own}")
                self._tell.fault(entry.row, column, f"{self._book.names.get(code, '')} {code}", words)
        return tuple(codes)

    def _refuse_twice(self, targets: Sequence[Target]) -> None:
        first: dict[object, int] = {}
        for target in targets:
            key: object = target.base.lineage if target.base else (target.kind, target.county, tidy(target.name))
            row = first.setdefault(key, target.entry.row)
            if row != target.entry.row:
                self._tell.fault(
                    target.entry.row, "name", target.name,
                    Text(f"一个区域一行；第 {row} 行已是它", f"each zone once; row {row} is of the same zone"),
                )  # fmt: skip
