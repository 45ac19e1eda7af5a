"""LGEN005: no key that LoadGen always writes is absent."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level
from submission_checker.model.run import Run
from submission_checker.rules.lgen_settings import PAIRS
from submission_checker.rules.texts import counted, listed
from submission_checker.rules.told import json_log

BOTH = (
    "scenario", "test_mode", "min_duration_ms", "max_duration_ms", "min_query_count",
    "max_query_count", "qsl_rng_seed", "sample_index_rng_seed", "schedule_rng_seed",
    "accuracy_log_rng_seed", "accuracy_log_probability", "accuracy_log_sampling_target",
    "print_timestamps", "performance_issue_unique", "performance_issue_same",
    "performance_issue_same_index",
)
EVERY_LOG = frozenset((
    *(f"{part}_{name}" for part in ("requested", "effective") for name in BOTH),
    "requested_performance_sample_count_override", "effective_max_async_queries",
    "effective_min_sample_count", "effective_performance_sample_count",
    "effective_samples_per_query", "effective_target_duration_ms", "effective_target_latency_ns",
    "effective_target_latency_percentile", "effective_target_qps", "test_datetime", "sut_name",
    "qsl_name", "qsl_reported_performance_count", "qsl_reported_total_count", "loadgen_version",
    "loaded_qsl_set", "generated_query_count", "generated_query_duration",
    "generated_samples_per_query", "power_begin", "power_end",
))
"""Keys in each of 4,993 published logs of v1.0, v2.0, v4.1, v5.1 and v6.0, audits included."""

EVERY_RESULT = frozenset((
    "result_min_duration_met", "result_min_queries_met", "result_min_latency_ns",
    "result_mean_latency_ns", "result_max_latency_ns",
    *(f"result_{p}_percentile_latency_ns" for p in (
        "50.00", "90.00", "95.00", "97.00", "99.00", "99.90")),
))
"""Keys in each of them that has results."""

WITH_EARLY_STOPPING = frozenset(("early_stopping_met", "result_query_count"))
"""The same since early stopping came in."""

BY_SCENARIO = {
    "Server": frozenset((
        "result_perf_constraints_met", "result_completed_samples_per_sec",
        "result_scheduled_samples_per_sec", "requested_server_target_qps",
        "requested_server_target_latency_ns", "requested_server_target_latency_percentile",
    )),
    "Offline": frozenset(("requested_offline_expected_qps", "result_samples_per_second")),
    "SingleStream": frozenset((
        "requested_single_stream_expected_latency_ns",
        "requested_single_stream_target_latency_percentile", "result_qps_with_loadgen_overhead",
        "result_qps_without_loadgen_overhead",
    )),
    "MultiStream": frozenset((
        "requested_multi_stream_samples_per_query",
        "requested_multi_stream_target_latency_percentile",
    )),
}


@rule(
    id="LGEN005", name="keys-complete", title="No key that LoadGen always writes is absent",
    level=Level.ERROR, scope=Scope.LOG, when=json_log,
    why="rules are judged by these keys; a log that lacks one was cut or edited",
    fix="submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte",
    source="mlcommons/inference loadgen/results.cc, loadgen/test_settings_internal.cc",
)
def keys_complete(run: Run, context: Context) -> Iterator[Fault]:
    """The log has every key that LoadGen writes in a run of its scenario, and pairs of settings."""
    if run.log is None:
        raise Skip("no log")
    have = set(run.log.marks().keys)
    mode = run.text("effective_test_mode")
    timed = mode is None or mode.value == "PerformanceOnly"
    if timed and "result_validity" not in have:
        raise Skip("a log without results")
    wanted = _wanted(run.scenario or "", timed, context.round.early_stopping.in_force)
    absent = (wanted - have) | _without_partner(have)
    if absent:
        keys = sorted(absent)
        yield Fault(run.at(), f"{counted(len(keys), 'key')} absent: {listed(keys)}",
                    "every key that LoadGen writes in such a run", subcode="keys")


@lru_cache(maxsize=32)
def _wanted(scenario: str, timed: bool, early_stopping: bool) -> frozenset[str]:
    """Return the keys that a run of a scenario always has; only timed ones have results."""
    wanted = EVERY_LOG | BY_SCENARIO.get(scenario, frozenset())
    if not timed:
        return frozenset(key for key in wanted if not key.startswith("result_"))
    return wanted | EVERY_RESULT | (WITH_EARLY_STOPPING if early_stopping else frozenset())


SIDES = tuple((f"requested_{name}", f"effective_{name}") for name in PAIRS)


def _without_partner(have: set[str]) -> set[str]:
    """Return the settings of which only the requested or only the effective value is there."""
    return {one if one not in have else other for one, other in SIDES
            if (one in have) is not (other in have)}
