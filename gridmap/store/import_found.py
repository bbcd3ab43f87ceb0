"""All that a check found in a file, kept beside it in one SQLite file: every problem and every change, by pages.

The base is another: what nobody has decided to import is no data of the city, and goes with the file that brought it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmap.domain.definition import Text
from gridmap.domain.import_report import ImportChange, ImportFault, change_from

_SCHEMA = (
    "CREATE TABLE problem (number INTEGER PRIMARY KEY, row_number INTEGER, severity TEXT, title TEXT, told TEXT)",
    "CREATE TABLE change (number INTEGER PRIMARY KEY, status TEXT, told TEXT)",
)
_INDEXES = (
    "CREATE INDEX problem_kind ON problem (severity, title)",
    "CREATE INDEX problem_row ON problem (row_number)",
    "CREATE INDEX change_status ON change (status)",
)
_OF_KIND = "WHERE (:severity IS NULL OR severity = :severity AND title = :title)"
_OF_STATE = "WHERE (:status IS NULL OR status = :status)"


@dataclass(frozen=True)
class Kind:
    """Problems of one kind: faults or warnings of one column; an empty title is the whole row."""

    severity: str
    title: str
    number: int


def keep(path: Path, faults: Iterable[ImportFault], changes: Iterable[ImportChange]) -> None:
    """Write what was found into a new file; sqlite3.Error and OSError when the disk refuses it."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("PRAGMA journal_mode = OFF")
        base.execute("PRAGMA synchronous = OFF")
        for statement in _SCHEMA:
            base.execute(statement)
        base.executemany(
            "INSERT INTO problem (row_number, severity, title, told) VALUES (?, ?, ?, ?)",
            ((one.row, one.severity, one.title, _json(one)) for one in faults),
        )
        base.executemany(
            "INSERT INTO change (status, told) VALUES (?, ?)", ((one.status, _json(one)) for one in changes)
        )
        for statement in _INDEXES:
            base.execute(statement)


def list_kinds(path: Path) -> list[Kind]:
    """List the kinds of problems, faults first, the most frequent first."""
    with _opened(path) as base:
        return [
            Kind(*row)
            for row in base.execute(
                "SELECT severity, title, count(*) FROM problem GROUP BY severity, title "
                "ORDER BY severity, count(*) DESC, min(number)"
            )
        ]


def list_problems(path: Path, kind: tuple[str, str] | None, limit: int, offset: int) -> tuple[list[ImportFault], int]:
    """Return problems of a kind (severity, title), of all for None, and how many there are."""
    wanted = {"severity": kind[0] if kind else None, "title": kind[1] if kind else None}
    with _opened(path) as base:
        total = base.execute(f"SELECT count(*) FROM problem {_OF_KIND}", wanted).fetchone()[0]
        rows = base.execute(
            f"SELECT told FROM problem {_OF_KIND} ORDER BY number LIMIT :limit OFFSET :offset",
            {**wanted, "limit": limit, "offset": offset},
        )
        return [_fault(row[0]) for row in rows], int(total)


def list_changes(path: Path, status: str | None, limit: int, offset: int) -> tuple[list[ImportChange], int]:
    """Return changes of a state, of all for None, and how many there are."""
    with _opened(path) as base:
        total = base.execute(f"SELECT count(*) FROM change {_OF_STATE}", {"status": status}).fetchone()[0]
        rows = base.execute(
            f"SELECT told FROM change {_OF_STATE} ORDER BY number LIMIT :limit OFFSET :offset",
            {"status": status, "limit": limit, "offset": offset},
        )
        return [change_from(json.loads(row[0])) for row in rows], int(total)


def each_problem(path: Path) -> Iterator[ImportFault]:
    """Yield all problems, faults first, by row."""
    with _opened(path) as base:
        for row in base.execute("SELECT told FROM problem ORDER BY number"):
            yield _fault(row[0])


def each_change(path: Path) -> Iterator[ImportChange]:
    """Yield all changes, in the order of a report."""
    with _opened(path) as base:
        for row in base.execute("SELECT told FROM change ORDER BY number"):
            yield change_from(json.loads(row[0]))


def each_row(path: Path) -> Iterator[tuple[int, list[ImportFault]]]:
    """Yield the numbers of rows with problems in their order, each with its problems."""
    number: int | None = None
    found: list[ImportFault] = []
    with _opened(path) as base:
        for row_number, told in base.execute("SELECT row_number, told FROM problem ORDER BY row_number, number"):
            if row_number != number:
                if number is not None:
                    yield number, found
                number, found = row_number, []
            found.append(_fault(told))
    if number is not None:
        yield number, found


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        yield base


def _json(one: Any) -> str:
    return json.dumps(vars(one), ensure_ascii=False, default=vars)


def _fault(told: str) -> ImportFault:
    one = json.loads(told)
    return ImportFault(**{**one, "expected": Text(**one["expected"])})
