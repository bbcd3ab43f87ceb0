"""Prepared statements: the planner reads the views of schema snapshot longer than a few squares take to answer."""

from __future__ import annotations

import hashlib
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from psycopg2.extensions import AsIs, connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.sql import SQL, Identifier

MOST = 100
"""Statements kept per connection: their texts hold the day, and a server may run for months."""

_known: weakref.WeakKeyDictionary[connection, OrderedDict[str, None]] = weakref.WeakKeyDictionary()


def execute(cursor: Cursor, statement: str, values: Mapping[str, Any], *, listed: str | None = None) -> None:
    """Execute a SELECT as the connection has planned it before, once for all values of `listed`.

    listed: name of the one value, a list of texts, that differs from time to time; the others are part of the text, and
    each set of them is planned on its own. The plan holds for the settings of the transaction it was made in as far as
    the planner reads them (workers, search path); views that ask a setting ask it each time.
    """
    fixed = dict(values) if listed is None else {**values, listed: AsIs("$1")}
    text = cursor.mogrify(statement, fixed)
    name = "gridmap_" + hashlib.md5(text, usedforsecurity=False).hexdigest()
    names = _known.setdefault(cursor.connection, OrderedDict())
    if name not in names:
        while len(names) >= MOST:
            cursor.execute(SQL("DEALLOCATE {}").format(Identifier(names.popitem(last=False)[0])))
        types = b"" if listed is None else b" (text[])"
        cursor.execute(b"PREPARE " + name.encode() + types + b" AS " + text)
        names[name] = None
    names.move_to_end(name)
    if listed is None:
        cursor.execute(SQL("EXECUTE {}").format(Identifier(name)))
    else:
        cursor.execute(SQL("EXECUTE {} (%s)").format(Identifier(name)), [list(values[listed])])
