"""Measure what the impact of a draft costs while somebody draws, with many sites, beside a whole audit.

    python -m tests.benchmarks.draft_impact [NUMBER_OF_SITES] [--edits 20] [--check 0]

Makes a scratch database as audit_100k does. Of each base a draft is drawn with 100, 1,000 and 10,000 vertices and, where
the base lists units, one township more on the list; then one vertex after another is moved, each move saved and
followed by `impact`, as the editor does. Told are p50 and p95 of both, and of each rule. Now and then the answer is
compared with that of judging the law and the draft whole.
"""

from __future__ import annotations

import dataclasses
import math
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import click
import shapely

from gridmap.db.session import Connection, connect, snapshot, today, transaction
from gridmap.domain import finding
from gridmap.domain.draft import Content
from gridmap.engines import postgis
from gridmap.planning import impact as planning
from gridmap.planning.impact import Impact
from gridmap.rules import catalogue, engine
from gridmap.store import draft_content, draft_sides, drafts, zone_edits, zone_rows
from tests import databases
from tests.benchmarks.audit_100k import multiply

RULES = catalogue.load()
VERTICES = (100, 1_000, 10_000)
_METRE = 1 / 100_000  # degrees, near enough
Found = dict[tuple[str, str, str, str], str]

BASES = (
    ("coal_free_410181", ("410181113",)),
    ("no_burn_410181", ()),
)
"""Lineage that is redrawn, and units newly listed."""


