"""`gridmap tour`: plan the sites of a day, list and show tours, write them as GPX."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmap.cli.text import Day, echo_json, echo_table, json_option

if TYPE_CHECKING:
    from gridmap.inspecting.tours import About
    from gridmap.store.tours import StopRow, TourRow


@click.group()
def command() -> None:
    """Plan tours of a day's checks, list and show them."""


# a longitude west of Greenwich begins with a minus; it is refused with a sentence, not taken for an option
@command.command(context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=float)
@click.argument("lat", type=float)
@click.option("--site", "sites", multiple=True, metavar="ID", help="A site to be visited; may be repeated.")
@click.option("--choose", type=int, help="Instead: at most so many of the most urgent sites around the start.")
@click.option("--radius", "radius_m", type=float, default=10_000.0, show_default=True, help="Of --choose, metres.")
@click.option("--end", type=(float, float), metavar="LON LAT", help="Where it ends; by default where it starts.")
@click.option("--day", type=Day(), help="The platform's today by default.")
@click.option("--begins", default="09:00", show_default=True, metavar="HH:MM")
@click.option("--ends", default="17:30", show_default=True, metavar="HH:MM", help="When the end must be reached.")
@click.option("--speed", "speed_kmh", type=float, default=30.0, show_default=True, help="Between stops, km/h.")
@click.option("--service", "services", multiple=True, type=(str, int), metavar="KIND MINUTES", help="May be repeated.")
@click.option("--hours", default="", metavar="HOURS", help="Of all sites, such as 08:30-12:00,14:00-17:30.")
@click.option("--site-hours", multiple=True, type=(str, str), metavar="ID HOURS", help="Of one site; may be repeated.")
@click.option("--must", multiple=True, metavar="ID", help="A site that may not be left out; may be repeated.")
@click.option("--in-order", is_flag=True, help="Visit the sites as they are given; only times are reckoned.")
@click.option("--save", metavar="TITLE", help="Save it under this title; else it is only shown.")
@click.option("--post", default="command line", show_default=True, help="Post whose tour it is.")
@click.option("--county", metavar="CODE", help="County whose tour it is; by default that of its sites, or the city.")
@json_option
def plan(
    lon: float,
    lat: float,
    sites: tuple[str, ...],
    choose: int | None,
    radius_m: float,
    end: tuple[float, float] | None,
    day: dt.date | None,
    begins: str,
    ends: str,
    speed_kmh: float,
    services: tuple[tuple[str, int], ...],
    hours: str,
    site_hours: tuple[tuple[str, str], ...],
    must: tuple[str, ...],
    in_order: bool,
    save: str | None,
    post: str,
    county: str | None,
    as_json: bool,
) -> None:
    """Plan a tour from LON LAT (degrees) and show it; with --save it is kept."""
    from gridmap.cli.acting import connect
    from gridmap.db.session import today
    from gridmap.domain.tour import Place
    from gridmap.errors import UserError
    from gridmap.inspecting import tours
    from gridmap.store.places import get_installation

    if sites and choose is not None:
        raise UserError("sites are named and to be chosen; expected either --site or --choose")
    conn = connect()
    try:
        made = tours.plan(
            conn,
            conn,
            tours.Wanted(
                day or today(conn), Place(lon, lat), Place(*end) if end else None, sites, choose, radius_m,
                _seconds("begins", begins), _seconds("ends", ends), speed_kmh, dict(services), hours,
                _about(site_hours, must), in_order,
            ),
        )  # fmt: skip
        saved = None
        if save is not None:
            codes = made.county_codes
            code = county or (codes[0] if len(codes) == 1 else get_installation(conn).city_code)
            saved = tours.keep(conn, made, title=save, county_code=code, post=post)
    finally:
        conn.close()
    if as_json:
        echo_json({"tour_id": saved, "tour": made.tour, "stops": made.stops})
        return
    _show(made.tour, made.stops)
    if saved is not None:
        click.echo(f"saved as tour {saved}")


