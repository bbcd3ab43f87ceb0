"""Layer definitions: layers/<id>/<id>.toml, <id>.sql and style.json, read and checked.

A layer is a SELECT over schema snapshot plus a description that a person can read. Items, tiles, legend,
OpenAPI and exports come from these definitions; none of them knows a layer by name.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gridmap import config
from gridmap.domain.definition import Table, Text
from gridmap.errors import DefinitionError, NotFoundError

GEOMETRIES = ("none", "Point", "MultiLineString", "MultiPolygon", "Geometry")
COLUMN_TYPES = ("text", "integer", "number", "boolean", "date")
IDENTIFIER = re.compile(r"^[a-z][a-z0-9_]*$")
LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Column:
    """A described column of a layer.

    tile_zoom: lowest zoom whose tiles carry it; None keeps it out of tiles.
    codes: what each value of an enumeration means, in the order of the legend.
    """

    name: str
    title: Text
    type: str
    unit: str | None
    filterable: bool
    tile_zoom: int | None
    codes: dict[str, Text]


@dataclass(frozen=True)
class LegendEntry:
    """A value of the style's column with its colour (#rrggbb) and label."""

    value: str
    label: Text
    color: str


@dataclass(frozen=True)
class Style:
    """How a layer is drawn: the legend's column (None: one entry for all), its entries, and the whole style.json."""

    column: str | None
    legend: tuple[LegendEntry, ...]
    raw: dict[str, Any]


@dataclass(frozen=True)
class Layer:
    """One layer.

    zoom: lowest and highest zoom with tiles. bins_below: at zooms under it tiles carry counts per bin instead of
    features; bins_by: enumeration that is counted value by value there. simplify_px: tolerance for outlines in
    256ths of a tile. compute_once: the SELECT is costly, so tiles come from points kept per version of the data.
    credit: whom the map must name for the data that come with the layer, None when nobody.
    by_square: the SELECT tells each feature's 1 km square after its places: readers of an area search by it.
    sql: SELECT feature_id, geom, geom_3857, [cell_key,] <columns>. digest: changes with any of the files.
    """

    id: str
    order: int
    title: Text
    description: Text
    credit: Text | None
    geometry: str
    feature_id: Text
    reads: tuple[str, ...]
    zoom: tuple[int, int]
    first_view: bool
    bins_below: int
    bins_by: str | None
    simplify_px: float
    compute_once: bool
    by_square: bool
    columns: tuple[Column, ...]
    sql: str
    style: Style
    digest: str

    @property
    def has_tiles(self) -> bool:
        """Return whether the layer can be drawn at all."""
        return self.geometry != "none"

    def column(self, name: str) -> Column:
        """Return a described column; NotFoundError lists the known ones."""
        for column in self.columns:
            if column.name == name:
                return column
        raise NotFoundError(f"{self.id} has no column {name}; it has {', '.join(c.name for c in self.columns)}")

    @property
    def filters(self) -> tuple[Column, ...]:
        """Return the columns that a reader may filter by."""
        return tuple(column for column in self.columns if column.filterable)


@dataclass(frozen=True)
class Tileset:
    """What all tiles share: width of a tile in units, margin in units, bins per side, highest zoom, cache size."""

    extent: int
    buffer: int
    bins: int
    max_zoom: int
    cache_mb: int


@dataclass(frozen=True)
class Layers:
    """All layers in drawing order, lowest first."""

    tileset: Tileset
    layers: tuple[Layer, ...]

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def get(self, layer_id: str) -> Layer:
        """Return a layer; NotFoundError lists the known ones."""
        for layer in self.layers:
            if layer.id == layer_id:
                return layer
        raise NotFoundError(f"there is no layer {layer_id}; the layers are {', '.join(x.id for x in self.layers)}")


@cache
def load(folder: Path | None = None) -> Layers:
    """Read every layer folder; a DefinitionError names file, key and what was expected.

    folder: the layers folder, by default the one that ships with the package.
    """
    root = folder or config.resource("layers")
    tileset = _read_tileset(root)
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))
    found = [read_layer(path, tileset) for path in folders]
    return Layers(tileset, tuple(sorted(found, key=lambda layer: (layer.order, layer.id))))


def read_layer(folder: Path, tileset: Tileset) -> Layer:
    """Read and check one layer folder."""
    layer_id = folder.name
    path = folder / f"{layer_id}.toml"
    table = Table.of_file(path)
    if not IDENTIFIER.match(layer_id) or table.text("id") != layer_id:
        raise table.wrong("id", f"the folder's name, {layer_id}, in small letters, digits and underscores")
    columns = _read_columns(table)
    zoom = _read_zoom(table, tileset)
    tiles = table.table("tiles", optional=True)
    bins_below = tiles.integer("bins_below", default=0, low=0, high=tileset.max_zoom)
    bins_by = tiles.text("bins_by", optional=True)
    if bins_by is not None and not any(column.name == bins_by and column.codes for column in columns):
        raise tiles.wrong("bins_by", "the name of a column that has codes")
    geometry = table.choice("geometry", GEOMETRIES)
    compute_once = tiles.boolean("compute_once", default=False)
    if compute_once and (geometry != "Point" or bins_below):
        raise tiles.wrong("compute_once", "true only for points that are never shown as bins")
    sql = _read_sql(folder / f"{layer_id}.sql")
    style = _read_style(folder / "style.json", columns)
    layer = Layer(
        id=layer_id,
        order=table.integer("order", low=0, high=999),
        title=table.bilingual("title"),
        description=table.bilingual("description"),
        credit=table.bilingual("credit") if "credit" in table.values else None,
        geometry=geometry,
        feature_id=table.bilingual("feature_id"),
        reads=table.names("reads"),
        zoom=zoom,
        first_view=table.boolean("first_view", default=False),
        bins_below=bins_below,
        bins_by=bins_by,
        simplify_px=tiles.number("simplify_px", default=0.0, low=0.0, high=8.0),
        compute_once=compute_once,
        by_square=table.boolean("by_square", default=False),
        columns=columns,
        sql=sql,
        style=style,
        digest=hashlib.sha256((path.read_text("utf-8") + sql + repr(tileset)).encode()).hexdigest()[:16],
    )
    tiles.refuse_unknown()
    table.refuse_unknown()
    return layer


