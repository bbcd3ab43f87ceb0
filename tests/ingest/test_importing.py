"""Ledgers come in: every row judged first, all or nothing, and back again."""

import pytest

from gridmap.db.session import transaction
from gridmap.ingest.importing import ImportOptions, apply_import, plan_import, undo_import
from tests import builders
from tests.ingest.incoming_file import MemoryFile
import shapely


def lonlat(x, y):
    p = builders.degrees(shapely.Point(x, y))
    return p.x, p.y


HEADER = ["编号", "企业名称", "行业", "县（市、区）", "经度", "纬度", "备注"]


@pytest.fixture
def land(conn):
    with transaction(conn) as cursor:
        builders.add_region(cursor, "410181", "county", builders.box(0, 0, 10, 10), name="巩义市")
        builders.add_region(cursor, "410182", "county", builders.box(10, 0, 20, 10), name="荥阳市")
    return conn


def row(number, x, y, name="厂", industry="铸造", county="巩义市", note=None):
    return (f"e-{number}", f"{name}{number}", industry, county, *lonlat(x, y), note)


def plan(conn, rows, header=HEADER, sha="0" * 64, **options):
    return plan_import(
        conn,
        "site",
        MemoryFile(header, rows),
        file_name="a.xlsx",
        sha256=sha,
        options=ImportOptions(kind="enterprise", **options),
    )


def counts(p):
    return {k: v for k, v in p.report.counts.items() if v and k != "read"}


def test_round(land):
    p = plan(land, [row(1, 1, 1), row(2, 2, 2)])
    print(p.report)
    assert counts(p) == {"new": 2}
    b = apply_import(land, p)
    assert plan(land, [row(1, 1, 1), row(2, 2, 2)]).report.has_changes is False
    q = plan(land, [row(1, 1.5, 1), row(2, 2, 2, name="新厂", industry="化工")])
    print(q.report.changes)
    assert counts(q) == {"moved": 1, "changed": 1}
    import datetime as dt

    q = plan(land, [row(1, 1.5, 1), row(2, 2, 2, name="新厂", industry="化工")], on=dt.date(2030, 1, 1))
    b2 = apply_import(land, q)
    with transaction(land) as c:
        c.execute(
            "select site_id,name,in_force,industry from gridmap.site join gridmap.enterprise using(site_id) order by 1,3"
        )
        print(c.fetchall())
        c.execute("select * from gridmap.import_batch_row")
        for r in c.fetchall():
            print(r)
        c.execute("select * from gridmap.change")
        print(c.fetchall())
    from gridmap.errors import ConflictError

    with pytest.raises(ConflictError) as e:
        undo_import(land, b)
    print(e.value)
    undo_import(land, b2)
    assert counts(plan(land, [row(1, 1, 1), row(2, 2, 2)])) == {"same": 2}
    undo_import(land, b)
    assert counts(plan(land, [row(1, 1, 1), row(2, 2, 2)])) == {"new": 2}
    assert 0
