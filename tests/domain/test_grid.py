"""Grid codes: each point has exactly one square, and Python and the database say which alike."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gridmap.db.session import Connection
from gridmap.domain import grid
from gridmap.errors import UserError

# PostgreSQL refuses to divide a number that is all but 0 (underflow); no position is known to less than a micrometre
METRES = st.one_of(st.just(0.0), st.floats(min_value=1e-6, max_value=99_999_999, allow_nan=False))
KM = st.integers(min_value=0, max_value=99_999)
# corners and edges of squares, and the floats just beside them
EDGE = KM.flatmap(
    lambda km: st.sampled_from([km * 1000.0, km * 1000.0 + 1e-6, max(0.0, km * 1000.0 - 1e-6), km * 1000 + 0.5])
)


@given(METRES | EDGE, METRES | EDGE)
@example(459_000.0, 3_846_000.0)
@example(459_999.9999999999, 3_846_000.0)
def test_a_point_lies_in_its_square_and_in_no_neighbour(x: float, y: float) -> None:
    key = grid.cell_of(x, y)
    east, north = grid.kilometres(key)
    holding = [
        (e, n)
        for e in (east - 1, east, east + 1)
        for n in (north - 1, north, north + 1)
        if e >= 0 and n >= 0 and max(e, n) < 100_000
        for west, south, right, top in [grid.bounds(grid.key_of(e, n))]
        if west <= x < right and south <= y < top
    ]
    assert holding == [(east, north)]


@given(KM, KM)
def test_code_key_and_bounds_round_trip(east: int, north: int) -> None:
    key = grid.key_of(east, north)
    assert grid.parse(grid.code_of(key)) == key
    west, south, right, top = grid.bounds(key)
    assert grid.cell_of(west, south) == key
    assert (right - west, top - south) == (grid.CELL_M, grid.CELL_M)
    assert grid.cell_of((west + right) / 2, (south + top) / 2) == key


def test_code_reads_as_kilometres() -> None:
    assert grid.code_of(grid.cell_of(459_123.4, 3_846_999.9)) == "E459N3846"


@pytest.mark.parametrize(
    "code", ["", "E459", "E459N", "N3846E459", "E0459N3846", "e459n3846", "E459N3846 ", "E-1N2", "E123456N1"]
)
def test_other_codes_are_refused(code: str) -> None:
    with pytest.raises(UserError, match="1 km square"):
        grid.parse(code)


@pytest.mark.parametrize(("x", "y"), [(float("nan"), 1.0), (1.0, float("inf")), (-0.1, 5.0), (5.0, 1e8)])
def test_positions_outside_the_grid_are_refused(x: float, y: float) -> None:
    with pytest.raises(UserError, match=r"metres|outside"):
        grid.cell_of(x, y)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(METRES | EDGE, METRES | EDGE), min_size=1, max_size=200))
def test_the_database_counts_alike(conn: Connection, points: list[tuple[float, float]]) -> None:
    with conn.cursor() as cursor:
        cursor.execute(
            "SELECT gridmap.cell_key_m(x, y) "
            "FROM unnest(%s::float8[], %s::float8[]) WITH ORDINALITY AS p (x, y, place) ORDER BY place",
            [[x for x, _ in points], [y for _, y in points]],
        )
        assert [row[0] for row in cursor.fetchall()] == [grid.cell_of(x, y) for x, y in points]


PARENTS = st.one_of(st.from_regex(r"[1-9][0-9]{8}", fullmatch=True), st.from_regex(r"[1-9][0-9]{11}", fullmatch=True))


@given(PARENTS, st.sets(st.integers(1, 999), max_size=20), st.integers(0, 50))
def test_codes_have_fifteen_digits_follow_one_another_and_are_never_given_twice(
    parent: str, numbers: set[int], count: int
) -> None:
    prefix = grid.unit_prefix(parent)
    used = [f"{prefix}{number:03d}" for number in numbers]
    elsewhere = ["410181113", f"{prefix[:-1]}{(int(prefix[-1]) + 1) % 10}999", f"{parent}-01"]
    if max(numbers, default=0) + count > grid.MOST_UNITS:
        with pytest.raises(UserError, match="larger cells"):
            grid.next_unit_codes(parent, used + elsewhere, count)
        return
    codes = grid.next_unit_codes(parent, used + elsewhere, count)
    assert len(set(codes)) == count and codes == sorted(codes)
    assert all(len(code) == 15 and grid.is_unit_code(code) and code.startswith(parent) for code in codes)
    assert not set(codes) & set(used)
    assert [int(code[12:]) for code in codes] == list(
        range(max(numbers, default=0) + 1, max(numbers, default=0) + 1 + count)
    )


def test_a_unit_cell_under_a_township_has_three_noughts_for_the_village() -> None:
    assert grid.next_unit_codes("410181113", [], 1) == ["410181113000001"]
    assert grid.next_unit_codes("410181113201", [], 1) == ["410181113201001"]


@pytest.mark.parametrize(
    "parent", ["410181", "410100", "T2000-410181103", "41018111A", "４１０１８１１１３", "", "410181113000001"]
)
def test_other_cells_have_no_unit_cells(parent: str) -> None:
    with pytest.raises(UserError, match="township"):
        grid.next_unit_codes(parent, [], 1)


CENTRES = st.lists(
    st.tuples(st.floats(400_000, 410_000), st.floats(3_800_000, 3_810_000)), unique=True, min_size=1, max_size=30
)


@given(CENTRES, st.integers(1, 4), st.randoms())
def test_cells_are_read_like_a_page_whatever_order_they_come_in(centres, size_km, dice) -> None:  # type: ignore[no-untyped-def]
    band_m = size_km * 1000.0
    order = grid.reading_order(centres, band_m)
    assert sorted(order) == list(range(len(centres)))
    placed = [(-(round(y) // band_m), round(x)) for x, y in (centres[position] for position in order)]
    assert placed == sorted(placed)
    mixed = list(centres)
    dice.shuffle(mixed)
    metres = {(round(x), round(y)) for x, y in centres}
    if len(metres) == len(centres):
        again = [mixed[position] for position in grid.reading_order(mixed, band_m)]
        assert again == [centres[position] for position in order]


def test_north_west_comes_first_then_east_then_the_next_band() -> None:
    corners = [(459_500, 3_845_500), (460_500, 3_846_500), (459_500, 3_846_500), (460_500, 3_845_500)]
    assert grid.reading_order(corners) == [2, 1, 0, 3]


@given(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda p: (p[0] * 250.0, p[1] * 250.0)),
    st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda p: (p[0] * 250.0, p[1] * 250.0)),
)
def test_the_squares_a_box_touches_are_those_shapely_finds(corner, size):
    west, south = corner
    box = west, south, west + size[0], south + size[1]
    squares = [grid.key_of(east, north) for east in range(16) for north in range(16)]
    assert set(grid.touching(*box)) == {
        key for key in squares if shapely.intersects(shapely.box(*grid.bounds(key)), shapely.box(*box))
    }
