"""GCJ-02: the values that map apps give, the size of the shift here, and no shift abroad."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from gridmap.coordinates import to_gcj02
from gridmap.errors import UserError

GEOD = Geod(ellps="WGS84")
# WGS 84 lat, lon -> GCJ-02 lat, lon, as published with several independent implementations
KNOWN = [
    (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
    (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
    (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
]


@pytest.mark.parametrize(("lat", "lon", "gcj_lat", "gcj_lon"), KNOWN)
def test_known_places_are_shifted_as_map_apps_do(lat: float, lon: float, gcj_lat: float, gcj_lon: float) -> None:
    assert to_gcj02(lon, lat) == pytest.approx((gcj_lon, gcj_lat), abs=1e-9)


def test_the_shift_in_the_city_is_about_600_metres() -> None:
    for lon, lat in [(112.98, 34.75), (113.63, 34.75), (114.0, 34.4)]:
        metres = GEOD.inv(lon, lat, *to_gcj02(lon, lat))[2]
        assert 450 < metres < 750


@pytest.mark.parametrize(("lon", "lat"), [(139.7, 35.7), (-0.1, 51.5), (72.0, 37.28), (113.0, -1.0)])
def test_nothing_is_shifted_abroad(lon: float, lat: float) -> None:
    assert to_gcj02(lon, lat) == (lon, lat)


@pytest.mark.parametrize(("lon", "lat"), [(math.nan, 34.0), (113.0, math.inf), (181.0, 34.0), (34.7, 113.6)])
def test_no_position_is_refused_in_one_sentence(lon: float, lat: float) -> None:
    with pytest.raises(UserError, match="no pair of degrees"):
        to_gcj02(lon, lat)


@given(st.floats(111.5, 115.5), st.floats(33.5, 36.2))
def test_neighbours_stay_neighbours(lon: float, lat: float) -> None:
    here, there = to_gcj02(lon, lat), to_gcj02(lon + 1e-5, lat + 1e-5)
    assert there == pytest.approx((here[0] + 1e-5, here[1] + 1e-5), abs=1e-7)
