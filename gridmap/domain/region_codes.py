"""Division codes as files bring them: made as long as their level, and refused where a spreadsheet lost digits.

The house keeps 6 digits for city and county, 9 for a township and 12 for a village; a file may fill each up with zeros.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gridmap.domain.incoming import Told
from gridmap.domain.misread import Misread, joined, shown

Level = Literal["city", "county", "township", "village"]

LONGEST = 60
"""Characters of one cell; no way of writing a code takes more."""

_EXPECTED = Told(
    "6、9 或 12 位行政区划代码，例如 410181、410181113、410181113201",
    "a division code of 6, 9 or 12 digits, such as 410181, 410181113 or 410181113201",
)
_ZH = {"city": "市", "county": "县（市、区）", "township": "乡镇（街道）", "village": "村（社区）"}
_AS_TEXT = Told(
    "请在表格里把这一列设为文本，重新填写代码后保存",
    "in the spreadsheet make the column text, type the codes again and save",
)

# GB/T 2260: the first two digits of the provinces
_PROVINCES = frozenset({
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
})  # fmt: skip

_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff'’‘`,\-_]")
_SHORTENED = re.compile(r"([0-9])(?:\.([0-9]+))?e\+?([0-9]{1,2})")
_WHOLE = re.compile(r"([0-9]+)(?:\.0*)?")


@dataclass(frozen=True)
class RegionCode:
    """A code as the house keeps it. notes: what was put right on the way, so that its owner may look."""

    code: str
    level: Level
    notes: tuple[Told, ...] = ()

    @property
    def county_code(self) -> str | None:
        """Return the county's six digits; None for a city."""
        return None if self.level == "city" else self.code[:6]

    @property
    def township_code(self) -> str | None:
        """Return the township's nine digits; None above it."""
        return self.code[:9] if self.level in ("township", "village") else None


def read_code(value: object, *, level: Level | None = None, field: str = "code") -> RegionCode:
    """Return the code that a cell holds, a text or a number. level: the one expected, any when None.

    Put right: full-width digits, spaces, separators, an apostrophe in front, ".0" behind, zeros that fill up, and
    4.10181113201E+11, which lost nothing. Refused: 4.10181E+11, which did, and whatever has no place in the structure.
    Errors: Misread, which names the field, what was expected and what was found.
    """
    digits, changed = _digits(value, field)
    if len(digits) not in (6, 9, 12):
        found = joined(Told(f"{len(digits)} 位数字", f"{len(digits)} digits"), shown(value))
        lost = Told("可能丢了一位", "a digit may have been lost") if len(digits) in (5, 8, 10, 11) else None
        raise Misread(field, _EXPECTED, found, lost)
    code, is_of = _structure(digits, field)
    if level is not None and is_of != level:
        zeros = Told("末几位可能被表格变成了零", "a spreadsheet may have turned its last digits to zeros")
        raise Misread(
            field,
            Told(f"{_ZH[level]}代码", f"the code of a {level}"),
            Told(f"{_ZH[is_of]}代码 {digits}", f"{digits}, which is that of a {is_of} ({code})"),
            zeros if len(digits) > len(code) else None,
        )
    notes = []
    if changed:
        notes.append(Told(f"代码 {shown(value).zh} 按 {digits} 读", f"the code {shown(value).en} was read as {digits}"))
    if code != digits:
        zh = f"代码 {digits} 末尾补的零已去掉，按{_ZH[is_of]}代码 {code} 读"
        notes.append(Told(zh, f"the zeros that fill up {digits} were left out: {code}, the code of a {is_of}"))
    return RegionCode(code, is_of, tuple(notes))


