"""Loading the demo city: the same every time, all or nothing, and clear about a damaged file."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from gridmap import config
from gridmap.db.session import Connection, connect
from gridmap.errors import ConflictError, UserError
from gridmap.ingest import city as loader
from gridmap.ingest import mentions, outlines, roads, sites, stations, villages, zones
from gridmap.ingest.whereabouts import Whereabouts
from tests import databases

TABLES = (
    "region", "village", "grid_cell", "duty", "zone", "road", "site", "power_plant", "enterprise", "machine",
    "coal_outlet", "construction_site", "place_mention", "station", "boiler", "burning_facility",
    "vehicle", "market", "gas_station", "test_station", "remote_sensor", "patrol", "inspection", "case_file",
    "case_handover", "quarry", "storage_yard", "inspection_measure", "inspection_item", "road_setting", "road_damage", "hotspot", "season",
)  # fmt: skip
# what differs from load to load by nature
NOT_DATA = [
    "recorded_at", "region_id", "village_version_id", "grid_cell_id", "duty_id", "zone_id", "site_pk", "road_pk",
    "power_plant_id", "enterprise_id", "machine_id", "coal_outlet_id", "construction_site_id", "boiler_id",
    "vehicle_id", "market_id", "gas_station_id", "test_station_id", "remote_sensor_id", "handover_id",
    "burning_facility_id", "quarry_id", "storage_yard_id", "road_setting_id",
]  # fmt: skip

# file, what to find in it, what to put there (None: the file is taken away), what the error says
DAMAGE = {
    "no number": (
        "village/data/village_points.csv", "113.610712", "east",
        r"village_points\.csv, row 1, field lon: expected a number, found 'east'",
    ),
    "short code": (
        "village/data/villages_2023.csv", "410102001002,", "41010200100,",
        r"villages_2023\.csv, row 1, field code: expected a code of 12 digits",
    ),
    "another village's point": (
        "village/data/village_points.csv", "410102001008,", "410102001002,",
        r"village_points\.csv, row 1, field code: expected the code of 一中",
    ),
    "position elsewhere": (
        "station/data/stations.csv", "113.69031", "34.69031", r"stations\.csv, row 1, field lon: expected a position",
    ),
    "unknown outline": (
        "township/data/township_match.csv", "林山寨街道,410102001", "林山寨街道,410102999",
        r"township_match\.csv, row 1, field gbcode_2000",
    ),
    "no such day": (
        "place_mention/data/mentions.csv", "2020-07-31", "2020-02-31",
        r"mentions\.csv, row 1, field mentioned_on: expected a date",
    ),
    "no such column": (
        "place_mention/data/mentions.csv", ",mentioned_on,", ",day,",
        r"mentions\.csv: the column mentioned_on is missing",
    ),
    "a field too many": (
        "place_mention/data/mentions.csv", ",北山口镇,", ",北山,口镇,", r"mentions\.csv, row 1: expected 9 fields",
    ),
    "no such road": (
        "zone/data/zones.toml", '"north_third_ring"', '"no_such_road"',
        r"zones\.toml, zone 1 \(third_ring\): there is no road 'no_such_road'",
    ),
    "roads that do not close": (
        "zone/data/zones.toml", '"north_third_ring", ', "",
        r"zones\.toml, zone 1 \(third_ring\): .* enclose no face",
    ),
    "no such kind": (
        "zone/data/zones.toml", 'kind = "third_ring"', 'kind = "tenth_ring"', r"no kind of zone called 'tenth_ring'",
    ),
    "no such unit": (
        "zone/data/zones.toml", 'units_in = ["410184"]', 'units_in = ["410199"]', r"the unit '410199' is no county",
    ),
    "a key missing": (
        "zone/data/zones.toml", "kind = ", "kinds = ", r"zones\.toml, zone 1 \(third_ring\): missing \['kind'\]",
    ),
    "no JSON": ("road/data/roads.geojson", "{", "", r"roads\.geojson: not a GeoJSON feature collection"),
    "no file": ("site/data/power_plants.geojson", "", None, r"power_plants\.geojson: the file cannot be read"),
    "no heights": ("village/data/heights_2km.tif", "", None, r"heights_2km\.tif: the height grid cannot be read"),
}  # fmt: skip


def one(conn: Connection, statement: str, values: list[object] | None = None) -> object:
    with conn.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def digest(conn: Connection) -> dict[str, object]:
    """Return a hash of each table's rows, whatever their order."""
    statement = (
        "SELECT md5(string_agg(r, '|' ORDER BY r)) "
        "FROM (SELECT (to_jsonb(t) - %s::text[])::text AS r FROM gridmap.{} AS t) AS x"
    )
    return {table: one(conn, statement.format(table), [NOT_DATA]) for table in TABLES}


