"""Files made by hand for the tests of reading: what Excel, LibreOffice and QGIS write, and what nobody should."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from gridmap.domain.incoming import IncomingRow, Told
from gridmap.ingest.reading import open_incoming

RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def put(folder: Path, name: str, content: bytes | str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def rows_of(path: Path, sheet: int = 0, **options: Any) -> list[IncomingRow]:
    """Return the rows of a sheet, read twice to see that the second reading is the same."""
    opened = open_incoming(path, **options)
    try:
        first = list(opened.rows(opened.sheets[sheet]))
        assert [repr(row) for row in opened.rows(opened.sheets[sheet])] == [repr(row) for row in first]
    finally:
        opened.close()
    return first


def header_of(path: Path, sheet: int = 0, **options: Any) -> tuple[str, ...]:
    opened = open_incoming(path, **options)
    opened.close()
    return opened.sheets[sheet].header


def said(told: Sequence[Told]) -> str:
    return "\n".join(f"{sentence.zh} {sentence.en}" for sentence in told)


def zipped(members: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def xlsx(
    sheet: str,
    *,
    shared: str = "",
    styles: str = "",
    properties: str = "",
    more: Mapping[str, bytes | str] | None = None,
) -> bytes:
    """Return a workbook whose only sheet has this inside its worksheet element."""
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELS}">{properties}<sheets><sheet name="表" '
        'sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
        f'<Relationship Id="rId1" Type="{RELS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{RELS}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
        f'<Relationship Id="rId3" Type="{RELS}/styles" Target="styles.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<?xml version="1.0" encoding="UTF-8"?>\n<worksheet xmlns="{MAIN}">{sheet}</worksheet>',
    }
    if shared:
        members["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{shared}</sst>'
    if styles:
        members["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
    return zipped({**members, **(more or {})})


def inline(*rows: Sequence[str]) -> str:
    """Return sheet data of inline strings, without references, as some programs write it."""
    lines = [
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in row) + "</row>" for row in rows
    ]
    return f"<sheetData>{''.join(lines)}</sheetData>"


def dbf(
    fields: Sequence[tuple[str, str, int]], records: Sequence[bytes], *, encoding: str = "utf-8", ldid: int = 0
) -> bytes:
    """Return a DBF. fields: name, kind, length. records: without their first byte, which marks what is deleted."""
    length = 1 + sum(size for _, _, size in fields)
    head = struct.pack("<B3BIHH20x", 3, 120, 10, 15, len(records), 32 + 32 * len(fields) + 1, length)
    head = head[:29] + bytes([ldid]) + head[30:]
    columns = b"".join(
        name.encode(encoding)[:10].ljust(11, b"\0") + kind.encode() + b"\0" * 4 + bytes([size, 0]) + b"\0" * 14
        for name, kind, size in fields
    )
    return head + columns + b"\r" + b"".join(b" " + record for record in records) + b"\x1a"


def shp(kind: int, records: Sequence[bytes]) -> bytes:
    """Return an SHP of records, each with its type before it."""
    body = b"".join(struct.pack(">ii", n, len(record) // 2) + record for n, record in enumerate(records, 1))
    return struct.pack(">i20xi", 9994, (100 + len(body)) // 2) + struct.pack("<ii64x", 1000, kind) + body


def point(x: float, y: float) -> bytes:
    return struct.pack("<idd", 1, x, y)


POINT = '{"type":"Point","coordinates":[112.98,34.75]}'


def collection(*features: str, more: str = "") -> str:
    return f'{{"type":"FeatureCollection",{more}"features":[{",".join(features)}]}}'


def feature(geometry: str = "null", properties: str = "{}") -> str:
    return f'{{"type":"Feature","properties":{properties},"geometry":{geometry}}}'


def shape_of(row: IncomingRow) -> Any:
    return shapely.from_wkb(row.geometry)


def wkt_of(row: IncomingRow) -> str | None:
    return shapely.to_wkt(shape_of(row), trim=True) if row.geometry else None


def frame_of(geometries: list[Any], crs: int = 4490) -> gpd.GeoDataFrame:
    names = ["甲", "乙", "丙", "丁"][: len(geometries)]
    numbers = list(range(len(geometries)))
    return gpd.GeoDataFrame({"名称": names, "n": numbers}, geometry=geometries, crs=crs)
