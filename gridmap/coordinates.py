"""From the coordinates of the house to those of Chinese map apps: GCJ-02, which is WGS 84 shifted on purpose.

CGCS2000 is within a metre of WGS 84, so that no step between the two is needed here.
"""

from __future__ import annotations

import math

from gridmap.errors import UserError

_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
"""The ellipsoid of Krasovsky 1940, in whose terms the shift is made."""

_CHINA = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north: outside this box map apps shift nothing."""

_MIDDLE = (105.0, 35.0)


def to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Return (lon, lat) in GCJ-02 for WGS 84 degrees; outside China's box they are the same.

    Errors: UserError when they are no position on the globe.
    """
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise UserError(f"position {lon}, {lat} is no pair of degrees; expected longitude, then latitude")
    west, south, east, north = _CHINA
    if not (west <= lon <= east and south <= lat <= north):
        return lon, lat
    east_m, north_m = _shift_m(lon - _MIDDLE[0], lat - _MIDDLE[1])
    sine = math.sin(math.radians(lat))
    bend = 1 - _ECCENTRICITY_SQUARED * sine * sine
    meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / (bend * math.sqrt(bend))
    parallel_m = _SEMI_MAJOR_M / math.sqrt(bend) * math.cos(math.radians(lat))
    return lon + math.degrees(east_m / parallel_m), lat + math.degrees(north_m / meridian_m)


def _shift_m(x: float, y: float) -> tuple[float, float]:
    """Return the shift to the east and to the north, metres. x, y: degrees from the middle."""
    root = math.sqrt(abs(x))
    shared = _waves(x, (20, 6), (20, 2))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += shared + _waves(x, (20, 1), (40, 1 / 3)) + _waves(x, (150, 1 / 12), (300, 1 / 30))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += shared + _waves(y, (20, 1), (40, 1 / 3)) + _waves(y, (160, 1 / 12), (320, 1 / 30))
    return east, north


def _waves(angle: float, *waves: tuple[float, float]) -> float:
    """Return two thirds of the sum of sines, each given by height and half-turns per degree."""
    return sum(height * math.sin(angle * turns * math.pi) for height, turns in waves) * 2 / 3
