"""Which column of a file is which of a form: by titles as ledgers write them, in Chinese or English."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from gridmap.domain.definition import Text
from gridmap.domain.import_form import Form, FormColumn
from gridmap.errors import UserError

LIKE_ENOUGH = 70.0
"""Titles less alike than this (per cent, rapidfuzz) are not offered as candidates."""

# what a unit is called, and how many of the house's unit one of it is; brackets are gone when this is asked
_UNITS: dict[str, tuple[str, float]] = {
    "m2": ("m²", 1.0), "㎡": ("m²", 1.0), "平方米": ("m²", 1.0), "平米": ("m²", 1.0), "万m2": ("m²", 1e4),
    "万平方米": ("m²", 1e4), "万平米": ("m²", 1e4), "公顷": ("m²", 1e4), "ha": ("m²", 1e4), "hm2": ("m²", 1e4),
    "亩": ("m²", 2000 / 3), "km2": ("m²", 1e6), "平方公里": ("m²", 1e6), "m": ("m", 1.0), "米": ("m", 1.0),
    "cm": ("m", 0.01), "厘米": ("m", 0.01), "km": ("m", 1000.0), "公里": ("m", 1000.0), "千米": ("m", 1000.0),
    "t/h": ("t/h", 1.0), "蒸吨": ("t/h", 1.0), "蒸吨/小时": ("t/h", 1.0), "蒸吨/h": ("t/h", 1.0), "吨/时": ("t/h", 1.0),
    "吨/小时": ("t/h", 1.0), "吨": ("t", 1.0), "t": ("t", 1.0), "吨/年": ("t", 1.0), "t/a": ("t", 1.0),
    "万吨": ("t", 1e4), "kg": ("t", 0.001), "千克": ("t", 0.001), "mw": ("MW", 1.0), "兆瓦": ("MW", 1.0),
    "kw": ("MW", 0.001), "千瓦": ("MW", 0.001),
    "万千瓦": ("MW", 10.0), "gw": ("MW", 1000.0), "%": ("%", 1.0), "百分比": ("%", 1.0),
    "户": ("户", 1.0),
}  # fmt: skip
_BRACKETED = re.compile(r"[(\[{<【〔《]([^()\[\]{}<>【】〔〕《》]*)[)\]}>】〕》]")
# SO2日均值, PM10小时平均浓度: of what a measure's column is the mean
_MEAN = re.compile(r"(?P<of>日|24小时|24h|1小时|1h|(?<!8)小时|月|年)?(?:平均|均|实测|监测)?(?:值|浓度|数据)?$")
_PERIODS = {
    "日": "day", "24小时": "day", "24h": "day", "小时": "hour", "1小时": "hour", "1h": "hour", "月": "month",
    "年": "year",
}  # fmt: skip
# 13时, 13:00, H13, 13点浓度: one column for each hour of a day
_HOUR = re.compile(r"h?(?P<hour>[0-9]{1,2})(?P<says>时|点|h|:00(?::00)?)?(?:平均|均)?(?:值|浓度)?")
_LEAST_HOURS = 6
"""Fewer columns than this that look like hours may be something else."""

_LEAST_BARE_HOURS = 20
"""So many where their titles are bare numbers, which may number anything."""

_IDENTIFIERS = {"id", "feature_id"}
"""What maps call the identifier of a feature, whatever its layer."""

Readings = Callable[[str], list[str]]
"""What a title may mean, the likelier first."""

Reading = Callable[[str], str]
"""How titles are compared."""

Index = dict[str, list[FormColumn]]
"""Columns by what they are called."""

_IDLE = re.compile(r"[\s_\-·*:、,，。.;/\\'\"“”]+")


@dataclass(frozen=True)
class Match:
    """A title of the file and the column it was taken for. factor: what its numbers are multiplied by for the unit."""

    title: str
    column: FormColumn
    factor: float = 1.0
    how: str = "title"


@dataclass
class TitleMap:
    """How a file's titles were understood.

    matches: by title. unread: titles that are not read, each with the reason. missing: required columns without one.
    candidates: column -> titles that may be meant, the likeliest first.
    """

    matches: dict[str, Match] = field(default_factory=dict)
    unread: dict[str, Text] = field(default_factory=dict)
    missing: list[FormColumn] = field(default_factory=list)
    candidates: dict[str, list[str]] = field(default_factory=dict)

    def title_of(self, name: str) -> str | None:
        """Return the title of a column, None when the file does not have it."""
        return next((match.title for match in self.matches.values() if match.column.name == name), None)

    def as_dict(self) -> dict[str, str | None]:
        """Return title -> column name, None for what is not read: what is remembered."""
        return {
            **{title: match.column.name for title, match in self.matches.items()},
            **dict.fromkeys(self.unread),
        }


def normal(title: str) -> str:
    """Return a title as it is compared: full width to half width, small letters, no spaces and marks, no brackets."""
    return _IDLE.sub("", _BRACKETED.sub("", unicodedata.normalize("NFKC", title).lower()))


def whole(title: str) -> str:
    """Return a title as it is compared with what stands in its brackets kept: 县（市、区） is not 县."""
    return _IDLE.sub("", re.sub(r"[()\[\]{}<>【】〔〕《》]", "", unicodedata.normalize("NFKC", title).lower()))


def unit_of(title: str) -> str | None:
    """Return the unit in a title's brackets, or after its last slash or comma there; None when it names none."""
    for inside in reversed(_BRACKETED.findall(unicodedata.normalize("NFKC", title).lower())):
        text = re.sub(r"\s|单位[::]?", "", inside).replace("²", "2").replace("^", "")
        if text in _UNITS:
            return text
    return None


