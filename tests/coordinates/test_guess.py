"""Which system a file is in: found when the rows tell, "cannot tell" when they do not, never wrong with confidence."""

from __future__ import annotations

import csv
import json
from functools import cache

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap import config
from gridmap.coordinates import convert, get_system
from gridmap.coordinates.ground import Ground
from gridmap.coordinates.guess import doubts, guess, read_reported
from gridmap.errors import UserError

WGS84 = get_system("wgs84")
SYSTEMS = ["wgs84", "gcj02", "bd09", "EPSG:4547", "EPSG:4526", "EPSG:4525", "EPSG:4546", "EPSG:4497", "EPSG:32649"]


@cache
def ground(with_places: bool = False) -> Ground:
    """Return the counties of the demo city, and its villages of known position."""
    layers = config.resource("layers")
    content = json.loads((layers / "county" / "data" / "counties.geojson").read_text(encoding="utf-8"))
    counties = {
        str(one["properties"]["adcode"]): shapely.from_geojson(json.dumps(one["geometry"]))
        for one in content["features"]
    }
    with (layers / "village" / "data" / "village_points.csv").open(encoding="utf-8-sig") as file:
        places = {row["code"]: (float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)}
    return Ground(counties, places if with_places else {})


@cache
def inside(count: int, seed: int = 0):
    """Return positions inside counties, and their counties."""
    rng, counties = np.random.default_rng(seed), ground().counties
    keys, found, codes = sorted(counties), [], []
    while len(found) < count:
        code = keys[rng.integers(len(keys))]
        west, south, east, north = counties[code].bounds
        place = rng.uniform(west, east), rng.uniform(south, north)
        if shapely.intersects_xy(counties[code], *place):
            found.append(place)
            codes.append(code)
    return np.array(found), codes


def written(place, name: str, swapped: bool):
    x, y = convert(WGS84, get_system(name), place[:, 0], place[:, 1])
    return (y, x) if swapped else (x, y)


