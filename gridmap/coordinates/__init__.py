"""Coordinates that files come in: WGS 84, CGCS2000, GCJ-02, BD-09, Gauss-Krüger; converted, and guessed with evidence.

CGCS2000 is within a metre of WGS 84, so that no step between the two is needed.
"""

from __future__ import annotations

from gridmap.coordinates.shift import from_bd09, from_gcj02, to_bd09, to_gcj02
from gridmap.coordinates.systems import (
    System,
    convert,
    convert_geometries,
    get_declared_system,
    get_system,
    is_value,
)

__all__ = [
    "System",
    "convert",
    "convert_geometries",
    "from_bd09",
    "from_gcj02",
    "get_declared_system",
    "get_system",
    "is_value",
    "to_bd09",
    "to_gcj02",
]