def _read_tileset(root: Path) -> Tileset:
    table = Table.of_file(root / "tileset.toml")
    tileset = Tileset(
        extent=table.integer("extent", low=256, high=8192),
        buffer=table.integer("buffer", low=0, high=1024),
        bins=table.integer("bins", low=1, high=256),
        max_zoom=table.integer("max_zoom", low=1, high=22),
        cache_mb=table.integer("cache_mb", low=0, high=4096),
    )
    table.refuse_unknown()
    return tileset


def _read_zoom(table: Table, tileset: Tileset) -> tuple[int, int]:
    zoom = table.value("zoom")
    whole = isinstance(zoom, list) and len(zoom) == 2 and all(type(level) is int for level in zoom)
    if not whole or not 0 <= zoom[0] <= zoom[1] <= tileset.max_zoom:
        raise table.wrong("zoom", f"[lowest, highest], two whole numbers from 0 to {tileset.max_zoom}")
    return zoom[0], zoom[1]


def _read_columns(table: Table) -> tuple[Column, ...]:
    columns: list[Column] = []
    for part in table.tables("column", label="name"):
        name = part.text("name")
        if not IDENTIFIER.match(name) or name in ("feature_id", "geom", "geom_3857"):
            raise part.wrong("name", "small letters, digits and underscores, and not feature_id, geom or geom_3857")
        if any(column.name == name for column in columns):
            raise part.wrong("name", "a name that no other column has")
        tile_zoom = part.integer("tile_zoom", default=-1, low=0, high=22)
        column_type = part.choice("type", COLUMN_TYPES)
        codes = part.vocabulary("codes")
        if codes and column_type != "text":
            raise part.wrong("codes", "nothing: only a column of type text has codes")
        columns.append(
            Column(
                name=name,
                title=Text(part.text("zh"), part.text("en")),
                type=column_type,
                unit=part.text("unit", optional=True),
                filterable=part.boolean("filterable", default=False),
                tile_zoom=tile_zoom if tile_zoom >= 0 else None,
                codes=codes,
            )
        )
        part.refuse_unknown()
    if not any(column.name == "county_code" for column in columns):
        raise table.wrong("column", "a column county_code among them: every feature belongs to a county")
    return tuple(columns)


def _read_sql(path: Path) -> str:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise DefinitionError(f"{shown(path)}: the file is missing; expected the layer's SELECT") from None
    body = re.sub(r"/\*.*?\*/|--[^\n]*", "", text, flags=re.DOTALL).strip().rstrip(";").strip()
    if not re.match(r"(?i)(select|with)\b", body) or ";" in body:
        raise DefinitionError(f"{shown(path)}: expected one SELECT and nothing else")
    return body


def _read_style(path: Path, columns: tuple[Column, ...]) -> Style:
    try:
        raw = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise DefinitionError(f"{shown(path)}: the file is missing; expected the layer's colours and legend") from None
    except ValueError as error:
        raise DefinitionError(f"{shown(path)}: not JSON: {error}") from None
    table = Table(shown(path), "", raw if isinstance(raw, dict) else {})
    column_name = table.text("column", optional=True)
    column = next((each for each in columns if each.name == column_name), None)
    if column_name is not None and column is None:
        raise table.wrong("column", "the name of a described column")
    legend = []
    for part in table.tables("legend", label="value"):
        value, color = part.text("value"), part.text("color")
        if not re.match(r"^#[0-9a-f]{6}$", color):
            raise part.wrong("color", "six hexadecimal digits such as #c62828, in small letters")
        if column is not None and column.codes and value not in column.codes:
            raise part.wrong("value", f"one of the codes of {column_name}: {', '.join(column.codes)}")
        legend.append(LegendEntry(value, _label(part, column.codes.get(value) if column else None), color))
    if column is not None and column.codes:
        missing = [code for code in column.codes if all(entry.value != code for entry in legend)]
        if missing:
            raise table.wrong("legend", f"an entry for every code of {column_name}; {', '.join(missing)} has none")
    return Style(column_name, tuple(legend), raw)


def _label(entry: Table, code: Text | None) -> Text:
    """Return a legend entry's own wording, else that of its code."""
    if code is None:
        return Text(entry.text("zh"), entry.text("en"))
    return Text(entry.text("zh", optional=True) or code.zh, entry.text("en", optional=True) or code.en)


def shown(path: Path) -> str:
    """Return a definition file's path as messages name it: layers/<id>/<file>."""
    return "/".join(path.parts[-3:]) if path.parent.name != "layers" else "/".join(path.parts[-2:])
