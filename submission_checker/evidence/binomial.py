"""The lower tail of the binomial distribution, stable for counts up to 10^18, without numpy.

The point probability is taken in saddle-point form (C. Loader, "Fast and accurate computation of
binomial probabilities", 2000), the tail by the continued fraction of the regularised incomplete
beta function (DLMF 8.17.22) with the modified Lentz method.
"""

from __future__ import annotations

import math

MAX_COUNT = 10**18
"""Largest count that the functions here accept; no log has more than about 10^9 queries."""

HALF_LOG_2_PI = 0.5 * math.log(2.0 * math.pi)
SMALL_FACTORIAL = 16
"""Up to here the Stirling error comes from `lgamma`, above from its series."""

NEAR_MEAN = 0.1
SERIES_END = 1e-17
TINY = 1e-300
FRACTION_END = 1e-15
MAX_TERMS = 1 << 14
"""Terms of the continued fraction; fewer than 200 are used where the tail is below 0.1."""

NORMAL_REGIME = 30.0
"""Mean above which a count within one standard deviation of it has a tail above 0.1."""


class CountTooLarge(ValueError):
    """A count beyond `MAX_COUNT`: implausible, and no longer exact in doubles."""


def check_counts(*counts: int) -> None:
    """Assert that every count lies in 0..`MAX_COUNT`.

    Raises:
        CountTooLarge: a count is above `MAX_COUNT`.
        ValueError: a count is negative.
    """
    for count in counts:
        if count < 0:
            raise ValueError(f"a count is negative: {count}")
        if count > MAX_COUNT:
            raise CountTooLarge(f"a count is above {MAX_COUNT}: {count}")


LARGEST_PERCENTILE = 0.999999
"""Nearer to 1 too few digits are left in doubles for the fraction to converge at `MAX_COUNT`."""


def check_percentile(percentile: float) -> None:
    """Assert that a percentile is a fraction strictly between 0 and 1, as far as doubles tell.

    Raises:
        ValueError: it is not, or is above `LARGEST_PERCENTILE`.
    """
    if not 0.0 < percentile <= LARGEST_PERCENTILE:
        raise ValueError(f"a percentile lies between 0 and 1, not at {percentile}")


def stirling_error(count: int) -> float:
    """Return log(count!) minus Stirling's approximation, for a count of 1 or more."""
    if count <= SMALL_FACTORIAL:
        at = float(count)
        return math.lgamma(at + 1.0) - (at + 0.5) * math.log(at) + at - HALF_LOG_2_PI
    inverse = 1.0 / count
    square = inverse * inverse
    series = 1 / 1680 - square / 1188
    for term in (1 / 1260, 1 / 360, 1 / 12):
        series = term - square * series
    return series * inverse


def deviance(at: float, mean: float, difference: float) -> float:
    """Return at*log(at/mean) + mean - at without cancellation; ``difference`` is at - mean."""
    total = at + mean
    if abs(difference) >= NEAR_MEAN * total:
        return at * math.log(at / mean) - difference
    ratio = difference / total
    square = ratio * ratio
    power = 2.0 * at * ratio
    result = difference * ratio
    for odd in range(3, 1000, 2):
        power *= square
        added = power / odd
        result += added
        if abs(added) <= SERIES_END * abs(result):
            break
    return result


def log_point(over: int, trials: int, percentile: float) -> float:
    """Return log P[Binomial(trials, 1 - percentile) = over] for 0 < over < trials."""
    under = trials - over
    rate = 1.0 - percentile
    numerator, denominator = rate.as_integer_ratio()
    # Exact in integers: the difference decides the result and doubles would lose it.
    difference = (over * denominator - trials * numerator) / denominator
    return (
        stirling_error(trials) - stirling_error(over) - stirling_error(under)
        - deviance(float(over), trials * rate, difference)
        - deviance(float(under), trials * percentile, -difference)
        + 0.5 * math.log(trials / (over * under)) - HALF_LOG_2_PI
    )


def beta_fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction F with I_x(a, b) = x^a (1-x)^b / (a B(a, b)) * F.

    Converges fast for x below about a/(a+b), which is where the tail is small.
    """
    numerator, denominator = 1.0, 1.0 - (a + b) * x / (a + 1.0)
    denominator = 1.0 / (denominator if abs(denominator) > TINY else TINY)
    result = denominator
    for m in range(1, MAX_TERMS):
        even = a + 2 * m
        change = 1.0
        for step in (
            m * (b - m) * x / ((even - 1.0) * even),
            -(a + m) * (a + b + m) * x / (even * (even + 1.0)),
        ):
            denominator = 1.0 + step * denominator
            denominator = 1.0 / (denominator if abs(denominator) > TINY else TINY)
            numerator = 1.0 + step / numerator
            numerator = numerator if abs(numerator) > TINY else TINY
            change = numerator * denominator
            result *= change
        if abs(change - 1.0) < FRACTION_END:
            break
    return result


def log_lower_tail(over: int, trials: int, percentile: float) -> float:
    """Return log P[Binomial(trials, 1 - percentile) <= over], exact where the tail is small.

    Above the mean count, or within one standard deviation below a mean above 30, the tail is
    larger than 0.1 and 0.0 (the logarithm of one) is returned without evaluation: callers compare
    with 0.01. Counts are taken as they are; callers check them.
    """
    rate = 1.0 - percentile
    mean = trials * rate
    if over >= trials or over >= mean:
        return 0.0
    if mean > NORMAL_REGIME and over > mean - math.sqrt(mean * percentile):
        return 0.0
    if over == 0:
        return trials * math.log(percentile)
    fraction = beta_fraction(float(trials - over), over + 1.0, percentile)
    return math.log(rate) + log_point(over, trials, percentile) + math.log(fraction)
