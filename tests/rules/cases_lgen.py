"""Edits of the bundled submission that the LGEN rules must find, and edits they must pass."""

from __future__ import annotations

from typing import Any

from fixtures.builder import Tree
from tests.rules.edits import ACC_LOG, MS, OFF, SERVER, SS, SUMMARY, TOKENS, Edit

SS_SUMMARY = SS.replace("detail", "summary")
SERVER_SUMMARY = SERVER.replace("detail", "summary")
MEAN = "result_mean_latency_ns"


def slower_mean(tree: Tree) -> Any:
    """Raise the mean of SingleStream and let the rate without overhead follow."""
    mean = tree.log(SS, MEAN) * 2
    tree.set_log(SS, MEAN, mean)
    return tree.set_log(SS, "result_qps_without_loadgen_overhead", float(f"{1e9 / mean:.6g}"))


CASES: dict[str, list[Edit]] = {
    "LGEN005": [lambda t: t.del_log(OFF, "early_stopping_met"),
                lambda t: t.del_log(SERVER, "power_end")],
    "LGEN011": [lambda t: t.set_log(OFF, "effective_schedule_rng_seed", 0),
                lambda t: t.set_log(SS, "effective_min_query_count", 99),
                lambda t: t.set_log(OFF, "effective_min_query_count", 2),
                lambda t: t.set_log(SERVER, "effective_min_sample_count", 1),
                lambda t: t.set_log(SERVER, "effective_target_qps", 1e18),
                lambda t: t.set_log(SS, "effective_target_qps", 1600),
                lambda t: t.set_log(ACC_LOG, "effective_performance_sample_count", 10**18)],
    "LGEN012": [lambda t: t.set_log(OFF, "result_samples_per_second", 1e9),
                lambda t: t.set_log(OFF, "result_max_latency_ns", 10**18),
                lambda t: t.set_log(OFF, "result_query_count", 2),
                lambda t: t.set_log(OFF, "effective_samples_per_query", 10**18),
                lambda t: t.set_log(OFF, "requested_offline_expected_qps", 1)],
    "LGEN013": [lambda t: t.set_log(SERVER, "result_query_count",
                                    t.log(SERVER, "result_query_count") - 2),
                lambda t: t.set_log(SERVER, "result_scheduled_samples_per_sec", 400.5),
                lambda t: t.set_log(SERVER, "result_scheduled_samples_per_sec", 1.5),
                lambda t: t.set_log(SERVER, "result_completed_samples_per_sec", 2000.5),
                lambda t: t.set_log(SERVER, "result_completed_samples_per_sec", 100.5),
                lambda t: t.set_log(TOKENS, "generated_query_count", 10**18)],
    "LGEN014": [lambda t: t.set_log(SS, "result_qps_without_loadgen_overhead", 999.5),
                lambda t: t.set_log(SS, "result_query_count", 10**18), slower_mean],
    "LGEN015": [lambda t: t.set_log(MS, "result_max_query_latency_ns", 4944177),
                lambda t: t.set_log(MS, "result_mean_query_latency_ns", 1),
                lambda t: t.set_log(MS, "power_end", t.log(MS, "power_begin"))],
    "LGEN016": [lambda t: t.set_log(SERVER, "result_99.00_percentile_latency_ns", 1),
                lambda t: t.set_log(MS, "result_50.00_percentile_per_query_latency_ns", 10**18),
                lambda t: t.set_log(TOKENS, "result_first_token_max_latency_ns", 0),
                lambda t: t.set_log(TOKENS, "result_time_to_output_token_mean", 1),
                lambda t: t.set_log(SS, MEAN, 10**9)],
    "LGEN017": [lambda t: t.set_log(OFF, "result_validity", "INVALID"),
                lambda t: t.set_log(SERVER, "result_perf_constraints_met", False),
                lambda t: t.set_log(SERVER, "result_min_queries_met", False),
                lambda t: t.set_log(SS, "result_min_duration_met", False),
                lambda t: t.set_log(OFF, "effective_min_duration_ms", 10**9),
                lambda t: t.set_log(MS, "effective_min_duration_ms", 10**9),
                lambda t: t.set_log(TOKENS, "requested_server_tpot_latency", 1),
                lambda t: t.add_log(OFF, "result_invalid_reason", "Min duration NOT satisfied.")],
    "LGEN018": [lambda t: t.replace(SS, "Would discard 73", "Would discard 72"),
                lambda t: t.set_log(SS, "early_stopping_latency_ss", 1000000),
                lambda t: t.set_log(SS, "early_stopping_latency_ms", 0),
                lambda t: t.replace(SS, "1083500", "1066073"),
                lambda t: t.set_log(SERVER, "early_stopping_met", False),
                lambda t: t.set_log(SERVER, "result_overlatency_query_count", 600),
                lambda t: t.set_log(SERVER, "result_overlatency_query_count", 10**18),
                lambda t: t.set_log(SERVER, "result_query_count", 10**18 + 1),
                lambda t: t.set_log(SERVER, "effective_target_latency_percentile", 1.5),
                lambda t: t.set_log(MS, "result_query_count", 661),
                lambda t: t.set_log(TOKENS, "requested_server_tpot_latency", 1),
                lambda t: t.set_log(TOKENS, "early_stopping_ttft_result", ""),
                lambda t: t.set_log(OFF, "early_stopping_met", False)],
    "LGEN019": [lambda t: t.replace(SUMMARY, "min_duration (ms): 1000", "min_duration (ms): 900"),
                lambda t: t.set_log(OFF, "result_99.00_percentile_latency_ns", 1),
                lambda t: t.set_log(SERVER, "result_completed_samples_per_sec", 1.5),
                lambda t: t.replace(SS_SUMMARY, "Would discard 73", "Would discard 72"),
                lambda t: t.copy(SERVER_SUMMARY, SUMMARY),
                lambda t: t.replace(SERVER_SUMMARY, "No warnings", "2 warnings"),
                lambda t: t.replace(ACC_LOG.replace("detail", "summary"), "No errors", "1 ERROR")],
    "LGEN026": [lambda t: t.set_log(SERVER, "result_overlatency_query_count", 600),
                lambda t: t.set_log(SERVER, "effective_target_latency_ns", 1)],
}

PASSING: dict[str, Edit] = {}
