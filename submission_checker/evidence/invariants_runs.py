"""Arithmetic that binds results, scenario by scenario.

Units as in `invariants`: latencies and times in ns, durations of settings in ms, power intervals in
s, rates per second with six printed digits.

Source: mlcommons/inference@v5.1:loadgen/results.cc (LogSummary, LogDetail), loadgen/loadgen.cc.
"""

from __future__ import annotations

from collections.abc import Iterable

from submission_checker.evidence.identities import (
    MAX_SUM_NS,
    Identity,
    agree,
    at_least,
    at_most,
    equal,
    equal_as_printed,
    print_error,
    reaches,
    real,
    relative_error,
    unjudged,
)
from submission_checker.evidence.invariants import (
    POWER_CLOCK_S,
    rate_time_error_ns,
    rate_time_ns,
)
from submission_checker.evidence.order_statistics import OrderStatistic, over_bounds

NS_PER_S = 1e9
NS_PER_MS = 1_000_000
DONE_TOLERANCE = 1.2e-5
"""Relative to the time of completion: two rates with six digits each."""

STREAM_POWER_S = 0.002
ISSUE_SHARE = 0.5
"""Below this share of the issue time in latencies a host was idle: a lead only."""


def offline_rate(claimed: float, samples: int, max_latency_ns: int) -> Identity:
    """Check ``result_samples_per_second``: samples over the largest latency.

    Equal-issue queries are padded to whole data sets; sources up to 4.1 log the count before that,
    so callers try both (`padded_samples`).
    """
    if max_latency_ns <= 0:
        return unjudged("offline-rate", claimed, 0.0)
    expected = real(samples) * NS_PER_S / real(max_latency_ns)
    return equal_as_printed("offline-rate", claimed, expected)


