"""`gridmap layers export`: a layer of a day as a file of any format."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmap.cli.text import Day
from gridmap.errors import UserError
from gridmap.exports.formats import FORMATS

if TYPE_CHECKING:
    from gridmap.exports.options import Told
    from gridmap.layers import Layer
    from gridmap.store.layers import FeatureFilter, Wanted
    from gridmap.store.outgoing import Outgoing


@click.command("export")
@click.argument("layer_id", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", metavar="|".join(FORMATS), help="Instead of the one that the file's ending says.")
@click.option("--on", "--as-of", "as_of", type=Day(), default=None, help="The features of this day instead of today's.")
@click.option("--county", "counties", multiple=True, metavar="CODE", help="Only this county; may be repeated.")
@click.option("--filter", "filters", multiple=True, metavar="COLUMN=VALUE", help="Only these; low..high for a range.")
@click.option("--bbox", metavar="W,S,E,N", help="Only what meets this box, degrees.")
@click.option("--crs", metavar="SYSTEM", help="wgs84, cgcs2000, gcj02 or an EPSG number such as 4547.")
@click.option("--codes", is_flag=True, help="CSV and XLSX: coded columns as codes, not as words.")
@click.option("--no-bom", is_flag=True, help="CSV without the mark by which Excel knows UTF-8.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Of titles and words.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def command(
    layer_id: str,
    file: Path,
    form: str | None,
    as_of: dt.date | None,
    counties: tuple[str, ...],
    filters: tuple[str, ...],
    bbox: str | None,
    crs: str | None,
    codes: bool,
    no_bom: bool,
    lang: str,
    force: bool,
) -> None:
    """Write the layer ID to FILE: csv, xlsx, geojson, gpkg, zip (Shapefile), parquet, or html (a map in one file).

    The whole file or none: an interrupted run leaves nothing, and what was there stays. CSV and GeoJSON are written in
    order of the identifiers, with every digit that a coordinate has.
    """
    from gridmap import layers
    from gridmap.db.session import connect, today
    from gridmap.exports import formats
    from gridmap.exports.options import Options
    from gridmap.rules import engine
    from gridmap.store.outgoing import of_layer

    layer = layers.load().get(layer_id)
    chosen = formats.format_of(file, form)
    options = Options(lang, codes, not no_bom, crs)
    srid = options.srid
    wanted = _wanted(layer, counties, filters, bbox)
    conn = connect()

    def draw(given: Outgoing, place: Path, options: Options, told: Told) -> None:
        from gridmap.maps import standalone

        told.rows = standalone.write(given, place, lang=lang, backdrop=standalone.counties(conn, as_of))

    try:
        engine.check_counties(conn, counties)
        if "finding" in layer.reads:
            engine.ensure_report(conn, as_of)
        out = of_layer(conn, layer, wanted, on=as_of or today(conn), as_of=as_of, srid=srid)
        shown = [str(value) for value in wanted.values_of(layer.style.column)]
        told = formats.write(out, chosen, file, options, replace=force, shown=shown, draw=draw)
    finally:
        conn.close()
    for sentence in told.sentences(lang):
        click.echo(sentence, err=True)
    click.echo(f"{told.rows} features of {layer.id} on {out.on} written to {file}")


def _wanted(layer: Layer, counties: tuple[str, ...], filters: tuple[str, ...], bbox: str | None) -> FeatureFilter:
    from gridmap.api.request import parse_bbox, parse_column
    from gridmap.store.layers import FeatureFilter

    given: dict[str, list[str]] = {}
    for each in filters:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise UserError(f"--filter is {each!r}; expected COLUMN=VALUE")
        given.setdefault(name, []).append(value)
    known = {column.name: column for column in layer.filters}
    columns: dict[str, Wanted] = {}
    for name, values in given.items():
        if name not in known:
            raise UserError(f"{layer.id} cannot be filtered by {name}; it can by {', '.join(known)}")
        found = parse_column(known[name], tuple(values))
        if found is not None:
            columns[name] = found
    return FeatureFilter(None if bbox is None else parse_bbox(bbox), counties, columns)
