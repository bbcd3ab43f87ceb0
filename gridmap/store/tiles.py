"""Vector tiles (MVT 2.1, WebMercatorQuad) of any layer, with a cache that goes by the version of the data."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql

from gridmap import __version__
from gridmap.db.session import Connection, snapshot
from gridmap.errors import NotFoundError, UserError
from gridmap.layers import Column, Layer, Tileset
from gridmap.store import squares, versions
from gridmap.store.caches import Cache
from gridmap.store.layers import TIMEOUT_S, select
from gridmap.store.points import Points, load_points
from gridmap.store.points import source as kept_source

WORLD_M = 20037508.342789244
"""Half the side of the Web Mercator square, metres of EPSG:3857."""

KEPT_LAYERS = 8
"""How many (layer, day) of a costly layer a process keeps; the villages of a city weigh about 1 MB."""


@dataclass(frozen=True)
class Tile:
    """A ready tile: the MVT, the same gzipped, and its entity tag (without quotes)."""

    mvt: bytes
    gzipped: bytes
    etag: str


class TileCache:
    """What a process keeps to make tiles fast: ready tiles, and the points of costly layers."""

    def __init__(self, max_bytes: int) -> None:
        self.tiles: Cache[Tile] = Cache(max_bytes, lambda tile: len(tile.mvt) + len(tile.gzipped) + 500)
        self.points: Cache[Points] = Cache(KEPT_LAYERS)


def check_address(layer: Layer, tileset: Tileset, z: int, y: int, x: int) -> None:
    """Raise unless the tile matrix has such a tile and the layer can be drawn."""
    if not layer.has_tiles:
        raise NotFoundError(f"{layer.id} has no place on the map, hence no tiles")
    if z > tileset.max_zoom:
        raise NotFoundError(f"tiles go up to zoom {tileset.max_zoom}; zoom {z} was asked for")
    last = 2**z - 1
    if not (0 <= x <= last and 0 <= y <= last):
        raise UserError(f"there is no tile {z}/{y}/{x}: at zoom {z} row and column go from 0 to {last}")


@dataclass(frozen=True)
class TileMaker:
    """Makes the tiles of one layer on one day, as seen by one kind of reader."""

    conn: Connection
    cache: TileCache
    tileset: Tileset
    layer: Layer
    as_of: dt.date | None
    rights: str

    def get(self, z: int, y: int, x: int) -> Tile:
        """Return a tile, from the cache if it is there."""
        check_address(self.layer, self.tileset, z, y, x)
        # a change after the version was read only makes the tag older than its tile, never the other way round
        day, version = versions.layer_version(self.conn, self.layer, self.as_of)
        state = (__version__, self.layer.id, self.layer.digest, version, day.isoformat(), self.rights)
        etag = hashlib.sha256("\x1f".join((*state, f"{z}/{y}/{x}")).encode()).hexdigest()[:32]
        tile = self.cache.tiles.find(etag)
        if tile is None:
            mvt = self._make(z, y, x, state)
            tile = Tile(mvt, gzip.compress(mvt, 6, mtime=0) if mvt else b"", etag)
            self.cache.tiles.keep(etag, tile)
        return tile

    def _make(self, z: int, y: int, x: int, state: tuple[str, ...]) -> bytes:
        """Return the MVT, one MVT layer named by the layer's id; empty below the layer's lowest zoom."""
        if z < self.layer.zoom[0]:
            return b""
        query, values = self.query(z, y, x, state)
        with snapshot(self.conn, self.as_of, timeout_s=TIMEOUT_S) as cursor:
            squares.prefer(cursor, self.layer, self._around(z, y, x))
            cursor.execute(query, values)
            return bytes(cursor.fetchone()[0])

    def query(self, z: int, y: int, x: int, state: tuple[str, ...] = ()) -> tuple[sql.Composed, dict[str, Any]]:
        """Return what the database is asked for a tile, and its parameters. state: what kept points are kept by."""
        layer, tileset = self.layer, self.tileset
        values: dict[str, Any] = {"z": z, "x": x, "y": y, "layer": layer.id}
        source: sql.Composable = select(layer)
        if layer.compute_once:
            points = self.cache.points.get(state, lambda: load_points(self.conn, layer, as_of=self.as_of))
            source, chosen = kept_source(layer, points, points.within(*_box(tileset, z, y, x)))
            values |= chosen
        make = _bins if z < layer.bins_below else _features
        return make(layer, tileset, z, source, squares.within_box(layer, self._around(z, y, x))), values

    def _around(self, z: int, y: int, x: int) -> squares.Box:
        return squares.of_mercator(*_box(self.tileset, z, y, x))


def _box(tileset: Tileset, z: int, y: int, x: int) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a tile with its margin, metres of EPSG:3857."""
    side = 2 * WORLD_M / 2**z
    margin = side * tileset.buffer / tileset.extent
    west, north = -WORLD_M + x * side, WORLD_M - y * side
    return west - margin, north - side - margin, west + side + margin, north + margin


