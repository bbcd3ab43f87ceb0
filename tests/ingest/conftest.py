"""A world of two counties for ledgers to lie in."""

import pytest

from gridmap.db.session import transaction
from tests import builders


@pytest.fixture
def land(conn):
    """Return a connection to a world of two counties side by side, one with a township in its west."""
    with transaction(conn) as cursor:
        cursor.execute("UPDATE gridmap.setting SET today = '2020-10-15'")
        builders.add_region(cursor, "410181", "county", builders.box(0, 0, 10, 10), name="巩义市", error_m=20)
        builders.add_region(cursor, "410182", "county", builders.box(10, 0, 20, 10), name="荥阳市", error_m=20)
        builders.add_region(cursor, "410181113", "township", builders.box(0, 0, 4, 10), parent="410181", name="回郭镇")
    return conn
