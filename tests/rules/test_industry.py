"""What the rules on industry take from elsewhere: a point in metres, words of trades, the count of coal plants."""

import datetime as dt

import pytest
from pyproj import Transformer

from gridmap import glossary
from gridmap.db.session import snapshot, transaction
from gridmap.engines import postgis
from gridmap.rules import catalogue

RULES = catalogue.load()
ERQI_TOWER = (113.6654, 34.7526)


def test_the_centre_of_indu_10_is_the_tower_in_metres():
    parameters = RULES.get("INDU-10").parameters()
    east, north = Transformer.from_crs(4490, 4547, always_xy=True).transform(*ERQI_TOWER)
    assert parameters["centre_east_m"] == pytest.approx(east, abs=0.05)
    assert parameters["centre_north_m"] == pytest.approx(north, abs=0.05)


def test_trades_are_terms_with_the_same_words(conn):
    with transaction(conn) as cursor:
        cursor.execute("SELECT trade, name_zh, name_en FROM gridmap.trade")
        rows = {trade: {"zh": zh, "en": en} for trade, zh, en in cursor.fetchall()}
    assert rows == glossary.terms()["trade"]


def test_the_coal_plants_around_the_tower(city):
    day = dt.date(2020, 10, 15)
    with snapshot(city, day) as cursor:
        rows = postgis.evaluate(cursor, RULES.get("INDU-10"), as_of=day)
    assert len(rows) == 29
    assert {row.certainty for row in rows} == {"report"}
    assert {row.facts["plants_in_reach"] for row in rows} == {29}
    assert {row.facts["plants_not_shut"] for row in rows} == {26}
    assert [row.name for row in rows if row.facts["is_in_doubt"]] == ["Luoyang Shouyangshan-3 power station"]
    assert sum(row.county_code.startswith("4101") for row in rows) == 11
