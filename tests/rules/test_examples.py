"""Every rule says of its examples what they expect, and no figure or date of a rule may move unnoticed."""

import dataclasses
import datetime as dt

import pytest

from gridmap.db.session import connect, transaction
from gridmap.rules import catalogue
from tests import databases
from tests.rules import examples

CATALOGUE = catalogue.load()
ALL = [(path, example) for path in examples.files() for example in examples.read(path)]


@pytest.fixture(scope="module")
def server_process():
    """Yield a connection for all examples: a new process of the server reads the views anew, which takes longest."""
    with databases.migrated("examples") as url:
        conn = connect(url)
        yield conn
        conn.close()


@pytest.fixture
def conn(server_process):
    """Yield it in a transaction that is rolled back: no example sees another."""
    with server_process.cursor() as cursor:
        cursor.execute("SELECT 1")
    yield server_process
    server_process.rollback()


@pytest.mark.parametrize(("path", "example"), ALL, ids=[f"{e.rule_id}-{e.name}" for _, e in ALL])
def test_the_rule_finds_what_the_example_expects(conn, path, example):
    rule = CATALOGUE.get(example.rule_id)
    with transaction(conn) as cursor:
        examples.build(cursor, example)
    last = []
    for day, expected in example.expect.items():
        last = examples.judge(conn, rule, day)
        assert examples.spelled(last) == expected, f"{example.name} on {day}"
    for feature_id, facts in example.facts.items():
        row = next(row for row in last if row.feature_id == feature_id)
        assert {name: row.facts[name] for name in facts} == {name: None if v == "" else v for name, v in facts.items()}


@pytest.mark.parametrize("rule", CATALOGUE.rules, ids=lambda rule: rule.id)
def test_each_rule_has_examples_that_fire_and_that_do_not(rule):
    mine = [(path, example) for path, example in ALL if example.rule_id == rule.id]
    assert mine, "no examples"
    assert all(path.parent.name == rule.theme and rule.path.endswith(f"/{path.stem}.sql") for path, _ in mine)
    answers = [found for _, example in mine for found in example.expect.values()]
    assert any(answers), "none fires"
    assert not all(answers), "none stays silent"


@pytest.mark.parametrize(("path", "example"), ALL, ids=[f"{e.rule_id}-{e.name}" for _, e in ALL])
def test_each_part_has_its_word(path, example):
    part = CATALOGUE.get(example.rule_id).part
    found = {text.split(" ")[0].partition("#")[2] for texts in example.expect.values() for text in texts} - {""}
    if part is not None and part.words and example.rule_id not in ("INDU-05", "INDU-06"):  # or a number of its own
        assert found <= set(part.words)


def mutants(rule):
    """Yield (what, rule, parameters): the rule with one figure, date or place moved a little."""
    for days in (-1, 1):
        yield f"since {days:+}", dataclasses.replace(rule, since=rule.since + dt.timedelta(days=days)), {}
    if rule.where:
        for county in rule.where:
            fewer = tuple(code for code in rule.where if code != county)
            yield f"where without {county}", dataclasses.replace(rule, where=fewer or ("000000",)), {}
        yield "where everywhere", dataclasses.replace(rule, where=()), {}
    else:
        yield "where 410122 only", dataclasses.replace(rule, where=("410122",)), {}
    for param in rule.params:
        for value in moved(param.default):
            yield f"{param.name} = {value}", rule, {param.name: value}


def moved(value):
    """Return neighbours of a parameter's value."""
    if isinstance(value, dt.date):
        return [value - dt.timedelta(days=1), value + dt.timedelta(days=1)]
    if isinstance(value, tuple):
        return [("410122",)]
    if isinstance(value, str):
        return ["410122"]
    step = 1 if value <= 1000 else value * 0.05  # a hair's breadth of a kilometre box is no example
    return [value - step, value + step]


@pytest.mark.parametrize("rule", CATALOGUE.rules, ids=lambda rule: rule.id)
def test_moving_a_figure_or_a_date_breaks_an_example(conn, rule):
    alive = {what for what, _, _ in mutants(rule)}
    for _, example in ALL:
        if example.rule_id != rule.id:
            continue
        with transaction(conn) as cursor:
            cursor.execute("SAVEPOINT world")
            examples.build(cursor, example)
            for day in example.expect:
                truth = examples.judge(conn, rule, day)
                for what, mutant, params in mutants(rule):
                    if what in alive and examples.judge(conn, mutant, day, params) != truth:
                        alive.discard(what)
            cursor.execute("ROLLBACK TO SAVEPOINT world")
    assert not alive, "nothing notices these"
