"""What several commands share: days as options, tables on a terminal, JSON for scripts."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import click

from gridmap.domain.days import parse_day
from gridmap.errors import UserError


class Day(click.ParamType[dt.date]):
    """An option that is a day, YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Return the day, or fail with a sentence."""
        try:
            return value if isinstance(value, dt.date) else parse_day(value)
        except UserError as error:
            raise click.ClickException(str(error)) from error


as_of_option: Callable[..., Any] = click.option(
    "--as-of", type=Day(), default=None, help="Judge as of this day instead of today."
)
json_option: Callable[..., Any] = click.option("--json", "as_json", is_flag=True, help="Write JSON for scripts.")


def echo_json(value: Any) -> None:
    """Write a value as JSON; days as ISO text, dataclasses as objects."""

    def plain(item: Any) -> Any:
        if dataclasses.is_dataclass(item) and not isinstance(item, type):
            return dataclasses.asdict(item)
        return item.isoformat() if isinstance(item, dt.date) else str(item)

    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=plain))


def width(text: str) -> int:
    """Return how many terminal columns a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def echo_table(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write a table whose columns line up on a terminal, Chinese included."""
    cells = [[("" if value is None else str(value)) for value in row] for row in (headers, *rows)]
    widths = [max(width(row[column]) for row in cells) for column in range(len(headers))]
    for row in cells:
        line = "  ".join(text + " " * (widths[column] - width(text)) for column, text in enumerate(row))
        click.echo(line.rstrip())
