"""Ledgers in memory, and short ways to bring them: for tests of what comes after reading."""

import shapely

from gridmap.db.session import transaction
from gridmap.domain.incoming import IncomingRow, IncomingSheet
from gridmap.ingest.importing import ImportOptions, plan_import
from gridmap.store.import_batches import Importer
from tests import builders

HEADER = ["编号", "企业名称", "行业", "县（市、区）", "经度", "纬度", "备注"]
GONGYI = Importer("inspector-410181-01", 7, ("410181",))


def lonlat(x, y):
    at = builders.degrees(shapely.Point(x, y))
    return at.x, at.y


def factory(number, x=1, y=1, *, name="厂", industry="铸造", county="巩义市", note=None):
    return (f"e-{number}", f"{name}{number}", industry, county, *(lonlat(x, y) if x else (None, None)), note)


def plan(
    conn, rows, header=HEADER, *, layer="site", kind="enterprise", sha="0" * 64, importer=None, file=None, **options
):
    return plan_import(
        conn, layer, file or MemoryFile(header, rows), file_name="台账.xlsx", sha256=sha,
        options=ImportOptions(kind=kind, **options), **({"importer": importer} if importer else {}),
    )  # fmt: skip


def told(planned):
    return {name: number for name, number in planned.report.counts.items() if number and name not in ("read", "faults")}


def faults(planned):
    return [(fault.row, fault.title, fault.expected.en, fault.suggestion) for fault in planned.report.faults]


def rows_of(conn, query):
    with transaction(conn) as cursor:
        cursor.execute(query)
        return [tuple(row) for row in cursor.fetchall()]


class MemoryFile:
    """An IncomingFile of one sheet: titles and rows as a spreadsheet would have them."""

    format = "memory"
    told = ()

    def __init__(self, header, rows, *, geometries=None, crs=None, name="台账"):
        self.sheets = (IncomingSheet(name, tuple(header), 1, crs, False, geometries is not None),)
        self._rows = rows
        self._geometries = geometries or [None] * len(rows)

    def rows(self, sheet):
        for number, (row, geometry) in enumerate(zip(self._rows, self._geometries, strict=True), 2):
            yield IncomingRow(number, tuple(row), geometry)

    def close(self):
        pass
