"""Fields of a site's record: every column is described, and none that may be empty leaves a reader with a dash."""

import pytest

from gridmap.db.session import transaction
from gridmap.domain.site_field import OF_SITE, fields
from gridmap.inspecting.site_file import PARTS

NOT_SHOWN = {"site_id", "in_force", "recorded_at"}


def test_every_column_of_every_typed_table_is_described(conn):
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT c.relname AS name, a.attname AS field, a.attnotnull AS is_sure FROM pg_attribute AS a "
            "INNER JOIN pg_class AS c ON c.oid = a.attrelid AND c.relnamespace = 'gridmap'::regnamespace "
            "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relname = ANY(ARRAY(SELECT kind FROM gridmap.site_kind) || %s)",
            [list(PARTS)],
        )
        columns = [row for row in cursor.fetchall() if row.field not in NOT_SHOWN | {f"{row.name}_id"}]
    described = {(group, each.name): each for group, known in fields().items() for each in known if group != OF_SITE}
    assert {(row.name, row.field) for row in columns} == set(described)
    for row in columns:
        assert (described[row.name, row.field].none is None) == row.is_sure, (row.name, row.field)


def test_every_code_of_the_database_has_a_word(conn):
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT c.relname AS name, a.attname AS field, array_agg(DISTINCT m.found[1]) AS codes "
            "FROM pg_constraint AS k INNER JOIN pg_class AS c ON c.oid = k.conrelid "
            "INNER JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND ARRAY[a.attnum] = k.conkey "
            "CROSS JOIN LATERAL regexp_matches(pg_get_constraintdef(k.oid), '''([a-z_]+)''::text', 'g') AS m (found) "
            "WHERE k.contype = 'c' AND c.relnamespace = 'gridmap'::regnamespace AND c.relname = ANY(%s) GROUP BY 1, 2",
            [[group for group in fields() if group != OF_SITE]],
        )
        rows = cursor.fetchall()
    known = {(group, each.name): each for group, every in fields().items() for each in every}
    assert rows
    for row in rows:
        assert set(row.codes) == set(known[row.name, row.field].codes), (row.name, row.field)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_datum_is_always_a_sentence(lang):
    for group, known in fields().items():
        for each in known:
            if each.none is not None:
                assert len(each.in_words(None, lang)) > 2, (group, each.name)


def test_values_in_words():
    boiler = {each.name: each for each in fields()["boiler"]}
    assert boiler["capacity_t_h"].in_words(75.0, "zh") == "75 t/h"
    assert boiler["fuel"].in_words("gas", "en") == "natural gas"
    assert boiler["is_running"].in_words(False, "zh") == "否"
    assert fields()["machine"][1].in_words(2, "zh") == "国Ⅱ"
