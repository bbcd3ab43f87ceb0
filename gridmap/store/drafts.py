"""Drafts of zones in the database: made from a version, saved by revision, taken step by step to review."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

import psycopg2
import psycopg2.errors
from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import transaction
from gridmap.domain import draft as life
from gridmap.domain.draft import Content, Step
from gridmap.domain.zone import ZoneDraft
from gridmap.errors import ConflictError, NotFoundError, UserError
from gridmap.store import draft_locks, zone_cells, zones

_ROW = """
SELECT d.zone_id, d.county_code, d.base_zone_id, d.title, d.purpose, d.author, d.state, d.revision, d.submitted_by,
    d.decided_by, d.published_by, d.changed_at, z.lineage, z.version, z.kind, z.name, lower(z.in_force) AS begins_on,
    z.is_repeal,
    -- a successor of the base, published since: what is drawn on the base no longer continues the law
    EXISTS (
        SELECT FROM gridmap.zone AS n
        WHERE n.lineage = z.lineage AND n.status = 'published' AND n.zone_id <> d.zone_id
            AND n.version > coalesce((SELECT b.version FROM gridmap.zone AS b WHERE b.zone_id = d.base_zone_id), 0)
    ) AND d.state NOT IN ('published', 'withdrawn') AS is_stale
FROM gridmap.zone_draft AS d
INNER JOIN gridmap.zone AS z ON z.zone_id = d.zone_id
"""

_CONTENT = """
SELECT ST_AsBinary(z.boundary) AS boundary,
    coalesce(array_agg(u.unit_code ORDER BY u.unit_code) FILTER (WHERE u.side = 'in'), '{}') AS units_in,
    coalesce(array_agg(u.unit_code ORDER BY u.unit_code) FILTER (WHERE u.side = 'out'), '{}') AS units_out,
    coalesce(array_agg(ARRAY[u.unit_code, u.note]) FILTER (WHERE u.note IS NOT NULL), '{}') AS notes
FROM gridmap.zone AS z
LEFT JOIN gridmap.zone_unit AS u ON u.zone_id = z.zone_id
WHERE z.zone_id = %s
GROUP BY z.zone_id
"""

# what the version lists already may have been a unit of its day and be none today
_UNKNOWN_UNITS = """
SELECT u.code FROM unnest(%(units)s::text[]) AS u (code)
WHERE NOT EXISTS (SELECT FROM gridmap.zone_unit AS o WHERE o.zone_id = %(zone_id)s AND o.unit_code = u.code)
    AND NOT EXISTS (SELECT FROM gridmap.region AS r WHERE r.code = u.code)
    AND NOT EXISTS (SELECT FROM gridmap.village AS v WHERE v.village_id = u.code)
ORDER BY u.code
"""


@dataclass(frozen=True)
class DraftRow:
    """A draft without its geometry. is_repeal: it ends its zone without a successor.

    is_stale: its base was superseded since it was made.
    """

    zone_id: int
    county_code: str
    base_zone_id: int | None
    title: str
    purpose: str
    author: str
    state: life.State
    revision: int
    submitted_by: str | None
    decided_by: str | None
    published_by: str | None
    changed_at: dt.datetime
    lineage: str
    version: int
    kind: str
    name: str
    begins_on: dt.date
    is_repeal: bool
    is_stale: bool


@dataclass(frozen=True)
class EventRow:
    """What happened to a draft. lon, lat: where a comment points (degrees, EPSG:4490), None for the whole."""

    event_id: int
    event: str
    actor: str
    text: str
    lon: float | None
    lat: float | None
    revision: int
    on_day: dt.date


class StaleRevisionError(ConflictError):
    """A save was drawn on a revision that somebody has saved over; theirs is the revision that stands now."""

    def __init__(self, zone_id: int, mine: int, theirs: int) -> None:
        self.mine, self.theirs = mine, theirs
        said = f"draft {zone_id} was saved by somebody else: it is at revision {theirs}, yours began at {mine}"
        super().__init__(said)


class StepRefused(ConflictError):
    """A step that cannot be taken now. reason: a Refusal of domain/draft.py, or stale_base, number_used, too_late."""

    def __init__(self, step: Step, reason: str, sentence: str) -> None:
        self.step, self.reason = step, reason
        super().__init__(sentence)


def create(
    cursor: Cursor, base_zone_id: int, *, title: str, purpose: str = "", author: str, event: str = "created"
) -> DraftRow:
    """Make a draft of a published version: the next version of its lineage, drawing what the base draws.

    What follows a repeal draws what the zone was before it.
    NotFoundError when there is no such version; UserError when it is itself a draft or the title is empty.
    """
    base = _published(cursor, base_zone_id)
    cursor.execute("SELECT gridmap.today()")
    today = cursor.fetchone()[0]
    content = get_content(cursor, zones.last_drawn(cursor, base))
    drawn = ZoneDraft(
        **{name: getattr(base, name) for name in _CARRIED},
        begins_on=max(today, base.begins_on),
        **dataclasses.asdict(content),
    )
    return create_new(
        cursor, drawn, title=title, purpose=purpose, author=author, base_zone_id=base_zone_id, event=event
    )


_CARRIED = (
    "lineage", "kind", "name", "county_code", "issuer", "document", "class_", "boundary_wording", "road_included",
    "exemptions", "phase", "is_sketch", "position_error_m", "source",
)  # fmt: skip
"""What a draft takes over from its base; number and days belong to the base's own document."""