def disagreement(code: str, above: str, names: Mapping[str, str] | None = None) -> Told | None:
    """Return what to say when a code does not lie under the unit that the row names, None when it does.

    code, above: as long as their level; a city holds what begins with its first four digits. names: of units by code.
    """
    beginning = above[:4] if len(above) == 6 and above.endswith("00") else above
    if code.startswith(beginning):
        return None
    known = names or {}
    own = code[: len(above)]
    zh_own, zh_above = (f"{one}{f'（{known[one]}）' if one in known else ''}" for one in (own, above))
    en_own, en_above = (f"{one}{f' ({known[one]})' if one in known else ''}" for one in (own, above))
    return Told(
        f"代码 {code} 的上级是 {zh_own}，而所填的是 {zh_above}",
        f"the code {code} lies under {en_own}, but the row names {en_above}",
    )


def unknown(code: RegionCode, names: Mapping[str, str]) -> Told | None:
    """Return what to say when a well-formed code is not on the list, None when it is. names: of units by code."""
    if code.code in names:
        return None
    above = next((code.code[:length] for length in (9, 6) if code.code[:length] in names), None)
    zh, en = f"名录中没有代码 {code.code}", f"the code {code.code} is not on the list"
    if above is not None and above != code.code:
        zh += f"，其上级 {above}（{names[above]}）是有的"
        en += f", though {above} ({names[above]}) above it is"
    return Told(zh, en)


def _digits(value: object, field: str) -> tuple[str, bool]:
    """Return the digits of a cell, and whether they stood there otherwise; Misread when some were lost."""
    if isinstance(value, str):
        return _digits_of_text(value, field)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misread(field, _EXPECTED, shown(value))
    whole = isinstance(value, int) or (math.isfinite(value) and value.is_integer())
    if not whole or not 0 <= value < 1e15:
        raise Misread(field, _EXPECTED, shown(value))
    return str(int(value)), isinstance(value, float)


def _digits_of_text(value: str, field: str) -> tuple[str, bool]:
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", value[: LONGEST + 1])).lower()
    if not plain or len(value) > LONGEST:
        raise Misread(field, _EXPECTED, shown(value))
    # the sign of an exponent is a separator elsewhere and stays
    shortened = _SHORTENED.fullmatch(plain)
    if shortened:
        kept, length = shortened[1] + (shortened[2] or ""), int(shortened[3]) + 1
        if len(kept) < length and length in (6, 9, 12):
            left = Told(
                f"表格缩写的数，{length} 位只剩 {len(kept)} 位", f"of which {len(kept)} of {length} digits are left"
            )
            raise Misread(field, _EXPECTED, joined(shown(value), left), _AS_TEXT)
        if len(kept.rstrip("0")) > length or len(kept) < length:
            raise Misread(field, _EXPECTED, shown(value))
        return kept[:length], True
    whole = _WHOLE.fullmatch(plain)
    if whole is None:
        raise Misread(field, _EXPECTED, shown(value))
    return whole[1], whole[1] != value


def _structure(digits: str, field: str) -> tuple[str, Level]:
    """Return the code without the zeros that fill it up, and its level; Misread where no such code can be."""
    county, township, village = (
        digits[:6],
        digits[6:9].rstrip("0") and digits[6:9],
        digits[9:].rstrip("0") and digits[9:],
    )
    wrong: Told | None = None
    if digits[:2] not in _PROVINCES:
        wrong = Told(f"没有以 {digits[:2]} 开头的省份", f"no province begins with {digits[:2]}")
    elif village and not township:
        wrong = Told(f"村（{village}）没有乡镇（000）", f"it names a village ({village}) of no township (000)")
    elif county[4:] == "00" and township:
        wrong = Told("乡镇没有区县（00）", "it names a township of no county (00)")
    elif county[2:] == "0000":
        wrong = Told("是省级代码", "it is the code of a province")
    elif county[2:4] == "00":
        wrong = Told("区县没有市（00）", "it names a county of no city (00)")
    if wrong is not None:
        raise Misread(field, _EXPECTED, Told(digits, digits), wrong)
    if village:
        return digits, "village"
    if township:
        return digits[:9], "township"
    return county, "city" if county[4:] == "00" else "county"
