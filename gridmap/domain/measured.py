"""Measured values as ledgers write them: numbers with a unit, below a limit of detection, or not measured at all; days
with hours, months and years.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from gridmap.domain import import_values as values
from gridmap.domain.definition import Text
from gridmap.domain.import_form import FormColumn, Measure
from gridmap.domain.import_values import Unreadable
from gridmap.domain.incoming import Value

MOST = 1e9
"""No value is greater, where its measure says no less."""

# unit -> what it measures and how much of that measure's first unit one of it is
_UNITS: dict[str, tuple[str, float]] = {
    "ug/m3": ("mass in air", 1.0), "微克/立方米": ("mass in air", 1.0), "微克/m3": ("mass in air", 1.0),
    "mg/m3": ("mass in air", 1e3), "毫克/立方米": ("mass in air", 1e3), "毫克/m3": ("mass in air", 1e3),
    "毫克/标立方米": ("mass in air", 1e3), "mg/nm3": ("mass in air", 1e3), "ug/nm3": ("mass in air", 1.0),
    "g/m3": ("mass in air", 1e6), "克/立方米": ("mass in air", 1e6), "ng/m3": ("mass in air", 1e-3),
    "g/m2": ("mass on ground", 1.0), "克/平方米": ("mass on ground", 1.0), "mg/m2": ("mass on ground", 1e-3),
    "t/km2": ("mass on ground", 1.0), "吨/平方公里": ("mass on ground", 1.0), "吨/平方千米": ("mass on ground", 1.0),
    "kg/km2": ("mass on ground", 1e-3), "%": ("share", 1.0), "百分比": ("share", 1.0), "h": ("time", 1.0),
    "小时": ("time", 1.0), "hour": ("time", 1.0), "hours": ("time", 1.0),
    "min": ("time", 1 / 60), "分钟": ("time", 1 / 60),
    "天": ("time", 24.0), "force": ("force", 1.0), "级": ("force", 1.0), "m/s": ("speed", 1.0), "米/秒": ("speed", 1.0),
    "km/h": ("speed", 1 / 3.6), "°c": ("temperature", 1.0), "摄氏度": ("temperature", 1.0), "c": ("temperature", 1.0),
    "hpa": ("pressure", 1.0), "百帕": ("pressure", 1.0), "kpa": ("pressure", 10.0), "千帕": ("pressure", 10.0),
    "pa": ("pressure", 0.01), "1": ("number", 1.0), "无量纲": ("number", 1.0),
}  # fmt: skip
# dustfall is told of thirty days: what stands behind the area says so and changes nothing
_MONTHLY = re.compile(r"[./]?(?:30d|30天|30日|月|month|m)$")
_BRACKETED = re.compile(r"[(\[{【〔]([^()\[\]{}【】〔〕]*(?:\([^()]*\)[^()\[\]{}【】〔〕]*)?)[)\]}】〕]")
_LIKE_A_UNIT = re.compile(r"/|^pp[bmt]v?$|mol|^[mun]?g\b")
_ABSENT = frozenset(
    {
        "", "-", "--", "---", "—", "——", "–", "/", "\\", "*", "无", "缺", "缺测", "缺失", "无数据", "未监测", "未测",
        "无效", "停测", "停运", "停产", "停炉", "停机", "检修", "故障", "离线",
        "na", "n/a", "n.a.", "null", "none", "#n/a",
    }
)  # fmt: skip
_UNSAID = frozenset({"nd", "n.d.", "未检出", "bdl", "低于检出限"})
_BELOW = re.compile(r"(?:<|≤|小于|低于)\s*([0-9.]+(?:e-?[0-9]+)?)|([0-9.]+)\s*\(?l\)?")
_TIME = re.compile(
    r"(?P<day>.*[0-9日])(?:[T\s]+|(?<=日))(?P<hour>[0-9]{1,2})"
    r"(?:[:时点](?P<minute>[0-9]{1,2})?分?(?::(?P<second>[0-9]{1,2})(?:\.[0-9]+)?)?)(?:Z|[+-][0-9:]{5})?"
)
_MONTH = re.compile(r"([0-9]{4})(?:[-/.年]\s*([0-9]{1,2})月?|(0[1-9]|1[0-2]))")
_YEAR = re.compile(r"([0-9]{4})年?")
_SERIAL = re.compile(r"[1-9][0-9]{4}\.[0-9]+")
_DAY = values.reader(
    FormColumn("observed_on", Text("监测日期", "measured on"), (), "date", None, True, {}, None, None, None, None)
)
_AN_HOUR = Text("0 至 24 的整点，例如 13 或 13:00", "a whole hour from 0 to 24, such as 13 or 13:00")


@dataclass(frozen=True)
class Reading:
    """A value in the unit asked for. is_below: it is the limit of detection, and less was there."""

    number: float
    is_below: bool = False


@dataclass(frozen=True)
class Moment:
    """When something was measured. day: the first of a month or year. hour: the one that ends then, 1 to 24, else 0.

    grain: year, month, day or hour, by how much the file says. written: the day that stands there. minute: past the
    hour, of an instant.
    """

    day: dt.date
    hour: int
    grain: str
    written: dt.date
    minute: int = 0


def unit_in(title: str) -> str | None:
    """Return what stands in a title's brackets as a unit, be it one that nobody knows; None without any."""
    found = _BRACKETED.findall(unicodedata.normalize("NFKC", title))
    return next((text for text in reversed(found) if is_unit(text) or _LIKE_A_UNIT.search(text.lower())), None)


