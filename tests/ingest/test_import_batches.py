"""Batches of imports: taken back in order, kept to their area, whole or not at all."""

import datetime as dt

import pytest

from gridmap.db.session import connect, transaction
from gridmap.errors import ConflictError, ForbiddenError
from gridmap.ingest.importing import apply_import, undo_import
from gridmap.store import import_batches
from gridmap.store.import_batches import Importer
from tests.ingest.ledgers import GONGYI, factory, faults, plan, rows_of, told


def test_undo_gives_everything_back_in_order_or_says_who_stands_in_the_way(land):
    first = apply_import(land, plan(land, [factory(1), factory(2)]))
    before = rows_of(
        land, "SELECT s::text, e::text FROM gridmap.site AS s JOIN gridmap.enterprise AS e USING (site_id) ORDER BY 1"
    )
    second = apply_import(
        land, plan(land, [factory(1, 2), factory(3)], replace=True, on=dt.date(2021, 1, 1), sha="1" * 64)
    )
    assert rows_of(land, "SELECT closed_on FROM gridmap.site WHERE site_id = 'e-2'") == [(dt.date(2021, 1, 1),)]
    with pytest.raises(ConflictError, match=f"e-1, e-2.*batch {second} came after it"):
        undo_import(land, first)
    undo_import(land, second)
    query = "SELECT s::text, e::text FROM gridmap.site AS s JOIN gridmap.enterprise AS e USING (site_id) ORDER BY 1"
    assert rows_of(land, query) == before
    with pytest.raises(ConflictError, match="undone already"):
        undo_import(land, second)
    undo_import(land, first)
    assert rows_of(land, "SELECT count(*) FROM gridmap.site") == [(0,)]
    assert told(plan(land, [factory(1), factory(2)])) == {"new": 2}


def test_undo_never_takes_the_work_of_others_along(land):
    batch_id = apply_import(land, plan(land, [factory(1)]))
    with transaction(land) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.inspection (inspection_id, site_id, inspected_on, post) VALUES ('i', 'e-1', '2020-10-15', '岗')"
        )
    with pytest.raises(ConflictError, match=r"inspection tells of 1 objects that it brought \(e-1\)"):
        undo_import(land, batch_id)


def test_gone_is_what_a_replacing_file_lacks_in_the_counties_that_it_names(land):
    apply_import(land, plan(land, [factory(1), factory(2), factory(3, 12, county="荥阳市")]))
    assert told(plan(land, [factory(1)])) == {"same": 1}
    gone = plan(land, [factory(1)], replace=True)
    assert told(gone) == {"same": 1, "gone": 1}
    assert [(change.status, change.key) for change in gone.report.changes] == [("gone", "e-2")]
    apply_import(land, gone)
    back = plan(land, [factory(1), factory(2)], replace=True)
    assert told(back) == {"same": 1, "changed": 1}
    apply_import(land, back)
    assert rows_of(land, "SELECT closed_on FROM gridmap.site WHERE site_id = 'e-2'") == [(None,)]


def test_a_county_s_importer_touches_its_own_objects_only(land):
    apply_import(land, plan(land, [factory(1), factory(2, 12, county="荥阳市")]))
    own = plan(land, [factory(1, name="新")], importer=GONGYI)
    batch_id = apply_import(land, own)
    assert rows_of(land, f"SELECT actor, account_id, county_codes FROM gridmap.import_batch WHERE batch_id = {batch_id}") == [
        ("inspector-410181-01", 7, ["410181"]),
    ]  # fmt: skip
    for rows in ([factory(2, 12, county="荥阳市", name="改")], [factory(3, 12)], [factory(1, 12)]):
        assert "an object of your own county" in faults(plan(land, rows, importer=GONGYI))[0][2]
    assert told(plan(land, [factory(1, name="新")], importer=GONGYI, replace=True)) == {"same": 1}
    other = apply_import(land, plan(land, [factory(2, 13, county="荥阳市")], sha="2" * 64))
    with pytest.raises(ForbiddenError, match="410182"):
        undo_import(land, other, importer=GONGYI)
    undo_import(land, batch_id, importer=GONGYI)


def test_titles_said_once_are_remembered_for_the_next_file(land):
    header = ["代号", "企业名称", "行业", "县（市、区）", "经度", "纬度", "备注"]
    unknown = plan(land, [factory(1)], header, importer=GONGYI)
    assert "site_id" in unknown.report.blocking[0].en
    apply_import(land, plan(land, [factory(1)], header, mapping={"代号": "site_id"}, importer=GONGYI, crs="wgs84"))
    colleague = Importer("inspector-410181-02", 8, ("410181",))
    for importer, knows in ((GONGYI, True), (colleague, True), (Importer("bureau-01", 1), False)):
        assert plan(land, [factory(1)], header, importer=importer).report.is_clean is knows


def test_nothing_is_half_written_when_it_breaks_off(land, monkeypatch):
    planned = plan(land, [factory(1), factory(2)])
    monkeypatch.setattr(import_batches, "finish", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        apply_import(land, planned)
    for table in ("site", "enterprise", "import_batch", "import_batch_row", "import_mapping", "audit_log"):
        assert rows_of(land, f"SELECT count(*) FROM gridmap.{table} WHERE true") == [(0,)], table


def test_one_import_is_written_at_a_time(land, database_url):
    planned = plan(land, [factory(1)])
    other = connect(database_url)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [import_batches.LOCK])
        with pytest.raises(ConflictError, match="another import"):
            apply_import(land, planned)
        other.rollback()
    finally:
        other.close()
    assert apply_import(land, planned)


def test_what_changed_since_the_check_is_checked_again(land):
    apply_import(land, plan(land, [factory(1)]))
    planned = plan(land, [factory(1, name="新")], sha="1" * 64)
    with transaction(land) as cursor:
        cursor.execute("UPDATE gridmap.site SET name = '新1'")
    with pytest.raises(ConflictError, match="changed since the file was checked"):
        apply_import(land, planned)


def test_a_county_s_readers_see_the_batches_that_are_wholly_theirs(land):
    own = apply_import(land, plan(land, [factory(1)], importer=GONGYI))
    apply_import(land, plan(land, [factory(2), factory(3, 12, county="荥阳市")], sha="1" * 64))
    with transaction(land) as cursor:
        cursor.execute("SELECT set_config('gridmap.area_counties', '410181', true)")
        cursor.execute("SET LOCAL ROLE gridmap_area")
        assert [row.batch_id for row in import_batches.list_batches(cursor)] == [own]
        cursor.execute("SELECT DISTINCT object_key FROM gridmap.import_batch_row")
        assert [row.object_key for row in cursor.fetchall()] == ["e-1"]
        cursor.execute("SELECT actor FROM gridmap.import_mapping")
        assert [row.actor for row in cursor.fetchall()] == [GONGYI.actor]
        cursor.execute("RESET ROLE")


def test_the_planner_knows_of_many_rows_at_once(land):
    """The audit that follows would else be planned for an empty table."""
    apply_import(land, plan(land, [factory(number) for number in range(600)]))
    estimated = "SELECT reltuples::integer FROM pg_class WHERE oid = ANY(ARRAY['gridmap.site'::regclass, 'gridmap.enterprise'::regclass])"
    assert rows_of(land, estimated) == [(600,), (600,)]
