"""The coordinate systems of the house and the city's envelope."""

from __future__ import annotations

SRID_STORAGE = 4490
"""CGCS2000, degrees, longitude first in memory; the national standard."""

SRID_METRES = 4547
"""CGCS2000 / 3-degree Gauss-Krüger, central meridian 114 °E, metres: every length, area and distance."""

SRID_TILES = 3857
"""Web Mercator, for tiles only: 1 km there is 0.82 km on the ground at 34.7° N."""

SRID_WGS84 = 4326
"""What GeoJSON and tiles call their degrees; within a metre of CGCS2000."""

ENVELOPE = (111.5, 33.5, 115.5, 36.2)
"""West, south, east, north in degrees: the same box as gridmap.inside_envelope() in the database."""


def inside_envelope(lon: float, lat: float) -> bool:
    """Return whether a position (degrees) lies in the box the city's data may come from; NaN does not."""
    west, south, east, north = ENVELOPE
    return west <= lon <= east and south <= lat <= north
