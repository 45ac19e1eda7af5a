"""Bounds from printed percentiles, against the sorted values themselves."""

from hypothesis import given
from hypothesis import strategies as st

from submission_checker.evidence.order_statistics import (
    fits,
    order_statistics,
    over_bounds,
    percentile_index,
    value_bounds,
)

FRACTIONS = (0.5, 0.9, 0.95, 0.97, 0.99, 0.999)
VALUES = st.lists(st.integers(0, 1000), min_size=1, max_size=300).map(sorted)


def known_of(values):
    return order_statistics(
        len(values), values[0], values[-1],
        [(f, values[percentile_index(len(values), f)]) for f in FRACTIONS],
    )


@given(VALUES, st.integers(0, 1000))
def test_bounds_hold_the_true_count(values, target):
    least, most = over_bounds(len(values), target, known_of(values))
    assert least <= sum(value > target for value in values) <= most


@given(VALUES, st.data())
def test_bounds_hold_the_true_value(values, data):
    index = data.draw(st.integers(0, len(values) - 1))
    assert fits(index, values[index], known_of(values))
    low, high = value_bounds(index, known_of(values))
    assert not fits(index, low - 1, known_of(values))
    assert not fits(index, high + 1, known_of(values))


def test_percentile_index_is_loadgens_product():
    assert [percentile_index(10, f) for f in (0.5, 0.9, 0.99)] == [5, 9, 9]
    assert percentile_index(100, 0.97) == 97
    assert percentile_index(1, 0.999) == 0


def test_nothing_known_leaves_everything_open():
    assert over_bounds(7, 5, ()) == (0, 7)
    assert value_bounds(3, ()) == (None, None)
