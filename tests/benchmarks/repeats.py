"""Measure what it costs to know which sites are repeats, and what it adds to the nearest sites.

    python -m tests.benchmarks.repeats [NUMBER_OF_SITES] [DATABASE_URL]

Makes a scratch database as tests/benchmarks/near.py does, or uses one made before, and gives it a history: every fifth
site inspected twice within half a year (six measures each, one inspection in ten failed), one in fifty with a case that
was handed over three times, one in a hundred with a finding that came back after it was cured. Asks as the city and as an
inspector of one county.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from gridmap.db.session import AREA_ROLE, CITY_ROLE, Access, Connection, connect, transaction
from gridmap.inspecting.near import Asked, near
from gridmap.inspecting.site_file import site_file
from gridmap.store.findings import FindingFilter, list_findings, number_of_findings
from gridmap.store.nearest import list_nearest
from gridmap.store.repeats import list_standing_out, repeats_of
from gridmap.store.site_record import records_of
from tests import databases
from tests.benchmarks import rights
from tests.benchmarks.near import COUNTY, measure, positions

HISTORY = (
    "INSERT INTO gridmap.inspection (inspection_id, site_id, inspected_on, post, is_demo) "
    "SELECT 'bench-' || v.n || '-' || s.site_id, s.site_id, gridmap.today() - 40 * v.n, '检查岗', true "
    "FROM gridmap.site AS s CROSS JOIN generate_series(1, 2) AS v (n) "
    "WHERE s.site_id LIKE 'bench-%' AND s.site_pk % 5 = 0",
    "INSERT INTO gridmap.inspection_measure (inspection_id, measure, is_met) "
    "SELECT i.inspection_id, m.name, m.name <> 'cover' OR hashtext(i.inspection_id) % 10 <> 0 "
    "FROM gridmap.inspection AS i "
    "CROSS JOIN unnest(ARRAY['fence', 'cover', 'vehicle_wash', 'hard_ground', 'closed_trucks', 'wet_earthwork']) AS m (name) "
    "WHERE i.inspection_id LIKE 'bench-%'",
    "INSERT INTO gridmap.case_file (case_id, county_code, site_id, source, title, filed_on, is_demo) "
    "SELECT 'bench-' || s.site_id, s.county_code, s.site_id, 'hand_over', '演示', gridmap.today() - 100, true "
    "FROM gridmap.site AS s WHERE s.site_id LIKE 'bench-%' AND s.site_pk % 50 = 0",
    "INSERT INTO gridmap.case_handover (case_id, handed_on, from_office, to_office) "
    "SELECT c.case_id, gridmap.today() - 30 * v.n, '市', '县' FROM gridmap.case_file AS c "
    "CROSS JOIN generate_series(1, 3) AS v (n) WHERE c.case_id LIKE 'bench-%'",
    "INSERT INTO gridmap.finding_event (key, event, reason, on_day) "
    "SELECT f.key, e.event, e.reason, gridmap.today() - e.ago FROM gridmap.finding AS f "
    "CROSS JOIN (VALUES ('opened', NULL, 90), ('gone', 'cured', 60), ('reopened', 'resurgence', 30)) AS e (event, reason, ago) "
    "WHERE f.feature_id LIKE 'bench-%00' ORDER BY f.key, e.ago DESC",
    "UPDATE gridmap.finding SET resurgence_count = 1, reopened_count = 1 WHERE feature_id LIKE 'bench-%00'",
)


def main() -> None:
    """Fill, measure, print."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if len(sys.argv) > 2:
        report(sys.argv[2])
        return
    with databases.temporary("repeats") as url:
        databases.fill_city(url)
        owner = connect(url)
        rights.fill(owner, number)
        give_history(owner)
        owner.close()
        report(url)


def give_history(conn: Connection) -> None:
    """Add inspections, hand-overs and resurgence."""
    with transaction(conn) as cursor:
        for step in HISTORY:
            cursor.execute(step)
    conn.autocommit = True
    with conn.cursor() as cursor:
        cursor.execute("ANALYZE")


def report(url: str) -> None:
    """Measure everything in one database, as the city and as an inspector of a county."""
    owner = connect(url)
    for title, access, county in (
        ("city", Access(CITY_ROLE), None),
        ("inspector", Access(AREA_ROLE, counties=(COUNTY,)), COUNTY),
    ):
        conn = rights.reader(url, access)
        where = positions(owner, county)
        fifty = {at: [site.site_id for site in list_nearest(conn, at, limit=50)] for at in where}
        many = {at: [site.site_id for site in list_nearest(conn, at, limit=2000)] for at in where[:20]}
        everywhere = list_standing_out(conn)
        click.echo(f"{title}: {len(everywhere)} sites stand out")
        ask(f"{title}: repeats of 50 sites", where, lambda at, c=conn, f=fifty: repeats_of(c, f[at]))
        ask(f"{title}: repeats of 2000 sites", where[:20], lambda at, c=conn, m=many: repeats_of(c, m[at]))
        ask(f"{title}: all that stand out", where[:20], lambda at, c=conn: list_standing_out(c))
        ask(f"{title}: records of 50 sites", where, lambda at, c=conn, f=fifty: records_of(c, f[at]))
        ask(f"{title}: near() by distance", where, lambda at, c=conn: near(c, Asked(*at)))
        ask(
            f"{title}: near() by urgency, 2 km",
            where,
            lambda at, c=conn: near(c, Asked(*at, radius_m=2000, rank="urgency")),
        )
        only = FindingFilter(repeats=True)
        ask(f"{title}: 50 findings, all", where[:20], lambda at, c=conn: list_findings(c, FindingFilter(), limit=50))
        ask(f"{title}: 50 findings, repeats", where[:20], lambda at, c=conn, o=only: list_findings(c, o, limit=50))
        ask(f"{title}: number of them", where[:20], lambda at, c=conn, o=only: number_of_findings(c, o))
        ask(f"{title}: file of a site", where[:20], lambda at, c=conn, f=fifty: site_file(c, f[at][0]))


def ask(title: str, where: list[tuple[float, float]], question: Callable[[tuple[float, float]], object]) -> None:
    """Print how long a question takes."""
    measure(title, where, question)


if __name__ == "__main__":
    main()
