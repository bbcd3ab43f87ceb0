"""Rows of the table station: the state monitoring stations of the city."""

from __future__ import annotations

from collections.abc import Iterator

from shapely.geometry import Point

from gridmap.ingest import files, shapes
from gridmap.ingest.whereabouts import Whereabouts

COLUMNS = ("station_code", "name", "is_control_point", "geom", "county_code", "position_error_m", "source")

ERROR_M = 100.0
"""Five decimals are published, but not how they were taken."""

_SOURCE = "中国环境监测总站公开发布的国控站点"


def rows(whereabouts: Whereabouts) -> Iterator[tuple[object, ...]]:
    """Yield one row per station."""
    for record in files.read_table("station", "stations.csv", ["code", "name", "lon", "lat", "control_point"]):
        point = Point(record.position())
        yield (
            record.text("code"), record.text("name"), record.flag("control_point"), shapes.ewkb(point),
            whereabouts.county(point), ERROR_M, _SOURCE,
        )  # fmt: skip
