"""Measure a full audit of all rules with many sites: the demo city with its villages, its sites copied about.

    python -m tests.benchmarks.audit_100k [NUMBER_OF_SITES] [--slowest 12]

Makes a scratch database on the server of GRIDMAP_DATABASE_URL (or the private cluster) and drops it afterwards. Each
site of the demo city is copied, with what its kind's table says of it, to places up to 3 km away drawn with a seed.
The audit runs twice: once when all findings are new, once when they are all there. The second answers the same.
"""

from __future__ import annotations

import time

import click

from gridmap.db.session import Connection, connect, transaction
from gridmap.rules import engine
from tests import databases

COPY_SITES = """
INSERT INTO gridmap.site (
    site_id, kind, name, county_code, region_code, reported_region_code, geom, position_error_m, placed_by, opened_on,
    closed_on, is_demo, source)
SELECT
    s.site_id || '.' || i, s.kind, s.name || i, s.county_code, s.region_code, s.reported_region_code,
    ST_Translate(s.geom, (random() - 0.5) * 0.06, (random() - 0.5) * 0.05), s.position_error_m, s.placed_by,
    s.opened_on, s.closed_on, s.is_demo, s.source
FROM (SELECT * FROM gridmap.site ORDER BY site_id) AS s
CROSS JOIN generate_series(1, %(copies)s) AS i
"""
# the table of a kind: every column but keys that the database makes
COLUMNS = """
SELECT c.table_name, string_agg(format('%I', c.column_name), ', ' ORDER BY c.ordinal_position) AS columns
FROM information_schema.columns AS c
INNER JOIN gridmap.site_kind AS k ON k.kind = c.table_name
WHERE c.table_schema = 'gridmap' AND c.column_name <> 'site_id' AND c.is_generated = 'NEVER' AND c.is_identity = 'NO'
    AND EXISTS (
        SELECT FROM information_schema.columns AS o
        WHERE o.table_schema = 'gridmap' AND o.table_name = c.table_name AND o.column_name = 'site_id'
    )
GROUP BY c.table_name
ORDER BY c.table_name
"""


@click.command()
@click.argument("number", type=int, default=100_000)
@click.option("--slowest", default=12)
def main(number: int, slowest: int) -> None:
    """Fill, audit twice, print both."""
    with databases.temporary("audit") as url:
        databases.fill_city(url)
        conn = connect(url)
        try:
            multiply(conn, number)
            for title in ("all findings are new", "all findings are there"):
                report(conn, title, slowest)
        finally:
            conn.close()


def multiply(conn: Connection, number: int) -> None:
    """Copy the sites of the demo city until there are about so many; then look at the tables as after a load."""
    with transaction(conn) as cursor:
        cursor.execute("SELECT count(*) FROM gridmap.site")
        copies = max(number // cursor.fetchone()[0] - 1, 0)
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(COPY_SITES, {"copies": copies})
        cursor.execute(COLUMNS)
        for table, columns in cursor.fetchall():
            cursor.execute(
                f"INSERT INTO gridmap.{table} (site_id, {columns}) SELECT t.site_id || '.' || i, {columns} "
                f"FROM gridmap.{table} AS t CROSS JOIN generate_series(1, %(copies)s) AS i",
                {"copies": copies},
            )
        cursor.execute(
            "SELECT (SELECT count(*) FROM gridmap.site) AS s, (SELECT count(*) FROM snapshot.village_all) AS v"
        )
        sites, villages = cursor.fetchone()
    conn.autocommit = True
    try:
        with conn.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    finally:
        conn.autocommit = False
    click.echo(f"{sites:,} sites, {villages:,} villages")


def report(conn: Connection, title: str, slowest: int) -> None:
    """Audit and print the whole and the slowest rules."""
    start = time.perf_counter()
    run = engine.audit(conn)
    took = time.perf_counter() - start
    with transaction(conn) as cursor:
        cursor.execute("SELECT count(*) FROM gridmap.finding WHERE status <> 'gone'")
        findings = cursor.fetchone()[0]
    judged = sum(rule.duration_ms for rule in run.rules) / 1000
    click.echo(
        f"\n{title}: {took:.1f} s for {len(run.rules)} rules ({run.status}), {judged:.1f} s of it judging; "
        f"{findings:,} findings"
    )
    for rule in sorted(run.rules, key=lambda one: -one.duration_ms)[:slowest]:
        click.echo(f"  {rule.rule_id:10} {rule.duration_ms:9.0f} ms  {rule.status} {rule.error or ''}")


if __name__ == "__main__":
    main()
