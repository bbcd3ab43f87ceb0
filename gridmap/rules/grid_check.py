"""What the rules on the grid find, piece by piece: gaps, overlaps, missing duties, sites in no cell."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import shapely

from gridmap.db.session import Connection, snapshot, today
from gridmap.domain.grid_change import Cell
from gridmap.engines import postgis
from gridmap.rules import catalogue
from gridmap.store import grid

RULES = ("GRID-01", "GRID-02", "GRID-03")


@dataclass(frozen=True)
class Piece:
    """One finding: lon, lat a point on its place in degrees; area_m2 only of a gap or an overlap."""

    rule_id: str
    certainty: str
    county_code: str
    feature_id: str
    part: str
    message: str
    area_m2: float | None
    lon: float | None
    lat: float | None


def check(conn: Connection, parent_code: str | None = None, as_of: dt.date | None = None) -> list[Piece]:
    """Return what GRID-01 to 03 find on a day: of the whole city, or of one cell and what lies below it.

    Under a cell GRID-01 speaks of what lies in its division. NotFoundError when there is no such cell that day.
    """
    day = as_of or today(conn)
    rules = [catalogue.load().get(rule_id) for rule_id in RULES]
    with snapshot(conn, as_of) as cursor:
        parent = grid.get_cell(cursor, parent_code, day) if parent_code else None
    counties = [str(parent.county_code or parent.cell_code)] if parent and parent.level != "city" else None
    pieces = []
    with snapshot(conn, as_of, counties=counties) as cursor:
        below = _below(cursor, parent, day) if parent else None
        for rule in rules:
            for row in postgis.evaluate(cursor, rule, as_of=day):
                if below is not None and not _belongs(row, below, parent):
                    continue
                facts: dict[str, Any] = {**row.facts, "name": row.name, "part": row.part}
                _, message = catalogue.render(rule, facts)
                lon, lat = _point(row.geom_hex)
                pieces.append(
                    Piece(
                        rule.id,
                        row.certainty,
                        row.county_code,
                        row.feature_id,
                        row.part,
                        message,
                        row.facts.get("area_m2"),
                        lon,
                        lat,
                    )
                )
    return pieces


def _below(cursor: Any, parent: Cell, day: dt.date) -> set[str]:
    """Return the codes of a cell and of every cell below it."""
    found, todo = {parent.cell_code}, [parent.cell_code]
    while todo:
        children = [cell.cell_code for cell in grid.list_children(cursor, todo.pop(), day)]
        todo += [code for code in children if code not in found]
        found.update(children)
    return found


def _belongs(row: Any, below: set[str], parent: Cell | None) -> bool:
    if row.feature_kind == "grid_cell":
        return row.feature_id in below
    return parent is not None and parent.level in ("city", "county")


def _point(geom_hex: str | None) -> tuple[float | None, float | None]:
    if geom_hex is None:
        return None, None
    point = shapely.from_wkb(geom_hex).representative_point()
    return round(point.x, 6), round(point.y, 6)
