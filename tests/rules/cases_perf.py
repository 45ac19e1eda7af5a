"""Edits of the bundled submission that the PERF rules must find, and edits they must pass."""

from __future__ import annotations

from fixtures.builder import Tree, run
from tests.rules.edits import MS, OFF, SERVER, SS, SUMMARY, TOKENS, Edit

TOKENS_OFF = run("toyllm", "Offline")
PERMUTED = "effective_sample_concatenate_permutation"


def unlogged(tree: Tree) -> Tree:
    """Take away what a LoadGen before equal-issue mode was logged does not write."""
    return tree.del_log(TOKENS_OFF, PERMUTED)


CASES: dict[str, list[Edit]] = {
    "PERF001": [lambda t: t.write(OFF, "nothing of LoadGen\n"),
                lambda t: t.write(OFF, t.text(OFF).replace(
                    ':::MLLOG {"key": "qsl_name"', ':::MLLOG {"key": qsl_name"')),
                lambda t: t.write(OFF, t.text(OFF)[:-100])],
    "PERF002": [lambda t: t.set_log(OFF, "result_validity", "INVALID"),
                lambda t: t.del_log(OFF, "result_validity").write(SUMMARY, "")],
    "PERF003": [lambda t: t.replace(SUMMARY, "Result is : VALID", "Result is : INVALID")],
    "PERF004": [lambda t: t.set_log(OFF, "effective_test_mode", "AccuracyOnly"),
                lambda t: t.set_log(OFF, "effective_test_mode", "SubmissionRun")],
    "PERF005": [lambda t: t.copy(SERVER, OFF)],
    "PERF006": [lambda t: t.add_log(OFF, "error_runtime", "Ending early", is_error=True)],
    "PERF007": [lambda t: t.set_log(OFF, "num_errors", 2),
                lambda t: t.replace(SUMMARY, "No errors encountered", "3 ERRORS encountered"),
                lambda t: t.replace(SUMMARY, "No errors encountered during test.", ""),
                lambda t: t.write(SUMMARY, t.text(SUMMARY).partition("Test Parameters")[0])],
    "PERF008": [lambda t: t.set_log(OFF, "effective_performance_sample_count", 255)],
    "PERF009": [lambda t: t.set_log(OFF, "effective_qsl_rng_seed", 1)],
    "PERF010": [lambda t: t.set_log(SERVER, "result_99.00_percentile_latency_ns", 100000001)],
    "PERF011": [lambda t: t.set_log(SERVER, "effective_target_latency_ns", 100000001)],
    "PERF012": [lambda t: t.set_log(SERVER, "effective_target_latency_percentile", 0.9)],
    "PERF013": [lambda t: t.set_log(
        TOKENS, "result_first_token_99.00_percentile_latency_ns", 200000001),
        lambda t: t.del_log(TOKENS, "result_time_per_output_token_99.00_percentile_ns")],
    "PERF014": [lambda t: t.set_log(TOKENS, "requested_server_ttft_latency", 200000001),
                lambda t: t.del_log(TOKENS, "requested_use_token_latencies")],
    "PERF015": [lambda t: t.set_log(SERVER, "early_stopping_met", False)],
    "PERF016": [lambda t: t.set_log(SERVER, "result_query_count", 699)],
    "PERF017": [lambda t: t.set_log(OFF, "effective_samples_per_query", 255)],
    "PERF018": [lambda t: t.set_log(OFF, "effective_min_duration_ms", 999)],
    "PERF019": [lambda t: t.set_log(OFF, "result_max_latency_ns", 999980000)],
    "PERF020": [lambda t: t.set_log(TOKENS, PERMUTED, False),
                lambda t: unlogged(t).set_log(TOKENS_OFF, "result_samples_per_second", 1137.88)],
    "PERF021": [lambda t: t.set_log(MS, "effective_samples_per_query", 4)],
    "PERF023": [lambda t: t.set_log(OFF, "effective_performance_issue_same", True)],
    "PERF024": [lambda t: t.set_log(OFF, "effective_accuracy_log_sampling_target", 64)],
    "PERF025": [lambda t: t.add_log(OFF, "warning_generic_message",
                                    "Found Audit Config file (audit.config).", is_warning=True)],
    "PERF026": [lambda t: t.set_log(OFF, "effective_max_duration_ms", 5000)],
    "PERF027": [lambda t: t.del_log(OFF, "result_samples_per_second"),
                lambda t: t.set_log(OFF, "result_samples_per_second", 0)],
    "PERF029": [lambda t: t.set_log(OFF, "qsl_reported_total_count", 999)],
    "PERF030": [lambda t: t.set_log(SERVER, "result_completed_samples_per_sec", 180.0)],
    "PERF031": [lambda t: t.set_log(SERVER, "effective_target_qps", 220.0)],
    "PERF032": [lambda t: t.set_log(TOKENS, "result_completed_tokens_per_second", 3300.0)],
    "PERF033": [lambda t: t.set_log(TOKENS, "result_completed_tokens_per_second",
                                    59 * t.log(TOKENS, "result_completed_samples_per_sec"))],
    "PERF038": [lambda t: t.set_log(SS, "early_stopping_latency_ss", 1),
                lambda t: t.set_log(MS, "early_stopping_latency_ms", 1200000)],
}

PASSING: dict[str, Edit] = {"PERF020": unlogged}
