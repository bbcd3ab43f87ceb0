"""/data/placing: an object is given its position on the map, one after another, and a position is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from gridmap import auth
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import transaction
from gridmap.domain.import_form import Form as Layer
from gridmap.domain.placement import DoubtedError, Found, Placing
from gridmap.errors import ConflictError, ForbiddenError, GridmapError, NotFoundError, UserError
from gridmap.ingest.importing import by_hand, undo_import
from gridmap.rules import aftermath
from gridmap.store import import_tables, placements
from gridmap.store.find_place import FoundPlace, find_mentions, find_places, places_named_in
from gridmap.store.placements import PlacementRow, Standing
from gridmap.web import import_check, import_form, placing_form, placing_map, view
from gridmap.web.import_form import Form
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.surroundings import length

Page: TypeAlias = str | Answer | tuple[str, int]

LONGEST_QUERY = 60


@dataclass(frozen=True)
class Object:
    """What is placed, as the reader sees it. after: the next of its list, None at the end; left: so many are unplaced.

    box: its region, degrees. regions: names of its regions by code. last: how it was placed by hand last.
    """

    layer: Layer
    stands: Standing
    after: str | None
    left: int
    box: placing_map.Box | None
    regions: dict[str, str]
    last: PlacementRow | None


@blueprint.get("/data/placing/<layer_id>/<key>")
def show_placing(layer_id: str, key: str) -> Page:
    """Show an object with its circle of error on the map, to be placed."""
    found = _object(layer_id, key)
    return _page(found, placing_form.first(), told=_told())


@blueprint.post("/data/placing/<layer_id>/<key>")
@auth.tells_of_expiry
def place_by_hand(layer_id: str, key: str) -> Page:
    """Place an object and go on to the next, or show where a position is; what cannot be saved is given back."""
    form, said = placing_form.read(request.form)
    before = _object(layer_id, key)
    if not auth.has_form_token():
        form.notice = _("没有保存：页面已过期，请再点一次。")
        return _page(before, form), 403
    if said is None:
        return _page(before, form), 400
    who, do = import_check.importer(), request.form.get("do", "")
    try:
        if do == "look":
            seen = by_hand.look(system_connection(), layer_id, key, said, importer=who)
            return _page(before, form, at=seen)
        placed = by_hand.place(system_connection(), layer_id, key, said, importer=who)
    except DoubtedError as error:
        form.notice = placing_form.doubted(error)
        return _page(before, form, at=error.found), error.status
    except (UserError, ConflictError) as error:
        form.notice = import_form.told(error)
        if isinstance(error, UserError):
            form.errors["x"] = form.notice
        # what it looks like now, or the sentence why it is not there any more
        return _page(_object(layer_id, key), form, at=_at(layer_id, key, said)), error.status
    judged = aftermath.follow(system_connection())
    if do == "next" and before.after is None:
        return redirect(url_for("web.list_unplaced", what=before.layer.label, done=placed.batch_id), 303)
    onto = before.after if do == "next" and before.after is not None else key
    return redirect(url_for("web.show_placing", layer_id=layer_id, key=onto, saved=placed.batch_id, judged=judged), 303)


@blueprint.post("/data/placing/<layer_id>/<key>/undo")
@auth.tells_of_expiry
def undo_placing(layer_id: str, key: str) -> Page:
    """Take back how an object was placed; the page says why when it cannot be."""
    who = import_check.importer()
    before = _object(layer_id, key)
    form = placing_form.first()
    if not auth.has_form_token():
        form.notice = _("没有撤销：页面已过期，请再点一次。")
        return _page(before, form), 403
    batch = request.form.get("batch", "")
    if before.last is None or str(before.last.batch_id) != batch:
        form.notice = _("没有撤销：它之后又被定过位，或从未手工定位。")
        return _page(before, form), 409
    try:
        undo_import(system_connection(), before.last.batch_id, importer=who)
    except (ConflictError, ForbiddenError, UserError) as error:
        form.notice = _("没有撤销，数据保持原样。%(why)s", why=import_form.told(error))
        return _page(_object(layer_id, key), form), error.status
    judged = aftermath.follow(system_connection())
    return redirect(url_for("web.show_placing", layer_id=layer_id, key=key, undone="yes", judged=judged), 303)


def _object(layer_id: str, key: str) -> Object:
    """Return an object as the reader sees it. Errors: of what is not there, closed, or in another's area."""
    who = import_check.importer()
    try:
        with transaction(connection()) as cursor:
            layer = by_hand.form_of(cursor, layer_id, key)
            stands = by_hand.standing(cursor, layer, key, who)
            after, left = placements.next_unplaced(cursor, layer, who.counties, (stands.county_code, key))
            return Object(
                layer, stands, after, left, placements.box_of(cursor, stands.regions),
                placements.names_of(cursor, [stands.county_code, *stands.regions]),
                placements.find_last(cursor, layer.table, key),
            )  # fmt: skip
    except NotFoundError as error:
        raise NotFoundError(str(error), zh=_("没有这个对象，或它已不在您负责的范围内。")) from error


