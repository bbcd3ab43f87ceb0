"""The glossary holds every coded value that the database allows."""

import re

import pytest

from gridmap import glossary
from gridmap.db.session import transaction

CHECKED = [
    ("finding", "certainty", "certainty"),
    ("finding", "severity", "severity"),
    ("finding", "status", "finding_status"),
    ("finding", "gone_reason", "gone_reason"),
    ("finding_event", "event", "finding_event"),
    ("village", "programme", "programme"),
    ("village", "placed_by", "placed_by"),
    ("placement", "basis", "placement_basis"),
    ("duty", "role", "duty_role"),
    ("zone_draft", "state", "draft_state"),
    ("draft_event", "event", "draft_event"),
    ("random_draw", "state", "random_draw_state"),
    ("inspection", "kind", "inspection_kind"),
    ("case_file", "source", "case_source"),
]


@pytest.mark.parametrize(("table", "column", "group"), CHECKED)
def test_coded_values_of_the_database_are_terms(conn, table, column, group):
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conrelid = %s::regclass "
            "AND contype = 'c' AND conkey = ARRAY[(SELECT attnum FROM pg_attribute "
            "WHERE attrelid = conrelid AND attname = %s)]",
            [f"gridmap.{table}", column],
        )
        values = set(re.findall(r"'([a-z_]+)'::text", " ".join(row.text for row in cursor.fetchall())))
    assert values == set(glossary.terms()[group])


def test_zone_kinds_are_terms_with_the_same_words(conn):
    with transaction(conn) as cursor:
        cursor.execute("SELECT kind, name_zh, name_en FROM gridmap.zone_kind")
        rows = {row.kind: {"zh": row.name_zh, "en": row.name_en} for row in cursor.fetchall()}
    assert rows == glossary.terms()["zone_kind"]


def test_an_unknown_identifier_stands_for_itself():
    assert glossary.word("certainty", "surely", "zh") == "surely"
    assert glossary.word("certainty", "breach", "en") == "breach"


def test_site_kinds_are_terms_with_the_same_words(conn):
    with transaction(conn) as cursor:
        cursor.execute("SELECT kind, name_zh, name_en FROM gridmap.site_kind")
        rows = {row.kind: {"zh": row.name_zh, "en": row.name_en} for row in cursor.fetchall()}
    assert rows == glossary.terms()["site_kind"]
