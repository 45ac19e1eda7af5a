"""LGEN: the detail log is what LoadGen writes."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level
from submission_checker.model.run import TEXT_LOG, Run
from submission_checker.rules.texts import counted, listed

EVERY_RUN = (
    "effective_test_mode", "effective_performance_sample_count", "effective_qsl_rng_seed",
    "effective_sample_index_rng_seed", "effective_schedule_rng_seed", "effective_min_duration_ms",
    "effective_min_query_count", "effective_samples_per_query", "effective_target_latency_ns",
    "effective_target_latency_percentile", "result_min_duration_met", "result_min_queries_met",
    "result_mean_latency_ns", "result_90.00_percentile_latency_ns",
    "result_99.00_percentile_latency_ns", "generated_query_count", "power_begin",
    "power_end", "test_datetime",
)
"""Keys in each of 1,355 published performance logs of v1.0, v2.0, v4.1 and v5.1."""

WITH_EARLY_STOPPING = ("early_stopping_met", "result_query_count")
"""The same since early stopping came in."""

SERVER = ("result_perf_constraints_met",)


@rule(
    id="LGEN005", name="keys-complete", title="No key that LoadGen always writes is absent",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001", "PERF002"),
    why="rules are judged by these keys; a log that lacks one was cut or edited",
    fix="submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte",
    source="mlcommons/inference loadgen/results.cc, loadgen/test_settings_internal.cc",
)
def keys_complete(run: Run, context: Context) -> Iterator[Fault]:
    """The log has every key that LoadGen writes in a performance run of its scenario."""
    if run.log is None or run.log.generation == TEXT_LOG:
        raise Skip("LoadGen of that time wrote no keys")
    wanted = (
        *EVERY_RUN, *(WITH_EARLY_STOPPING if context.round.early_stopping.in_force else ()),
        *(SERVER if run.scenario == "Server" else ()),
    )
    absent = [key for key in wanted if not run.has(key)]
    if absent:
        yield Fault(run.at(), f"{counted(len(absent), 'key')} absent: {listed(absent)}",
                    "every key that LoadGen writes in such a run", subcode="keys")
