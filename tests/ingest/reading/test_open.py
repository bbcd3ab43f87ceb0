"""A file is what its content is; what cannot be read is refused with a sentence that says how to bring it."""

from __future__ import annotations

import io
import pickle
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from gridmap.domain.incoming import ReadingLimits, Sentence
from gridmap.errors import UserError
from gridmap.ingest.reading import ReadingError, open_incoming
from gridmap.ingest.reading.faults import joined
from tests.ingest.reading.made import POINT, collection, feature, inline, point, put, rows_of, said, shp, xlsx, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("name", "content", "zh"),
    [
        ("a.csv", b"", "文件是空的"),
        ("a.csv", b"\0" * 100, "没有内容"),
        ("a.csv", b" \n ", "没有内容"),
        ("a.xls", OLE, "另存为"),
        ("a.et", OLE, "WPS 工作簿（.xls/.et）"),
        ("a.xls", b"\x09\x08\x10\x00\x00\x06", "另存为"),
        ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("a.xls", b"<html><table><tr><td>1", "网页（HTML）"),
        ("a.xls", "\ufeff<!DOCTYPE html>\n<html>".encode("utf-16-le"), "网页（HTML）"),
        ("a.xls", b"<?xml version='1.0'?><Workbook xmlns='x'>", "XML 电子表格"),
        ("a.xml", b"<?xml version='1.0'?><gml:FeatureCollection>", "不是 KML"),
        ("a.gpx", b"<gpx>", "不是 KML"),
        ("a.pdf", b"%PDF-1.7", "PDF"),
        ("a.rar", b"Rar!\x1a\x07", "RAR"),
        ("a.shp", shp(1, []), "单独的 .shp"),
        ("a.zip", zipped({}), "压缩包是空的"),
        ("a.zip", zipped({"a.csv": "a,b"}), "请解压后"),
        ("a.docx", zipped({"[Content_Types].xml": "", "word/document.xml": ""}), "另存为 .xlsx"),
        ("a.ods", zipped({"mimetype": "x", "content.xml": ""}), "Excel 工作簿（.xlsx）"),
        ("a.dif", b"TABLE\r\n0,1\r\n", "DIF"),
        ("a.slk", b"ID;PWXL;N;E\r\n", "SYLK"),
        ("a.json", b"[1,2]", "GeoJSON"),
        ("a.db", b"SQLite format 3\0", "已损坏"),
    ],
)
def test_what_is_not_read_is_refused_kindly(tmp_path: Path, name: str, content: bytes, zh: str) -> None:
    with pytest.raises(ReadingError) as caught:
        open_incoming(put(tmp_path, name, content))
    assert zh in caught.value.zh
    assert str(caught.value) == caught.value.en
    assert isinstance(caught.value, UserError)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.xlsx", "名称,数量\n甲,1\n", "csv"),
        ("a.csv", collection(feature(POINT)), "geojson"),
        ("a.txt", "<甲>,乙\n1,2\n", "csv"),
        ("a.zip", xlsx(inline(["甲", "乙"], ["1", "2"])), "xlsx"),
        ("a.xls", xlsx(inline(["甲", "乙"], ["1", "2"])), "xlsx"),
        ("a.kml", zipped({"a.shp": shp(1, [point(1, 2)])}), "shapefile"),
    ],
)
def test_the_content_counts_and_the_name_is_told(tmp_path: Path, name: str, content: bytes | str, kind: str) -> None:
    opened = open_incoming(
        put(tmp_path, "upload", content if isinstance(content, bytes) else content.encode()), name=name
    )
    assert opened.format == kind
    assert ("文件名以" in said(opened.told)) == (name != "a.txt")
    assert len(list(opened.rows(opened.sheets[0]))) == 1
    opened.close()


def test_limits_of_size_and_format(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "名称,数量\n甲,1\n")
    with pytest.raises(ReadingError, match="expected at most 5"):
        open_incoming(path, limits=ReadingLimits(bytes_on_disk=5))
    with pytest.raises(ReadingError, match="is not read here"):
        open_incoming(path, limits=ReadingLimits(formats=("xlsx",)))
    with pytest.raises(ReadingError, match="there is no file"):
        open_incoming(tmp_path)
    opened, other = open_incoming(path), open_incoming(put(tmp_path, "b.csv", "甲,乙\n1,2\n"))
    with pytest.raises(ReadingError, match="no sheet"):
        list(opened.rows(other.sheets[0]))