def create_new(
    cursor: Cursor,
    drawn: ZoneDraft,
    *,
    title: str,
    purpose: str = "",
    author: str,
    base_zone_id: int | None = None,
    event: str = "created",
) -> DraftRow:
    """Make a draft of a zone that was not there before, or (base_zone_id) of the next version of one."""
    if not title.strip():
        raise UserError("a draft needs a title")
    zone_id = zones.insert_draft(cursor, drawn)
    cursor.execute(
        "INSERT INTO gridmap.zone_draft (zone_id, county_code, base_zone_id, title, purpose, author) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        [zone_id, drawn.county_code, base_zone_id, title.strip(), purpose.strip(), author],
    )
    note(cursor, zone_id, event, author)
    return get_draft(cursor, zone_id)


def copy(cursor: Cursor, zone_id: int, content: Content, *, title: str, author: str) -> DraftRow:
    """Keep somebody's work as a draft of its own, on the base of the draft it was drawn on."""
    own = get_draft(cursor, zone_id)
    if own.is_repeal:
        raise UserError(f"draft {zone_id} ends its zone and draws nothing to be kept")
    if own.base_zone_id is None:
        base = zones.get_zone(cursor.connection, zone_id)
        drawn = ZoneDraft(
            **{name: getattr(base, name) for name in _CARRIED},
            begins_on=own.begins_on,
            **dataclasses.asdict(content),
        )
        return create_new(cursor, drawn, title=title, purpose=own.purpose, author=author, event="copied")
    made = create(cursor, own.base_zone_id, title=title, purpose=own.purpose, author=author, event="copied")
    write_content(cursor, made.zone_id, content)
    return get_draft(cursor, made.zone_id)


def find_draft(cursor: Cursor, zone_id: int, *, lock: bool = False) -> DraftRow | None:
    """Return a draft that the connection's reader may see, or None. lock: until the transaction ends."""
    cursor.execute(_ROW + "WHERE d.zone_id = %s" + (" FOR UPDATE OF d" if lock else ""), [zone_id])
    record = cursor.fetchone()
    return None if record is None else DraftRow(**record._asdict())


def get_draft(cursor: Cursor, zone_id: int, *, lock: bool = False) -> DraftRow:
    """Return a draft; NotFoundError when there is none that the reader may see."""
    found = find_draft(cursor, zone_id, lock=lock)
    if found is None:
        raise NotFoundError(f"there is no draft {zone_id}")
    return found


def list_drafts(
    cursor: Cursor, *, county: str | None = None, kind: str | None = None, state: str | None = None
) -> list[DraftRow]:
    """List the drafts that the connection's reader may see, last changed first."""
    cursor.execute(
        _ROW
        + "WHERE (%(county)s::text IS NULL OR d.county_code = %(county)s) "
        + "AND (%(kind)s::text IS NULL OR z.kind = %(kind)s) AND (%(state)s::text IS NULL OR d.state = %(state)s) "
        + "ORDER BY d.changed_at DESC, d.zone_id DESC",
        {"county": county, "kind": kind, "state": state},
    )
    return [DraftRow(**record._asdict()) for record in cursor.fetchall()]


