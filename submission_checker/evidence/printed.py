"""How LoadGen prints numbers, and when two printed numbers can stem from one value.

Floating values in the detail log and most of the summary carry six significant digits (the C++
stream default); rates in the summary are fixed with two decimals
(mlcommons/inference@v5.1:loadgen/logging.h, utils.cc DoubleToString). Integers are exact.
"""

from __future__ import annotations

import math

DIGITS = 6
TWO_DECIMALS_TOLERANCE = 0.0051
"""Half a unit of the second decimal, and a little for binary fractions."""

SIX_DIGITS_TOLERANCE = 6e-6
"""Relative: half a unit of the sixth digit, at most 5e-6, and a little."""


def six_digits(value: float) -> str:
    """Return a value as a C++ stream prints it: six significant digits, no trailing zeros."""
    return f"{value:.{DIGITS}g}"


def same_six_digits(one: float, other: float) -> bool:
    """Return whether two values print alike with six significant digits."""
    return six_digits(one) == six_digits(other)


def significant_digits(value: float) -> int:
    """Return how many of its six digits a printed value shows: trailing zeros are not written."""
    return len(f"{abs(value):.{DIGITS - 1}e}".partition("e")[0].replace(".", "").rstrip("0"))


def printed_interval(value: float) -> tuple[float, float]:
    """Return the least and greatest values that print as ``value`` with six significant digits.

    Half a unit of the sixth digit on either side; below a power of ten the unit is ten times
    smaller. For 0 the interval is (0, 0). The bounds are ordered for negative values too.

    Raises:
        ValueError: the value is not finite.
    """
    if not math.isfinite(value):
        raise ValueError(f"not a finite number: {value}")
    if value == 0.0:
        return 0.0, 0.0
    mantissa, _, exponent = f"{abs(value):.{DIGITS - 1}e}".partition("e")
    half = 0.5 * 10.0 ** (int(exponent) - (DIGITS - 1))
    below = half / 10.0 if float(mantissa) == 1.0 else half
    low, high = abs(value) - below, abs(value) + half
    return (low, high) if value > 0 else (-high, -low)


def in_printed_interval(exact: float, printed: float, slack: float = 0.0) -> bool:
    """Return whether ``exact`` can print as ``printed``, with a relative slack beyond that."""
    low, high = printed_interval(printed)
    more = slack * abs(printed)
    return low - more <= exact <= high + more


def two_decimals_tolerance(value: float) -> float:
    """Return by how much a two-decimals line may differ from a six-digits value."""
    return TWO_DECIMALS_TOLERANCE + SIX_DIGITS_TOLERANCE * abs(value)


def same_two_decimals(line: float, value: float) -> bool:
    """Return whether a two-decimals line and a six-digits value can stem from one number."""
    return abs(line - value) <= two_decimals_tolerance(value)