def outline(conn: Connection, lineage: str, vertices: int) -> list[tuple[float, float]]:
    """Return a ring of so many vertices about the greatest part of what a zone covers, rough as a drawn line is."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT ST_AsBinary(geom) FROM gridmap.zone WHERE lineage = %s AND status = 'published' "
            "ORDER BY version DESC LIMIT 1",
            [lineage],
        )
        whole = shapely.from_wkb(bytes(cursor.fetchone()[0]))
    line = max(whole.geoms, key=lambda part: part.area).exterior
    places = shapely.line_interpolate_point(line, [step / vertices for step in range(vertices)], normalized=True)
    dice = random.Random(vertices)
    rough = min(5 * _METRE, 0.2 * line.length / vertices)
    return [(place.x + dice.uniform(-rough, rough), place.y + dice.uniform(-rough, rough)) for place in places]


def moves(ring: Sequence[tuple[float, float]], dice: random.Random) -> Iterator[list[tuple[float, float]]]:
    """Move one vertex after another by 20 to 300 m, none so far that the ring crosses itself."""
    points = list(ring)
    while True:
        place, turn = dice.randrange(len(points)), dice.uniform(0, 2 * math.pi)
        for metres in (dice.uniform(20, 300), 15, 5, 1):
            moved = list(points)
            x, y = points[place]
            moved[place] = (x + metres * _METRE * math.cos(turn), y + metres * _METRE * math.sin(turn))
            if shapely.Polygon(moved).is_valid:
                points = moved
                yield points
                break


def content(ring: Sequence[tuple[float, float]], base: Content, more: Sequence[str]) -> Content:
    """Draw a ring, with the units of the base and some more."""
    drawn = shapely.MultiPolygon([shapely.Polygon(ring)])
    units = tuple(sorted({*base.units_in, *more}))
    return dataclasses.replace(base, boundary_wkb=shapely.to_wkb(drawn), units_in=units)


class Clock:
    """Milliseconds by phase of one impact: rules by their id, the rest by name."""

    def __init__(self) -> None:
        self.now: dict[str, float] = defaultdict(float)

    def around(self, name: Callable[..., str], function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, its time added to the phase that its arguments name."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.now[name(*args)] += (time.perf_counter() - start) * 1000

        return timed


@contextmanager
def timed() -> Iterator[Clock]:
    """Have the parts of `impact` timed."""
    clock = Clock()
    with ExitStack() as stack:
        for module, attribute, name in (
            (engine, "rows_of", lambda _conn, rule, *_more: rule.id),
            (zone_rows, "read", lambda _conn, relation, *_more: relation),
            (draft_sides, "land", lambda *_: "land"),
            (draft_content, "read", lambda *_: "content"),
            (draft_content, "state", lambda *_: "state"),
            (zone_edits, "_sites", lambda *_: "squares of sites"),
            (zone_edits, "_villages", lambda *_: "squares of villages"),
            (zone_edits, "_counties", lambda *_: "counties"),
        ):
            stack.enter_context(mock.patch.object(module, attribute, clock.around(name, getattr(module, attribute))))
        yield clock


def judged(conn: Connection, draft: int | None = None) -> Found:
    """Judge everything by every rule that is in force: the slow way."""
    found = {}
    with snapshot(conn, today(conn), draft=draft) as cursor:
        for rule in RULES.rules:
            if rule.status == "in_force":
                for row in postgis.evaluate(cursor, rule, as_of=today(conn)):
                    key = (rule.id, row.feature_kind, row.feature_id, row.part)
                    found[key] = finding.material(rule.material, row.certainty, row.facts)
    return found


def check(conn: Connection, before: Found, found: Impact) -> int:
    """Hold an impact against the difference of judging everything; return how many findings it tells of."""
    after = judged(conn, found.draft)
    told: dict[str, set[Any]] = {
        name: {
            (rule.rule_id, change.feature_kind, change.feature_id, change.part)
            for rule in found.findings
            for change in getattr(rule, name)
        }
        for name in ("appear", "go", "change")
    }
    assert told["appear"] == after.keys() - before.keys()
    assert told["go"] == before.keys() - after.keys()
    assert told["change"] == {key for key in before.keys() & after.keys() if before[key] != after[key]}
    return sum(map(len, told.values()))


def spread(times: Sequence[float]) -> str:
    """Return p50 and p95 in milliseconds."""
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return f"p50 {statistics.median(times):6.0f} ms, p95 {cuts[18]:6.0f} ms, worst {max(times):6.0f} ms"


def measure(
    conn: Connection, base: tuple[str, Sequence[str]], vertices: int, edits: int, before: Found, checks: int
) -> list[float]:
    """Draw, move vertices and tell what it took; return the milliseconds of each impact but the first."""
    lineage, more = base
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT zone_id FROM gridmap.zone WHERE lineage = %s AND status = 'published' ORDER BY version DESC LIMIT 1",
            [lineage],
        )
        base_id = cursor.fetchone()[0]
        drawn_from = drafts.get_content(cursor, base_id)
        draft = drafts.create(cursor, base_id, title="benchmark", author="benchmark")
    ring = outline(conn, lineage, vertices)
    with transaction(conn) as cursor:
        draft = drafts.save(cursor, draft.zone_id, 1, content(ring, drawn_from, more), actor="benchmark")
    start = time.perf_counter()
    found = planning.impact(conn, draft.zone_id, RULES)
    first = (time.perf_counter() - start) * 1000
    saves, impacts, parts = [], [], defaultdict(list)
    stream = moves(ring, random.Random(1))
    with timed() as clock:
        for _edit in range(edits):
            drawn = content(next(stream), drawn_from, more)
            start = time.perf_counter()
            with transaction(conn) as cursor:
                draft = drafts.save(cursor, draft.zone_id, draft.revision, drawn, actor="benchmark")
            middle = time.perf_counter()
            clock.now.clear()
            found = planning.impact(conn, draft.zone_id, RULES)
            impacts.append((time.perf_counter() - middle) * 1000)
            saves.append((middle - start) * 1000)
            for name, ms in clock.now.items():
                parts[name].append(ms)
    click.echo(f"\n{lineage}, {vertices:,} vertices, {edits} moves")
    click.echo(f"  impact {spread(impacts)}; the first of the draft {first:.0f} ms")
    click.echo(f"  save   {spread(saves)}")
    told = sorted(parts.items(), key=lambda part: -sum(part[1]))
    click.echo("  of an impact: " + ", ".join(f"{name} {sum(ms) / edits:.1f}" for name, ms in told) + " ms on average")
    for _ in range(checks):
        click.echo(f"  {check(conn, before, found)} findings differ, the same as judging everything twice")
    with transaction(conn) as cursor:
        drafts.take_step(cursor, draft.zone_id, "withdraw", "benchmark")
    return impacts


@click.command()
@click.argument("number", type=int, default=100_000)
@click.option("--edits", default=20, help="Moves of one vertex per draft.")
@click.option("--check", "checks", default=1, help="0: do not compare with judging everything.")
def main(number: int, edits: int, checks: int) -> None:
    """Fill, audit, draw, tell."""
    with databases.temporary("impact") as url:
        databases.fill_city(url)
        conn = connect(url)
        try:
            multiply(conn, number)
            engine.audit(conn, catalogue=RULES)
            start = time.perf_counter()
            engine.audit(conn, catalogue=RULES)
            audit_ms = (time.perf_counter() - start) * 1000
            before = judged(conn)
            every: list[float] = []
            for base in BASES:
                for vertices in VERTICES:
                    every += measure(conn, base, vertices, edits, before, checks)
            click.echo(f"\nall impacts: {spread(every)}")
            click.echo(f"a whole audit {audit_ms:.0f} ms: {audit_ms / statistics.median(every):.0f} times the p50")
        finally:
            conn.close()


if __name__ == "__main__":
    main()
