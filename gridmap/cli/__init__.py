"""The `gridmap` command: one file per noun, loaded only when called."""

from __future__ import annotations

import importlib
import sys

import click

from gridmap import __version__
from gridmap.errors import GridmapError

# command -> module; the module's attribute `command` is the click command or group
COMMANDS = {
    "accounts": "accounts",
    "audit": "audit",
    "coordinates": "coordinates",
    "db": "db",
    "demo": "demo",
    "doctor": "doctor",
    "drafts": "drafts",
    "duties": "duties",
    "exceptions": "exceptions",
    "findings": "findings",
    "grid": "grid",
    "layers": "layers",
    "near": "near",
    "rules": "rules",
    "serve": "serve",
    "villages": "villages",
    "zones": "zones",
}


class LazyGroup(click.Group):
    """A group that imports a command's module when it is needed, so that `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None when there is none of that name."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = importlib.import_module(f"gridmap.cli.{module}").command
        return command


@click.group(cls=LazyGroup)
@click.version_option(__version__, prog_name="gridmap")
def cli() -> None:
    """Supervise a city's air-pollution rules through a grid."""


def main() -> None:
    """Run the command line: a user's mistake is one sentence on stderr and exit code 1."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
        sys.exit(1)
    except GridmapError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:
        # imported by whatever raised it, never for `--help`
        psycopg2 = sys.modules.get("psycopg2")
        if psycopg2 is None or not isinstance(error, psycopg2.Error):
            raise
        click.echo(f"the database refused: {(str(error).strip() or type(error).__name__).splitlines()[0]}", err=True)
        sys.exit(1)
