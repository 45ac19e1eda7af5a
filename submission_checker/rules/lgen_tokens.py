"""LGEN027: token counts, token rates and token latencies fit the run."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.evidence import invariants_runs as runs
from submission_checker.evidence.invariants import rate_time_ns, tokens_per_sample
from submission_checker.model.findings import Level
from submission_checker.model.run import Run
from submission_checker.rules.texts import count
from submission_checker.rules.told import (
    broken,
    first_fault,
    number,
    planned,
    whole,
    with_results,
)

LEAST_TOKENS = 1.0
"""A sample that was answered has at least its first token."""

COMPLETED = "result_completed_tokens_per_second"
ISSUE, LATENCY = "result_token_throughput_with_loadgen_overhead", "result_token_throughput"
FIRST, EACH = "result_first_token_{}_latency_ns", "result_{}_latency_ns"


@rule(
    id="LGEN027", name="token-arithmetic", title="Token rates and token latencies fit the run",
    level=Level.ERROR, scope=Scope.LOG, when=with_results,
    why="tokens, samples and time of a run are counted together, and the first token of a request "
        "comes no later than its last",
    fix="submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte",
    source="mlcommons/inference loadgen/results.cc",
)
def token_arithmetic(run: Run, context: Context) -> Iterator[Fault]:
    """At least one token per sample; first token before the whole answer; rates agree."""
    rate = number(run, "result_tokens_per_second")
    completed = number(run, COMPLETED)
    if rate is None and completed is None:
        raise Skip("no token rates in the log")
    yield from first_fault(_faults(run, rate, completed))


def _faults(run: Run, rate: float | None, completed: float | None) -> Iterator[Fault]:
    high, samples = whole(run, "result_max_latency_ns"), planned(run, "generated_samples_per_query")
    if rate is not None and high is not None and samples is not None and run.scenario == "Offline":
        yield from _too_few(run, "result_tokens_per_second", rate, high / 1e9, samples)
    queries = whole(run, "result_query_count")
    scheduled = number(run, "result_scheduled_samples_per_sec")
    done = number(run, "result_completed_samples_per_sec")
    if completed is not None and queries is not None and done:
        yield from _too_few(run, COMPLETED, completed,
                            rate_time_ns(queries, done) / 1e9, queries - 1)
        yield from _throughput(run, completed, done, scheduled, queries)
    yield from _first_token(run)


def _too_few(
    run: Run, key: str, rate: float, time_s: float, samples: int,
) -> Iterator[Fault]:
    identity = tokens_per_sample(rate, time_s, samples, LEAST_TOKENS)
    if identity.holds is False:
        yield Fault(run.at(key), f"{key} {rate:g}: {identity.claimed:.0f} tokens in {time_s:.3f} s",
                    f"at least a token for each of {count(samples)} samples", subcode="tokens")


def _throughput(
    run: Run, completed: float, done: float, scheduled: float | None, queries: int,
) -> Iterator[Fault]:
    overhead = number(run, ISSUE)
    throughput, mean = number(run, LATENCY), whole(run, "result_mean_latency_ns")
    by_issue = None if overhead is None or not scheduled else runs.token_rate_with_overhead(
        overhead, completed, scheduled, done)
    by_mean = None if throughput is None or mean is None else runs.token_throughput(
        throughput, completed, done, queries, mean)
    if by_issue is not None and by_mean is not None and not (by_issue.holds or by_mean.holds):
        yield Fault(
            run.at(COMPLETED), f"{COMPLETED} {completed:g}",
            f"a rate that fits {ISSUE} {overhead:g} (line {run.at(ISSUE).line}) and "
            f"{LATENCY} {throughput:g} (line {run.at(LATENCY).line}); it fits neither",
            subcode="neither",
        )
        return
    yield from broken(
        (run, by_issue, ISSUE, f"{COMPLETED}, by the time of the last issue"),
        (run, by_mean, LATENCY, "tokens / (result_query_count x result_mean_latency_ns)"),
    )


def _first_token(run: Run) -> Iterator[Fault]:
    for part in ("max", "mean", "99.00_percentile"):
        first, each = whole(run, FIRST.format(part)), whole(run, EACH.format(part))
        if first is not None and each is not None:
            yield from broken((run, runs.first_token_within(first, each, part),
                               FIRST.format(part), EACH.format(part)))
