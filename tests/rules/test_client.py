"""PERF022 PERF034 PERF035: how queries were issued, and text logs against their summaries."""

import dataclasses

import pytest

from submission_checker.logs.detail import open_detail
from submission_checker.logs.summary import read_summary, result_records
from submission_checker.model.files import Folder
from submission_checker.model.run import Run
from submission_checker.rules.perf import client
from tests.rules.support_subjects import DEMO, found, result, status

PATH = "closed/Acme/results/node/digits/MultiStream/performance/run_1"
DETAIL = """\
Effective Settings:
Scenario : Multi Stream
Test mode : Performance
samples_per_query : 8
target_qps : 15
target_latency (ns): 66000000
max_async_queries : 1
print_timestamps : false

"""
SUMMARY = """\
Scenario : Multi Stream
Intervals between each IssueQuery:  "qps" : 15, "ms" : 66.6667
99.00 percentile : 1
Test Parameters Used
samples_per_query : 8
target_qps : 15
target_latency (ns): 66000000
max_async_queries : 1
print_timestamps : false
"""


def streams():
    """Return the demo round with MultiStream at the fixed interval of 66 ms."""
    spec = DEMO.scenarios["MultiStream"]._replace(samples_per_query=None)
    digits = DEMO.models["digits"]._replace(latency_bound_ms={"MultiStream": 66})
    return dataclasses.replace(
        DEMO, rules={}, scenarios={**DEMO.scenarios, "MultiStream": spec},
        models={**DEMO.models, "digits": digits})


def with_texts(detail=DETAIL, summary=SUMMARY):
    """Return a result whose only run has these texts, as LoadGen of v0.7 wrote them."""
    lines = "".join(f'"pid": 1, "tid": 1, "ts": 9ns : {line}\n' for line in detail.split("\n"))
    log = f"{PATH}/mlperf_log_detail.txt"
    read = read_summary(summary.encode(), f"{PATH}/mlperf_log_summary.txt")
    run = Run("run_1", Folder(PATH, {}, ()), log, open_detail(lines.encode(), log), read, None,
              {record.key: record for record in result_records(read)})
    return dataclasses.replace(result(scenario="MultiStream"), performance=(run,))


@pytest.mark.parametrize("rule", [
    client.issue_intervals, client.queries_in_flight, client.settings_told_once])
def test_sound_texts_pass(rule):
    assert status(rule, with_texts(), streams()) == "passed"


@pytest.mark.parametrize(("old", "new", "finding"), [
    ("99.00 percentile : 1", "99.00 percentile : 2",
     (f"{PATH}/mlperf_log_summary.txt:3", "2 intervals at the 99th percentile",
      "1: at most 1 % of the queries skip an interval")),
    ("99.00 percentile : 1", "99.00 percentile : ?",
     (f"{PATH}/mlperf_log_detail.txt", "no 99th percentile of the intervals between queries",
      "1 interval")),
])
def test_skipped_intervals(old, new, finding):
    changed = with_texts(summary=SUMMARY.replace(old, new))
    assert found(client.issue_intervals, changed, streams()) == [("error", *finding)]


def test_interval_longer_than_the_model_has():
    changed = with_texts(DETAIL.replace("target_qps : 15", "target_qps : 10"))
    assert found(client.issue_intervals, changed, streams()) == [
        ("error", f"{PATH}/mlperf_log_detail.txt:5", "effective_target_qps 10, one query in 100 ms",
         "one query in 66 ms")]


def test_intervals_are_not_asked_where_latency_is_the_metric():
    assert status(client.issue_intervals, with_texts(), dataclasses.replace(DEMO, rules={})) == (
        "only for MultiStream at a fixed interval")


@pytest.mark.parametrize(("scenario", "limit", "usual"), [("Server", 10000, 0), ("Offline", 0, 1)])
def test_limit_on_queries_in_flight(scenario, limit, usual):
    subject = result(scenario=scenario, log={"effective_max_async_queries": limit})
    have = f"{limit:,}".replace(",", " ")
    assert found(client.queries_in_flight, subject, streams()) == [
        ("info", f"{subject.path}/performance/run_1/mlperf_log_detail.txt:2",
         f"effective_max_async_queries {have}", f"{usual} in {scenario}")]


@pytest.mark.parametrize(("line", "edited", "number", "said"), [
    ("samples_per_query : 8", "samples_per_query : 9", 5, '"9"'),
    ("print_timestamps : false", "print_timestamps : true", 9, '"true"'),
    ("target_latency (ns): 66000000", "target_latency (ns): 50000000", 7, '"50000000"'),
])
def test_edited_summary(line, edited, number, said):
    changed = with_texts(summary=SUMMARY.replace(line, edited))
    name, _, value = line.partition(":")
    assert found(client.settings_told_once, changed, streams()) == [
        ("error", f"{PATH}/mlperf_log_summary.txt:{number}", f"{name.strip()} {said}",
         f"{value.strip()}, line {number - 1} of mlperf_log_detail.txt")]
