"""LGEN017: LoadGen's verdict follows from its parts, and each part from the numbers."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.evidence import invariants_runs
from submission_checker.evidence.identities import Identity, at_least
from submission_checker.model.findings import Level
from submission_checker.model.run import Run
from submission_checker.rules import measured
from submission_checker.rules.told import (
    SERIES,
    number,
    percentile_key,
    planned,
    shown,
    truth,
    whole,
    with_results,
)

PARTS = (
    "result_perf_constraints_met", "result_min_duration_met", "result_min_queries_met",
    "early_stopping_met",
)
POWER_CLOCK_S = 0.002
"""Both stamps are printed in ms."""


@rule(
    id="LGEN017", name="validity-follows", title="VALID follows from its parts, and they hold",
    level=Level.ERROR, scope=Scope.LOG, when=with_results,
    why="LoadGen calls a run VALID exactly where duration, query count, latency and early stopping "
        "are met, and it logs the numbers that each of these was decided from",
    fix="submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte",
    source="mlcommons/inference loadgen/results.cc (PerformanceSummary)",
)
def validity_follows(run: Run, context: Context) -> Iterator[Fault]:
    """``result_validity`` is the conjunction of the ``_met`` keys; each is recomputed.

    Minimum duration: Offline by the latency of its query, Server and SingleStream by the time of
    the last query, MultiStream by the clock. Minimum queries: count and samples against the
    effective minimum. Constraints: the target percentile against the target, or both token
    latencies against their limits. Early stopping is recomputed by LGEN018.
    """
    said = run.text("result_validity")
    if said is None:
        raise Skip("result_validity is no text")
    valid = said.value == "VALID"
    parts = {key: value for key in PARTS if (value := truth(run, key)) is not None}
    missed = [key for key, value in parts.items() if not value]
    if valid != (not missed):
        why = f"{missed[0]} is false (line {run.at(missed[0]).line})" if missed else (
            "every _met key is true")
        yield Fault(said.at, f"result_validity {said.value}",
                    f"{'INVALID' if missed else 'VALID'}: {why}", subcode="validity")
    elif run.has("result_invalid_reason") == valid:
        at = run.at("result_invalid_reason") if valid else said.at
        yield Fault(at, f"result_validity {said.value} "
                    f"{'with' if valid else 'without'} result_invalid_reason",
                    "a reason exactly where the run is INVALID", subcode="reason")
    for identity, key, because in _recomputed(run, parts):
        if identity is not None and identity.holds is False:
            said_met = parts[key]
            numbers = "" if isinstance(identity.claimed, bool) else (
                f"; {shown(identity.claimed)} ns against {shown(identity.expected)} ns")
            yield Fault(run.at(key), f"{key} {shown(said_met)}",
                        f"{shown(not said_met)}, by {because}{numbers}", subcode=identity.name)


def _recomputed(
    run: Run, parts: dict[str, bool],
) -> Iterator[tuple[Identity | None, str, str]]:
    key = "result_min_duration_met"
    if key in parts:
        yield _min_duration(run, parts[key]), key, _time_words(run)
    key = "result_min_queries_met"
    if key in parts:
        yield _min_queries(run, parts[key]), key, (
            "generated and issued queries against effective_min_query_count and "
            "effective_min_sample_count")
    key = "result_perf_constraints_met"
    if key in parts and run.scenario == "Server":
        yield _constraint(run, parts[key]), key, _constraint_words(run)


def _time_words(run: Run) -> str:
    return {
        "Offline": "result_max_latency_ns", "MultiStream": "power_end - power_begin",
        "Server": "the time of the last query, (queries - 1) / result_scheduled_samples_per_sec",
    }.get(run.scenario or "", "the time of the last query, (queries - 1) / "
          "result_qps_with_loadgen_overhead") + ", against effective_min_duration_ms"


def _min_duration(run: Run, met: bool) -> Identity | None:
    least = whole(run, "effective_min_duration_ms")
    if least is None:
        return None
    if run.scenario == "Offline":
        latency = whole(run, "result_max_latency_ns")
        return None if latency is None else invariants_runs.offline_min_duration(
            met, latency, least)
    queries = whole(run, "result_query_count")
    if run.scenario == "Server":
        queries = queries if queries is not None else planned(run, "generated_query_count")
        rate = number(run, "result_scheduled_samples_per_sec")
        return None if queries is None or not rate else invariants_runs.server_min_duration(
            met, queries, rate, least)
    if queries is None:
        return None
    if run.scenario == "SingleStream":
        rate = number(run, "result_qps_with_loadgen_overhead")
        return None if not rate else invariants_runs.stream_min_duration(met, queries, rate, least)
    span = measured.power_span(run)
    if span is None or not met:
        return None
    return at_least("min-duration", span.value * 1e9, least * 1e6, POWER_CLOCK_S * 1e9)


def _min_queries(run: Run, met: bool) -> Identity | None:
    """Queries are counted in samples: of Offline all samples of its one query."""
    least = whole(run, "effective_min_query_count")
    least_samples = whole(run, "effective_min_sample_count")
    if least is None or least_samples is None:
        return None
    if run.scenario == "Offline":
        queries, samples = planned(run, "generated_query_count"), _offline_samples(run)
    else:
        queries = whole(run, "result_query_count")
        each = planned(run, "generated_samples_per_query")
        samples = None if queries is None or each is None else queries * each
    if queries is None or samples is None:
        return None
    return invariants_runs.min_queries(met, queries, samples, least, least_samples)


def _offline_samples(run: Run) -> int | None:
    """Return the samples of the one query; equal-issue queries are padded to whole sets."""
    samples = planned(run, "generated_samples_per_query")
    loaded = whole(run, "effective_performance_sample_count")
    if samples is None or not loaded:
        return samples
    return invariants_runs.padded_samples(samples, loaded)


def _constraint_words(run: Run) -> str:
    if truth(run, "requested_use_token_latencies"):
        return "the target percentiles of first token and time per output token, against " \
               "requested_server_ttft_latency and requested_server_tpot_latency"
    return "the latency at effective_target_latency_percentile, against effective_target_latency_ns"


def _constraint(run: Run, met: bool) -> Identity | None:
    share = number(run, "effective_target_latency_percentile")
    if share is None or not 0 < share < 1:
        return None
    if not truth(run, "requested_use_token_latencies"):
        have = whole(run, percentile_key(SERIES["sample"][1], share))
        target = whole(run, "effective_target_latency_ns")
        return None if have is None or target is None else invariants_runs.latency_constraint(
            met, have, target)
    first = whole(run, percentile_key(SERIES["first-token"][1], share))
    each = whole(run, percentile_key(SERIES["per-token"][1], share))
    first_limit = whole(run, "requested_server_ttft_latency")
    each_limit = whole(run, "requested_server_tpot_latency")
    if first is None or each is None or first_limit is None or each_limit is None:
        return None
    return invariants_runs.token_constraint(met, first, first_limit, each, each_limit)


