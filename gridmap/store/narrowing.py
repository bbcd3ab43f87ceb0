"""A SELECT over the snapshot, narrowed to a few sites that are named one by one.

The settings of a snapshot narrow by square, which the planner knows too little of: with ids it finds each site by its
key, once, whatever the SELECT asks of it afterwards.
"""

from __future__ import annotations

from collections.abc import Collection

SITES = "judged_sites"
"""Name of the parameter that takes the ids."""


def to_sites(select: str, relations: Collection[str]) -> str:
    """Return a SELECT whose relations of these names, each with a column site_id, hold the sites of %(judged_sites)s.

    A name in WITH hides the relation of that name in everything below it. Materialized: else the planner, who takes
    them for few, reads them again for every row of something else.
    """
    parts = [
        f"{name} AS MATERIALIZED (SELECT r.* FROM snapshot.{name} AS r WHERE r.site_id = ANY(%({SITES})s))"
        for name in sorted(relations)
    ]
    return f"WITH {', '.join(parts)} SELECT judged.* FROM (\n{select}\n) AS judged"
