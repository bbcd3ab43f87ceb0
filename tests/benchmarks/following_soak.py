"""Follow drafts through long random streams of edits, and hold every step against judging everything anew.

    python -m tests.benchmarks.following_soak [FIRST_SEED] [STREAMS] [--edits 8] [--judge-every 4]

Each stream draws one zone of a random city over and over: vertices moved near and far, holes, pieces, unions, cuts,
lists and locks; now and then the draft's error, a village, a site, another zone or the day changes in between. After
each edit, what is kept of villages and sites must be what is read anew of the whole city, as law and as draft, and
areas and sides those of an impact from scratch; every so many edits all findings are judged twice. Each difference is
told with its seed and step: the same seed draws the same stream.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import click
import shapely
from shapely.affinity import scale, translate

from gridmap.db.session import Connection, connect, today, transaction
from gridmap.domain.draft import Content
from gridmap.errors import UserError
from gridmap.planning import following
from gridmap.planning import impact as planning
from gridmap.planning.following import Known
from gridmap.store import drafts, zone_rows
from tests import databases
from tests.builders import add_zone, box, degrees
from tests.planning import test_following as small
from tests.planning.test_impact import RULES, told
from tests.rules import random_city

Area: TypeAlias = shapely.Geometry
_UNITS = ("410181100", "410181101", "410102100", "410102101", "410181100204", "410102100201")
_SAME_M2 = 0.05


def piece(dice: random.Random, size_km: float = 6) -> Area:
    """Return a ring of some corners somewhere, kilometres: a box, or one that is neither square nor convex."""
    west, south = dice.uniform(-1, 14), dice.uniform(-1, 8)
    wide, high = dice.uniform(0.2, size_km), dice.uniform(0.2, size_km)
    if dice.random() < 0.5:
        return box(west, south, west + wide, south + high)
    corners = [
        (0, 0),
        (0.5, dice.uniform(-0.2, 0.4)),
        (1, 0),
        (0.8, 0.5),
        (1, 1),
        (0.4, dice.uniform(0.6, 1.3)),
        (0, 1),
    ]
    return shapely.Polygon([(west + x * wide, south + y * high) for x, y in corners])


def move_vertex(dice: random.Random, area: Area, far_km: float) -> Area:
    """Move one vertex of any ring."""
    polygons = list(shapely.get_parts(area))
    which = dice.randrange(len(polygons))
    rings = [list(ring.coords)[:-1] for ring in (polygons[which].exterior, *polygons[which].interiors)]
    ring = dice.choice(rings)
    place = dice.randrange(len(ring))
    ring[place] = (ring[place][0] + dice.uniform(-far_km, far_km), ring[place][1] + dice.uniform(-far_km, far_km))
    polygons[which] = shapely.Polygon(rings[0], rings[1:])
    return shapely.MultiPolygon(polygons)


def on_an_edge(dice: random.Random, area: Area) -> Area:
    """Put a vertex on an edge, or take one away."""
    polygons = list(shapely.get_parts(area))
    which = dice.randrange(len(polygons))
    ring = list(polygons[which].exterior.coords)[:-1]
    place = dice.randrange(len(ring))
    if dice.random() < 0.5 and len(ring) > 4:
        del ring[place]
    else:
        (x, y), (to_x, to_y) = ring[place - 1], ring[place]
        ring.insert(place, ((x + to_x) / 2, (y + to_y) / 2))
    polygons[which] = shapely.Polygon(ring, polygons[which].interiors)
    return shapely.MultiPolygon(polygons)


def redraw(dice: random.Random, area: Area, neighbours: Sequence[Area]) -> tuple[str, Area]:
    """Change an area as a planner may, kilometres, and say how; the new one may be unsound.

    neighbours: zones of the kind, along whose boundaries it is drawn now and then.
    """
    parts = list(shapely.get_parts(area))
    what = dice.choice(
        [
            "near", "near", "near", "far", "far", "edge", "hole", "unhole", "piece", "unpiece", "union", "cut", "shift",
            "anew", "along", "along", "over",
        ]
    )  # fmt: skip
    if what in {"along", "over"} and neighbours:
        other = dice.choice(neighbours)
        return what, area.difference(other) if what == "along" else area.union(other)
    if what == "near":
        return what, move_vertex(dice, area, 0.4)
    if what == "far":
        return what, move_vertex(dice, area, 6)
    if what == "edge":
        return what, on_an_edge(dice, area)
    if what == "hole":
        within = dice.choice(parts)
        return what, area.difference(scale(within, dice.uniform(0.1, 0.5), dice.uniform(0.1, 0.5)))
    if what == "unhole":
        return what, shapely.MultiPolygon([shapely.Polygon(part.exterior) for part in parts])
    if what == "piece":
        other = piece(dice, 3)
        return what, area if other.intersects(area) else shapely.MultiPolygon([*parts, other])
    if what == "unpiece" and len(parts) > 1:
        return what, shapely.MultiPolygon(dice.sample(parts, len(parts) - 1))
    if what == "union":
        return what, area.union(piece(dice, 4))
    if what == "cut":
        return what, area.difference(piece(dice, 4))
    if what == "shift":
        return what, translate(area, dice.uniform(-3, 3), dice.uniform(-3, 3))
    return "anew", piece(dice)


def as_multi(area: Area) -> Area:
    """Return an area as a MultiPolygon of what has any area worth the name."""
    parts = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon" and part.area > 0.0001]
    return shapely.MultiPolygon(parts)


def content_of(area: Area, units: tuple[tuple[str, ...], tuple[str, ...]]) -> Content:
    return Content(shapely.to_wkb(degrees(area)), *units)


def change_error(conn: Connection, dice: random.Random, zone_id: int) -> None:
    with transaction(conn) as cursor:
        cursor.execute(
            "UPDATE gridmap.zone SET position_error_m = %s WHERE zone_id = %s", [dice.choice([0, 30, 300]), zone_id]
        )


def all_squares(conn: Connection) -> set[int]:
    with transaction(conn) as cursor:
        cursor.execute("SELECT s.cell_key FROM gridmap.site AS s UNION SELECT v.cell_key FROM gridmap.village AS v")
        return {key for (key,) in cursor.fetchall()}


def wrong_rows(conn: Connection, known: Known, kind: str, lineage: str, zone_id: int) -> list[str]:
    """Return what is kept of rows otherwise than it is read now, of the whole city."""
    wrong = []
    squares = all_squares(conn)
    for relation, rows in (("village_cover", known.villages), ("site_in_zone", known.sites)):
        law = zone_rows.read(conn, relation, kind, squares, day=today(conn), lineage=lineage)
        draft = zone_rows.read(conn, relation, kind, squares, day=today(conn), lineage=lineage, draft=zone_id)
        for name, kept, fresh in (("law", rows.law, law), ("draft", rows.draft, draft)):
            here = {key: told for key, told in fresh.items() if told.cell_key in rows.cells}
            for key in sorted(kept.keys() | here.keys()):
                if plain(kept.get(key)) != plain(here.get(key)):
                    wrong.append(f"{relation} of {name}, {key}: kept {kept.get(key)}, is {here.get(key)}")
        for key in sorted(law.keys() | draft.keys()):
            of_law, of_draft = plain(law.get(key)), plain(draft.get(key))
            if of_law != of_draft and (draft.get(key) or law[key]).cell_key not in rows.cells:
                wrong.append(
                    f"{relation}, {key}: {of_law} by law, {of_draft} by draft, in a square not known to change"
                )
    return wrong


def plain(row: zone_rows.Told | None) -> object:
    """Return what counts of a row: of shares and distances, as much as rounding leaves.

    Where a line is cut in two depends on the whole boundary: a kept square may hold an older cut, a nanometre off.
    """
    if row is None:
        return None
    rows = re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.6f}", row.rows)
    return dataclasses.replace(row.side, inside_pct=round(row.side.inside_pct, 6)), row.cell_key, rows


def stream(conn: Connection, seed: int, edits: int, judge_every: int, done: Counter[str]) -> list[str]:
    """Draw one zone over and over; return all differences found."""
    dice = random.Random(seed)
    kind = random_city.ZONES[seed % len(random_city.ZONES)]
    with transaction(conn) as cursor:
        random_city.grow(cursor, dice)
        for number in range(24, 90):
            random_city.add_village_somewhere(cursor, dice, number)
        for number in range(60, 200):
            random_city.add_site_somewhere(cursor, dice, f"m{number}")
        neighbours = [piece(dice, 5) for _ in range(dice.randrange(4))]
        for number, neighbour in enumerate(neighbours):
            add_zone(
                cursor, f"{kind}_beside_{number}", neighbour, kind=kind, begins_on=dt.date(2018, 1, 1),
                county_code="410181", position_error_m=dice.choice([0, 100]),
            )  # fmt: skip
    zone_id = small.start(conn, f"{kind}_0")
    with transaction(conn) as cursor:
        lineage = drafts.get_draft(cursor, zone_id).lineage
    area, units = as_multi(piece(dice)), ((), ())
    following.forget()
    wrong: list[str] = []
    for step in range(edits):
        how, new = redraw(dice, area, neighbours)
        new = as_multi(new)
        if dice.random() < 0.1:
            units, how = (
                ((dice.choice(_UNITS),), ()) if dice.random() < 0.5 else ((), (dice.choice(_UNITS),)),
                how + "+units",
            )
        if dice.random() < 0.1:
            change_error(conn, dice, zone_id)
            how += "+error"
        if dice.random() < 0.15:
            with transaction(conn) as cursor:
                how += f"+{small.change_something(cursor, dice, step)}"
        if new.is_valid and not new.is_empty:
            try:
                small.save(conn, zone_id, content_of(new, units))
                area = new
            except UserError:
                how += " (refused)"
        done[how.split("+")[0]] += 1
        impact = planning.impact(conn, zone_id, RULES)
        with transaction(conn) as cursor:
            known = following.follow(conn, cursor, drafts.get_draft(cursor, zone_id), RULES)
        at = f"seed {seed}, step {step} ({how})"
        wrong += [f"{at}: {one}" for one in wrong_rows(conn, known, kind, lineage, zone_id)]
        if step % judge_every == judge_every - 1 and told(impact) != small.difference(conn, zone_id):
            wrong.append(f"{at}: findings differ from judging all twice")
        if wrong:
            return wrong
    fresh = small.from_scratch(conn, zone_id)
    if small.lost_and_found(impact) != small.lost_and_found(fresh):
        wrong.append(f"seed {seed}: sides differ at the end")
    if max(abs(one - other) for one, other in zip(small.areas(impact), small.areas(fresh), strict=True)) > _SAME_M2:
        wrong.append(f"seed {seed}: areas differ at the end: {small.areas(impact)}, {small.areas(fresh)}")
    return wrong


@click.command()
@click.argument("first_seed", type=int, default=1)
@click.argument("streams", type=int, default=33)
@click.option("--edits", default=8, help="edits of each stream")
@click.option("--judge-every", default=4, help="judge all findings twice at every so many edits")
def main(first_seed: int, streams: int, edits: int, judge_every: int) -> None:
    """Run the streams and tell all differences; exit 1 when there is one."""
    done: Counter[str] = Counter()
    wrong: list[str] = []
    begun = time.monotonic()
    for seed in range(first_seed, first_seed + streams):
        with databases.migrated("soak") as url:
            conn = connect(url)
            found = stream(conn, seed, edits, judge_every, done)
            conn.close()
        for one in found:
            click.echo(one)
        wrong += found
        click.echo(f"seed {seed}: {len(found)} differences, {time.monotonic() - begun:.0f} s")
    click.echo(f"{streams} streams, {sum(done.values())} edits: {dict(done)}; {len(wrong)} differences")
    databases.drop_migrated()
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
