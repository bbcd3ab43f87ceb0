"""`gridmap draw`: a record is drawn again without a database; the rest on an empty city."""

import json

import pytest
from click.testing import CliRunner

from gridmap.cli import cli
from gridmap.domain import draw_record, random_draw
from tests.domain.test_random_draw import DAY, Fixed, FixedList, inspectors_of, record_of, sites_of, strata_of

SITES = sites_of(8)
LISTED = FixedList(DAY, "public", "开奖号码", "kinds=all", Fixed(strata_of(SITES, "25%"), SITES, inspectors_of(3)))


def run(*words):
    return CliRunner().invoke(cli, ["draw", *words])


@pytest.fixture
def record(tmp_path, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")

    def write(**changes):
        path = tmp_path / "record.json"
        path.write_text(json.dumps({**record_of(LISTED, "3 1 7"), **changes}, ensure_ascii=False), "utf-8")
        return str(path)

    return write


def test_a_true_record_is_told_so_without_a_database(record):
    told = run("verify", record(), "--commitment", random_draw.sha256(draw_record.write_list(LISTED)))
    assert told.exit_code == 0, told.output
    assert "2 sites drawn, 0 left out" in told.output


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seed": "3 1 8"}, "the seed draws something else"),
        ({"list": "x"}, "the list was changed"),
        ({"result": ""}, "2 sites with 0 left out; the record has 0"),
        ({"record_sha256": "0"}, "own SHA-256"),
        ({"seed": None}, "nothing was drawn yet"),
    ],
)
def test_what_was_changed_is_said(record, changes, said):
    told = run("verify", record(**changes))
    assert told.exit_code != 0
    assert said in told.output + str(told.exception)


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense", "[" * 100_000])
def test_a_file_that_is_no_record_is_told_so(tmp_path, text):
    path = tmp_path / "record.json"
    path.write_text(text)
    told = run("verify", str(path))
    assert told.exit_code != 0
    assert "no record of a draw" in str(told.exception)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "--title", "x"), "no site fits the filter"),
        (("new", "--title", "x", "--amount", "nan"), "is no amount"),
        (("new", "--title", "x", "--kind", "castle"), "there is no kind of site 'castle'"),
        (("new", "--title", "x", "--day", "2001-01-01"), "the day is 2001-01-01"),
        (("seed", "1"), "there is no draw 1"),
        (("show", "1"), "there is no draw 1"),
        (("annul", "1", "--reason", "x"), "there is no draw 1"),
    ],
)
def test_a_mistake_is_a_sentence(database_url, monkeypatch, words, said):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", database_url)
    told = run(*words)
    assert told.exit_code != 0
    assert said in told.output + str(told.exception)


def test_no_draws_are_an_empty_list(database_url, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", database_url)
    assert json.loads(run("list", "--json").output) == []
