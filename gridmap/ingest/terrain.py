"""Terrain of villages from a coarse height grid: plain, not plain or unknown, by slope only.

What a grid of about 2 km can and cannot say. The slope of a grid cell is the slope of the surface through the
neighbouring cell means, some 4 km across: gullies, loess walls and single hills vanish, peaks are cut, so the true
mean slope of the ground is never much smaller than the grid's and often larger. Relief within 1 km cannot be had
from it at all and is not given. Hence two thresholds with a gap: at 2 degrees and more on the grid the ground is
surely steeper than the 2 degrees that COAL-04 calls plain (our figure: no document has one); at 1 degree and less
(35 m over 2 km) the ground may be called plain with some right; between them, and wherever the verdict would
change within the area where the village may lie, the answer is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.errors import RasterioError
from shapely.geometry.base import BaseGeometry

from gridmap.errors import UserError
from gridmap.ingest import shapes
from gridmap.ingest.shapes import Array

PLAIN_MAX_DEG = 1.0
NOT_PLAIN_MIN_DEG = 2.0

_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class SlopeGrid:
    """Slopes on a grid in degrees of longitude and latitude.

    slope_deg: rows × columns, north first; NaN without heights. cells: the cells as polygons in metres
    (EPSG:4547), flat, row by row. extent: all of them together. resolution_m: mean spacing.
    """

    slope_deg: Array
    cells: Array
    extent: BaseGeometry
    resolution_m: float


def slopes(heights: Array, west: float, north: float, step_lon: float, step_lat: float) -> SlopeGrid:
    """Return the slopes of a height grid.

    heights: rows × columns, metres, north first. west, north: outer corner, degrees. step_lon, step_lat: size of
    a cell, degrees. A degree of longitude is shortened by the cosine of each row's latitude.
    """
    rows, columns = heights.shape
    latitude = north - (np.arange(rows) + 0.5) * step_lat
    dy = step_lat * _METRES_PER_DEGREE
    dx = step_lon * _METRES_PER_DEGREE * np.cos(np.radians(latitude))
    down = np.gradient(heights.astype(float), axis=0) / dy
    across = np.gradient(heights.astype(float), axis=1) / dx[:, None]
    row, column = np.indices(heights.shape)
    cells = shapely.box(
        west + column * step_lon, north - (row + 1) * step_lat, west + (column + 1) * step_lon, north - row * step_lat
    )
    slope = np.degrees(np.arctan(np.hypot(across, down)))
    slope[np.isnan(heights)] = np.nan  # differences step over the cell itself
    extent = shapely.box(west, north - rows * step_lat, west + columns * step_lon, north)
    return SlopeGrid(
        slope_deg=slope,
        cells=shapes.to_metres(cells.ravel()),
        extent=shapes.to_metres(shapely.segmentize(extent, min(step_lon, step_lat))),
        resolution_m=round(float((dy + dx.mean()) / 2)),
    )


def read(path: Path, label: str) -> SlopeGrid:
    """Read a height grid in degrees from a GeoTIFF; UserError when it is missing, damaged or projected."""
    try:
        with rasterio.open(path) as source:
            crs, transform, nodata = source.crs, source.transform, source.nodata
            heights = source.read(1).astype(float)
    except RasterioError as error:
        raise UserError(f"{label}: the height grid cannot be read ({error})") from error
    if crs is None or not crs.is_geographic or transform.b or transform.d:
        raise UserError(f"{label}: expected a height grid in degrees, north up")
    if nodata is not None:
        heights[heights == nodata] = np.nan
    return slopes(heights, transform.c, transform.f, transform.a, -transform.e)


def verdicts(grid: SlopeGrid, areas: Sequence[BaseGeometry]) -> list[str]:
    """Return plain, not_plain or unknown for each area (EPSG:4547) in which a village may lie.

    All cells that the area touches must agree; an area that reaches beyond the grid is unknown.
    """
    slope = grid.slope_deg.ravel()
    flat, steep = slope <= PLAIN_MAX_DEG, slope >= NOT_PLAIN_MIN_DEG
    wanted = np.asarray(areas, dtype=object)
    inside = shapely.contains_properly(grid.extent, wanted)
    which, cell = shapely.STRtree(grid.cells).query(wanted, predicate="intersects")
    count = np.bincount(which, minlength=len(areas))
    all_flat = np.bincount(which, weights=flat[cell], minlength=len(areas)) == count
    all_steep = np.bincount(which, weights=steep[cell], minlength=len(areas)) == count
    known = inside & (count > 0)
    words: list[str] = np.select([known & all_flat, known & all_steep], ["plain", "not_plain"], "unknown").tolist()
    return words
