"""`gridmap layers`: what the map, the API and the tables show."""

from __future__ import annotations

from typing import Any

import click

from gridmap.cli import layer_imports, layer_placing, layers_export
from gridmap.cli.text import echo_json, echo_table, json_option
from gridmap.layers import Column, Layer


@click.group()
def command() -> None:
    """List, describe, check, export and import the layers."""


command.add_command(layers_export.command)
layer_imports.add_to(command)
layer_placing.add_to(command)


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List the layers in drawing order, lowest first."""
    from gridmap import layers

    found = list(layers.load())
    if as_json:
        echo_json([_brief(layer) for layer in found])
        return
    echo_table(
        ["id", "图层", "layer", "geometry", "zoom", "columns"],
        [
            [layer.id, layer.title.zh, layer.title.en, layer.geometry, _zoom(layer), len(layer.columns)]
            for layer in found
        ],
    )


@command.command("describe")
@click.argument("layer_id")
@json_option
def describe_command(layer_id: str, as_json: bool) -> None:
    """Describe a layer: what it shows and every column of it."""
    from gridmap import layers

    layer = layers.load().get(layer_id)
    if as_json:
        echo_json({**_brief(layer), "columns": [_column(column) for column in layer.columns], "sql": layer.sql})
        return
    click.echo(f"{layer.id}  {layer.title.zh}  {layer.title.en}")
    click.echo(layer.description.zh)
    click.echo(layer.description.en)
    click.echo(f"geometry {layer.geometry}, zoom {_zoom(layer)}, reads {', '.join(layer.reads)}")
    click.echo(f"feature_id: {layer.feature_id.zh}  {layer.feature_id.en}\n")
    echo_table(
        ["column", "名称", "meaning", "type", "unit", "filter", "codes"],
        [
            [
                column.name,
                column.title.zh,
                column.title.en,
                column.type,
                column.unit,
                "yes" if column.filterable else "",
                " ".join(f"{code}={text.zh}" for code, text in column.codes.items()),
            ]
            for column in layer.columns
        ],
    )


@command.command("check")
@json_option
def check_command(as_json: bool) -> None:
    """Hold every definition against the database: columns, types, geometry, relations read."""
    from gridmap import layers
    from gridmap.db.session import connect
    from gridmap.store.layer_check import check_layer

    found = list(layers.load())
    conn = connect()
    try:
        for layer in found:
            check_layer(conn, layer)
    finally:
        conn.close()
    if as_json:
        echo_json({"checked": [layer.id for layer in found]})
        return
    click.echo(f"{len(found)} layers agree with the database")


def _zoom(layer: Layer) -> str:
    return f"{layer.zoom[0]}-{layer.zoom[1]}" if layer.has_tiles else "-"


def _brief(layer: Layer) -> dict[str, Any]:
    return {
        "id": layer.id,
        "title": {"zh": layer.title.zh, "en": layer.title.en},
        "description": {"zh": layer.description.zh, "en": layer.description.en},
        "geometry": layer.geometry,
        "feature_id": {"zh": layer.feature_id.zh, "en": layer.feature_id.en},
        "reads": list(layer.reads),
        "zoom": list(layer.zoom),
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "title": {"zh": column.title.zh, "en": column.title.en},
        "type": column.type,
        "unit": column.unit,
        "filterable": column.filterable,
        "codes": {code: {"zh": text.zh, "en": text.en} for code, text in column.codes.items()},
    }
