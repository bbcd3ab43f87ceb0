"""What a reader may choose of a file, and what a file tells about itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gridmap.coordinates import to_gcj02
from gridmap.domain.definition import Text
from gridmap.errors import UserError
from gridmap.geo import SRID_STORAGE, SRID_WGS84
from gridmap.layers import Column

GCJ02 = "gcj02"
_YES = Text("是", "yes")
_NO = Text("否", "no")
# three-degree and six-degree Gauss-Krüger of CGCS2000, UTM of the city's two zones
_METRES = (*range(4491, 4555), 32649, 32650)


@dataclass(frozen=True)
class Options:
    """How a file is written.

    lang: of titles and words, zh or en. codes: coded columns as codes, not as words, and true and false as they are.
    bom: a CSV begins with the mark by which Excel knows UTF-8. crs: wgs84, cgcs2000, gcj02 or an EPSG number.
    """

    lang: str = "zh"
    codes: bool = False
    bom: bool = True
    crs: str | None = None

    @property
    def srid(self) -> int:
        """Return the system to ask the database for; UserError for one that is not known here."""
        name = (self.crs or "cgcs2000").lower().removeprefix("epsg:")
        if name in ("wgs84", GCJ02):
            return SRID_WGS84
        if name == "cgcs2000":
            return SRID_STORAGE
        if name.isascii() and name.isdigit() and int(name) in (SRID_STORAGE, SRID_WGS84, *_METRES):
            return int(name)
        raise UserError(
            f"the coordinate system is {self.crs!r}; expected wgs84, cgcs2000, gcj02, or the EPSG number of a "
            "CGCS2000 Gauss-Krüger zone such as 4547"
        )

    @property
    def is_shifted(self) -> bool:
        """Return whether positions are those of Chinese map apps."""
        return (self.crs or "").lower() == GCJ02

    @property
    def is_metric(self) -> bool:
        """Return whether positions are metres, not degrees."""
        return self.srid in _METRES

    def axes(self) -> tuple[str, str]:
        """Return the titles of the two columns of a position."""
        if self.is_metric:
            pair = (Text("东坐标（米）", "easting, m"), Text("北坐标（米）", "northing, m"))
        elif self.is_shifted:
            pair = (Text("经度（GCJ-02）", "longitude (GCJ-02)"), Text("纬度（GCJ-02）", "latitude (GCJ-02)"))
        else:
            pair = (Text("经度", "longitude"), Text("纬度", "latitude"))
        return pair[0].get(self.lang), pair[1].get(self.lang)

    def system(self) -> str:
        """Return the name of the coordinate system for a reader."""
        if self.is_shifted:
            return "GCJ-02" + Text(
                "（地图软件坐标，偏移约数百米，不可用于测量）", " (of map apps, shifted; not for measuring)"
            ).get(self.lang)
        if self.srid == SRID_STORAGE:
            return Text("CGCS2000 经纬度（EPSG:4490）", "CGCS2000 degrees (EPSG:4490)").get(self.lang)
        if self.srid == SRID_WGS84:
            return Text(
                "WGS 84 经纬度（EPSG:4326，与 CGCS2000 相差不到1米）",
                "WGS 84 degrees (EPSG:4326, within 1 m of CGCS2000)",
            ).get(self.lang)
        return f"EPSG:{self.srid}"

    def words(self, column: Column) -> Callable[[Any], Any]:
        """Return what turns a column's values into what is written; None stays None."""
        if self.codes:
            return lambda value: value
        if column.codes:
            known = {code: text.get(self.lang) for code, text in column.codes.items()}
            return lambda value: known.get(value, value)
        if column.type == "boolean":
            yes, no = _YES.get(self.lang), _NO.get(self.lang)
            return lambda value: None if value is None else yes if value else no
        return lambda value: value

    def header(self, columns: tuple[Column, ...], identifier: str) -> list[str]:
        """Return the titles: of the identifier, then of the columns, with their units; one that stands twice carries
        its name.

        An import reads a unit in brackets, and the title without it.
        """
        titles = [identifier, *(with_unit(column.title, column.unit, self.lang) for column in columns)]
        names = ["feature_id", *(column.name for column in columns)]
        often = Counter(titles)
        return [title if often[title] == 1 else f"{title} ({name})" for title, name in zip(titles, names, strict=True)]


def with_unit(title: Text, unit: str | None, lang: str) -> str:
    """Return a title with its unit in brackets, unless it tells it already or the unit is a Chinese word."""
    said = title.get(lang)
    if not unit or unit in said or (lang == "en" and not unit.isascii() and unit != "m²"):
        return said
    return f"{said} ({unit})" if lang == "en" else f"{said}（{unit}）"


def shifted(lon: float, lat: float) -> tuple[float, float]:
    """Return a position in GCJ-02, rounded to 8 decimals (1 mm): more would only pretend."""
    shifted_lon, shifted_lat = to_gcj02(lon, lat)
    return round(shifted_lon, 8), round(shifted_lat, 8)


@dataclass
class Told:
    """What a format could not hold. rows: how many were written. cut: (column, reason) -> number of values."""

    rows: int = 0
    files: list[str] = field(default_factory=list)
    cut: Counter[tuple[str, Text]] = field(default_factory=Counter)

    def sentences(self, lang: str) -> list[str]:
        """Return a sentence for each thing that did not fit."""
        found = [
            f"{name}: {number} {reason.get(lang)}" if lang == "en" else f"{name}：{number} 处{reason.zh}"
            for (name, reason), number in self.cut.items()
        ]
        if len(self.files) > 1:
            names = ", ".join(self.files)
            found.append(
                f"several kinds of geometry, each apart: {names}"
                if lang == "en"
                else f"几何类型不止一种，分开存放：{names}"
            )
        return found
