"""Bounds on Server schedules that are too long to draw, from prefix sums of the unit draws.

All Server runs of a round share the schedule seed and differ in their rate only. With S(n) the sum
of the first n unit draws, n queries at q per second last S(n) * 1e9 / q ns less what the truncation
to whole nanoseconds takes off. A table gives S at every 2^16 draws exactly and, in between, how far
it leaves the straight line. Without a table, or beyond it, statistics bound S.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from submission_checker.evidence.rng import NS_PER_S
from submission_checker.evidence.schedule import Demand

STEP = 1 << 16
"""Draws between two entries of a table."""

SIGMAS = 8.0
"""Standard deviations that a statistical bound allows: chance below 1e-15."""

SUM_ERROR = 1e-12
"""Relative rounding error of a prefix sum, with room to spare."""


class PrefixTable(NamedTuple):
    """Prefix sums of the unit-rate exponential draws of a seed.

    Attributes:
        seed: the schedule seed, not reduced.
        sums: sum of the first k * 2^16 draws, for k = 0, 1, ...
        below, above: how far the sum lies at most under and over the straight line between entry
            k and k + 1; one shorter than ``sums``.
    """

    seed: int
    sums: Sequence[float]
    below: Sequence[float]
    above: Sequence[float]

    @property
    def draws(self) -> int:
        """Number of draws that the table covers."""
        return (len(self.sums) - 1) * STEP


class ScheduleBound(NamedTuple):
    """Whether a count and a duration are possible; ``duration_ns`` are the bounds used."""

    fits: bool
    duration_ns: tuple[float, float]
    basis: str
    reason: str = ""


def sum_bounds(count: int, table: PrefixTable | None) -> tuple[float, float]:
    """Return the least and greatest sum that the first ``count`` unit draws can have.

    Certain within a table (but for rounding), within 8 standard deviations outside.
    """
    if count <= 0:
        return 0.0, 0.0
    if table is None:
        spread = SIGMAS * math.sqrt(count)
        return max(0.0, count - spread), count + spread
    entry, rest = divmod(count, STEP)
    if entry >= len(table.below):
        more = max(0, count - table.draws)
        base, spread = float(table.sums[-1]) + more, SIGMAS * math.sqrt(more)
        return base - spread - base * SUM_ERROR, base + spread + base * SUM_ERROR
    start, end = float(table.sums[entry]), float(table.sums[entry + 1])
    line = start + (end - start) * rest / STEP
    below = float(table.below[entry]) if rest else 0.0
    above = float(table.above[entry]) if rest else 0.0
    return line - below - line * SUM_ERROR, line + above + line * SUM_ERROR


def mean_loss_ns(qps: float) -> float:
    """Return the mean of what truncation to whole ns takes off an exponential interval.

    For a mean interval of m ns it is m - 1 / (exp(1/m) - 1), about 1/2 - 1/(12 m).
    """
    mean = NS_PER_S / qps
    return 0.5 - 1.0 / (12.0 * mean) if mean > 10.0 else mean - 1.0 / math.expm1(1.0 / mean)


def truncation_loss(count: int, qps: float) -> float:
    """Return about how many ns truncation takes off ``count`` intervals together."""
    return count * mean_loss_ns(qps)


def truncation_spread(count: int) -> float:
    """Return by how many ns `truncation_loss` may be off: 8 standard deviations and one."""
    return SIGMAS * math.sqrt(count / 12.0) + 1.0


def time_bounds(
    count: int, qps: tuple[float, float], table: PrefixTable | None,
) -> tuple[float, float]:
    """Return the least and greatest time (ns) at which ``count`` intervals can end.

    Args:
        count: number of intervals.
        qps: least and greatest rate, both above 0.
        table: prefix sums of the seed.
    """
    low, high = sum_bounds(count, table)
    spread = truncation_spread(count)
    loss = truncation_loss(count, qps[1])
    return (
        max(0.0, low * NS_PER_S / qps[1] - loss - spread), high * NS_PER_S / qps[0] - loss + spread,
    )


def rate_bounds(
    count: int, duration_ns: int, qps: tuple[float, float], table: PrefixTable | None,
) -> tuple[float, float]:
    """Return the rates within ``qps`` at which ``count`` intervals can last ``duration_ns``.

    The lower bound exceeds the upper one where there is no such rate.
    """
    low, high = sum_bounds(count, table)
    spread = truncation_spread(count)
    loss = truncation_loss(count, qps[1])
    least = low * NS_PER_S / (duration_ns + loss + spread)
    shortest = duration_ns + loss - spread
    greatest = high * NS_PER_S / shortest if shortest > 0 else math.inf
    return max(qps[0], least), min(qps[1], greatest)


def bound_schedule(
    wanted: Demand, queries: int, duration_ns: int, qps: tuple[float, float],
    table: PrefixTable | None,
) -> ScheduleBound:
    """Return whether so many queries can end at ``duration_ns`` under a demand.

    Args:
        wanted: how long LoadGen generates.
        queries: as logged.
        duration_ns: as logged.
        qps: least and greatest rate (the print interval of the target rate).
        table: prefix sums of the seed; None bounds by statistics only.
    """
    covered = table is not None and queries < table.draws
    basis = "table" if covered else "statistics"
    bounds = time_bounds(queries, qps, table)
    if not bounds[0] <= duration_ns <= bounds[1]:
        return ScheduleBound(False, bounds, basis, "the duration does not fit the count")
    if queries != wanted.admissible(queries):
        return ScheduleBound(
            False, bounds, basis, f"the count is not one of {wanted.queries} + k * {wanted.step}"
            if wanted.step else f"the count is below {wanted.queries}",
        )
    rates = rate_bounds(queries, duration_ns, qps, table)
    if rates[0] > rates[1]:
        return ScheduleBound(False, bounds, basis, "no rate fits count and duration")
    if time_bounds(queries - 1, rates, table)[1] < wanted.duration_ns:
        return ScheduleBound(False, bounds, basis, "the last query comes before the duration ends")
    before = queries - (wanted.step or 1)
    if before >= max(1, wanted.queries) and (
        time_bounds(before - 1, rates, table)[0] >= wanted.duration_ns
    ):
        return ScheduleBound(False, bounds, basis, "fewer queries reach the duration")
    return ScheduleBound(True, bounds, basis)
