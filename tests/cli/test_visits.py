"""`gridmap visits` on the demo city."""

import json

import pytest
from click.testing import CliRunner

from gridmap.cli import cli


@pytest.fixture(autouse=True)
def _city(city_url, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", city_url)


def run(*words):
    return CliRunner().invoke(cli, ["visits", *words])


def test_a_list_and_one_visit():
    told = json.loads(run("list", "--site", "demo-rest-0001", "--outcome", "objections", "--json").output)
    assert [one["site_id"] for one in told["visits"]] == ["demo-rest-0001"]
    shown = run("show", told["visits"][0]["inspection_id"])
    assert shown.exit_code == 0, shown.output
    assert "purifier_running" in shown.output
    assert "failed" in shown.output


def test_what_is_not_there_is_one_sentence():
    assert "there is no visit nothing" in str(run("show", "nothing").exception)
    assert "no kind of site" in str(run("list", "--kind", "nothing").exception)
    assert run("list", "--since", "2020-13-01").exit_code == 2
