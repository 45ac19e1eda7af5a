"""Latency percentiles of a result: read from log or summary, the bound beside the judged one."""

import pytest

from fixtures.builder import Tree, run
from submission_checker.check import check


def row(tree, benchmark, scenario):
    report = check(str(tree.root), round="demo")
    return next(r for r in report.results
                if (r.subject.benchmark, r.scenario) == (benchmark, scenario))


def test_each_percentile_names_its_line(tmp_path):
    tree = Tree.demo(tmp_path)
    points = row(tree, "digits", "Server").latencies
    assert [p.percentile for p in points if p.kind == "query"] == [50, 90, 95, 97, 99, 99.9]
    for point in points:
        line = (tree.root / point.path).read_text().splitlines()[point.line - 1]
        assert f"{point.percentile:.2f}_percentile" in line
        assert f'"value": {point.value_ns:.0f},' in line


def test_only_the_judged_percentile_has_a_bound(tmp_path):
    points = row(Tree.demo(tmp_path), "digits", "Server").latencies
    assert [p.percentile for p in points if p.bound_ns is not None] == [99]
    assert {p.bound_ns > p.value_ns for p in points if p.bound_ns} == {True}


def test_token_limits_bound_first_and_output_token(tmp_path):
    points = row(Tree.demo(tmp_path), "toyllm", "Server").latencies
    bound = [(p.kind, p.percentile) for p in points if p.bound_ns is not None]
    assert bound == [("first token", 99), ("output token", 99)]


@pytest.mark.parametrize("value", ["x", True, None, [], "1e400", -1, 0])
def test_what_is_no_latency_is_left_out(tmp_path, value):
    tree = Tree.demo(tmp_path)
    tree.set_log(run("digits", "Server"), "result_90.00_percentile_latency_ns", value)
    points = row(tree, "digits", "Server").latencies
    assert [p.percentile for p in points if p.kind == "query"] == [50, 95, 97, 99, 99.9]


def test_offline_has_no_latency_of_its_own(tmp_path):
    assert row(Tree.demo(tmp_path), "digits", "Offline").latencies == ()
