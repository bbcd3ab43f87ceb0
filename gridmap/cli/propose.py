"""`gridmap zones propose`: a draft that cures what the rules find of a county's coal-free zone."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

import click

from gridmap.cli.text import echo_json, json_option

if TYPE_CHECKING:
    from gridmap.planning.proposal_told import Proposal


@click.command("propose")
@click.argument("county", metavar="COUNTY")
@click.option(
    "--smooth", is_flag=True, help="Draw one boundary along roads and outlines; name only what it cannot hold."
)
@click.option("--dry-run", is_flag=True, help="Tell what would be proposed and keep no draft.")
@json_option
def command(county: str, smooth: bool, dry_run: bool, as_json: bool) -> None:
    """Propose the smallest extension of a county's coal-free zone that cures its COAL-01, 02 and 03."""
    from gridmap.cli.acting import ACTOR, connect
    from gridmap.planning import proposals

    conn = connect()
    try:
        found = proposals.propose(conn, county, author=ACTOR, smooth=smooth, dry_run=dry_run)
    finally:
        conn.close()
    if as_json:
        echo_json({**dataclasses.asdict(found), "counts": found.counts})
    elif not found.taken:
        click.echo(_nothing(found))
    else:
        _tell(found)


def _nothing(found: Proposal) -> str:
    where = f"{found.county_name} ({found.county})"
    if not found.before:
        return f"{where} has no finding of COAL-01, COAL-02 or COAL-03 on {found.day}: no draft is needed"
    return (
        f"{where}: a coal-free zone cures none of its {len(found.before)} findings on {found.day}, so there is no draft"
    )


def _tell(found: Proposal) -> None:
    from gridmap.planning.proposal_told import WHY

    kinds = Counter(one.certainty for one in found.before)
    kept = "nothing is kept" if found.draft is None else f"draft {found.draft}"
    base = "a zone that is not there yet" if found.base is None else f"version {found.base}"
    click.echo(f"{found.county_name} ({found.county}), {found.day}: {kept}, continuing {base}")
    click.echo(
        f"findings: {', '.join(f'{rule} {number}' for rule, number in found.counts.items())} "
        f"({', '.join(f'{number} {kind}' for kind, number in sorted(kinds.items()))})"
    )
    for how, title in (
        ("list", "listed as in"),
        ("unlist", "taken off the list of out"),
        ("boundary", "inside the line"),
    ):
        villages = found.of(how)
        if villages:
            click.echo(f"{title}: {len(villages)}: {'、'.join(village.name for village in villages)}")
    if found.smooth:
        roads = "、".join(found.roads) or "no road, outlines only"
        click.echo(
            f"boundary: {found.faces} faces, along {roads}" if found.faces else "boundary: no face cures anything"
        )
    click.echo(f"area added: {found.area_added_m2 / 1e6:.2f} km2")
    click.echo(f"findings left, by the same rules: {len(found.remaining)}")
    for one in found.remaining:
        click.echo(f"  {one.rule_id} {one.name} {one.part}".rstrip() + f": {WHY[one.why]}")
