"""KML and KMZ: placemarks with their data and the folders they lie in, read one after another."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from gridmap.domain.incoming import IncomingRow, IncomingSheet, ReadingLimits, Sentence, Told, Value
from gridmap.ingest.reading import wkb
from gridmap.ingest.reading.archive import Archive, Budget
from gridmap.ingest.reading.faults import joined, refusal, text_value
from gridmap.ingest.reading.opened import Opened, check_columns, unique_titles
from gridmap.ingest.reading.types_seen import TypesSeen
from gridmap.ingest.reading.wkb import GeometryFault, Shape
from gridmap.ingest.reading.xml import Parser

OWN = ("name", "description", "folder")
"""Columns that every KML has."""

WGS84 = "EPSG:4326"
MOST_FAULTS = 100
_KINDS = {
    "Point": wkb.POINT, "LineString": wkb.LINE, "LinearRing": wkb.LINE, "Polygon": wkb.POLYGON,
    "MultiGeometry": wkb.COLLECTION,
}  # fmt: skip
_OTHERS = {"Track", "MultiTrack", "Model"}
_TEXTS = {"name", "description", "value", "SimpleData", "coordinates"}
_MULTI = {wkb.POINT: wkb.MULTIPOINT, wkb.LINE: wkb.MULTILINE, wkb.POLYGON: wkb.MULTIPOLYGON}
_TYPE_NAMES = {wkb.POINT: "Point", wkb.LINE: "LineString", wkb.POLYGON: "Polygon", wkb.COLLECTION: "GeometryCollection"}
_BYTES_PER_VERTEX = 80


@dataclass
class _Placemark:
    """What is known of a placemark: its texts by name, its geometry, what is wrong with it."""

    data: dict[str, str] = field(default_factory=dict)
    shapes: list[Shape] = field(default_factory=list)
    has_height: bool = True
    faults: list[Sentence] = field(default_factory=list)

    def complain(self, sentence: Sentence) -> None:
        """Keep a fault; the hundredth of a placemark helps nobody."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(sentence)


class Kml(Opened):
    """An opened KML, or the first one of a KMZ. It is read once on opening, for the names of the data."""

    format = "kml"

    def __init__(self, path: Path, name: str, limits: ReadingLimits, *, is_zip: bool) -> None:
        super().__init__(limits)
        self._path = path
        self._archive = Archive(path, limits) if is_zip else None
        self._member = ""
        told: list[Told] = []
        try:
            if self._archive is not None:
                self._member = _main_member(self._archive, told)
            reader = _Reader(limits)
            names: dict[str, None] = dict.fromkeys(OWN)
            types = TypesSeen()
            for placemark in self._placemarks(reader):
                names.update(dict.fromkeys(placemark.data))
                check_columns(len(names), limits)
                types.add(_type_of(placemark))
        except BaseException:
            self.close()
            raise
        self._names = tuple(names)
        titles = unique_titles(" ".join(key.split()) or "?" for key in self._names)
        self.sheets = (IncomingSheet(Path(name).stem, titles, 0, WGS84, has_geometry=True),)
        if reader.has_links:
            told.append(Told("文件中的网络链接不会打开", "Links to other files in it are not followed"))
        self.told = (*told, *types.told())

    def close(self) -> None:
        """Close the zip of a KMZ."""
        if self._archive is not None:
            self._archive.close()

    def _rows(self, sheet: IncomingSheet) -> Iterator[IncomingRow]:
        for number, placemark in enumerate(self._placemarks(_Reader(self._limits)), 1):
            geometry = None
            try:
                geometry = _geometry(placemark)
            except GeometryFault as fault:
                placemark.complain(fault.sentence)
            values: list[Value] = []
            for name in self._names:
                text = placemark.data.get(name, "").strip()
                values.append(text_value(name, text, self._limits.characters_per_cell, placemark.faults))
            yield IncomingRow(number, tuple(values), geometry, joined(placemark.faults))

    def _placemarks(self, reader: _Reader) -> Iterator[_Placemark]:
        with self._source() as source:
            yield from reader.placemarks(source)

    @contextmanager
    def _source(self) -> Iterator[BinaryIO]:
        if self._archive is not None:
            with self._archive.open(self._member, Budget(self._limits)) as member:
                yield member
        else:
            with self._path.open("rb") as file:
                yield file


