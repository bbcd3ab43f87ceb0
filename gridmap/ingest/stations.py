"""Rows of the table station: the state monitoring stations of the city, and how much of them an archive holds."""

from __future__ import annotations

from collections.abc import Iterator

from shapely.geometry import Point

from gridmap.ingest import files, shapes
from gridmap.ingest.whereabouts import Whereabouts

COLUMNS = (
    "station_code", "name", "is_control_point", "geom", "county_code", "position_error_m", "source", "level",
    "is_six_parameter", "is_lead_recorded",
)  # fmt: skip
OBSERVATION_COLUMNS = (
    "subject_kind", "subject_id", "parameter", "value", "unit", "observed_on", "period", "is_demo", "source",
)  # fmt: skip

ERROR_M = 100.0
"""Five decimals are published, but not how they were taken."""

_SOURCE = "中国环境监测总站公开发布的国控站点"
_ARCHIVE = "由公开的小时数据存档推算，存档本身不全"


def rows(whereabouts: Whereabouts) -> Iterator[tuple[object, ...]]:
    """Yield one row per station."""
    for record in files.read_table("station", "stations.csv", ["code", "name", "lon", "lat", "control_point"]):
        point = Point(record.position())
        yield (
            record.text("code"), record.text("name"), record.flag("control_point"), shapes.ewkb(point),
            whereabouts.county(point), ERROR_M, _SOURCE, "state", True, False,
        )  # fmt: skip


def archived() -> Iterator[tuple[object, ...]]:
    """Yield per station and month the share of archived hours in which all six parameters are there, per cent."""
    for record in files.read_table(
        "station", "archived_share.csv", ["month", "code", "hours_archived", "hours_complete"]
    ):
        share = 100.0 * record.number("hours_complete") / record.number("hours_archived")
        yield (
            "station", record.text("code"), "archived_pct", round(share, 1), "%", record.day("month"), "month", False,
            _ARCHIVE,
        )  # fmt: skip
