"""A tour as GPX, for any navigation that reads it: positions in WGS 84, as the format says."""

from __future__ import annotations

from collections.abc import Sequence

from gridmap.domain.tour import clock
from gridmap.store.tours import IN_ORDER, StopRow, TourRow

MEDIA_TYPE = "application/gpx+xml; charset=utf-8"


def as_gpx(tour: TourRow, stops: Sequence[StopRow]) -> str:
    """Return a tour as GPX 1.1: one route from start over the stops in order to the end, and each stop as a waypoint.

    CGCS2000 is within a metre of WGS 84, so positions are given as they are stored. A plan is no record of where
    somebody was: there is no track, and times stand in the descriptions.
    """
    from gpxpy import gpx

    file = gpx.GPX()
    file.creator = "gridmap"
    file.name = f"{tour.day} {tour.title}"
    file.description = tour.post
    route = gpx.GPXRoute(name=tour.title)
    route.points.append(gpx.GPXRoutePoint(tour.start_lat, tour.start_lon, name=clock(tour.begins_s)))
    for stop in stops:
        if stop.state not in IN_ORDER or stop.arrives_s is None:
            continue
        name, comment = f"{stop.place} {stop.name}", clock(stop.arrives_s)
        described = " ".join(filter(None, [comment, stop.address, stop.hours]))
        file.waypoints.append(gpx.GPXWaypoint(stop.lat, stop.lon, name=name, comment=comment, description=described))
        route.points.append(gpx.GPXRoutePoint(stop.lat, stop.lon, name=name, comment=comment, description=described))
    route.points.append(gpx.GPXRoutePoint(tour.finish_lat, tour.finish_lon, name=clock(tour.home_s)))
    file.routes.append(route)
    return str(file.to_xml(version="1.1"))
