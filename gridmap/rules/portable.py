"""Hold a rule's SELECT to the SQL that runs alike on PostGIS and on SedonaDB, and to what its header says of it.

Lists of what is allowed rather than of what is not: a construct nobody thought of is refused, not let through.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import sqlglot
from psycopg2.extensions import cursor as Cursor
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from gridmap.domain.rule import Rule
from gridmap.errors import DefinitionError
from gridmap.rules.catalogue import Catalogue
from gridmap.rules.literals import with_literals
from gridmap.rules.relations import RELATION_READS

DIALECT = "postgres"

REQUIRED = ("county_code", "feature_id", "name")
FRAME = frozenset({*REQUIRED, "part", "feature_kind", "near_boundary", "report", "geom"})
"""Columns that the engine reads; every other one is a fact and described in the header."""

_SPATIAL = frozenset(
    {
        "ST_CONTAINS", "ST_WITHIN", "ST_COVERS", "ST_COVEREDBY", "ST_INTERSECTS", "ST_DWITHIN", "ST_DISTANCE",
        "ST_INTERSECTION", "ST_AREA", "ST_UNION_AGG", "ST_POINT", "ST_X", "ST_Y",
    }
)  # fmt: skip
_PLAIN = frozenset(
    {
        "ABS", "AVG", "CAST", "CEIL", "COALESCE", "COUNT", "DATE_PART", "EXTRACT", "FLOOR", "GREATEST", "GROUP_CONCAT",
        "LEAST", "LENGTH", "LOWER", "MAX", "MIN", "NULLIF", "REPLACE", "ROW_NUMBER", "STRING_AGG", "SUBSTR",
        "SUBSTRING", "SUM", "TRIM", "UPPER",
        # the parser counts these as functions too
        "AND", "OR", "CASE", "EXISTS", "IF",
    }
)  # fmt: skip
_TYPES = frozenset({"BIGINT", "BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "INT", "TEXT", "VARCHAR"})
_SIGNS = frozenset(
    {
        TokenType.L_PAREN, TokenType.R_PAREN, TokenType.COMMA, TokenType.DOT, TokenType.STAR, TokenType.PLUS,
        TokenType.DASH, TokenType.SLASH, TokenType.EQ, TokenType.NEQ, TokenType.LT, TokenType.LTE, TokenType.GT,
        TokenType.GTE, TokenType.DPIPE,
    }
)  # fmt: skip
_WORDS = frozenset({TokenType.STRING, TokenType.IDENTIFIER, TokenType.VAR})
_NODES: dict[type[exp.Expr], str] = {
    exp.Lateral: "LATERAL",
    exp.Limit: "LIMIT",
    exp.Offset: "OFFSET",
    exp.Fetch: "FETCH",
    exp.Any: "ANY",
    exp.All: "ALL (subquery)",
    exp.ILike: "ILIKE",
    exp.SimilarTo: "SIMILAR TO",
    exp.Array: "arrays",
    exp.Into: "SELECT INTO",
    exp.Lock: "FOR UPDATE",
    exp.Interval: "INTERVAL",
    exp.TableSample: "TABLESAMPLE",
    exp.Values: "VALUES",
    exp.Filter: "FILTER",
    exp.Operator: "OPERATOR()",
    exp.Command: "a command",
}


def check(rule: Rule) -> None:
    """Raise DefinitionError unless the SELECT is portable and agrees with the rule's header."""
    sql = with_literals(rule.sql, {**rule.parameters(), "as_of": dt.date(2020, 10, 15)})
    query = _parse(rule, sql)
    for complaint in (*_signs(sql), *_constructs(query)):
        raise DefinitionError(f"{rule.path}: the SELECT uses {complaint}")
    _check_reads(rule, query)
    _check_columns(rule, columns(query))


def check_all(catalogue: Catalogue) -> None:
    """Check every rule in force; DefinitionError tells of the first that is wrong."""
    for rule in catalogue.rules:
        check(rule)


def complaints(sql: str) -> list[str]:
    """Return what a SELECT (parameters filled in) holds that is not portable, in the order found."""
    return [*_signs(sql), *_constructs(sqlglot.parse_one(sql, read=DIALECT))]


def check_against_database(cursor: Cursor, rule: Rule) -> None:
    """Raise DefinitionError unless PostgreSQL runs the SELECT and returns the columns that were parsed.

    cursor: one of gridmap.db.session.snapshot(). psycopg2 errors of the SELECT itself pass through.
    """
    values = {**rule.parameters(), "as_of": rule.since}
    cursor.execute(rule.sql + "\nLIMIT 0", values)
    returned = tuple(column.name for column in cursor.description or ())
    parsed = columns(_parse(rule, with_literals(rule.sql, values)))
    if returned != parsed:
        raise DefinitionError(f"{rule.path}: the database returns {', '.join(returned)}; expected {', '.join(parsed)}")


def relations(query: exp.Expr) -> set[str]:
    """Return the relations that a query names, its own common table expressions excluded."""
    own = {cte.alias for cte in query.find_all(exp.CTE)}
    return {
        f"{table.db}.{table.name}" if table.db else table.name
        for table in query.find_all(exp.Table)
        if table.db or table.name not in own
    }


def reads(names: set[str]) -> set[str]:
    """Return the base tables behind relations of schema snapshot."""
    return {base for name in names for base in RELATION_READS[name]}


def columns(query: exp.Expr) -> tuple[str, ...]:
    """Return the names of the columns that a query returns."""
    return tuple(query.named_selects) if isinstance(query, exp.Query) else ()


