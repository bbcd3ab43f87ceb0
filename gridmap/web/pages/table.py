"""/table: the same features and findings as on the map, as a table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from flask import redirect
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from gridmap import auth
from gridmap import layers as definitions
from gridmap.auth.handing import FORMATS, Options, area_told, hand_out
from gridmap.db.pool import connection
from gridmap.db.session import Connection
from gridmap.domain.repeat import NEVER, Repeat
from gridmap.layers import Column, Layer
from gridmap.rules import catalogue
from gridmap.store import findings as finding_store
from gridmap.store.layers import Feature, FeatureFilter, count_features, list_features
from gridmap.store.outgoing import of_layer
from gridmap.store.repeats import Repeats, repeats_of
from gridmap.web import language, view, words
from gridmap.web.pages.base import blueprint, page
from gridmap.web.view import View

PAGE = 50
_HIDDEN = {"county_code", "township_code", "official_name", "zone_id", "cell_key"}
_WIDEST = 9


@dataclass
class Row:
    """A line: where it leads to, its cells, and what is repeated there."""

    href: str | None
    on_map: str | None
    cells: list[Any]
    css: str = ""
    repeat: Repeat = NEVER


@dataclass
class Table:
    """A page of a table. choices: selects of the layer's own enumerations: (name, title, chosen, [(code, label)])."""

    heads: list[str]
    rows: list[Row]
    total: int
    choices: list[tuple[str, str, str | None, list[tuple[str, str]]]] = field(default_factory=list)


