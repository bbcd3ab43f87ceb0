"""A small city at random and random edits of it: what the examples of rules say of sites, put anywhere."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import shapely

from gridmap import glossary
from tests.builders import add_region, add_site, add_village, add_zone, box
from tests.rules import examples

TODAY = dt.date(2020, 11, 15)
COUNTIES = ("410181", "410102")
ZONES = tuple(glossary.terms()["zone_kind"])
TABLES = frozenset(glossary.terms()["site_kind"])


@cache
def templates() -> dict[str, list[dict[str, dict[str, Any]]]]:
    """Return by kind of site what the examples say of sites: the rows of their tables."""
    found: dict[str, list[dict[str, dict[str, Any]]]] = {}
    for path in examples.files():
        for example in examples.read(path):
            for row in example.rows["site"]:
                told = {table: dict(row[table]) for table in sorted(TABLES & row.keys())}
                if told and told not in found.setdefault(min(told), []):
                    found[min(told)].append(told)
    return found


def grow(cursor, dice):
    """Build a world of two counties on 20 by 10 kilometres."""
    cursor.execute("UPDATE gridmap.setting SET today = %s", [TODAY])
    for number, code in enumerate(COUNTIES):
        west = number * 10
        add_region(cursor, code, "county", box(west, 0, west + 10, 10))
        for part in range(2):
            corners = (west, part * 5, west + 10, part * 5 + 5)
            seat = (west + dice.uniform(2, 8), part * 5 + 2)
            add_region(cursor, f"{code}10{part}", "township", box(*corners), parent=code, seat=seat)
    for number in range(24):
        add_village_somewhere(cursor, dice, number)
    for number in range(60):
        add_site_somewhere(cursor, dice, f"m{number}")
    for number, kind in enumerate(ZONES):
        west = number % 8
        add_zone(
            cursor, f"{kind}_0", box(west, 1, west + 7, 8), kind=kind, begins_on=dt.date(2017, 1, 1),
            county_code="410181", position_error_m=dice.choice([0, 300]),
        )  # fmt: skip
    add_zone(cursor, "by_name", units_in=("410181100",), units_out=("410181100202",), begins_on=dt.date(2017, 1, 1))


def add_village_somewhere(cursor, dice, number):
    """Insert a village, now and then with a territory wider than its position is off."""
    county = COUNTIES[number % 2]
    x, y = dice.uniform(0, 10) + 10 * (number % 2), dice.uniform(0, 10)
    households = dice.choice([None, 100])
    add_village(
        cursor, f"{county}10{number // 2 % 2}2{number:02}", (x, y), error_m=dice.choice([0, 50, 3000]),
        terrain=dice.choice(["plain", "hill", "remote_mountain", ""]) or None,
        territory=box(x - 2, y - 1, x + 2, y + 1) if dice.random() < 0.2 else None,
        programme=dice.choice(["none", "planned", "finished"]), wholly_substituted=dice.choice([True, False]),
        households=households, households_substituted=None if households is None else dice.choice([0, 70, 100]),
        counted_on=None if households is None else dt.date(2020, 10, 1),
    )  # fmt: skip


def add_site_somewhere(cursor, dice, site_id):
    """Insert a site of any kind, with what an example tells of one."""
    kind = dice.choice(sorted(templates()))
    add_site(
        cursor, site_id, (dice.uniform(0, 20), dice.uniform(0, 10)), error_m=dice.choice([0, 20, 400, 2500]),
        kind=kind, county=dice.choice(COUNTIES), region_code=dice.choice(["410181100", "410102101", None]),
        reported_region_code=dice.choice(["410181", "410181100", "410102", None]),
    )  # fmt: skip
    tell(cursor, dice, site_id, kind)


def tell(cursor, dice, site_id, kind):
    """Write the rows of a site's tables as some example has them."""
    for table, values in dice.choice(templates()[kind]).items():
        examples.insert(cursor, table, {"site_id": site_id, **values})