def tricky(folder: Path, info: zipfile.ZipInfo, content: bytes = b"x") -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.shp", shp(1, [point(1, 2)]))
        archive.writestr(info, content)
    return put(folder, "a.zip", buffer.getvalue())


@pytest.mark.parametrize("name", ["../a.shp", "/etc/passwd", "b/../../a", "C:/a", "..\\a", "\\\\host\\a"])
def test_paths_out_of_a_zip_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReadingError, match="out of itself"):
        open_incoming(tricky(tmp_path, zipfile.ZipInfo(name)))


def test_links_and_passwords_in_a_zip_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("b.dbf")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(ReadingError, match="is a link"):
        open_incoming(tricky(tmp_path, link, b"/etc/passwd"))
    content = bytearray(tricky(tmp_path, zipfile.ZipInfo("b.dbf")).read_bytes())
    at = content.rfind(b"PK\x01\x02")
    content[at + 8] |= 1
    with pytest.raises(ReadingError, match="has a password"):
        open_incoming(put(tmp_path, "a.zip", bytes(content)))


def test_too_many_members_are_refused_before_they_are_listed(tmp_path: Path) -> None:
    many = put(tmp_path, "a.zip", zipped({f"{n}.shp": "" for n in range(60)}, zipfile.ZIP_STORED))
    with pytest.raises(ReadingError, match="holds 60 files"):
        open_incoming(many, limits=ReadingLimits(members=50))
    # a list of members so large that nobody should read it
    content = bytearray(zipped({"a.shp": ""}))
    at = content.rfind(b"PK\x05\x06")
    huge = bytes(content[:at]) + b"\0" * 3_000_000 + bytes(content[at:])
    struct.pack_into("<II", (patched := bytearray(huge)), len(huge) - 22 + 12, 3_000_046, at - 46)
    with pytest.raises(ReadingError, match="too many files"):
        open_incoming(put(tmp_path, "b.zip", bytes(patched)))


def test_names_in_gbk_are_read(tmp_path: Path) -> None:
    # Windows writes the names of a zip in its own encoding and does not say so
    content = zipped({"xxxx.shp": shp(1, [point(1, 2)])}).replace(b"xxxx.shp", "网格".encode("gbk") + b".shp")
    opened = open_incoming(put(tmp_path, "a.zip", content))
    assert opened.sheets[0].name == "网格"


def test_a_zip_that_says_it_is_small_is_counted(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.shp": shp(1, []) + b"\0" * 30_000_000}))
    # both headers claim ten bytes
    struct.pack_into("<I", content, content.find(b"PK\x01\x02") + 24, 10)
    struct.pack_into("<I", content, 22, 10)
    with pytest.raises(ReadingError):
        rows_of(put(tmp_path, "a.zip", bytes(content)))
    bomb = put(tmp_path, "b.zip", zipped({"a.shp": shp(1, []) + b"\0" * 30_000_000}))
    with pytest.raises(ReadingError, match="1000 bytes; reading was stopped"):
        rows_of(bomb, limits=ReadingLimits(bytes_unpacked=1_000))


def test_sentences_know_both_languages_everywhere() -> None:
    sentence = Sentence("甲", "one")
    again = pickle.loads(pickle.dumps(sentence))
    assert (again, again.zh, again.en) == ("one", "甲", "one")
    told = joined([sentence, Sentence("乙", "two"), Sentence("丙", "three"), Sentence("丁", "four")])
    assert told == "one; two; three; and 1 more"
    assert told.zh == "甲；乙；丙；另有1处"
    assert joined([]) is None


def test_a_tag_or_a_string_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = "".join(f"{n:x}" for n in range(600_000))
    with pytest.raises(ReadingError, match="a tag has more than"):
        open_incoming(put(tmp_path, "a.kml", f'<kml xmlns="{noise}"/>'))
    monkeypatch.setattr("gridmap.ingest.reading.shared_strings.MOST", 2)
    with pytest.raises(ReadingError, match="more than 2 different texts"):
        open_incoming(put(tmp_path, "a.xlsx", xlsx(inline(["甲", "乙"]), shared="<si/><si/><si/>")))
    with pytest.raises(ReadingError, match="more than 102 rows"):
        rows_of(
            put(tmp_path, "b.xlsx", xlsx(inline(["甲", "乙"], *[[]] * 200, ["1", "2"]))), limits=ReadingLimits(rows=2)
        )
    with pytest.raises(ReadingError, match="more than 2 rows"):
        rows_of(put(tmp_path, "a.csv", "甲,乙\n\n\n\n1,2\n"), limits=ReadingLimits(rows=2))
