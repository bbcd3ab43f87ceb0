"""`gridmap rules`: what it prints can be read, and what `explain` prints really runs."""

import datetime as dt
import json
import os
import shutil
import subprocess

import pytest
from click.testing import CliRunner

from gridmap.cli import cli, rules
from gridmap.db import programs
from gridmap.db.session import snapshot
from gridmap.engines import postgis
from gridmap.errors import NotFoundError
from gridmap.rules import catalogue, literals

DAY = dt.date(2020, 11, 15)
RULES = catalogue.load().rules


def run(*arguments):
    return CliRunner().invoke(cli, ["rules", *arguments])


def psql(url, script):
    installed = programs.find_usable()
    program = shutil.which("psql") or (installed and installed.path("psql"))
    assert program, "PostgreSQL brings psql"
    done = subprocess.run(
        [program, "-X", "-qAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"],
        input=script, capture_output=True, text=True, check=False, env={**os.environ, "PGOPTIONS": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_explain_runs_in_psql_as_it_is_and_finds_what_the_engine_finds(city, city_url, rule):
    answer = run("explain", rule.id, "--as-of", str(DAY))
    assert answer.exit_code == 0
    with snapshot(city, DAY) as cursor:
        expected = sorted(row.feature_id for row in postgis.evaluate(cursor, rule, as_of=DAY))
        cursor.execute(f"SELECT * FROM ({rule.sql}) AS found LIMIT 0", {**rule.parameters(), "as_of": DAY})
        place = [column.name for column in cursor.description].index("feature_id")
    assert sorted(line[place] for line in psql(city_url, answer.output)) == expected


def test_explain_says_nothing_before_the_rule_binds(city_url):
    assert psql(city_url, run("explain", "COAL-01", "--as-of", "2019-11-14").output) == []


def test_explain_without_a_day_stands_on_the_platforms_today(city_url, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", city_url)
    assert "SET LOCAL gridmap.as_of = '2020-10-15';" in run("explain", "COAL-01").output


def test_literals_are_what_sql_reads_back(conn):
    values = {"t": "it's", "d": DAY, "n": 95.0, "i": 3, "b": True, "l": ("a", "b'c")}
    sql = literals.with_literals("SELECT %(t)s, %(d)s, %(n)s, %(i)s, %(b)s, 'b''c' IN %(l)s, '100%%'", values)
    with conn.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.fetchone() == ("it's", DAY, 95, 3, True, True, "100%")


def test_list_as_table_json_and_markdown():
    assert "COAL-01   平原村未划入禁煤区" in run("list").output
    listed = json.loads(run("list", "--json").output)
    assert [entry["id"] for entry in listed] == [rule.id for rule in RULES]
    assert next(entry["since"] for entry in listed if entry["id"] == "COAL-01") == "2019-11-15"
    assert run("list", "--format", "markdown").output.startswith("| 编号 id |")
    assert run("list", "--write").exit_code == 2


def test_show_tells_the_reasons_the_sources_and_the_figures():
    shown = run("show", "COAL-01").output
    for words in ("为什么", "怎么改", "注意", "第14项", "full_cover_pct", "本平台取值"):
        assert words in shown
    as_json = json.loads(run("show", "NRMM-01", "--json").output)
    assert as_json["judges"] == "site"
    assert {param["name"] for param in as_json["params"]} >= {"made_before", "area_since"}


def test_an_unknown_rule_and_a_day_that_is_none_are_one_sentence():
    assert isinstance(run("show", "COAL-99").exception, NotFoundError)
    bad = run("explain", "COAL-01", "--as-of", "2020-13-01")
    assert bad.exit_code == 1
    assert bad.output.strip().count("\n") == 0
    assert "no day" in bad.output


def test_check_passes_with_and_without_the_database(city_url, monkeypatch):
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", city_url)
    assert run("check").output == f"{len(RULES)} rules: header and SELECT agree\n"
    assert run("check", "--database").output.endswith("and so does the database\n")


def test_a_brief_holds_what_lists_show():
    assert set(rules.brief(RULES[0])) == {
        "id", "theme", "title", "title_en", "severity", "status", "since", "where", "legal",
    }  # fmt: skip
