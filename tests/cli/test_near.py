"""`gridmap near` on the demo city."""

import json

import pytest
from click.testing import CliRunner

from gridmap.cli import cli


@pytest.fixture(autouse=True)
def _city(city_url, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", city_url)


def run(*words):
    return CliRunner().invoke(cli, ["near", *words])


def test_a_table_tells_metres_and_why():
    told = run("113.02", "34.75", "--nearest", "3", "--rank", "urgency")
    assert told.exit_code == 0, told.output
    assert "3 sites" in told.output and "severity ×" in told.output


def test_scripts_read_json():
    told = json.loads(run("113.02", "34.75", "--radius", "2000", "--json").output)
    assert [one["rank"] for one in told["sites"]] == list(range(1, len(told["sites"]) + 1))
    assert all(one["site"]["distance_m"] <= 2000 for one in told["sites"]) and told["sites"]


def test_filters_and_weights_are_taken():
    told = json.loads(run("113.02", "34.75", "--kind", "vehicle", "--weight", "visit", "0", "--json").output)
    assert {one["site"]["kind"] for one in told["sites"]} == {"vehicle"}
    assert all(
        factor["times"] == 1
        for one in told["sites"]
        for factor in one["urgency"]["factors"]
        if factor["name"] == "visit"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("34.75", "113.02"), "look swapped"),
        (("-113", "34.75"), "outside the city's data"),
        (("nan", "34.75"), "outside the city's data"),
        (("1e999", "34.75"), "outside the city's data"),
        (("113.02", "34.75", "--radius", "20000"), "the radius is 20000 m"),
        (("113.02", "34.75", "--radius", "nan"), "the radius is nan m"),
        (("113.02", "34.75", "--nearest", "0"), "expected 1 to 500"),
        (("113.02", "34.75", "--kind", "castle"), "there is no kind of site 'castle'"),
        (("113.02", "34.75", "--weight", "visit", "11"), "the weight of visit is 11"),
    ],
)
def test_a_mistake_is_a_sentence(words, said):
    told = run(*words)
    assert told.exit_code != 0
    assert said in told.output + str(told.exception)
