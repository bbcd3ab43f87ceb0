"""A newer list of villages held against the one in force: what stayed, was renamed, moved, merged, split, came or went.

A list says codes and names, never what became of a village. That two lines of it are the same village under another
code is taken from the names: sure where the name is the same and only one has it, else a guess that is called one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from rapidfuzz.distance import OSA

from gridmap.domain.incoming import TitledRow, Told
from gridmap.domain.misread import Misread
from gridmap.domain.name_match import folded, tidy
from gridmap.domain.names import VillageName, village_name
from gridmap.domain.region_codes import disagreement, read_code
from gridmap.errors import UserError

Kind = Literal["renamed", "recoded", "moved", "merged", "split", "new", "gone"]
KINDS: tuple[Kind, ...] = ("renamed", "recoded", "moved", "merged", "split", "new", "gone")

# field -> headings by which a list may call it
COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("统计用区划代码", "行政区划代码", "区划代码", "村代码", "代码", "code", "village_id"),
    "name": ("名称", "村名", "村（居）名称", "村（社区）名称", "村居名称", "name", "official_name"),
    "above": ("乡镇代码", "街道代码", "乡镇（街道）代码", "street_code", "township_code"),
}

MOST_ROWS = 50_000
"""A province has as many villages."""


class NoList(UserError):
    """A file that is no list of villages. zh, en: why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self._said = zh
        self.en = en

    @property
    def zh(self) -> str:
        """Return why in Chinese."""
        return self._said


MOST_GONE = 0.3
"""A list in which a larger part of a county is missing is taken for a part of a list."""


@dataclass(frozen=True)
class Listed:
    """A line of a list: a village's twelve digits and its name as it stands there."""

    code: str
    official_name: str

    @cached_property
    def names(self) -> VillageName:
        """Return the forms of its name."""
        return village_name(tidy(self.official_name))

    @cached_property
    def key(self) -> str:
        """Return what its name is compared by."""
        return folded(tidy(self.official_name))

    def __str__(self) -> str:
        """Return name and code, as reports write them."""
        return f"{self.names.name}（{self.code}）"


@dataclass(frozen=True)
class Change:
    """Villages of the old list and what they are in the new one. sure: False where it is a guess by names."""

    kind: Kind
    before: tuple[Listed, ...]
    after: tuple[Listed, ...]
    sure: bool
    zh: str
    en: str


@dataclass(frozen=True)
class Reconciliation:
    """Two lists compared within the counties of the new one. same: villages of the same code and name.

    old, new: villages of either list within those counties; old_by_county: likewise, by county.
    """

    counties: tuple[str, ...]
    old: int
    new: int
    same: int
    changes: tuple[Change, ...]
    old_by_county: Mapping[str, int]

    def of(self, kind: Kind) -> list[Change]:
        """Return the changes of a kind."""
        return [change for change in self.changes if change.kind == kind]

    @property
    def ended(self) -> list[str]:
        """Return the codes that the new list no longer has."""
        after = {one.code for change in self.changes for one in change.after}
        return sorted({one.code for change in self.changes for one in change.before} - after)

    @property
    def partial(self) -> str | None:
        """Return a county of which so many villages are missing that the list is rather a part of one."""
        gone: dict[str, int] = defaultdict(int)
        for change in self.of("gone"):
            gone[change.before[0].code[:6]] += 1
        counts = sorted(gone.items())
        return next((code for code, count in counts if count > MOST_GONE * self.old_by_county[code]), None)


@dataclass(frozen=True)
class LineFault:
    """What is wrong with a line, by its number and column. found: what stands there. zh, en: the whole sentence."""

    row: int
    field: str
    found: str
    zh: str
    en: str


@dataclass
class NewList:
    """What a file holds: villages, and what is wrong with its other lines."""

    villages: list[Listed] = field(default_factory=list)
    faults: list[LineFault] = field(default_factory=list)
    above: int = 0
    """Lines of townships and counties, which a list may hold between its villages: they are not read."""


def has_list(titles: Iterable[str]) -> bool:
    """Return whether a table with such titles may be a list of villages."""
    return not _missing(_titles(titles))