def header_key(header: Sequence[str]) -> str:
    """Return the signature of a header: the same titles in the same order give the same."""
    return hashlib.md5("\x1f".join(whole(title) for title in header).encode(), usedforsecurity=False).hexdigest()


def recognise(
    header: Sequence[str],
    form: Form,
    given: Mapping[str, str | None] | None = None,
    *,
    remembered: Mapping[str, str | None] | None = None,
    never: frozenset[str] = frozenset(),
) -> TitleMap:
    """Return which title is which column.

    given: title -> column name, None for a title that is not to be read; it wins over everything. remembered: likewise,
    from the last file with these titles. never: titles that are never read. UserError for a title or a column that is
    not there, or a column given twice.
    """
    found = TitleMap()
    for title in hours_in(header) if form.measures else ():
        if (given or {}).get(title, "value"):
            found.matches[title] = Match(title, form.column("value"), 1.0, "hour")
    _take(found, header, form, given or {}, "given")
    _take(found, header, form, {t: c for t, c in (remembered or {}).items() if t in header}, "remembered")
    forbidden = {normal(title) for title in never}
    open_titles = [title for title in header if title not in found.matches and title not in found.unread]
    for title in list(open_titles):
        # of a header of several rows one part is enough: 法定代表人 名称
        if forbidden & {normal(title), *map(normal, title.split())}:
            found.unread[title] = Text("涉及个人信息，不读取", "about a person: never read")
            open_titles.remove(title)
    for read in (_as_it_stands, _below_groups):
        for strict in (True, False):
            _match(found, open_titles, form, strict, read)
            open_titles = [title for title in open_titles if title not in found.matches and title not in found.unread]
    for title in open_titles:
        found.unread[title] = Text("没有对应的字段，不读取", "no column of this layer: not read")
    _miss(found, form)
    return found


def _take(found: TitleMap, header: Sequence[str], form: Form, wanted: Mapping[str, str | None], how: str) -> None:
    """Take over titles that somebody mapped; what an earlier word already settled stays."""
    for title, name in wanted.items():
        place = title if title in header else next((t for t in header if whole(t) == whole(title)), None)
        if place is None:
            raise UserError(
                f"the file has no column {title}; it has {', '.join(header)}",
                zh=f"文件里没有“{title}”列；有：{'、'.join(header)}",
            )
        if place in found.matches or place in found.unread:
            continue
        if not name:
            found.unread[place] = Text("按指定不读取", "not read, as was said")
            continue
        if how == "remembered" and name not in {column.name for column in form.columns}:
            continue
        column = form.column(name)
        other = found.title_of(name)
        if other is not None:
            if how == "remembered":
                continue
            raise UserError(
                f"columns {other} and {place} cannot both be {name}",
                zh=f"“{other}”和“{place}”两列不能都是“{column.title.zh}”",
            )
        found.matches[place] = Match(place, column, _factor(place, column) or 1.0, how)


def _match(found: TitleMap, titles: Sequence[str], form: Form, strict: bool, read: Readings) -> None:
    """Match titles by their own words: strictly the column's name and titles, else synonyms too."""
    claims: dict[str, list[Match]] = {}
    # a wide file has hundreds of titles, and each form's names are the same for all of them
    known = [(reading, _index(form.columns, form, strict, reading)) for reading in (whole, normal)]
    measures = {} if strict else _index([measure.column for measure in form.measures], form, strict, normal)
    for title in titles:
        for column in _named(title, known, measures, read):
            factor = _factor(title, column)
            if factor is None:
                found.unread[title] = Text(
                    f"单位与“{column.title.zh}”（{column.unit}）不符，请用 --map 指定",
                    f"its unit is not that of {column.name} ({column.unit}): say with --map what it is",
                )
            elif found.title_of(column.name) is None:
                claims.setdefault(column.name, []).append(Match(title, column, factor))
    for name, claimed in claims.items():
        matches = _closest(claimed) if strict else claimed
        for match in claimed:
            if match not in matches:
                zh, en = f"“{matches[0].title}”已作为此列", f"{matches[0].title} is taken for {name}"
                found.unread[match.title] = Text(zh, en)
        if len(matches) == 1:
            found.matches.setdefault(matches[0].title, matches[0])
        else:
            found.candidates[name] = [match.title for match in matches]
            for match in matches:
                found.unread[match.title] = Text(
                    f"有{len(matches)}列都像“{match.column.title.zh}”，请用 --map 指定",
                    f"{len(matches)} columns could be {name}: say with --map which is",
                )


