"""Numbers of a reader's area: counted for him alone, whoever asked before, and nowhere the city's."""

from __future__ import annotations

import io

import mapbox_vector_tile
import openpyxl
import pytest

from gridmap.db.session import connect, transaction
from gridmap.store import runs
from tests import accounts

CELL, COUNTY = "410181113", "410181"
OWN = {
    "officer": "cell_code = ANY(gridmap.cells_below(ARRAY['410181113']))",
    "inspector": "county_code = '410181' OR '410181' = ANY(other_county_codes)",
    "bureau": "true",
}
SITES = {
    "officer": "cell_code = ANY(gridmap.cells_below(ARRAY['410181113']))",
    "inspector": "county_code = '410181'",
    "bureau": "true",
}
ON_TODAY = "(opened_on IS NULL OR opened_on <= gridmap.today()) AND (closed_on IS NULL OR closed_on > gridmap.today())"
ROLES = ("bureau", "officer", "inspector", "bureau")
"""The city asks first and last: what was kept for one must not be told to another."""


@pytest.fixture(scope="module")
def clients(app, city_url):
    places = {"bureau": None, "officer": CELL, "inspector": COUNTY}
    return {
        role: accounts.carry(app.test_client(), accounts.enter(city_url, role, place)) for role, place in places.items()
    }


def ask(city_url, query):
    conn = connect(city_url)
    try:
        with transaction(conn) as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        conn.close()


def number(city_url, query):
    return ask(city_url, query)[0][0]


def test_the_legend_counts_the_reader_s_own(clients, city_url):
    for role in ROLES:
        legend = clients[role].get("/api/legend").json
        sites = number(city_url, f"SELECT count(*) FROM gridmap.site WHERE ({SITES[role]}) AND {ON_TODAY}")
        assert sum(legend["site"].values()) == sites, role
        rows = ask(
            city_url,
            f"SELECT rule_id, certainty, count(*) FROM gridmap.finding WHERE ({OWN[role]}) AND status <> 'gone' "
            "GROUP BY 1, 2",
        )
        assert {(rule, word): n for rule, by in legend["finding"]["by_rule"].items() for word, n in by.items()} == {
            (rule, word): n for rule, word, n in rows
        }, role


def test_a_tile_of_numbers_counts_the_reader_s_own(clients, city_url):
    tags = set()
    for role in ROLES:
        answers = [
            clients[role].get(f"/api/collections/site/tiles/WebMercatorQuad/8/{y}/{x}")
            for y in (100, 101, 102)
            for x in (207, 208, 209)
        ]
        bins = [
            feature["properties"]["n"]
            for answer in answers
            if answer.data
            for feature in mapbox_vector_tile.decode(answer.data)["site"]["features"]
        ]
        assert sum(bins) == number(city_url, f"SELECT count(*) FROM gridmap.site WHERE ({SITES[role]}) AND {ON_TODAY}")
        tags.add(answers[4].headers["ETag"])
    assert len(tags) == 3


def test_another_s_entity_tag_opens_nothing(clients):
    address = "/api/collections/site/tiles/WebMercatorQuad/8/101/208"
    tag = clients["bureau"].get(address).headers["ETag"]
    assert clients["bureau"].get(address, headers={"If-None-Match": tag}).status_code == 304
    assert clients["officer"].get(address, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("layer_id", "tile"),
    [(layer_id, "10/407/834") for layer_id in ("county", "zone", "village", "road")]
    + [("grid_square", "12/1630/3337")],
)
def test_a_tile_of_the_map_is_the_same_for_all(clients, layer_id, tile):
    answers = [
        clients[role].get(f"/api/collections/{layer_id}/tiles/WebMercatorQuad/{tile}")
        for role in ("officer", "bureau", "inspector")
    ]
    assert answers[0].data
    assert len({answer.data for answer in answers}) == len({answer.headers["ETag"] for answer in answers}) == 1


def test_an_excel_file_holds_the_reader_s_own(clients, city_url):
    for role in ROLES:
        book = openpyxl.load_workbook(io.BytesIO(clients[role].get("/api/findings?f=xlsx&rule=NRMM-02").data))
        rows = book.worksheets[0].max_row - 1
        assert rows == number(
            city_url,
            f"SELECT count(*) FROM gridmap.finding WHERE ({OWN[role]}) AND status <> 'gone' AND rule_id = 'NRMM-02'",
        )


def test_the_table_tells_how_many_are_the_reader_s_own(clients, city_url):
    for role in ROLES:
        sites = number(city_url, f"SELECT count(*) FROM gridmap.site WHERE ({SITES[role]}) AND {ON_TODAY}")
        assert f"<b>{sites}</b>" in clients[role].get("/table?layer=site").text, role


def test_the_headline_counts_the_reader_s_own_and_says_so(clients, city_url):
    for role in ROLES:
        own = number(
            city_url,
            f"SELECT count(*) FROM gridmap.finding WHERE ({OWN[role]}) AND status <> 'gone' AND rule_id = 'COAL-01' "
            "AND certainty = 'breach'",
        )
        page = clients[role].get("/").text
        assert (f"<b>{own}</b>" in page) if own else ("您的范围内没有" in page), role
        assert ("只计您负责的范围" in page or not own) or role == "bureau"


def test_trends_are_for_those_who_see_the_city(clients, city_url):
    conn = connect(city_url)
    try:
        last = runs.latest(conn, "living")
    finally:
        conn.close()
    address = "/rules/COAL-01"
    assert f"{last.run_id}</th>" in clients["bureau"].get(address).text
    for role in ("officer", "inspector"):
        page = clients[role].get(address)
        assert page.status_code == 200
        assert f"{last.run_id}</th>" not in page.text
        assert "趋势是全市的数字" in clients[role].get("/rules").text
    assert "趋势是全市的数字" not in clients["bureau"].get("/rules").text
