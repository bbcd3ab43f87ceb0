"""A position that somebody gives an object by hand: what he says of it, and the error that a finger on a map has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gridmap.domain.definition import Text
from gridmap.errors import ConflictError, UserError

BY_HAND = "hand"
"""What placed_by says of an object that somebody placed on the map."""

VAGUE = ("township", "county", "city")
"""What placed_by says of an object of which only the region is known."""

BASES = ("address", "imagery", "field", "told", "other")
"""What somebody may have gone by."""

USUAL_ERROR_M = 50.0
"""Taken where nobody says more: what an imported position is taken for (layers/site/import.toml)."""

MOST_ERROR_M = 20_000.0
"""A worse position says less than the township does."""

LONGEST_NOTE = 200


@dataclass(frozen=True)
class Placing:
    """A position as it was given.

    x, y: as typed, y empty where x holds both. crs: their coordinate system. error_m: metres within which the object
    lies. basis: one of BASES, note: what else was gone by. mark: what the object looked like to whoever placed it, None
    when nobody looked. confirmed: the position of which doubts were confirmed, see Found.place; "*" confirms any.
    """

    x: str
    y: str
    crs: str
    error_m: float
    basis: str
    note: str | None = None
    mark: str | None = None
    confirmed: str | None = None

    @property
    def typed(self) -> str:
        """Return the position as it was given, in one text."""
        return f"{', '.join(part for part in (self.x, self.y) if part)} ({self.crs})"


@dataclass(frozen=True)
class Found:
    """What a position is. lon, lat: degrees, EPSG:4490. county, region: codes by position, region None in no township.

    moved_m: metres from where the object stands. doubts: what speaks against it.
    """

    lon: float
    lat: float
    county: str
    region: str
    moved_m: float
    doubts: tuple[Text, ...]

    @property
    def place(self) -> str:
        """Return the position as a text, by which a confirmation is held to it."""
        return place_of(self.lon, self.lat)


class DoubtedError(ConflictError):
    """A position of which there are doubts that nobody confirmed. found: with the doubts."""

    def __init__(self, found: Found) -> None:
        super().__init__(
            "; ".join(doubt.en for doubt in found.doubts) + ": confirm it to place it there all the same",
            zh="；".join(doubt.zh for doubt in found.doubts) + "。要放在这里，须确认。",
        )
        self.found = found


def place_of(lon: float, lat: float) -> str:
    """Return a position as a text to the decimetre."""
    return f"{lon:.6f},{lat:.6f}"


def read_error(text: str) -> float:
    """Return an error that somebody typed, metres; UserError for what is none."""
    plain = text.strip().removesuffix("m").removesuffix("米").strip()
    try:
        value = float(plain) if len(plain) <= 20 else math.nan
    except ValueError:
        value = math.nan
    check_error(value, text)
    return value


def check_error(value: float, found: object) -> None:
    """Raise UserError for what is no error of a position: zero, less, NaN, or worse than any township."""
    if not 0 < value <= MOST_ERROR_M:  # NaN too
        raise UserError(
            f"error {str(found)[:40]!r}: expected metres, more than 0 and at most {MOST_ERROR_M:,.0f}",
            zh=f"误差“{str(found)[:40]}”应为大于 0、不超过 {MOST_ERROR_M:,.0f} 的米数。",
        )


def check_basis(basis: str, note: str | None) -> None:
    """Raise UserError for a basis that is none, or one that is said in words but is not."""
    if basis not in BASES:
        raise UserError(f"basis {basis[:40]!r}: expected one of {', '.join(BASES)}", zh="请选择定位依据。")
    if basis == "other" and not note:
        raise UserError("say in a note what the position was taken from", zh="选“其他”时，请在说明里写明依据。")
    if note is not None and len(note) > LONGEST_NOTE:
        raise UserError(
            f"the note has {len(note)} characters; at most {LONGEST_NOTE}", zh=f"说明最多 {LONGEST_NOTE} 个字。"
        )


def refuse_late(seen: str | None, now: str, who: str | None) -> None:
    """Raise ConflictError when an object is no longer as it was seen. who: placed it last, None when unknown."""
    if seen is not None and seen != now:
        by = f" ({who} placed it)" if who else ""
        how = f"{who} 已给它定了位" if who else "它已被改动"
        raise ConflictError(
            f"the object was changed since it was shown{by}; look at it again and place it once more",
            zh=f"没有保存：页面打开以后，{how}。下面是它现在的样子，看过后再定。",
        )


def words(faults: Sequence[Text]) -> Text:
    """Return several sentences as one."""
    return Text("；".join(one.zh for one in faults), "; ".join(one.en for one in faults))
