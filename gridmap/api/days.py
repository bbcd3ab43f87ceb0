"""Make sure that a layer can answer for a day; keep the rule catalogue of this process."""

from __future__ import annotations

import datetime as dt
import threading
from functools import cache

from gridmap.db.pool import system_connection
from gridmap.layers import Layer
from gridmap.rules import catalogue as catalogues
from gridmap.rules import engine
from gridmap.rules.catalogue import Catalogue

_judging = threading.Lock()


@cache
def catalogue() -> Catalogue:
    """Return the rules, read once per process."""
    return catalogues.load()


def ready(layer: Layer, as_of: dt.date | None) -> None:
    """Judge a day that is not today before a layer of findings is read for it; other layers need nothing."""
    if "finding" in layer.reads:
        judged(as_of)


def judged(as_of: dt.date | None) -> None:
    """Make sure that the findings of a day are there; those of today are kept by the audit."""
    if as_of is None:
        return
    # a map that opens on a day asks for a dozen tiles at once: the first request judges, the others find the report
    with _judging:
        engine.ensure_report(system_connection(), as_of, catalogue())