def edit(cursor, dice, step):
    """Make one random change, and return what was done."""
    cursor.execute("SELECT site_id, kind FROM gridmap.site ORDER BY site_id")
    sites = cursor.fetchall()
    cursor.execute("SELECT village_id FROM gridmap.village ORDER BY village_id")
    villages = [row[0] for row in cursor.fetchall()]
    (site, kind), village = dice.choice(sites), dice.choice(villages)
    what = dice.choice(
        [
            "add",
            "move",
            "delete",
            "details",
            "details",
            "village",
            "terrain",
            "zone",
            "zone",
            "units",
            "draft",
            "region",
        ]
    )
    if what == "add":
        add_site_somewhere(cursor, dice, f"n{step}")
    elif what == "move":
        cursor.execute(
            "UPDATE gridmap.site SET geom = (SELECT s.geom FROM gridmap.site AS s WHERE s.site_id = %s) "
            "WHERE site_id = %s", [dice.choice(sites)[0], site],
        )  # fmt: skip
    elif what == "delete":
        cursor.execute("DELETE FROM gridmap.site WHERE site_id = %s", [site])
    elif what == "details":
        for table in sorted(TABLES):
            cursor.execute(f"DELETE FROM gridmap.{table} WHERE site_id = %s", [site])
        tell(cursor, dice, site, kind)
        what += f" of {kind}"
    elif what == "village":
        cursor.execute(
            "UPDATE gridmap.village SET geom = (SELECT s.geom FROM gridmap.site AS s WHERE s.site_id = %s) "
            "WHERE village_id = %s", [site, village],
        )  # fmt: skip
    elif what == "terrain":
        cursor.execute(
            "UPDATE gridmap.village SET terrain_declared = %s, terrain_declared_by = 'test' WHERE village_id = %s",
            [dice.choice(["plain", "hill", "remote_mountain"]), village],
        )
    elif what == "region":
        cursor.execute("UPDATE gridmap.region SET position_error_m = %s WHERE code = '410181'", [dice.choice([0, 500])])
    else:
        what = change_zone(cursor, dice, step, what)
    return what


def change_zone(cursor, dice, step, what):
    """Let a zone follow itself, by line or by list; draw a new one, end one, or only draft one."""
    begins = dt.date(2017, 2, 1) + dt.timedelta(days=step)
    if what == "units":
        units = dice.sample(["410181100", "410181101", "410102100", "410102101", "410181100202"], 2)
        add_zone(cursor, "by_name", units_in=(units[0],), units_out=(units[1],), begins_on=begins)
        return what
    kind, how = dice.choice(ZONES), dice.choice(["vertex", "box", "new", "end"])
    lineage = f"{kind}_0"
    more = {"kind": kind, "begins_on": begins, "county_code": dice.choice(COUNTIES)}
    west, south = dice.uniform(0, 12), dice.uniform(0, 5)
    shape = box(west, south, west + dice.uniform(1, 6), south + dice.uniform(1, 4))
    if what == "draft":
        add_zone(cursor, lineage, shape, publish=False, **more)
        return f"draft of {kind}"
    if how == "new":
        lineage = f"{kind}_{step}"
    elif how == "end":
        cursor.execute(
            "UPDATE gridmap.zone SET in_force = daterange(lower(in_force), %s) "
            "WHERE lineage = %s AND status = 'published' AND upper_inf(in_force)", [TODAY - dt.timedelta(days=1), lineage],
        )  # fmt: skip
        return f"end of {kind}"
    elif how == "vertex":
        x, y = dice.uniform(0.05, 0.4), dice.uniform(0.05, 0.4)
        shape = shapely.Polygon([(2, 2), (9, 2), (9 + x, 7 + y), (2, 7)])
        more["county_code"] = "410181"
    add_zone(cursor, lineage, shape, position_error_m=dice.choice([0, 300]), **more)
    return f"{how} of {kind}"
