"""`gridmap demo`: from nothing to Zhengzhou on the map."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import click

from gridmap import config
from gridmap.cli import acting, serve
from gridmap.cli.text import echo_table
from gridmap.db import session
from gridmap.db.migrate import migrate
from gridmap.db.session import Connection
from gridmap.errors import DatabaseError
from gridmap.rules import catalogue, engine
from gridmap.store import runs, zone_cells
from gridmap.store.runs import RuleCounts

if TYPE_CHECKING:
    from gridmap.ingest.demo_accounts import Made

HOST = "127.0.0.1"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Port; GRIDMAP_PORT or 8080.")
@click.option("--no-serve", is_flag=True, help="Prepare everything, then end.")
def command(port: int | None, no_serve: bool) -> None:
    """Load the demo city, audit it and serve the map; what is done already is not done again."""
    started = time.perf_counter()
    chosen = port or config.load().port
    if not no_serve:
        serve.listen(HOST, chosen).close()  # say now that the port is taken, not after the work
    url = session.database_url()
    for migration in migrate(url):
        click.echo(f"migrated {migration}")
    zone_cells.bring_up_to_date(url)
    conn = session.connect(url)
    try:
        load_once(conn)
        made = make_accounts(url)
        counts = audit_once(conn)
        show(conn, counts)
        show_accounts(made)
    finally:
        conn.close()
    click.echo(f"ready in {time.perf_counter() - started:.1f} s")
    if no_serve:
        return
    sys.stdout.flush()
    # a fresh process: the one that serves never loads what loading a city needed
    command_line = [sys.executable, "-m", "gridmap", "serve", "--host", HOST, "--port", str(chosen)]
    os.execv(sys.executable, command_line)  # noqa: S606


def load_once(conn: Connection) -> None:
    """Load the demo city unless it is there."""
    from gridmap.ingest import city

    if not city.is_loaded(conn):
        city.load(conn, click.echo)


def make_accounts(url: str) -> list[Made]:
    """Make the demo accounts unless they are there, and return those made now."""
    from gridmap.auth import passwords
    from gridmap.ingest import demo_accounts

    def make() -> tuple[str, str]:
        password = passwords.make()
        return password, passwords.hash_password(password)

    with closing(acting.connect(url)) as conn, session.transaction(conn) as cursor:
        return demo_accounts.load(cursor, make)


def show_accounts(made: Sequence[Made]) -> None:
    """Print the passwords of accounts that were just made; of others, how to get a new one."""
    if made:
        click.echo("演示账号：密码只在这里显示这一次 demo accounts: the passwords are shown here and never again\n")
        rows = [[row.name, row.password, row.post, row.area] for row in made]
        echo_table(["账号 name", "密码 password", "岗位 post", "范围 area"], rows)
    else:
        click.echo("演示账号已有，密码不再显示 the demo accounts are there; their passwords are not shown again")
    click.echo("新密码 a new password: .venv/bin/gridmap accounts reset-password bureau-01\n")


def audit_once(conn: Connection) -> Sequence[RuleCounts]:
    """Return what the rules find today, judging only when rules, data or the day have changed since."""
    last = runs.latest(conn, "living")
    if last is None or last.status != "complete" or not engine.is_current(conn):
        click.echo("auditing …")
        run = engine.audit(conn)
        failed = [rule for rule in run.rules if rule.status == "failed"]
        for rule in failed:
            click.echo(f"{rule.rule_id} failed and keeps its last complete result: {rule.error}", err=True)
        return run.rules
    return runs.list_rule_counts(conn, last.run_id)


def show(conn: Connection, counts: Sequence[RuleCounts]) -> None:
    """Print the day the city stands on and one line per rule."""
    with session.transaction(conn) as cursor:
        cursor.execute("SELECT city_name_zh, city_name_en, is_demo, gridmap.today() AS today FROM gridmap.setting")
        city = cursor.fetchone()
    if city is None:
        raise DatabaseError("the database has no row in gridmap.setting: it was not migrated by gridmap")
    kind = "演示数据 demo data" if city.is_demo else "实际数据 real data"
    click.echo(f"\n{city.city_name_zh} {city.city_name_en}, {city.today} ({kind})\n")
    rules = catalogue.load()
    rows = []
    for count in counts:
        rule = rules.get(count.rule_id)
        rows.append([rule.id, rule.title, count.breach, count.near_boundary, count.report, rule.title_en])
    echo_table(["规则 rule", "问题", "违规 breach", "临界 near boundary", "待核 report", "finding"], rows)
    click.echo("")
