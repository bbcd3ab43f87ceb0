"""Systems by name: what EPSG numbers mean, the way between any two, whole geometries, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.coordinates import convert, convert_geometries, get_system, is_value
from gridmap.errors import UserError

CODES = [*range(4491, 4555), *range(32643, 32654)]
WGS84 = get_system("wgs84")


@pytest.mark.parametrize("code", CODES)
def test_epsg_numbers_mean_what_the_register_says(code: int) -> None:
    system = get_system(f"EPSG:{code}")
    known = {one.name: one.value for one in pyproj.CRS(code).coordinate_operation.params}
    assert system.central_meridian == known["Longitude of natural origin"]
    assert system.false_easting_m == known["False easting"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("WGS 84", "wgs84"), ("epsg:4326", "wgs84"), ("４４９０", "cgcs2000"), ("国家2000", "cgcs2000"), ("GCJ-02", "gcj02"),
        ("高德", "gcj02"), ("火星坐标", "gcj02"), ("bd09ll", "bd09"), ("百度", "bd09"), ("4547", "EPSG:4547"),
        ("urn:ogc:def:crs:EPSG::4526", "EPSG:4526"), ("urn:ogc:def:crs:OGC:1.3:CRS84", "wgs84"),
    ],
)  # fmt: skip
def test_a_system_is_known_by_what_people_call_it(name: str, key: str) -> None:
    assert get_system(name).key == key


@pytest.mark.parametrize("name", ["", "epsg:3857", "EPSG:4555", "西安80", "x" * 10_000, "EPSG:99999999999", "²"])
def test_another_system_is_refused_in_a_short_sentence(name: str) -> None:
    with pytest.raises(UserError, match="coordinate system") as caught:
        get_system(name)
    assert len(str(caught.value)) < 400


def test_degrees_become_the_metres_that_pyproj_gives() -> None:
    lon, lat = np.array([113.6253, 112.98]), np.array([34.7466, 34.75])
    for code in (4547, 4526, 4546, 4497, 32649):
        theirs = pyproj.Transformer.from_crs(4490, code, always_xy=True).transform(lon, lat)
        assert np.allclose(convert(WGS84, get_system(f"EPSG:{code}"), lon, lat), theirs, atol=1e-4, rtol=0)


@given(
    st.tuples(st.floats(111.5, 115.5), st.floats(33.5, 36.2)),
    st.sampled_from(["cgcs2000", "gcj02", "bd09", "EPSG:4547", "EPSG:4526", "EPSG:4525", "EPSG:4497", "EPSG:32649"]),
    st.sampled_from(["wgs84", "gcj02", "bd09", "EPSG:4546"]),
)
def test_any_way_there_and_back_is_exact(place, one: str, other: str) -> None:
    first, second = get_system(one), get_system(other)
    start = convert(WGS84, first, *place)
    again = convert(second, first, *convert(first, second, *start))
    assert np.allclose(again, start, atol=1e-6 if first.metres else 1e-11, rtol=0)


@given(st.floats(), st.floats(), st.sampled_from(["wgs84", "gcj02", "bd09", "EPSG:4547", "EPSG:4526", "EPSG:32649"]))
def test_whatever_is_given_comes_back_finite_or_is_refused(x: float, y: float, name: str) -> None:
    system = get_system(name)
    if not is_value(system, x, y):
        with pytest.raises(UserError, match="is no position of"):
            convert(system, WGS84, x, y)
        return
    lon, lat = convert(system, WGS84, x, y)
    assert math.isfinite(lon[0]) and math.isfinite(lat[0])


def test_a_missing_zone_is_told_before_anything_is_computed() -> None:
    with pytest.raises(UserError, match="easting from 38000000 to 39000000"):
        convert(get_system("EPSG:4526"), WGS84, 465737.25, 3846000.0)
    with pytest.raises(UserError, match="becomes no position of"):
        convert(WGS84, get_system("EPSG:4547"), -66.0, 34.0)
    with pytest.raises(UserError, match="as many of both"):
        convert(WGS84, get_system("gcj02"), [113.0, 114.0], [34.0])


def test_geometries_are_converted_whole_and_keep_their_heights() -> None:
    one = shapely.from_wkt("POLYGON Z ((113 34 5, 113.1 34 6, 113.1 34.1 7, 113 34 5))")
    there = convert_geometries(WGS84, get_system("gcj02"), one)
    back = convert_geometries(get_system("gcj02"), WGS84, there)
    assert shapely.get_coordinates(there, include_z=True)[:, 2].tolist() == [5, 6, 7, 5]
    assert shapely.equals_exact(one, back, 1e-11) and not shapely.equals_exact(one, there, 1e-3)
    mixed = convert_geometries(WGS84, get_system("EPSG:4547"), shapely.from_wkt(["POINT EMPTY", "POINT (114 34)"]))
    assert mixed[0].is_empty and not mixed[1].has_z and mixed[1].x == pytest.approx(500_000)
