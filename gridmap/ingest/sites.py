"""Rows of the table site and its typed tables: real power plants, generated demo sites."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shapely.geometry import Point

from gridmap.ingest import files, shapes
from gridmap.ingest.demo_sites import DemoSite
from gridmap.ingest.whereabouts import Whereabouts

COLUMNS = (
    "site_id", "kind", "name", "county_code", "region_code", "reported_region_code", "geom", "position_error_m",
    "placed_by", "opened_on", "closed_on", "is_demo", "source", "note",
)  # fmt: skip
PLANT_COLUMNS = (
    "site_id", "fuel", "capacity_mw", "commissioned", "operational_status", "owner", "closing_due_on", "refit_due_on",
    "duty_document",
)  # fmt: skip

PLANT_ERROR_M = 1000.0
"""The database takes positions from other databases, some to two decimals (1.1 km): an honest figure, ours."""

_FUELS = {"Coal": "coal", "Natural Gas": "gas", "Landfill gas": "gas", "Hydro": "hydro"}
_WRI = "WRI Global Power Plant Database（CC BY 4.0）"
_DEMO_SOURCE = "随机生成的演示数据（固定种子），不是真实对象"


@dataclass(frozen=True)
class Plant:
    """One power plant: its row in site and its row in power_plant."""

    site: tuple[object, ...]
    details: tuple[object, ...]


def plants(whereabouts: Whereabouts) -> Iterator[Plant]:
    """Yield the real power plants within 90 km of the centre, in and around the city, with the days documents set."""
    duties = _duties()
    for record in files.read_features(
        "site", "power_plants.geojson", ["Power Plant ID", "Name", "Fuel", "Capacity (MW)", "Geolocation Source"]
    ):
        point = record.shape("Point")
        site_id = f"wri-{record.text('Power Plant ID')}"
        county = whereabouts.county(Point(point))
        note = "名称、容量、状态均照来源，未经核实；位置误差为本平台估计。"
        site = (
            site_id, "power_plant", record.text("Name"), county, whereabouts.region(Point(point)), None,
            shapes.ewkb(point), PLANT_ERROR_M, record.optional("Geolocation Source") or "WRI", None, None, False,
            _WRI, note,
        )  # fmt: skip
        details = (
            site_id, _FUELS.get(record.text("Fuel"), "other"), record.number("Capacity (MW)"),
            record.optional("Commissioning Date"), record.optional("Operational Status"), record.optional("Owner"),
            *duties.get(record.text("Power Plant ID"), (None, None, None)),
        )  # fmt: skip
        yield Plant(site, details)


def _duties() -> dict[str, tuple[object, ...]]:
    """Return the last day to close, the last day to close or refit and the document by plant of the source."""
    fields = ("plant_id", "closing_due_on", "refit_due_on", "duty_document")
    return {
        record.text("plant_id"): (
            record.day("closing_due_on") if record.optional("closing_due_on") else None,
            record.day("refit_due_on") if record.optional("refit_due_on") else None,
            record.text("duty_document"),
        )
        for record in files.read_table("site", "power_plant_duties.csv", fields)
    }


def demo_row(site: DemoSite) -> tuple[object, ...]:
    """Return the row in site of a generated site."""
    return (
        site.site_id, site.kind, site.name, site.county_code, site.region_code, site.reported_region_code,
        shapes.ewkb(site.point), site.position_error_m, "generated", site.opened_on, site.closed_on, True,
        _DEMO_SOURCE, site.note,
    )  # fmt: skip