@blueprint.get("/table")
def show_table() -> str:
    """Show a layer, findings by default, filtered and in pages."""
    conn = connection()
    seen = view.read(conn)
    known = definitions.load()
    layer_id = view.choice("layer", tuple(layer.id for layer in known), "finding")
    number = view.page_number()
    if layer_id == "finding":
        table = _findings(conn, view.judged(conn, seen), number)
    else:
        table = _features(conn, seen, known.get(layer_id), number)
    return page(
        "table.html",
        seen,
        layer_id=layer_id,
        layers=[(layer.id, layer.title.get(language.current())) for layer in known],
        rules=catalogue.load().rules,
        table=table,
        number=number,
        downloads=_downloads(seen, known.get(layer_id), table),
        pages=max(1, -(-table.total // PAGE)),
        extra={name: chosen for name, _title, chosen, _labels in table.choices if chosen},
    )


@blueprint.get("/table/export")
def export_layer() -> BaseResponse:
    """Return all rows of a table as a file, with the filters and the day of the page."""
    conn = connection()
    seen = view.read(conn)
    known = definitions.load()
    layer = known.get(view.choice("layer", tuple(layer.id for layer in known), "finding"))
    chosen = view.choice("f", (*FORMATS, "ledger") if layer.id == "finding" else tuple(FORMATS), "xlsx")
    lang = language.current()
    if layer.id == "finding":
        # the API's files carry the words of the rules
        return redirect(seen.api("/api/findings", f="geojson_all" if chosen == "geojson" else chosen, lang=lang), 303)
    columns = _choices(layer, lang)[1]
    wanted = FeatureFilter(counties=seen.wanted.counties, columns=columns)
    form, options = FORMATS[chosen], Options(lang)
    out = of_layer(conn, layer, wanted, on=seen.as_of, as_of=seen.day, srid=options.srid)
    return hand_out(
        conn, replace(out, asked=(*out.asked, *area_told())), form, options,
        rows=count_features(conn, layer, wanted, as_of=seen.day) if form.streams else 0,
        asked={**seen.query(), **columns}, shown=columns.get(layer.style.column or "", ()),
    )  # fmt: skip


def _downloads(seen: View, layer: Layer, table: Table) -> list[tuple[str, str, str]]:
    """Return what the table may be taken away as: address, title and what for."""
    chosen = {name: value for name, _title, value, _labels in table.choices if value}
    found = [
        ("xlsx", "Excel", _("带格式的表格，附列说明")),
        ("csv", "CSV", _("纯文本；直接用 Excel 打开，长代码会变成数")),
    ]
    if layer.id == "finding":
        found.insert(1, ("ledger", _("分主题台账"), _("Excel，每个主题一张表")))
    if layer.has_tiles:
        found += [
            ("html", _("单文件地图"), _("一个网页文件，离线可打开")),
            ("gpkg", "GeoPackage", _("QGIS 可直接打开，带样式")),
            ("geojson", "GeoJSON", _("网络地图通用格式")),
            ("shp", "Shapefile", _("压缩包，字段名不超过10个字符")),
            ("parquet", "GeoParquet", _("数据分析用")),
        ]
    return [
        (seen.url("export_layer", layer=layer.id, f=form, **chosen), title, purpose) for form, title, purpose in found
    ]


def _findings(conn: Connection, seen: View, number: int) -> Table:
    lang = language.current()
    total = finding_store.number_of_findings(conn, seen.wanted, as_of=seen.day)
    listed = finding_store.list_findings(conn, seen.wanted, as_of=seen.day, limit=PAGE, offset=(number - 1) * PAGE)
    repeats = repeats_of(conn, [found.feature_id for found in listed], as_of=seen.day)
    rows = []
    for found in listed:
        rule = catalogue.load().get(found.rule_id)
        title, message = catalogue.render(rule, {**found.facts, "name": found.name, "part": found.part}, lang)
        rows.append(
            Row(
                seen.only_day().url("show_finding", path_key=found.key),
                _on_map(seen, found.lon, found.lat, "finding", found.key),
                [
                    found.name,
                    seen.county_name(found.county_code, lang),
                    f"{rule.id} {title}",
                    words.certainty(found.certainty),
                    words.severity(found.severity),
                    message,
                ],
                css=f"certainty-{found.certainty}",
                repeat=repeats.get((found.feature_kind, found.feature_id), NEVER),
            )
        )
    heads = [_("名称"), _("县（市、区）"), _("规则"), _("确定性"), _("严重程度"), _("情况")]
    return Table(heads, rows, total)


def _features(conn: Connection, seen: View, layer: Layer, number: int) -> Table:
    lang = language.current()
    columns = _columns(layer)
    choices, chosen = _choices(layer, lang)
    wanted = FeatureFilter(counties=seen.wanted.counties, columns=chosen)
    rows = []
    listed = list_features(conn, layer, wanted, as_of=seen.day, limit=PAGE, offset=(number - 1) * PAGE)
    repeats: Repeats = {}
    if layer.id == "site":
        repeats = repeats_of(conn, [feature.id for feature in listed], as_of=seen.day)
    for feature in listed:
        lon, lat = _position(feature.geometry)
        href = _page_of(seen, layer.id, feature)
        cells = [feature.id, *(cell(column, feature.properties.get(column.name), lang) for column in columns)]
        repeat = repeats.get((layer.id, feature.id), NEVER)
        rows.append(Row(href, _on_map(seen, lon, lat, layer.id, feature.id), cells, repeat=repeat))
    heads = [_("编号"), *(_titled(column, lang) for column in columns)]
    total = count_features(conn, layer, wanted, as_of=seen.day)
    return Table(heads, rows, total, choices)


def _page_of(seen: View, layer_id: str, feature: Feature) -> str | None:
    """Return the address of a feature's own page, where there is one that its reader may open."""
    if layer_id == "zone":
        return seen.only_day().url("show_zone", path_zone_id=feature.properties["zone_id"])
    if layer_id == "site" and auth.may("site:read"):
        return seen.only_day().url("show_site", path_site_id=feature.id)
    return None


def _titled(column: Column, lang: str) -> str:
    return f"{column.title.get(lang)} / {column.unit}" if column.unit else column.title.get(lang)


def _columns(layer: Layer) -> list[Column]:
    """Return the columns worth a place in the table: those of the map first, then those one may filter by."""
    shown = [column for column in layer.columns if column.name not in _HIDDEN and column.type != "boolean"]
    worth = [c for c in shown if c.tile_zoom is not None or c.filterable or c.name in ("county_name", "township_name")]
    return worth[:_WIDEST]


def _choices(
    layer: Layer, lang: str
) -> tuple[list[tuple[str, str, str | None, list[tuple[str, str]]]], dict[str, list[str]]]:
    choices, chosen = [], {}
    for column in layer.filters:
        if column.codes and column.name not in _HIDDEN:
            value = view.parameter(column.name)
            if value is not None:
                value = view.choice(column.name, tuple(column.codes), "")
                chosen[column.name] = [value]
            labels = [(code, text.get(lang)) for code, text in column.codes.items()]
            choices.append((column.name, column.title.get(lang), value, labels))
    return choices, chosen


def cell(column: Column, value: Any, lang: str) -> Any:
    """Return a value as a reader would write it."""
    if value is None:
        return ""
    if column.codes:
        text = column.codes.get(str(value))
        return text.get(lang) if text else value
    return catalogue.in_words(value, None, lang)


def _position(geometry: dict[str, Any] | None) -> tuple[float | None, float | None]:
    """Return a position on or in a geometry: the point, or the middle of its box."""
    if geometry is None:
        return None, None
    numbers: list[tuple[float, float]] = []

    def walk(part: Any) -> None:
        if part and isinstance(part[0], int | float):
            numbers.append((part[0], part[1]))
        else:
            for each in part:
                walk(each)

    walk(geometry.get("coordinates", []))
    if not numbers:
        return None, None
    lons, lats = zip(*numbers, strict=True)
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2


def _on_map(seen: View, lon: float | None, lat: float | None, layer_id: str, feature_id: str) -> str | None:
    if lon is None or lat is None:
        return None
    return seen.url("show_map", sel=f"{layer_id}:{feature_id}") + f"#14/{lat:.5f}/{lon:.5f}"
