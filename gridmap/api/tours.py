"""/api/tours: the tours that a reader may see, and one with its stops in order."""

from __future__ import annotations

from typing import Any

from flask import Response

from gridmap.api.core import blueprint, respond
from gridmap.api.links import link
from gridmap.api.request import Query
from gridmap.db.pool import connection
from gridmap.db.session import transaction
from gridmap.domain.tour import clock
from gridmap.errors import NotFoundError, UserError
from gridmap.glossary import word
from gridmap.store import tours
from gridmap.store.tours import IN_ORDER, ListedTour, StopRow, TourRow

MOST_LISTED = 500


@blueprint.get("/api/tours")
def list_tours() -> Response:
    """List the tours that the reader may see, last day first; of one day or county when asked so."""
    query = Query()
    day, counties = query.day("day"), query.counties()
    query.finish()
    if len(counties) > 1:
        raise UserError(f"county is {','.join(counties)!r}; expected one code")
    with transaction(connection()) as cursor:
        rows = tours.list_tours(cursor, day=day, county=counties[0] if counties else None, limit=MOST_LISTED)
    return respond({"items": [_listed(row) for row in rows], "numberReturned": len(rows)})


@blueprint.get("/api/tours/<tour_id>")
def get_tour(tour_id: str) -> Response:
    """Return a tour with its stops: in order first, then what was skipped or left out."""
    query = Query()
    query.finish()
    if not (tour_id.isascii() and tour_id.isdecimal() and len(tour_id) < 18):
        raise NotFoundError(f"there is no tour {tour_id[:40]}")
    with transaction(connection()) as cursor:
        tour = tours.get_tour(cursor, int(tour_id))
        stops = tours.list_stops(cursor, tour.tour_id)
    return respond(as_json(tour, stops, query.lang))


def _listed(row: ListedTour) -> dict[str, Any]:
    return {
        "tour_id": row.tour_id,
        "day": row.day.isoformat(),
        "county_code": row.county_code,
        "title": row.title,
        "post": row.post,
        "begins": clock(row.begins_s),
        "home": clock(row.home_s),
        "distance_m": round(row.distance_m, 1),
        "ways_from": row.ways_from,
        "stops": row.stops,
        "done": row.done,
        "skipped": row.skipped,
        "left_out": row.left_out,
        "links": [link("self", f"/api/tours/{row.tour_id}")],
    }


def as_json(tour: TourRow, stops: list[StopRow], lang: str) -> dict[str, Any]:
    """Return a tour as the API shows it."""
    return {
        "tour_id": tour.tour_id,
        "version": tour.version,
        "day": tour.day.isoformat(),
        "county_code": tour.county_code,
        "title": tour.title,
        "post": tour.post,
        "start": [tour.start_lon, tour.start_lat],
        "end": [tour.finish_lon, tour.finish_lat],
        "begins": clock(tour.begins_s),
        "ends": clock(tour.ends_s),
        "home": clock(tour.home_s),
        "is_late": tour.home_s > tour.ends_s,
        "distance_m": round(sum(stop.leg_m or 0.0 for stop in stops) + tour.home_m, 1),
        "home_m": round(tour.home_m, 1),
        "ways_from": tour.ways_from,
        "detour_factor": tour.detour_factor if tour.ways_from != "table_service" else None,
        "speed_kmh": tour.speed_kmh if tour.ways_from != "table_service" else None,
        "is_hand_made": tour.is_hand_made,
        "stops": [_stop(stop, lang) for stop in stops if stop.state in IN_ORDER],
        "not_visited": [_stop(stop, lang) for stop in stops if stop.state not in IN_ORDER],
        "links": [link("gpx", f"/tours/{tour.tour_id}/gpx"), link("print", f"/tours/{tour.tour_id}/print")],
    }


def _stop(stop: StopRow, lang: str) -> dict[str, Any]:
    return {
        "place": stop.place,
        "site_id": stop.site_id,
        "name": stop.name,
        "kind": stop.kind,
        "kind_title": word("site_kind", stop.kind, lang),
        "address": stop.address,
        "lon": round(stop.lon, 6),
        "lat": round(stop.lat, 6),
        "state": stop.state,
        "reason": stop.reason or None,
        "arrives": None if stop.arrives_s is None else clock(stop.arrives_s),
        "begins": None if stop.begins_s is None else clock(stop.begins_s),
        "leaves": None if stop.leaves_s is None else clock(stop.leaves_s),
        "leg_m": None if stop.leg_m is None else round(stop.leg_m, 1),
        "service_min": round(stop.service_s / 60),
        "hours": stop.hours or None,
        "urgency": round(stop.urgency, 3),
        "must": stop.must,
        "is_locked": stop.is_locked,
        "site_is_closed": stop.is_closed,
        "position_error_m": stop.position_error_m,
    }
