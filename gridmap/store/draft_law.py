"""Drafts on the way into law: put on the law that has moved on, published once."""

from __future__ import annotations

import unicodedata

from psycopg2.extensions import cursor as Cursor

from gridmap.domain.draft import Content, Publication
from gridmap.errors import NotFoundError
from gridmap.store import zones
from gridmap.store.drafts import DraftRow, StepRefused, begin_step, bump, get_draft, note, stale, write_content


def rebase(cursor: Cursor, zone_id: int, content: Content, *, actor: str) -> DraftRow:
    """Put a draft on the last published version of its lineage, drawing what its author made of both."""
    own = begin_step(cursor, zone_id, "rebase", actor)
    cursor.execute(
        "SELECT z.zone_id FROM gridmap.zone AS z WHERE z.lineage = %s AND z.status = 'published' "
        "ORDER BY z.version DESC LIMIT 1",
        [own.lineage],
    )
    record = cursor.fetchone()
    if record is None:
        raise NotFoundError(f"draft {zone_id}: no version of {own.lineage} is published")
    _renumber(cursor, zone_id)
    cursor.execute("UPDATE gridmap.zone_draft SET base_zone_id = %s WHERE zone_id = %s", [record[0], zone_id])
    write_content(cursor, zone_id, content)
    bump(cursor, zone_id)
    note(cursor, zone_id, "rebased", actor)
    return get_draft(cursor, zone_id)


def publish(cursor: Cursor, zone_id: int, publication: Publication, *, actor: str) -> DraftRow:
    """Make an approved draft law, once: all of it or nothing.

    StepRefused: state (published already, not approved), same_post, stale_base, number_used, too_late (it would
    begin before its base does). ConflictError when another version of the lineage is in force on some of its days.
    """
    own = begin_step(cursor, zone_id, "publish", actor)
    # two drafts of one version, published at once: the second waits here, and then sees that its base is superseded
    cursor.execute("SELECT FROM gridmap.zone WHERE zone_id = %s FOR NO KEY UPDATE", [own.base_zone_id])
    own = get_draft(cursor, zone_id)
    if own.is_stale:
        raise stale("publish", zone_id)
    _refuse_used_number(cursor, own, publication)
    base = None if own.base_zone_id is None else zones.get_zone(cursor.connection, own.base_zone_id)
    if base is not None and publication.begins_on <= base.begins_on:
        raise StepRefused(
            "publish", "too_late", f"draft {zone_id} would begin on {publication.begins_on}; "
            f"the version it follows begins on {base.begins_on}"
        )  # fmt: skip
    _renumber(cursor, zone_id)
    cursor.execute(
        "UPDATE gridmap.zone SET document = %s, document_number = %s, signed_on = %s, in_force = daterange(%s, NULL) "
        "WHERE zone_id = %s",
        [publication.document, publication.document_number, publication.signed_on, publication.begins_on, zone_id],
    )
    zones.publish(cursor, zone_id)
    cursor.execute(
        "UPDATE gridmap.zone_draft SET state = 'published', published_by = %s WHERE zone_id = %s", [actor, zone_id]
    )
    note(cursor, zone_id, "published", actor, text=f"{publication.document}（{publication.document_number}）")
    return get_draft(cursor, zone_id)


def _renumber(cursor: Cursor, zone_id: int) -> None:
    """Give a draft the next number of its lineage when a version with a greater one is published."""
    cursor.execute(
        "UPDATE gridmap.zone AS z "
        "SET version = (SELECT max(o.version) + 1 FROM gridmap.zone AS o WHERE o.lineage = z.lineage) "
        "WHERE z.zone_id = %s AND EXISTS (SELECT FROM gridmap.zone AS o "
        "WHERE o.lineage = z.lineage AND o.status = 'published' AND o.version > z.version)",
        [zone_id],
    )


def _plain_number(text: str) -> str:
    """Return a document number without what is typed now so, now so: 〔2020〕, [2020], （２０２０）, spaces."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())


def _refuse_used_number(cursor: Cursor, own: DraftRow, publication: Publication) -> None:
    """Refuse a document number under which a version of this zone is published already, however it is written.

    Other zones may bear it: one document draws several.
    """
    cursor.execute(
        "SELECT z.name, lower(z.in_force) AS begins_on, z.document_number FROM gridmap.zone AS z "
        "WHERE z.status = 'published' AND z.document_number IS NOT NULL AND z.lineage = %s ORDER BY z.version",
        [own.lineage],
    )
    number = _plain_number(publication.document_number)
    for record in cursor.fetchall():
        if _plain_number(record.document_number) != number:
            continue
        raise StepRefused(
            "publish", "number_used", f"document number {publication.document_number} published a version of "
            f"{record.name} already, in force from {record.begins_on}"
        )  # fmt: skip