class _Reader:
    """Follow the elements of a KML. has_links: whether it points to other files."""

    def __init__(self, limits: ReadingLimits) -> None:
        self._limits = limits
        self.has_links = False
        self._done: list[_Placemark] = []
        self._path: list[str] = []
        self._folders: list[str] = []
        self._placemark: _Placemark | None = None
        self._open: list[Shape] = []
        self._key = ""
        self._parts: list[str] = []
        self._length = 0
        self._taken = ""
        self._vertices = self._pieces = 0

    def placemarks(self, source: BinaryIO) -> Iterator[_Placemark]:
        """Yield them in the order of the file."""
        for _ in Parser(self._start, self._end, self._text).pieces(source, "KML"):
            yield from self._done
            self._done.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._path[-1] if self._path else ""
        self._path.append(name)
        if not parent and name != "kml":
            raise refusal(f"这个 XML 不是 KML（根元素为 {name[:40]}）", f"this XML is no KML: its root is {name[:40]}")
        if name in ("Folder", "Document"):
            self._folders.append("")
        elif name == "Placemark":
            self._placemark = _Placemark()
            self._open, self._vertices, self._pieces = [], 0, 0
        elif name == "NetworkLink":
            self.has_links = True
        elif name in ("Data", "SimpleData"):
            self._key = attributes.get("name", "")[:200]
        elif self._placemark is not None and name in _KINDS:
            self._open.append(Shape(_KINDS[name], []))
        elif self._placemark is not None and name in _OTHERS and parent != "MultiTrack":
            self._placemark.complain(_other(name))
        # a name counts for its placemark or folder, not for a style or a link in between
        is_own = name not in ("name", "description") or parent in ("Placemark", "Folder", "Document")
        if name in _TEXTS and is_own:
            self._taken, self._parts, self._length = name, [], 0

    def _text(self, piece: str) -> None:
        if self._taken:
            self._length += len(piece)
            longest = self._limits.vertices_per_geometry * _BYTES_PER_VERTEX
            if self._length <= (longest if self._taken == "coordinates" else self._limits.characters_per_cell + 1):
                self._parts.append(piece)
            elif self._taken != "coordinates" and not self._parts:
                self._parts.append(piece[: self._limits.characters_per_cell + 1])

    def _end(self, name: str) -> None:
        self._path.pop()
        if name == self._taken:
            self._taken = ""
            self._take(name, "".join(self._parts))
            self._parts = []
        if name in ("Folder", "Document"):
            self._folders.pop()
        placemark = self._placemark
        if placemark is None:
            return
        if name == "Placemark":
            folder = "/".join(filter(None, self._folders))
            if folder:
                placemark.data["folder"] = folder
            self._done.append(placemark)
            self._placemark = None
        elif name in _KINDS and self._open:
            self._close_shape(self._open.pop(), placemark)

    def _take(self, name: str, text: str) -> None:
        parent = self._path[-1] if self._path else ""
        placemark = self._placemark
        if placemark is None:
            if name == "name" and self._folders:
                self._folders[-1] = " ".join(text.split())[:200]
            return
        if name in ("name", "description") and parent == "Placemark":
            placemark.data[name] = text
        elif name in ("value", "SimpleData"):
            placemark.data[self._key] = text
            check_columns(len(placemark.data), self._limits)
        elif name == "coordinates" and self._open:
            try:
                self._open[-1].parts = self._positions(text, placemark)
            except GeometryFault as fault:
                placemark.complain(fault.sentence)

    def _positions(self, text: str, placemark: _Placemark) -> list[tuple[float, ...]]:
        most = self._limits.vertices_per_geometry
        if self._length > most * _BYTES_PER_VERTEX:
            raise wkb.too_many(most)
        positions = []
        for word in text.split():
            self._vertices += 1
            if self._vertices > most:
                raise wkb.too_many(most)
            try:
                position = tuple(float(number) for number in word.strip(",").split(","))
            except ValueError:
                raise GeometryFault(
                    f"坐标“{word[:40]}”不是数字", f"the position {word[:40]!r} is not made of numbers"
                ) from None
            if not 2 <= len(position) <= 3:
                raise GeometryFault(
                    f"坐标“{word[:40]}”应为经度、纬度和可选的高程",
                    f"the position {word[:40]!r} is no longitude, latitude and height",
                )
            if not all(map(math.isfinite, position)):
                raise wkb.not_finite()
            placemark.has_height = placemark.has_height and len(position) == 3
            positions.append(position)
        return positions

    def _close_shape(self, shape: Shape, placemark: _Placemark) -> None:
        parent = self._open[-1] if self._open else None
        self._pieces += 1  # an empty part takes memory too
        if self._pieces > self._limits.vertices_per_geometry:
            placemark.complain(wkb.too_many(self._limits.vertices_per_geometry).sentence)
        elif parent is None:
            placemark.shapes.append(_single(shape))
        elif parent.kind == wkb.POLYGON and shape.kind == wkb.LINE:
            # the outline is the first ring wherever it stands
            is_outline = "outerBoundaryIs" in self._path
            parent.parts.insert(0 if is_outline else len(parent.parts), shape.parts)
        elif parent.kind == wkb.COLLECTION:
            parent.parts.append(_single(shape))
        else:
            placemark.complain(Sentence("几何的结构无效", "the geometry is not built as KML says"))


