"""Six digits and two decimals."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission_checker.evidence.printed import (
    in_printed_interval,
    printed_interval,
    same_six_digits,
    same_two_decimals,
    significant_digits,
    six_digits,
)

FINITE = st.floats(1e-30, 1e30) | st.floats(-1e30, -1e-30)


@pytest.mark.parametrize(("value", "text"), [
    (1280530.0, "1.28053e+06"), (100.0, "100"), (0.285714285, "0.285714"), (3.5e9, "3.5e+09"),
    (24650.64, "24650.6"), (4.046181e-08, "4.04618e-08"), (0.0, "0"),
])
def test_six_digits_as_a_cpp_stream_prints(value, text):
    assert six_digits(value) == text


@given(FINITE)
def test_interval_holds_every_value_that_prints_alike(value):
    printed = float(six_digits(value))
    low, high = printed_interval(printed)
    slack = 1e-15 * abs(printed)
    assert low - slack <= value <= high + slack
    assert in_printed_interval(value, printed, 1e-14)


@given(FINITE)
def test_values_well_beyond_the_interval_print_otherwise(value):
    printed = float(six_digits(value))
    low, high = printed_interval(printed)
    width = high - low
    assert not same_six_digits(high + 0.1 * width, printed)
    assert not same_six_digits(low - 0.1 * width, printed)


def test_interval_is_narrow_below_a_power_of_ten():
    assert printed_interval(100000.0) == (99999.95, 100000.5)
    assert printed_interval(-100000.0) == (-100000.5, -99999.95)
    assert printed_interval(0.0) == (0.0, 0.0)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_interval_of_no_number_is_refused(value):
    with pytest.raises(ValueError):
        printed_interval(value)


def test_two_decimals_allow_for_both_prints():
    assert same_two_decimals(95.43, 95.4293)
    assert not same_two_decimals(95.44, 95.4293)
    assert same_two_decimals(102013.47, 102013.0)
    assert not same_two_decimals(102014.9, 102013.0)


@pytest.mark.parametrize(("value", "digits"), [
    (29.0, 2), (500.0, 1), (11947.0, 5), (16.2841, 6), (0.127524, 6), (1e-3, 1), (1234567.0, 6),
])
def test_digits_that_a_printed_value_shows(value, digits):
    assert significant_digits(value) == digits
