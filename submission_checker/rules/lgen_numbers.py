"""LGEN012-015: the numbers of a run bind each other, scenario by scenario."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.evidence import invariants_runs as runs
from submission_checker.evidence.identities import Identity, at_least, at_most
from submission_checker.evidence.invariants import (
    offline_samples_per_query,
    rate_time_error_ns,
    rate_time_ns,
)
from submission_checker.evidence.settings import version_of
from submission_checker.model.findings import Level
from submission_checker.model.run import Run
from submission_checker.rules import measured
from submission_checker.rules.told import (
    broken,
    fault_of,
    first_fault,
    number,
    planned,
    truth,
    whole,
    with_results,
)

LOADGEN = "mlcommons/inference loadgen"
FIX = "submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte"
WHY = ("rate, count and time of a run are one measurement told in several numbers; where they "
       "contradict each other, one of them was not measured by this run")
LONGEST_DRAW = 36.8
"""Largest exponential draw from 53 random bits, in units of the mean: -log(2^-53)."""


@rule(
    id="LGEN012", name="offline-arithmetic", title="Offline: rate x time = samples",
    level=Level.ERROR, scope=Scope.LOG, when=with_results, why=WHY, fix=FIX,
    source=f"{LOADGEN}/results.cc, {LOADGEN}/test_settings_internal.cc",
)
def offline_arithmetic(run: Run, context: Context) -> Iterator[Fault]:
    """Offline issues one query: rate, size of the query and its latency give each other.

    ``result_samples_per_second`` times ``result_max_latency_ns`` is the number of samples, and that
    number follows from the requested rate, duration and count (factor 1.1, LoadGen's reserve).
    """
    if run.scenario != "Offline":
        raise Skip("only for Offline")
    rate, latency = number(run, "result_samples_per_second"), whole(run, "result_max_latency_ns")
    samples = planned(run, "generated_samples_per_query")
    if rate is None or latency is None or samples is None:
        raise Skip("the log lacks rate, latency or samples")
    yield from first_fault(_offline(run, rate, latency, samples))


def _offline(run: Run, rate: float, latency: int, samples: int) -> Iterator[Fault]:
    yield from _offline_rate(run, rate, latency, samples)
    issued, generated = whole(run, "result_query_count"), planned(run, "generated_query_count")
    size = whole(run, "effective_samples_per_query")
    yield from broken(
        (run, runs.offline_query_count(issued, generated)
         if issued is not None and generated is not None else None,
         "result_query_count", "Offline issues one query"),
        (run, at_most("query-size", size, samples) if size is not None else None,
         "effective_samples_per_query", "generated_samples_per_query, which rounds it up"),
        (run, _query_size(run, size), "effective_samples_per_query",
         "max(requested_min_query_count, 1.1 x requested_min_duration_ms / 1000 x "
         "requested_offline_expected_qps)"),
    )


def _offline_rate(run: Run, rate: float, latency: int, samples: int) -> Iterator[Fault]:
    """Equal-issue queries are padded to whole sets; LoadGen up to 4.1 logs the count before."""
    identity = runs.offline_rate(rate, samples, latency)
    loaded = whole(run, "effective_performance_sample_count")
    version = run.text("loadgen_version")
    known = version_of(version.value) if version is not None else None
    if identity.holds is False and loaded and (known is None or known < (5, 0)):
        padded = runs.offline_rate(rate, runs.padded_samples(samples, loaded), latency)
        if padded.holds:
            return
    if identity.holds is False:
        yield fault_of(run, identity, "result_samples_per_second",
                       "generated_samples_per_query / result_max_latency_ns")


def _query_size(run: Run, size: int | None) -> Identity | None:
    least = whole(run, "requested_min_query_count")
    duration = whole(run, "requested_min_duration_ms")
    rate = number(run, "requested_offline_expected_qps")
    same = truth(run, "effective_performance_issue_unique") or truth(
        run, "effective_performance_issue_same")
    if size is None or least is None or duration is None or rate is None:
        return None
    if same and size == whole(run, "effective_performance_sample_count"):
        return None
    return offline_samples_per_query(size, least, duration, rate)


@rule(
    id="LGEN013", name="server-arithmetic", title="Server: rates, counts and schedule agree",
    level=Level.ERROR, scope=Scope.LOG, when=with_results, why=WHY, fix=FIX,
    source=f"{LOADGEN}/results.cc, {LOADGEN}/loadgen.cc (GenerateQueries)",
)
def server_arithmetic(run: Run, context: Context) -> Iterator[Fault]:
    """Server issues every generated query at its scheduled time.

    The scheduled rate is (queries - 1) over the time of the last query; the generated duration
    is that time and one more random interval. The completed rate is not above the scheduled one,
    and the latency of the last answer lies between minimum and maximum.
    """
    if run.scenario != "Server":
        raise Skip("only for Server")
    scheduled = number(run, "result_scheduled_samples_per_sec")
    generated = planned(run, "generated_query_count")
    if scheduled is None or generated is None or not scheduled > 0:
        raise Skip("the log lacks the scheduled rate or the number of queries")
    issued = whole(run, "result_query_count")
    queries = generated if issued is None else issued
    yield from broken((run, runs.issued_queries(queries, generated), "result_query_count",
                       "generated_query_count; Server issues every query"))
    if queries == generated:
        yield from first_fault(_rates(run, scheduled, queries))


def _rates(run: Run, scheduled: float, queries: int) -> Iterator[Fault]:
    yield from _schedule(run, scheduled, queries)
    completed = number(run, "result_completed_samples_per_sec")
    low, high = whole(run, "result_min_latency_ns"), whole(run, "result_max_latency_ns")
    if completed is None:
        return
    above = runs.server_rates(completed, scheduled)
    yield from broken((run, above, "result_completed_samples_per_sec",
                       "result_scheduled_samples_per_sec"))
    if above.holds and low is not None and high is not None:
        last = runs.last_latency(queries, scheduled, completed, low, high)
        if last.holds is False:
            yield Fault(
                run.at("result_completed_samples_per_sec"),
                f"result_completed_samples_per_sec {completed:g}: the last answer would come "
                f"{last.claimed:.0f} ns after the last query",
                f"{last.relation.value} {last.expected} ns, as the latencies of this log say",
                subcode=last.name,
            )


def _schedule(run: Run, scheduled: float, queries: int) -> Iterator[Fault]:
    """The last query comes before the generated duration ends, by one random interval."""
    duration, rate = planned(run, "generated_query_duration"), number(run, "effective_target_qps")
    if duration is None or queries < 2:
        return
    last, error = rate_time_ns(queries, scheduled), rate_time_error_ns(queries, scheduled)
    checks = [at_most("last-query", last, duration, error)]
    if rate is not None and rate > 0:
        checks.append(at_least("last-query", last, duration - LONGEST_DRAW * 1e9 / rate, error))
    for identity in checks:
        if identity.holds is False:
            yield Fault(
                run.at("result_scheduled_samples_per_sec"),
                f"result_scheduled_samples_per_sec {scheduled:g}: the last of {queries} queries "
                f"would be due after {last:.0f} ns",
                f"{identity.relation.value} {identity.expected:.0f} ns, as "
                f"generated_query_duration {duration} says", subcode="last-query",
            )
            return


@rule(
    id="LGEN014", name="stream-arithmetic", title="SingleStream: rate and mean latency agree",
    level=Level.ERROR, scope=Scope.LOG, when=with_results, why=WHY, fix=FIX,
    source=f"{LOADGEN}/results.cc",
)
def stream_arithmetic(run: Run, context: Context) -> Iterator[Fault]:
    """One query runs at a time: rate without overhead = 1 / mean, count x mean <= time."""
    if run.scenario != "SingleStream":
        raise Skip("only for SingleStream")
    mean, high = whole(run, "result_mean_latency_ns"), whole(run, "result_max_latency_ns")
    without = number(run, "result_qps_without_loadgen_overhead")
    with_ = number(run, "result_qps_with_loadgen_overhead")
    issued, generated = whole(run, "result_query_count"), planned(run, "generated_query_count")
    if mean is None or without is None:
        raise Skip("the log lacks the mean latency or the rate without overhead")
    yield from broken(
        (run, runs.stream_rate_without_overhead(without, mean),
         "result_qps_without_loadgen_overhead", "1 / result_mean_latency_ns"),
        (run, runs.issued_at_most(issued, generated)
         if issued is not None and generated is not None else None,
         "result_query_count", "generated_query_count"),
        (run, runs.stream_latency_sum(issued, mean, with_, high)[0]
         if issued is not None and with_ is not None and high is not None else None,
         "result_mean_latency_ns", "times result_query_count: the time in which the queries were "
         "issued, by result_qps_with_loadgen_overhead, and one more latency"),
    )


@rule(
    id="LGEN015", name="multistream-arithmetic", title="MultiStream: time and latencies agree",
    level=Level.WARNING, scope=Scope.LOG, when=with_results, why=WHY, fix=FIX,
    source=f"{LOADGEN}/results.cc",
)
def multistream_arithmetic(run: Run, context: Context) -> Iterator[Fault]:
    """Queries run one after the other and end with their slowest sample."""
    if run.scenario != "MultiStream":
        raise Skip("only for MultiStream")
    mean = whole(run, "result_mean_query_latency_ns")
    if mean is None:
        raise Skip("the log has no latencies by query")
    issued, span = whole(run, "result_query_count"), measured.power_span(run)
    query_high = whole(run, "result_max_query_latency_ns")
    high, sample = whole(run, "result_max_latency_ns"), whole(run, "result_mean_latency_ns")
    yield from broken(
        (run, runs.multi_stream_maximum(query_high, high)
         if query_high is not None and high is not None else None,
         "result_max_query_latency_ns", "result_max_latency_ns"),
        (run, runs.multi_stream_mean(mean, sample) if sample is not None else None,
         "result_mean_query_latency_ns", "result_mean_latency_ns"),
    )
    if issued is not None and span is not None:
        identity = runs.multi_stream_power(span.value, issued, mean)
        if identity.holds is False:
            yield Fault(
                span.at, f"{identity.claimed:.3f} s between power_begin and power_end",
                f"at least {identity.expected:.3f} s: result_query_count x "
                "result_mean_query_latency_ns", subcode="power",
            )
