"""What every import of a file tells on a terminal: what was noted, what is not read, what is wrong with which row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from gridmap.cli.text import echo_table

if TYPE_CHECKING:
    from gridmap.domain.definition import Text
    from gridmap.domain.import_report import ImportFault

SHOWN = 20
"""So many rows of each list are written to a terminal; --json has more."""


def tell_reading(
    notes: Sequence[Text], unread: Mapping[str, Text], faults: Sequence[ImportFault], number: int | None = None
) -> None:
    """Tell how a file was read. number: of all faults and warnings, where the report has the first ones only."""
    for note in notes:
        click.echo(note.en)
    for title, why in unread.items():
        click.echo(f"column {title}: {why.en}")
    if faults:
        echo_table(
            ["row", "column", "found", "expected", "perhaps"],
            [[f.row, f.title, f.found, f.expected.en if f.severity == "fault" else f"({f.expected.en})", f.suggestion]
             for f in faults[:SHOWN]],
        )  # fmt: skip
        tell_more(len(faults) if number is None else number)


def tell_more(number: int) -> None:
    """Tell that a list has more than was shown."""
    if number > SHOWN:
        click.echo(f"… and {number - SHOWN} more (--json has them)")


def mapping_of(pairs: tuple[str, ...]) -> dict[str, str | None]:
    """Return what --map says: title -> column, None for a title that is not to be read; UserError for what is none."""
    from gridmap.errors import UserError

    mapping: dict[str, str | None] = {}
    for pair in pairs:
        title, mark, column = pair.rpartition("=")
        if not mark or not title.strip():
            raise UserError(f"--map {pair}: expected TITLE=COLUMN, such as 单位名称=name")
        mapping[title.strip()] = column.strip() or None
    return mapping
