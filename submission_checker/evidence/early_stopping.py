"""Early stopping as LoadGen decides it, by closed form instead of LoadGen's step-by-step search.

Definitions (mlcommons/inference@v5.1:loadgen/early_stopping.cc, results.cc; inference rules,
appendix on early stopping): confidence 0.99, tolerance 0. With percentile p, a run of n queries of
which t were over the target passes when P[Binomial(n, 1-p) <= t] < 0.01. h(t) is the least number
of queries under the target that passes together with t over it.

Needs the standard library's `math` only.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

from submission_checker.evidence.binomial import (
    MAX_COUNT,
    CountTooLarge,
    check_counts,
    check_percentile,
    log_lower_tail,
)

CONFIDENCE = 0.99
LOG_ALPHA = math.log(1 - CONFIDENCE)
"""LoadGen compares with 1 - 0.99 in doubles, a little above 0.01."""

QUANTILE = 2.3263
"""Of the normal distribution at 0.99: where the searches start."""

HAZARD = 2.665
"""Density over tail of the normal distribution at 0.99: about how the logarithm of a tail changes
with the deviations from the mean, by which the searches step."""
NEWTON_STEPS = 8
"""After so many steps a search bisects."""

MULTI_STREAM_PERCENTILE = 0.99
"""The second percentile that a SingleStream run estimates, fixed in LoadGen's source."""

__all__ = [
    "CONFIDENCE", "MAX_COUNT", "MULTI_STREAM_PERCENTILE", "CountTooLarge", "ServerDecision",
    "StreamDecision", "TokenDecision", "decide_server", "decide_stream", "decide_tokens",
    "min_total", "min_under", "passes", "tolerated", "undiscarding",
]


def passes(queries: int, over: int, percentile: float) -> bool:
    """Return whether ``queries`` of which ``over`` exceeded the target meet early stopping.

    Raises:
        ValueError: a count is negative or above 10^18, or the percentile is no fraction.
    """
    check_counts(queries, over)
    check_percentile(percentile)
    return log_lower_tail(over, queries, percentile) < LOG_ALPHA


@functools.lru_cache(maxsize=4096)
def min_under(over: int, percentile: float) -> int:
    """Return h(t): the least count of queries under the target that passes with ``over`` over it.

    Source: mlcommons/inference@v5.1:loadgen/early_stopping.cc. Bounded work: the search starts
    beside the answer and bisects. May exceed 10^18 where ``over`` is that large.

    Raises:
        ValueError: the count is negative or above 10^18, or the percentile is no fraction.
    """
    check_counts(over)
    check_percentile(percentile)
    if over == 0:
        return max(1, math.ceil(LOG_ALPHA / math.log(percentile)))
    rate = 1.0 - percentile
    root = QUANTILE * math.sqrt(percentile)
    start = int(((root + math.sqrt(root * root + 4.0 * over)) / 2.0) ** 2 / rate) - over
    width = int(4.0 * math.sqrt(over + 1.0) / rate) + 64

    def tail(under: int) -> float:
        return log_lower_tail(over, under + over, percentile)

    low, high = max(0, start - width), start + width
    while low > 0 and tail(low) < LOG_ALPHA:
        width *= 2
        low, high = max(0, low - width), low
    while tail(high) >= LOG_ALPHA:
        width *= 2
        low, high = high, high + width
    slope = -HAZARD * rate / math.sqrt((over + 1.0) * percentile)
    return _last_passing(tail, high, low, start, slope)


def _last_passing(
    tail: Callable[[int], float], inside: int, outside: int, guess: int, slope: float
) -> int:
    """Return the last whole number on the way from ``inside``, which passes, to ``outside``.

    ``tail`` is monotone between them; ``slope`` is about its change for 1 where it is `LOG_ALPHA`.
    """
    steps = 0
    while abs(outside - inside) > 1:
        least, most = min(inside, outside) + 1, max(inside, outside) - 1
        at = min(max(guess, least), most)
        value = tail(at)
        if value < LOG_ALPHA:
            inside = at
        else:
            outside = at
        steps += 1
        near = value < 0.0 and steps < NEWTON_STEPS
        guess = at + round((LOG_ALPHA - value) / slope) if near else (inside + outside) // 2
    return inside


def min_total(over: int, percentile: float) -> int:
    """Return h(t) + t: the least number of queries that passes with ``over`` over the target."""
    return min_under(over, percentile) + over


