"""The coordinate systems that a file may come in, by name, and the way from any of them to any other.

Every way goes through WGS 84, which CGCS2000 is taken to equal: the two differ by less than a metre.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from gridmap.coordinates import shift
from gridmap.coordinates.shift import Array, Pair
from gridmap.errors import UserError

_SHIFTS = {
    "gcj02": (shift.to_gcj02_arrays, shift.from_gcj02_arrays),
    "bd09": (shift.to_bd09_arrays, shift.from_bd09_arrays),
}
_SYNONYMS = {
    "wgs84": "wgs84", "wgs1984": "wgs84", "epsg:4326": "wgs84", "gps": "wgs84",
    "urn:ogc:def:crs:ogc:1.3:crs84": "wgs84", "crs84": "wgs84", "ogc:crs84": "wgs84",
    "cgcs2000": "cgcs2000", "epsg:4490": "cgcs2000", "国家2000": "cgcs2000", "2000国家大地坐标系": "cgcs2000",
    "gcj02": "gcj02", "火星坐标": "gcj02", "高德": "gcj02", "腾讯": "gcj02",
    "bd09": "bd09", "bd09ll": "bd09", "百度": "bd09",
}  # fmt: skip
_OLD = {"epsg:4214", "epsg:4610", "epsg:4555", "beijing54", "北京54", "xian80", "西安80"}
_OLD_CODES = (range(2327, 2391), range(2401, 2443), range(21413, 21464), range(21473, 21484))
"""Xi'an 1980 and Beijing 1954 in metres."""
_OLD_WORDS = ("xian1980", "beijing1954", "xian80", "beijing54", "pulkovo1942")

_HALF_WIDTH_M = 500_000.0
"""Nothing lies farther from its central meridian than this: three degrees are 334 km at the equator."""
_MOST_NORTH_M = 10_002_000.0


@dataclass(frozen=True)
class System:
    """A coordinate system.

    key: wgs84, cgcs2000, gcj02, bd09 or EPSG:n. metres: whether values are easting and northing rather than degrees.
    central_meridian: degrees, of those in metres. false_easting_m: what its central meridian is called, with the zone
    in front where it is. error_m: how far a position may be off by the conversion to WGS 84 alone, metres.
    """

    key: str
    zh: str
    en: str
    error_m: float
    central_meridian: int | None = None
    false_easting_m: float = 500_000.0

    @property
    def metres(self) -> bool:
        """Return whether values are easting and northing in metres."""
        return self.central_meridian is not None

    @property
    def epsg(self) -> int:
        """Return the code of the system in metres."""
        return int(self.key.removeprefix("EPSG:"))


_DEGREES = {
    "wgs84": System("wgs84", "WGS 84 经纬度", "WGS 84 degrees", 0.0),
    "cgcs2000": System("cgcs2000", "CGCS2000 经纬度", "CGCS2000 degrees", 1.0),
    "gcj02": System("gcj02", "GCJ-02 经纬度（高德、腾讯）", "GCJ-02 degrees (Amap, Tencent)", 2.0),
    "bd09": System("bd09", "BD-09 经纬度（百度）", "BD-09 degrees (Baidu)", 3.0),
}


def get_system(name: str) -> System:
    """Return the system of a name: wgs84, cgcs2000, gcj02, bd09, EPSG:n, or what people call them.

    EPSG: 4490 and 4326, 4491 to 4554 (CGCS2000 Gauss-Krüger, 6° and 3°, with and without the zone), 32643 to 32653.
    Errors: UserError for any other, with a sentence of its own for the older Chinese systems.
    """
    plain = re.sub(r"[\s\-_]", "", unicodedata.normalize("NFKC", name[:100])).lower()
    if plain.isdecimal() and plain.isascii():
        plain = f"epsg:{plain}"
    if plain in _SYNONYMS:
        return _DEGREES[_SYNONYMS[plain]]
    match = re.fullmatch(r"(?:epsg:|urn:ogc:def:crs:epsg:[\d.]*:)(\d{4,5})", plain, re.ASCII)
    if match:
        code = int(match[1])
        if code in (4326, 4490):
            return _DEGREES["wgs84" if code == 4326 else "cgcs2000"]
        found = _gauss_krueger(code) or _utm(code)
        if found is not None:
            return found
    raise _unknown(name, plain, int(match[1]) if match else None)


def get_declared_system(name: str) -> System:
    """Return the system that a file declares; UserError tells also what to do where it declares a wrong one."""
    try:
        return get_system(name)
    except UserError as error:
        raise UserError(
            f"the file declares its coordinates so: {error}; if they are in another one, say it with --crs",
            zh=f"文件声明的坐标系读不了：{error.zh}。如果声明有误，请选定坐标系再上传",
        ) from error


def _unknown(name: str, plain: str, code: int | None) -> UserError:
    """Return the error for a system that is not read, in both languages."""
    titled = re.match(r'\s*\w+\s*\[\s*"([^"]{1,80})"', name)  # of WKT its own name is enough
    shown = titled[1] if titled else name[:80]
    is_old = plain in _OLD or any(code in each for each in _OLD_CODES) or any(word in plain for word in _OLD_WORDS)
    if is_old:
        return UserError(
            f"coordinate system {shown!r} is converted with parameters that each province keeps to itself; "
            "have the file converted to CGCS2000 by the surveying office",
            zh=f"坐标系“{shown}”（北京54、西安80一类）的转换参数由各省测绘部门掌握，本平台不能换算；"
            "请先请测绘部门转成 CGCS2000",
        )
    return UserError(
        f"coordinate system {shown!r} is not known; expected wgs84, cgcs2000, gcj02, bd09, EPSG:4491 to EPSG:4554 "
        "(CGCS2000 Gauss-Krüger) or EPSG:32643 to EPSG:32653 (UTM)",
        zh=f"不读坐标系“{shown}”；可用 CGCS2000 或 WGS 84 经纬度、GCJ-02、BD-09、"
        "CGCS2000 高斯投影（EPSG:4491 至 4554）、UTM（EPSG:32643 至 32653）。可先在 QGIS 里导出为 EPSG:4490",
    )