def read_list(titles: Iterable[str], rows: Iterable[TitledRow]) -> NewList:
    """Read a list of villages.

    Errors: NoList when there is no column of codes or of names. What is wrong with a line is a fault of its own.
    """
    found = NewList()
    lines: dict[str, int] = {}
    columns = _titles(titles)
    for name in _missing(columns):
        what = {"code": "代码", "name": "名称"}[name]
        raise NoList(
            f"名录没有{what}列，应有下列表头之一：{'、'.join(COLUMNS[name])}",
            f"the list has no column {name}; expected one of the headings {', '.join(COLUMNS[name])}",
        )
    is_empty = True
    for row in rows:
        is_empty = False
        if len(lines) + len(found.faults) >= MOST_ROWS:
            raise NoList(
                f"名录超过 {MOST_ROWS} 个村，请给一个市的名录",
                f"the list has more than {MOST_ROWS} villages; give that of one city",
            )
        _read_line(found, lines, columns, row)
    if is_empty:
        raise NoList("名录的表头之下没有一行", "the list has no line below its headings")
    return found


def _titles(titles: Iterable[str]) -> dict[str, str]:
    """Return the title of each field that the list has."""
    by_title = {title.strip().lower(): title for title in titles}
    named = {name: next((by_title[one] for one in known if one in by_title), None) for name, known in COLUMNS.items()}
    return {name: title for name, title in named.items() if title is not None}


def _missing(columns: Mapping[str, str]) -> list[str]:
    return [name for name in ("code", "name") if name not in columns]


def _read_line(found: NewList, lines: dict[str, int], columns: Mapping[str, str], row: TitledRow) -> None:
    if row.fault is not None:
        found.faults.append(LineFault(row.number, "", "", row.fault.zh, row.fault.en))
        return
    try:
        code = read_code(row.values[columns["code"]], field=columns["code"])
        if code.level != "village":
            found.above += 1
            return
        official = tidy(row.values[columns["name"]], field=columns["name"])
        above = read_code(row.values[columns["above"]], field=columns["above"]).code if "above" in columns else ""
    except Misread as error:
        found.faults.append(LineFault(row.number, error.field, error.found.zh, error.zh, error.en))
        return
    told = disagreement(code.code, above) if above else None
    if code.code in lines:
        first = lines[code.code]
        told = Told(f"代码 {code.code} 在第 {first} 行已有", f"row {first} has the code {code.code} already")
    if told is not None:
        found.faults.append(LineFault(row.number, columns["code"], code.code, told.zh, told.en))
        return
    lines[code.code] = row.number
    found.villages.append(Listed(code.code, official))


def reconcile(old: Iterable[Listed], new: Sequence[Listed]) -> Reconciliation:
    """Hold a new list against the old one, within the counties that the new one has villages of."""
    if not new:
        raise NoList("新名录里没有村", "the new list has no village")
    counties = tuple(sorted({one.code[:6] for one in new}))
    before = {one.code: one for one in old if one.code[:6] in counties}
    after = {one.code: one for one in new}
    gone, come = sorted(before.keys() - after.keys()), sorted(after.keys() - before.keys())
    work = _Work([before[code] for code in gone], [after[code] for code in come])
    same = 0
    for code in sorted(before.keys() & after.keys()):
        if before[code].official_name == after[code].official_name:
            same += 1
        else:
            work.changes.append(_renamed(before[code], after[code]))
    work.pair(lambda one: (one.code[:9], one.official_name), True)
    work.pair(lambda one: (one.code[:9], one.key), True)
    work.pair(lambda one: (one.code[:6], one.official_name), True)
    work.pair(lambda one: (one.code[:6], one.key), False)
    work.pair(lambda one: one.official_name, False)
    work.by_township()
    work.rest()
    count: dict[str, int] = defaultdict(int)
    for code in before:
        count[code[:6]] += 1
    changes = sorted(work.changes, key=lambda one: (KINDS.index(one.kind), (one.before + one.after)[0].code))
    return Reconciliation(counties, len(before), len(after), same, tuple(changes), dict(count))


def _renamed(before: Listed, after: Listed) -> Change:
    """Return that one code has another name; a name of quite other characters may be another village's."""
    alike = bool(set(before.key) & set(after.key))
    zh, en = f"{before}改名为{after.names.name}", f"{before} is called {after.names.name}"
    if before.names.name == after.names.name:
        zh, en = f"{before}的全称由{before.official_name}改为{after.official_name}", f"{before} has another full name"
    elif not alike:
        zh, en = (
            f"{zh}；两名毫无相同，代码可能另给了别的村",
            f"{en}; the names share nothing: the code may be another's now",
        )
    return Change("renamed", (before,), (after,), alike, zh, en)