@settings(max_examples=60)
@given(
    st.sampled_from(SYSTEMS), st.booleans(), st.integers(1, 120), st.integers(0, 20), st.floats(0, 600), st.booleans(),
    st.floats(0, 0.3),
)  # fmt: skip
def test_a_system_is_found_or_not_told_never_wrong(name, swapped, count, seed, rough_m, named, misreported) -> None:
    if named:
        codes = sorted(ground(True).places)[seed :: max(1, 225 // count)][:count]
        place, counties, places = np.array([ground(True).places[code] for code in codes]), [c[:6] for c in codes], codes
    else:
        place, counties = inside(120, seed)
        place, counties, places = place[:count], list(counties[:count]), None
    rng = np.random.default_rng(seed)
    place = place + rng.normal(0, rough_m / 100_000, place.shape)
    for row in np.flatnonzero(rng.random(len(place)) < misreported):
        counties[row] = "410181"
    found = guess(read_reported(*written(place, name, swapped), counties, places), ground(named))
    assert found.zh and found.en
    if found.verdict != "cannot_tell":
        assert (found.best.system.key, found.best.swapped) == (name, swapped)
        assert found.best == found.ranking[0].hypothesis


@pytest.mark.parametrize("name", ["wgs84", "gcj02", "bd09"])
@pytest.mark.parametrize("swapped", [False, True])
def test_places_of_known_position_tell_a_shift_for_certain(name: str, swapped: bool) -> None:
    codes = sorted(ground(True).places)[::4]
    rough = np.random.default_rng(1).normal(0, 1e-3, (len(codes), 2))
    place = np.array([ground(True).places[code] for code in codes]) + rough
    found = guess(read_reported(*written(place, name, swapped), [c[:6] for c in codes], codes), ground(True))
    assert found.verdict == "certain" and (found.best.system.key, found.best.swapped) == (name, swapped)
    assert found.ranking[0].to_known_m < 200 < found.ranking[1].to_known_m
    assert "median distance" in found.en and "中位距离" in found.zh


def test_counties_alone_never_make_a_shift_certain() -> None:
    place, codes = inside(2500)
    for name in ("wgs84", "gcj02"):
        found = guess(read_reported(*written(place, name, False), codes), ground())
        assert found.verdict == "likely" and found.best.system.key == name
        assert found.ranking[0].rows == 2000 and found.ranking[1].against[1] == 0
    few = guess(read_reported(*written(place[:30], "gcj02", True), codes[:30]), ground())
    assert few.verdict == "cannot_tell" and few.best is None and few.swapped is True
    assert "tell the two apart" in few.en and "分不开" in few.zh


@pytest.mark.parametrize("name", ["EPSG:4547", "EPSG:4526", "EPSG:4497"])
def test_a_zone_needs_a_handful_of_rows(name: str) -> None:
    place, codes = inside(5)
    found = guess(read_reported(*written(place, name, True), codes), ground())
    assert found.verdict == "certain" and found.best.key == f"{name} swapped"


def test_a_shift_that_is_none_of_ours_is_not_given_a_name() -> None:
    codes = sorted(ground(True).places)[::4]
    place = np.array([ground(True).places[code] for code in codes])
    x, y = convert(get_system("gcj02"), WGS84, place[:, 0], place[:, 1])  # converted though it was WGS 84 already
    found = guess(read_reported(x, y, [c[:6] for c in codes], codes), ground(True))
    assert found.verdict == "cannot_tell" and "converted once too often" in found.en


def test_positions_of_another_city_fit_nothing() -> None:
    rng = np.random.default_rng(0)
    found = guess(read_reported(rng.uniform(116, 117, 50), rng.uniform(39, 40, 50), ["410181"] * 50), ground())
    assert found.verdict == "cannot_tell" and "no system fits" in found.en


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), 1e308, -1e999])
def test_no_number_is_no_evidence(value: object) -> None:
    found = guess(read_reported([value], [value], ["410181"]), ground())
    assert found.verdict == "cannot_tell" and found.ranking == ()
    assert guess(read_reported([], [], []), ground()).verdict == "cannot_tell"


@pytest.mark.parametrize("value", [10**400, "x"], ids=["huge", "text"])
def test_what_is_no_number_at_all_is_refused(value: object) -> None:
    with pytest.raises(UserError, match="should be numbers"):
        read_reported([value], [value], ["410181"])


def test_without_counties_there_is_nothing_to_hold_against() -> None:
    with pytest.raises(UserError, match="no county"):
        Ground({}, {})
    with pytest.raises(UserError, match="as many"):
        read_reported([1.0], [1.0, 2.0], [None])


def test_rows_outside_as_declared_but_inside_otherwise_are_told() -> None:
    place, codes = inside(400)
    for name in ("gcj02", "bd09"):
        told = doubts(read_reported(*written(place, name, False), codes), ground(), WGS84)
        assert told and all(row.outside_m > 200 for row in told)
        assert all(name in {fit.key for fit in row.fits} for row in told)
    swapped = doubts(read_reported(*written(place, "wgs84", True), codes), ground(), WGS84)
    assert len(swapped) == 400 and all("wgs84 swapped" in {fit.key for fit in row.fits} for row in swapped)
    assert not doubts(read_reported(*written(place, "gcj02", False), codes), ground(), get_system("gcj02"))
    # what is outside in every system is no question of the system
    assert not doubts(read_reported([116.4, float("nan")], [39.9, 34.0], ["410181"] * 2), ground(), WGS84)


@given(st.lists(st.tuples(st.floats(), st.floats(), st.sampled_from(["410181", "999999", None])), max_size=12))
def test_whatever_numbers_come_a_guess_comes(rows) -> None:
    reported = read_reported([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])
    found = guess(reported, ground())
    assert found.verdict == "cannot_tell" or found.best is not None
    assert all(0 <= doubt.row < len(rows) and doubt.fits for doubt in doubts(reported, ground(), WGS84))