def _gauss_krueger(code: int) -> System | None:
    """Return CGCS2000 Gauss-Krüger by its EPSG code: four rows of the register, one after the other."""
    for first, last, width, zone in ((4491, 4501, 6, 13), (4502, 4512, 6, 0), (4513, 4533, 3, 25), (4534, 4554, 3, 0)):
        if first <= code <= last:
            meridian = 75 + (code - first) * width
            number = zone + code - first if zone else 0
            zh = f"CGCS2000 高斯投影 {width}°带，中央经线 {meridian}°" + (f"，带号 {number}" if zone else "，无带号")
            en = f"CGCS2000 Gauss-Krüger {width}°, central meridian {meridian}°"
            en += f", zone {number} in front" if zone else ", no zone in front"
            return System(f"EPSG:{code}", zh, en, 1.0, meridian, number * 1_000_000 + 500_000.0)
    return None


def _utm(code: int) -> System | None:
    if not 32643 <= code <= 32653:
        return None
    zone = code - 32600
    meridian = zone * 6 - 183
    zh, en = f"WGS 84 UTM {zone}N，中央经线 {meridian}°", f"WGS 84 UTM {zone}N, central meridian {meridian}°"
    return System(f"EPSG:{code}", zh, en, 0.0, meridian)


def is_value(system: System, x: npt.ArrayLike, y: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Return which pairs can be positions of a system, x being longitude or easting; NaN and infinity cannot."""
    if not system.metres:
        return shift.is_position(x, y)
    east, north = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    near = np.abs(east - system.false_easting_m) <= _HALF_WIDTH_M
    return np.asarray(near & (north >= 0) & (north <= _MOST_NORTH_M))


def convert(source: System, target: System, x: npt.ArrayLike, y: npt.ArrayLike) -> Pair:
    """Return arrays of n in another system; x is longitude or easting, degrees or metres as the system says.

    Errors: UserError that names the first pair which is no position of its system, or none of the other.
    """
    first, second = np.atleast_1d(np.asarray(x, dtype=float)), np.atleast_1d(np.asarray(y, dtype=float))
    _refuse(source, first, second, "is no position of")
    if source == target:
        return first, second
    lon, lat = _to_degrees(source, first, second)
    there = _from_degrees(target, lon, lat)
    _refuse(target, *there, "becomes no position of", shown=(first, second), of=target)
    return there


def convert_geometries(source: System, target: System, geometries: Any) -> Any:
    """Return geometries (one or an array) in another system; heights are kept as they are, measures are not."""
    import shapely

    def apply(found: Array) -> Array:
        moved = np.array(found, dtype=float)
        if len(moved):
            moved[:, 0], moved[:, 1] = convert(source, target, found[:, 0], found[:, 1])
        return moved

    return shapely.transform(geometries, apply, include_z=None)


def _refuse(
    system: System, x: Array, y: Array, what: str, *, shown: Pair | None = None, of: System | None = None
) -> None:
    if x.shape != y.shape:
        raise UserError(
            f"{x.size} values and {y.size} values make no positions; expected as many of both",
            zh=f"{x.size} 个值和 {y.size} 个值配不成坐标，两者应一样多",
        )
    good = is_value(system, x, y)
    if good.all():
        return
    first = int(np.argmin(good))
    values = shown or (x, y)
    expected, zh = "longitude, then latitude, degrees", "先经度后纬度，单位为度"
    if system.metres:
        low, high = system.false_easting_m - _HALF_WIDTH_M, system.false_easting_m + _HALF_WIDTH_M
        expected = f"easting from {low:.0f} to {high:.0f}, then northing, metres"
        zh = f"先东坐标（{low:.0f} 至 {high:.0f}）后北坐标，单位为米"
    pair, many = f"{values[0][first]}, {values[1][first]}", x.size > 1
    raise UserError(
        f"position {pair}{f' (number {first + 1})' if many else ''} {what} {(of or system).en}; expected {expected}",
        zh=f"{f'第 {first + 1} 个' if many else ''}坐标 {pair} 不是{(of or system).zh}里的位置；应为{zh}",
    )


def _to_degrees(system: System, x: Array, y: Array) -> Pair:
    if system.key in _SHIFTS:
        return _SHIFTS[system.key][1](x, y)
    if not system.metres:
        return x, y
    lon, lat = _transformer(system.epsg, _degrees_of(system)).transform(x, y)
    return np.asarray(lon), np.asarray(lat)


def _from_degrees(system: System, lon: Array, lat: Array) -> Pair:
    if system.key in _SHIFTS:
        return _SHIFTS[system.key][0](lon, lat)
    if not system.metres:
        return lon, lat
    x, y = _transformer(_degrees_of(system), system.epsg).transform(lon, lat)
    return np.asarray(x), np.asarray(y)


def _degrees_of(system: System) -> int:
    return 4326 if system.epsg > 32600 else 4490


@cache
def _transformer(source: int, target: int) -> Any:
    import pyproj

    return pyproj.Transformer.from_crs(source, target, always_xy=True)
