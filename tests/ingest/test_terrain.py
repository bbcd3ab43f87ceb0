"""Terrain from coarse heights, on height grids whose slope is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from gridmap.errors import UserError
from gridmap.ingest import shapes, terrain

WEST, NORTH, STEP = 113.0, 35.0, 0.02


def plane(slope_deg: float, rows: int = 20, columns: int = 20) -> terrain.SlopeGrid:
    """Return a grid that falls southward at one slope."""
    fall = np.tan(np.radians(slope_deg)) * STEP * 111_320.0
    heights = np.repeat(1000.0 - fall * np.arange(rows)[:, None], columns, axis=1)
    return terrain.slopes(heights, WEST, NORTH, STEP, STEP)


def area(lon: float, lat: float, radius_m: float) -> shapely.Geometry:
    return shapely.buffer(shapes.to_metres(shapely.Point(lon, lat)), radius_m)


@pytest.mark.parametrize(
    ("slope_deg", "verdict"),
    [(0.0, "plain"), (0.99, "plain"), (1.01, "unknown"), (1.99, "unknown"), (2.01, "not_plain"), (12.0, "not_plain")],
)
def test_thresholds_leave_a_gap(slope_deg: float, verdict: str) -> None:
    grid = plane(slope_deg)
    assert grid.slope_deg == pytest.approx(slope_deg, abs=1e-9)
    assert terrain.verdicts(grid, [area(113.2, 34.8, 3000)]) == [verdict]


def test_a_degree_of_longitude_is_shortened() -> None:
    rise = np.tan(np.radians(3.0)) * STEP * 111_320.0 * np.cos(np.radians(34.8))
    heights = np.repeat(rise * np.arange(20)[None, :], 20, axis=0)
    grid = terrain.slopes(heights, WEST, NORTH, STEP, STEP)
    assert grid.slope_deg[9, 9] == pytest.approx(3.0, abs=0.01)


def test_the_verdict_must_hold_wherever_the_village_may_lie() -> None:
    heights = np.zeros((20, 20))
    heights[:, 10:] = 400.0 * np.arange(1, 11)[None, :]
    grid = terrain.slopes(heights, WEST, NORTH, STEP, STEP)
    flat, steep, mixed = area(113.08, 34.8, 500), area(113.32, 34.8, 500), area(113.2, 34.8, 6000)
    assert terrain.verdicts(grid, [flat, steep, mixed]) == ["plain", "not_plain", "unknown"]


def test_beyond_the_grid_or_without_heights_is_unknown() -> None:
    grid = plane(0.0)
    assert terrain.verdicts(grid, [area(113.01, 34.8, 3000), area(114.5, 34.8, 500)]) == ["unknown", "unknown"]
    heights = np.zeros((20, 20))
    heights[10, 10] = np.nan
    holed = terrain.slopes(heights, WEST, NORTH, STEP, STEP)
    assert terrain.verdicts(holed, [area(113.21, 34.79, 500), area(113.05, 34.9, 500)]) == ["unknown", "plain"]


def test_reads_a_geotiff(tmp_path: Path) -> None:
    path = tmp_path / "heights.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=20, height=20, count=1, dtype="int16", crs="EPSG:4326", nodata=-9999,
        transform=from_origin(WEST, NORTH, STEP, STEP),
    ) as target:  # fmt: skip
        target.write(np.full((20, 20), 100, dtype="int16"), 1)
    grid = terrain.read(path, "heights.tif")
    assert terrain.verdicts(grid, [area(113.2, 34.8, 3000)]) == ["plain"]
    assert 1500 < grid.resolution_m < 2500


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tif"
    broken.write_bytes(b"no tiff")
    for path in (broken, tmp_path / "missing.tif"):
        with pytest.raises(UserError, match=r"heights\.tif: the height grid cannot be read"):
            terrain.read(path, "heights.tif")
