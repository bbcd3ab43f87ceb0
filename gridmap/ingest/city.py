"""Load the demo city: Zhengzhou as it stood on 2020-10-15, real where free data exist, marked where they do not."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import Connection, transaction
from gridmap.errors import ConflictError
from gridmap.ingest import (
    cases,
    cells,
    demo_cell,
    demo_coal,
    demo_dust,
    demo_grid,
    demo_industry,
    demo_mobile,
    demo_sites,
    demo_substitution,
    demo_visits,
    mentions,
    outlines,
    regions,
    roads,
    seasons,
    sites,
    stations,
    villages,
    zones,
)  # fmt: skip
from gridmap.ingest.whereabouts import Whereabouts
from gridmap.store import bulk, settings
from gridmap.store import zones as zone_store

TODAY = dt.date(2020, 10, 15)
"""The day the demo stands on: after the deadline of 巩义, before that of the other three counties."""

T = TypeVar("T")
Echo = Callable[[str], None]


def is_loaded(conn: Connection) -> bool:
    """Return whether the database holds the demo city."""
    with transaction(conn) as cursor:
        return settings.is_demo(cursor) and settings.has_regions(cursor)


def load(conn: Connection, echo: Echo = lambda _line: None) -> dict[str, int]:
    """Load the whole demo city in one transaction and return the number of rows by table.

    echo gets a line per step. A database that holds the demo city already is left alone and gives {}; one that holds
    another city raises ConflictError. A missing or damaged file raises UserError and leaves nothing behind.
    """
    with transaction(conn) as cursor:
        settings.lock_for_loading(cursor)
        if settings.has_regions(cursor):
            if settings.is_demo(cursor):
                return {}
            raise ConflictError("the database holds a city already; the demo city needs an empty one")
        return _Loading(cursor, echo).run()


class _Loading:
    """One load: the cursor it writes with, the steps in order, what they counted."""

    def __init__(self, cursor: Cursor, echo: Echo) -> None:
        self._cursor = cursor
        self._echo = echo
        self._counts: dict[str, int] = {}

    def run(self) -> dict[str, int]:
        """Do all steps."""
        outline = self._timed("读取轮廓 outlines", outlines.read)
        whereabouts = Whereabouts(outline)
        self._timed("行政区划 regions", lambda: self._copy("region", regions.COLUMNS, regions.rows(outline)))
        known = self._timed("村和社区 villages", lambda: self._villages(outline))
        self._timed("网格和岗位 grid and duties", lambda: self._grid(outline))
        self._timed("道路和分区 roads and zones", lambda: self._zones(outline, known))
        self._timed("监管对象 sites", lambda: self._sites(outline, whereabouts))
        self._timed("扬尘和焚烧 dust and burning", lambda: self._dust(outline, whereabouts))
        self._timed("工业和餐饮 industry and kitchens", lambda: demo_industry.load(self._copy, outline, whereabouts))
        self._timed("检查记录 visits", self._visits)
        self._timed(
            "文件提及的村 mentions", lambda: self._copy("place_mention", mentions.COLUMNS, mentions.rows(outline))
        )
        self._timed("监测站 stations", lambda: self._stations(outline, whereabouts))
        self._timed("整改任务 rectification items", lambda: self._copy("case_file", cases.COLUMNS, cases.rows()))
        settings.stand_on(self._cursor, TODAY, demo=True)
        bulk.analyze(self._cursor)  # nobody waits for the server to notice: pages judge at once
        return self._counts

    def _villages(self, outline: outlines.Outlines) -> set[str]:
        rows = list(villages.rows(outline))
        self._copy("village", villages.COLUMNS, rows)
        self._copy("village", demo_substitution.VILLAGE_COLUMNS, demo_substitution.villages(outline))
        return {str(row[0]) for row in rows}

    def _grid(self, outline: outlines.Outlines) -> None:
        responsible = [*cells.responsibility(outline), *cells.units(outline)]
        self._copy("grid_cell", cells.COLUMNS, [*responsible, *cells.squares(outline)])
        self._copy("duty", cells.DUTY_COLUMNS, cells.duties(str(row[0]) for row in responsible))

    def _zones(self, outline: outlines.Outlines, known: set[str]) -> None:
        records = roads.read()
        self._copy("road", roads.COLUMNS, roads.rows(records))
        self._copy("road", demo_mobile.ROAD_COLUMNS, demo_mobile.roads(outline))
        self._copy("patrol", demo_grid.PATROL_COLUMNS, demo_grid.patrols(outline, records))
        drafts = [*zones.drafts(outline, roads.lines(records), known), *demo_substitution.zones(outline)]
        for draft in drafts:
            zone_store.publish(self._cursor, zone_store.insert_draft(self._cursor, draft))
        self._counts["zone"] = len(drafts)

    def _sites(self, outline: outlines.Outlines, whereabouts: Whereabouts) -> None:
        plants = list(sites.plants(whereabouts))
        generators = (demo_sites.Generator, demo_coal.Generator, demo_mobile.Generator)
        demo = [site for generator in generators for site in generator(outline, whereabouts).sites()]
        self._copy("site", sites.COLUMNS, [*(plant.site for plant in plants), *map(sites.demo_row, demo)])
        self._copy("power_plant", sites.PLANT_COLUMNS, [plant.details for plant in plants])
        details = demo_sites.DETAIL_COLUMNS | demo_coal.DETAIL_COLUMNS | demo_mobile.DETAIL_COLUMNS
        for kind, columns in details.items():
            self._copy(kind, columns, [site.details for site in demo if site.kind == kind])
        self._copy("observation", demo_substitution.OBSERVATION_COLUMNS, demo_substitution.observations())
        drawn = demo_grid.inspections((site.site_id, site.kind) for site in demo)
        self._copy("inspection", demo_grid.INSPECTION_COLUMNS, drawn)
        handed = demo_grid.cases({site.site_id: site.county_code for site in demo})
        self._copy("case_file", cases.COLUMNS, handed)
        known = {site.site_id for site in demo}
        self._copy("case_file", cases.COLUMNS, demo_cell.cases(known))
        self._copy("patrol_round", demo_cell.ROUND_COLUMNS, demo_cell.rounds(known))
        self._copy("patrol", demo_cell.PATROL_COLUMNS, demo_cell.patrols(outline))
        self._copy("case_handover", demo_grid.HANDOVER_COLUMNS, demo_grid.handovers())

    def _stations(self, outline: outlines.Outlines, whereabouts: Whereabouts) -> None:
        self._copy("station", stations.COLUMNS, stations.rows(whereabouts))
        self._copy("station", demo_grid.STATION_COLUMNS, demo_grid.stations(outline))
        self._copy("observation", stations.OBSERVATION_COLUMNS, stations.archived())
        self._copy("observation", stations.OBSERVATION_COLUMNS, demo_grid.uploads(outline))

    def _dust(self, outline: outlines.Outlines, whereabouts: Whereabouts) -> None:
        self._copy("season", seasons.COLUMNS, seasons.ROWS)
        for table, columns, rows in demo_dust.Generator(outline, whereabouts).tables():
            self._copy(table, columns, rows)

    def _visits(self) -> None:
        self._copy("inspection", demo_visits.COLUMNS, demo_visits.visits())
        self._copy("inspection_item", demo_visits.ITEM_COLUMNS, demo_visits.items())

    def _copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        count = bulk.copy_rows(self._cursor, table, columns, rows)
        self._counts[table] = self._counts.get(table, 0) + count

    def _timed(self, label: str, step: Callable[[], T]) -> T:
        before, began = sum(self._counts.values()), time.perf_counter()
        result = step()
        added = sum(self._counts.values()) - before
        self._echo(f"{label}: {added} ({time.perf_counter() - began:.1f} s)")
        return result
