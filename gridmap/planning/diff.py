"""What differs between two versions of a zone, or between the law of two days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from gridmap.db.session import Connection, today, transaction
from gridmap.errors import UserError
from gridmap.planning.impact import INSIDE_PCT
from gridmap.store import draft_sides, zone_diff, zone_edits, zones
from gridmap.store.draft_sides import Side
from gridmap.store.zone_diff import Crossing, DaysDiff, Diff, ZoneChange


def diff(conn: Connection, a: int, b: int, *, on: dt.date | None = None, coarse_m: float = 0.0) -> Diff:
    """Compare two versions of one zone, published or drafted, as far as the connection's reader may see them.

    Both are put in turn where the zone's law of one day stands (on, the platform's today by default): villages, sites
    and all other zones are that day's, so that only the versions make a difference. coarse_m: see zone_diff.land().
    NotFoundError when there is no such version, UserError when they are not of one zone.
    """
    with transaction(conn) as cursor:
        old, new = zones.get_zone(conn, a), zones.get_zone(conn, b)
        if (old.lineage, old.kind) != (new.lineage, new.kind):
            raise UserError(
                f"{a} is a version of {old.name} ({old.lineage}) and {b} one of {new.name} ({new.lineage}); "
                "expected two versions of one zone"
            )
        day = on or today(conn)
        villages: tuple[Crossing, ...] = ()
        sites: tuple[Crossing, ...] = ()
        if a != b:
            # only where the two differ; which squares that are is known of today's villages alone
            edit = zone_edits.between(cursor, a, b) if day == today(conn) else None
            villages, sites = (
                _crossings(*(sides(conn, new.kind, cells, day=day, draft=one) for one in (a, b)))
                for sides, cells in (
                    (draft_sides.villages, edit.villages if edit else None),
                    (draft_sides.sites, edit.sites if edit else None),
                )
            )
        return Diff(old, new, day, zone_diff.land(cursor, a, b, coarse_m=coarse_m), villages, sites)


def diff_days(
    conn: Connection, kind: str, county: str | None, day_a: dt.date, day_b: dt.date, *, coarse_m: float = 0.0
) -> DaysDiff:
    """Tell which zones of a kind another version is law of on the second day, and what changes side.

    county: six digits, only zones that it draws and villages and sites that lie in it. What the register did not have
    on both days changes no side. Sites: those that the connection's reader may see. coarse_m: see zone_diff.land().
    UserError when there is no such kind.
    """
    with transaction(conn) as cursor:
        kinds = [known.kind for known in zones.list_kinds(conn)]
        if kind not in kinds:
            raise UserError(f"there is no kind of zone called {kind!r}; known are {', '.join(kinds)}")
        before, after = (
            {zone.lineage: zone for zone in zones.list_zones(conn, as_of=day, kind=kind, county=county)}
            for day in (day_a, day_b)
        )
        changes = []
        for lineage in sorted(before.keys() | after.keys()):
            old, new = before.get(lineage), after.get(lineage)
            ids = (old.zone_id if old else None, new.zone_id if new else None)
            if ids[0] != ids[1]:
                changes.append(ZoneChange(old, new, zone_diff.land(cursor, *ids, coarse_m=coarse_m)))
        unchanged = len(before.keys() | after.keys()) - len(changes)
        counties = [county] if county else None
        was, becomes = (draft_sides.villages(conn, kind, None, day=day, counties=counties) for day in (day_a, day_b))
        known = was.keys() & becomes.keys()
        villages = _crossings(_only(was, known), _only(becomes, known))
        was, becomes = (draft_sides.sites(conn, kind, None, day=day, counties=counties) for day in (day_a, day_b))
        # a site that is told of on one day only is outside on the other, unless it was not there at all
        one_sided = list(was.keys() ^ becomes.keys())
        absent = set(one_sided) - draft_sides.known_sites(conn, one_sided, (day_a, day_b))
        sites = _crossings(*(_only(told, told.keys() - absent) for told in (was, becomes)))
        return DaysDiff(kind, county, day_a, day_b, tuple(changes), villages, sites, unchanged)


def _only(sides: dict[str, Side], keys: Iterable[str]) -> dict[str, Side]:
    return {key: sides[key] for key in keys}


def _crossings(before: dict[str, Side], after: dict[str, Side]) -> tuple[Crossing, ...]:
    """Return what is on another side afterwards, by id; what is not told of is outside."""
    found = []
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        was, becomes = (0.0 if side is None else side.inside_pct for side in (old, new))
        if (was >= INSIDE_PCT) == (becomes >= INSIDE_PCT):
            continue
        told = [side for side in (new, old) if side is not None]
        thing = told[0]
        found.append(
            Crossing(
                "added" if becomes >= INSIDE_PCT else "removed",
                thing.id, thing.name, thing.county_code, thing.households, thing.lon, thing.lat, was, becomes,
                by_name=any(side.by_name for side in told),
                near_boundary=any(side.near_boundary for side in told),
            )
        )  # fmt: skip
    return tuple(found)
