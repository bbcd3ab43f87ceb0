"""/zones/<zone_id>: a decree as the platform knows it."""

from __future__ import annotations

from flask_babel import gettext as _

from gridmap import auth
from gridmap.db.pool import connection
from gridmap.errors import NotFoundError
from gridmap.store.units import name_units
from gridmap.store.zones import get_zone, list_versions
from gridmap.web import view
from gridmap.web.errors import or_say
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.drafts import earliest_day, may_start_from


@blueprint.get("/zones/<zone_id>")
def show_zone(zone_id: str) -> str:
    """Show one version of a zone: its decree, what it lists, what came before and after."""
    conn = connection()
    seen = view.read(conn)
    missing = _("没有编号为“%(text)s”的法定区域。", text=zone_id[:40])
    if not (zone_id.isascii() and zone_id.isdecimal() and len(zone_id) < 18):
        raise NotFoundError(missing)
    with or_say(missing):
        zone = get_zone(conn, int(zone_id))
    names = name_units(conn, [*zone.units_in, *zone.units_out], on=zone.begins_on)
    versions = list_versions(conn, zone.lineage)
    return page(
        "zone.html",
        seen,
        zone=zone,
        versions=versions,
        names=names,
        earliest=earliest_day(seen, zone),
        may_draft=may_start_from(seen, versions, zone),
        is_draft=zone.status == "draft" and auth.may("draft:read"),
    )
