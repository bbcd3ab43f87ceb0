"""Pages of rules and findings in detail: catalogue, trend, failures, dated figures, examples, why flagged."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from gridmap import glossary
from gridmap.app import create_app
from gridmap.db.session import connect, transaction
from gridmap.domain import finding
from gridmap.domain.rule import THEME_OF_PREFIX, Param, Rule
from gridmap.maps import sketch
from gridmap.rules import catalogue, engine, examples
from gridmap.rules.catalogue import Catalogue
from gridmap.store.surroundings import look_around
from gridmap.store.trends import list_trends
from tests import accounts, databases
from tests.builders import add_region, add_site, add_village, add_zone, box

NEAR, NAMED, MACHINE = "410181113001", "410181113002", "demo-mac-1"


def ours(*ids: str) -> Catalogue:
    return Catalogue(tuple(catalogue.load().get(rule_id) for rule_id in ids), (), "some")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Return a small world of its own: a sketched zone, one village near its edge, one left out by name, a machine.

    Judged three times: one village, two villages, then by a rule that fails.
    """
    with databases.migrated("rulepages") as made:
        conn = connect(made)
        with transaction(conn) as cursor:
            cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15'")
            add_region(cursor, "410100", "city")
            add_region(cursor, "410181", "county", box(0, 0, 20, 20), parent="410100")
            add_zone(cursor, boundary=box(0, 0, 4, 4), units_out=(NAMED,), is_sketch=True, position_error_m=100)
            add_zone(cursor, "far", box(-60, -60, 60, 60), kind="built_up", position_error_m=100)
            add_village(cursor, NEAR, [4.2, 2], error_m=150)
        engine.audit(conn, catalogue=ours("COAL-01", "GRID-01"))
        with transaction(conn) as cursor:
            add_village(cursor, NAMED, [2, 2], error_m=300)
            add_site(cursor, MACHINE, [9, 9], error_m=20)
        engine.audit(conn, catalogue=ours("COAL-01", "GRID-01"))
        broken = dataclasses.replace(catalogue.load().get("GRID-01"), sql="SELECT 1 / 0 AS county_code")
        coal = catalogue.load().get("COAL-01")
        engine.audit(conn, catalogue=Catalogue((coal, broken), (), "broken"))
        conn.close()
        yield made


@pytest.fixture
def client(url: str) -> Iterator[FlaskClient]:
    made = create_app(url)
    made.config["TESTING"] = True
    yield accounts.carry(made.test_client(), accounts.enter(url, "bureau"))
    made.extensions["gridmap_pools"].close()


def test_trends_tell_counts_failures_and_the_last_complete_day(url: str) -> None:
    conn = connect(url)
    trends = list_trends(conn)
    conn.close()
    assert [point.breach for point in trends["COAL-01"].judged] == [0, 1, 1]
    assert trends["COAL-01"].failure is None
    failure = trends["GRID-01"].failure
    assert failure is not None and "division by zero" in (failure.error or "")
    assert trends["GRID-01"].last_complete_on == dt.date(2020, 10, 15)
    assert len(trends["GRID-01"].judged) == 2


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", ("上次运行失败", "最近一次完整结果")), ("en", ("failed in the last run", "Last complete"))],
)
def test_a_rule_that_failed_is_marked(client: FlaskClient, lang: str, words: tuple[str, str]) -> None:
    for path in ("/rules", "/rules/GRID-01"):
        text = client.get(f"{path}?lang={lang}").text
        assert all(word in text for word in (*words, "division by zero"))
    assert words[0] not in client.get(f"/rules/COAL-01?lang={lang}").text


def test_the_catalogue_draws_trends_with_their_numbers(client: FlaskClient) -> None:
    text = client.get("/rules").text
    assert 'aria-label="最近 3 次运行的违规数，从早到晚：0、1、1"' in text


def test_the_catalogue_is_filtered_without_scripts(client: FlaskClient) -> None:
    whole = catalogue.load().rules

    def shown(query: str) -> set[str]:
        return set(re.findall(r'<th scope="row"><a[^>]*>([A-Z]+-\d\d)</a>', client.get(f"/rules?{query}").text))

    assert shown("") == {rule.id for rule in whole}
    assert shown("theme=coal") == {rule.id for rule in whole if rule.theme == "coal"}
    assert "COAL-01" in shown("q=平原村 禁煤区") and "NRMM-01" not in shown("q=平原村 禁煤区")
    assert shown("q=coal-01") >= {"COAL-01"}
    assert "没有符合条件的规则" in client.get("/rules?q=没有这样的规则").text
    assert client.get("/rules?theme=nothing").status_code == 400


