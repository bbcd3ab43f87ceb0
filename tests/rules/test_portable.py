"""What a rule may not say is refused, what it may is not, and header and SELECT must agree."""

import dataclasses
import datetime as dt

import psycopg2
import pytest

from gridmap.db.session import snapshot, transaction
from gridmap.errors import DefinitionError
from gridmap.rules import catalogue, portable, relations

RULES = catalogue.load()
FORBIDDEN = [
    ("ST_Buffer(a, 2)", "ST_BUFFER"),
    ("ST_Transform(a, 4547)", "ST_TRANSFORM"),
    ("ST_MakeValid(a)", "ST_MAKEVALID"),
    ("CAST(a AS geography)", "GEOGRAPHY"),
    ("a && b", "&&"),
    ("a <-> b", "<->"),
    ("a::int", "::"),
    ("a ->> 'x'", "->>"),
    ("a @> b", "@>"),
    ("a ~ 'x'", "~"),
    ("a[1]", "["),
    ("ARRAY[1, 2]", "["),
    ("CAST(a AS jsonb)", "JSONB"),
    ("CAST(a AS NUMERIC)", "bare DECIMAL"),
    ("CAST(a AS DECIMAL(18))", "bare DECIMAL"),
    ("CAST(a AS TIMESTAMP)", "TIMESTAMP"),
    ("a / b", "division"),
    ("a / 2", "division"),
    ("(a + b) / COUNT(*)", "division"),
    ("a % b", "%"),
    ("now()", "CURRENT_TIMESTAMP"),
    ("current_date", "CURRENT_DATE"),
    ("localtimestamp", "LOCALTIMESTAMP"),
    ("CAST('today' AS DATE)", "today"),
    ("DATE 'now'", "now"),
    ("random()", "RAND"),
    ("md5(a)", "MD5"),
    ("levenshtein(a, b)", "LEVENSHTEIN"),
    ("array_agg(a)", "ARRAY_AGG"),
    ("bool_or(a)", "LOGICAL_OR"),
    ("current_setting('x')", "CURRENT_SETTING"),
    ("snapshot.as_of()", "AS_OF"),
    ("a = ANY(b)", "ANY"),
    ("a ILIKE 'x'", "ILIKE"),
    ("COUNT(*) FILTER (WHERE a)", "FILTER"),
    ("a + INTERVAL '1 day'", "INTERVAL"),
    ("a OPERATOR(pg_catalog.+) b", "OPERATOR"),
]
FORBIDDEN_QUERIES = [
    ("SELECT DISTINCT ON (a) a FROM t", "DISTINCT ON"),
    ("SELECT a FROM t LIMIT 1", "LIMIT"),
    ("SELECT a FROM t OFFSET 1", "OFFSET"),
    ("SELECT a FROM t FETCH FIRST 1 ROW ONLY", "FETCH"),
    ("SELECT * FROM t", "SELECT *"),
    ("SELECT a FROM t NATURAL JOIN u", "NATURAL"),
    ("SELECT a FROM t CROSS JOIN LATERAL (SELECT 1) AS q", "LATERAL"),
    ("SELECT a FROM t FOR UPDATE", "FOR UPDATE"),
    ("WITH RECURSIVE x AS (SELECT 1 AS a) SELECT a FROM x", "RECURSIVE"),
]
ALLOWED = [
    "ST_DWithin(a, b, 50)",
    "ST_Area(a) / 1000000.0",
    "CAST(a AS DECIMAL(18, 2)) / b",
    "100.0 * a / b",
    "date_part('year', a)",
    "a || '、'",
    "STRING_AGG(a, '、' ORDER BY b)",
    "ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC)",
    "a IS NOT TRUE",
    "a IS DISTINCT FROM b",
    "CASE WHEN a BETWEEN 1 AND 2 THEN -1 ELSE NULLIF(b, 0) END",
    "DATE '2020-10-15' >= a",
    "'a::b && <-> now()'",
]


@pytest.mark.parametrize(("expression", "said"), FORBIDDEN)
def test_forbidden_expressions_are_refused_with_their_name(expression, said):
    assert any(said in complaint for complaint in portable.complaints(f"SELECT {expression} AS x FROM t"))


@pytest.mark.parametrize(("query", "said"), FORBIDDEN_QUERIES)
def test_forbidden_queries_are_refused_with_their_name(query, said):
    assert any(said in complaint for complaint in portable.complaints(query))


