"""`gridmap rules`: the duties that the city is judged by."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from gridmap.cli.text import Day, echo_json, echo_table, json_option
from gridmap.domain.rule import Rule


@click.group()
def command() -> None:
    """List, show, explain and check the rules."""


@command.command("list")
@click.option("--format", "form", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True)
@click.option("--write", is_flag=True, help="With --format markdown: write the table into gridmap/rules/README.md.")
@json_option
def list_command(form: str, write: bool, as_json: bool) -> None:
    """List the rules in force, by id."""
    from gridmap.rules import catalogue, tables

    if write and form != "markdown":
        raise click.UsageError("--write goes with --format markdown")
    found = catalogue.load()
    if as_json or form == "json":
        echo_json([brief(rule) for rule in found.rules])
    elif write:
        text = tables.DOCUMENT.read_text("utf-8")
        tables.DOCUMENT.write_text(tables.with_table(text, tables.as_markdown(found)), "utf-8")
    elif form == "markdown":
        click.echo(tables.as_markdown(found), nl=False)
    else:
        echo_table(
            ["id", "规则", "severity", "since", "where", "source"],
            [
                [
                    rule.id,
                    rule.title,
                    rule.severity,
                    rule.since,
                    " ".join(rule.where) or "*",
                    tables.sources(rule.legal),
                ]
                for rule in found.rules
            ],
        )


@command.command("show")
@click.argument("rule_id", metavar="ID")
@json_option
def show_command(rule_id: str, as_json: bool) -> None:
    """Show one rule: what it finds, why, how to mend it, its traps, sources, figures and facts."""
    from gridmap.rules import catalogue

    rule = catalogue.load().get(rule_id)
    if as_json:
        echo_json({**brief(rule), **_details(rule)})
        return
    click.echo(f"{rule.id}  {rule.title}\n{rule.title_en}")
    click.echo(f"since {rule.since}  where {' '.join(rule.where) or '*'}  severity {rule.severity}  {rule.path}")
    for heading, text in (("为什么", rule.why), ("怎么改", rule.fix), ("注意", rule.trap)):
        click.echo(f"\n{heading}\n  {text}")
    click.echo("\n依据")
    for legal in rule.legal:
        click.echo(f"  {legal.document}{legal.number and f'（{legal.number}）'} 第{legal.item}项")
    if rule.params:
        click.echo("\n参数")
        echo_table(["  name", "value", "note"], [[f"  {p.name}", _shown(p.default), p.note] for p in rule.params])
    click.echo("\n所列事实")
    echo_table(["  name", "中文", "English", "unit"], [[f"  {f.name}", *_label(f)] for f in rule.facts])


@command.command("explain")
@click.argument("rule_id", metavar="ID")
@click.option("--as-of", type=Day(), default=None, help="The day to judge; without it today, asked of the database.")
def explain_command(rule_id: str, as_of: dt.date | None) -> None:
    """Print SQL that psql runs as it is and that finds what the rule finds; it changes nothing."""
    from gridmap.rules import catalogue, literals

    rule = catalogue.load().get(rule_id)
    click.echo(literals.script(rule, as_of or _today()), nl=False)


@command.command("check")
@click.option("--database", is_flag=True, help="Ask PostgreSQL too: run each SELECT for its columns.")
def check_command(database: bool) -> None:
    """Check that every rule's header and SELECT agree and that the SQL is portable."""
    from gridmap.rules import catalogue, portable

    found = catalogue.load()
    rules = found.rules
    portable.check_all(found)
    if database:
        from gridmap.db.session import connect, snapshot

        conn = connect()
        try:
            for rule in rules:
                with snapshot(conn, rule.since) as cursor:
                    portable.check_against_database(cursor, rule)
        finally:
            conn.close()
    click.echo(f"{len(rules)} rules: header and SELECT agree{', and so does the database' if database else ''}")


def brief(rule: Rule) -> dict[str, Any]:
    """Return what a list says of a rule."""
    return {
        "id": rule.id,
        "theme": rule.theme,
        "title": rule.title,
        "title_en": rule.title_en,
        "severity": rule.severity,
        "status": rule.status,
        "since": rule.since,
        "where": rule.where,
        "legal": rule.legal,
    }


def _details(rule: Rule) -> dict[str, Any]:
    return {
        "message": rule.message,
        "message_en": rule.message_en,
        "judges": rule.judges,
        "reads": rule.reads,
        "clock": rule.clock,
        "reach_m": rule.reach_m,
        "material": rule.material,
        "why": rule.why,
        "fix": rule.fix,
        "trap": rule.trap,
        "params": rule.params,
        "facts": rule.facts,
        "part": rule.part,
        "sql": rule.sql,
        "path": rule.path,
    }


def _label(fact: Any) -> tuple[str, str, str]:
    return fact.label.zh, fact.label.en, fact.unit


def _shown(value: Any) -> str:
    return "、".join(value) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else str(value)


def _today() -> dt.date:
    from gridmap.db import session

    conn = session.connect()
    try:
        return session.today(conn)
    finally:
        conn.close()