def list_events(cursor: Cursor, zone_id: int) -> list[EventRow]:
    """List what happened to a draft, in order."""
    cursor.execute(
        "SELECT event_id, event, actor, text, ST_X(place) AS lon, ST_Y(place) AS lat, revision, on_day "
        "FROM gridmap.draft_event WHERE zone_id = %s ORDER BY event_id",
        [zone_id],
    )
    return [EventRow(**record._asdict()) for record in cursor.fetchall()]


def get_content(cursor: Cursor, zone_id: int) -> Content:
    """Return what a version draws, a draft's or the law's."""
    cursor.execute(_CONTENT, [zone_id])
    record = cursor.fetchone()
    if record is None:
        raise NotFoundError(f"there is no zone {zone_id}")
    wkb = None if record.boundary is None else bytes(record.boundary)
    return Content(wkb, tuple(record.units_in), tuple(record.units_out), dict(record.notes))


def write_content(cursor: Cursor, zone_id: int, content: Content, *, squares: bool = True) -> None:
    """Have a draft draw something else; what it covers is computed at once. The caller asked whether it may change.

    squares: build its squares too; without them it is judged by its geometry.
    UserError when the database finds it unsound, when neither a boundary nor a unit inside is left, or when a unit is
    newly listed that there is none of.
    """
    check = zones.get_zone(cursor.connection, zone_id)
    if check.is_repeal:
        if content.boundary_wkb is not None or content.units_in or content.units_out:
            raise UserError(
                f"draft {zone_id} ends its zone and draws nothing", zh="这份草案是废止，不画边界，也不列单位。"
            )
        return
    # refuses what no decree can say, such as a unit on both lists
    ZoneDraft(
        lineage=check.lineage, kind=check.kind, name=check.name, county_code=check.county_code, issuer=check.issuer,
        document=check.document, begins_on=check.begins_on, **dataclasses.asdict(content),
    )  # fmt: skip
    cursor.execute(_UNKNOWN_UNITS, {"units": [*content.units_in, *content.units_out], "zone_id": zone_id})
    unknown = [code for (code,) in cursor.fetchall()]
    if unknown:
        listed = ", ".join(unknown)
        raise UserError(
            f"zone {check.lineage}: there is no county, township or village with code {listed}",
            zh=f"没有代码为 {listed} 的县（市、区）、乡镇或村。",
        )
    try:
        with transaction(cursor.connection) as inner, zone_cells.following(inner, zone_id, squares):
            inner.execute(
                "UPDATE gridmap.zone SET boundary = ST_GeomFromWKB(%s, 4490) WHERE zone_id = %s",
                [None if content.boundary_wkb is None else psycopg2.Binary(content.boundary_wkb), zone_id],
            )
            zones.replace_units(inner, zone_id, content.units_in, content.units_out, content.unit_notes)
            inner.execute("SELECT gridmap.settle_zone(%s)", [zone_id])
    except psycopg2.errors.CheckViolation as error:
        raise UserError(
            f"zone {check.lineage}: its boundary is not valid, or lies outside the city's envelope; "
            "expected closed rings in degrees, longitude first, that do not cross themselves"
        ) from error


def save(cursor: Cursor, zone_id: int, revision: int, content: Content, *, actor: str) -> DraftRow:
    """Save what a draft draws, on the revision it was drawn on, and return the draft at its new revision.

    StaleRevisionError when somebody saved since: nothing is changed. StepRefused when the draft is not being drawn.
    UserError when locked land would change its side.
    """
    own = begin_step(cursor, zone_id, "save", actor)
    if own.revision != revision:
        raise StaleRevisionError(zone_id, revision, own.revision)
    write_content(cursor, zone_id, content)
    changed = draft_locks.changed_locked_land(cursor, zone_id)
    if changed > 0:
        said = f"draft {zone_id}: {changed:.0f} m² of locked land would change its side; unlock it first"
        raise UserError(said, zh=f"有 {changed:.0f} 平方米已锁定的土地会改变归属，请先解锁。")
    bump(cursor, zone_id)
    return get_draft(cursor, zone_id)


def lock_land(cursor: Cursor, zone_id: int, locked_wkb: bytes | None, *, actor: str) -> DraftRow:
    """Lock the land of a MultiPolygon (WKB, EPSG:4490) against change of side, or unlock all of it (None)."""
    begin_step(cursor, zone_id, "save", actor)
    cursor.execute(
        "UPDATE gridmap.zone_draft SET locked = ST_GeomFromWKB(%s, 4490) WHERE zone_id = %s",
        [None if locked_wkb is None else psycopg2.Binary(locked_wkb), zone_id],
    )
    return get_draft(cursor, zone_id)


