"""Selections made up for tests of the writers: no database is asked."""

import datetime as dt

from gridmap.domain.definition import Text
from gridmap.layers import Column, LegendEntry, Style
from gridmap.store.outgoing import Outgoing

CODES = {"coal": Text("散煤", "loose coal"), "gas": Text("天然气", "natural gas")}
COLUMNS = (
    Column("name", Text("名称", "name"), "text", None, True, 0, {}),
    Column("fuel", Text("燃料", "fuel"), "text", None, True, None, CODES),
    Column("households", Text("户数", "households"), "integer", "户", False, None, {}),
    Column("covered_pct", Text("覆盖比例", "covered"), "number", "%", False, None, {}),
    Column("is_demo", Text("是否演示", "is demo"), "boolean", None, False, None, {}),
    Column("counted_on", Text("清点日期", "counted on"), "date", None, False, None, {}),
)
STYLE = Style(
    "fuel",
    (LegendEntry("coal", CODES["coal"], "#b71c1c"), LegendEntry("gas", CODES["gas"], "#1565c0")),
    {
        "column": "fuel",
        "legend": [{"value": "coal", "color": "#b71c1c"}, {"value": "gas", "color": "#1565c0", "visible": False}],
    },
)


def selection(rows, geometry="Point", *, layer_id="village", columns=COLUMNS, srid=4490, asked=(), size=3):
    """Return a selection; rows: (id, WKB or None, values…)."""
    rows = list(rows)
    batches = iter([rows[start : start + size] for start in range(0, len(rows), size)])
    return Outgoing(
        layer_id, Text("村庄", "Villages"), Text("说明文字", "a description"), Text("某来源", "some source"),
        Text("编号", "identifier"), geometry, columns, STYLE, dt.date(2020, 10, 15), tuple(asked), srid, batches,
    )  # fmt: skip
