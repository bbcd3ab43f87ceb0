"""GeoJSON: what RFC 7946 says, what older programs write, and numbers that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from gridmap.domain.incoming import ReadingLimits
from gridmap.ingest.reading import ReadingError, open_incoming, wkb
from tests.ingest.reading.made import (
    POINT,
    collection,
    feature,
    header_of,
    put,
    rows_of,
    said,
    shape_of,
    wkt_of,
)


def test_a_collection_has_the_properties_of_all_its_features(tmp_path: Path) -> None:
    text = collection(
        '{"type":"Feature","id":7,"properties":{"名称":"甲","n":1},"geometry":' + POINT + "}",
        feature("null", '{"n":2.5,"more":{"a":[1]},"yes":true}'),
        more='"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4490"}},',
    )
    opened = open_incoming(put(tmp_path, "点.geojson", text))
    (sheet,) = opened.sheets
    assert (sheet.name, sheet.header, sheet.crs) == ("点", ("id", "名称", "n", "more", "yes"), "EPSG:4490")
    first, second = opened.rows(sheet)
    assert (first.number, first.values, wkt_of(first)) == (1, (7, "甲", 1, None, None), "POINT (112.98 34.75)")
    assert (second.values, second.geometry) == ((None, None, 2.5, '{"a": [1]}', True), None)
    assert "EPSG:4490" in said(opened.told)


@pytest.mark.parametrize(
    ("crs", "expected"),
    [
        ("null", "EPSG:4326"),
        ('{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}', "EPSG:4326"),
        ('{"type":"name","properties":{"name":"EPSG:4547"}}', "EPSG:4547"),
        ('{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG:6.9:2438"}}', "EPSG:2438"),
        ('{"type":"name","properties":{"name":"郑州坐标系"}}', None),
        ("7", None),
    ],
)
def test_the_old_crs_member(tmp_path: Path, crs: str, expected: str | None) -> None:
    text = collection(feature(POINT), more=f'"crs":{crs},')
    assert open_incoming(put(tmp_path, "a.geojson", text)).sheets[0].crs == expected


@pytest.mark.parametrize("text", [feature(POINT, '{"a":1}'), POINT])
def test_single_features_and_bare_geometries(tmp_path: Path, text: str) -> None:
    (row,) = rows_of(put(tmp_path, "a.json", text))
    assert wkt_of(row) == "POINT (112.98 34.75)"


@pytest.mark.parametrize(
    ("geometry", "properties", "fault"),
    [
        (POINT, '{"a":{"b":[1,NaN]}}', "properties.a.b[1] is NaN"),
        (POINT, '{"a":1e999}', "properties.a is 1e999"),
        ('{"type":"Point","coordinates":[112,-Infinity]}', "{}", "geometry.coordinates[1] is -Infinity"),
        (POINT, '{"a":1,"a":2}', "the member 'a' stands twice"),
        ('{"type":"Point","coordinates":["112",34]}', "{}", "not made of numbers"),
        ('{"type":"Point","coordinates":[true,34]}', "{}", "not made of numbers"),
        ('{"type":"Point","coordinates":[112]}', "{}", "no longitude and latitude"),
        ('{"type":"LineString","coordinates":[[1,2]]}', "{}", "a line has one vertex"),
        ('{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}', "{}", "a ring is not closed"),
        ('{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}', "{}", "a ring has 3 vertices"),
        ('{"type":"Polygon","coordinates":[[0,0],[1,0],[0,0]]}', "{}", "no longitude and latitude"),
        ('{"type":"CircularString","coordinates":[[0,0],[1,1],[2,0]]}', "{}", "unknown"),
        ('{"type":"Point"}', "{}", "no coordinates"),
        ("[]", "{}", "no object with a type"),
        (POINT, '{"a":"\\u0000"}', "NUL"),
        (POINT, '{"a":"\\ud800"}', "half a character"),
        (f'{{"type":"Point","coordinates":[1{"0" * 400},2]}}', "{}", "not finite"),
    ],
)
def test_a_bad_feature_is_told_and_its_neighbours_are_read(
    tmp_path: Path, geometry: str, properties: str, fault: str
) -> None:
    text = collection(feature(POINT), feature(geometry, properties), feature(POINT))
    first, bad, last = rows_of(put(tmp_path, "a.geojson", text))
    assert first.fault is last.fault is None
    assert bad.fault
    assert fault in bad.fault
    assert bad.fault.zh


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (collection(feature(POINT))[:-5], "cut off"),
        ('{"type":"FeatureCollection","features":[', "cut off"),
        ("{", "cut off"),
        ('{"type":"FeatureCollection","features":[}', "at character 41: no JSON, found '}'"),
        (collection(feature(POINT)) + "[]", "something behind"),
        ('{"type":"FeatureCollection","features":[],"features":[]}', "twice"),
        ('{"type":"Topology"}', "no GeoJSON"),
        ('{"features":[{"attributes":{}}]}', "Esri JSON"),
        ('{"type":"Feature","properties":{"a":NaN}}', "properties.a is NaN"),
        ("[" * 100_000, "GeoJSON"),
        ('{"a":' * 100_000, "nested too deep"),
        ('{"a":1' + "0" * 5000 + "}", "too many digits"),
    ],
)
def test_a_broken_document_is_refused_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ReadingError, match=sentence) as caught:
        open_incoming(put(tmp_path, "a.geojson", text))
    assert caught.value.zh


def test_a_feature_longer_than_a_piece_of_the_file_is_read(tmp_path: Path) -> None:
    ring = [[i / 1000, (i % 7) / 10] for i in range(25_000)]
    geometry = f'{{"type":"LineString","coordinates":{ring}}}'
    text = collection(feature(geometry, '{"n":1}'), feature(POINT, '{"n":2}'))
    assert len(text) > 300_000
    first, second = rows_of(put(tmp_path, "a.geojson", text))
    assert shapely.get_num_coordinates(shape_of(first)) == 25_000
    assert second.values == (2,)
    (bad, _) = rows_of(put(tmp_path, "a.geojson", text), limits=ReadingLimits(vertices_per_geometry=100))
    assert bad.fault == "the geometry has more than 100 vertices"


def test_heights_are_kept_empties_given_on_and_mixtures_told(tmp_path: Path) -> None:
    geometries = [
        '{"type":"Point","coordinates":[1,2,3]}',
        '{"type":"MultiPolygon","coordinates":[]}',
        '{"type":"Point","coordinates":[]}',
        '{"type":"GeometryCollection","geometries":[' + POINT + "]}",
        '{"type":"LineString","coordinates":[[0,0,1],[1,1]]}',
    ]
    opened = open_incoming(put(tmp_path, "a.geojson", collection(*map(feature, geometries))))
    assert [wkt_of(row) for row in opened.rows(opened.sheets[0])] == [
        "POINT Z (1 2 3)",
        "MULTIPOLYGON EMPTY",
        "POINT EMPTY",
        "GEOMETRYCOLLECTION (POINT (112.98 34.75))",
        "LINESTRING (0 0, 1 1)",
    ]
    assert "几何类型混杂" in said(opened.told)


coordinate = st.floats(-180, 180, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=8, unique=True))
def test_written_geometries_are_those_that_shapely_writes(positions: list[tuple[float, float]]) -> None:
    for geometry in (shapely.MultiPoint(positions), Point(positions[0]), Polygon([*positions, (181, 0), (181, 1)])):
        given_on, _ = wkb.from_geojson(_plain(geometry), 1000)
        assert given_on == shapely.to_wkb(geometry, byte_order=1)


def _plain(geometry: Any) -> Any:
    return json.loads(shapely.to_geojson(geometry))


def test_names_of_columns_may_be_strange(tmp_path: Path) -> None:
    text = collection(feature(POINT, '{"":1," a ":2,"a":3}'))
    assert header_of(put(tmp_path, "a.geojson", text)) == ("?", "a", "a (2)")


def test_a_feature_a_line_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match="one feature a line"):
        open_incoming(put(tmp_path, "a.geojson", f"{feature()}\n{feature()}\n"))