def _features(layer: Layer, tileset: Tileset, z: int, source: sql.Composable, near: sql.Composable) -> sql.Composed:
    shape: sql.Composable = sql.SQL("q.geom_3857")
    if layer.simplify_px:
        tolerance = layer.simplify_px * 2 * WORLD_M / 2**z / 256
        shape = sql.SQL("ST_Simplify(q.geom_3857, {}, true)").format(sql.Literal(tolerance))
    columns = [column for column in layer.columns if _at(column, z)]
    return sql.SQL(
        "WITH tile AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box, "
        "ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {margin}) AS wide), "
        "shape AS (SELECT ST_AsMVTGeom({shape}, tile.box, {extent}, {buffer}) AS geom, {columns} "
        "FROM tile, {source} WHERE q.geom_3857 && tile.wide AND {near}) "
        "SELECT coalesce(ST_AsMVT(shape.*, %(layer)s, {extent}, 'geom'), '') FROM shape WHERE shape.geom IS NOT NULL"
    ).format(
        margin=sql.Literal(tileset.buffer / tileset.extent),
        extent=sql.Literal(tileset.extent),
        buffer=sql.Literal(tileset.buffer),
        shape=shape,
        columns=sql.SQL(", ").join([sql.SQL("q.feature_id"), *map(_tile_column, columns)]),
        source=source,
        near=near,
    )


def _at(column: Column, z: int) -> bool:
    return column.tile_zoom is not None and column.tile_zoom <= z


def _tile_column(column: Column) -> sql.Composable:
    # MVT knows neither days nor NULL; a NULL is left out of the tile
    name = sql.Identifier("q", column.name)
    if column.type == "date":
        return sql.SQL("CAST({} AS text) AS {}").format(name, sql.Identifier(column.name))
    return name


def _bins(layer: Layer, tileset: Tileset, z: int, source: sql.Composable, near: sql.Composable) -> sql.Composed:
    """Count points per bin of 1/bins of a tile's side, placed at the bin's middle.

    Column and row are floors of the same fractions for every tile: no point is counted twice or left out.
    """
    side = tileset.extent / tileset.bins
    scale = 2**z * tileset.bins
    counts: list[sql.Composable] = [sql.SQL("count(*) AS n")]
    by = layer.bins_by
    if by:
        counts += [
            sql.SQL("nullif(count(*) FILTER (WHERE q.{} = {}), 0) AS {}").format(
                sql.Identifier(by), sql.Literal(code), sql.Identifier(f"n_{code}")
            )
            for code in layer.column(by).codes
        ]
    return sql.SQL(
        "WITH point AS (SELECT q.*, floor((ST_X(q.geom_3857) + {w}) / (2 * {w}) * {scale}) - %(x)s * {bins} AS bx, "
        "floor(({w} - ST_Y(q.geom_3857)) / (2 * {w}) * {scale}) - %(y)s * {bins} AS by FROM {source} "
        "WHERE q.geom_3857 && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 0.001) AND {near}), "
        "bin AS (SELECT ST_Point((q.bx + 0.5) * {side}, (q.by + 0.5) * {side}) AS geom, {counts} FROM point AS q "
        "WHERE q.bx >= 0 AND q.bx < {bins} AND q.by >= 0 AND q.by < {bins} GROUP BY q.bx, q.by ORDER BY q.bx, q.by) "
        "SELECT coalesce(ST_AsMVT(bin.*, %(layer)s, {extent}, 'geom'), '') FROM bin"
    ).format(
        w=sql.Literal(WORLD_M),
        scale=sql.Literal(scale),
        bins=sql.Literal(tileset.bins),
        side=sql.Literal(side),
        extent=sql.Literal(tileset.extent),
        source=source,
        near=near,
        counts=sql.SQL(", ").join(counts),
    )
