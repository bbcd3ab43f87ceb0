"""`gridmap db`: the private cluster and the schema."""

from __future__ import annotations

import click

from gridmap import config
from gridmap.cli.text import echo_json, json_option
from gridmap.db import cluster, session
from gridmap.errors import UserError


@click.group()
def command() -> None:
    """Start, stop and look at the private database; bring the schema up to date."""


@command.command()
def start() -> None:
    """Start the private cluster and print its address."""
    _refuse_foreign("start")
    click.echo(cluster.start())


@command.command()
def stop() -> None:
    """Stop the private cluster; the data stay."""
    _refuse_foreign("stop")
    click.echo("stopped" if cluster.stop() else "the private database was not running")


@command.command()
@json_option
def status(as_json: bool) -> None:
    """Tell which database is in use and whether the private one runs."""
    foreign = config.load().database_url
    private = cluster.status()
    if as_json:
        echo_json({"database_url": session.without_password(foreign) if foreign else None, "private": private})
        return
    if foreign:
        click.echo(f"in use: {session.without_password(foreign)} (GRIDMAP_DATABASE_URL)")
    if private.version is None:
        click.echo("private database: none yet")
    else:
        run = f"running, process {private.pid}" if private.running else "stopped"
        click.echo(f"private database: PostgreSQL {private.version}, {run}")
        click.echo(f"data: {private.data_dir}")
        click.echo(f"address: {private.url}")


@command.command()
def migrate() -> None:
    """Apply the migrations that the database has not seen yet."""
    from gridmap.db.migrate import migrate as apply
    from gridmap.store import zone_cells

    url = session.database_url()
    applied = apply(url)
    for migration in applied:
        click.echo(f"applied {migration}")
    built = zone_cells.bring_up_to_date(url)
    if built:
        click.echo(f"built the squares of {built} zones that had none")
    if not applied:
        click.echo("nothing to do: the schema is up to date")


def _refuse_foreign(verb: str) -> None:
    if config.load().database_url:
        raise UserError(f"GRIDMAP_DATABASE_URL points to a server that is not gridmap's to {verb}; unset it first")
