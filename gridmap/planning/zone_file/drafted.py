"""A row becomes a draft: on the version that it follows, or of a new zone; and is measured against the law."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from psycopg2.extensions import cursor as Cursor

from gridmap.coordinates import System
from gridmap.domain.definition import Text
from gridmap.domain.draft import Content
from gridmap.domain.zone import ZoneDraft
from gridmap.domain.zone_file import FiledFault, FiledZone, Origin, Unit
from gridmap.planning import draft_check
from gridmap.planning.zone_file.match import Target
from gridmap.planning.zone_file.rows import Telling
from gridmap.planning.zone_file.units import UnitBook
from gridmap.store import drafts, proposal_ground, zone_diff, zones
from gridmap.store.zones import ZoneRow

if TYPE_CHECKING:
    from gridmap.planning.zone_file.plan import Brought

SURVEYED_ERROR_M = 10.0
"""How far an institute's outline may be off, metres, when its file does not say (ours)."""

UNITS_ERROR_M = 200.0
"""A new zone of units is no surer than the outlines of counties, metres, as for proposals."""

COARSE_M = 5.0
"""Outlines are simplified by so much for the map of a report, metres."""

NO_DOCUMENT = "（拟稿，尚无文件）"

_MAY_BE_KEPT = ("issuer", "document", "boundary_wording", "road_included", "exemptions", "phase")
"""What a draft takes over from its base where the file has no such column."""