@pytest.fixture
def own_url() -> Iterator[str]:
    """Return the URL of an empty migrated database for tests that commit."""
    with databases.migrated("load") as url:
        yield url


def test_two_loads_are_alike_and_a_third_changes_nothing(own_url: str, fresh_city: Connection) -> None:
    conn = connect(own_url)
    try:
        lines: list[str] = []
        counts = loader.load(conn, lines.append)
        assert len(lines) == 12
        assert all(re.fullmatch(r".+: \d+ \(\d+\.\d s\)", line) for line in lines)
        assert counts["village"] == 3328
        first = digest(conn)
        assert first == digest(fresh_city)
        assert loader.load(conn) == {}
        assert digest(conn) == first
    finally:
        conn.close()


def test_a_killed_load_leaves_nothing(own_url: str) -> None:
    conn = connect(own_url)
    pid = conn.info.backend_pid

    def kill(line: str) -> None:
        if line.startswith("道路"):
            with databases.admin(own_url) as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])

    with pytest.raises(psycopg2.Error):
        loader.load(conn, kill)
    conn.close()
    after = connect(own_url)
    try:
        assert not loader.is_loaded(after)
        assert [one(after, f"SELECT count(*) FROM gridmap.{table}") for table in TABLES] == [0] * len(TABLES)
    finally:
        after.close()


def test_another_city_is_left_alone(conn: Connection) -> None:
    with conn.cursor() as cursor:
        cursor.execute("INSERT INTO gridmap.region (code, level, name, source) VALUES ('410200', 'city', '某市', 'x')")
    with pytest.raises(ConflictError, match="needs an empty one"):
        loader.load(conn)
    assert one(conn, "SELECT count(*) FROM gridmap.region") == 1


def read_everything(file: str) -> None:
    """Read what a load reads, as far as the file: that a load then leaves nothing is another test's."""
    outline = outlines.read()
    folder = file.split("/")[0]
    if folder == "village":
        known = {str(row[0]) for row in villages.rows(outline)}
    if folder in ("road", "zone"):
        known = {str(row[0]) for row in villages.rows(outline)}
        list(zones.drafts(outline, roads.lines(roads.read()), known))
    if folder == "site":
        list(sites.plants(Whereabouts(outline)))
    if folder == "place_mention":
        list(mentions.rows(outline))
    if folder == "station":
        list(stations.rows(Whereabouts(outline)))


def damage_a_copy(folder: Path, file: str, find: str, put: str | None) -> None:
    shutil.copytree(config.resource("layers"), folder / "layers")
    damaged = folder / "layers" / file
    if put is None:
        damaged.unlink()
        return
    text = damaged.read_text(encoding="utf-8")
    assert find in text
    damaged.write_text(text.replace(find, put, 1), encoding="utf-8")


IN_THE_DATABASE = "no such kind"
"""The damage that only the database notices, when villages and cells are written already."""


@pytest.mark.parametrize("name", sorted(DAMAGE.keys() - {IN_THE_DATABASE}))
def test_a_damaged_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    file, find, put, message = DAMAGE[name]
    damage_a_copy(tmp_path, file, find, put)
    monkeypatch.setattr(config, "ROOT", tmp_path)
    with pytest.raises(UserError, match=message):
        read_everything(file)


def test_a_damaged_file_leaves_nothing(conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, find, put, message = DAMAGE[IN_THE_DATABASE]
    damage_a_copy(tmp_path, file, find, put)
    monkeypatch.setattr(config, "ROOT", tmp_path)
    with pytest.raises(UserError, match=message):
        loader.load(conn)
    assert one(conn, "SELECT count(*) FROM gridmap.region") == 0
