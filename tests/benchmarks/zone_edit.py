"""Measure what one zone edit costs with many sites, beside a whole audit of the same database.

    python -m tests.benchmarks.zone_edit [NUMBER_OF_SITES] [--rules 4]

Makes a scratch database as audit_100k does and audits it whole, twice. Then zones are edited one after another, each
edit followed by `rejudge`, told by phase; at the end a whole audit must find nothing more to move.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import click
import shapely
from psycopg2.extensions import cursor as Cursor
from shapely.affinity import translate

from gridmap.db.session import Connection, connect, transaction
from gridmap.domain.zone import ZoneDraft
from gridmap.engines import postgis
from gridmap.rules import catalogue, engine, incremental
from gridmap.store import changes, finding_life, zone_cells, zones
from tests import databases
from tests.benchmarks.audit_100k import multiply

RULES = catalogue.load()  # a server has read them before anybody edits a zone
_METRE = 1 / 100_000  # degrees, near enough to move a vertex by about so many metres

_LAST = """
SELECT ST_AsBinary(z.boundary) AS boundary, z.kind, z.name, z.county_code, z.issuer, z.document, z.class AS class_,
    z.position_error_m, z.is_sketch, lower(z.in_force) AS begins_on,
    array(SELECT u.unit_code FROM gridmap.zone_unit AS u WHERE u.zone_id = z.zone_id AND u.side = 'in') AS units_in,
    array(SELECT u.unit_code FROM gridmap.zone_unit AS u WHERE u.zone_id = z.zone_id AND u.side = 'out') AS units_out
