"""/api/zones/diff tells what /zones/diff and `gridmap zones diff` tell."""

import json

import pytest
from click.testing import CliRunner

from gridmap.cli import cli
from tests.web.test_zone_diff import COUNTY, OTHER, ask, glance, world  # noqa: F401  the same small law


def get(ask, address, **who):  # noqa: F811
    answer = ask(address, **who)
    assert answer.status_code == 200, answer.text
    return answer.get_json(force=True)


def test_figures_and_lists_are_those_of_the_page(ask):  # noqa: F811
    found = get(ask, "/api/zones/diff?a={a}&b={b}")
    page = glance(ask("/zones/diff?a={a}&b={b}").text)
    for change in ("added", "removed"):
        assert f"{found['land'][f'{change}_m2'] / 1e6:.2f}" == page[change, "km2"]
        for what in ("villages", "sites"):
            assert str(sum(one["change"] == change for one in found[what])) == page[change, what]
        assert str(found["households"][change]) == page[change, "households"]
    assert found["land"]["kept"]["type"] in ("Polygon", "MultiPolygon") and found["differs"]
    assert (found["a"]["version"], found["b"]["version"], found["b"]["class"]) == (1, 2, None)
    assert found["land"]["before_m2"] == pytest.approx(found["land"]["kept_m2"] + found["land"]["removed_m2"], abs=0.2)


def test_the_command_says_the_same(ask, world, monkeypatch):  # noqa: F811
    url, ids = world
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", url)
    said = CliRunner().invoke(cli, ["zones", "diff", str(ids["a"]), str(ids["draft"]), "--json"])
    assert json.loads(said.output) == get(ask, "/api/zones/diff?a={a}&b={draft}", role="planner", place=COUNTY) | {
        "sites": json.loads(said.output)["sites"]  # a county's planner sees the sites of his own
    }
    days = ["2020-01-01", "2020-10-15"]
    said = CliRunner().invoke(cli, ["zones", "changes", *days, "--kind", "coal_free", "--json"])
    assert json.loads(said.output) == get(ask, "/api/zones/diff?from=2020-01-01&to=2020-10-15&kind=coal_free")


def test_sites_are_the_reader_s_own_and_drafts_hidden(ask):  # noqa: F811
    sites = get(ask, "/api/zones/diff?a={a}&b={b}", role="planner", place=COUNTY)["sites"]
    assert [site["id"] for site in sites] == ["came"] and "households" not in sites[0]
    for role, place in (("planner", OTHER), ("bureau", None), ("inspector", COUNTY)):
        hidden = ask("/api/zones/diff?a={a}&b={draft}", role=role, place=place)
        assert hidden.status_code == 404 and "东扩" not in hidden.text
    assert get(ask, "/api/zones/diff?a={a}&b={draft}", role="reviewer", place=COUNTY)["b"]["status"] == "draft"


def test_pieces_come_as_geojson_too(ask):  # noqa: F811
    answer = ask("/api/zones/diff?a={a}&b={b}&f=geojson")
    assert answer.content_type.startswith("application/geo+json")
    kinds = {feature["properties"]["feature_kind"] for feature in answer.get_json(force=True)["features"]}
    assert kinds == {"land", "village", "site"}
    assert answer.get_json(force=True) == ask("/zones/diff.geojson?a={a}&b={b}").get_json(force=True)


def test_lists_that_differ_are_told_by_code(ask):  # noqa: F811
    units = get(ask, "/api/zones/diff?a={list_a}&b={list_b}")["units"]["in"]
    assert units == {"added": ["410181113203"], "removed": ["410181113204"]}


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("a={a}", 400, "b is missing"),
        ("a=x&b={b}", 400, "a is 'x'"),
        ("a={a}&b=999999", 404, "there is no zone 999999"),
        ("a={a}&b={other}", 400, "expected two versions of one zone"),
        ("", 400, "expected a and b"),
        ("from=2020-10-15&to=2020-01-01&kind=coal_free", 400, "the earlier day first"),
        ("from=2020-01-01&to=2020-10-15&kind=x", 400, "known are"),
        ("from=2020-01-01&to=2020-13-15&kind=coal_free", 400, "to: "),
        ("a={a}&b={b}&kind=coal_free", 400, "no parameter kind"),
        ("a={a}&b={b}&coarse_m=-1", 400, "coarse_m"),
    ],
)
def test_mistakes_are_told_in_a_sentence(ask, address, status, words):  # noqa: F811
    answer = ask(f"/api/zones/diff?{address}")
    assert answer.status_code == status and words in answer.get_json(force=True)["detail"], answer.text
