"""Place one object by hand: an import of one row, so that whatever follows from a position follows as it does there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from psycopg2.extensions import cursor as Cursor

from gridmap import glossary
from gridmap.coordinates import System, convert, get_system, is_value
from gridmap.db.session import Connection, transaction
from gridmap.domain import import_form as forms
from gridmap.domain import placement as rules
from gridmap.domain.definition import Text
from gridmap.domain.import_form import Form
from gridmap.domain.import_report import ImportFault
from gridmap.domain.incoming import IncomingRow, IncomingSheet, Told, Value
from gridmap.domain.placement import BY_HAND, DoubtedError, Found, Placing
from gridmap.domain.typed_coordinates import read_degrees, read_metres
from gridmap.errors import ConflictError, ForbiddenError, NotFoundError, UserError
from gridmap.geo import inside_envelope
from gridmap.ingest.importing.places import STORED
from gridmap.ingest.importing.plan import COMMAND_LINE, ImportOptions, ImportPlan, plan_import
from gridmap.ingest.importing.write import write_plan
from gridmap.store import import_apply, import_batches, import_staging, import_tables, placements
from gridmap.store.import_batches import Importer
from gridmap.store.placements import Standing

WAIT_S = 8.0
"""So long is waited for an import that is being written, seconds: whoever places one object has the next in mind."""

_PLACED = "；点位："
_SPREAD = "没有村级点位："
"""How the source of a village says what its point is from, and how the note of one begins that has none."""

_CANDIDATES = ("cgcs2000", "gcj02", "bd09")


@dataclass(frozen=True)
class Placed:
    """What came of it. batch_id: by which it is undone."""

    batch_id: int
    found: Found


class _OneRow:
    """The file that a placement is taken for."""

    format = "by hand"
    told: tuple[Told, ...] = ()

    def __init__(self, row: dict[str, Value]) -> None:
        self.sheets: tuple[IncomingSheet, ...] = (IncomingSheet("", tuple(row)),)
        self._row = IncomingRow(1, tuple(row.values()))

    def rows(self, sheet: IncomingSheet) -> Iterator[IncomingRow]:
        """Yield the row."""
        yield self._row

    def close(self) -> None:
        """Nothing is held."""


def form_of(cursor: Cursor, layer_id: str, key: str) -> Form:
    """Return the form of an object that can be placed; NotFoundError where there is none such."""
    kinds = forms.list_kinds(layer_id)
    kind = placements.kind_of(cursor, key) if kinds else None
    if kinds and kind not in kinds:
        raise NotFoundError(f"there is no {layer_id} {key[:40]}", zh=f"没有编号为“{key[:40]}”的对象。")
    form = forms.load(layer_id, kind)
    if not is_placeable(form):
        raise NotFoundError(f"{layer_id} does not say by what its objects are placed", zh="这种数据不能手工定位。")
    return form


def is_placeable(form: Form) -> bool:
    """Return whether objects of a form say by what they are placed: the others have positions, or none."""
    return form.geometry == "Point" and any(column.name == "placed_by" for column in form.columns)


def look(conn: Connection, layer_id: str, key: str, said: Placing, *, importer: Importer = COMMAND_LINE) -> Found:
    """Return what a position is and what speaks against it; nothing is changed. Errors: as place(), but no doubts."""
    with transaction(conn) as cursor:
        form = form_of(cursor, layer_id, key)
        stands = standing(cursor, form, key, importer)
        found = _found(cursor, _plan(conn, form, stands, said, importer), stands, said)
        import_staging.drop(cursor)
    return found


def place(conn: Connection, layer_id: str, key: str, said: Placing, *, importer: Importer = COMMAND_LINE) -> Placed:
    """Place an object, all that follows from its position with it, and note what was gone by.

    conn: the owner's, whose changes are logged. Errors: UserError for what is no position of the city, no error, no
    basis, or changes nothing; NotFoundError and ConflictError for an object that is gone or closed, ConflictError when
    it was changed since said.mark was taken; ForbiddenError outside the importer's counties; DoubtedError for doubts
    that said.confirmed does not confirm.
    """
    rules.check_error(said.error_m, said.error_m)
    rules.check_basis(said.basis, said.note)
    with transaction(conn) as cursor:
        form = form_of(cursor, layer_id, key)
        import_batches.only_one(cursor, WAIT_S)
        import_apply.lock(cursor, import_tables.targets_of(cursor, form))
        stands = standing(cursor, form, key, importer)
        last = placements.find_last(cursor, form.table, key)
        rules.refuse_late(said.mark, stands.mark, last.actor if last and not last.undone_by else None)
        plan = _plan(conn, form, stands, said, importer)
        found = _found(cursor, plan, stands, said)
        if not plan.report.has_changes:
            raise UserError("it stands there already, with this error", zh="它已在这里，误差也相同，没有可保存的。")
        if found.doubts and said.confirmed not in ("*", found.place):
            raise DoubtedError(found)
        batch_id, _counties = write_plan(cursor, plan, "手工定位")
        county = key[:6] if form.county == "key" else found.county
        confirmed = rules.words(found.doubts).zh if found.doubts else None
        placements.note(cursor, batch_id, form, key, county, said, confirmed)
        import_staging.drop(cursor)
    return Placed(batch_id, found)


def standing(cursor: Cursor, form: Form, key: str, importer: Importer) -> Standing:
    """Return how an object stands that may be placed. Errors: as place(), of an object that is gone, or another's."""
    target = import_tables.targets_of(cursor, form)[0]
    stands = placements.get(cursor, form, target, key)
    if importer.counties is not None and stands.county_code not in importer.counties:
        raise ForbiddenError(
            f"{key[:40]} lies in {stands.county_code}, not in {', '.join(importer.counties)}",
            zh=f"“{key[:40]}”现在不在您负责的范围内。",
        )
    cursor.execute("SELECT gridmap.today()")
    if stands.ended_on is not None and stands.ended_on <= cursor.fetchone()[0]:
        raise ConflictError(
            f"{key[:40]} closed on {stands.ended_on}: it is not placed any more",
            zh=f"“{stands.name}”已于 {stands.ended_on} 关闭，不再定位。",
        )
    return stands


