"""Two versions of a zone side by side: what land the second adds, gives up and keeps."""

from __future__ import annotations

import datetime as dt
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psycopg2.extensions import cursor as Cursor

from gridmap.store.zones import ZoneRow

Change = Literal["added", "removed", "kept"]
CHANGES: tuple[Change, ...] = ("added", "removed", "kept")

# one side may be no version at all, or one that lists units by name only. Lines that nearly meet leave threads between
# them: laid on a grid of centimetres they are gone, and what is left stays valid when a file rounds it to a millimetre.
_LAND = """
SELECT
    part.change, coalesce(ST_Area(part.geom_m), 0) AS area_m2,
    CASE WHEN NOT ST_IsEmpty(drawn.geom_m)
        THEN ST_AsGeoJSON(ST_ForcePolygonCCW(ST_Transform(drawn.geom_m, 4490)), 8, 0)
    END AS geojson
FROM (SELECT
    (SELECT z.geom_m FROM gridmap.zone AS z WHERE z.zone_id = %(a)s) AS old_m,
    (SELECT z.geom_m FROM gridmap.zone AS z WHERE z.zone_id = %(b)s) AS new_m
) AS pair
CROSS JOIN LATERAL (
    VALUES
    ('added', ST_CollectionExtract(gridmap.lay_on(pair.new_m, NULL, pair.old_m), 3)),
    ('removed', ST_CollectionExtract(gridmap.lay_on(pair.old_m, NULL, pair.new_m), 3)),
    ('kept', ST_CollectionExtract(ST_Intersection(pair.old_m, pair.new_m), 3))
) AS part (change, geom_m)
CROSS JOIN LATERAL (SELECT ST_ReducePrecision(part.geom_m, 0.01) AS geom_m) AS clean
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN %(coarse_m)s > 0 THEN ST_SimplifyPreserveTopology(clean.geom_m, %(coarse_m)s)
        ELSE clean.geom_m
    END AS geom_m
) AS drawn
"""


@dataclass(frozen=True)
class Land:
    """Areas in square metres, and the same land as GeoJSON geometries (degrees, EPSG:4490), None where there is none.

    A version that lists units by name only covers no land.
    """

    added_m2: float
    removed_m2: float
    kept_m2: float
    added: dict[str, Any] | None
    removed: dict[str, Any] | None
    kept: dict[str, Any] | None

    @property
    def before_m2(self) -> float:
        """Return what the first version covers."""
        return self.kept_m2 + self.removed_m2

    @property
    def after_m2(self) -> float:
        """Return what the second version covers."""
        return self.kept_m2 + self.added_m2

    def area_m2(self, change: Change) -> float:
        """Return the area that is added, removed or kept."""
        return {"added": self.added_m2, "removed": self.removed_m2, "kept": self.kept_m2}[change]

    def outline(self, change: Change) -> dict[str, Any] | None:
        """Return the land that is added, removed or kept."""
        return {"added": self.added, "removed": self.removed, "kept": self.kept}[change]


@dataclass(frozen=True)
class Crossing:
    """A village or site that changes side. lon, lat: degrees, EPSG:4490.

    change: added when it comes in, removed when it falls out. before_pct, after_pct: how much of it lies inside, 0 to
    100. by_name: a list names it before or after. near_boundary: before or after, the side cannot be told for sure.
    """

    change: Change
    id: str
    name: str
    county_code: str
    households: int | None
    lon: float
    lat: float
    before_pct: float
    after_pct: float
    by_name: bool
    near_boundary: bool


@dataclass(frozen=True)
class ZoneChange:
    """A zone of which another version, or none, is law on the second day. before, after: None where it is no law."""

    before: ZoneRow | None
    after: ZoneRow | None
    land: Land

    @property
    def zone(self) -> ZoneRow:
        """Return the version that tells what the zone is called now, or was."""
        found = self.after or self.before
        assert found is not None
        return found


class Sums(ABC):
    """What versions and days have in common: zones that changed, and what changes side."""

    villages: tuple[Crossing, ...]
    sites: tuple[Crossing, ...]

    @property
    @abstractmethod
    def changes(self) -> tuple[ZoneChange, ...]:
        """Return the zones compared, each with its land."""

    @property
    def differs(self) -> bool:
        """Return whether anything is told: land of a square metre, a village, a site, or a list of units."""
        lists = any(_lists(change.before) != _lists(change.after) for change in self.changes)
        land = self.area_m2("added") + self.area_m2("removed") >= 1
        return bool(land or self.villages or self.sites or lists)

    def area_m2(self, change: Change) -> float:
        """Return the land of all changed zones that is added, removed or kept; where zones overlap it counts twice."""
        return sum(one.land.area_m2(change) for one in self.changes)

    def villages_that(self, change: Change) -> tuple[Crossing, ...]:
        """Return the villages that come in (added) or fall out (removed)."""
        return tuple(village for village in self.villages if village.change == change)

    def sites_that(self, change: Change) -> tuple[Crossing, ...]:
        """Return the sites that come in (added) or fall out (removed)."""
        return tuple(site for site in self.sites if site.change == change)

    def households(self, change: Change) -> int:
        """Return the known households of the villages that come in or fall out."""
        return sum(village.households or 0 for village in self.villages_that(change))

    def uncounted(self, change: Change) -> int:
        """Return the number of those villages whose households nobody has counted."""
        return sum(village.households is None for village in self.villages_that(change))


@dataclass(frozen=True)
class Diff(Sums):
    """What differs between two versions of a zone, in the world of one day: its villages, sites and other zones."""

    a: ZoneRow
    b: ZoneRow
    on: dt.date
    land: Land
    villages: tuple[Crossing, ...]
    sites: tuple[Crossing, ...]

    @property
    def changes(self) -> tuple[ZoneChange, ...]:
        """Return the one zone compared."""
        return (ZoneChange(self.a, self.b, self.land),)


@dataclass(frozen=True)
class DaysDiff(Sums):
    """How the law of a kind differs between two days. county: whose zones and villages, None for the whole city.

    unchanged: how many zones are the same version on both days.
    """

    kind: str
    county: str | None
    day_a: dt.date
    day_b: dt.date
    zones: tuple[ZoneChange, ...]
    villages: tuple[Crossing, ...]
    sites: tuple[Crossing, ...]
    unchanged: int

    @property
    def changes(self) -> tuple[ZoneChange, ...]:
        """Return the zones of which another version is law."""
        return self.zones


def _lists(version: ZoneRow | None) -> tuple[frozenset[str], frozenset[str]]:
    return (frozenset(version.units_in), frozenset(version.units_out)) if version else (frozenset(), frozenset())


def land(cursor: Cursor, a: int | None, b: int | None, *, coarse_m: float = 0.0) -> Land:
    """Compare what two versions cover, None for no zone.

    coarse_m: how far outlines may be simplified, metres, for drawing; the areas are exact always.
    """
    cursor.execute(_LAND, {"a": a, "b": b, "coarse_m": coarse_m})
    rows: Sequence[Any] = cursor.fetchall()
    areas = {row.change: row.area_m2 for row in rows}
    outlines = {row.change: json.loads(row.geojson) if row.geojson else None for row in rows}
    return Land(*(areas[change] for change in CHANGES), *(outlines[change] for change in CHANGES))
