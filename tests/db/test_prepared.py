"""Statements are planned once per connection, and no more of them are kept than a server can bear."""

from gridmap.db import prepared


def names(cursor):
    cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE starts_with(name, 'gridmap_')")
    return cursor.fetchone()[0]


def test_a_statement_is_planned_once_for_all_lists(conn):
    with conn.cursor() as cursor:
        for ids in (["a"], ["b", "c"], []):
            select = "SELECT u.x FROM unnest(%(ids)s) AS u (x) WHERE u.x <> %(not)s"
            prepared.execute(cursor, select, {"ids": ids, "not": "c"}, listed="ids")
            assert [x for (x,) in cursor.fetchall()] == [x for x in ids if x != "c"]
        assert names(cursor) == 1


def test_other_values_are_another_statement(conn):
    with conn.cursor() as cursor:
        for number in (1, 2, 1):
            prepared.execute(cursor, "SELECT %(number)s", {"number": number})
            assert cursor.fetchone()[0] == number
        assert names(cursor) == 2


def test_the_oldest_are_let_go(conn, monkeypatch):
    monkeypatch.setattr(prepared, "MOST", 3)
    with conn.cursor() as cursor:
        for number in (1, 2, 3, 4, 1):
            prepared.execute(cursor, "SELECT %(number)s + 10", {"number": number})
            assert cursor.fetchone()[0] == number + 10
        assert names(cursor) == 3


def test_a_statement_outlives_the_transaction_that_was_undone(conn):
    with conn.cursor() as cursor:
        prepared.execute(cursor, "SELECT 7", {})
        conn.rollback()
        prepared.execute(cursor, "SELECT 7", {})
        assert cursor.fetchone()[0] == 7
