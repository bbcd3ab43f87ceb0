"""An impact that follows its draft tells what judging everything twice tells, whatever happened in between."""

import dataclasses
import datetime as dt
import os
import random
import subprocess
import sys
from contextlib import contextmanager

import pytest
import shapely

from gridmap.db.session import connect, transaction
from gridmap.domain.draft import Content
from gridmap.planning import following
from gridmap.planning import impact as planning
from gridmap.store import draft_content, drafts, zones
from tests import databases
from tests.builders import add_site, add_village, add_zone, box, degrees
from tests.planning.test_impact import RULES, drawn, judged, told
from tests.rules import random_city


def difference(conn, draft):
    before, after = judged(conn), judged(conn, draft)
    return {
        "appear": after.keys() - before.keys(),
        "go": before.keys() - after.keys(),
        "change": {key for key in before.keys() & after.keys() if before[key] != after[key]},
    }


def lost_and_found(impact):
    """Return what an impact says of sides, so that two ways to it can be compared."""
    return impact.villages_gained, impact.villages_lost, impact.sites_gained, impact.sites_lost


def areas(impact):
    land = impact.land
    return land.draft_m2, land.law_m2, land.kept_m2, land.overlap_m2, land.outside_m2 or 0.0


def from_scratch(conn, zone_id):
    following.forget()
    return planning.impact(conn, zone_id, RULES)


def somewhere(dice):
    """Draw a ring of a few corners, and now and then units beside it."""
    west, south = dice.uniform(0, 8), dice.uniform(0, 4)
    area = box(west, south, west + dice.uniform(3, 9), south + dice.uniform(2, 6))
    units = ["410181100", "410181101", "410102100", "410181100204"]
    listed = dice.sample(units, 2) if dice.random() < 0.3 else []
    return drawn(area, units_in=tuple(listed[:1]), units_out=tuple(listed[1:]))


def nudged(dice, content):
    """Move one vertex, as the editor does."""
    (first, *more) = shapely.from_wkb(content.boundary_wkb).geoms
    ring = list(first.exterior.coords)[:-1]
    for _ in range(20):
        place = dice.randrange(len(ring))
        moved = list(ring)
        moved[place] = (ring[place][0] + dice.uniform(-0.01, 0.01), ring[place][1] + dice.uniform(-0.01, 0.01))
        shape = shapely.MultiPolygon([shapely.Polygon(moved), *more])
        if shape.is_valid:
            return dataclasses.replace(content, boundary_wkb=shapely.to_wkb(shape))
    return content


def change_something(cursor, dice, step):
    """Change the draft's surroundings: a site, a village, another zone, the day; or nothing."""
    if dice.random() < 0.2:
        cursor.execute("UPDATE gridmap.setting SET today = %s", [random_city.TODAY + dt.timedelta(days=step)])
        return "day"
    return random_city.edit(cursor, dice, step)


def save(conn, zone_id, content):
    with transaction(conn) as cursor:
        own = drafts.get_draft(cursor, zone_id)
        return drafts.save(cursor, zone_id, own.revision, content, actor="planner-01")


def start(conn, lineage):
    with transaction(conn) as cursor:
        base = next(zone.zone_id for zone in zones.list_zones(conn) if zone.lineage == lineage)
        return drafts.create(cursor, base, title="重画", author="planner-01").zone_id


@pytest.mark.parametrize(
    ("seed", "lineage"),
    [(1, "coal_free_0"), (2, "no_burn_0"), (4, "machinery_restricted_0"), (5, "built_up_0"), (7, "heating_coverage_0")],
)
def test_a_stream_of_edits_tells_what_judging_everything_twice_tells(seed, lineage):
    dice = random.Random(seed)
    with databases.migrated("follow") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            random_city.grow(cursor, dice)
        draft, content = start(conn, lineage), somewhere(dice)
        for step in range(3):
            content = somewhere(dice) if dice.random() < 0.2 else nudged(dice, content)
            save(conn, draft, content)
            done = "nothing"
            if dice.random() < 0.4:
                with transaction(conn) as cursor:
                    done = change_something(cursor, dice, step)
            impact = planning.impact(conn, draft, RULES)
            assert told(impact) == difference(conn, draft), (step, done)
            if step == 2:
                fresh = from_scratch(conn, draft)
                assert lost_and_found(impact) == lost_and_found(fresh), (step, done)
                assert areas(impact) == pytest.approx(areas(fresh), abs=0.01), (step, done)
        conn.close()


@pytest.fixture
def town(conn):
    """A zone and its draft, with sites and the rules' world small enough to tell what changes."""
    with transaction(conn) as cursor:
        base = add_zone(cursor, boundary=box(0, 0, 4, 4))
        add_site(cursor, "within", (3.5, 2), county="410181")
        draft = drafts.create(cursor, base, title="东移", author="planner-01")
        drafts.save(cursor, draft.zone_id, 1, drawn(box(0, 0, 5, 4)), actor="planner-01")
    return draft.zone_id


def gained(conn, zone_id):
    return [site.id for site in planning.impact(conn, zone_id, RULES).sites_gained]


@contextmanager
def undone(conn):
    """Undo what the block writes, as a preview of what is not saved does."""
    with transaction(conn) as outer:
        outer.execute("SAVEPOINT preview")
        yield outer
        outer.execute("ROLLBACK TO SAVEPOINT preview")