class Drafter:
    """Makes drafts of rows, in the caller's transaction. system: the outlines', None where the file has none."""

    def __init__(
        self, cursor: Cursor, brought: Brought, day: dt.date, book: UnitBook, tell: Telling, system: System | None
    ) -> None:
        self._cursor, self._conn, self._brought, self._day = cursor, cursor.connection, brought, day
        self._book, self._tell, self._system = book, tell, system

    def draft(self, target: Target) -> FiledZone | None:
        """Make a draft and return what it draws; None when the row says neither a boundary nor a unit (told)."""
        base = None if target.base is None else zones.get_zone(self._conn, target.base.zone_id)
        content, outline = self._content(target, base)
        if content.boundary_wkb is None and not content.units_in:
            self._tell.fault(
                target.entry.row, "", target.name, Text("面或列入单位", "a polygon, or units that are listed as in")
            )
            return None
        drawn = self._drawn(target, base, content, outline)
        base_id = None if base is None else base.zone_id
        made = drafts.create_new(
            self._cursor, drawn, title=self._title(target), purpose=self._purpose(target), author=self._brought.author,
            base_zone_id=base_id,
        )  # fmt: skip
        self._warn(target, base, outline, content)
        land = zone_diff.land(self._cursor, base_id, made.zone_id, coarse_m=COARSE_M)
        if base is not None and land.added_m2 + land.removed_m2 < 1 and _lists(base) == _sets(content):
            same = Text(
                "与现行版本不同的内容：范围和名单都一样", "something else than the version it follows: it is equal"
            )
            self._tell.fault(target.entry.row, "", target.name, same, warn=True)
        return FiledZone(
            target.entry.row, target.name, target.kind, drawn.class_, target.county,
            base_id, None if base is None else base.version,
            outline, land.after_m2, land.added_m2, land.removed_m2,
            self._named(content.units_in), self._named(content.units_out),
            tuple(_told(fault) for fault in draft_check.check(self._conn, made.zone_id)),
            land.added, land.removed, land.kept, made.zone_id,
        )  # fmt: skip

    def _content(self, target: Target, base: ZoneRow | None) -> tuple[Content, Origin]:
        """Return what the draft draws, and where its boundary is from: what the file has no column of is the base's."""
        old = None if base is None else drafts.get_content(self._cursor, base.zone_id)
        units_in = target.units_in if target.units_in is not None else old.units_in if old else ()
        units_out = target.units_out if target.units_out is not None else old.units_out if old else ()
        notes = {
            code: text for code, text in (old.unit_notes if old else {}).items() if code in {*units_in, *units_out}
        }
        if target.entry.outline is not None:
            return Content(target.entry.outline.wkb, units_in, units_out, notes), "file"
        boundary = None if old is None else old.boundary_wkb
        return Content(boundary, units_in, units_out, notes), "none" if boundary is None else "kept"

    def _drawn(self, target: Target, base: ZoneRow | None, content: Content, outline: Origin) -> ZoneDraft:
        said = target.entry.values
        texts: dict[str, Any] = {
            name: said[name] if said.get(name) is not None or base is None else getattr(base, name)
            for name in _MAY_BE_KEPT
            if name in said or base is not None
        }
        texts["document"] = texts.get("document") or NO_DOCUMENT
        texts["issuer"] = texts.get("issuer") or f"{self._book.counties.get(target.county, '市')}人民政府"
        kept = None if base is None else base.class_
        return ZoneDraft(
            lineage=base.lineage if base else self._lineage(target),
            kind=target.kind,
            name=target.name,
            county_code=target.county,
            begins_on=max(self._day, base.begins_on) if base else self._day,
            document_number=said.get("document_number"),
            class_=said.get("class") or kept,
            deadline_on=said.get("deadline_on"),
            reason=said.get("reason"),
            is_sketch=False if outline == "file" else base.is_sketch if base else True,
            position_error_m=self._error_m(target, base, outline),
            source=f"文件“{self._brought.name}”第{target.entry.row}行（SHA-256 {self._brought.sha256}）",
            boundary_wkb=content.boundary_wkb,
            units_in=content.units_in,
            units_out=content.units_out,
            unit_notes=content.unit_notes,
            **texts,
        )

    def _lineage(self, target: Target) -> str:
        return proposal_ground.free_lineage(self._cursor, f"{target.kind}_{target.county}")

    def _error_m(self, target: Target, base: ZoneRow | None, outline: Origin) -> float:
        said = target.entry.values.get("position_error_m")
        if said is not None:
            return float(said)
        if outline == "file":
            return SURVEYED_ERROR_M + (self._system.error_m if self._system else 0.0)
        return base.position_error_m if base else UNITS_ERROR_M

    def _title(self, target: Target) -> str:
        return f"{target.name[:120]}（据文件 {self._brought.name[-60:]}）"

    def _purpose(self, target: Target) -> str:
        return f"由文件“{self._brought.name}”第 {target.entry.row} 行编制；文件的 SHA-256：{self._brought.sha256}"

    def _warn(self, target: Target, base: ZoneRow | None, outline: Origin, content: Content) -> None:
        row = target.entry.row
        if outline == "kept" and self._system is not None:
            self._tell.fault(
                row, "", None, Text("面；没有图形，边界沿用现行版本", "a polygon: the base's is kept"), warn=True
            )
        kept = [] if target.units_in is not None else [*content.units_in]
        if outline == "file" and kept:
            words = Text(
                f"列入单位；文件没有这一列，沿用现行版本的 {len(kept)} 个单位，它们的范围也算在内",
                f"units in: the file has no such column; the base's {len(kept)} units stay, with their land",
            )
            self._tell.fault(row, "", None, words, warn=True)
        if target.base is not None and target.base.open_drafts:
            number = target.base.open_drafts
            words = Text(
                f"没有别的草案；这个区域已有 {number} 份没有了结", f"no other draft: {number} of this zone are open"
            )
            self._tell.fault(row, "", target.name, words, warn=True)

    def _named(self, codes: tuple[str, ...]) -> tuple[Unit, ...]:
        return tuple((code, self._book.names.get(code, code)) for code in codes)


def _lists(base: ZoneRow) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(base.units_in), frozenset(base.units_out)


def _sets(content: Content) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(content.units_in), frozenset(content.units_out)


def _told(told: draft_check.Told) -> FiledFault:
    own = told.fault
    title, title_en = draft_check.TITLES[own.kind]
    return FiledFault(
        Text(title, title_en), own.detail, Text(told.place, told.place_en), own.area_m2, own.width_m, own.lon, own.lat
    )