class _Work:
    """What is left of two lists while they are held against one another."""

    def __init__(self, gone: Sequence[Listed], come: Sequence[Listed]) -> None:
        self.gone = {one.code: one for one in gone}
        self.come = {one.code: one for one in come}
        self.changes: list[Change] = []

    def pair(self, key: Callable[[Listed], Hashable], sure: bool) -> None:
        """Pair villages whose key one alone has in either list."""
        ours, theirs = _by(self.gone.values(), key), _by(self.come.values(), key)
        for value, befores in ours.items():
            afters = theirs.get(value, [])
            if len(befores) == len(afters) == 1:
                self._moved(befores[0], afters[0], sure)

    def by_township(self) -> None:
        """Take what is left of a township for split, merged or renamed where the names suggest it."""
        come = _by(self.come.values(), lambda one: one.code[:9])
        for township, gone in _by(self.gone.values(), lambda one: one.code[:9]).items():
            if township in come:
                self._split(gone, come[township])
                self._merge(self._left(gone), self._left(come[township]))
                self._similar(self._left(gone), self._left(come[township]))

    def _left(self, listed: Iterable[Listed]) -> list[Listed]:
        return [one for one in listed if one.code in self.gone or one.code in self.come]

    def _split(self, gone: Sequence[Listed], come: Sequence[Listed]) -> None:
        """Several new villages whose names hold that of a gone one may be its parts."""
        for before in gone:
            parts = [one for one in self._left(come) if before.key in one.key]
            if len(parts) > 1 and len(before.key) > 1:
                names_zh, names_en = "、".join(map(str, parts)), ", ".join(map(str, parts))
                zh, en = f"{before}可能分为{names_zh}", f"{before} may have been split into {names_en}"
                self._settle(Change("split", (before,), tuple(parts), False, zh, en))

    def _merge(self, gone: Sequence[Listed], come: Sequence[Listed]) -> None:
        """Gone villages whose names make up that of a new one may have been merged into it."""
        for after in come:
            parts = [one for one in self._left(gone) if one.key in after.key or one.key[0] in after.key]
            if len(parts) > 1 and set(after.key) <= set("".join(one.key for one in parts)):
                names_zh, names_en = "、".join(map(str, parts)), ", ".join(map(str, parts))
                zh, en = f"{names_zh}可能并为{after}", f"{names_en} may have been merged into {after}"
                self._settle(Change("merged", tuple(parts), (after,), False, zh, en))

    def _similar(self, gone: Sequence[Listed], come: Sequence[Listed]) -> None:
        """A gone and a new village whose names differ by one character may be the same, if no other is as near."""
        for before in gone:
            near = [one for one in self._left(come) if len(one.key) > 2 and OSA.distance(one.key, before.key) == 1]
            if len(near) == 1:
                self._moved(before, near[0], False)

    def rest(self) -> None:
        """Tell of the villages that nothing was found for."""
        for one in self.gone.values():
            zh = f"{one}不再列入；名录不说其地归谁"
            self.changes.append(Change("gone", (one,), (), True, zh, f"{one} is gone; the list does not say where to"))
        for one in self.come.values():
            self.changes.append(Change("new", (), (one,), True, f"新增{one}", f"{one} is new"))

    def _moved(self, before: Listed, after: Listed, sure: bool) -> None:
        if before.code[:9] == after.code[:9]:
            zh, en = f"{before}改用代码 {after.code}", f"{before} has the code {after.code}"
            kind: Kind = "recoded"
        else:
            zh, en = (
                f"{before}改属 {after.code[:9]}，代码 {after.code}",
                f"{before} moved to {after.code[:9]} as {after.code}",
            )
            kind = "moved"
        if before.names.name != after.names.name:
            zh, en = f"{zh}，名为{after.names.name}", f"{en}, called {after.names.name}"
        if not sure:
            zh, en = f"{zh}（按名称推测）", f"{en} (a guess by the name)"
        self._settle(Change(kind, (before,), (after,), sure, zh, en))

    def _settle(self, change: Change) -> None:
        self.changes.append(change)
        for one in change.before:
            del self.gone[one.code]
        for one in change.after:
            del self.come[one.code]


def _by(listed: Iterable[Listed], key: Callable[[Listed], Hashable]) -> dict[Hashable, list[Listed]]:
    found: dict[Hashable, list[Listed]] = defaultdict(list)
    for one in listed:
        found[key(one)].append(one)
    return found
