"""`gridmap near`: the sites near a position, nearest or most urgent first."""

from __future__ import annotations

import click

from gridmap.cli.text import echo_json, echo_table, json_option
from gridmap.domain.urgency import FACTORS, Weights


def _weights(_ctx: click.Context, _param: click.Parameter, given: tuple[tuple[str, float], ...]) -> Weights:
    try:
        return Weights(**dict(given))
    except ValueError as error:
        raise click.ClickException(str(error)) from error


# a longitude west of Greenwich begins with a minus; it is refused with a sentence, not taken for an option
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=float)
@click.argument("lat", type=float)
@click.option("--radius", "radius_m", type=float, default=10_000.0, show_default=True, help="Nothing farther, metres.")
@click.option("--nearest", type=int, default=50, show_default=True, help="At most so many sites.")
@click.option("--rank", type=click.Choice(["distance", "urgency"]), default="distance", show_default=True)
@click.option("--kind", "kinds", multiple=True, help="Only this kind of site; may be repeated.")
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Only sites with an open finding of this rule.")
@click.option("--severity", "severities", multiple=True, type=click.Choice(["high", "medium", "low"]))
@click.option("--status", "statuses", multiple=True, type=click.Choice(["open", "accepted"]))
@click.option("--unvisited-days", type=click.IntRange(1, 36_500), help="Nobody was there for so many days, or ever.")
@click.option(
    "--weight", "weights", multiple=True, type=(click.Choice(FACTORS), float), metavar="FACTOR NUMBER",
    callback=_weights, help=f"Weight of a factor of the urgency: {', '.join(FACTORS)}; may be repeated.",
)  # fmt: skip
@json_option
def command(
    lon: float,
    lat: float,
    radius_m: float,
    nearest: int,
    rank: str,
    kinds: tuple[str, ...],
    rules: tuple[str, ...],
    severities: tuple[str, ...],
    statuses: tuple[str, ...],
    unvisited_days: int | None,
    weights: Weights,
    as_json: bool,
) -> None:
    """List the sites of today near LON LAT (degrees), with the reason of each rank."""
    from gridmap import glossary
    from gridmap.db.session import connect
    from gridmap.errors import UserError
    from gridmap.inspecting.near import Asked, near
    from gridmap.rules import catalogue
    from gridmap.store.nearest import SiteFilter

    known = catalogue.load()
    for rule_id in rules:
        known.get(rule_id)
    for kind in kinds:
        if kind not in glossary.terms()["site_kind"]:
            raise UserError(f"there is no kind of site {kind!r}; known are {', '.join(glossary.terms()['site_kind'])}")
    wanted = SiteFilter(kinds, rules, severities, statuses, unvisited_days)
    asked = Asked(lon, lat, None, radius_m, nearest, "urgency" if rank == "urgency" else "distance", wanted, weights)
    conn = connect()
    try:
        answer = near(conn, asked)
    finally:
        conn.close()
    if as_json:
        echo_json({"looked_at": answer.looked_at, "is_cut": answer.is_cut, "sites": answer.sites})
        return
    rows = []
    for one in answer.sites:
        times = " ".join(f"{factor.name} ×{factor.times:.1f}" for factor in one.urgency.factors if factor.level)
        rows.append([
            one.rank, f"{one.site.distance_m:.0f}", f"{one.bearing_deg:.0f}", one.site.site_id, one.site.name,
            one.record.last_visit_on, f"{one.urgency.score:.1f}", times, ", ".join(one.record.repeat.reasons),
        ])  # fmt: skip
    echo_table(["#", "m", "°", "id", "name", "last visit", "urgency", "why", "repeated"], rows)
    more = f"; only the nearest {answer.looked_at} were ranked" if answer.is_cut and rank == "urgency" else ""
    click.echo(f"{len(rows)} sites{more}")
