"""What the demo city holds, written under the forms' own titles, comes back and changes nothing."""

import pytest
from psycopg2 import sql

from gridmap.db.session import transaction
from gridmap.domain import import_form
from gridmap.ingest.importing import ImportOptions, plan_import
from tests.ingest.ledgers import MemoryFile

FORMS = [("site", "enterprise"), ("site", "boiler"), ("site", "power_plant"), ("village", None), ("hotspot", None)]


@pytest.mark.parametrize(("layer_id", "kind"), FORMS)
def test_out_and_in_again_is_the_same(city, layer_id, kind):
    form = import_form.load(layer_id, kind)
    columns = [column for column in form.columns if column.table]
    with transaction(city) as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT {columns}, ST_X(t.geom) AS lon, ST_Y(t.geom) AS lat, {reported} AS reported FROM {table} AS t "
                "{details} WHERE {own}"
            ).format(
                columns=sql.SQL(", ").join(
                    sql.SQL("{}.{}").format(
                        sql.Identifier("t" if column.table == form.table else "d"), sql.Identifier(column.name)
                    )
                    for column in columns
                ),
                reported=sql.Identifier("t", form.reported_column) if form.reported_column else sql.SQL("NULL"),
                table=sql.Identifier("gridmap", form.table),
                details=sql.SQL("INNER JOIN {d} AS d ON d.{k} = t.{k} AND d.in_force @> gridmap.today()").format(
                    d=sql.Identifier("gridmap", form.details), k=sql.Identifier(form.key)
                )
                if form.details
                else sql.SQL(""),
                own=sql.SQL("t.in_force @> gridmap.today()" if form.versioned else "true"),
            )
        )
        rows = [as_written(columns, tuple(row)) for row in cursor.fetchall()]
    titles = [column.title.zh for column in columns]
    header = [*titles, *(["经度", "纬度", "申报区域代码"] if form.reported_column else ["经度", "纬度"])]
    file = MemoryFile(header, [row[: len(header)] for row in rows])
    options = ImportOptions(kind=kind, crs="cgcs2000")
    plan = plan_import(city, layer_id, file, file_name="a.xlsx", sha256="0" * 64, options=options)
    assert [change.fields for change in plan.report.changes] == []
    assert (plan.report.counts["same"], plan.report.counts["refused"]) == (len(rows), 0)
    assert rows


def as_written(columns, row):
    """Return values as an export writes them: words for codes, yes and no, days as text, six decimals of a degree."""
    values = []
    for column, value in zip(columns, row, strict=False):
        if value is None:
            values.append(None)
        elif column.codes:
            values.append(column.codes[str(value)].zh)
        elif column.type == "boolean":
            values.append("是" if value else "否")
        else:
            values.append(str(value))
    *_, lon, lat, reported = row
    return [*values, f"{lon:.6f}", f"{lat:.6f}", reported]
