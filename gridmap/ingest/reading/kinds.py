"""What a file is, told from its content; its name is only asked where the content leaves it open."""

from __future__ import annotations

import re
from pathlib import Path

from gridmap.domain.incoming import ReadingLimits, Told
from gridmap.ingest.reading.archive import Archive
from gridmap.ingest.reading.faults import refusal

HEAD = 64 * 1024
EXTENSIONS = {
    "csv": (".csv", ".txt", ".tsv"),
    "xlsx": (".xlsx", ".xlsm"),
    "xls": (".xls", ".et"),
    "ods": (".ods",),
    "geojson": (".geojson", ".json"),
    "shapefile": (".zip",),
    "geopackage": (".gpkg",),
    "kml": (".kml",),
    "kmz": (".kmz",),
}
LABELS = {
    "csv": ("文本表格（CSV/TXT）", "a text table (CSV/TXT)"),
    "xlsx": ("Excel 工作簿（.xlsx）", "an Excel workbook (.xlsx)"),
    "xls": ("旧版 Excel 或 WPS 工作簿（.xls/.et）", "an old Excel or WPS workbook (.xls/.et)"),
    "ods": ("OpenDocument 表格（.ods）", "an OpenDocument spreadsheet (.ods)"),
    "geojson": ("GeoJSON", "GeoJSON"),
    "shapefile": ("Shapefile 压缩包（.zip）", "a zipped Shapefile (.zip)"),
    "geopackage": ("GeoPackage（.gpkg）", "a GeoPackage (.gpkg)"),
    "kml": ("KML", "KML"),
    "kmz": ("KMZ", "KMZ"),
}

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x10\x00", b"\x09\x08\x08\x00")
_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_PAGES = (b"html", b"table", b"head", b"body", b"style", b"meta")
_OTHERS = {
    b"%PDF": ("PDF 文档", "a PDF"),
    b"Rar!": ("RAR 压缩包", "a RAR archive"),
    b"7z\xbc\xaf": ("7z 压缩包", "a 7z archive"),
    b"\x1f\x8b": ("gzip 压缩文件", "a gzip file"),
    b"\x89PNG": ("图片", "a picture"),
    b"\xff\xd8\xff": ("图片", "a picture"),
    b"GIF8": ("图片", "a picture"),
    b"{\\rtf": ("RTF 文档", "an RTF document"),
    b"PAR1": ("Parquet 文件", "a Parquet file"),
    b"MZ": ("程序", "a program"),
    b"\x7fELF": ("程序", "a program"),
}

# texts by their look, but no tables with a row in a line
_EXCHANGED = {b"TABLE\r\n0,1": "DIF", b"TABLE\n0,1": "DIF", b"ID;P": "SYLK"}


def of_file(path: Path, name: str, limits: ReadingLimits) -> str:
    """Return what a file is, one of EXTENSIONS; ReadingError for what is not read, saying how to bring it instead."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise refusal("文件是空的（0 字节）", "the file is empty (0 bytes)")
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _zipped(path, limits)
    if head.startswith(b"SQLite format 3\0"):
        return "geopackage"
    if head.startswith((_OLE, *_BIFF)):
        if "EncryptedPackage".encode("utf-16-le") in head:
            raise refusal("工作簿有打开密码，请去掉密码后再试", "the workbook has a password; save it without one")
        return "xls"
    _refuse_others(head)
    text = _plain_head(head)
    if text.startswith((b"{", b"[")) and (text[:1] == b"{" or Path(name).suffix.lower() in EXTENSIONS["geojson"]):
        return "geojson"
    if text.startswith(b"<"):
        return _marked_up(text, name)
    if not text.strip(b"\0"):
        raise refusal("文件里没有内容", "the file holds nothing but spaces or zeros")
    return "csv"


def told(kind: str, name: str) -> list[Told]:
    """Return a sentence when the name says something else than the content."""
    suffix = Path(name).suffix.lower()
    if not suffix or suffix in EXTENSIONS[kind]:
        return []
    zh, en = LABELS[kind]
    return [
        Told(
            f"文件名以 {suffix} 结尾，内容却是{zh}，按内容读取",
            f"The name ends in {suffix}, the content is {en}, and is read as such",
        )
    ]


def _zipped(path: Path, limits: ReadingLimits) -> str:
    archive = Archive(path, limits)
    names = [name.lower() for name in archive.names]
    archive.close()
    if "[content_types].xml" in names:
        if any(name.startswith("word/") or name.startswith("ppt/") for name in names):
            raise refusal(
                "这是 Word 或 PowerPoint 文件，请把表格另存为 .xlsx", "this is no workbook; save its table as .xlsx"
            )
        return "xlsx"
    if any(name.endswith(".shp") for name in names):
        return "shapefile"
    if any(name.endswith(".kml") for name in names):
        return "kmz"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    if not names:
        raise refusal("压缩包是空的", "the zip is empty")
    raise refusal(
        "压缩包里没有 Shapefile（.shp）；其他格式请解压后直接上传",
        "the zip holds no Shapefile (.shp); unpack it and bring other formats as they are",
    )


def _refuse_others(head: bytes) -> None:
    if head.startswith(b"\x00\x00\x27\x0a"):
        raise refusal(
            "这是单独的 .shp 文件；请把同名的 .shp、.shx、.dbf、.prj 压缩成一个 zip",
            "this is a .shp alone; zip it together with its .shx, .dbf and .prj",
        )
    for start, name in _EXCHANGED.items():
        if head.startswith(start):
            raise refusal(
                f"这是 {name} 交换文件，请用 Excel 或 WPS 打开后另存为 .xlsx",
                f"this is a {name} file; open it in Excel or WPS and save it as .xlsx",
            )
    for start, (zh, en) in _OTHERS.items():
        if head.startswith(start) and (len(start) > 2 or b"\0" in head[:64]):
            raise refusal(f"这是{zh}，不是表格或地图数据", f"this is {en}, no table or map data")


def _plain_head(head: bytes) -> bytes:
    """Return the beginning without byte order mark and spaces, UTF-16 as UTF-8."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode("utf-8", "replace")
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _marked_up(text: bytes, name: str) -> str:
    found = _ROOT.search(text)
    root = found[1].lower() if found else b""
    if root == b"kml":
        return "kml"
    if text[:9].lower() == b"<!doctype" and root != b"html" and b"<kml" in text[:4096]:
        return "kml"
    if root in _PAGES or text[:14].lower() == b"<!doctype html":
        raise refusal(
            "这是网页（HTML），只是名字像表格；请用 Excel 或 WPS 打开后另存为 .xlsx",
            "this is a web page (HTML) that is only called a table; open it in Excel or WPS and save it as .xlsx",
        )
    if root == b"workbook":
        raise refusal(
            "这是 XML 电子表格（2003），请用 Excel 或 WPS 另存为 .xlsx",
            "this is an XML spreadsheet of 2003; save it as .xlsx in Excel or WPS",
        )
    if text.startswith(b"<?xml") or root in (b"gpx", b"gml"):
        said = root.decode("latin-1")[:40]
        raise refusal(f"这是 XML（{said}），不是 KML", f"this is XML ({said}), but no KML")
    return "csv"
