"""LGEN016, 026, 036: the latencies of a log fit each other and their counts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.evidence.identities import real
from submission_checker.evidence.invariants import mean_within
from submission_checker.evidence.invariants_runs import overlatency_count
from submission_checker.model.findings import Level
from submission_checker.model.run import Run
from submission_checker.rules.texts import count
from submission_checker.rules.told import (
    SERIES,
    fault_of,
    places,
    planned,
    readable,
    series_keys,
    truth,
    whole,
    with_results,
)

LOADGEN = "mlcommons/inference loadgen"


@rule(
    id="LGEN016", name="percentiles-ordered", title="Latencies rise from minimum to maximum",
    level=Level.ERROR, scope=Scope.LOG, when=readable,
    why="LoadGen takes minimum, percentiles and maximum from one sorted list, and the mean from "
        "the same values: they cannot cross unless one of them was edited",
    fix="submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte",
    source=f"{LOADGEN}/results.cc (ProcessLatencies)",
)
def percentiles_ordered(run: Run, context: Context) -> Iterator[Fault]:
    """Min <= p50 <= ... <= p99.9 <= max, and min <= mean <= max, in every series of latencies."""
    judged = False
    for name, keys in ((name, series_keys(name)) for name in SERIES):
        if not run.has(keys[0]):
            continue
        judged = True
        known = [(key, value) for key in keys if (value := whole(run, key)) is not None]
        for (before, low), (key, high) in itertools.pairwise(known):
            if high < low:
                yield Fault(run.at(key), f"{key} {count(high)}",
                            f"at least {count(low)}, as {before} says", subcode=name)
                break
        else:
            yield from _mean(run, name, keys)
    if not judged:
        raise Skip("a log without latencies")


def _mean(run: Run, name: str, keys: tuple[str, ...]) -> Iterator[Fault]:
    key = SERIES[name][3]
    low, mean, high = whole(run, keys[0]), whole(run, key), whole(run, keys[-1])
    if low is None or mean is None or high is None:
        return
    identity = mean_within(_values(run), low, mean, high)
    if identity.holds is False:
        yield fault_of(run, identity, key, "the mean lies between minimum and maximum")


def _values(run: Run) -> int:
    """Return about how many latencies were added, as far as a sum of 64 bits can overflow."""
    queries = whole(run, "result_query_count") or planned(run, "generated_query_count") or 0
    samples = planned(run, "generated_samples_per_query") or 1
    rate, latency = run.number("result_samples_per_second"), run.number("result_max_latency_ns")
    if rate is not None and latency is not None:
        done = real(rate.value) * real(latency.value) / 1e9
        return max(queries, min(int(min(done, 1e18)) + 1, 10**18))
    return queries * samples


@rule(
    id="LGEN026", name="overlatency-count",
    title="The count of slow queries fits the percentiles",
    level=Level.ERROR, scope=Scope.LOG, when=with_results,
    why="the count of queries above the target decides early stopping; each printed percentile "
        "says how many values lie above or below it, so the count is known within bounds",
    fix="submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte",
    source=f"{LOADGEN}/results.cc (result_overlatency_query_count)",
)
def overlatency(run: Run, context: Context) -> Iterator[Fault]:
    """``result_overlatency_query_count`` of Server fits every percentile and the target."""
    key = "result_overlatency_query_count"
    over, queries = whole(run, key), whole(run, "result_query_count")
    target = whole(run, "effective_target_latency_ns")
    if run.scenario != "Server" or over is None or queries is None or target is None:
        raise Skip("only for Server logs that count queries above the target")
    if truth(run, "requested_use_token_latencies"):
        raise Skip("with token latencies LoadGen counts against a target of 0")
    if queries < 1:
        raise Skip("no query was issued")
    identity = overlatency_count(over, queries, target, places(run, "sample", queries))
    if identity.holds is False:
        yield fault_of(
            run, identity, key,
            f"so many of {count(queries)} queries can be above {count(target)} ns by the "
            "percentiles of this log",
        )
