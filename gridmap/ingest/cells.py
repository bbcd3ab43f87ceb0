"""Rows of grid_cell and duty: 1 km squares, responsibility cells of the demo, and the posts that answer for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import shapely

from gridmap.domain import grid
from gridmap.ingest import shapes
from gridmap.ingest.outlines import TOWNSHIP_ERROR_M, Outlines

COLUMNS = (
    "cell_code", "kind", "level", "name", "parent_code", "county_code", "cell_key", "in_force", "geom",
    "position_error_m", "source",
)  # fmt: skip
DUTY_COLUMNS = ("cell_code", "role", "post", "in_force", "is_full_time")

SINCE = "[2017-04-01,)"
"""The grid was due on 2017-03-31 (H56 annex 三(八)3): from the day after it stands."""

ROLES = {"chief": "网格长", "officer": "网格员", "patroller": "巡查员", "supervisor": "监督员"}

LEFT_OUT = {
    ("410181113", "patroller"),
    ("410183102", "supervisor"),
    ("410122103", "officer"),
    ("410185203", "patroller"),
    ("410184101", "chief"),
}
"""Posts left empty on purpose, so that a rule about missing posts has something to find."""

PART_TIME = {"410182103", "410104202", "410108101"}
"""Cells whose chief is not full-time, on purpose too."""

UNITS = {"410181113": (-60.0, 300.0), "410183102": (50.0, 200.0), "410185203": (-8.0, 200.0)}
"""Townships that the demo parts into two unit cells, with width and height in metres of what does not fit between
them: narrower than 0 a gap, wider an overlap; the last is within the error of the outlines."""

_UNIT_ERROR_M = 10.0
_ALWAYS = "(,)"
_DEMO = "演示网格：2000年乡镇轮廓的无缝划分，不是公布的网格"


def squares(outlines: Outlines) -> Iterator[tuple[object, ...]]:
    """Yield one row per whole 1 km square that touches the city; its county is that of its centre."""
    city = outlines.city_m
    west, south, east, north = (int(bound // grid.CELL_M) for bound in city.bounds)
    columns, rows = np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1))
    east_km, north_km = columns.ravel(), rows.ravel()
    boxes = shapely.box(
        east_km * grid.CELL_M, north_km * grid.CELL_M, (east_km + 1) * grid.CELL_M, (north_km + 1) * grid.CELL_M
    )
    shapely.prepare(city)
    touching = shapely.intersects(city, boxes)
    boxes, east_km, north_km = boxes[touching], east_km[touching], north_km[touching]
    counties = _counties_at(outlines, shapely.centroid(boxes))
    degrees = shapes.to_degrees(boxes)
    for e, n, county, box in zip(east_km.tolist(), north_km.tolist(), counties, degrees, strict=True):
        key = grid.key_of(e, n)
        code = grid.code_of(key)
        yield (
            code, "square", "km", f"1公里网格{code}", None, county, key, _ALWAYS, shapes.ewkb(shapes.multi(box)), 0,
            "EPSG:4547 公里格网，按定义精确",
        )  # fmt: skip


def responsibility(outlines: Outlines) -> Iterator[tuple[object, ...]]:
    """Yield the responsibility cells: counties, each the union of its townships, then townships.

    The year-2000 townships are a gap-free partition, so the cells are one. A cell takes the code of the township of
    today that its outline belongs to; an outline that belongs to none keeps its old code behind the mark T2000-.
    """
    today = {old: code for code, old in outlines.matched()}
    members: dict[str, list[str]] = defaultdict(list)
    cells = []
    for old, geom in sorted(outlines.old_townships.items()):
        code = today.get(old)
        county = code[:6] if code else old[:6]
        members[county].append(old)
        name = outlines.townships[code].name if code else f"{outlines.old_names[old]}（2000年，现已撤并）"
        cells.append((code or f"T2000-{old}", name, county, geom))
    for county, olds in sorted(members.items()):
        union = shapely.union_all([outlines.old_townships[old] for old in olds])
        yield _cell(county, "county", outlines.county_names[county], None, county, union)
    for cell_code, name, county, geom in cells:
        yield _cell(cell_code, "township", name, county, county, geom)


def units(outlines: Outlines) -> Iterator[tuple[object, ...]]:
    """Yield the unit cells of the demo: a western and an eastern half of three townships, with a flaw in between."""
    olds = dict(outlines.matched())
    for parent, (width, height) in UNITS.items():
        whole = outlines.old_townships_m[olds[parent]]
        west, south, east, north = whole.bounds
        middle = whole.representative_point()
        flaw = shapely.box(middle.x, middle.y, middle.x + abs(width), middle.y + height)
        halves = [
            shapely.intersection(whole, shapely.box(west, south, middle.x, north)),
            shapely.intersection(whole, shapely.box(middle.x, south, east, north)),
        ]
        if width < 0:
            halves[1] = shapely.difference(halves[1], flaw)
        else:
            halves[0] = shapely.union(halves[0], flaw)
        centres = [(half.centroid.x, half.centroid.y) for half in halves]
        for code, number in zip(grid.next_unit_codes(parent, (), 2), grid.reading_order(centres), strict=True):
            half = halves[number]
            line = shapes.ewkb(shapes.multi(shapes.to_degrees(half)))
            yield (
                code, "responsibility", "unit", f"演示单元网格{code}", parent, parent[:6], None, SINCE, line,
                _UNIT_ERROR_M, "演示：把乡镇网格分成两半，故意留下空白或重叠",
            )  # fmt: skip


def duties(cell_codes: Iterator[str]) -> Iterator[tuple[object, ...]]:
    """Yield one post per role and responsibility cell, but for the few left out on purpose."""
    for cell_code in cell_codes:
        for role, title in ROLES.items():
            if (cell_code, role) not in LEFT_OUT:
                full_time = cell_code not in PART_TIME if role == "chief" else None
                yield cell_code, role, f"{title}-{cell_code}-01", SINCE, full_time


def _cell(
    code: str, level: str, name: str, parent: str | None, county: str, geom: shapely.Geometry
) -> tuple[object, ...]:
    line = shapes.ewkb(shapes.multi(geom))
    return code, "responsibility", level, name, parent, county, None, SINCE, line, TOWNSHIP_ERROR_M, _DEMO


def _counties_at(outlines: Outlines, points: shapes.Array) -> list[str | None]:
    """Return the county at each point (EPSG:4547), None outside all of them."""
    codes = list(outlines.counties_m)
    found: list[str | None] = [None] * len(points)
    which, county = shapely.STRtree(list(outlines.counties_m.values())).query(points, predicate="intersects")
    for index, position in sorted(zip(which.tolist(), county.tolist(), strict=True), reverse=True):
        found[index] = codes[position]
    return found