def get_locked(cursor: Cursor, zone_id: int) -> bytes | None:
    """Return a draft's locked land as WKB of a MultiPolygon (EPSG:4490), None when nothing is locked."""
    cursor.execute("SELECT ST_AsBinary(locked) AS locked FROM gridmap.zone_draft WHERE zone_id = %s", [zone_id])
    record = cursor.fetchone()
    return None if record is None or record.locked is None else bytes(record.locked)


def describe(cursor: Cursor, zone_id: int, *, title: str, purpose: str, actor: str) -> DraftRow:
    """Change a draft's title and purpose."""
    begin_step(cursor, zone_id, "save", actor)
    if not title.strip():
        raise UserError("a draft needs a title")
    cursor.execute(
        "UPDATE gridmap.zone_draft SET title = %s, purpose = %s WHERE zone_id = %s",
        [title.strip(), purpose.strip(), zone_id],
    )
    return get_draft(cursor, zone_id)


def begin_step(cursor: Cursor, zone_id: int, step: Step, actor: str) -> DraftRow:
    """Lock a draft for a step and return it; StepRefused says why the step cannot be taken."""
    own = get_draft(cursor, zone_id, lock=True)
    reason = life.refusal(step, own.state, actor, own.author, own.submitted_by)
    if reason == "state":
        raise StepRefused(step, reason, f"draft {zone_id} is {own.state}; it cannot be taken to {step} from there")
    if reason == "same_post":
        raise StepRefused(
            step, reason, f"draft {zone_id} was made or submitted by {actor}; another post must {step} it"
        )
    return own


_MARKS: dict[Step, str] = {"submit": "submitted_by", "approve": "decided_by", "return": "decided_by"}


def take_step(
    cursor: Cursor, zone_id: int, step: Step, actor: str, *, text: str = "", place: tuple[float, float] | None = None
) -> DraftRow:
    """Take a draft a step on, all but publishing: submit, comment, return, approve, withdraw.

    place: longitude, latitude (degrees) a comment points to. StepRefused when it cannot be taken now.
    """
    own = begin_step(cursor, zone_id, step, actor)
    if step == "submit" and own.is_stale:
        raise stale(step, zone_id)
    target = life.STEPS[step].target
    if target is not None:
        cursor.execute("UPDATE gridmap.zone_draft SET state = %s WHERE zone_id = %s", [target, zone_id])
    if step in _MARKS:
        cursor.execute(f"UPDATE gridmap.zone_draft SET {_MARKS[step]} = %s WHERE zone_id = %s", [actor, zone_id])
    note(cursor, zone_id, life.EVENT_OF_STEP[step], actor, text=text, place=place)
    return get_draft(cursor, zone_id)


def stale(step: Step, zone_id: int) -> StepRefused:
    """Return the refusal of a step of a draft whose base was superseded."""
    return StepRefused(step, "stale_base", f"draft {zone_id}: the version it was drawn on was superseded; rebase it")


def note(
    cursor: Cursor, zone_id: int, event: str, actor: str, *, text: str = "", place: tuple[float, float] | None = None
) -> None:
    """Note what happened to a draft at its present revision."""
    lon, lat = place or (None, None)
    cursor.execute(
        "INSERT INTO gridmap.draft_event (zone_id, event, actor, text, place, revision) "
        "SELECT d.zone_id, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4490), d.revision "
        "FROM gridmap.zone_draft AS d WHERE d.zone_id = %s",
        [event, actor, text.strip(), lon, lat, zone_id],
    )


def bump(cursor: Cursor, zone_id: int) -> None:
    """Count a save."""
    cursor.execute(
        "UPDATE gridmap.zone_draft SET revision = revision + 1, changed_at = gridmap.instant() WHERE zone_id = %s",
        [zone_id],
    )


def _published(cursor: Cursor, zone_id: int) -> zones.ZoneRow:
    found = zones.get_zone(cursor.connection, zone_id)
    if found.status != "published":
        raise UserError(f"zone {zone_id} is a draft; a draft is made from a published version")
    return found


def as_values(row: DraftRow) -> dict[str, Any]:
    """Return a draft's values by name, days and instants as text, for scripts and pages."""
    values = dataclasses.asdict(row)
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()}