def _plan(conn: Connection, form: Form, stands: Standing, said: Placing, importer: Importer) -> ImportPlan:
    """Judge the position as a row of a file; UserError says what is wrong with it."""
    system = get_system(said.crs)
    place: dict[str, Value] = {"lonlat": said.x} if not said.y.strip() else {"lon": said.x, "lat": said.y}
    if not said.x.strip():
        raise UserError("no position was given", zh="还没有位置：请在图上点一处，或填写坐标。")
    row: dict[str, Value] = {
        form.key: stands.key, **place, "position_error_m": said.error_m, "placed_by": BY_HAND,
        "source": _source(stands.source, said.basis),
    }  # fmt: skip
    if (stands.note or "").startswith(_SPREAD):
        row["note"] = None
    mark = f"{importer.actor} {form.label} {stands.key} {stands.mark} {said}"
    plan = plan_import(
        conn, form.layer_id, _OneRow(row), file_name=f"{placements.FILE_NAME}{stands.name[:200]}",
        sha256=hashlib.sha256(mark.encode()).hexdigest(), importer=importer,
        options=ImportOptions(kind=form.kind, crs=system.key, mapping={name: name for name in row}),
    )  # fmt: skip
    fault = next((one for one in plan.report.faults if one.severity == "fault"), None)
    if fault is not None or plan.report.blocking:
        raise _refusal(fault, plan.report.blocking, said, system)
    return plan


def _source(was: str, basis: str) -> str:
    how = glossary.terms()["placement_basis"][basis]["zh"]
    return f"{was.partition(_PLACED)[0]}{_PLACED}手工定位（{how}）"