@functools.lru_cache(maxsize=4096)
def tolerated(queries: int, percentile: float) -> int:
    """Return t*: the largest count over the target with which ``queries`` still pass.

    0 also stands for runs too short to pass with one (LoadGen then gives no estimate).

    Raises:
        ValueError: the count is negative or above 10^18, or the percentile is no fraction.
    """
    check_counts(queries)
    check_percentile(percentile)
    if not passes(queries, 1, percentile):
        return 0
    rate = 1.0 - percentile
    deviation = math.sqrt(queries * percentile * rate)
    start = int(queries * rate - QUANTILE * deviation)
    width = int(deviation / 2.0) + 16

    def tail(over: int) -> float:
        return log_lower_tail(over, queries, percentile)

    high = min(queries, max(2, start + width))
    while tail(high) < LOG_ALPHA:
        width *= 2
        high = min(queries, high + width)  # all over the target never passes
    return _last_passing(tail, 1, high, start, HAZARD / deviation)


class ServerDecision(NamedTuple):
    """What LoadGen decides for a Server run, or for one of its token latencies.

    ``needed`` is h(t) + t; ``more`` the queries that are missing to it, 0 where the run passes.
    """

    met: bool
    queries: int
    over: int
    needed: int
    more: int


class StreamDecision(NamedTuple):
    """What LoadGen decides for a SingleStream or MultiStream run at one percentile.

    ``tolerated`` is t*, ``discarded`` = t* - 1 the number LoadGen prints; ``estimate_index`` is the
    0-based place of the estimate among the sorted latencies. None where the run is too short.
    """

    met: bool
    queries: int
    needed: int
    tolerated: int
    discarded: int | None
    estimate_index: int | None


class TokenDecision(NamedTuple):
    """What can be said of a Server run whose count over the target is only known in bounds."""

    may_pass: bool
    may_fail: bool
    least_over: int
    most_over: int

    def allows(self, met: bool) -> bool:
        """Return whether a claimed outcome is possible."""
        return self.may_pass if met else self.may_fail


def decide_server(queries: int, over: int, percentile: float) -> ServerDecision:
    """Return LoadGen's decision for a Server run.

    Args:
        queries: issued queries (``result_query_count``).
        over: samples slower than the target (``result_overlatency_query_count``).
        percentile: ``effective_target_latency_percentile``.

    Raises:
        ValueError: a count is negative or above 10^18, or the percentile is no fraction.

    Source: mlcommons/inference@v5.1:loadgen/results.cc (EarlyStopping, Server).
    """
    met = passes(queries, over, percentile)
    needed = min_total(over, percentile)
    return ServerDecision(met, queries, over, needed, 0 if met else max(0, needed - queries))


def decide_stream(queries: int, percentile: float) -> StreamDecision:
    """Return LoadGen's decision for a SingleStream or MultiStream run at one percentile.

    Source: mlcommons/inference@v5.1:loadgen/results.cc (EarlyStopping, SingleStream, MultiStream).

    Raises:
        ValueError: the count is negative or above 10^18, or the percentile is no fraction.
    """
    needed = min_total(1, percentile)
    check_counts(queries)
    if queries < needed:
        return StreamDecision(False, queries, needed, 0, None, None)
    most = tolerated(queries, percentile)
    return StreamDecision(True, queries, needed, most, most - 1, queries - most)


def undiscarding(decision: StreamDecision) -> StreamDecision:
    """Return what the first revisions of 2.0 decide: the same, with the slowest query as estimate.

    They never discarded a query, to the submitter's disadvantage (measured in published logs of
    LoadGen 2.0 @ 5aae975fc4).
    """
    if not decision.met:
        return decision
    return StreamDecision(
        True, decision.queries, decision.needed, 1, 0, max(0, decision.queries - 1),
    )


def decide_tokens(queries: int, least: int, most: int, percentile: float) -> TokenDecision:
    """Return which outcomes are possible with between ``least`` and ``most`` over the target.

    The count itself is not in the log of a run with token latencies; see
    `order_statistics.over_bounds`. Source: mlcommons/inference@v5.1:loadgen/results.cc.
    """
    least, most = max(0, least), min(most, queries)
    return TokenDecision(
        passes(queries, least, percentile), not passes(queries, most, percentile), least, most,
    )
