"""The random draw: the same record gives the same result, every number is right, nobody checks whom he must not."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import math
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.domain import draw_record, random_draw
from gridmap.domain.draw_record import FixedList
from gridmap.domain.random_draw import Amount, Conflict, Fixed, Inspector, Late, Site, Stratum, draw

DAY = dt.date(2020, 10, 15)
COUNTIES = ("410181", "410182")


def sites_of(number, strata=("a",), counties=COUNTIES[:1]):
    cycle = itertools.cycle(itertools.product(strata, counties))
    return tuple(Site(f"S{n}", *next(cycle), "machine", f"演示{n}") for n in range(number))


def strata_of(sites, amount):
    return tuple(Stratum(name, Amount(amount), size) for name, size in Counter(one.stratum for one in sites).items())


def inspectors_of(number, counties=COUNTIES[:1]):
    return tuple(Inspector(f"inspector-{n}", f"检查岗-{n}", counties) for n in range(number))


@st.composite
def worlds(draw_from):
    """Lists of every shape, with conflicts and with what changed since."""
    sites = sites_of(draw_from(st.integers(1, 25)), ("a", "b", "c"), COUNTIES)
    people = [
        Inspector(f"i{n}", f"检查岗-{n}", tuple(draw_from(st.sampled_from([COUNTIES[:1], COUNTIES[1:], COUNTIES]))))
        for n in range(draw_from(st.integers(0, 7)))
    ]
    amount = draw_from(st.sampled_from(["1", "3", "100", "0.01%", "10%", "33.33%", "100%"]))
    pairs = [(site.id, one.id) for site in sites for one in people]
    barred = draw_from(st.lists(st.sampled_from(pairs), max_size=20, unique=True)) if pairs else []
    late = Late(
        dict.fromkeys(draw_from(st.lists(st.sampled_from([site.id for site in sites]), max_size=5)), "2020-10-14"),
        frozenset((one.id, COUNTIES[0]) for one in people[:1]) if draw_from(st.booleans()) else frozenset(),
        tuple(Conflict(*pair, "declared", "亲属") for pair in barred[::2]),
    )
    fixed = Fixed(
        strata_of(sites, amount),
        sites,
        tuple(people),
        tuple(Conflict(*pair, "declared", "亲属") for pair in barred[1::2]),
        draw_from(st.integers(1, 3)),
        draw_from(st.sampled_from(["0", "20", "33.3", "100"])),
    )
    return fixed, late, draw_from(st.text(alphabet="0123456789abcdef", min_size=1, max_size=8))


def loads(result):
    return Counter(each for one in result.drawn for each in one.inspectors)


@given(worlds())
@settings(max_examples=60)
def test_every_number_is_right_and_nobody_gets_what_he_must_not(world):
    fixed, late, seed = world
    result = draw(fixed, seed, late)
    barred = {(each.site, each.inspector) for each in (*fixed.conflicts, *late.conflicts)}
    counties = {one.id: one.counties for one in fixed.inspectors}
    sites = {one.id: one for one in fixed.sites}
    out = {one.site for one in result.excluded}
    assert set(late.closed) <= out
    for stratum in fixed.strata:
        mine = [one for one in result.drawn if one.stratum == stratum.id]
        there = [one for one in fixed.sites if one.stratum == stratum.id and one.id not in out]
        assert len(mine) == min(stratum.number, len(there))
        assert not there or mine
    for one in result.drawn:
        assert one.site not in out
        assert len(set(one.inspectors)) == fixed.team
        for each in one.inspectors:
            assert (one.site, each) not in barred
            assert sites[one.site].county in counties[each]
            assert (each, sites[one.site].county) not in late.left
    assert sum(one.is_off_hours for one in result.drawn) == math.ceil(
        len(result.drawn) * Fraction(fixed.off_hours_pct) / 100
    )
    assert [one.number for one in result.drawn] == list(range(1, len(result.drawn) + 1))


@given(worlds(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_what_is_given_makes_no_difference_and_the_record_draws_it_again(world, shuffler):
    fixed, late, seed = world
    mixed = replace(
        fixed,
        **{
            name: tuple(shuffler.sample(getattr(fixed, name), len(getattr(fixed, name))))
            for name in ("sites", "strata", "inspectors", "conflicts")
        },
    )
    assert draw(mixed, seed, late) == draw(fixed, seed, late)
    listed, others = (FixedList(DAY, "public", "当日开奖号码", "kinds=machine", each) for each in (fixed, mixed))
    assert draw_record.write_list(others) == draw_record.write_list(listed)
    record = record_of(listed, seed, late)
    again, result = draw_record.verify(record, record["list_sha256"].upper())
    assert result == draw(fixed, seed, late)
    assert draw_record.write_list(again) == record["list"]


def record_of(listed, seed, late=random_draw.NOTHING_LATE):
    text, changes = draw_record.write_list(listed), draw_record.write_late(late)
    result = draw_record.write_result(draw(listed.fixed, seed, late))
    total = random_draw.sha256(text)
    return {
        "list": text,
        "list_sha256": total,
        "seed": seed,
        "late": changes,
        "result": result,
        "record_sha256": draw_record.record_sha256(total, seed, changes, result),
    }


@given(st.integers(1, 30), st.integers(2, 8), st.integers(1, 2), st.text("0123456789", min_size=1))
@settings(max_examples=60)
def test_without_conflicts_loads_differ_by_one_at_most(number, people, team, seed):
    sites = sites_of(number)
    result = draw(Fixed(strata_of(sites, "100%"), sites, inspectors_of(people), (), team), seed)
    load = loads(result)
    every = [load[one.id] for one in inspectors_of(people)]
    assert max(every) - min(every) <= 1
    assert sum(every) == number * team


@given(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8), st.text("0123456789", min_size=1))
@settings(max_examples=60)
def test_with_conflicts_no_other_sharing_out_is_more_even(pairs, seed):
    """Against all ways there are to give four sites to pairs of four inspectors."""
    sites, people = sites_of(4), inspectors_of(4)
    conflicts = tuple(Conflict(f"S{site}", f"inspector-{each}", "declared", "亲属") for site, each in pairs)
    fixed = Fixed(strata_of(sites, "100%"), sites, people, conflicts)
    result = draw(fixed, seed)
    allowed = random_draw.teams(fixed)
    ways = itertools.product(*(itertools.combinations(allowed[one.site], 2) for one in result.drawn))
    best = min(sum(n * n for n in Counter(itertools.chain(*way)).values()) for way in ways)
    assert sum(n * n for n in loads(result).values()) == best


def test_what_a_third_party_computes_by_hand_is_what_is_drawn():
    """Nothing but a SHA-256 tool and sorting, as the certificate tells it."""
    sites, people = sites_of(10), inspectors_of(3)
    result = draw(Fixed(strata_of(sites, "25%"), sites, people, (), 2, "50"), "05 11 17")
    sum_of = lambda text: hashlib.sha256(text.encode()).hexdigest()  # noqa: E731  one word for one thing
    order = sorted((site.id for site in sites), key=lambda each: sum_of(f"05 11 17:site:{each}"))[:3]
    assert [one.site for one in result.drawn] == order
    first = sorted((one.id for one in people), key=lambda each: sum_of(f"05 11 17:inspector:{order[0]}:{each}"))[:2]
    assert result.drawn[0].inspectors == tuple(sorted(first))
    off = sorted(order, key=lambda each: sum_of(f"05 11 17:off_hours:{each}"))[:2]
    assert {one.site for one in result.drawn if one.is_off_hours} == set(off)


def test_one_byte_of_the_seed_changes_what_is_drawn():
    sites = sites_of(200)
    fixed = Fixed(strata_of(sites, "10%"), sites, inspectors_of(6))
    results = {draw(fixed, f"2020-10-15 0{n}").drawn for n in range(10)}
    assert len(results) == 10


def test_over_many_seeds_each_is_drawn_about_as_often():
    """Chi-square of 20 sites and of the 10 pairs of 5 inspectors over 2,000 seeds: below what chance exceeds once in 10,000."""
    sites, people = sites_of(20), inspectors_of(5)
    fixed = Fixed(strata_of(sites, "1"), sites, people, (), 2, "0")
    drawn = [draw(fixed, str(n)).drawn[0] for n in range(2000)]
    for counted, classes, limit in (
        (Counter(one.site for one in drawn), 20, 52.4),
        (Counter(one.inspectors for one in drawn), 10, 33.7),
    ):
        assert len(counted) == classes
        expected = 2000 / classes
        assert sum((n - expected) ** 2 / expected for n in counted.values()) < limit


@pytest.mark.parametrize(
    ("amount", "size", "number"),
    [("15%", 40, 6), ("15%", 41, 7), ("0.01%", 3, 1), ("100%", 7, 7), ("3", 2, 2), ("33.33%", 3, 1), ("10%", 0, 0)],
)
def test_shares_are_rounded_up(amount, size, number):
    assert Amount(amount).of(size) == number


@pytest.mark.parametrize(
    "amount", ["0", "0%", "-1", "100.01%", "nan", "nan%", "inf", "1.5", "", "%", "ten", "1/3", "1e2%", "1.234%"]
)
def test_what_is_no_amount_is_refused(amount):
    with pytest.raises(ValueError, match="amount"):
        Amount(amount).of(10)


@pytest.mark.parametrize("seed", ["", "  ", "a\nb", "a\x00b", "9" * 201])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(ValueError, match="seed"):
        draw(Fixed((), (), ()), seed)


def test_a_list_of_nothing_draws_nothing():
    assert draw(Fixed((), (), ()), "1") == random_draw.Result((), ())


def test_whoever_is_barred_from_a_site_by_all_is_told():
    sites, people = sites_of(2), inspectors_of(2)
    conflicts = (Conflict("S1", "inspector-0", "declared", "亲属"),)
    result = draw(Fixed(strata_of(sites, "100%"), sites, people, conflicts), "1")
    assert [one.site for one in result.drawn] == ["S0"]
    assert [(one.site, one.reason) for one in result.excluded] == [("S1", "no_team")]


@pytest.mark.parametrize(
    ("name", "was", "becomes", "told"),
    [
        ("list", "演示1", "演示2", "list was changed"),
        ("seed", "7", "8", "draws something else"),
        ("result", "regular", "off_hours", "draws something else"),
        ("result", "drawn\t1", "drawn\tx", "draws something else|invalid literal"),
        ("late", "", "closed\tS0\t2020-10-14\n", "draws something else"),
        ("late", "", "nonsense\n", "unknown among the changes"),
        ("record_sha256", "", "0", "own SHA-256"),
        ("list_sha256", "", "0", "list was changed"),
    ],
)
def test_a_record_that_was_tampered_with_is_told_of(name, was, becomes, told):
    sites = sites_of(3)
    listed = FixedList(DAY, "machine", "", "", Fixed(strata_of(sites, "100%"), sites, inspectors_of(2)))
    record = record_of(listed, "7")
    record[name] = record[name].replace(was, becomes, 1) if was else becomes + record[name]
    with pytest.raises(ValueError, match=told):
        draw_record.verify(record)


def test_another_list_than_the_published_one_is_told_of():
    sites = sites_of(3)
    listed = FixedList(DAY, "machine", "", "", Fixed(strata_of(sites, "100%"), sites, inspectors_of(2)))
    with pytest.raises(ValueError, match="another list"):
        draw_record.verify(record_of(listed, "7"), "0" * 64)
    with pytest.raises(ValueError, match="no record"):
        draw_record.verify({})


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("gridmap random draw 1", "gridmap random draw 2", "does not begin"),
        ("team\t2\n", "", "no line 'team'"),
        ("\t3\t3\n", "\t3\t2\n", "100% of 3 is 3, not 2"),
        ("\ta\t410181", "\tz\t410181", "does not have"),
        ("\t3\t3\n", "\t4\t4\n", "has 3 sites"),
        ("site\tS1\t", "site\tS0\t", "twice"),
        ("site\tS1\t", "sight\tS1\t", "line 11 of the list"),
    ],
)
def test_a_list_that_does_not_hold_together_is_told_of(was, becomes, told):
    sites = sites_of(3)
    listed = FixedList(DAY, "machine", "", "", Fixed(strata_of(sites, "100%"), sites, inspectors_of(2)))
    text = draw_record.write_list(listed)
    assert was in text
    with pytest.raises(ValueError, match=told):
        draw_record.read_list(text.replace(was, becomes, 1))


def test_tabs_and_lines_in_a_name_stay_out_of_the_list():
    assert draw_record.plain(" 演\t示\n厂\x00 ") == "演 示 厂"