def _refusal(fault: ImportFault | None, blocking: list[Text], said: Placing, system: System) -> UserError:
    if fault is None:
        return UserError(blocking[0].en, zh=blocking[0].zh)
    found, hint = fault.found or said.typed, fault.suggestion
    maybe = _other_system(said, system) if fault.title else None
    also = (f"（是不是 {hint}？）", f" (perhaps {hint}?)") if hint else ("", "")
    if maybe is not None:
        also = (f"（按 {maybe.zh} 读则在市域内）", f" (read as {maybe.en} it would lie in the city)")
    return UserError(
        f"position {found}: expected {fault.expected.en}{also[1]}",
        zh=f"位置“{found}”应为{fault.expected.zh}{also[0]}。",
    )


def _other_system(said: Placing, system: System) -> System | None:
    """Return metres for degrees and degrees for metres, where a position lies in the city only so."""
    for name in ("EPSG:4547", "EPSG:4526", "cgcs2000"):
        other = get_system(name)
        if other.metres == system.metres and other.false_easting_m == system.false_easting_m:
            continue
        try:
            read = read_metres if other.metres else (lambda text: read_degrees(text).degrees)
            at = _in_degrees(other, read(said.x), read(said.y))
        except UserError:
            continue
        if at is not None:
            return other
    return None


def _found(cursor: Cursor, plan: ImportPlan, stands: Standing, said: Placing) -> Found:
    lon, lat, county, region, moved_m = placements.staged(cursor)
    if county is None:
        raise UserError(
            f"position {lon:.6f}, {lat:.6f} lies in no county of the city",
            zh=f"位置 {lon:.6f}, {lat:.6f} 不在市内任何县（市、区）。",
        )
    doubts = [*_outside(cursor, stands, said, lon, lat, region or county)]
    if said.error_m > stands.position_error_m:
        doubts.append(
            Text(
                f"误差 {said.error_m:,.0f} m 大于现在的 {stands.position_error_m:,.0f} m",
                f"an error of {said.error_m:,.0f} m is more than the {stands.position_error_m:,.0f} m of today",
            )
        )
    return Found(lon, lat, county, region or county, moved_m, tuple(doubts))


def _outside(cursor: Cursor, stands: Standing, said: Placing, lon: float, lat: float, at: str) -> Iterator[Text]:
    """Tell when a position is outside the township or county that the object is said to lie in."""
    apart = placements.apart_from(cursor, lon, lat, stands.regions)
    outside = [region for region in apart if region.is_outside]
    if not outside:
        return
    widest = outside[-1]  # outside the county is outside its township too
    names = placements.names_of(cursor, [at[:6], at])
    where = "".join(names.get(code, "") for code in dict.fromkeys([at[:6], at]))
    other = _fits(cursor, said, widest.code)
    yield Text(
        f"该点在{where}，不在申报的{widest.name}（距其边界 {widest.distance_m:,.0f} m）"
        + (f"；若按 {other.zh} 读取则在其中" if other else ""),
        f"the position lies in {where}, not in {widest.name} as reported ({widest.distance_m:,.0f} m from its outline)"
        + (f"; read as {other.en} it would lie there" if other else ""),
    )


def _fits(cursor: Cursor, said: Placing, code: str) -> System | None:
    """Return another system in which the position as typed lies in a region."""
    system = get_system(said.crs)
    if system.metres or not said.y.strip():
        return None
    x, y = read_degrees(said.x).degrees, read_degrees(said.y).degrees
    for other in map(get_system, _CANDIDATES):
        at = None if {other.key, system.key} <= {"wgs84", "cgcs2000"} else _in_degrees(other, x, y)
        if other.key != system.key and at is not None:
            apart = placements.apart_from(cursor, *at, [code])
            if apart and apart[0].distance_m == 0:
                return other
    return None


def _in_degrees(system: System, x: float, y: float) -> tuple[float, float] | None:
    """Return a position in degrees, EPSG:4490; None outside the city's box."""
    east, north = np.array([x]), np.array([y])
    if not bool(is_value(system, east, north)[0]):
        return None
    lon, lat = convert(system, STORED, east, north)
    return (float(lon[0]), float(lat[0])) if inside_envelope(float(lon[0]), float(lat[0])) else None
