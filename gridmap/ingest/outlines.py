"""The outlines everything else of the demo city is placed by: counties of today, townships of the year 2000."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.ingest import files, shapes

COUNTY_ERROR_M = 200.0
"""Half of the county outlines lie within 120 m of the Tianditu ones, nine tenths within 500 m (SOURCE.md)."""

TOWNSHIP_ERROR_M = 2000.0
"""Steps of 1 km, and twenty years old: along the city's border half lie within 350 m, 95 % within 2.3 km."""

NEIGHBOUR_REACH_M = 25_000.0
"""How far beyond Xinzheng's outline the two townships of the neighbouring city may reach (ours)."""

CARVED_FROM = {
    "410171": ("410104", "410105", "410122"),
    "410172": ("410102", "410108", "410182"),
    "410173": ("410104", "410122", "410184"),
}
"""Counties on whose land the development zones lie (ours, from the names of their townships; SOURCE.md)."""

NEIGHBOUR_CITY = "410200"
"""Kaifeng: two townships of its county Weishi are listed under the airport zone; they adjoin Xinzheng."""

NEIGHBOURED_COUNTY = "410184"

NEW_COUNTIES = {
    "410171": "郑州经济技术开发区",
    "410172": "郑州高新技术产业开发区",
    "410173": "郑州航空港经济综合实验区",
}
"""Development zones with a code and villages of their own, but no outline anywhere."""


@dataclass(frozen=True)
class Township:
    """A township or street of today.

    code: nine digits. gbcode_2000: the outline of the year 2000 that is its own, or None. how: why (SOURCE.md).
    """

    code: str
    name: str
    gbcode_2000: str | None
    how: str
    seat: tuple[float, float] | None
    note: str | None

    @property
    def county_code(self) -> str:
        """Return the county it belongs to today."""
        return self.code[:6]


@dataclass(frozen=True)
class Outlines:
    """Outlines in degrees (EPSG:4490) and metres (EPSG:4547), by code.

    counties: 12 of today. old_townships: 160 of the year 2000, a gap-free partition, with their names.
    townships: 208 of today. cities_m: the 18 cities of the province, simplified.
    """

    counties: dict[str, BaseGeometry]
    counties_m: dict[str, BaseGeometry]
    county_names: dict[str, str]
    old_townships: dict[str, BaseGeometry]
    old_townships_m: dict[str, BaseGeometry]
    old_names: dict[str, str]
    townships: dict[str, Township]
    cities_m: dict[str, BaseGeometry]

    @property
    def city(self) -> BaseGeometry:
        """Return the union of the counties, degrees."""
        return shapely.union_all(list(self.counties.values()))

    @property
    def city_m(self) -> BaseGeometry:
        """Return the union of the counties, metres."""
        return shapely.union_all(list(self.counties_m.values()))

    def outline(self, code: str) -> BaseGeometry | None:
        """Return the outline of a county or a township of today, degrees, or None where none is known."""
        if len(code) == 6:
            return self.counties.get(code)
        old = self.townships[code].gbcode_2000 if code in self.townships else None
        return self.old_townships[old] if old else None

    def matched(self) -> Iterator[tuple[str, str]]:
        """Yield (township of today, code of 2000) for every township with an outline."""
        for code, township in self.townships.items():
            if township.gbcode_2000:
                yield code, township.gbcode_2000


def read() -> Outlines:
    """Read the outlines; UserError names the file, row and field that is wrong."""
    counties, names = {}, {}
    for record in files.read_features("county", "counties.geojson", ["adcode", "name"]):
        code = record.code("adcode", 6)
        counties[code], names[code] = record.shape("Polygon"), record.text("name")
    old, old_names = {}, {}
    for record in files.read_features("township", "townships_2000.geojson", ["gbcode", "name"]):
        code = record.code("gbcode", 9)
        old[code], old_names[code] = record.shape("Polygon"), record.text("name")
    cities = {
        record.code("city_adcode", 6): shapes.to_metres(record.geom)
        for record in files.read_features("county", "henan_cities.geojson", ["city_adcode"])
    }
    return Outlines(
        counties=counties,
        counties_m={code: shapes.to_metres(geom) for code, geom in counties.items()},
        county_names=names | NEW_COUNTIES,
        old_townships=old,
        old_townships_m={code: shapes.to_metres(geom) for code, geom in old.items()},
        old_names=old_names,
        townships=_townships(set(old), set(names | NEW_COUNTIES)),
        cities_m=cities,
    )


def _townships(old_codes: set[str], county_codes: set[str]) -> dict[str, Township]:
    """Read the townships of today with the reviewed match to outlines and seats."""
    seats = {
        record.code("code", 12): record.position()
        for record in files.read_table("township", "town_points.csv", ["code", "lon", "lat"])
    }
    matches = {
        record.code("street_code", 9): record
        for record in files.read_table(
            "township", "township_match.csv", ["street_code", "gbcode_2000", "how", "seat_code", "note"]
        )
    }
    townships, taken = {}, set()
    for record in files.read_table("township", "streets_2023.csv", ["code", "name", "area_code"]):
        code = record.code("code", 9)
        if code[:6] not in county_codes or record.text("area_code") != code[:6]:
            raise record.fault("code", "a township of a county of the city")
        if code not in matches:
            raise record.fault("code", "a township that township_match.csv lists")
        match = matches[code]
        how = match.one_of("how", ("name", "stem", "renamed", "moved", "outside", "none"))
        old = match.code("gbcode_2000", 9) if match.optional("gbcode_2000") else None
        if (old is not None and old not in old_codes) or old in taken:
            raise match.fault("gbcode_2000", "a code of townships_2000.geojson that no other township has")
        if old:
            taken.add(old)
        seat_code = match.optional("seat_code")
        if seat_code is not None and seat_code not in seats:
            raise match.fault("seat_code", "a code of town_points.csv")
        townships[code] = Township(
            code, record.text("name"), old, how, seats[seat_code] if seat_code else None, match.optional("note")
        )
    return townships
