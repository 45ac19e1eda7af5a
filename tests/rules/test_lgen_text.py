"""LGEN016 LGEN033 on text logs, as LoadGen of v0.5 and v0.7 wrote them."""

import dataclasses

import pytest

from submission_checker.logs.detail import open_detail
from submission_checker.logs.summary import read_summary, result_records
from submission_checker.model.files import Folder
from submission_checker.model.run import Run
from submission_checker.rules import lgen_furniture, lgen_latency
from tests.rules.support_subjects import DEMO, found, result, status

PATH = "closed/Acme/results/node/digits/Offline/performance/run_1"
LOG = f"{PATH}/mlperf_log_detail.txt"
LINES = (
    '"pid": 7, "tid": 7, "ts": 10ns : LoadgenVersionInfo:',
    '"pid": 7, "tid": 7, "ts": 10ns : version : .5a1 @ 61220457de',
    '"pid": 7, "tid": 7, "ts": 20ns : Effective Settings:',
    '"pid": 7, "tid": 7, "ts": 20ns : Scenario : Offline',
    '"pid": 7, "tid": 8, "ts": 15ns : Starting performance mode:',
    '"pid": 7, "tid": 7, "ts": 30ns : POWER_END: "mode" : Performance, "time" : 1',
)
SUMMARY = """\
Min latency (ns)                : 1
50.00 percentile latency (ns)   : 5
99.90 percentile latency (ns)   : 8
Max latency (ns)                : 9
Mean latency (ns)               : 6
"""
ROUND = dataclasses.replace(DEMO, rules={})


def with_lines(*lines, summary=SUMMARY):
    """Return a result whose only run has these lines and this summary."""
    data = "".join(f"{line}\n" for line in lines or LINES).encode()
    read = read_summary(summary.encode(), f"{PATH}/mlperf_log_summary.txt")
    run = Run("run_1", Folder(PATH, {}, ()), LOG, open_detail(data, LOG), read, None,
              {record.key: record for record in result_records(read)})
    return dataclasses.replace(result(), performance=(run,))


@pytest.mark.parametrize("rule", [
    lgen_furniture.text_log_threads, lgen_latency.percentiles_ordered,
    lgen_furniture.line_ends, lgen_furniture.log_whole])
def test_sound_log_passes(rule):
    assert status(rule, with_lines(), ROUND) == "passed"


def test_two_runs_in_one_file_are_named():
    assert found(lgen_furniture.text_log_threads, with_lines(*LINES, *LINES), ROUND) == [
        ("warning", f"{LOG}:7", "2 runs in one file: the second begins here", "the log of one run"),
    ]


def test_time_falls_within_a_thread():
    lines = [line.replace("ts\": 30ns", "ts\": 19ns") for line in LINES]
    assert found(lgen_furniture.text_log_threads, with_lines(*lines), ROUND) == [
        ("warning", f"{LOG}:6", "ts 19 ns after 20 ns of the same thread",
         "times that never fall within a thread"),
    ]


def test_a_second_process_is_named():
    lines = [*LINES[:-1], LINES[-1].replace('"pid": 7', '"pid": 8')]
    assert found(lgen_furniture.text_log_threads, with_lines(*lines), ROUND) == [
        ("warning", LOG, 'processes "7", "8"', "one process"),
    ]


def test_latencies_of_the_summary_must_rise():
    edited = SUMMARY.replace("(ns)   : 8", "(ns)   : 4")
    assert found(lgen_latency.percentiles_ordered, with_lines(summary=edited), ROUND) == [
        ("error", f"{PATH}/mlperf_log_summary.txt:3",
         "result_99.90_percentile_latency_ns 4",
         "at least 5, as result_50.00_percentile_latency_ns says"),
    ]