def test_every_theme_has_a_word() -> None:
    assert {rule.theme for rule in catalogue.load().rules} <= set(glossary.terms()["theme"])
    assert set(THEME_OF_PREFIX.values()) == set(glossary.terms()["theme"])


def test_dated_figures_show_which_one_holds(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = catalogue.load().get("COAL-01")
    changes = ((dt.date(2018, 1, 1), 90), (dt.date(2021, 1, 1), 99))
    param = Param("full_cover_pct", "number", 80, "覆盖率", ours=True, changes=changes)
    changed = dataclasses.replace(rule, params=(param,))
    monkeypatch.setattr("gridmap.rules.catalogue.load", lambda: Catalogue((changed,), (), "x"))
    text = client.get("/rules/COAL-01").text
    assert re.search(r'<li aria-current="true">\s*自 2018-01-01 起：<b>90</b>', text)
    for piece in ("起初：<b>80</b>", "自 2021-01-01 起：<b>99</b>", "本平台取值", "覆盖率"):
        assert piece in text


def test_a_rule_draws_its_findings_and_its_examples(client: FlaskClient) -> None:
    text = client.get("/rules/COAL-01").text
    assert f"/findings/{finding.key('COAL-01', NAMED, '')}" in text
    written = examples.load(catalogue.load().get("COAL-01"))
    assert text.count('<section class="example">') == len(written) > 5
    assert text.count('<svg class="sketch"') == sum(sketch.draw(example) is not None for example in written)
    assert "sketch-near_boundary" in text and "410181113001" in text


def test_without_the_files_there_are_no_examples(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("gridmap.rules.examples.config", SimpleNamespace(ROOT=tmp_path))
    page = client.get("/rules/COAL-01")
    assert page.status_code == 200 and 'id="examples"' not in page.text


def test_why_tells_errors_distance_and_side(client: FlaskClient) -> None:
    text = client.get(f"/findings/{finding.key('COAL-01', NEAR, '')}").text
    assert "位置误差 ± 150 m" in text
    assert re.search(r"在界线外，距边界 200 m，边界误差 ± 100 m</a>\s*<span[^>]*>误差之内", text)
    assert '"why_area"' in text and '"why_line"' in text and '"why_way"' in text


def test_why_names_a_zone_whose_boundary_is_far(client: FlaskClient, url: str) -> None:
    conn = connect(url)
    around = look_around(
        conn, ("site", MACHINE), {"type": "Point", "coordinates": [113.66, 34.77]}, (113.66, 34.77), ["built_up"]
    )
    conn.close()
    assert around.error_m == 20 and around.circle is not None
    assert [(edge.inside, edge.distance_m, edge.line) for edge in around.edges] == [(True, None, None)]
    assert not around.is_near(around.edges[0])


def test_why_knows_a_village_that_is_judged_by_name(client: FlaskClient) -> None:
    text = client.get(f"/findings/{finding.key('COAL-01', NAMED, '')}?lang=en").text
    assert f"its list excludes {NAMED}, so that it is outside by name" in text
    assert "from the boundary" not in text and '"why_line"' not in text


def test_reasons_of_the_history_are_words(client: FlaskClient, url: str) -> None:
    key = finding.key("COAL-01", NAMED, "")
    conn = connect(url)
    with transaction(conn) as cursor:
        cursor.executemany(
            "INSERT INTO gridmap.finding_event (key, event, reason, on_day) VALUES (%s, %s, %s, '2020-10-15')",
            [(key, "gone", "cured"), (key, "reopened", "resurgence"), (key, "reopened", "expired")],
        )
    conn.close()
    text = client.get(f"/findings/{key}").text
    for words in ("消失：已整改", "再次出现：死灰复燃", "再次出现：例外到期"):
        assert words in text


def every_rule() -> tuple[Rule, ...]:
    return catalogue.load().rules


def test_every_example_can_be_read_and_drawn() -> None:
    for rule in every_rule():
        for example in examples.load(rule):
            assert example.name and example.expect, rule.id
            drawn = sketch.draw(example)
            for mark in drawn.marks if drawn else ():
                assert -1 <= mark.x <= sketch.WIDTH * 1.4 and -1 <= mark.y <= sketch.HEIGHT * 1.6, (
                    rule.id,
                    example.name,
                )


@pytest.mark.parametrize(
    ("numbers", "points"), [([], None), ([3], None), ([0, 4, 2], "4,20 48,4 92,12"), ([0, 0], "4,20 92,20")]
)
def test_a_sparkline_runs_from_nought_to_the_highest(numbers: list[int], points: str | None) -> None:
    line = sketch.spark(numbers)
    assert (line.points if line else None) == points
