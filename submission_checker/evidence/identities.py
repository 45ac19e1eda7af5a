"""One arithmetic check: what a log claims, what follows from its other numbers, the tolerance."""

from __future__ import annotations

import math
from enum import Enum
from typing import NamedTuple

from submission_checker.evidence.printed import printed_interval

Number = int | float | bool

MAX_SUM_NS = 9.2e18
"""LoadGen adds latencies in 64 bits; above this count times maximum its mean is meaningless."""


class Relation(Enum):
    """How the claimed value has to stand to the one that follows."""

    EQUAL = "="
    AT_MOST = "<="
    AT_LEAST = ">="


class Identity(NamedTuple):
    """Outcome of one check.

    Attributes:
        name: what was compared, stable, such as ``offline-rate``.
        holds: whether it does; None where the numbers do not allow a judgement.
        claimed: value in the log.
        expected: value that follows from the others.
        tolerance: absolute, in the unit of the values.
        relation: claimed to expected.
    """

    name: str
    holds: bool | None
    claimed: Number
    expected: Number
    tolerance: float
    relation: Relation = Relation.EQUAL


def equal(name: str, claimed: Number, expected: Number, tolerance: float = 0.0) -> Identity:
    """Return whether two numbers are equal within an absolute tolerance."""
    return Identity(name, abs(claimed - expected) <= tolerance, claimed, expected, tolerance)


def at_most(name: str, claimed: Number, expected: Number, tolerance: float = 0.0) -> Identity:
    """Return whether a number does not exceed another by more than an absolute tolerance."""
    return Identity(
        name, claimed <= expected + tolerance, claimed, expected, tolerance, Relation.AT_MOST,
    )


def at_least(name: str, claimed: Number, expected: Number, tolerance: float = 0.0) -> Identity:
    """Return whether a number does not fall below another by more than an absolute tolerance."""
    return Identity(
        name, claimed >= expected - tolerance, claimed, expected, tolerance, Relation.AT_LEAST,
    )


def unjudged(name: str, claimed: Number, expected: Number) -> Identity:
    """Return an outcome for numbers that allow no judgement."""
    return Identity(name, None, claimed, expected, 0.0)


def print_error(value: float) -> float:
    """Return by how much a value printed with six digits may differ from the exact one.

    A hundredth is added for the rounding of what it is compared with. Infinite for a value that
    is not finite.
    """
    if not math.isfinite(value):
        return math.inf
    low, high = printed_interval(value)
    return 1.01 * max(high - value, value - low)


def relative_error(value: float) -> float:
    """Return the relative error of a value printed with six digits; infinite for zero."""
    return print_error(value) / abs(value) if value else math.inf


def equal_as_printed(name: str, claimed: float, expected: float, slack: float = 0.0) -> Identity:
    """Return whether an exact number prints as claimed, with six digits and a relative slack."""
    return equal(name, claimed, expected, print_error(claimed) + slack * abs(claimed))


def agree(name: str, claimed: bool, follows: bool) -> Identity:
    """Return whether a claimed truth is the one that follows."""
    return Identity(name, claimed == follows, claimed, follows, 0.0)


def reaches(name: str, claimed_met: bool, value: float, limit: float, error: float) -> Identity:
    """Return whether a value known to within ``error`` can lie on the claimed side of a limit."""
    if claimed_met:
        return at_least(name, value, limit, error)
    return at_most(name, value, limit, error)


def real(value: Number) -> float:
    """Return a number as a double; infinite where an integer is beyond all doubles."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
