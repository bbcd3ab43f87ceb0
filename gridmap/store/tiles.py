"""Vector tiles (MVT 2.1, WebMercatorQuad) of any layer, with a cache that goes by the version of the data."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from psycopg2 import sql

from gridmap import __version__
from gridmap.db.session import Connection, snapshot
from gridmap.errors import NotFoundError, UserError
from gridmap.layers import Column, Layer, Tileset
from gridmap.store import versions
from gridmap.store.layers import select

WORLD_M = 20037508.342789244
"""Half the side of the Web Mercator square, metres of EPSG:3857."""

RIGHTS_PUBLIC = "public"
"""Rights of a reader without an account: until there are roles everybody sees the same."""


@dataclass(frozen=True)
class Tile:
    """A ready tile: the MVT, the same gzipped, and its entity tag (without quotes)."""

    mvt: bytes
    gzipped: bytes
    etag: str


class TileCache:
    """The tiles used last, up to a number of bytes; safe to share between threads."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = threading.Lock()
        self._tiles: OrderedDict[str, Tile] = OrderedDict()

    def find(self, etag: str) -> Tile | None:
        """Return a tile or None."""
        with self._lock:
            tile = self._tiles.get(etag)
            if tile is not None:
                self._tiles.move_to_end(etag)
            return tile

    def keep(self, tile: Tile) -> None:
        """Keep a tile and let go of those not used for longest."""
        with self._lock:
            if tile.etag in self._tiles:
                return
            self._tiles[tile.etag] = tile
            self._bytes += _weight(tile)
            while self._bytes > self._max_bytes and self._tiles:
                _, dropped = self._tiles.popitem(last=False)
                self._bytes -= _weight(dropped)


def _weight(tile: Tile) -> int:
    return len(tile.mvt) + len(tile.gzipped) + 500


def check_address(layer: Layer, tileset: Tileset, z: int, y: int, x: int) -> None:
    """Raise unless the tile matrix has such a tile and the layer can be drawn."""
    if not layer.has_tiles:
        raise NotFoundError(f"{layer.id} has no place on the map, hence no tiles")
    if z > tileset.max_zoom:
        raise NotFoundError(f"tiles go up to zoom {tileset.max_zoom}; zoom {z} was asked for")
    last = 2**z - 1
    if not (0 <= x <= last and 0 <= y <= last):
        raise UserError(f"there is no tile {z}/{y}/{x}: at zoom {z} row and column go from 0 to {last}")


def tile_etag(
    conn: Connection, layer: Layer, z: int, y: int, x: int, *, as_of: dt.date | None, rights: str = RIGHTS_PUBLIC
) -> str:
    """Return the entity tag of a tile: it changes with the data, the day, the definition and the software."""
    day, version = versions.layer_version(conn, layer, as_of)
    parts = (__version__, layer.id, layer.digest, str(z), str(y), str(x), version, day.isoformat(), rights)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def make_tile(
    conn: Connection, layer: Layer, tileset: Tileset, z: int, y: int, x: int, *, as_of: dt.date | None
) -> bytes:
    """Return the MVT of one tile, one MVT layer named by the layer's id; empty below the layer's lowest zoom."""
    check_address(layer, tileset, z, y, x)
    if z < layer.zoom[0]:
        return b""
    query = _bins(layer, tileset, z) if z < layer.bins_below else _tile_features(layer, tileset, z)
    values = {"z": z, "x": x, "y": y, "layer": layer.id, "extent": tileset.extent, "buffer": tileset.buffer}
    with snapshot(conn, as_of) as cursor:
        cursor.execute(query, values)
        return bytes(cursor.fetchone()[0])


def get_tile(
    conn: Connection,
    cache: TileCache,
    layer: Layer,
    tileset: Tileset,
    z: int,
    y: int,
    x: int,
    *,
    as_of: dt.date | None,
) -> Tile:
    """Return a tile from the cache or the database."""
    check_address(layer, tileset, z, y, x)
    # one transaction would not help: a change after the tag was read only makes the tag older than its tile
    etag = tile_etag(conn, layer, z, y, x, as_of=as_of)
    tile = cache.find(etag)
    if tile is None:
        mvt = make_tile(conn, layer, tileset, z, y, x, as_of=as_of)
        tile = Tile(mvt, gzip.compress(mvt, 6, mtime=0) if mvt else b"", etag)
        cache.keep(tile)
    return tile


def _tile_features(layer: Layer, tileset: Tileset, z: int) -> sql.Composed:
    shape: sql.Composable = sql.SQL("q.geom_3857")
    if layer.simplify_px:
        tolerance = layer.simplify_px * 2 * WORLD_M / 2**z / 256
        shape = sql.SQL("ST_Simplify(q.geom_3857, {}, true)").format(sql.Literal(tolerance))
    columns = [column for column in layer.columns if _at(column, z)]
    return sql.SQL(
        "WITH tile AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box, "
        "ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {margin}) AS wide), "
        "shape AS (SELECT ST_AsMVTGeom({shape}, tile.box, %(extent)s, %(buffer)s) AS geom, {columns} "
        "FROM tile, {source} WHERE q.geom_3857 && tile.wide) "
        "SELECT coalesce(ST_AsMVT(shape.*, %(layer)s, %(extent)s, 'geom'), '') FROM shape WHERE shape.geom IS NOT NULL"
    ).format(
        margin=sql.Literal(tileset.buffer / tileset.extent),
        shape=shape,
        columns=sql.SQL(", ").join([sql.SQL("q.feature_id"), *map(_tile_column, columns)]),
        source=select(layer),
    )


def _at(column: Column, z: int) -> bool:
    return column.tile_zoom is not None and column.tile_zoom <= z


def _tile_column(column: Column) -> sql.Composable:
    # MVT knows neither days nor NULL; a NULL is left out of the tile
    name = sql.Identifier("q", column.name)
    if column.type == "date":
        return sql.SQL("CAST({} AS text) AS {}").format(name, sql.Identifier(column.name))
    return name


def _bins(layer: Layer, tileset: Tileset, z: int) -> sql.Composed:
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
        "WHERE q.geom_3857 && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 0.001)), "
        "bin AS (SELECT ST_Point((q.bx + 0.5) * {side}, (q.by + 0.5) * {side}) AS geom, {counts} FROM point AS q "
        "WHERE q.bx >= 0 AND q.bx < {bins} AND q.by >= 0 AND q.by < {bins} GROUP BY q.bx, q.by ORDER BY q.bx, q.by) "
        "SELECT coalesce(ST_AsMVT(bin.*, %(layer)s, %(extent)s, 'geom'), '') FROM bin"
    ).format(
        w=sql.Literal(WORLD_M),
        scale=sql.Literal(scale),
        bins=sql.Literal(tileset.bins),
        side=sql.Literal(side),
        source=select(layer),
        counts=sql.SQL(", ").join(counts),
    )
