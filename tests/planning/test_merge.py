"""Two planners' work: nothing of either is lost where their parts do not touch, and who is asked first does not count."""

import dataclasses

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon

from gridmap.domain.draft import Content
from gridmap.planning.merge import merge
from tests.builders import degrees

# places far enough apart that what is drawn at one never touches what is drawn at another
PLACES = st.integers(0, 5)
# to the metre: what differs by the last bit of a float is the same place to a planner
SIZES = st.integers(100, 1500).map(lambda metres: metres / 1000)
UNITS = [f"4101811{n:02d}201" for n in range(6)]


def part(place, size, shift=0.0):
    return degrees(shapely.box(place * 3 + shift, 0, place * 3 + shift + size, size))


def content(parts, units_in=(), units_out=()):
    wkb = shapely.to_wkb(MultiPolygon([part(*each) for each in parts])) if parts else None
    return Content(wkb, tuple(units_in), tuple(units_out))


def keys(found):
    if found.boundary_wkb is None:
        return set()
    return {shapely.normalize(each).wkb for each in shapely.from_wkb(found.boundary_wkb).geoms}


def units(found):
    return {*((code, "in") for code in found.units_in), *((code, "out") for code in found.units_out)}


drawn = st.dictionaries(PLACES, SIZES, max_size=6)
listed = st.dictionaries(st.sampled_from(UNITS), st.sampled_from(["in", "out"]), max_size=4)


def as_content(sizes, sides):
    return content(
        sorted(sizes.items()),
        sorted(code for code, side in sides.items() if side == "in"),
        sorted(code for code, side in sides.items() if side == "out"),
    )


@given(drawn, drawn, drawn, listed, listed, listed)
@settings(max_examples=150, deadline=None)
def test_nothing_that_one_side_alone_changed_is_lost(base, mine, theirs, base_units, my_units, their_units):
    contents = as_content(base, base_units), as_content(mine, my_units), as_content(theirs, their_units)
    found = merge(*contents)
    asked = {round(_place_of(each.lon)) for each in found.conflicts if each.what == "part"}
    expected = {}
    for place in range(6):
        was, my, other = (sizes.get(place) for sizes in (base, mine, theirs))
        if my != was and other not in (was, my):
            assert place in asked
            expected[place] = was
        else:
            assert place not in asked
            expected[place] = other if my == was else my
    assert keys(found.content) == keys(content([(p, size) for p, size in expected.items() if size is not None]))
    for code in UNITS:
        was, my, other = (sides.get(code) for sides in (base_units, my_units, their_units))
        now = dict(units(found.content)).get(code)
        if my == was or other in (was, my):
            assert now == (other if my == was else my)
        else:
            assert now == was
            assert code in {each for conflict in found.conflicts for each in conflict.codes}


def _place_of(lon):
    west = shapely.get_coordinates(part(0, 1.0))[:, 0].min()
    step = shapely.get_coordinates(part(1, 1.0))[:, 0].min() - west
    return int((lon - west) / step)


@given(drawn, drawn, drawn, listed, listed, listed)
@settings(max_examples=100, deadline=None)
def test_it_is_the_same_whoever_asks(base, mine, theirs, base_units, my_units, their_units):
    was, my, other = as_content(base, base_units), as_content(mine, my_units), as_content(theirs, their_units)
    one, two = merge(was, my, other), merge(was, other, my)
    assert (one.content, one.conflicts) == (two.content, two.conflicts)
    assert (one.from_mine, one.from_theirs) == (two.from_theirs, two.from_mine)
    chosen = {conflict.conflict_id: "mine" for conflict in one.conflicts}
    turned = {conflict.conflict_id: "theirs" for conflict in one.conflicts}
    settled = merge(was, my, other, chosen)
    assert settled.conflicts == ()
    assert settled.content == merge(was, other, my, turned).content
    assert keys(settled.content) >= {
        key for key in keys(my) - keys(was) if key not in keys(other)
    }  # all that is new of mine


def test_no_coordinate_is_computed_and_unchanged_work_is_as_it_was():
    base = content([(0, 1.0), (1, 1.0)])
    mine, theirs = content([(0, 1.2345), (1, 1.0)]), content([(0, 1.0), (1, 0.777), (3, 1.1)])
    found = merge(base, mine, theirs)
    assert found.conflicts == ()
    assert keys(found.content) == (keys(mine) - keys(base)) | (keys(theirs) - keys(base))
    assert (found.from_mine, found.from_theirs) == (1, 2)
    assert keys(merge(base, mine, base).content) == keys(mine)
    assert keys(merge(base, base, theirs).content) == keys(theirs)
    assert merge(base, mine, mine).conflicts == ()


def test_new_parts_that_touch_are_asked_about_with_their_place():
    base = content([(0, 1.0)])
    mine, theirs = content([(0, 1.0), (2, 1.0)]), content([(0, 1.0), (2, 1.0, 1.0)])  # edge to edge
    (asked,) = merge(base, mine, theirs).conflicts
    assert shapely.union(part(2, 1.0), part(2, 1.0, 1.0)).contains(shapely.Point(asked.lon, asked.lat))
    assert keys(merge(base, mine, theirs, {asked.conflict_id: "mine"}).content) == keys(mine)
    assert keys(merge(base, mine, theirs, {asked.conflict_id: "theirs"}).content) == keys(theirs)


def test_a_village_and_its_township_are_one_question():
    base, village, township = content([(0, 1.0)]), UNITS[0], UNITS[0][:9]
    mine = dataclasses.replace(base, units_in=(village,))
    theirs = dataclasses.replace(base, units_out=(township,))
    (asked,) = merge(base, mine, theirs).conflicts
    assert (asked.what, asked.codes) == ("unit", (township, village))
    other = dataclasses.replace(base, units_out=(UNITS[1],))
    found = merge(base, mine, other)
    assert found.conflicts == ()
    assert units(found.content) == {(village, "in"), (UNITS[1], "out")}


def test_notes_of_units_go_with_them():
    base = content([(0, 1.0)])
    mine = Content(base.boundary_wkb, (UNITS[0],), (), {UNITS[0]: "沿河三组"})
    assert merge(base, mine, base).content.unit_notes == {UNITS[0]: "沿河三组"}
