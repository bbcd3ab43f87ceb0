"""/zones/diff: two versions of a zone, or the law of two days, side by side; as a page, files and a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response, make_response
from flask_babel import gettext as _

from gridmap.db.pool import connection
from gridmap.db.session import Connection
from gridmap.exports import zone_diff as exports
from gridmap.maps import page as map_page
from gridmap.maps import zone_diff as maps
from gridmap.maps.overview import overview_map
from gridmap.store.units import name_units
from gridmap.store.zone_diff import DaysDiff, Diff, ZoneChange
from gridmap.store.zone_diff_sheet import draw_diff
from gridmap.store.zones import ZoneRow, list_kinds, list_zones
from gridmap.web import diff_form, language, security, view, words
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.map import TILES
from gridmap.web.place_labels import place_labels
from gridmap.web.static import static_url
from gridmap.web.view import View

COARSE_M = 10.0
"""By how much outlines on a page and on paper may differ from what is stored; areas and files are exact."""

LONG = 24
"""A list longer than that is folded."""


@dataclass(frozen=True)
class UnitChange:
    """Units of a zone that a list names in one version only: names of those that came and went."""

    zone: ZoneRow
    came_in: tuple[str, ...]
    left_in: tuple[str, ...]
    came_out: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def is_any(self) -> bool:
        """Return whether the lists differ at all."""
        return bool(self.came_in or self.left_in or self.came_out or self.left_out)


@blueprint.get("/zones/diff")
def show_zone_diff() -> Response:
    """Show what differs: numbers, a swipe map and lists; the form chooses versions or days."""
    conn = connection()
    seen = view.read(conn)
    asked = diff_form.read(conn, seen, coarse_m=COARSE_M)
    found = asked.found
    parts = None if found is None else _swipe_map(conn, seen, found)
    response = make_response(
        page(
            "zone_diff.html",
            seen,
            asked=asked,
            form=asked.form,
            kinds=list_kinds(conn),
            zones=list_zones(conn, as_of=seen.day),
            parts=parts,
            settings=None if found is None or parts is None else _settings(found, parts),
            **_told(conn, asked.found),
        )
    )
    response.status_code = 400 if asked.form.errors else 200
    return response


@blueprint.get("/zones/diff/report")
def show_zone_diff_report() -> str:
    """Show what differs as a report to print."""
    conn = connection()
    seen = view.read(conn)
    asked, found = diff_form.require(conn, seen, coarse_m=COARSE_M)
    return page("zone_diff_report.html", seen, asked=asked, documents=_documents(found), **_told(conn, found))


@blueprint.get("/zones/diff.<any(xlsx,geojson):form>")
def export_zone_diff(form: str) -> Response:
    """Return what differs as a file: outlines unsimplified."""
    conn = connection()
    seen = view.read(conn)
    _asked, found = diff_form.require(conn, seen)
    lang = language.current()
    counties = {county.code: county.title(lang) for county in seen.counties}
    response = Response(exports.encode(found, form, counties, lang), content_type=exports.MEDIA_TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{exports.file_name(found, form)}"'
    return response


def _told(conn: Connection, found: Diff | DaysDiff | None) -> dict[str, object]:
    """Return what page and report show alike."""
    if found is None:
        return {"found": None}
    frame = draw_diff(conn, found)
    return {
        "found": found,
        "is_versions": isinstance(found, Diff),
        "title": _title(found),
        "sheet": None if frame is None else maps.diff_sheet(frame, found),
        "numbers": maps.numbers(found),
        "colors": maps.COLORS,
        "units": [one for one in _unit_changes(conn, found) if one.is_any],
        "long": LONG,
    }


def _title(found: Diff | DaysDiff) -> str:
    if isinstance(found, Diff):
        return _("%(name)s：%(a)s 与 %(b)s 对比", name=found.b.name, a=_version(found.a), b=_version(found.b))
    return _("%(kind)s：%(a)s 与 %(b)s 对比", kind=words.word("zone_kind", found.kind), a=found.day_a, b=found.day_b)


def _version(zone: ZoneRow) -> str:
    number = _("第 %(n)s 版", n=zone.version)
    if zone.is_repeal:
        number = _("%(version)s（废止）", version=number)
    return _("%(version)s（草案）", version=number) if zone.status == "draft" else number


def _swipe_map(conn: Connection, seen: View, found: Diff | DaysDiff) -> map_page.MapParts | None:
    bounds = maps.bounds(found)
    if bounds is None:
        return None
    chart = overview_map(
        tiles=TILES if seen.is_today else f"{TILES}?as_of={seen.as_of}",
        visible=("county", "township"),
        lang=language.current(),
        places=place_labels(conn, seen.day),
        bounds=bounds,
        address=static_url,
        modules=("swipe",),
        credited=seen.installation.is_demo,
    )
    return map_page.split(chart, security.nonce())


def _settings(found: Diff | DaysDiff, parts: map_page.MapParts) -> dict[str, object]:
    told = {
        "added": _("划入"),
        "removed": _("划出"),
        "kept": _("保留"),
        "value": _("左侧占 {n}%"),
    }
    return {"map": parts.name, **maps.swipe_layers(found, told)}


def _unit_changes(conn: Connection, found: Diff | DaysDiff) -> list[UnitChange]:
    day = found.on if isinstance(found, Diff) else found.day_b
    lists = [_unit_codes(change) for change in found.changes]
    names = name_units(conn, sorted({code for one in lists for codes in one for code in codes}), on=day)
    return [
        UnitChange(change.zone, *(_named(codes, names) for codes in one))
        for change, one in zip(found.changes, lists, strict=True)
    ]


def _unit_codes(change: ZoneChange) -> list[list[str]]:
    before, after = (_lists(version) for version in (change.before, change.after))
    return [
        codes
        for side in (0, 1)
        for codes in (sorted(after[side] - before[side]), sorted(before[side] - after[side]))
    ]  # fmt: skip


def _lists(version: ZoneRow | None) -> tuple[set[str], set[str]]:
    return (set(version.units_in), set(version.units_out)) if version else (set(), set())


def _named(codes: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names.get(code, code) for code in codes)


def _documents(found: Diff | DaysDiff) -> list[ZoneRow]:
    """Return the versions compared, each once: a report names what they rest on."""
    versions = [version for change in found.changes for version in (change.before, change.after) if version]
    return list({version.zone_id: version for version in versions}.values())
