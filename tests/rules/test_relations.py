"""What the text of a rule tells of what it reads is so: kinds of zone, and the sites that alone it can find."""

import datetime as dt

import pytest

from gridmap.db.session import snapshot, transaction
from gridmap.engines import postgis
from gridmap.engines.postgis import Few
from gridmap.rules import catalogue, relations
from tests.builders import add_zone, box
from tests.rules import examples

ZONED = {rule.id: rule for rule in catalogue.load().rules if relations.reads_zones(rule)}
# an example of each rule that fires is enough
ALL = [
    example
    for path in examples.files()
    for example in [e for e in examples.read(path) if e.rule_id in ZONED and any(e.expect.values())][:1]
]


@pytest.mark.parametrize("example", ALL, ids=lambda example: f"{example.rule_id}-{example.name}")
def test_zones_of_other_kinds_and_sites_of_other_kinds_are_nothing_to_a_rule(conn, example):
    rule = ZONED[example.rule_id]
    others = set(relations.glossary.terms()["zone_kind"]) - set(relations.zone_kinds(rule))
    assert relations.zone_kinds(rule)
    tables = relations.site_tables(rule) if rule.judges == "site" else set()
    with transaction(conn) as cursor:
        examples.build(cursor, example)
        for number, kind in enumerate(sorted(others)):
            add_zone(cursor, f"other_{number}", box(-1, -1, 12, 12), kind=kind, begins_on=dt.date(2010, 1, 1))
        told = set()
        for table in sorted(tables):
            cursor.execute(f"SELECT site_id FROM gridmap.{table}")
            told |= {site_id for (site_id,) in cursor.fetchall()}
    few = Few(sorted(told), relations.holding_sites(rule)) if tables else None
    for day, expected in example.expect.items():
        with snapshot(conn, day) as cursor:
            assert examples.spelled(postgis.evaluate(cursor, rule, as_of=day, few=few)) == expected, day


def test_rules_judged_in_squares_ask_a_zone_itself_only_whether_a_county_has_one():
    """An edit that keeps class and county of a zone then tells such a rule nothing where its outline is as it was."""
    local = relations.ZONES_IN_SQUARES | {"zone"}
    direct = [
        rule
        for rule in ZONED.values()
        if "zone" in relations.zone_relations(rule) and relations.zone_relations(rule) <= local
    ]
    assert [rule.id for rule in direct] == ["BOIL-05"]
    (rule,) = direct
    start = rule.sql.index("FROM zone AS z")
    assert "z.kind = 'gas_coverage' AND z.county_code IN" in rule.sql[start : start + 120]
