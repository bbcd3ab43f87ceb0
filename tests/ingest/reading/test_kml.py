"""KML and KMZ: placemarks of all kinds, folders, and no entities."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridmap.ingest.reading import ReadingError, open_incoming
from tests.ingest.reading.made import (
    put,
    rows_of,
    wkt_of,
    zipped,
)

KML = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>全市</name>{}</Document></kml>'
PLACEMARKS = """
<Style id="s"><IconStyle><Icon><href>http://example.org/x.png</href></Icon></IconStyle></Style>
<Folder><name>销售点</name><Folder><name>甲镇</name>
<Placemark><name>一</name><description><![CDATA[<b>说明</b>]]></description>
<ExtendedData><Data name="吨"><displayName>用量</displayName><value>3</value></Data>
<SchemaData><SimpleData name="编码">0410</SimpleData></SchemaData></ExtendedData>
<Point><coordinates> 112.98,34.75,10 </coordinates></Point></Placemark></Folder></Folder>
<Placemark><Polygon><innerBoundaryIs><LinearRing><coordinates>1,1 2,1 2,2 1,1</coordinates></LinearRing></innerBoundaryIs>
<outerBoundaryIs><LinearRing><coordinates>0,0 9,0 9,9 0,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
<Placemark><MultiGeometry><Point><coordinates>1,2</coordinates></Point><Point><coordinates>3,4</coordinates></Point></MultiGeometry></Placemark>
<Placemark><LineString><coordinates>0,0 1,一</coordinates></LineString></Placemark>
<Placemark><Model/></Placemark>
<Placemark><Point><coordinates>NaN,1</coordinates></Point></Placemark>
"""


@pytest.mark.parametrize("is_zip", [False, True])
def test_placemarks_with_their_data_and_folders(tmp_path: Path, is_zip: bool) -> None:
    text = KML.format(PLACEMARKS)
    path = put(
        tmp_path, "a.kmz" if is_zip else "a.kml", zipped({"doc.kml": text, "files/x.png": b"x"}) if is_zip else text
    )
    opened = open_incoming(path)
    (sheet,) = opened.sheets
    assert sheet.header == ("name", "description", "folder", "吨", "编码")
    assert sheet.crs == "EPSG:4326"
    rows = list(opened.rows(sheet))
    assert rows[0].values == ("一", "<b>说明</b>", "全市/销售点/甲镇", "3", "0410")
    assert [wkt_of(row) for row in rows[:3]] == [
        "POINT Z (112.98 34.75 10)",
        "POLYGON ((0 0, 9 0, 9 9, 0 0), (1 1, 2 1, 2 2, 1 1))",
        "MULTIPOINT ((1 2), (3 4))",
    ]
    assert [bool(row.fault) for row in rows] == [False, False, False, True, True, True]
    assert rows[3].fault == "the position '1,一' is not made of numbers"
    opened.close()


def test_kml_in_gbk_without_entities_and_whole(tmp_path: Path) -> None:
    text = KML.format("<Placemark><name>甲</name></Placemark>")
    assert rows_of(put(tmp_path, "a.kml", text.replace("UTF-8", "GBK"), "gbk"))[0].values[0] == "甲"
    evil = '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(ReadingError, match="entities"):
        open_incoming(put(tmp_path, "a.kml", text.replace("<kml", evil + "<kml").replace("甲", "&x;")))
    with pytest.raises(ReadingError, match="cut off"):
        open_incoming(put(tmp_path, "a.kml", text[:-20]))
    with pytest.raises(ReadingError, match="deeper than 200"):
        open_incoming(put(tmp_path, "a.kml", KML.format("<Folder>" * 300)))