def test_what_was_never_saved_is_not_remembered_as_saved(conn, town):
    with transaction(conn) as cursor:
        add_site(cursor, "beside", (6.5, 2), county="410181")
    assert gained(conn, town) == []
    for _ in range(2):
        with undone(conn) as cursor:
            drafts.write_content(cursor, town, drawn(box(0, 0, 7, 4)))
            assert gained(conn, town) == ["beside"]
        assert gained(conn, town) == []


def test_a_site_that_was_rolled_back_is_not_remembered_under_the_number_of_its_version(conn, town):
    """Two states of the data may bear one version number, if the first of them never came to be."""
    assert gained(conn, town) == []
    with undone(conn) as cursor:
        add_site(cursor, "first", (4.5, 2), county="410181")
        assert gained(conn, town) == ["first"]
    with transaction(conn) as cursor:
        add_site(cursor, "second", (4.5, 3), county="410181")
    assert gained(conn, town) == ["second"]


def test_saving_a_draft_leaves_what_is_known_of_it_valid_and_any_other_change_does_not(conn, town):
    def state():
        with transaction(conn) as cursor:
            return draft_content.state(cursor, {"site", "village", "region", "setting"})

    known = state()
    with transaction(conn) as cursor:
        drafts.save(cursor, town, 2, drawn(box(0, 0, 6, 4)), actor="planner-01")
    assert state() == known
    with transaction(conn) as cursor:
        add_site(cursor, "new", (1, 1), county="410181")
    assert state() != known
    known = state()
    with transaction(conn) as cursor:
        add_zone(cursor, "elsewhere", boundary=box(20, 20, 22, 22))
    assert state() != known
    known = state()
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = '2021-01-01'")
    assert state() != known


def test_every_column_of_a_zone_counts(conn, town):
    """A column that is left out of the comparison would let an answer stand that it decides."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'gridmap' AND table_name = 'zone'"
        )
        columns = {name for (name,) in cursor.fetchall()}
    outline = {"boundary", "geom", "geom_m", "geom_3857", "recorded_at"}
    missing = {column for column in columns - outline if f"z.{column}," not in draft_content.REST}
    assert missing == set()


ASK = """
import sys
from gridmap.db.session import connect
from gridmap.planning.impact import impact
from gridmap.rules import catalogue
conn, rules = connect(sys.argv[1]), catalogue.load()
for line in sys.stdin:
    print(",".join(site.id for site in impact(conn, int(line), rules).sites_gained), flush=True)
"""


def test_two_processes_tell_the_same_of_a_draft_that_a_third_saves():
    with databases.migrated("follow_two") as url:
        conn = connect(url)
        with transaction(conn) as cursor:
            base = add_zone(cursor, boundary=box(0, 0, 4, 4))
            for number in range(5, 9):
                add_site(cursor, f"s{number}", (number - 0.5, 2), county="410181")
            draft = drafts.create(cursor, base, title="东移", author="planner-01").zone_id
        workers = [
            subprocess.Popen(
                [sys.executable, "-c", ASK, url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ,
            )
            for _ in range(2)
        ]
        try:
            # the second is asked now and then only: what it knows is of an older content
            for step, east in enumerate((5, 7, 6, 8, 5)):
                save(conn, draft, drawn(box(0, 0, east, 4)))
                expected = ",".join(f"s{number}" for number in range(5, east + 1))
                for worker in workers[: 1 + step % 2]:
                    worker.stdin.write(f"{draft}\n")
                    worker.stdin.flush()
                    assert worker.stdout.readline().strip() == expected
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
            conn.close()


def test_moving_one_vertex_judges_few_sites_again(conn, town, monkeypatch):
    asked = []
    read = following.zone_rows.read
    monkeypatch.setattr(
        following.zone_rows, "read",
        lambda conn, relation, kind, cells, **more: asked.append(len(cells)) or read(conn, relation, kind, cells, **more),
    )  # fmt: skip
    planning.impact(conn, town, RULES)
    first, asked[:] = sum(asked), []
    save(conn, town, drawn(box(0, 0, 5, 4)))
    planning.impact(conn, town, RULES)
    assert first > 0 and asked == []


def test_content_is_compared_by_what_it_draws(conn, town):
    with transaction(conn) as cursor:
        known = draft_content.read(cursor, town)
        drafts.save(
            cursor,
            town,
            2,
            Content(shapely.to_wkb(shapely.MultiPolygon([degrees(box(0, 0, 5, 4))]))),
            actor="planner-01",
        )
        assert draft_content.read(cursor, town) == known
        drafts.save(cursor, town, 3, drawn(box(0, 0, 6, 4)), actor="planner-01")
        assert draft_content.read(cursor, town).outline != known.outline


def test_a_village_is_read_where_it_stands_today_not_where_an_earlier_version_stood(conn, town):
    with transaction(conn) as cursor:
        # two of them, for rows come in any order; neighbours of today where they stood
        add_village(cursor, "410181113201", (5.5, 2.5), in_force="[2020-01-01,)")
        add_village(cursor, "410181113201", (6.5, 2.5), in_force="[2017-01-01,2020-01-01)")
        add_village(cursor, "410181113202", (6.5, 1.5), in_force="[2017-01-01,2020-01-01)")
        add_village(cursor, "410181113202", (5.5, 1.5), in_force="[2020-01-01,)")
        add_village(cursor, "410181113203", (6.6, 2.6))
        add_village(cursor, "410181113204", (6.6, 1.6))
    assert planning.impact(conn, town, RULES).villages_gained == ()
    save(conn, town, drawn(box(0, 0, 7, 4)))
    assert [village.id for village in planning.impact(conn, town, RULES).villages_gained] == [
        "410181113201",
        "410181113202",
        "410181113203",
        "410181113204",
    ]