def is_unit(text: str) -> bool:
    """Return whether a text is the name of a unit."""
    return tidy_unit(text) in _UNITS


@lru_cache(maxsize=1024)
def tidy_unit(text: str) -> str:
    """Return a unit as it is compared: µ, ³, · and brackets in their simplest form, per 30 days left out."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("μ", "u").replace("㎍", "ug")
    plain = re.sub(r"^单位[::]?|[\s()^]", "", plain)
    plain = re.sub(r"[·•∙*×]", ".", plain)
    plain = re.sub(r"\.?m-([23])", r"/m\1", plain).replace("/立方", "/立方米").replace("立方米米", "立方米")
    if plain in _UNITS:
        return plain
    bare = _MONTHLY.sub("", plain)
    return bare if bare != plain and _UNITS.get(bare, ("",))[0] == "mass on ground" else plain


def pretty(unit: str) -> str:
    """Return a unit as people write it: µg/m³ for ug/m3."""
    return re.sub(r"^ug", "µg", unit).replace("m3", "m³").replace("m2", "m²")


def factor(said: str, wanted: str, measure: Measure) -> float:
    """Return what numbers in one unit are multiplied by to be in another; Unreadable where they are of other things."""
    kind, one = _UNITS[tidy_unit(wanted)]
    if tidy_unit(said) not in _UNITS or _UNITS[tidy_unit(said)][0] != kind:
        same = [unit for unit, (what, _) in _UNITS.items() if what == kind and unit.isascii() and "nm3" not in unit]
        units = list(dict.fromkeys(map(pretty, (wanted, *same))))
        raise Unreadable(
            Text(
                f"{measure.column.title.zh}的单位：{'、'.join(units)}",
                f"a unit of {measure.column.title.en}: {', '.join(units)}",
            )
        )
    return _UNITS[tidy_unit(said)][1] / one


class ValueReader:
    """Reads the values of a measure that stand in one unit, into the unit in which they are kept.

    Returns None for what says that nothing was measured; raises Unreadable for what is no value.
    """

    def __init__(self, measure: Measure, kept: str, said: str) -> None:
        high = measure.high if measure.high is not None else MOST
        column = replace(measure.column, type="number", unit=said, low=measure.low, high=high)
        self._read = values.reader(column, factor(said, kept, measure))
        unit = pretty(kept)
        limits = f"{measure.low:,.15g}", f"{high:,.15g}", "" if kept == "1" else f"（{unit}）"
        self._expected = Text(
            "{} 至 {} 的数字{}".format(*limits),
            "a number from {} to {} {}".format(*limits[:2], unit).removesuffix(" 1"),
        )
        self._limit = Text(
            f"数字；低于检出限的写出检出限，例如 <0.01{limits[2]}",
            f"a number; below the limit of detection say the limit, such as <0.01 ({unit})",
        )

    def __call__(self, value: Value) -> Reading | None:
        """Return what a cell says."""
        if isinstance(value, bool):
            raise Unreadable(self._expected)
        text = value if isinstance(value, (int, float)) else unicodedata.normalize("NFKC", values.clean(value)).lower()
        below = _BELOW.fullmatch(text.strip()) if isinstance(text, str) else None
        if isinstance(text, str) and below is None:
            if text.strip() in _ABSENT:
                return None
            if text.strip() in _UNSAID or text.startswith((">", "<", "≥", "≤")):
                raise Unreadable(self._limit)
        try:
            found = self._read((below[1] or below[2]) if below else value).value
        except Unreadable as wrong:
            raise Unreadable(self._expected, wrong.suggestion) from None
        return Reading(float(f"{found:.12g}"), below is not None) if isinstance(found, float) else None


def read_moment(value: Value) -> Moment | None:
    """Return when a value was measured, None for an empty cell; Unreadable says what was expected."""
    text = unicodedata.normalize("NFKC", values.clean(value)).strip()
    if not text:
        return None
    month, year, time = _MONTH.fullmatch(text), _YEAR.fullmatch(text), _TIME.fullmatch(text)
    if month is not None and int(month[2] or month[3]) in range(1, 13) and int(month[1]) >= 1900:
        return _whole(_day(f"{month[1]}-{int(month[2] or month[3]):02d}-01"), "month")
    if year is not None and int(year[1]) >= 1900:
        return _whole(_day(f"{year[1]}-01-01"), "year")
    if _SERIAL.fullmatch(text):
        hours = round(float(text) % 1 * 24, 3)
        return _hour_of(_day(text), int(hours), round(hours % 1 * 60))
    if time is None:
        return _whole(_day(text), "day")
    day, hour, minute = _day(time["day"].strip()), int(time["hour"]), int(time["minute"] or 0)
    if hour > 24 or minute > 59 or (hour == 24 and (minute or int(time["second"] or 0))):
        raise Unreadable(Text("00:00 至 24:00 的时刻", "a time from 00:00 to 24:00"))
    return _hour_of(day, hour, minute)


def read_hour(value: Value) -> int | None:
    """Return the hour that stands in a column of its own, 0 to 24; None for an empty cell."""
    text = unicodedata.normalize("NFKC", values.clean(value)).strip().lower()
    if not text:
        return None
    found = re.fullmatch(r"([0-9]{1,2})(?:[:时点h](?:00(?::00)?)?(?:分)?)?", text)
    if found is None or int(found[1]) > 24:
        raise Unreadable(_AN_HOUR)
    return int(found[1])


def at_hour(day: dt.date, hour: int) -> Moment:
    """Return the moment of an hour of a day: what is told at 0:00 is the last hour of the day before."""
    return Moment(day - dt.timedelta(days=1), 24, "hour", day) if hour == 0 else Moment(day, hour, "hour", day)


def _hour_of(day: dt.date, hour: int, minute: int) -> Moment:
    """Return the moment of a time; a minute past the hour falls in the one that ends next."""
    if minute:
        return Moment(day, hour + 1, "hour", day, minute)
    return at_hour(day, hour)


def _whole(day: dt.date, grain: str) -> Moment:
    return Moment(day, 0, grain, day)


def _day(text: str) -> dt.date:
    found = _DAY(text).value
    if not isinstance(found, dt.date):
        raise Unreadable(Text("日期，例如 2020-10-15", "a day, such as 2020-10-15"))
    return found


def settle(moment: Moment, period: str) -> Moment:
    """Return a moment as a value of a period is kept: months and years by their first day, days without an hour.

    Unreadable where the file says less than the period needs, or a time that is no whole hour.
    """
    if period == "hour" and moment.minute:
        raise Unreadable(Text("整点，例如 2020-10-15 13:00", "a whole hour, such as 2020-10-15 13:00"))
    if moment.grain in ("month", "year") and period not in ("year", moment.grain):
        raise Unreadable(Text("到日的日期，例如 2020-10-15", "a day, such as 2020-10-15"))
    # midnight of a day is that day, however a spreadsheet writes it
    if period == "year":
        return _whole(moment.written.replace(month=1, day=1), "year")
    if period == "month":
        return _whole(moment.written.replace(day=1), "month")
    return _whole(moment.written, "day") if period == "day" else moment