@command.command("list")
@click.option("--day", type=Day(), help="Only of this day.")
@json_option
def list_(day: dt.date | None, as_json: bool) -> None:
    """List tours, last day first."""
    from gridmap.db.session import connect, transaction
    from gridmap.domain.tour import clock
    from gridmap.store import tours

    conn = connect()
    try:
        with transaction(conn) as cursor:
            rows = tours.list_tours(cursor, day=day)
    finally:
        conn.close()
    if as_json:
        echo_json(rows)
        return
    echo_table(
        ["tour", "day", "county", "title", "post", "hours", "km", "stops", "done"],
        [
            [r.tour_id, r.day, r.county_code, r.title, r.post, f"{clock(r.begins_s)}-{clock(r.home_s)}",
             f"{r.distance_m / 1000:.1f}", r.stops, r.done]
            for r in rows
        ],
    )  # fmt: skip


@command.command()
@click.argument("tour_id", type=int)
@json_option
def show(tour_id: int, as_json: bool) -> None:
    """Show a tour with its stops."""
    tour, stops = _read(tour_id)
    if as_json:
        echo_json({"tour": tour, "stops": stops})
        return
    click.echo(f"{tour.day} {tour.title} ({tour.post}), version {tour.version}")
    _show(tour, stops)


@command.command()
@click.argument("tour_id", type=int)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
def gpx(tour_id: int, output: Path | None) -> None:
    """Write a tour as GPX, positions in WGS 84."""
    from gridmap.errors import UserError
    from gridmap.exports.tour import as_gpx

    text = as_gpx(*_read(tour_id))
    if output is None:
        click.echo(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {output}: {error.strerror}") from error
    click.echo(f"wrote {output}")


def _read(tour_id: int) -> tuple[TourRow, list[StopRow]]:
    from gridmap.db.session import connect, transaction
    from gridmap.store import tours

    conn = connect()
    try:
        with transaction(conn) as cursor:
            return tours.get_tour(cursor, tour_id), tours.list_stops(cursor, tour_id)
    finally:
        conn.close()


def _about(site_hours: Sequence[tuple[str, str]], must: Sequence[str]) -> dict[str, About]:
    from gridmap.inspecting.tours import About

    hours = dict(site_hours)
    return {site: About(hours=hours.get(site), must=site in must) for site in {*hours, *must}}


def _seconds(name: str, text: str) -> int:
    from gridmap.errors import UserError

    hours, _, minutes = text.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2 and int(hours) <= 24 and int(minutes) < 60):
        raise UserError(f"--{name} is {text[:20]!r}; expected HH:MM, such as 09:00")
    return int(hours) * 3600 + int(minutes) * 60


def _show(tour: TourRow, stops: Sequence[StopRow]) -> None:
    from gridmap.domain.tour import clock
    from gridmap.inspecting.tours import EXPLAINED

    rows = [
        [stop.place, clock(stop.arrives_s), clock(stop.leaves_s or 0), f"{(stop.leg_m or 0) / 1000:.1f}", stop.site_id,
         stop.name, stop.hours, stop.state]
        for stop in stops
        if stop.arrives_s is not None
    ]  # fmt: skip
    echo_table(["#", "from", "to", "km", "id", "name", "open", "state"], rows)
    distance = sum(stop.leg_m or 0.0 for stop in stops) + tour.home_m
    late = f", after the day's end at {clock(tour.ends_s)}" if tour.home_s > tour.ends_s else ""
    click.echo(f"{len(rows)} stops, {distance / 1000:.1f} km, back at {clock(tour.home_s)}{late}")
    for stop in stops:
        if stop.arrives_s is None:
            click.echo(f"{stop.state.replace('_', ' ')}: {stop.name}: {EXPLAINED.get(stop.reason, stop.reason)}")
    straight = f"straight lines × {tour.detour_factor:g} at {tour.speed_kmh:g} km/h, no distances by road"
    told = {"table_service": "the city's road service", "fallback": f"the road service failed: {straight}"}
    click.echo(f"ways: {told.get(tour.ways_from, straight)}")
