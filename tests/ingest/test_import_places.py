"""Positions as offices write them: in metres, the other way round, half of them from a phone, or no numbers at all."""

import pytest

from gridmap.coordinates import convert, get_system
from gridmap.ingest.importing import apply_import
from tests.ingest.ledgers import HEADER, factory, faults, lonlat, plan, told

STORED = get_system("cgcs2000")


def in_system(key, rows):
    """Return factories with their positions in another system."""
    found = []
    for row in rows:
        [x], [y] = convert(STORED, get_system(key), row[4], row[5])
        found.append((*row[:4], float(x), float(y), *row[6:]))
    return found


FACTORIES = [factory(number, number % 9 + 0.5, number / 2) for number in range(8)]


@pytest.mark.parametrize("key", ["EPSG:4547", "EPSG:4526"])
def test_metres_without_a_system_are_seen_for_what_they_are(land, key):
    rows = in_system(key, FACTORIES)
    planned = plan(land, rows)
    assert planned.report.looks_like == key and f"--crs {key}" in planned.report.blocking[0].en
    assert told(plan(land, rows, crs=key)) == {"new": 8}
    whole = [(*row[:4], round(row[4]), str(round(row[5])), *row[6:]) for row in rows]
    assert plan(land, whole).report.looks_like == key


def test_columns_the_other_way_round_are_told_with_what_to_say(land):
    turned = [(*row[:4], row[5], row[4], *row[6:]) for row in FACTORIES]
    planned = plan(land, turned)
    assert planned.report.looks_like is None
    assert "swapped: exchange them with --map (--map 经度=lat --map 纬度=lon)" in planned.report.blocking[0].en
    assert told(plan(land, turned, mapping={"经度": "lat", "纬度": "lon"})) == {"new": 8}
    survey = [(*row[:4], row[5], row[4], *row[6:]) for row in in_system("EPSG:4526", FACTORIES)]
    assert "--crs EPSG:4526 --map 经度=lat" in plan(land, survey).report.blocking[0].en


def test_half_of_a_position_is_not_passed_over(land):
    header = [title if title != "纬度" else "北向" for title in HEADER]
    assert "none of lat" in plan(land, FACTORIES, header).report.blocking[0].en
    assert told(plan(land, FACTORIES, header, mapping={"经度": None}))["unplaced"] == 8


def test_a_file_half_from_a_phone_is_kept_out_until_its_rows_say_so(land):
    apply_import(land, plan(land, FACTORIES))
    phone = in_system("gcj02", FACTORIES[:4])
    planned = plan(land, [*phone, *FACTORIES[4:]])
    assert planned.report.looks_like is None and "mix two systems" in planned.report.blocking[0].en
    said = [*((*row, "高德") for row in phone), *((*row, None) for row in FACTORIES[4:])]
    assert told(plan(land, said, [*HEADER, "坐标系"])) == {"same": 8}
    assert told(plan(land, [*phone, *FACTORIES[4:]], crs="cgcs2000"))["moved"] == 4


def test_what_is_no_coordinate_is_told_in_the_words_of_its_column(land):
    at = lonlat(1, 1)
    rows = [
        (*factory(number)[:4], *pair, None)
        for number, pair in enumerate(
            [("NaN", at[1]), (at[0], "1e999"), ("112°58′75″", at[1]), (10**30, at[1]), (True, at[1])]
        )
    ]
    expected = [(title, words) for _, title, words, _ in faults(plan(land, rows))]
    assert [(title, words[:11]) for title, words in expected] == [
        ("经度", "a longitude"), ("纬度", "a latitude "), ("经度", "minutes and"), ("经度", "a longitude"), ("经度", "a longitude"),
    ]  # fmt: skip
