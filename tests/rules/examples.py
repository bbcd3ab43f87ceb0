"""The examples of rules: small worlds in TOML, boxes in kilometres, with what a rule must say on which day.

A file tests/rules/<theme>/<rule>.toml holds `rule`, optional `[[world.…]]` rows that every example has, and
`[[example]]` tables with a name in English and Chinese, more rows, and `[example.expect]`: day -> ["feature_id", "feature_id report",
"feature_id#part near_boundary"]; without a word a finding is a breach. `[example.facts]`: feature_id -> facts that
must hold on the last day, "" for none.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from gridmap.db.session import snapshot
from gridmap.domain.finding import Row
from gridmap.domain.rule import Rule
from gridmap.engines import postgis
from tests import builders

FOLDER = Path(__file__).parent
# tables whose rows examples write column by column; `in_force = ["2017-11-15", "2018-03-16"]` is [from, to), "" open
TABLES = (
    "season", "alert", "permit", "inspection", "observation", "patrol", "case_file", "duty", "case_handover",
    "cluster_plan", "stack", "emergency_measure",
    "inspection_measure", "inspection_item", "hundred_percent", "road_setting", "road_damage", "hotspot",
)  # fmt: skip
KINDS = ("region", "village", "zone", "site", "cell", "road", "mention", "station", *TABLES)


@dataclass(frozen=True)
class Example:
    """One world and what is expected of it, by day."""

    rule_id: str
    name: str
    rows: dict[str, list[dict[str, Any]]]
    expect: dict[dt.date, list[str]]
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)


def files() -> list[Path]:
    """Return the files of examples in order."""
    return sorted(FOLDER.glob("*/*.toml"))


def read(path: Path) -> list[Example]:
    """Read the examples of a file; a key that nobody knows is an error of the test."""
    table = tomllib.loads(path.read_text("utf-8"))
    world = table.pop("world", {})
    rule_id = table.pop("rule")
    examples = []
    for entry in table.pop("example"):
        assert re.search("[一-鿿]", entry.pop("name_zh")), f"{path.name}: {entry['name']}: no name in Chinese"
        name, expect, facts = entry.pop("name"), entry.pop("expect"), entry.pop("facts", {})
        assert set(entry) <= set(KINDS), f"{path.name}: {name}: unknown {set(entry) - set(KINDS)}"
        rows = {kind: [*world.get(kind, []), *entry.get(kind, [])] for kind in KINDS}
        days = {dt.date.fromisoformat(day): sorted(found) for day, found in expect.items()}
        examples.append(Example(rule_id, name, rows, days, facts))
    assert not table, f"{path.name}: unknown keys"
    assert set(world) <= set(KINDS), f"{path.name}: unknown rows"
    return examples


def build(cursor: Any, example: Example) -> None:
    """Write an example's world."""
    for kind in KINDS:
        for row in example.rows[kind]:
            _WRITERS[kind](cursor, dict(row))


def judge(conn: Any, rule: Rule, day: dt.date, params: dict[str, Any] | None = None) -> list[Row]:
    """Evaluate a rule on a day as the engine does."""
    with snapshot(conn, day) as cursor:
        return postgis.evaluate(cursor, rule, as_of=day, params=params)


def spelled(rows: list[Row]) -> list[str]:
    """Return findings as the examples write them."""
    words = []
    for row in rows:
        part = f"#{row.part}" if row.part else ""
        certainty = "" if row.certainty == "breach" else f" {row.certainty}"
        words.append(f"{row.feature_id}{part}{certainty}")
    return sorted(words)


def _box(row: dict[str, Any]) -> Any:
    corners = row.pop("box", None)
    return shapely.box(*corners) if corners is not None else None


def _region(cursor: Any, row: dict[str, Any]) -> None:
    builders.add_region(cursor, row.pop("code"), row.pop("level"), _box(row), **row)


def _village(cursor: Any, row: dict[str, Any]) -> None:
    row["terrain"] = row.get("terrain", "plain") or None  # "" = nobody declared it
    builders.add_village(cursor, row.pop("id"), row.pop("at"), territory=_box(row), **row)


def _zone(cursor: Any, row: dict[str, Any]) -> None:
    for key in ("units_in", "units_out"):
        if key in row:
            row[key] = tuple(row[key])
    builders.add_zone(cursor, row.pop("lineage"), _box(row), **row)


def _site(cursor: Any, row: dict[str, Any]) -> None:
    site_id = row.pop("id")
    typed = {table: row.pop(table) for table in list(row) if isinstance(row[table], dict)}
    builders.add_site(cursor, site_id, row.pop("at"), **row)
    for table, values in typed.items():
        insert(cursor, table, {"site_id": site_id, **values})


def _cell(cursor: Any, row: dict[str, Any]) -> None:
    outline = builders.multi(_box(row))
    insert(cursor, "grid_cell", {"name": row["cell_code"], "source": "test", "position_error_m": 0, **row}, outline)


def _road(cursor: Any, row: dict[str, Any]) -> None:
    line = shapely.to_wkb(builders.degrees(shapely.MultiLineString([row.pop("line")])))
    row = {"name": row["road_id"], "class": "main", "source": "test", "position_error_m": 0, **row}
    insert(cursor, "road", row, line)


def _mention(cursor: Any, row: dict[str, Any]) -> None:
    insert(cursor, "place_mention", row)


def _station(cursor: Any, row: dict[str, Any]) -> None:
    place = shapely.to_wkb(builders.degrees(shapely.Point(row.pop("at"))))
    insert(cursor, "station", {"name": row["station_code"], "position_error_m": 0, "source": "test", **row}, place)


def _table(table: str) -> Any:
    """Return a writer of plain rows; `at` is a point in kilometres."""

    def write(cursor: Any, row: dict[str, Any]) -> None:
        at = row.pop("at", None)
        insert(cursor, table, row, None if at is None else shapely.to_wkb(builders.degrees(shapely.Point(at))))

    return write


def insert(cursor: Any, table: str, values: dict[str, Any], geom: bytes | None = None) -> None:
    """Insert a row as the examples write it."""
    if isinstance(values.get("in_force"), list):
        values = {**values, "in_force": "[{},{})".format(*values["in_force"])}
    columns, marks = ", ".join(values), ", ".join(f"%({name})s" for name in values)
    if geom is not None:
        columns, marks = f"{columns}, geom", f"{marks}, ST_GeomFromWKB(%(geom)s, 4490)"
    cursor.execute(f"INSERT INTO gridmap.{table} ({columns}) VALUES ({marks})", {**values, "geom": geom})


_WRITERS = {
    "region": _region,
    "village": _village,
    "zone": _zone,
    "site": _site,
    "cell": _cell,
    "road": _road,
    "mention": _mention,
    "station": _station,
    **{table: _table(table) for table in TABLES},
}
