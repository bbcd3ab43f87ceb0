"""Any selection as a map in one file: scripts, styles and data inside, for whoever has a browser and no network."""

from __future__ import annotations

import datetime as dt
import html
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely
from branca.element import Element

from gridmap import layers as definitions
from gridmap.db.session import Connection
from gridmap.domain.definition import Text
from gridmap.errors import UserError
from gridmap.maps.elements import Credit, Features, Legend, LocalMap, Scale
from gridmap.maps.overview import CITY_BOUNDS, counted, drawing
from gridmap.store.layers import FeatureFilter, list_features
from gridmap.store.outgoing import Outgoing, Row

MOST_FEATURES = 20_000
MOST_BYTES = 40_000_000
"""Of the features in the file: a browser on a phone opens no more in reasonable time."""

DECIMALS = 6
"""Of coordinates, 0.1 m: a map is looked at, and the file is mailed."""

BACKDROP_DEG = 0.0003
"""Some 30 m: by so much the outlines below a map may be off."""

_MADE_BY = Text("由 gridmap 导出", "from gridmap")
# what the file may fetch: nothing
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data:; style-src 'unsafe-inline' data:; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)


def write(
    out: Outgoing,
    path: Path,
    *,
    lang: str = "zh",
    backdrop: Mapping[str, Any] | None = None,
) -> int:
    """Write a map and return the number of its features. backdrop: outlines below it, a GeoJSON FeatureCollection.

    UserError for a layer without places and for more than a browser can hold.
    """
    if not out.has_geometry:
        raise UserError(f"{out.id} has no places and cannot be drawn as a map; take csv or xlsx")
    features, without = _features(out)
    path.write_text(_page(out, features, without, lang, backdrop), "utf-8")
    return len(features) + without


def counties(conn: Connection, as_of: dt.date | None = None) -> dict[str, Any]:
    """Return the outlines of the counties of a day, simplified, to lie below a map."""
    found = list_features(conn, definitions.load().get("county"), FeatureFilter(), as_of=as_of)
    shapes = shapely.from_geojson([json.dumps(each.geometry) if each.geometry else None for each in found])
    outlines = shapely.to_geojson(shapely.simplify(shapes, BACKDROP_DEG)).tolist()
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": _rounded(json.loads(outline)),
                "properties": {"name": each.properties["name"]},
            }
            for each, outline in zip(found, outlines, strict=True)
            if outline is not None
        ],
    }


def _features(out: Outgoing) -> tuple[list[dict[str, Any]], int]:
    """Return the features with a place, and the number of those without."""
    found: list[dict[str, Any]] = []
    without = size = 0
    for batch in out.batches:
        shapes = shapely.from_wkb([row[1] for row in batch])
        for row, place in zip(batch, shapely.to_geojson(shapes).tolist(), strict=True):
            if place is None:
                without += 1
                continue
            geometry = _rounded(json.loads(place))
            found.append(_feature(out, row, geometry))
            size += len(json.dumps(found[-1], ensure_ascii=False).encode())
            if len(found) > MOST_FEATURES or size > MOST_BYTES:
                raise UserError(
                    f"a map in one file holds {MOST_FEATURES:,} features and {MOST_BYTES // 1_000_000} MB, and there "
                    "are more; narrow it down by county, filter or bbox, or take gpkg"
                )
    return found, without


def _feature(out: Outgoing, row: Row, geometry: Any) -> dict[str, Any]:
    values = {"feature_id": row[0]} | dict(zip((column.name for column in out.columns), row[2:], strict=True))
    kept = {name: _plain(value) for name, value in values.items() if value is not None}
    return {"type": "Feature", "geometry": geometry, "properties": kept}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if isinstance(value, str | int) else value.isoformat()


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return value


def _page(
    out: Outgoing, features: Sequence[dict[str, Any]], without: int, lang: str, backdrop: Mapping[str, Any] | None
) -> str:
    def said(zh: str, en: str) -> str:
        return en if lang == "en" else zh

    chart = LocalMap(
        height="100%", zoom_control=True, zoom_snap=0.5, attribution_control=False, prefer_canvas=len(features) > 500
    )
    chart.fit_bounds(_bounds(features))
    if backdrop is not None:
        Features(drawing(definitions.load().get("county"), lang), backdrop).add_to(chart)
    drawn = drawing(replace(definitions.load().get(out.id), columns=out.columns), lang)
    data = {"type": "FeatureCollection", "features": list(features)}
    Features(drawn, data).add_to(chart)
    colon = said("：", ": ")
    lines = [
        f"{said('日期', 'day')}{colon}{out.on}",
        *(f"{title.get(lang)}{colon}{value.get(lang)}" for title, value in out.asked),
        f"{len(features)} {said('个', 'features')}"
        + (f"{said('，另有', ', and ')} {without} {said('个没有位置', 'without a place')}" if without else ""),
    ]
    entries = counted(drawn, data) if drawn.column else [{**entry, "count": len(features)} for entry in drawn.legend]
    # what is not in the selection needs no colour
    Legend(
        out.title.get(lang), [entry for entry in entries if entry["count"]], note=said("；", "; ").join(lines)
    ).add_to(chart)
    Scale().add_to(chart)
    ground = definitions.load().get("county").credit if backdrop is not None else None
    credit = [text.get(lang) for text in (out.credit, ground, _MADE_BY) if text is not None]
    Credit(said("数据来源", "Data"), said("；", "; ").join(credit)).add_to(chart)
    figure = chart.get_root()
    title = html.escape(f"{out.title.get(lang)} {out.on}")
    figure.header.add_child(
        Element(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><title>{title}</title>'), index=0
    )
    page: str = figure.render()
    return page.replace("<html>", f'<html lang="{"en" if lang == "en" else "zh-CN"}">', 1)


def _bounds(features: Sequence[dict[str, Any]]) -> list[list[float]]:
    if not features:
        return [list(corner) for corner in CITY_BOUNDS]
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    if not math.isfinite(west):
        return [list(corner) for corner in CITY_BOUNDS]
    # a lone point has some room around it
    room = max(0.01 - (east - west), 0.01 - (north - south), 0) / 2
    return [[south - room, west - room], [north + room, east + room]]