def padded_samples(samples: int, set_length: int) -> int:
    """Return a number of samples rounded up to whole data sets."""
    return -(-samples // set_length) * set_length if set_length > 0 else samples


def offline_query_count(claimed: int, generated: int) -> Identity:
    """Check ``result_query_count`` of Offline: one query.

    Sources 4.0 and 4.1 may generate one per sample in equal-issue mode, and still issue one.
    """
    expected = generated if claimed == generated else 1
    return equal("issued-queries", claimed, expected)


def offline_min_duration(claimed_met: bool, max_latency_ns: int, min_duration_ms: int) -> Identity:
    """Check ``result_min_duration_met`` of Offline: the largest latency reaches the minimum."""
    limit = min_duration_ms * NS_PER_MS
    return agree("min-duration", claimed_met, max_latency_ns >= limit)


def offline_power(power_s: float, max_latency_ns: int) -> Identity:
    """Check that the power interval of Offline is the largest latency."""
    return equal("power-interval", power_s, real(max_latency_ns) / NS_PER_S, POWER_CLOCK_S)


def min_queries(
    claimed_met: bool, queries: int, samples: int, least: int, least_samples: int,
) -> Identity:
    """Check ``result_min_queries_met``: both query and sample count reach their minimum."""
    return agree("min-queries", claimed_met, queries >= least and samples >= least_samples)


def issued_queries(claimed: int, generated: int) -> Identity:
    """Check that Server issued every generated query."""
    return equal("issued-queries", claimed, generated)


def issued_at_most(claimed: int, generated: int) -> Identity:
    """Check that SingleStream and MultiStream issued no more than was generated."""
    return at_most("issued-queries", claimed, generated)


def server_rates(completed: float, scheduled: float) -> Identity:
    """Check that queries are not completed faster than they are scheduled."""
    return at_most("completed-rate", completed, scheduled, print_error(scheduled))


def last_latency(
    queries: int, scheduled: float, completed: float, min_ns: int, max_ns: int,
) -> Identity:
    """Check that the latency of the last completion lies between the extremes.

    The run ends when the last answer comes; that answer's query was scheduled no later than the
    last one, so the time between is at most the largest latency and not below zero; the smallest
    latency bounds it where the last query is also the last answered.
    """
    if not (scheduled > 0 and completed > 0) or queries < 2:
        return unjudged("last-latency", 0.0, 0.0)
    done = rate_time_ns(queries, completed)
    latency = done - rate_time_ns(queries, scheduled)
    tolerance = DONE_TOLERANCE * done
    if latency < min_ns - tolerance:
        return at_least("last-latency", latency, min_ns, tolerance)
    return at_most("last-latency", latency, max_ns, tolerance)


def server_min_duration(
    claimed_met: bool, queries: int, scheduled: float, min_duration_ms: int,
) -> Identity:
    """Check ``result_min_duration_met`` of Server: the last query is scheduled late enough.

    The time is taken from the printed rate.
    """
    return reaches(
        "min-duration", claimed_met, rate_time_ns(queries, scheduled),
        real(min_duration_ms * NS_PER_MS), rate_time_error_ns(queries, scheduled),
    )


def server_power(
    power_s: float, queries: int, scheduled: float, completed: float, max_ns: int,
) -> tuple[Identity, Identity]:
    """Check that the power interval of Server ends between the last answer and its latest time."""
    done = rate_time_ns(queries, completed) / NS_PER_S
    latest = (rate_time_ns(queries, scheduled) + real(max_ns)) / NS_PER_S
    error = POWER_CLOCK_S + DONE_TOLERANCE * done
    return (
        at_least("power-interval", power_s, done, error),
        at_most("power-interval", power_s, latest, error),
    )


def latency_constraint(claimed_met: bool, percentile_ns: int, target_ns: int) -> Identity:
    """Check ``result_perf_constraints_met`` of Server: target percentile against target latency."""
    return agree("latency-constraint", claimed_met, percentile_ns <= target_ns)


def token_constraint(
    claimed_met: bool, first_ns: int, first_limit_ns: int, each_ns: int, each_limit_ns: int,
) -> Identity:
    """Check ``result_perf_constraints_met`` with token latencies: both percentiles and limits."""
    return agree(
        "token-constraint", claimed_met, first_ns <= first_limit_ns and each_ns <= each_limit_ns,
    )


def overlatency_count(
    claimed: int, count: int, target_ns: int, known: Iterable[OrderStatistic],
) -> Identity:
    """Check ``result_overlatency_query_count`` against every printed percentile."""
    least, most = over_bounds(count, target_ns, known)
    if claimed < least:
        return at_least("overlatency-count", claimed, least)
    return at_most("overlatency-count", claimed, most)


def token_rate_with_overhead(
    claimed: float, completed_tokens: float, scheduled: float, completed: float,
) -> Identity:
    """Check ``result_token_throughput_with_loadgen_overhead`` of Server.

    It divides the tokens by the time of the last issue, the completed rate by that of the last
    answer: it lies between the completed rate and that rate times the ratio of the sample rates,
    which it reaches where queries are issued on schedule.
    """
    if not (completed > 0 and scheduled > 0 and completed_tokens > 0):
        return unjudged("token-rate", claimed, 0.0)
    if claimed < completed_tokens:
        return at_least("token-rate", claimed, completed_tokens, print_error(claimed))
    expected = completed_tokens * scheduled / completed
    doubt = sum(relative_error(value) for value in (completed_tokens, scheduled, completed))
    return at_most("token-rate", claimed, expected, print_error(claimed) + doubt * expected)


def token_throughput(
    claimed: float, completed_tokens: float, completed: float, queries: int, mean_ns: int,
) -> Identity:
    """Check ``result_token_throughput``: tokens over count times mean latency.

    LoadGen omits the conversion to seconds: the unit is tokens per ns. The number of tokens comes
    from the two completed rates, of which that of samples counts queries less one.
    """
    if not (completed > 0 and completed_tokens > 0) or mean_ns <= 0 or queries < 2 or (
        queries * mean_ns > MAX_SUM_NS
    ):
        return unjudged("token-throughput", claimed, 0.0)
    expected = completed_tokens / completed * (queries - 1) / queries / mean_ns
    doubt = relative_error(completed_tokens) + relative_error(completed)
    return equal("token-throughput", claimed, expected, print_error(claimed) + doubt * expected)


def stream_rate_without_overhead(claimed: float, mean_ns: int) -> Identity:
    """Check ``result_qps_without_loadgen_overhead``: one over the mean latency."""
    if mean_ns <= 0:
        return unjudged("rate-without-overhead", claimed, 0.0)
    return equal_as_printed("rate-without-overhead", claimed, NS_PER_S / real(mean_ns))


def stream_min_duration(
    claimed_met: bool, queries: int, with_overhead: float, min_duration_ms: int,
) -> Identity:
    """Check ``result_min_duration_met`` of SingleStream: the last query is issued late enough."""
    return reaches(
        "min-duration", claimed_met, rate_time_ns(queries, with_overhead),
        real(min_duration_ms * NS_PER_MS), rate_time_error_ns(queries, with_overhead),
    )


def stream_latency_sum(
    queries: int, mean_ns: int, with_overhead: float, max_ns: int,
) -> tuple[Identity, Identity]:
    """Check count times mean of SingleStream against the time in which queries were issued.

    One query runs at a time, so the sum is at most the issue time and one more query; the second
    outcome, a lead only, says that at least half of that time was spent in queries.
    """
    total = queries * mean_ns
    if queries * max_ns > MAX_SUM_NS or not with_overhead > 0:
        return (unjudged("latency-sum", total, 0), unjudged("latency-share", total, 0))
    issued = rate_time_ns(queries, with_overhead)
    error = rate_time_error_ns(queries, with_overhead) + NS_PER_MS
    return (
        at_most("latency-sum", total, issued + real(max_ns), error),
        at_least("latency-share", total, ISSUE_SHARE * issued),
    )


def stream_power(
    power_s: float, queries: int, with_overhead: float, min_ns: int, max_ns: int,
) -> tuple[Identity, Identity]:
    """Check that the power interval of SingleStream ends one query after the last issue."""
    issued = rate_time_ns(queries, with_overhead) / NS_PER_S
    error = rate_time_error_ns(queries, with_overhead) / NS_PER_S + STREAM_POWER_S
    return (
        at_least("power-interval", power_s, issued + real(min_ns) / NS_PER_S, error),
        at_most("power-interval", power_s, issued + real(max_ns) / NS_PER_S, error),
    )


def multi_stream_maximum(query_max_ns: int, sample_max_ns: int) -> Identity:
    """Check that the slowest query of MultiStream is the one of the slowest sample."""
    return equal("query-maximum", query_max_ns, sample_max_ns)


def multi_stream_mean(query_mean_ns: int, sample_mean_ns: int) -> Identity:
    """Check that queries, which end with their slowest sample, take no less than samples."""
    return at_least("query-mean", query_mean_ns, sample_mean_ns)


def multi_stream_power(power_s: float, queries: int, query_mean_ns: int) -> Identity:
    """Check that the power interval holds all queries, which run one after the other."""
    total = real(queries * query_mean_ns)
    return at_least("power-interval", power_s, total / NS_PER_S, POWER_CLOCK_S)


def first_token_within(first_ns: int, whole_ns: int, name: str = "first-token") -> Identity:
    """Check that a first-token statistic (maximum, mean) does not exceed the request's own."""
    return at_most(name, first_ns, whole_ns)
