"""Squares follow a draft: after any edits they are those that building them anew gives, and few are built again."""

import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.db.session import transaction
from gridmap.store import drafts, zone_cells
from tests.builders import add_zone, box
from tests.planning.test_impact import drawn

shared = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
coordinate = st.one_of(st.integers(0, 6).map(float), st.floats(0, 6).map(lambda x: round(x, 3)))


class Undo(Exception):
    """Raised at the end of an example, so that its rows go."""


ROWS = """
SELECT cell_key, is_filled, round(clear_of_m::numeric, 6), error_m, inside_parts, edge_parts,
    piece_m IS NULL AS no_piece, ST_AsBinary(edge_m) AS edges
FROM gridmap.zone_cell WHERE zone_id = %(zone_id)s ORDER BY cell_key
"""


def draft_of(cursor, boundary, **more):
    base = add_zone(cursor, boundary=boundary, **more)
    return drafts.create(cursor, base, title="改划", author="planner-01").zone_id


def square_rows(cursor, zone_id):
    cursor.execute(ROWS, {"zone_id": zone_id})
    rows = [tuple(row) for row in cursor.fetchall()]
    edges = [None if row[-1] is None else shapely.from_wkb(bytes(row[-1])) for row in rows]
    cursor.execute("SELECT cells FROM gridmap.zone_grid WHERE zone_id = %s", [zone_id])
    return [row[:-1] for row in rows], cursor.fetchone(), edges


step = st.one_of(
    st.tuples(st.just("vertex"), st.integers(0, 40), coordinate, coordinate),
    st.tuples(st.just("island"), st.integers(0, 3), coordinate, coordinate),
    st.tuples(st.just("whole"), st.integers(3, 9), coordinate, coordinate),
)


def after(shape, action):
    """Move a vertex, add an island, or draw all anew; kilometres."""
    what, number, x, y = action
    if what == "whole":
        return shapely.Point(x, y).buffer(number / 4, quad_segs=number)
    if what == "island":
        return shapely.union(shape, shapely.box(x + 7, y, x + 7.5 + number / 3, y + 0.5))
    parts = list(shapely.get_parts(shape))
    ring = list(parts[0].exterior.coords)[:-1]
    ring[number % len(ring)] = (x, y)
    return shapely.MultiPolygon([shapely.Polygon(ring), *parts[1:]])


@shared
@given(st.lists(step, min_size=1, max_size=4), st.sampled_from([0.0, 30.0, 400.0, 2500.0, 3500.0]))
def test_squares_that_follow_a_draft_are_those_built_anew(conn, steps, error_m):
    try:
        with transaction(conn) as cursor:
            own = draft_of(cursor, box(0, 0, 4, 3), position_error_m=error_m)
            shape = shapely.box(0, 0, 4, 3)
            for action in steps:
                moved = after(shape, action)
                if moved.is_valid and moved.area > 0.01:
                    shape = moved
                drafts.write_content(cursor, own, drawn(*shapely.get_parts(shape)))
            followed = square_rows(cursor, own)
            cursor.execute("DELETE FROM gridmap.zone_cell WHERE zone_id = %s", [own])
            cursor.execute("DELETE FROM gridmap.zone_grid WHERE zone_id = %s", [own])
            assert zone_cells.build(cursor, own)
            anew = square_rows(cursor, own)
            assert followed[:2] == anew[:2]
            # where ST_Subdivide cuts a line depends on all of the boundary: the line is the same
            for kept, built in zip(followed[2], anew[2], strict=True):
                assert (kept is None) == (built is None)
                assert kept is None or shapely.hausdorff_distance(kept, built, densify=0.1) < 1e-6
            raise Undo
    except Undo:
        pass


def test_a_vertex_that_moves_leaves_squares_far_away_as_they_are(conn):
    with transaction(conn) as cursor:
        shape = shapely.segmentize(box(0, 0, 12, 3), 1.0)
        own = draft_of(cursor, shape)
        cursor.execute(
            "CREATE TEMP TABLE before ON COMMIT DROP AS "
            "SELECT ctid AS place, cell_key FROM gridmap.zone_cell WHERE zone_id = %s",
            [own],
        )
        drafts.write_content(cursor, own, drawn(*shapely.get_parts(after(shape, ("vertex", 0, 12.1, 0.1)))))
        cursor.execute(
            "SELECT count(*) FILTER (WHERE b.place IS NULL) AS built, count(*) FILTER (WHERE b.place IS NOT NULL) AS kept "
            "FROM gridmap.zone_cell AS c LEFT JOIN before AS b ON b.cell_key = c.cell_key AND b.place = c.ctid "
            "WHERE c.zone_id = %s",
            [own],
        )
        row = cursor.fetchone()
    assert row.kept > 20 and row.built > 5


def test_an_outline_changed_by_anything_else_drops_its_squares(conn):
    with transaction(conn) as cursor:
        own = draft_of(cursor, box(0, 0, 4, 3))
        drafts.write_content(cursor, own, drawn(shapely.box(0, 0, 4, 3.5)))
        cursor.execute("UPDATE gridmap.zone SET geom = ST_Multi(ST_Buffer(geom, 0.001)) WHERE zone_id = %s", [own])
        cursor.execute("SELECT count(*) FROM gridmap.zone_cell WHERE zone_id = %s", [own])
        assert cursor.fetchone()[0] == 0
