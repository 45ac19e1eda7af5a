"""Arithmetic that binds the numbers of a detail log, for all scenarios.

Latencies and times in ns, durations of settings in ms, power intervals in s, rates per second.
The tolerances are those of six printed digits and of the clocks; they were measured on every
published log of several rounds. Scenario by scenario: `invariants_runs`.

Source: mlcommons/inference@v5.1:loadgen/results.cc, loadgen/test_settings_internal.cc,
loadgen/loadgen.cc.
"""

from __future__ import annotations

import math

from submission_checker.evidence.identities import (
    MAX_SUM_NS,
    Identity,
    at_least,
    at_most,
    equal,
    print_error,
    real,
    unjudged,
)

SLACK = 1.1
"""LoadGen's factor on the expected samples of an Offline query."""

EQUAL_ISSUE_SLACK = 2.0
OFFLINE_SAMPLES_TOLERANCE = 2e-5
"""Relative: the product is taken with the rate before printing."""

NS_PER_S = 1e9
POWER_CLOCK_S = 0.0015
"""Power times are printed in ms and truncated at either end."""

POWER_LOG_S = 0.005
POWER_GAP_S, POWER_GAP_SHARE = 20.0, 0.1
STALE_MS = 1.8e13
"""A record written before the origin of the log carries 2^64 ns: no time."""


def offline_samples_per_query(
    claimed: int, min_query_count: int, min_duration_ms: int, qps: float,
) -> Identity:
    """Check ``effective_samples_per_query`` of Offline.

    The larger of the requested query count and 1.1 * duration * rate, truncated; runs with unique
    (to 2.0 also same) issue take the performance sample count instead, which callers compare.
    """
    product = SLACK * (real(min_duration_ms) / 1000) * qps
    if not math.isfinite(product):
        return unjudged("offline-samples-per-query", claimed, min_query_count)
    expected = max(min_query_count, int(product))
    tolerance = 0.0
    if product >= min_query_count * (1 - OFFLINE_SAMPLES_TOLERANCE):
        tolerance = max(1.0, OFFLINE_SAMPLES_TOLERANCE * product)
    return equal("offline-samples-per-query", claimed, expected, tolerance)


def min_sample_count(claimed: int, min_query_count: int, samples_per_query: int) -> Identity:
    """Check ``effective_min_sample_count``: queries times samples."""
    return equal("min-sample-count", claimed, min_query_count * samples_per_query)


def performance_sample_count(claimed: int, override: int, library_count: int) -> Identity:
    """Check ``effective_performance_sample_count``: the override, or what the QSL reports."""
    return equal("performance-sample-count", claimed, override or library_count)


def min_query_count(claimed: int, requested: int) -> Identity:
    """Check ``effective_min_query_count`` of all scenarios but Offline, where it is 1."""
    return equal("min-query-count", claimed, requested)


def equal_issue_min_query_count(
    claimed: int, requested: int, min_duration_ms: int, qps: float, library_count: int,
) -> Identity:
    """Check ``effective_min_query_count`` of SingleStream in equal-issue mode.

    The larger of the request and twice duration * rate, raised to the next multiple of the
    performance count that the QSL reports (by a whole one where it is a multiple already).
    """
    product = EQUAL_ISSUE_SLACK * (real(min_duration_ms) / 1000) * qps
    tolerance = 0.0
    if library_count <= 0 or not math.isfinite(product):
        return unjudged("equal-issue-min-query-count", claimed, requested)

    def raised(product: float) -> int:
        base = max(requested, int(product))
        return base + library_count - base % library_count

    expected = raised(product)
    for near in (product * (1 - OFFLINE_SAMPLES_TOLERANCE),
                 product * (1 + OFFLINE_SAMPLES_TOLERANCE)):
        tolerance = max(tolerance, abs(raised(near) - expected))
    return equal("equal-issue-min-query-count", claimed, expected, tolerance)


def mean_within(count: int, minimum: int, mean: int, maximum: int) -> Identity:
    """Check that the mean latency lies between the extremes (ns).

    Not judged where the 64-bit sum of the latencies can have overflowed.
    """
    if count * maximum > MAX_SUM_NS:
        return unjudged("mean-within", mean, minimum)
    if mean < minimum:
        return at_least("mean-within", mean, minimum)
    return at_most("mean-within", mean, maximum)


def power_within_log(
    power_s: float, power_end_time_ms: float, generated_time_ms: float,
) -> tuple[Identity, Identity]:
    """Check the power interval against the log's own clock.

    Args:
        power_s: ``power_end`` less ``power_begin``.
        power_end_time_ms: ``time_ms`` of the ``power_end`` record.
        generated_time_ms: ``time_ms`` of the ``generated_query_duration`` record.

    It is no longer than the time between the two records, and not much shorter.
    """
    between = (power_end_time_ms - generated_time_ms) / 1000
    gap = max(POWER_GAP_S, POWER_GAP_SHARE * between)
    return (
        at_most("power-within-log", power_s, between, POWER_LOG_S),
        at_most("power-gap", between - power_s, gap),
    )


def tokens_per_sample(rate: float, seconds: float, samples: int, least: float) -> Identity:
    """Check that a token rate stands for at least ``least`` tokens per sample.

    Args:
        rate: tokens per second, printed with six digits.
        seconds: the time it is taken over.
        samples: samples in that time.
        least: 2 for complete runs of the published rounds.
    """
    tokens = rate * seconds
    error = print_error(rate) * seconds + 1e-5 * tokens
    return at_least("tokens-per-sample", tokens, least * real(samples), error)


def rate_time_ns(count: int, rate: float) -> float:
    """Return the time (ns) that a printed rate over count - 1 intervals stands for.

    Infinite for a rate of zero.
    """
    return (real(count) - 1) * NS_PER_S / rate if rate > 0 else math.inf


def rate_time_error_ns(count: int, rate: float) -> float:
    """Return by how many ns `rate_time_ns` may be off because the rate has six digits."""
    if not 0 < rate < math.inf:
        return math.inf
    return rate_time_ns(count, rate) * print_error(rate) / (rate - print_error(rate))