def _closest(matches: list[Match]) -> list[Match]:
    """Return those with the column's own title in Chinese, else in English, else its name: a KML has a `name` too."""
    for own in ("zh", "en"):
        close = [match for match in matches if whole(match.title) == whole(match.column.title.get(own))]
        if close:
            return close
    return matches


def _as_it_stands(title: str) -> list[str]:
    return [title]


def _below_groups(title: str) -> list[str]:
    """Return what is left of a title without the groups above it: 位置 坐标 经度 is 坐标 经度, else 经度.

    The reader joins the rows of a header by spaces. In English a space says nothing: an owner name is no name.
    """
    words = [] if title.isascii() else title.split()
    return [" ".join(words[at:]) for at in range(1, len(words))]


def _named(title: str, known: Sequence[tuple[Reading, Index]], measures: Index, read: Readings) -> Sequence[FormColumn]:
    """Return the columns that a title names: with the words in its brackets, else without them.

    measures: of what values may be the means of, by name.
    """
    for text in read(title):
        for reading, names in known:
            named = names.get(reading(text))
            if named:
                return named
        bare = _MEAN.sub("", normal(text)) if measures else ""
        if bare and bare != normal(text) and bare in measures:
            return measures[bare]
    return ()


def _index(columns: Sequence[FormColumn], form: Form, strict: bool, reading: Reading) -> Index:
    """Return the columns by each of their names."""
    found: Index = {}
    for column in columns:
        for name in _names(column, form, strict, reading):
            if name:
                found.setdefault(name, []).append(column)
    return found


def hours_in(header: Sequence[str]) -> dict[str, int]:
    """Return title -> hour of a header with one column for each hour of a day, 0 to 24; empty for any other."""
    found: dict[str, int] = {}
    says = 0
    for title in header:
        last = (unicodedata.normalize("NFKC", title).lower().split() or [""])[-1]
        match = _HOUR.fullmatch(last)
        if match is not None and int(match["hour"]) <= 24:
            found[title] = int(match["hour"])
            says += bool(match["says"]) or last.startswith("h")
    is_day = says >= _LEAST_HOURS or len(found) >= _LEAST_BARE_HOURS
    return found if is_day and len(set(found.values())) == len(found) else {}


def period_in(title: str) -> str | None:
    """Return of what a title says that its values are means, hour, day, month or year; None when it does not say."""
    found = (_MEAN.search(reading(title)) for reading in (whole, normal))
    return next((_PERIODS[match["of"]] for match in found if match and match["of"]), None)


def _names(column: FormColumn, form: Form, strict: bool, reading: Reading) -> set[str]:
    """Return what a column is called: by itself and by the layer's exports; unless strict, by others too."""
    names = {column.title.zh, column.title.en, column.known_as or column.title.zh}
    if not strict:
        names |= {*column.synonyms, *(_IDENTIFIERS if column.name == form.key else ())}
    return {reading(name) for name in names}


def _factor(title: str, column: FormColumn) -> float | None:
    """Return what the numbers of a title are multiplied by; None when its unit is another one than the column's."""
    unit = unit_of(title)
    if unit is None or column.unit is None:
        return 1.0
    measure, factor = _UNITS[unit]
    return factor if measure == column.unit else None


def _miss(found: TitleMap, form: Form) -> None:
    for column in form.columns:
        if column.required and found.title_of(column.name) is None:
            found.missing.append(column)
            if column.name not in found.candidates:
                names = [normal(name) for name in (column.title.zh, column.title.en, *column.synonyms)]
                found.candidates[column.name] = likest(names, list(found.unread))


def likest(names: Sequence[str], titles: Sequence[str], most: int = 3) -> list[str]:
    """Return the titles most like any of some names, the likeliest first."""
    scores = {}
    for title in titles:
        best = process.extractOne(normal(title), names, scorer=fuzz.ratio)
        if best is not None and best[1] >= LIKE_ENOUGH:
            scores[title] = best[1]
    return sorted(scores, key=lambda title: (-scores[title], title))[:most]
