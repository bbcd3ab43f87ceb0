"""A file in memory, for tests of what comes after reading."""

from gridmap.domain.incoming import IncomingRow, IncomingSheet


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
