"""Edits of the bundled submission that the LGEN rules must find, and edits they must pass."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fixtures.builder import BASE, SYSTEM, Tree, run
from tests.rules.edits import ACC_LOG, MS, OFF, SERVER, SS, SUMMARY, TOKENS, Edit
from tests.traces import traced

SS_SUMMARY = SS.replace("detail", "summary")
SERVER_SUMMARY = SERVER.replace("detail", "summary")
TOKEN_OFFLINE = run("toyllm", "Offline")
MEAN = "result_mean_latency_ns"


def slower_mean(tree: Tree) -> Any:
    """Raise the mean of SingleStream and let the rate without overhead follow."""
    mean = tree.log(SS, MEAN) * 2
    tree.set_log(SS, MEAN, mean)
    return tree.set_log(SS, "result_qps_without_loadgen_overhead", float(f"{1e9 / mean:.6g}"))


def moved(tree: Tree, log: str, key: str, before: str) -> Any:
    """Move the record of a key before that of another."""
    lines = tree.text(log).splitlines(keepends=True)
    line = next(x for x in lines if f'"key": "{key}"' in x)
    lines.remove(line)
    at = next(i for i, x in enumerate(lines) if f'"key": "{before}"' in x)
    return tree.write(log, "".join([*lines[:at], line, *lines[at:]]))


def other_line(tree: Tree) -> Any:
    """Let a record of the accuracy log come from another line of the source."""
    return tree.edit_log(ACC_LOG, "sut_name", lambda record: {
        **record, "metadata": {**record["metadata"], "line_no": 7}})


def other_process(tree: Tree) -> Any:
    return tree.edit_log(SERVER, "sut_name", lambda record: {
        **record, "metadata": {**record["metadata"], "pid": 7}})


def earlier(tree: Tree) -> Any:
    return tree.edit_log(SERVER, "result_validity", lambda record: {**record, "time_ms": 1.5})


def hashes(tree: Tree, **changes: str) -> Any:
    known = {**tree.log(OFF, "loadgen_file_sha1"),
             **{f"/{name.replace('_cc', '.cc')}": value for name, value in changes.items()}}
    return tree.set_log(OFF, "loadgen_file_sha1", known)


def later_end(tree: Tree, log: str, by_s: float) -> Any:
    """Move power_end."""
    end = datetime.strptime(tree.log(log, "power_end"), STAMP) + timedelta(seconds=by_s)
    return tree.set_log(log, "power_end", end.strftime(STAMP)[:-3])


def crlf(tree: Tree, log: str, lines: int | None = None) -> Any:
    """End the first lines of a log, or all, with CR LF."""
    return tree.write(log, tree.path(log).read_bytes().replace(b"\n", b"\r\n", lines or -1))


def network_names(took_ns: int) -> Edit:
    """Move the submission to the network division; its systems took so long to tell their name."""

    def edit(tree: Tree) -> Any:
        tree.copy(BASE, "network/DemoOrg").delete("closed")
        tree.set_json(f"network/DemoOrg/systems/{SYSTEM}.json", "division", "network")
        for path in sorted(tree.path("network").rglob("run_1/mlperf_log_detail.txt")):
            name = path.relative_to(tree.root).as_posix()
            tree.set_log(name, "get_sut_name_duration_ns", took_ns)

    return edit


STAMP = "%m-%d-%Y %H:%M:%S.%f"


def near_one(tree: Tree, percentile: float) -> Any:
    """Let very many queries be above the target, at a percentile that doubles hardly tell."""
    tree.set_log(SERVER, "result_overlatency_query_count", 1_584_361_243_196_508)
    tree.set_log(SERVER, "result_query_count", 10**18)
    return tree.set_log(SERVER, "effective_target_latency_percentile", percentile)


CASES: dict[str, list[Edit]] = {
    "LGEN001": [lambda t: t.set_log(OFF, "loadgen_version", "5.1.0 @ d6147c7eb7")],
    "LGEN002": [lambda t: t.set_log(OFF, "loadgen_git_status_message", " M loadgen.cc"),
                lambda t: t.add_log(ACC_LOG, "error_uncommitted_loadgen_changes",
                                    "Loadgen built with uncommitted changes!", is_error=True)],
    "LGEN003": [lambda t: hashes(t, results_cc="0" * 40), lambda t: hashes(t, own_cc="0" * 40),
                lambda t: hashes(t.set_log(OFF, "loadgen_git_status_message", "NA"),
                                 results_cc="0" * 40),
                lambda t: t.set_log(OFF, "loadgen_version", "6.0.17 @ b9ed3c7fec")],
    "LGEN004": [lambda t: t.set_log(OFF, "loadgen_version", "6.0.17 @ b9ed3c7fec")],
    "LGEN006": [lambda t: moved(t, OFF, "result_samples_per_second", "sut_name"),
                lambda t: moved(t, OFF, "effective_max_duration_ms", "effective_min_duration_ms")],
    "LGEN007": [other_line, other_process,
                lambda t: t.replace(SERVER, '"namespace": "mlperf::logging", ', "")],
    "LGEN008": [earlier, lambda t: moved(t, OFF, "effective_scenario",
                                         "requested_sample_concatenate_permutation")],
    "LGEN009": [lambda t: t.append(OFF, t.text(SERVER)),
                lambda t: t.add_log(OFF, "result_samples_per_second", 1.5)],
    "LGEN010": [lambda t: t.set_log(OFF, "result_query_count", "1"),
                lambda t: t.set_log(OFF, "result_max_latency_ns", 10**400),
                lambda t: t.set_log(SS, "early_stopping_met", 1)],
    "LGEN005": [lambda t: t.del_log(OFF, "early_stopping_met"),
                lambda t: t.del_log(SERVER, "power_end"),
                lambda t: t.del_log(SS, "effective_max_duration_ms"),
                lambda t: t.del_log(ACC_LOG, "requested_sample_concatenate_permutation")],
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
                lambda t: t.set_log(OFF, "early_stopping_met", False),
                lambda t: near_one(t, 0.9999999989999999)],
    "LGEN019": [lambda t: t.replace(SUMMARY, "min_duration (ms): 1000", "min_duration (ms): 900"),
                lambda t: t.set_log(OFF, "result_99.00_percentile_latency_ns", 1),
                lambda t: t.set_log(SERVER, "result_completed_samples_per_sec", 1.5),
                lambda t: t.replace(SS_SUMMARY, "Would discard 73", "Would discard 72"),
                lambda t: t.copy(SERVER_SUMMARY, SUMMARY),
                lambda t: t.replace(SERVER_SUMMARY, "No warnings", "2 warnings"),
                lambda t: t.replace(SUMMARY, "SUT name : PySUT", "SUT name : "),
                lambda t: t.replace(ACC_LOG.replace("detail", "summary"), "No errors", "1 ERROR")],
    "LGEN023": [lambda t: later_end(t, OFF, 5), lambda t: later_end(t, SERVER, -5),
                lambda t: later_end(t, SS, 0.5), lambda t: later_end(t, MS, 5)],
    "LGEN024": [lambda t: t.set_log(OFF, "test_datetime", "2026-11-22T14:06:05Z")],
    "LGEN025": [lambda t: t.set_log(OFF, "loadgen_build_date_utc", "2027-01-01T00:00:00.5")],
    "LGEN026": [lambda t: t.set_log(SERVER, "result_overlatency_query_count", 600),
                lambda t: t.set_log(SERVER, "effective_target_latency_ns", 1)],
    "LGEN027": [lambda t: t.set_log(TOKENS, "result_completed_tokens_per_second", 50.5),
                lambda t: t.set_log(TOKENS, "result_token_throughput", 1e-9),
                lambda t: t.set_log(TOKENS, "result_first_token_mean_latency_ns", 2000000),
                lambda t: t.set_log(TOKEN_OFFLINE, "result_tokens_per_second", 1.5)],
    "LGEN028": [lambda t: t.set_log(OFF, "result_samples_per_second", 42179.2138)],
    "LGEN029": [lambda t: t.truncate(OFF, -1),
                lambda t: t.write(OFF, t.text(OFF).split(':::MLLOG {"key": "result_', 1)[0]),
                lambda t: t.add_log(OFF, "result_mean_latency_ns",
                                    t.log(OFF, "result_mean_latency_ns"))],
    "LGEN030": [lambda t: t.add_log(OFF, "warning_generic_message", "Slow.", is_warning=True)],
    "LGEN031": [lambda t: t.add_log(OFF, "error_invalid_config",
                                    "Multiple conf files are used.", is_error=True)],
    "LGEN032": [lambda t: traced(t, SERVER, queries=1), lambda t: traced(t, MS, samples=-1),
                lambda t: traced(t, OFF, factor=1.01), lambda t: traced(t, OFF, factor=0.99),
                lambda t: traced(t, OFF, samples=1, whole=False)],
    "LGEN034": [network_names(999)],
    "LGEN035": [lambda t: crlf(t, OFF, 3), lambda t: crlf(t, ACC_LOG)],
    "LGEN036": [lambda t: t.set_log(SS, "result_mean_latency_ns", 1) and t.set_log(
                    SS, "result_99.00_percentile_latency_ns", 2000000)],
}

PASSING: dict[str, Edit] = {
    "LGEN032": lambda t: traced(traced(traced(t, OFF), SERVER), MS),
    "LGEN034": network_names(1000),
}