def _parse(rule: Rule, sql: str) -> exp.Expr:
    try:
        statements = sqlglot.parse(sql, read=DIALECT)
    except SqlglotError as error:
        first = str(error).splitlines()[0]
        raise DefinitionError(f"{rule.path}: the SELECT cannot be parsed: {first}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise DefinitionError(f"{rule.path}: expected one SELECT and nothing else after the header")
    return statements[0]


def _signs(sql: str) -> Iterator[str]:
    """Yield operators that not every engine has: ::, &&, <->, ->, @>, [ ] …"""
    for token in sqlglot.tokenize(sql, read=DIALECT):
        is_sign = bool(token.text) and not token.text[0].isalnum() and token.text[0] not in "_'\""
        if is_sign and token.token_type not in _SIGNS and token.token_type not in _WORDS:
            yield f"the operator {token.text}; expected a function or CAST that every engine has"


def _constructs(query: exp.Expr) -> Iterator[str]:
    for node in query.walk():
        yield from _refused(node)


def _refused(node: exp.Expr) -> Iterator[str]:
    """Yield what is wrong with one node of the parsed SELECT."""
    for kind, called in _NODES.items():
        if isinstance(node, kind):
            yield f"{called}; expected plain joins, CASE, EXISTS and aggregates"
    if isinstance(node, exp.Distinct) and node.args.get("on"):
        yield "DISTINCT ON; expected ROW_NUMBER() and a condition"
    elif isinstance(node, exp.With) and node.recursive:
        yield "WITH RECURSIVE; expected no recursion"
    elif isinstance(node, exp.Cast):
        yield from _refused_type(node.to)
        if node.to.is_type("date") and node.this.is_string and not _is_day(node.this.this):
            yield f"the date {node.this.this!r}; expected the day as a parameter"
    elif isinstance(node, exp.Func):
        name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).upper()
        if name not in _SPATIAL | _PLAIN:
            yield f"{name}; expected a function that every engine has"
    elif isinstance(node, exp.Div) and not (_is_fraction(node.this) or _is_fraction(node.expression)):
        yield f"the division {node.sql(DIALECT)}, which may drop the remainder; expected CAST(… AS DECIMAL(18, 2))"
    elif isinstance(node, exp.Select) and node.parent_select is None and node.is_star:
        yield "SELECT *; expected the columns by name"
    elif isinstance(node, exp.Join) and node.method:
        yield f"{node.method} JOIN; expected the condition in ON"


def _refused_type(to: exp.Expr) -> Iterator[str]:
    kind = to.sql(DIALECT).upper()
    name = kind.split("(")[0].split(" ")[0]
    if name not in _TYPES:
        yield f"CAST AS {kind}; expected one of {', '.join(sorted(_TYPES))}"
    elif name == "DECIMAL" and len(to.expressions) != 2:
        yield "CAST AS a bare DECIMAL or NUMERIC, which engines round differently; expected DECIMAL(18, 2)"


def _is_day(text: str) -> bool:
    try:
        return bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def _is_fraction(node: exp.Expr) -> bool:
    """Return whether a number visibly has a fraction: a cast, a literal like 100.0, or a measure."""
    inner = node.unnest()
    if isinstance(inner, exp.Literal):
        return not inner.is_string and "." in inner.this
    if isinstance(inner, exp.Cast):
        return inner.to.sql(DIALECT).upper().startswith(("DECIMAL", "DOUBLE"))
    if isinstance(inner, exp.Mul | exp.Add | exp.Sub | exp.Div):
        return _is_fraction(inner.this) or _is_fraction(inner.expression)
    return isinstance(inner, exp.Anonymous | exp.Func) and inner.name.upper() in ("ST_AREA", "ST_DISTANCE")


def _check_reads(rule: Rule, query: exp.Expr) -> None:
    named = relations(query)
    for name in sorted(named - set(RELATION_READS)):
        raise DefinitionError(f"{rule.path}: the SELECT reads {name}; expected a relation of schema snapshot")
    found = reads(named)
    # counties and townships are regions: such a rule reads region, and judges no table of its own
    declared = {*rule.reads, *({rule.judges} - {"county", "township"})}
    if rule.judges in rule.reads:
        raise DefinitionError(f"{rule.path}: reads names {rule.judges}; expected only what is not judged")
    if found != declared:
        more = ", ".join(sorted(found - {rule.judges})) or "nothing"
        raise DefinitionError(
            f"{rule.path}: the SELECT reads {', '.join(sorted(found))}; "
            f"expected judges ({rule.judges}) and reads to say so, reads = {more}"
        )


def _check_columns(rule: Rule, returned: tuple[str, ...]) -> None:
    for name in REQUIRED:
        if name not in returned:
            raise DefinitionError(f"{rule.path}: the SELECT returns no {name}; expected it to")
    for name in returned:
        if returned.count(name) > 1:
            raise DefinitionError(f"{rule.path}: the SELECT returns {name} twice; expected once")
    facts = {fact.name for fact in rule.facts}
    for name in sorted(set(returned) - FRAME - facts):
        raise DefinitionError(f"{rule.path}: the SELECT returns {name}; expected [facts] to describe it")
    for name in sorted(facts - set(returned)):
        raise DefinitionError(f"{rule.path}: [facts] describes {name}; expected the SELECT to return it")
    if "part" not in returned and "{part}" in rule.message + rule.message_en:
        raise DefinitionError(f"{rule.path}: message names {{part}}; expected the SELECT to return it")
    if ("part" in returned) != (rule.part is not None):
        raise DefinitionError(
            f"{rule.path}: part; expected the header to say what it is exactly when the SELECT has one"
        )
