"""Coordinates as people type them: read as they are meant, or refused with what was expected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.domain.typed_coordinates import Angle, Pair, read_degrees, read_metres, read_pair
from gridmap.errors import UserError

DMS = 113 + 37 / 60 + 31.2 / 3600
LAT = 34 + 44 / 60 + 47.8 / 3600


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("113.6253", 113.6253), (" 113.6253° ", 113.6253), ("１１３．６２５３", 113.6253), ("113,6253", 113.6253),
        ("113，6253", 113.6253), ("东经113.6253", 113.6253), ("经度：113.6253", 113.6253), ("E113.6253", 113.6253),
        ("113.6253 Ｅ", 113.6253), ("113.6253度", 113.6253), ("1.136253e2", 113.6253), ("+113.6253", 113.6253),
        ("113°37′31.2″E", DMS), ("113度37分31.2秒", DMS), ("东经113度37分31.2秒", DMS), ("113º37’31.2”", DMS),
        ("113°37'31.2''", DMS), ("113 37 31.2", DMS), ("113:37:31.2", DMS), ("113-37-31.2", DMS), ("113˚37.52′", DMS),
        ("１１３°３７′３１．２″", DMS), ("E 113 37 31.2", DMS), ("-113.5", -113.5), ("西经113.5", -113.5), ("−113.5", -113.5),
        (113.6253, 113.6253), (113, 113.0), ("\ufeff113.5\u200b", 113.5), ("113\u00a0°\u00a030\u00a0′", 113.5),
    ],
)  # fmt: skip
def test_a_longitude_is_read_however_it_is_written(text: object, degrees: float) -> None:
    assert read_degrees(text, "lon").degrees == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "found nothing"), ("", "found nothing"), ("　 ", "found nothing"), ("nan", "found 'nan'"),
        (float("nan"), "found nan"), ("1e999", "found '1e999'"), (1e999, "found inf"), (True, "found True"),
        (10**400, "more than 60 digits"), ("无", "found '无'"), ("113.5°37′", "found"), ("113°61′", "below 60"),
        ("113°37′60″", "below 60"), ("113°37.5′31″", "found"), ("--1", "found"), ("-W113", "found"), ("181", "found '181'"),
        ("34.7N", "found '34.7N', a latitude"), ("1" * 10_000, "10000 characters"), ("٣٤", "found"), (b"113", "found b'113'"),
        ("113.5;34.5", "found"), ("1_000", "found"), ("0x71", "found"), ("inf", "found 'inf'"),
    ],
)  # fmt: skip
def test_what_is_no_longitude_is_refused_with_what_was_expected(value: object, told: str) -> None:
    with pytest.raises(UserError) as caught:
        read_degrees(value, "lon", field="经度")
    sentence = str(caught.value)
    assert sentence.startswith("field 经度: ") and told in sentence and "expected" in sentence and len(sentence) < 250
    assert caught.value.zh.startswith("“经度”应为") and "现为" in caught.value.zh


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("34.7466,113.6253", "by size"), ("113.6253，34.7466", "by size"), ("113.6253、34.7466", "by size"),
        ("113.6253 34.7466", "by size"), ("(113.6253, 34.7466)", "by size"), ("113.6253/34.7466", "by size"),
        ("113,6253;34,7466", "by size"), ("34,7466,113,6253", "by size"), ("113,6253, 34,7466", "by size"),
        ("北纬34.7466东经113.6253", "marked"), ("N34.7466,E113.6253", "marked"), ("34.7466N 113.6253E", "marked"),
        ("113.6253E34.7466N", "marked"), ("lat:34.7466,lon:113.6253", "marked"), ("经度113.6253纬度34.7466", "marked"),
        ("longitude 113.6253, latitude 34.7466", "marked"), ("东经１１３．６２５３，北纬３４．７４６６", "marked"),
    ],
)  # fmt: skip
def test_two_in_one_cell_are_told_apart(text: str, how: str) -> None:
    assert read_pair(text) == Pair(113.6253, 34.7466, how)


@pytest.mark.parametrize(
    "text",
    [
        "34°44′47.8″N 113°37′31.2″E", "N34°44′47.8″ E113°37′31.2″", "东经113度37分31.2秒，北纬34度44分47.8秒",
        "E 113 37 31.2 N 34 44 47.8", "113°37′31.2″,34°44′47.8″", "113°37′31.2″ 34°44′47.8″",
    ],
)  # fmt: skip
def test_two_in_minutes_and_seconds(text: str) -> None:
    found = read_pair(text)
    assert (found.lon, found.lat) == pytest.approx((DMS, LAT), abs=1e-12)


def test_an_order_that_cannot_be_told_is_that_of_the_title() -> None:
    assert read_pair("34.7,35.1") == Pair(34.7, 35.1, "as given")
    assert read_pair("E113 35") == Pair(113.0, 35.0, "marked")
    assert read_pair("34.7,35.1", lat_first=True) == Pair(35.1, 34.7, "as given")


@pytest.mark.parametrize(
    "text",
    ["113.6253", "nan,nan", "1,2,3,4,5", "E113 E114", "POINT(113 34)", "113,113", "", "1e999,34", ",", 113.5, "," * 10_000],
)  # fmt: skip
def test_what_is_no_pair_is_refused(text: object) -> None:
    with pytest.raises(UserError, match="expected"):
        read_pair(text)


def test_metres_are_read_and_thousands_refused() -> None:
    assert read_metres("465737,25") == 465737.25
    assert read_metres("３８４６５７３７．２５米") == 38465737.25
    assert read_metres(-3) == -3
    for bad in ("465,737.25", "nan", float("nan"), 1e999, "1e300", None, "", 10**400, "x" * 10_000):
        with pytest.raises(UserError, match="expected metres"):
            read_metres(bad)


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_what_is_written_is_what_is_read(lon: float, lat: float) -> None:
    assert read_degrees(repr(lon), "lon") == Angle(lon, "lon")
    assert read_degrees(f"{lat:.7f}", "lat").degrees == pytest.approx(lat, abs=1e-7)
    assert read_pair(f"lat {lat:.9f}, lon {lon:.9f}").lon == pytest.approx(lon, abs=1e-9)


SIGNS = st.text("0123456789.,:°′″'\"NSEWnsew-+ 度分秒东西南北经纬lonlat;/()", max_size=100)


@given(st.one_of(SIGNS, st.text(max_size=200), st.floats(), st.integers(), st.none(), st.booleans(), st.binary()))
def test_whatever_is_typed_a_number_or_a_sentence_comes(value: object) -> None:
    for read, most in ((lambda v: read_degrees(v).degrees, 180), (lambda v: read_pair(v).lat, 90), (read_metres, 1e8)):
        try:
            found = read(value)
        except UserError:
            continue
        assert abs(found) <= most