@pytest.mark.parametrize("expression", ALLOWED)
def test_what_every_engine_has_is_let_through(expression):
    assert portable.complaints(f"SELECT {expression} AS x FROM t") == []


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_every_rule_is_portable_and_agrees_with_its_header(rule):
    portable.check(rule)


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_postgresql_returns_the_columns_that_were_parsed(conn, rule):
    with snapshot(conn, rule.since) as cursor:
        portable.check_against_database(cursor, rule)


def changed(rule_id="COAL-01", replace=(), **fields):
    rule = RULES.get(rule_id)
    sql = rule.sql
    for old, new in replace:
        assert old in sql
        sql = sql.replace(old, new)
    return dataclasses.replace(rule, **{"sql": sql, **fields})


DISAGREE = [
    (changed(reads=()), "reads = zone"),
    (changed(reads=("zone", "region")), "reads = zone"),
    (changed(reads=("zone", "village")), "only what is not judged"),
    (changed(judges="site"), "judges"),
    (changed(replace=[("village_cover AS c", "zone_edge AS c")]), "zone_edge"),
    (changed(replace=[("village_cover AS c", "gridmap.village AS c")]), "gridmap.village"),
    (changed(replace=[("v.name,", "")]), "returns no name"),
    (changed(replace=[("c.by_name,", "c.by_name, v.match_name,")]), "match_name"),
    (changed(replace=[("c.by_name,", "")]), "[facts] describes by_name"),
    (changed(replace=[("c.by_name,", "c.by_name, c.by_name,")]), "by_name twice"),
    (changed(message="{part}"), "{part}"),
    (changed(part=RULES.get("COAL-03").part), "part; expected the header"),
    (changed("COAL-03", part=None), "part; expected the header"),
    (changed(sql="DELETE FROM village"), "expected one SELECT"),
    (changed(sql="SELECT 1; SELECT 2"), "expected one SELECT"),
    (changed(sql="SELECT FROM WHERE (("), "cannot be parsed"),
]


@pytest.mark.parametrize(("rule", "said"), DISAGREE, ids=[said for _, said in DISAGREE])
def test_header_and_select_that_disagree_are_refused_in_one_sentence(rule, said):
    with pytest.raises(DefinitionError) as refused:
        portable.check(rule)
    assert said in str(refused.value)
    assert rule.path in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_column_that_the_database_does_not_know_is_noticed(conn):
    rule = changed(replace=[("c.by_name,", "c.named AS by_name,")])
    portable.check(rule)
    with pytest.raises(psycopg2.errors.UndefinedColumn), snapshot(conn, dt.date(2020, 10, 15)) as cursor:
        portable.check_against_database(cursor, rule)


# what belongs to a table without being read as one of its own: parts of a zone, its kinds, the day
_PART_OF = {
    "zone_unit": "zone", "zone_edge": "zone", "zone_cell": "zone", "zone_grid": "zone",
    "zone_square": "zone", "narrowing": None,
    "zone_kind": None, "setting": None, "data_version": None,
}  # fmt: skip


def test_the_table_of_relations_is_what_the_views_read(conn):
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT DISTINCT v.relname AS view, t.relname AS source, n.nspname AS schema FROM pg_class AS v "
            "JOIN pg_rewrite AS w ON w.ev_class = v.oid "
            "JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refobjid <> v.oid "
            "JOIN pg_class AS t ON d.refclassid = 'pg_class'::regclass AND t.oid = d.refobjid "
            "JOIN pg_namespace AS n ON n.oid = t.relnamespace "
            "WHERE v.relnamespace = 'snapshot'::regnamespace AND v.relkind = 'v' "
            "AND n.nspname IN ('gridmap', 'snapshot')"
        )
        sources = {}
        for row in cursor.fetchall():
            sources.setdefault(row.view, set()).add((row.schema, row.source))

    def bases(view):
        found = set()
        for schema, source in sources[view]:
            found |= bases(source) if schema == "snapshot" else {_PART_OF.get(source, source)}
        return found - {None}

    for relation, declared in relations.RELATION_READS.items():
        assert bases(relation) == declared, relation
    assert set(sources) - set(relations.RELATION_READS) == {"finding"}, "a view that rules cannot name yet"
