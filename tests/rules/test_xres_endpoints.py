"""Runs of the endpoints harness are told apart by their summaries, as LoadGen's by their logs."""

import json

import pytest

from fixtures.builder import Tree
from fixtures.endpoints import BASE, CLOUD, ROUND, make_endpoints

TWIN = "twin-endpoint"
OURS = f"{BASE}/results/{CLOUD}/qwen3-vl-235b-a22b"
COPY = OURS.replace(CLOUD, TWIN)
SUMMARY = "Offline/performance/result_summary.json"
RULES = ("XRES001", "XRES002", "XRES003", "XRES004")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_endpoints(tmp_path_factory.mktemp("endpoints") / "submission")


@pytest.fixture
def tree(made, tmp_path):
    """The made submission with a second system that shows a result of the first one."""
    Tree(tmp_path).copy(str(made.root), "submission")
    tree = Tree(tmp_path / "submission")
    there = f"{BASE}/systems/{TWIN}.json"
    tree.copy(f"{BASE}/systems/{CLOUD}.json", there)
    tree.set_json(there, "system_name", TWIN).set_json(there, "host_memory_capacity", "1 TB")
    return tree.copy(f"{OURS}/Offline", f"{COPY}/Offline")


def found(tree):
    report = tree.report(round=ROUND)
    assert not report.crashed
    return [(f.rule, f.level.label, f.location.path, f.subject.system, f.found)
            for f in report.findings if f.rule in RULES]


def test_equal_summaries_under_two_systems_are_one_run(tree):
    said = ": one run for two systems"
    assert found(tree) == [
        ("XRES001", "error", f"{OURS}/{SUMMARY}", CLOUD,
         f"the same bytes as {COPY}/{SUMMARY}{said}"),
        ("XRES001", "error", f"{COPY}/{SUMMARY}", TWIN,
         f"the same bytes as {OURS}/{SUMMARY}{said}")]


def test_machine_of_two_types_may_show_its_run_twice_with_a_warning(tree):
    there = f"{BASE}/systems/{TWIN}.json"
    tree.copy(f"{BASE}/systems/{CLOUD}.json", there).set_json(there, "system_name", TWIN)
    assert [row[:4] for row in found(tree)] == [
        ("XRES001", "warning", f"{COPY}/{SUMMARY}", TWIN)]


def test_summary_with_another_rate_and_the_same_latencies_is_an_edited_copy(tree):
    tree.set_pointer(f"{COPY}/{SUMMARY}", "/qps", 11.5)
    assert [row[:4] for row in found(tree)] == [
        ("XRES002", "error", f"{OURS}/{SUMMARY}", CLOUD),
        ("XRES002", "error", f"{COPY}/{SUMMARY}", TWIN)]


def test_summary_written_in_another_form_is_still_the_same_measurement(tree):
    file = f"{COPY}/{SUMMARY}"
    tree.write(file, json.dumps(json.loads(tree.text(file))))
    assert [row[:4] for row in found(tree)] == [("XRES004", "warning", file, TWIN)]


def test_own_measurements_pass(tree):
    file = f"{COPY}/{SUMMARY}"
    for key in ("min", "avg", "total"):
        value = json.loads(tree.text(file))["latency"][key]
        tree.set_pointer(file, f"/latency/{key}", value * 1.001)
    assert found(tree) == []


def test_results_of_one_system_pass(made):
    assert found(made) == []


def test_summary_without_latencies_identifies_by_its_bytes_only(tree):
    for folder in (OURS, COPY):
        tree.set_pointer(f"{folder}/{SUMMARY}", "/latency", {})
    tree.set_pointer(f"{COPY}/{SUMMARY}", "/qps", 11.5)
    assert found(tree) == []
