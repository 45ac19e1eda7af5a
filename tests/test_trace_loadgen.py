"""LGEN032 on traces that the real LoadGen writes, and what is read of them."""

import json
import subprocess
import sys

import pytest

from fixtures.builder import Tree, run
from submission_checker.engine.selection import Selection
from submission_checker.logs import trace as module
from submission_checker.logs.trace import read_trace
from tests.conftest import ROOT
from tests.rules.edits import OFF
from tests.traces import trace_of, traced

TRACE = OFF.replace("detail.txt", "trace.json")


def judged(tree, **options):
    report = tree.report(**options)
    assert not report.crashed
    count = next(count for count in report.rules if count.id == "LGEN032")
    found = [(f.level.label, f.location.path, f.found, f.required) for f in report.findings
             if f.rule == "LGEN032"]
    return found, count, report


def real_run(folder, scenario):
    settings = {"scenario": scenario, "mode": "PerformanceOnly", "samples": [20, 10],
                "min_duration_ms": 20, "min_query_count": 30, "server_target_qps": 400.0,
                "offline_expected_qps": 50.0, "trace": True}
    subprocess.run([sys.executable, "-m", "tests.loadgen_child", json.dumps(settings), str(folder)],
                   cwd=ROOT, check=True, capture_output=True)


@pytest.mark.loadgen
@pytest.mark.parametrize("scenario", ["SingleStream", "MultiStream", "Server", "Offline"])
def test_real_traces_agree_with_their_logs_and_edits_do_not(scenario, tmp_path):
    pytest.importorskip("mlperf_loadgen", reason="needs the extra [audit]")
    real_run(tmp_path, scenario)
    tree = Tree.demo(tmp_path / "demo")
    log = run(scenario=scenario)
    for kind in ("detail.txt", "summary.txt", "trace.json"):
        tree.write(log.replace("detail.txt", kind), (tmp_path / f"mlperf_log_{kind}").read_bytes())
    path = log.replace("detail.txt", "trace.json")
    found, count, _ = judged(tree)
    assert (found, count.passed) == ([], 1)
    text = tree.text(path)
    begins = [n for n, line in enumerate(text.splitlines()) if '"ph":"b"' in line]
    lines = text.splitlines()
    tree.write(path, "\n".join(lines[:begins[-1]] + lines[begins[-1] + 1:]) + "\n")
    ((level, *_), *_) = judged(tree)[0]
    assert level == "error"
    latest = tree.log(log, "result_max_latency_ns")
    tree.write(path, text.replace(f'"complete_ns":{latest}', f'"complete_ns":{10 * latest}'))
    ((level, _, found, _),) = judged(tree)[0]
    assert level == "error" and found.startswith("the last sample to end took")


def test_traces_that_tell_nothing_are_skipped_with_the_reason(tmp_path, monkeypatch):
    tree = Tree.demo(tmp_path)
    tree.write(TRACE, "")
    _, count, _ = judged(tree)
    assert ("the trace is empty, as tracing was off", 1) in count.skip_reasons
    tree.write(TRACE, "[]\n")
    assert ("the trace holds no samples", 1) in judged(tree)[1].skip_reasons
    traced(tree, OFF)
    monkeypatch.setattr(module, "MAX_BYTES", 99)
    assert ("the trace has more than 99 bytes, which are not read", 1) in (
        judged(tree)[1].skip_reasons)


def test_trace_is_read_only_where_the_rule_is_asked_for(tmp_path, monkeypatch):
    tree = traced(Tree.demo(tmp_path), OFF, samples=1)
    read = []
    monkeypatch.setattr("submission_checker.intake.reading.read_trace",
                        lambda *given: read.append(given[2]) or read_trace(*given))
    tree.report(selection=Selection(select=("PERF",)))
    assert read == []
    assert len(judged(tree)[0]) == 1 and read == [TRACE]


def test_cut_trace_says_that_it_is_judged_within_bounds(tmp_path):
    tree = traced(Tree.demo(tmp_path), OFF, samples=-1, factor=0.5, whole=False)
    found, count, report = judged(tree)
    assert (found, count.passed, count.bounded) == ([], 0, 1)
    assert [b.reason for b in report.bounded if b.rule == "LGEN032"] == [
        "the trace is cut: only what is too much in it can be told"]


def test_accuracy_part_of_a_submission_run_is_not_mixed_in(tmp_path):
    tree = traced(Tree.demo(tmp_path), OFF).set_log(OFF, "effective_test_mode", "SubmissionRun")
    reasons = [reason for reason, _ in judged(tree)[1].skip_reasons]
    assert "the trace of a submission run holds its accuracy part as well" in reasons


def test_counts_are_the_same_for_every_cut_into_blocks():
    data = trace_of(9, 3, 1000).encode()
    whole = read_trace([data], len(data), "t")
    assert (whole.samples, whole.queries, whole.longest_ns, whole.whole) == (27, 9, 1000, True)
    for size in (1, 7, 100, 333):
        blocks = [data[at : at + size] for at in range(0, len(data), size)]
        assert read_trace(blocks, len(data), "t") == whole


@pytest.mark.parametrize("data", [b"\xff" * 10_000, b'{"name":"Sample"' * 5000, b"\n" * 5000])
def test_what_is_no_trace_holds_no_samples(data):
    blocks = [data[at : at + 64] for at in range(0, len(data), 64)]
    assert read_trace(blocks, len(data), "t").samples == 0
