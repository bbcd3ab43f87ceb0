"""Ways to have a phone lead its reader to a place: plain links to the apps on it; no host is asked for anything.

Chinese map apps want GCJ-02, Apple's map of China too; the geo: scheme of Android says WGS 84 (RFC 5870).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask_babel import gettext as _

from gridmap.coordinates import to_gcj02


@dataclass(frozen=True)
class Way:
    """A link to an app. label: for the reader."""

    label: str
    href: str


def ways(lon: float, lat: float, name: str) -> list[Way]:
    """Return the links to a place. lon, lat: WGS 84 degrees."""
    there_lon, there_lat = to_gcj02(lon, lat)
    title = quote(name, safe="")
    return [
        Way(_("手机地图"), f"geo:{lat:.6f},{lon:.6f}?q={lat:.6f},{lon:.6f}({title})"),
        Way(
            _("高德（安卓）"),
            f"androidamap://navi?sourceApplication=gridmap&poiname={title}&lat={there_lat:.6f}&lon={there_lon:.6f}&dev=0",
        ),
        Way(
            _("高德（苹果）"),
            f"iosamap://navi?sourceApplication=gridmap&poiname={title}&lat={there_lat:.6f}&lon={there_lon:.6f}&dev=0",
        ),
        Way(
            _("百度地图"),
            f"baidumap://map/direction?destination=latlng:{there_lat:.6f},{there_lon:.6f}|name:{title}"
            "&coord_type=gcj02&mode=driving&src=gridmap",
        ),
        Way(_("苹果地图"), f"maps://?daddr={there_lat:.6f},{there_lon:.6f}&q={title}"),
    ]


def to_drive(lon: float, lat: float, name: str) -> list[Way]:
    """Return the links that lead a driver to a place from wherever he is. lon, lat: WGS 84 degrees.

    Amap's address opens its app on a phone that has it and its web page on any other; it is asked for nothing before
    somebody follows it.
    """
    there_lon, there_lat = to_gcj02(lon, lat)
    place = f"{there_lon:.6f},{there_lat:.6f},{quote(name, safe='')}"
    amap = f"https://uri.amap.com/navigation?to={place}&mode=car&coordinate=gaode&src=gridmap&callnative=1"
    known = {way.label: way for way in ways(lon, lat, name)}
    return [Way(_("高德导航"), amap), known[_("百度地图")], known[_("手机地图")]]
