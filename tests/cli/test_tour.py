"""`gridmap tour` on the demo city: what is not saved leaves nothing, what is saved can be shown, listed, taken away."""

import json

import pytest
from click.testing import CliRunner

from gridmap.cli import cli
from gridmap.db.session import connect, transaction


@pytest.fixture(autouse=True)
def _city(city_url, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", city_url)
    yield
    conn = connect(city_url)
    with transaction(conn) as cursor:
        cursor.execute("DELETE FROM gridmap.tour")
    conn.close()


def run(*words):
    return CliRunner().invoke(cli, ["tour", *words])


def test_a_plan_is_shown_with_what_it_rests_on_and_leaves_nothing():
    told = run("plan", "113.02", "34.75", "--choose", "4", "--radius", "5000")
    assert told.exit_code == 0, told.output
    assert "4 stops" in told.output and "straight lines × 1.3" in told.output
    assert json.loads(run("list", "--json").output) == []


def test_a_saved_tour_is_listed_shown_and_written_as_gpx(tmp_path):
    told = json.loads(run("plan", "113.02", "34.75", "--choose", "3", "--save", "一", "--json").output)
    number = str(told["tour_id"])
    assert "一" in run("list", "--day", "2020-10-15").output
    assert len(json.loads(run("show", number, "--json").output)["stops"]) == 3
    assert run("show", number).output.count("planned") == 3
    file = tmp_path / "tour.gpx"
    assert run("gpx", number, "-o", str(file)).exit_code == 0
    assert file.read_text("utf-8").count("<rtept") == 5
    sites = [word for stop in told["stops"] for word in ("--site", stop["site_id"])]
    again = run("plan", "113.02", "34.75", *sites)
    assert again.exit_code == 1 and "“一” of command line" in str(again.exception)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan", "113.02", "34.75"], "at least one site"),
        (["plan", "116.4", "39.9", "--choose", "3"], "outside the city's data"),
        (["plan", "nan", "34.75", "--choose", "3"], "outside the city's data"),
        (["plan", "113.02", "34.75", "--choose", "1000"], "at most 60"),
        (["plan", "113.02", "34.75", "--site", "nobody"], "no site nobody"),
        (["plan", "113.02", "34.75", "--site", "x", "--choose", "3"], "either --site or --choose"),
        (["plan", "113.02", "34.75", "--choose", "3", "--begins", "noon"], "--begins is 'noon'"),
        (["plan", "113.02", "34.75", "--choose", "3", "--hours", "17:00-09:00"], "closes before it opens"),
        (["plan", "113.02", "34.75", "--choose", "3", "--hours", "22:00-23:00"], "no site can be visited"),
        (["plan", "113.02", "34.75", "--choose", "3", "--speed", "nan"], "km/h"),
        (["show", "7654321"], "there is no tour 7654321"),
        (["gpx", "7654321"], "there is no tour 7654321"),
    ],
)
def test_a_mistake_is_one_sentence(words, said):
    told = run(*words)
    assert told.exit_code == 1 and said in str(told.exception)
