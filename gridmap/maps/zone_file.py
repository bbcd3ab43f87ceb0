"""The map of a file of zones: what each row would add, give up and keep, over the law in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gridmap.domain.zone_file import ZoneFileReport
from gridmap.maps import assets
from gridmap.maps.elements import Drawing, Features, LocalMap
from gridmap.maps.overview import overview_map
from gridmap.maps.zone_diff import COLORS, LEAST_DEG
from gridmap.store.zone_diff import CHANGES


def file_map(
    report: ZoneFileReport,
    words: Mapping[str, str],
    *,
    tiles: str,
    lang: str = "zh",
    address: Callable[[str], str] = assets.data_url,
    credited: bool = True,
    labels: Sequence[Mapping[str, Any]] = (),
) -> LocalMap | None:
    """Return a folium map of a report, None when it has no outline. words: of added, removed, kept, fault, row.

    tiles: the server's vector tiles. address: see LocalMap. labels: names of places to write.
    """
    places = [place for zone in report.zones for place in zone.places]
    if not places:
        return None
    lons, lats = zip(*places, strict=True)
    tall, wide = (max(LEAST_DEG - (max(side) - min(side)), 0) / 2 for side in (lats, lons))
    bounds = ((min(lats) - tall, min(lons) - wide), (max(lats) + tall, max(lons) + wide))
    chart = overview_map(
        tiles=tiles,
        visible=("county", "township"),
        lang=lang,
        bounds=bounds,
        address=address,
        credited=credited,
        places=labels,
    )
    columns: list[dict[str, Any]] = [
        {"name": name, "title": words[name], "unit": None, "codes": {}, "type": "text"} for name in ("row", "change")
    ]
    land = [
        _feature(outline, name=zone.name, row=str(zone.row), change=words[change], state=change)
        for change in reversed(CHANGES)
        for zone in report.zones
        if (outline := getattr(zone, change)) is not None
    ]
    look = {"line_width": 2, "fill_opacity": 0.25}
    drawn = Drawing(
        "filed_land",
        words["land"],
        "MultiPolygon",
        "state",
        COLORS["kept"],
        {str(one): color for one, color in COLORS.items()},
        0,
        18,
        look,
        columns,
        [],
    )
    Features(drawn, {"type": "FeatureCollection", "features": land}).add_to(chart)
    faults = [
        _feature(
            {"type": "Point", "coordinates": [fault.lon, fault.lat]},
            name=fault.title.get(lang),
            row=str(zone.row),
            change=zone.name,
        )
        for zone in report.zones
        for fault in zone.faults
    ]
    if faults:
        spots = Drawing("filed_fault", words["fault"], "Point", None, "#e65100", {}, 0, 18, {"radius": 6}, columns, [])
        Features(spots, {"type": "FeatureCollection", "features": faults}).add_to(chart)
    return chart


def _feature(geometry: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}
