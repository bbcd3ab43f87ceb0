"""GCJ-02 and BD-09: the values that map apps give, the way back to the micrometre, and no shift abroad."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyproj import Geod

from gridmap.coordinates import from_bd09, from_gcj02, to_bd09, to_gcj02
from gridmap.coordinates.shift import from_bd09_arrays, from_gcj02_arrays, to_bd09_arrays
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


IN_CHINA = st.tuples(st.floats(72.004, 137.8347), st.floats(0.8293, 55.8271))
ANYWHERE = st.tuples(st.floats(), st.floats())
WAYS = [(to_gcj02, from_gcj02), (to_bd09, from_bd09)]


@pytest.mark.parametrize(("there", "back"), WAYS)
@given(place=IN_CHINA)
@example(place=(72.00709, 37.28536))
@example(place=(72.004, 37.28536))
@example(place=(137.8347, 55.8271))
@example(place=(105.0, 35.0))
@example(place=(105.0 + 1e-13, 35.0))
def test_every_position_in_the_box_comes_back(there, back, place) -> None:
    lon, lat = back(*there(*place))
    assert GEOD.inv(*place, lon, lat)[2] < 1e-6  # a thousandth of the millimetre asked for


@pytest.mark.parametrize(("there", "back"), WAYS)
@given(place=st.tuples(st.floats(111.5, 115.5), st.floats(33.5, 36.2)))
def test_every_shifted_position_of_the_city_is_met_again(there, back, place) -> None:
    lon, lat = there(*back(*place))
    assert GEOD.inv(*place, lon, lat)[2] < 1e-6


@pytest.mark.parametrize(("there", "back"), WAYS)
@given(place=ANYWHERE)
@example(place=(72.00709, 37.28536))
@example(place=(180.0, 90.0))
@example(place=(-180.0, -90.0))
def test_whatever_is_given_an_answer_or_a_sentence_comes(there, back, place) -> None:
    on_the_globe = abs(place[0]) <= 180 and abs(place[1]) <= 90
    for convert in (there, back):
        if not on_the_globe:
            with pytest.raises(UserError, match="no pair of degrees"):
                convert(*place)
            continue
        found = convert(*place)
        assert all(map(math.isfinite, found)) and abs(found[0] - place[0]) < 0.05


@pytest.mark.parametrize("back", [from_gcj02, from_bd09])
@pytest.mark.parametrize(("lon", "lat"), [(139.7, 35.7), (-0.1, 51.5), (71.98, 37.28), (0.0, 90.0), (113.0, -1.0)])
def test_abroad_is_given_back_as_it_is(back, lon: float, lat: float) -> None:
    assert back(lon, lat) == (lon, lat)


def test_in_the_strip_inside_the_edge_that_nothing_is_shifted_to_a_position_stays() -> None:
    # the west edge is shifted 400 m eastwards: nothing in the box becomes what lies just inside of it
    assert from_gcj02(72.00709, 37.28536) == (72.00709, 37.28536)
    assert to_gcj02(72.00709, 37.28536) == pytest.approx((72.01121904, 37.28515369), abs=1e-8)


# WGS 84 lon, lat -> BD-09 lon, lat, computed with coordTransform 0.2.1; eviltransform differs by one centimetre
BAIDU = [
    (113.6253, 34.7466, 113.63774750877538, 34.751722201981636),
    (113.02, 34.46, 113.03273607110619, 34.46505770704022),
    (116.4, 39.9, 116.41262802928223, 39.90773378164862),
    (114.05, 22.54, 114.06165046516773, 22.54293291521487),
]


@pytest.mark.parametrize(("lon", "lat", "bd_lon", "bd_lat"), BAIDU)
def test_baidu_is_as_others_compute_it(lon: float, lat: float, bd_lon: float, bd_lat: float) -> None:
    assert to_bd09(lon, lat) == pytest.approx((bd_lon, bd_lat), abs=1e-9)


def test_arrays_name_the_first_that_is_no_position() -> None:
    with pytest.raises(UserError, match=r"position nan, 34.0 \(number 2\)"):
        from_gcj02_arrays([113.0, math.nan], [34.0, 34.0])
    with pytest.raises(UserError, match="2 longitudes and 1 latitudes"):
        to_bd09_arrays([113.0, 114.0], [34.0])
    assert from_bd09_arrays([], [])[0].size == 0
