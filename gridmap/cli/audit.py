"""`gridmap audit`: judge the city."""

from __future__ import annotations

import datetime as dt

import click

from gridmap.cli.text import as_of_option, echo_json, echo_table, json_option


@click.command()
@as_of_option
@click.option("--due", is_flag=True, help="Judge only what is due: what changed, or everything on a new day.")
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Judge by this rule only; may be repeated.")
@click.option("--county", "counties", multiple=True, metavar="CODE", help="Judge this county only; may be repeated.")
@json_option
def command(as_of: dt.date | None, due: bool, rules: tuple[str, ...], counties: tuple[str, ...], as_json: bool) -> None:
    """Judge the city by every rule and keep what is found.

    Today's audit moves the living findings. With --as-of another day is judged as a report, which moves none.
    """
    from gridmap.db.session import connect
    from gridmap.inspecting import visits
    from gridmap.rules import catalogue, engine, incremental

    if due and (as_of or rules or counties):
        raise click.UsageError("--due judges today by all rules: give it without --as-of, --rule and --county")
    conn = connect()
    try:
        if due:
            again = incremental.rejudge(conn)
            if again is None:
                click.echo("nothing is due: no data, rule or day has changed since the last audit")
                return
            run = again
        else:
            run = engine.audit(conn, as_of=as_of, rule_ids=rules or None, counties=counties or None)
        if run.kind == "living" and run.status == "complete" and not (rules or counties):
            visits.settle(conn, catalogue.load())  # those that came while no audit could follow them
    finally:
        conn.close()
    if as_json:
        echo_json(run)
    else:
        echo_table(
            ["rule", "status", "breach", "near", "report", "new", "still", "changed", "gone", "reopened", "ms"],
            [
                [
                    r.rule_id, r.status, r.breach, r.near_boundary, r.report, r.opened, r.still_there, r.changed,
                    r.gone, r.reopened, f"{r.duration_ms:.0f}",
                ]
                for r in run.rules
            ],
        )  # fmt: skip
        click.echo(f"{run.kind} run {run.run_id} as of {run.as_of}: {run.status} in {run.seconds:.1f} s")
    failed = [rule for rule in run.rules if rule.status == "failed"]
    for rule in failed:
        click.echo(f"{rule.rule_id} failed and keeps its last complete result: {rule.error}", err=True)
    if failed:
        raise SystemExit(1)