def _single(shape: Shape) -> Shape:
    """Return a point as its one position, and other shapes as they are."""
    if shape.kind == wkb.POINT:
        return Shape(wkb.POINT, shape.parts[0] if shape.parts else [])
    return shape


def _geometry(placemark: _Placemark) -> bytes | None:
    """Return the WKB of a placemark; parts of one type are a multi-part geometry, others a collection."""
    if not placemark.shapes or placemark.faults:
        return None
    if len(placemark.shapes) > 1:
        raise GeometryFault("一个地标有多个几何", "the placemark has more than one geometry")
    return wkb.write(_gathered(placemark.shapes[0]), "XYZ" if placemark.has_height else "XY")


def _gathered(shape: Shape) -> Shape:
    if shape.kind != wkb.COLLECTION:
        return shape
    members = [_gathered(member) for member in shape.parts]
    kinds = {member.kind for member in members}
    kind = kinds.pop() if len(kinds) == 1 else 0
    if kind in _MULTI:
        return Shape(_MULTI[kind], [member.parts for member in members])
    return Shape(wkb.COLLECTION, members)


def _type_of(placemark: _Placemark) -> str | None:
    if not placemark.shapes:
        return None
    kind = _gathered(placemark.shapes[0]).kind
    single = {multi: one for one, multi in _MULTI.items()}.get(kind, kind)
    return _TYPE_NAMES.get(single, "?")


def _main_member(archive: Archive, told: list[Told]) -> str:
    found = [name for name in archive.names if name.lower().endswith(".kml")]
    if not found:
        raise refusal("KMZ 里没有 .kml 文件", "the KMZ holds no .kml")
    main = next((name for name in found if name.lower() == "doc.kml"), found[0])
    if len(found) > 1:
        others = len(found) - 1
        told.append(
            Told(f"KMZ 里另有{others}个 .kml，只读取 {main}", f"The KMZ holds {others} more .kml; {main} is read")
        )
    return main


def _other(name: str) -> Sentence:
    return Sentence(f"地标的几何是 {name}，不读取", f"the placemark's geometry is a {name}, which is not read")
