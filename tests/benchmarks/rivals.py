"""Other engines that judge points against areas, as far as they are installed: DuckDB's spatial extension, SedonaDB.

Each gets its tables ready beforehand, in its own form; only the join that makes the pairs is measured.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any

import click
import geopandas
import numpy as np
import shapely

Answer = Callable[[Any], np.ndarray[Any, Any]]
Rival = tuple[str, Callable[[], Any], Answer]


def available(
    points: geopandas.GeoDataFrame, areas: geopandas.GeoDataFrame, pieces: geopandas.GeoDataFrame
) -> Iterator[Rival]:
    """Yield name, run and answer of each engine that is there; say which are not."""
    for name, rivals in (("DuckDB", _duckdb), ("SedonaDB", _sedonadb)):
        try:
            yield from rivals(points, areas, pieces)
        except ImportError as error:
            click.echo(f"{name} does not take part: {error}")


def _wkb(frame: geopandas.GeoDataFrame, key: str) -> Any:
    import pyarrow as pa

    return pa.table({key: frame[key].to_numpy(), "wkb": pa.array(shapely.to_wkb(frame.geometry.to_numpy()))})


def _sorted(sites: Any, zones: Any) -> np.ndarray[Any, Any]:
    return np.sort(np.asarray(sites, dtype=np.int64) * 100_000 + np.asarray(zones, dtype=np.int64))


def _duckdb(
    points: geopandas.GeoDataFrame, areas: geopandas.GeoDataFrame, pieces: geopandas.GeoDataFrame
) -> Iterator[Rival]:
    import duckdb
    import duckdb_ext  # holds the extension as a file: nothing is fetched

    folder = str(resources.files(duckdb_ext) / "extensions")
    base = duckdb.connect(config={"extension_directory": folder})
    base.execute("LOAD spatial")
    base.execute(f"SET threads = {os.cpu_count()}")
    base.register("raw_points", _wkb(points, "site"))
    base.execute("CREATE TABLE site AS SELECT site, ST_GeomFromWKB(wkb) AS geom FROM raw_points")
    for table, frame in (("area", areas), ("piece", pieces)):
        base.register("raw", _wkb(frame, "zone"))
        base.execute(f"CREATE TABLE {table} AS SELECT zone, ST_GeomFromWKB(wkb) AS geom FROM raw")
        base.unregister("raw")

    def join(table: str) -> Callable[[], Any]:
        def run() -> Any:
            base.execute(
                f"CREATE OR REPLACE TABLE found AS SELECT s.site, z.zone FROM site AS s "
                f"JOIN {table} AS z ON ST_Intersects(z.geom, s.geom)"
            )

        return run

    def answer(_: Any) -> np.ndarray[Any, Any]:
        found = base.execute("SELECT DISTINCT site, zone FROM found").fetchnumpy()
        return _sorted(found["site"], found["zone"])

    if len(points) <= 100_000:  # eleven seconds then, minutes beyond
        yield f"DuckDB {duckdb.__version__} spatial join, whole zones", join("area"), answer
    yield f"DuckDB {duckdb.__version__} spatial join, 64-vertex pieces", join("piece"), answer


def _sedonadb(
    points: geopandas.GeoDataFrame, areas: geopandas.GeoDataFrame, pieces: geopandas.GeoDataFrame
) -> Iterator[Rival]:
    import pyarrow as pa
    import sedonadb

    base = sedonadb.connect()
    for table, frame in (("site", points), ("area", areas), ("piece", pieces)):
        base.create_data_frame(frame.set_crs(None, allow_override=True)).to_memtable().to_view(table)

    def join(table: str) -> Callable[[], Any]:
        def run() -> Any:
            query = f"SELECT s.site, z.zone FROM site AS s JOIN {table} AS z ON ST_Intersects(z.geometry, s.geometry)"
            return pa.table(base.sql(query))

        return run

    def answer(found: Any) -> np.ndarray[Any, Any]:
        return np.unique(_sorted(found["site"].to_numpy(), found["zone"].to_numpy()))

    yield f"SedonaDB {sedonadb.__version__}, whole zones", join("area"), answer
    yield f"SedonaDB {sedonadb.__version__}, 64-vertex pieces", join("piece"), answer
