"""mlperf_log_summary.txt of all generations: lines of ``name : value``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from submission_checker.formats.text import read_text
from submission_checker.model.run import Record, Summary, SummaryLine

PERCENTILE = re.compile(r"(\d\d\.\d\d) percentile latency \(ns\)\Z")
INTERVALS = re.compile(r"(\d\d\.\d\d) percentile\Z")
MAX_LINES = 2000
"""Lines of a summary that are read; LoadGen writes fewer than a hundred."""

NUMBERS = {
    "Samples per second": "result_samples_per_second",
    "Scheduled samples per second": "result_scheduled_samples_per_sec",
    "Completed samples per second": "result_completed_samples_per_sec",
    "QPS w/ loadgen overhead": "result_qps_with_loadgen_overhead",
    "QPS w/o loadgen overhead": "result_qps_without_loadgen_overhead",
    "Min latency (ns)": "result_min_latency_ns",
    "Max latency (ns)": "result_max_latency_ns",
    "Mean latency (ns)": "result_mean_latency_ns",
}
FLAGS = {
    "Performance constraints satisfied": "result_perf_constraints_met",
    "Min duration satisfied": "result_min_duration_met",
    "Min queries satisfied": "result_min_queries_met",
}


def read_summary(data: bytes, path: str) -> Summary:
    """Return the lines of a summary; lines without a colon keep their text as name."""
    lines = []
    for number, text in enumerate(read_text(data, path).lines[:MAX_LINES], start=1):
        stripped = text.strip()
        if not stripped or not stripped.strip("="):
            continue
        name, _, value = stripped.partition(":")
        lines.append(SummaryLine(name.strip(), value.strip(), number))
    return Summary(path, tuple(lines), len(data))


def result_records(summary: Summary) -> Iterator[Record]:
    """Yield the results of a summary under the keys of the JSON detail logs.

    The detail logs of v0.5 and v0.7 hold no results; the summary is where they stand.
    """
    for line in summary.lines:
        if line.name == "Result is":
            yield Record("result_validity", line.value, line.line)
        elif line.name in FLAGS:
            yield Record(FLAGS[line.name], line.value == "Yes", line.line)
        elif (key := NUMBERS.get(line.name) or _percentile(line.name)) is not None:
            try:
                value = float(line.value)
            except ValueError:
                continue
            yield Record(key, int(value) if value.is_integer() else value, line.line)


def _percentile(name: str) -> str | None:
    if (found := PERCENTILE.match(name)) is not None:
        return f"result_{found[1]}_percentile_latency_ns"
    found = INTERVALS.match(name)
    return f"result_{found[1]}_percentile_num_intervals_between_queries" if found else None
