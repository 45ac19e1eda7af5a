"""LGEN019: the summary and the detail log tell one run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.evidence.early_stopping_texts import collapsed, differing
from submission_checker.evidence.printed import same_six_digits, same_two_decimals
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Record, Run, Summary, SummaryLine
from submission_checker.rules.measured import summary_error_count
from submission_checker.rules.texts import counted, quote
from submission_checker.rules.told import SHOWN, WORD, json_log, printed

SECONDS = "samples per second"
NAMES = {
    "SUT name": "sut_name", "Scenario": "effective_scenario", "Mode": "effective_test_mode",
    "Samples per query": "effective_samples_per_query",
    "Samples per second": "result_samples_per_second",
    "Tokens per second": "result_tokens_per_second",
    "Tokens per second (inferred)": "result_inferred_tokens_per_second",
    f"Completed {SECONDS}": "result_completed_samples_per_sec",
    f"Scheduled {SECONDS}": "result_scheduled_samples_per_sec",
    "Completed tokens per second": "result_completed_tokens_per_second",
    "Completed tokens per second (inferred)": "result_inferred_completed_tokens_per_second",
    "Result is": "result_validity",
    "Performance constraints satisfied": "result_perf_constraints_met",
    "Min duration satisfied": "result_min_duration_met",
    "Min queries satisfied": "result_min_queries_met",
    "Early stopping satisfied": "early_stopping_met",
    "QPS w/ loadgen overhead": "result_qps_with_loadgen_overhead",
    "QPS w/o loadgen overhead": "result_qps_without_loadgen_overhead",
    "Min First Token latency (ns)": "result_first_token_min_latency_ns",
    "Max First Token latency (ns)": "result_first_token_max_latency_ns",
    "Mean First Token latency (ns)": "result_first_token_mean_latency_ns",
    "Min Time per Output Token (ns)": "result_time_to_output_token_min",
    "Max Time per Output Token (ns)": "result_time_to_output_token_max",
    "Mean Time per Output Token (ns)": "result_time_to_output_token_mean",
    "target_latency (ns)": "effective_target_latency_ns",
    "ttft_latency (ns)": "requested_server_ttft_latency",
    "tpot_latency (ns)": "requested_server_tpot_latency",
    "min_duration (ms)": "effective_min_duration_ms",
    "max_duration (ms)": "effective_max_duration_ms",
    **{name: f"effective_{name}" for name in (
        "samples_per_query", "target_qps", "max_async_queries", "min_query_count",
        "max_query_count", "qsl_rng_seed", "sample_index_rng_seed", "schedule_rng_seed",
        "accuracy_log_rng_seed", "accuracy_log_probability", "accuracy_log_sampling_target",
        "print_timestamps", "performance_issue_unique", "performance_issue_same",
        "performance_issue_same_index", "performance_sample_count", "accuracy_sample_count",
    )},
}
"""Line of the summary -> key of the detail log (results.cc, test_settings_internal.cc)."""

HEAD = re.compile(r"(\d{1,2}(?:\.\d)?)th percentile latency \(ns\)\Z")
PERCENTILE = re.compile(r"(\d\d\.\d\d) percentile (latency|first token latency|time to output "
                        r"token) \(ns\)\Z")
INTERVALS = re.compile(r"(\d\d\.\d\d) percentile\Z")
EXTREME = re.compile(r"(Min|Max|Mean) latency \(ns\)\Z")
SERIES = {
    "latency": "result_{}_percentile_latency_ns",
    "first token latency": "result_first_token_{}_percentile_latency_ns",
    "time to output token": "result_time_per_output_token_{}_percentile_ns",
}
BY_QUERY = "result_{}_percentile_per_query_latency_ns"
BETWEEN_QUERIES = "result_{}_percentile_num_intervals_between_queries"
HEADERS = {"Per-query latency": True, "Per-sample latency": False}
"""Header in a MultiStream summary -> whether the latencies below it are those of whole queries."""

BLOCKS = {
    "Early Stopping Result": "early_stopping_result",
    "TTFT Early Stopping Result": "early_stopping_ttft_result",
    "TPOT Early Stopping Result": "early_stopping_tpot_result",
}
WARNINGS = re.compile(r"(?:(No)|(\d{1,9})) warnings? encountered")
YES, NO = ("yes", "true", "1"), ("no", "false", "0")
TWO_DECIMALS = re.compile(r"-?\d+\.\d\d\Z")
NAME = "SUT name"
"""LoadGen asks the system for its name before the run and once more for the summary
(loadgen.cc, RunPerformanceMode); over a network the second answer can be another or none."""

STREAM_LINES = frozenset(("Samples per second", "Tokens per second"))
"""Rates that the summary prints with six digits; the others have two decimals."""


@rule(
    id="LGEN019", name="summary-equals-detail", title="Summary and detail log tell the same run",
    level=Level.ERROR, scope=Scope.LOG, when=json_log,
    why="LoadGen writes both files from the same values; a line that differs was edited, or one "
        "of the files is of another run",
    fix="submit mlperf_log_summary.txt and mlperf_log_detail.txt of one run, as LoadGen wrote them",
    source="mlcommons/inference loadgen/results.cc (LogSummary, LogDetail)",
)
def summary_equals_detail(run: Run, context: Context) -> Iterator[Fault]:
    """Every line of the summary has the value of its key in the detail log.

    Rates are compared as they are printed: two decimals, or six digits. The counts of errors and
    warnings in the last lines are those of the marked records; PERF003 and PERF007 judge the
    verdict and the errors of performance runs. Another name alone is a warning: the system is
    asked for it twice.
    """
    if run.summary is None or run.log is None:
        raise Skip("no summary")
    if not run.summary.lines:
        raise Skip("an empty summary")
    timed = any(run is other for other in context.judged.performance)
    found = [fault for fault in _differences(run, run.summary)
             if not (timed and fault.subcode == "Result is")]
    if found:
        first = found[0]
        more = f"; {counted(len(found) - 1, 'further line')} differ" if len(found) > 1 else ""
        named = all(fault.subcode == NAME for fault in found)
        yield Fault(first.at, first.found + more, first.required, subcode="lines", evidence=tuple(
            f"line {fault.at.line}: {fault.found}; required: {fault.required}"
            for fault in found[1 : 1 + SHOWN]), level=Level.WARNING if named else None)
        if not named:
            return
    yield from _tail(run, run.summary, timed)


def _differences(run: Run, summary: Summary) -> Iterator[Fault]:
    block: list[SummaryLine] = []
    key, by_query = "", run.scenario == "MultiStream"
    for line in summary.lines:
        by_query = HEADERS.get(line.name, by_query)
        if line.name in BLOCKS and not line.value:
            yield from _block(run, summary, key, block)
            key, block = BLOCKS[line.name], []
        elif key and (line.name.startswith("*") or (block and _continues(line))):
            block.append(line)
        else:
            yield from _block(run, summary, key, block)
            key, block = "", []
            yield from _line(run, summary, line, by_query)
    yield from _block(run, summary, key, block)


def _continues(line: SummaryLine) -> bool:
    """Return whether a line goes on with the sentence of the line before."""
    return line.name[:1].islower() and not line.value


def _line(run: Run, summary: Summary, line: SummaryLine, by_query: bool) -> Iterator[Fault]:
    key = key_of(line.name, by_query)
    raw = run.log.raw(key) if key is not None and run.log is not None else None
    if raw is not None and raw.strip(b'"') == line.value.encode():
        return
    record = run.record(key) if key is not None else None
    if record is None or same(line, record):
        return
    yield Fault(Location(summary.path, line.line), f"{line.name} : {quote(line.value)}",
                f"{printed(record.value)}, as {record.key} says in line {record.line} of "
                "mlperf_log_detail.txt", subcode=line.name)


def _block(run: Run, summary: Summary, key: str, lines: list[SummaryLine]) -> Iterator[Fault]:
    said = run.text(key) if key and lines else None
    if said is None:
        return
    text = collapsed(" ".join(
        f"{line.name}: {line.value}" if line.value else line.name for line in lines))
    wanted = collapsed(said.value)
    if text != wanted:
        have, due = differing(text, wanted)
        line = next((x.line for x in lines if x.name.lstrip("* ") in have), lines[0].line)
        yield Fault(Location(summary.path, line), quote(have),
                    f"{quote(due)}, as {key} says in line {said.at.line} of "
                    "mlperf_log_detail.txt", subcode=key)


@lru_cache(maxsize=1024)
def key_of(name: str, by_query: bool) -> str | None:
    """Return the key of the detail log that a summary line repeats, None for other lines."""
    if (known := NAMES.get(name)) is not None:
        return known
    if (found := HEAD.match(name)) is not None:
        percent = f"{float(found[1]):.2f}"
        return (BY_QUERY if by_query else SERIES["latency"]).format(percent)
    if (found := PERCENTILE.match(name)) is not None:
        pattern = BY_QUERY if by_query and found[2] == "latency" else SERIES[found[2]]
        return pattern.format(found[1])
    if (found := INTERVALS.match(name)) is not None:
        return BETWEEN_QUERIES.format(found[1])
    if (found := EXTREME.match(name)) is not None:
        return f"result_{found[1].lower()}_{'query_' if by_query else ''}latency_ns"
    return None


def same(line: SummaryLine, record: Record) -> bool:
    """Return whether a summary line prints the value of a record."""
    text, value = line.value, record.value
    if isinstance(value, bool):
        return text.lower() in (YES if value else NO)
    if isinstance(value, str):
        return text == value.strip()
    if not isinstance(value, (int, float)):
        return True
    if isinstance(value, int) and abs(value) >= WORD:
        return False
    try:
        if isinstance(value, int) and text.isascii() and text.isdigit() and len(text) < 30:
            return int(text) == value
        have = float(text)
    except ValueError:
        return False
    if TWO_DECIMALS.match(text) and line.name not in STREAM_LINES:
        return same_two_decimals(have, float(value))
    return same_six_digits(have, float(value))


def _tail(run: Run, summary: Summary, timed: bool) -> Iterator[Fault]:
    """The last lines count warnings and errors; a difference alone is no proof of an edit."""
    if run.log is None:
        return
    errors, said = len(run.log.errors()), summary_error_count(summary)
    if said is not None and not timed and said[0] != errors:
        yield Fault(Location(summary.path, said[1]),
                    f"the summary counts {counted(said[0], 'error')}",
                    f"{errors}, the number of error records in {run.detail_path}",
                    subcode="errors", level=Level.WARNING)
    for line in summary.lines:
        if (found := WARNINGS.match(line.name)) is not None:
            claimed, warnings = int(found[2] or 0), len(run.log.warnings())
            if claimed != warnings:
                yield Fault(Location(summary.path, line.line),
                            f"the summary counts {counted(claimed, 'warning')}",
                            f"{warnings}, the number of warning records in {run.detail_path}",
                            subcode="warnings", level=Level.WARNING)
