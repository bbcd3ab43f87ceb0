"""Read what offices bring, with suspicion and bounded memory.

CSV, XLSX, XLS, ODS, GeoJSON, Shapefile, GeoPackage and KML.
"""

from __future__ import annotations

from pathlib import Path

from gridmap.domain.incoming import IncomingFile, ReadingLimits
from gridmap.ingest.reading import kinds
from gridmap.ingest.reading.delimited import Delimited
from gridmap.ingest.reading.faults import ReadingError, refusal
from gridmap.ingest.reading.geojson import GeoJson
from gridmap.ingest.reading.geopackage import GeoPackage
from gridmap.ingest.reading.kml import Kml
from gridmap.ingest.reading.old_workbook import OldWorkbook
from gridmap.ingest.reading.opened import Opened
from gridmap.ingest.reading.shapefile import Shapefile
from gridmap.ingest.reading.workbook import Workbook

__all__ = ["ReadingError", "open_incoming"]

DEFAULT_LIMITS = ReadingLimits()

# where the one is read, so is the other
_LIKE = {"kmz": "kml", "xls": "xlsx", "ods": "xlsx"}


def open_incoming(
    path: Path, *, name: str | None = None, limits: ReadingLimits = DEFAULT_LIMITS, encoding: str | None = None
) -> IncomingFile:
    """Open a file by its content, whatever it is called.

    name: what its owner calls it, when the path is a temporary one. encoding: of a text or of a Shapefile's
    attributes, when the guess is to be overruled. The file must stay where it is until it is closed.

    Errors: ReadingError (a UserError) when the file is none of the formats, damaged, too large, or a trap; its zh and
    en say what to do. What is wrong with single rows is told by the rows themselves.
    """
    name = Path(name or path.name).name
    try:
        if not path.is_file():
            raise refusal(f"没有文件“{name}”", f"there is no file {name!r}")
        size = path.stat().st_size
        if size > limits.bytes_on_disk:
            raise refusal(
                f"文件有{size}字节，最多{limits.bytes_on_disk}字节",
                f"the file has {size} bytes; expected at most {limits.bytes_on_disk}",
            )
        kind = kinds.of_file(path, name, limits)
        allowed = _LIKE.get(kind, kind)
        if allowed not in limits.formats:
            zh, en = kinds.LABELS[kind]
            raise refusal(f"这里不读取{zh}", f"{en} is not read here")
        opened = _opened(kind, path, name, limits, encoding)
    except OSError as error:
        raise refusal(f"文件“{name}”无法打开", f"the file {name!r} cannot be opened ({error.strerror})") from error
    opened.told = (*kinds.told(kind, name), *opened.told)
    return opened


def _opened(kind: str, path: Path, name: str, limits: ReadingLimits, encoding: str | None) -> Opened:
    if kind == "csv":
        return Delimited(path, name, limits, encoding)
    if kind == "xlsx":
        return Workbook(path, limits)
    if kind in ("xls", "ods"):
        return OldWorkbook(path, limits, kind)
    if kind == "geojson":
        return GeoJson(path, name, limits, encoding)
    if kind == "shapefile":
        return Shapefile(path, limits, encoding)
    if kind == "geopackage":
        return GeoPackage(path, limits)
    return Kml(path, name, limits, is_zip=kind == "kmz")
