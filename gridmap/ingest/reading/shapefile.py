"""Shapefiles in a zip: each one a sheet, its parts found whatever folder they lie in and however they are spelled."""

from __future__ import annotations

import itertools
import posixpath
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from gridmap.domain.incoming import IncomingRow, IncomingSheet, ReadingLimits, Sentence, Told, Value
from gridmap.ingest.reading import dbf, encodings, shp
from gridmap.ingest.reading.archive import Archive, Budget
from gridmap.ingest.reading.crs import of_wkt
from gridmap.ingest.reading.faults import joined, refusal
from gridmap.ingest.reading.opened import Opened, check_columns, unique_titles

_SMALL = 65_536


@dataclass(frozen=True)
class _Layer:
    """The members of one Shapefile and how its attributes are to be read."""

    shapes: str
    table: str | None
    encoding: str
    layout: dbf.Layout | None


class Shapefile(Opened):
    """An opened zip of Shapefiles. A missing .shx is made do without, a missing .dbf leaves the geometries."""

    format = "shapefile"

    def __init__(self, path: Path, limits: ReadingLimits, encoding: str | None = None) -> None:
        super().__init__(limits)
        self._archive = Archive(path, limits)
        self._asked = encoding
        self._layers: dict[IncomingSheet, _Layer] = {}
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the zip."""
        self._archive.close()

    def _open(self) -> None:
        budget = Budget(self._limits)
        members = {name.lower(): name for name in self._archive.names if not _is_litter(name)}
        shapes = [name for lower, name in members.items() if lower.endswith(".shp")]
        if not shapes:
            raise refusal(
                "压缩包里没有 .shp 文件；Shapefile 应把 .shp、.shx、.dbf、.prj 一起压缩",
                "the zip holds no .shp; a Shapefile is its .shp, .shx, .dbf and .prj zipped together",
            )
        if len(shapes) > self._limits.sheets:
            most = self._limits.sheets
            raise refusal(f"压缩包里的图层超过{most}个", f"the zip holds more than {most} layers")
        told: list[Told] = []
        names = unique_titles(posixpath.basename(name)[:-4] or name for name in shapes)
        for name, member in zip(names, shapes, strict=True):
            sheet, layer = self._layer(name, member, members, budget, told)
            self._layers[sheet] = layer
        self.sheets, self.told = tuple(self._layers), tuple(told)

    def _layer(
        self, name: str, member: str, members: dict[str, str], budget: Budget, told: list[Told]
    ) -> tuple[IncomingSheet, _Layer]:
        parts = {end: members.get(f"{member[:-4]}.{end}".lower()) for end in ("shx", "dbf", "prj", "cpg")}
        missing = [f".{end}" for end in ("shx", "dbf", "prj") if parts[end] is None]
        if missing:
            gone = "、".join(missing)
            told.append(Told(f"“{name}”缺少 {gone}", f"{name}: {', '.join(missing)} is missing from the zip"))
        titles: tuple[str, ...] = ()
        encoding, layout = "utf-8", None
        if parts["dbf"] is not None:
            encoding, layout = self._attributes(name, parts["dbf"], parts["cpg"], budget, told)
            titles = unique_titles(dbf.titles(layout, encoding))
            check_columns(len(titles), self._limits)
            if dbf.unread(layout):
                unread = [titles[i] for i in dbf.unread(layout)]
                told.append(
                    Told(f"“{name}”的备注类字段不读取：{'、'.join(unread)}", f"{name}: not read: {', '.join(unread)}")
                )
        crs = None
        if parts["prj"] is not None:
            wkt = self._archive.read(parts["prj"], budget, _SMALL).decode("utf-8", "replace")
            crs = of_wkt(wkt)
            if crs is None:
                told.append(Told(f"“{name}”的 .prj 无法识别", f"{name}: its .prj is not understood"))
        sheet = IncomingSheet(name, titles, 0, crs, has_geometry=True)
        return sheet, _Layer(member, parts["dbf"], encoding, layout)

    def _attributes(
        self, name: str, member: str, cpg: str | None, budget: Budget, told: list[Told]
    ) -> tuple[str, dbf.Layout]:
        with self._archive.open(member, budget) as source:
            layout = dbf.read_layout(source, member)
            guessed = dbf.guess(source, layout)
        encoding, zh, en = guessed, "未注明，按内容判断", "not said, told from its texts"
        if layout.code_page is not None and cpg is None and guessed != "utf-8":
            encoding, zh, en = layout.code_page, ".dbf 注明", "as its .dbf says"
        if cpg is not None:
            said = dbf.encoding_of_cpg(self._archive.read(cpg, budget, _SMALL).decode("latin-1"))
            if said == "utf-8" and guessed != "utf-8":
                zh, en = ".cpg 写的是 UTF-8，内容却不是", "its .cpg says UTF-8, which its texts are not"
            elif said is not None:
                encoding, zh, en = said, ".cpg 注明", "as its .cpg says"
        if self._asked is not None:
            encoding, zh, en = encodings.known(self._asked), "按指定", "as asked"
        label = encodings.NAMES.get(encoding, encoding)
        told.append(Told(f"“{name}”的编码为 {label}（{zh}）", f"{name}: the encoding is {label} ({en})"))
        return encoding, layout

    def _rows(self, sheet: IncomingSheet) -> Iterator[IncomingRow]:
        layer = self._layers[sheet]
        budget = Budget(self._limits)
        most = self._limits.vertices_per_geometry
        with ExitStack() as stack:
            shapes = shp.records(stack.enter_context(self._archive.open(layer.shapes, budget)), layer.shapes, most)
            if layer.table is None or layer.layout is None:
                for number, shape in enumerate(shapes, 1):
                    yield IncomingRow(number, (), shape.geometry, shape.fault)
                return
            source = stack.enter_context(self._archive.open(layer.table, budget))
            dbf.read_layout(source, layer.table)
            decoder = dbf.Decoder(layer.layout, sheet.header, layer.encoding, self._limits.characters_per_cell)
            pairs = itertools.zip_longest(shapes, dbf.records(source, layer.layout))
            for number, (found, record) in enumerate(pairs, 1):
                if record is not None and record[:1] == b"*":
                    continue  # deleted
                yield _row(number, found, record, decoder, len(sheet.header))


def _row(number: int, found: shp.Record | None, record: bytes | None, decoder: dbf.Decoder, width: int) -> IncomingRow:
    faults: list[Sentence] = []
    values: tuple[Value, ...] = (None,) * width
    if record is None:
        faults.append(Sentence("有图形，没有属性记录", "there is a shape without a record of attributes"))
    else:
        values = decoder.values(record, faults)
    if found is None:
        faults.append(Sentence("有属性，没有图形", "there are attributes without a shape"))
    elif found.fault is not None:
        faults.append(found.fault)
    return IncomingRow(number, values, found.geometry if found else None, joined(faults))


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or posixpath.basename(name).startswith("._")
