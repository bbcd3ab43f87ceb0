"""What a draft would change if it drew something that is not saved: written, judged, and taken back."""

from __future__ import annotations

from gridmap.db.session import Connection, transaction
from gridmap.domain.draft import Content
from gridmap.planning.impact import Impact, impact
from gridmap.rules.catalogue import Catalogue
from gridmap.store import drafts


class _TakenBackError(Exception):
    """Ends the transaction in which something was tried."""


def impact_of(conn: Connection, zone_id: int, content: Content, catalogue: Catalogue | None = None) -> Impact:
    """Return the impact of a draft as if it had been saved with this content; nothing of it stays.

    conn: the owner's. Errors: as write_content() and impact(). Whoever saves this draft meanwhile waits for the answer.
    """
    found: list[Impact] = []
    try:
        with transaction(conn) as cursor:
            drafts.write_content(cursor, zone_id, content)
            found.append(impact(conn, zone_id, catalogue))
            raise _TakenBackError
    except _TakenBackError:
        return found[0]
