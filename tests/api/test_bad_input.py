"""Bad input: a sentence each, in the shape of RFC 9457."""

import pytest

VILLAGES = "/api/collections/village/items?"

CASES = [
    ("as_of=2020-13-01", "as_of: '2020-13-01' is no day; expected YYYY-MM-DD"),
    ("as_of=2020-02-30", "is no day"),
    ("as_of=20201015", "is no day"),
    ("as_of=yesterday", "is no day"),
    ("as_of=1500-01-01", "outside the days"),
    ("as_of=2020-01-01&as_of=2020-01-02", "as_of is given 2 times; expected once"),
    ("bbox=1,2,3", "expected west,south,east,north"),
    ("bbox=1,2,3,4,5,6", "expected west,south,east,north"),
    ("bbox=a,b,c,d", "expected west,south,east,north"),
    ("bbox=nan,34,114,35", "expected west,south,east,north"),
    ("bbox=-inf,34,inf,35", "expected west,south,east,north"),
    ("bbox=1e999,34,114,35", "expected west,south,east,north"),
    ("bbox=34.2,112.7,35.0,114.3", "looks like latitude before longitude"),
    ("bbox=114,34,113,35", "whose west lies east of its east"),
    ("bbox=113,35,114,34", "south north of its north"),
    ("bbox=-200,34,114,35", "reaches beyond the globe"),
    ("limit=0", "limit is '0'; expected a whole number from 1 to 1000"),
    ("limit=1001", "from 1 to 1000"),
    ("limit=-5", "from 1 to 1000"),
    ("limit=ten", "from 1 to 1000"),
    ("limit=1.5", "from 1 to 1000"),
    ("limit=٣", "from 1 to 1000"),
    ("offset=-1", "offset is '-1'; expected a whole number from 0"),
    ("county=巩义", "county is '巩义'; expected a six-digit code"),
    ("county=41018", "expected a six-digit code"),
    ("cover_class=green", "cover_class is 'green'; expected one of covered, partly"),
    ("is_community=maybe", "is_community is 'maybe'; expected true or false"),
    ("covered_pct=lots", "covered_pct is 'lots'; expected a number"),
    ("covered_pct=nan", "covered_pct is 'nan'; expected a number"),
    ("covered_pct=..", "expected one range such as 0.5..10"),
    ("covered_pct=1..2,3..4", "expected one range"),
    ("colour=red", "there is no parameter colour here; known are as_of, bbox"),
    ("households=5", "there is no parameter households here"),
    ("lang=fr", "lang is 'fr'; expected zh or en"),
    ("name=a%00b", "name holds a NUL character"),
    ("f=shp", "f is 'shp'; expected geojson or json"),
]


def check(response, status, said):
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.mimetype == "application/problem+json"
    problem = response.get_json(force=True)
    assert problem["status"] == status
    assert said in problem["detail"]
    assert problem["type"].startswith("urn:gridmap:problem:")
    assert problem["title"]


@pytest.mark.parametrize(("query", "said"), CASES)
def test_items(client, query, said):
    check(client.get(VILLAGES + query), 400, said)


def test_a_filter_is_a_value_and_never_sql(client):
    for value in ("'; DROP TABLE gridmap.site; --", "%s", "%(x)s", "{}", "\\", "' OR '1'='1"):
        response = client.get("/api/collections/village/items", query_string={"name": value})
        assert response.status_code == 200
        assert response.get_json(force=True)["numberMatched"] == 0


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/api/zones/at", "lon is missing; expected degrees"),
        ("/api/zones/at?lon=113", "lat is missing"),
        ("/api/zones/at?lon=113&lat=north", "lat is 'north'; expected a number"),
        ("/api/zones/at?lon=nan&lat=34", "lon is 'nan'; expected a number"),
        ("/api/zones/at?lon=34.7&lat=113.6", "swapped"),
        ("/api/zones/at?lon=113&lat=34.7&on=2020-99-01", "on: '2020-99-01' is no day"),
        ("/api/zones/at?lon=113&lat=34.7&on=2020-01-01&as_of=2020-01-02", "expected one day"),
        ("/api/findings?severity=huge", "severity is 'huge'; expected one of high, medium, low"),
        ("/api/findings?certainty=sure", "expected one of breach"),
        ("/api/findings?status=lost", "expected one of open"),
        ("/api/findings?feature=410181113201", "expected kind:id"),
        ("/api/findings?f=pdf", "expected json or geojson or csv or xlsx"),
        ("/api/findings?rules=COAL-01", "there is no parameter rules here"),
        ("/api/legend?as_of=x", "is no day"),
        ("/api/collections?limit=3", "there is no parameter limit here"),
    ],
)
def test_other_addresses(client, address, said):
    check(client.get(address), 400, said)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/api/collections/nix", "there is no layer nix; the layers are"),
        ("/api/collections/nix/items", "there is no layer nix"),
        ("/api/collections/village/items/410181999999", "there is no feature '410181999999' in village"),
        ("/api/collections/village/items/..%2f..%2fetc", "there is no feature"),
        ("/api/findings/00000000000000000000000000000000", "there is no finding"),
        ("/api/findings?rule=COAL-99", "there is no rule COAL-99"),
        ("/api/rules/COAL-99", "there is no rule COAL-99"),
        ("/api/nix", "there is no /api/nix"),
    ],
)
def test_what_is_not_there(client, address, said):
    check(client.get(address), 404, said)


def test_the_title_follows_the_language(client):
    assert client.get("/api/nix?lang=en").get_json(force=True)["title"] == "Not found"
    assert client.get("/api/nix").get_json(force=True)["title"] == "未找到"


def test_an_unexpected_error_tells_nothing_of_the_inside(client, monkeypatch):
    from gridmap.api import zones

    def broken(*_args, **_named):
        raise RuntimeError("secret path /etc/x")

    monkeypatch.setattr(zones, "law_at", broken)
    response = client.get("/api/zones/at?lon=113&lat=34.7")
    check(response, 500, "its log has the details")
    assert "secret" not in response.get_data(as_text=True)


def test_without_a_database_the_answer_is_503():
    from gridmap.app import create_app
    from tests import accounts

    client = accounts.carry(create_app("postgresql://nobody@127.0.0.1:1/nothing").test_client(), "some-token")
    check(client.get("/health"), 503, "cannot connect to the database")
    check(client.get("/api/collections/village/items"), 503, "cannot connect")


def test_a_database_without_our_tables_is_503():
    from gridmap.app import create_app
    from tests import accounts, databases

    with databases.temporary("bare") as url:
        client = accounts.carry(create_app(url).test_client(), "some-token")
        check(client.get("/api/collections/station/items"), 503, "run gridmap db migrate")
        check(client.get("/health"), 503, "was not migrated")


def test_a_question_that_takes_too_long_is_given_up(client, monkeypatch):
    from gridmap.store import layers

    monkeypatch.setattr(layers, "TIMEOUT_S", 0.001)
    check(client.get("/api/collections/village/items?limit=1000"), 503, "took too long")
