"""Which version of the data a layer stands on: what caches and entity tags go by."""

from __future__ import annotations

import datetime as dt
import threading

from psycopg2 import sql

from gridmap.db.session import Connection, transaction
from gridmap.layers import Layer

# Base tables behind each layer, by database and definition: a view's tables change with migrations only.
_known: dict[tuple[str, str], list[str]] = {}
_same_for_all: dict[tuple[str, str], bool] = {}
_lock = threading.Lock()

_BASE_TABLES = """
WITH RECURSIVE behind AS (
    SELECT c.oid, c.relkind, c.relname
    FROM pg_class AS c
    WHERE c.relnamespace = 'snapshot'::regnamespace AND c.relname = ANY(%s)
    UNION
    SELECT b.oid, b.relkind, b.relname
    FROM behind AS v
    INNER JOIN pg_rewrite AS r ON r.ev_class = v.oid
    INNER JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
    INNER JOIN pg_class AS b ON b.oid = d.refobjid
    WHERE b.relkind IN ('v', 'r', 'p')
)
SELECT behind.relname FROM behind WHERE behind.relkind <> 'v' ORDER BY behind.relname
"""


def base_tables(conn: Connection, layer: Layer) -> list[str]:
    """List the tables that decide what a layer shows: those behind the views it reads, and the setting (today)."""
    name = (conn.info.dbname + "@" + conn.info.host, layer.digest)
    with _lock:
        tables = _known.get(name)
    if tables is None:
        with transaction(conn) as cursor:
            cursor.execute(_BASE_TABLES, [list(layer.reads)])
            tables = sorted({row.relname for row in cursor} | {"setting"})
        with _lock:
            _known[name] = tables
    return tables


# the policy `drafts` hides drafts and nothing else, and no layer shows a draft unless one is asked for
_HIDDEN = """
SELECT EXISTS (
    SELECT FROM pg_class AS c
    WHERE c.relnamespace = 'gridmap'::regnamespace AND c.relname = ANY(%s) AND c.relrowsecurity
        AND NOT EXISTS (SELECT FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polname = 'drafts')
)
"""


def rights(conn: Connection, layer: Layer, area_key: str) -> str:
    """Return what a layer's tiles and counts are kept by beside their version: the reader's area, or the same for all.

    The database says which: the same for all is what reads no table of which a policy hides rows from anybody.
    """
    name = (conn.info.dbname + "@" + conn.info.host, layer.digest)
    with _lock:
        same = _same_for_all.get(name)
    if same is None:
        tables = base_tables(conn, layer)
        with transaction(conn) as cursor:
            cursor.execute(_HIDDEN, [tables])
            same = not cursor.fetchone()[0]
        with _lock:
            _same_for_all[name] = same
    return "all" if same else area_key


def layer_version(conn: Connection, layer: Layer, as_of: dt.date | None) -> tuple[dt.date, str]:
    """Return the day that is meant and a text that changes whenever the layer may show something else on it."""
    tables = base_tables(conn, layer)
    # findings of another day are those of the last report on it, which is a new run and not a change of `finding`
    run = sql.SQL("(SELECT max(u.run_id) FROM gridmap.run AS u WHERE u.as_of = day.day)")
    query = sql.SQL(
        "SELECT day.day, coalesce({run}, 0) AS run, coalesce(d.version, 0) AS version "
        "FROM (SELECT coalesce(%s, gridmap.today()) AS day) AS day "
        "CROSS JOIN (SELECT sum(d.version) AS version FROM gridmap.data_version AS d WHERE d.relation = ANY(%s)) AS d"
    ).format(run=run if "run_finding" in tables else sql.Literal(0))
    with transaction(conn) as cursor:
        cursor.execute(query, [as_of, tables])
        row = cursor.fetchone()
    return row.day, f"{row.version}.{row.run}"
