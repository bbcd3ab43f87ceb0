"""`gridmap drafts import`: a file of zones becomes drafts, all of them or none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmap.cli.import_report import mapping_of, tell_reading
from gridmap.cli.text import echo_json, echo_table, json_option

if TYPE_CHECKING:
    from gridmap.domain.zone_file import FiledZone, ZoneFileReport


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--crs", default=None, metavar="NAME", help="Of its outlines: wgs84, cgcs2000, gcj02, bd09, EPSG:n.")
@click.option("--map", "mapped", multiple=True, metavar="TITLE=COLUMN", help="What a title is; TITLE= ignores it.")
@click.option("--kind", default=None, metavar="KIND", help="Kind of the zones whose rows say none, such as no_burn.")
@click.option("--sheet", default=None, metavar="NAME", help="Sheet or layer of the file, where it has several.")
@click.option("--repair", is_flag=True, help="Mend outlines that cross themselves.")
@click.option("--dry-run", is_flag=True, help="Say what would be drafted, row by row, and keep nothing.")
@json_option
def import_command(
    file: Path, crs: str | None, mapped: tuple[str, ...], kind: str | None, sheet: str | None, repair: bool,
    dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Make a draft of every zone of a file, or none: Shapefile, GeoPackage, GeoJSON, KML, XLSX or CSV.

    A row follows the version that its zone_id names, or the zone of its kind, county and name; else it is a new zone.
    Units are listed by code or name. Drafts are the county's own until they are submitted.
    """
    from gridmap.cli.acting import ACTOR, connect
    from gridmap.domain.incoming import ReadingLimits
    from gridmap.errors import UserError
    from gridmap.ingest.importing.plan import sha256_of
    from gridmap.ingest.reading import open_incoming
    from gridmap.planning import zone_file

    if not file.is_file():
        raise UserError(f"{file}: there is no such file")
    saying = zone_file.Saying(crs=crs, kind=kind, sheet=sheet, repair=repair, mapping=mapping_of(mapped))
    incoming = open_incoming(file, name=file.name, limits=ReadingLimits())
    try:
        conn = connect()
        try:
            brought = zone_file.Brought(incoming, file.name, sha256_of(file), ACTOR)
            report = zone_file.check(conn, brought, saying)
            if report.is_clean and not dry_run:
                report = zone_file.make(conn, brought, saying, shown=report.fingerprint)
        finally:
            conn.close()
    finally:
        incoming.close()
    if as_json:
        echo_json({"report": report.as_dict(), "dry_run": dry_run})
    else:
        _tell(report)
    if not report.is_clean:
        click.echo("no draft was made", err=True)
        raise SystemExit(1)


def _tell(report: ZoneFileReport) -> None:
    tell_reading(report.notes, report.unread, report.faults)
    if report.zones:
        echo_table(
            [
                "row",
                "draft",
                "name",
                "kind",
                "county",
                "follows",
                "km2",
                "+km2",
                "-km2",
                "units",
                "faults of its boundary",
            ],
            [_line(zone) for zone in report.zones],
        )
    click.echo(f"{report.read} rows read, {report.refused} with faults")
    for sentence in report.blocking:
        click.echo(sentence.en)


def _line(zone: FiledZone) -> list[object]:
    follows = f"version {zone.base_version} (id {zone.base})" if zone.base is not None else "none: a new zone"
    faults = "; ".join(f"{fault.title.en} {fault.place.en}".rstrip() for fault in zone.faults[:3])
    more = f" and {len(zone.faults) - 3} more" if len(zone.faults) > 3 else ""
    return [
        zone.row, zone.draft, zone.name, zone.kind, zone.county_code, follows, f"{zone.area_m2 / 1e6:.2f}",
        f"{zone.added_m2 / 1e6:.2f}", f"{zone.removed_m2 / 1e6:.2f}",
        f"{len(zone.units_in)} in, {len(zone.units_out)} out", faults + more,
    ]  # fmt: skip