def _at(layer_id: str, key: str, said: Placing) -> Found | None:
    """Return where a position is that was not saved, so that it stands on the map; None when it is none."""
    try:
        return by_hand.look(system_connection(), layer_id, key, said, importer=import_check.importer())
    except GridmapError:
        return None


def _told() -> dict[str, Any]:
    """Return what was just saved or taken back, as the address says and the base confirms."""
    undone, judged = request.args.get("undone") == "yes", placing_form.judged(request.args.get("judged", ""))
    saved = _saved(request.args.get("saved", ""))
    return {"undone": undone, "judged": judged, **({"saved": saved[0], "of": saved[1]} if saved else {})}


def _saved(batch: str) -> tuple[PlacementRow, Standing] | None:
    """Return a placement with its object as it stands now; None when it was undone, or the object is gone since."""
    if not (batch.isdecimal() and len(batch) < 18):
        return None
    try:
        with transaction(connection()) as cursor:
            row = placements.find(cursor, int(batch))
            if row is None or row.undone_by is not None:
                return None
            layer = by_hand.form_of(cursor, row.layer_id, row.object_key)
            target = import_tables.targets_of(cursor, layer)[0]
            return row, placements.get(cursor, layer, target, row.object_key)
    except NotFoundError:
        return None


def _places(found: Object) -> tuple[str, Sequence[FoundPlace]]:
    """Return what was searched for, and places of that name; without it those named in the address."""
    text = (view.parameter("q") or "").strip()[:LONGEST_QUERY]
    stands, conn = found.stands, connection()
    if text:
        places = [*find_places(conn, text), *find_mentions(conn, text)]
    else:
        named = f"{stands.address or ''} {stands.name}"
        township = next((code for code in stands.regions if len(code) == 9), None)
        places = places_named_in(conn, named, stands.regions[0], township)
        if found.layer.table == "village":
            # a village of the same name elsewhere is no help; a site called after it stands in it
            places = [*places, *(one for one in find_places(conn, stands.name, limit=6) if one.kind == "site")]
    own = ("site" if found.layer.table == "site" else found.layer.table, stands.key)
    return text, [place for place in places if (place.kind, place.code) != own]


def _page(found: Object, form: Form, *, at: Found | None = None, told: dict[str, Any] | None = None) -> str:
    seen = view.read(connection()).only_today()
    stands = found.stands
    box = placing_map.box_at(at.lon, at.lat, 900.0) if at else placing_map.first_box(stands, found.box)
    parts = placing_map.placing_map(connection(), seen, box, stands.county_code)
    query, places = _places(found)
    return page(
        "placing.html",
        seen,
        object=found,
        stands=stands,
        layer=found.layer,
        form=form,
        at=at,
        at_names=_names(at),
        doubts=placing_form.doubts(at),
        told=told or {},
        query=query,
        places=places,
        systems=placing_form.systems(),
        bases=placing_form.bases(),
        parts=parts,
        length=length,
        settings={
            "map": parts.name,
            "label": _("地图：点一处即定在那里；方向键移动（按住 Shift 移得远），加减号缩放，回车定在正中"),
            "stands": {"lon": stands.lon, "lat": stands.lat, "error_m": stands.position_error_m},
            "at": [at.lon, at.lat] if at else None,
            "own": [found.layer.table, stands.key],
            "crs": placing_form.ON_MAP,
            "words": {
                "stands": _("现在的位置和误差"),
                "picked": _("定在 {lon}, {lat}"),
                "later": _("按“看看在哪”换算后显示在图上。"),
                "cleared": _("图上点的坐标是 CGCS2000，换了坐标系，请重新填写。"),
                "none": _("没有您可见的对象、村、乡镇或文件所列地名叫这个名字。"),
                "found": _("找到 {n} 处"),
                "jumped": _("地图已移到：{name}"),
                "failed": _("没有查到：{why}"),
            },
        },
    )


def _names(at: Found | None) -> str:
    if at is None:
        return ""
    with transaction(connection()) as cursor:
        names = placements.names_of(cursor, [at.county, at.region])
    return " ".join(names.get(code, code) for code in dict.fromkeys([at.county, at.region]))
