"""`gridmap duties`: who answers for a cell, in which role, from when to when."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from gridmap.cli import duties_export
from gridmap.cli.text import Day, as_of_option, echo_json, echo_table, json_option


@click.group()
def command() -> None:
    """List duties, hand one over, import or export a roster."""


command.add_command(duties_export.command)


@command.command("list")
@click.option("--cell", required=True, metavar="CODE", help="The cell.")
@as_of_option
@click.option("--history", is_flag=True, help="All duties of the cell that ever were, and are to come.")
@json_option
def list_command(cell: str, as_of: dt.date | None, history: bool, as_json: bool) -> None:
    """List who answers for a cell on a day, and for the cells above it."""
    from gridmap.db.session import connect, today, transaction
    from gridmap.store import duties, grid

    conn = connect()
    try:
        day = as_of or today(conn)
        with transaction(conn) as cursor:
            if history:
                rows = duties.list_duties(cursor, [cell])
                missing: dict[str, tuple[str, ...]] = {}
            else:
                grid.get_cell(cursor, cell, day)
                chain = [above.cell_code for above in grid.list_above(cursor, cell, day)]
                found = duties.list_duties(cursor, chain, day)
                rows = sorted(found, key=lambda row: chain.index(row.cell_code))
                missing = {code: duties.missing_roles([row for row in rows if row.cell_code == code]) for code in chain}
    finally:
        conn.close()
    if as_json:
        echo_json({"duties": rows, "missing": missing})
        return
    echo_table(
        ["cell", "role", "post", "from", "last day", "full-time", "account"],
        [
            [
                row.cell_code, row.role, row.post, row.begins_on or "", row.last_day or "",
                {True: "yes", False: "no", None: ""}[row.is_full_time], "yes" if row.account_id else "",
            ]
            for row in rows
        ],
    )  # fmt: skip
    for code, roles in missing.items():
        if roles:
            click.echo(f"{code} has no {', no '.join(roles)}")


@command.command("handover")
@click.argument("cell")
@click.argument("role")
@click.option("--to-post", required=True, help="The post that answers from then on, never a person's name.")
@click.option("--from-post", default=None, help="The post whose duty ends, where several hold the role.")
@click.option("--account", default=None, metavar="NAME", help="The account of the new post.")
@click.option("--from-day", type=Day(), default=None, help="First day of the new duty; today by default.")
@click.option("--full-time/--part-time", default=None, help="Of a chief: whether it is his only post.")
def handover_command(
    cell: str,
    role: str,
    to_post: str,
    from_post: str | None,
    account: str | None,
    from_day: dt.date | None,
    full_time: bool | None,
) -> None:
    """Hand the ROLE in CELL to another post: the old duty ends the day before."""
    from gridmap.cli.acting import connect
    from gridmap.db.session import today, transaction
    from gridmap.domain import duty
    from gridmap.errors import UserError
    from gridmap.store import duties, grid

    try:
        role = duty.role_of(role)
    except UserError as error:
        raise UserError(f"{role!r} is no role; expected {error}") from error
    try:
        to_post = duty.check_post(to_post)
    except UserError as error:
        raise UserError(f"{to_post!r} is no post; expected {error}") from error
    conn = connect()
    try:
        day = from_day or today(conn)
        with transaction(conn) as cursor:
            ended, _ = duties.hand_over(
                cursor, grid.get_cell(cursor, cell, day), role, to_post, day,
                from_post=from_post, account=account, is_full_time=full_time,
            )  # fmt: skip
    finally:
        conn.close()
    for row in ended:
        click.echo(f"{row.post} answers for {cell} as {role} until {day - dt.timedelta(days=1)}")
    if not ended:
        click.echo(f"nobody answered for {cell} as {role} before")
    click.echo(f"{to_post} answers for {cell} as {role} from {day} on")


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done row by row, and leave everything as it is.")
@json_option
def import_command(file: Path, dry_run: bool, as_json: bool) -> None:
    """Import a roster, CSV or XLSX, with the columns 网格代码, 角色, 岗位, 起 and, if need be, 止, 账号, 专职.

    All or nothing. 起 and 止 are the first and the last day. A duty is known by cell, role, post and first day: one
    that is there gets the roster's last day, account and full-time (columns that it has), any other is new; duties that
    the roster does not name stay as they are. Formulas are not evaluated, columns with persons' names not read.
    """
    from gridmap.cli.acting import connect
    from gridmap.ingest import roster as rosters
    from gridmap.store import duties

    roster = rosters.read(file)
    conn = connect()
    try:
        report = duties.import_all(conn, roster.rows, roster.columns, roster.faults, dry_run=dry_run)
    finally:
        conn.close()
    if as_json:
        echo_json({"report": report, "notes": roster.notes, "dry_run": dry_run})
    else:
        for note in roster.notes:
            click.echo(note)
        if report.faults:
            echo_table(
                ["row", "field", "found", "expected"],
                [[fault.row, fault.field, fault.found, fault.expected] for fault in report.faults],
            )
        would = "would be " if dry_run else ""
        if not report.faults:
            if dry_run:
                echo_table(["row", "outcome"], report.outcomes)
            numbers = [f"{would}{how} {report.number(how)}" for how in ("new", "changed")]
            click.echo(", ".join([*numbers, f"unchanged {report.number('unchanged')}"]))
    if report.faults:
        click.echo(f"nothing was imported: {len(report.faults)} faults in {file.name}", err=True)
        raise SystemExit(1)