FROM gridmap.zone AS z WHERE z.lineage = %s AND z.status = 'published' ORDER BY z.version DESC LIMIT 1
"""
_VILLAGE_OUTSIDE = """
SELECT v.village_id FROM gridmap.village AS v
WHERE left(v.village_id, 6) = %s AND NOT EXISTS (
    SELECT FROM gridmap.zone AS z INNER JOIN gridmap.zone_unit AS u ON u.zone_id = z.zone_id
    WHERE z.lineage = %s AND u.unit_code IN (v.village_id, v.township_code)
)
ORDER BY v.village_id OFFSET 7 LIMIT 1
"""


@dataclass(frozen=True)
class Edit:
    """One edit: what it is called and the lineage it makes a new version of."""

    title: str
    lineage: str
    change: Callable[[Cursor, ZoneDraft], ZoneDraft]


def vertex(metres: float) -> Callable[[Cursor, ZoneDraft], ZoneDraft]:
    """Return an edit that moves one vertex of the boundary east."""

    def change(cursor: Cursor, draft: ZoneDraft) -> ZoneDraft:
        (first, *more) = shapely.from_wkb(draft.boundary_wkb).geoms
        ring = list(first.exterior.coords)[:-1]
        place = len(ring) // 3
        ring[place] = (ring[place][0] + metres * _METRE, ring[place][1])
        moved = shapely.MultiPolygon([shapely.Polygon(ring, first.interiors), *more])
        assert moved.is_valid, draft.lineage
        return ZoneDraft(**{**draft.__dict__, "boundary_wkb": shapely.to_wkb(moved)})

    return change


def village_added(cursor: Cursor, draft: ZoneDraft) -> ZoneDraft:
    """Add a village to the list of units."""
    cursor.execute(_VILLAGE_OUTSIDE, [draft.county_code, draft.lineage])
    (village_id,) = cursor.fetchone()
    return ZoneDraft(**{**draft.__dict__, "units_in": (*draft.units_in, village_id)})


def anew(east_m: float) -> Callable[[Cursor, ZoneDraft], ZoneDraft]:
    """Return an edit that draws a zone anew: all of it is moved."""

    def change(cursor: Cursor, draft: ZoneDraft) -> ZoneDraft:
        moved = translate(shapely.from_wkb(draft.boundary_wkb), east_m * _METRE)
        return ZoneDraft(**{**draft.__dict__, "boundary_wkb": shapely.to_wkb(moved)})

    return change


EDITS = (
    Edit("no-burn zone, one vertex by 150 m", "no_burn_410181", vertex(150)),
    Edit("no-burn zone of built-up area, one vertex by 100 m", "no_burn_410102_built_up", vertex(-100)),
    Edit("coal-free zone, one vertex by 120 m", "coal_free_410181_xicun", vertex(120)),
    Edit("coal-free zone, a village added to the list", "coal_free_410183", village_added),
    Edit("machinery zone, one vertex by 150 m", "machinery_restricted", vertex(150)),
    Edit("built-up area, one vertex by 100 m", "built_up_main_city", vertex(100)),
    Edit("heating coverage, one vertex by 100 m", "heating_coverage_410181", vertex(100)),
    Edit("gas coverage, one vertex by 100 m", "gas_coverage_410181", vertex(100)),
    Edit("no-burn zone drawn anew, moved by 500 m", "no_burn_410182", anew(500)),
    Edit("machinery zone drawn anew, moved by 2 km", "machinery_restricted", anew(2000)),
)


def publish(cursor: Cursor, edit: Edit) -> None:
    """Publish the next version of a zone."""
    cursor.execute(_LAST, [edit.lineage])
    last = cursor.fetchone()
    draft = ZoneDraft(
        lineage=edit.lineage, kind=last.kind, class_=last.class_, name=last.name,
        county_code=last.county_code, issuer=last.issuer, document=last.document,
        begins_on=max(last.begins_on + dt.timedelta(days=1), dt.date(2020, 9, 1)),
        position_error_m=last.position_error_m, is_sketch=last.is_sketch, units_in=tuple(last.units_in),
        units_out=tuple(last.units_out), source="benchmark",
        boundary_wkb=None if last.boundary is None else bytes(last.boundary),
    )  # fmt: skip
    zones.publish(cursor, zones.insert_draft(cursor, edit.change(cursor, draft)))


@dataclass
class Clock:
    """Milliseconds by phase, as the functions that do the work take them."""

    phases: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def around(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, its time added to a phase."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.phases[phase] += (time.perf_counter() - start) * 1000

        return timed


PHASES = (
    ("changes", changes, "since"),
    ("squares", zone_cells, "build_missing"),
    ("judging", postgis, "evaluate"),
    ("writing", finding_life, "apply"),
)


@contextmanager
def timed() -> Iterator[Clock]:
    """Have the phases of `rejudge` timed."""
    clock = Clock()
    with ExitStack() as stack:
        for phase, module, name in PHASES:
            stack.enter_context(mock.patch.object(module, name, clock.around(phase, getattr(module, name))))
        yield clock


def moved(run: engine.RunSummary) -> int:
    """Return how many findings a run moved."""
    return sum(rule.opened + rule.changed + rule.gone + rule.reopened for rule in run.rules)


def measure(conn: Connection, edit: Edit, whole_s: float, slowest: int) -> None:
    """Make one edit, judge it, print what it took."""
    start = time.perf_counter()
    with transaction(conn) as cursor:
        publish(cursor, edit)
    saved = (time.perf_counter() - start) * 1000
    start = time.perf_counter()
    with timed() as clock:
        run = incremental.rejudge(conn, RULES)
    took = (time.perf_counter() - start) * 1000
    assert run is not None and run.status == "complete", run
    rest = took - sum(clock.phases.values())
    phases = ", ".join(f"{name} {ms:.0f}" for name, ms in {**clock.phases, "rest": rest}.items())
    judged = [rule for rule in run.rules if rule.duration_ms]
    click.echo(
        f"\n{edit.title}: {took:.0f} ms ({phases}), 1/{whole_s * 1000 / took:.0f} of a whole audit; "
        f"{len(judged)} rules judged, {moved(run)} findings moved; saved and published in {saved:.0f} ms"
    )
    for rule in sorted(judged, key=lambda one: -one.duration_ms)[:slowest]:
        click.echo(f"  {rule.rule_id:10} {rule.duration_ms:7.1f} ms")


def whole(conn: Connection) -> tuple[float, engine.RunSummary]:
    """Audit everything; return the seconds it took and what it found."""
    start = time.perf_counter()
    run = engine.audit(conn, catalogue=RULES)
    assert run.status == "complete"
    return time.perf_counter() - start, run


@click.command()
@click.argument("number", type=int, default=100_000)
@click.option("--rules", "slowest", default=4, help="Slowest rules told of each edit.")
def main(number: int, slowest: int) -> None:
    """Fill, audit, edit and judge, prove by a whole audit that nothing was missed."""
    with databases.temporary("edit") as url:
        databases.fill_city(url)
        conn = connect(url)
        try:
            multiply(conn, number)
            click.echo(f"whole audit, all findings new: {whole(conn)[0]:.1f} s")
            whole_s, _run = whole(conn)
            click.echo(f"whole audit, all findings there: {whole_s:.1f} s")
            for edit in EDITS:
                measure(conn, edit, whole_s, slowest)
            _seconds, after = whole(conn)
            click.echo(f"\na whole audit afterwards moves {moved(after)} findings")
            assert moved(after) == 0
        finally:
            conn.close()


if __name__ == "__main__":
    main()
