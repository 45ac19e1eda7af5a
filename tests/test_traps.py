"""Traps met in published submissions: each looked like something else to earlier tools."""

import dataclasses

import pytest

from fixtures.builder import BASE, SYSTEM, SYSTEM_FILE, Tree, accuracy, measurements, result, run
from submission_checker.intake.reading import Reader
from submission_checker.logs.summary import read_summary, result_records
from submission_checker.model.files import FileTable
from submission_checker.rounds.loader import load_round
from submission_checker.rules.published import published
from submission_checker.sources.folder import FolderSource
from submission_checker.tree.build import build_tree
from submission_checker.tree.names import resolve_model
from tests.rules.power_fixture import with_power
from tests.rules.support_subjects import result as made_result

THREE_BLOCKS = """\
Scenario : Multi Stream
Samples per query : 25
Intervals between each IssueQuery:  "qps" : 20, "ms" : 50
99.00 percentile : 1
Per-query latency:  "target_ns" : 50000000, "target_ms" : 50
99.00 percentile latency (ns)   : 49045057
Per-sample latency:
99.00 percentile latency (ns)   : 40000000
"""
DETAIL_LINE = '"pid": 1, "tid": 1, "ts": 5ns : Effective Settings:\n'


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path)


def rules_of(report, level="error"):
    return sorted({f.rule for f in report.findings if f.level.label == level})


def row(report, location):
    return next(row for row in report.results if row.location == location)


def test_first_of_three_blocks_of_percentiles_counts(tmp_path):
    (tmp_path / "mlperf_log_summary.txt").write_text(THREE_BLOCKS)
    (tmp_path / "mlperf_log_detail.txt").write_text(DETAIL_LINE)
    source = FolderSource.open(str(tmp_path.parent))
    loaded = Reader(source, FileTable.build(source.walk())).run("run_1", tmp_path.name)
    assert loaded.integer("result_99.00_percentile_latency_ns").value == 49045057
    assert loaded.integer("result_99.00_percentile_num_intervals_between_queries").value == 1


def test_labels_that_begin_with_digits_are_read():
    summary = read_summary(THREE_BLOCKS.encode(), "s")
    assert [r.key for r in result_records(summary)] == [
        "result_99.00_percentile_num_intervals_between_queries",
        "result_99.00_percentile_latency_ns", "result_99.00_percentile_latency_ns"]


@pytest.mark.parametrize("folder", ["offline", "OFFLINE"])
def test_scenario_folders_in_another_case_are_the_same_scenario(tree, folder):
    for path in (result(), measurements(), f"{BASE}/compliance/{SYSTEM}/digits/Offline"):
        if tree.path(path).exists():
            tree.rename(path, f"{path.rpartition('/')[0]}/{folder}")
    report = tree.report()
    found = row(report, f"{result().rpartition('/')[0]}/{folder}")
    assert (found.scenario, found.verdict.value) == ("Offline", "valid")


def test_folders_beside_the_runs_are_no_results(tree):
    """Audits that a submitter keeps beside the result are not results of their own."""
    before = len(tree.report().results)
    tree.copy(f"{result()}/performance", f"{result()}/test_4a/performance")
    tree.set_log(f"{result()}/test_4a/performance/run_1/mlperf_log_detail.txt",
                 "result_validity", "INVALID")
    report = tree.report()
    assert len(report.results) == before
    assert row(report, result()).verdict.value == "valid"


def test_bytes_outside_ascii_in_a_log_are_read(tree):
    tree.replace_bytes(run(), b'"sut_name"', b'"sut_name\xe9"')
    report = tree.report()
    assert not report.crashed and row(report, result()).result is not None


def test_missing_accuracy_text_is_one_finding_that_names_it(tree):
    tree.delete(f"{accuracy()}/accuracy.txt")
    report = tree.report()
    found = [f for f in report.findings if f.subject.benchmark == "digits"
             and f.subject.scenario == "Offline" and f.level.label == "error"]
    assert [(f.rule, f.absent) for f in found] == [("TREE029", True)]
    assert row(report, result()).verdict.value == "incomplete"


def test_description_under_another_name_is_named_once(tree):
    tree.rename(SYSTEM_FILE, f"{BASE}/systems/demo_host.json")
    report = tree.report()
    found = [f for f in report.findings if f.rule == "TREE018"]
    assert len(found) == 1 and "demo_host" in f"{found[0].found} {found[0].required}"


def test_measurements_under_another_name_leave_the_results_incomplete(tree):
    tree.rename(f"{BASE}/measurements/{SYSTEM}", f"{BASE}/measurements/demo-host-2")
    report = tree.report()
    assert "MEAS001" in rules_of(report)
    assert {r.verdict.value for r in report.results} == {"incomplete"}


def test_numbers_may_be_texts(tree):
    tree.set_json(SYSTEM_FILE, "number_of_nodes", "1")
    tree.set_json(SYSTEM_FILE, "host_processors_per_node", "2")
    assert rules_of(tree.report()) == []


def test_a_system_of_both_types_owes_the_scenarios_of_both(tree):
    tree.set_json(SYSTEM_FILE, "system_type", "edge,datacenter")
    assert rules_of(tree.report()) == []
    tree.delete(result(scenario="Server")).delete(measurements(scenario="Server"))
    assert "TREE023" in rules_of(tree.report())


def test_folders_in_another_case_count_where_the_round_says_so(tree):
    demo = load_round("demo")
    folded = dataclasses.replace(demo, layout=demo.layout._replace(fold_case=True))
    tree.rename(f"{result()}/performance", f"{result()}/Performance")
    tree.rename(accuracy(), f"{result()}/Accuracy")
    assert row(tree.report(), result()).result is None
    source = FolderSource.open(str(tree.root))
    table = FileTable.build(source.walk())
    system = build_tree(table, folded, {}).submitters[0].systems[0]
    paths = next(r for r in system.results if r.path == result())
    assert [path for _, path in paths.performance] == [f"{result()}/Performance/run_1"]
    assert paths.accuracy == f"{result()}/Accuracy"


@pytest.mark.parametrize(("status", "official"), [
    ("RDI", "rdi"), ("on-premise", "on-premise"), ("research, development, or internal", "rdi"),
])
def test_categories_of_early_rounds_are_free_text(status, official):
    rules = load_round("v0.7").system
    assert rules.status_aliases.get(status.casefold(), status.casefold()) == official
    assert official in rules.status_values


def test_two_names_of_one_benchmark_are_one(tree):
    first = load_round("v0.5")
    assert {resolve_model(name, "closed", first, {}).model for name in ("resnet", "resnet50")} == {
        "resnet"}


def test_lowest_of_five_runs_counts_and_equal_runs_are_no_copies(tree):
    """Runs with equal seeds schedule equally; the number is the minimum, not the first."""
    server = result("toyllm", "Server")
    for number in range(2, 6):
        tree.copy(f"{server}/performance/run_1", f"{server}/performance/run_{number}")
    source = FolderSource.open(str(tree.root))
    table = FileTable.build(source.walk())
    demo = load_round("demo")
    five = dataclasses.replace(
        demo, layout=demo.layout._replace(performance_runs={"default": 1, "Server": 5}))
    key = demo.models["toyllm"].metric_key_overrides["Server"]
    tree.set_log(f"{server}/performance/run_4/mlperf_log_detail.txt", key, 1.5)
    paths = next(r for system in build_tree(table, five, {}).submitters[0].systems
                 for r in system.results if r.path == server)
    reader = Reader(source, table)
    runs = tuple(reader.run(name, path) for name, path in paths.performance)
    made = dataclasses.replace(made_result(), path=server, model="toyllm", scenario="Server",
                               performance=runs)
    number = published(made, five)
    assert (len(runs), number.number.value) == (5, 1.5)
    assert number.steps[-1].formula == "minimum of 5 runs"


def test_results_are_counted_by_one_definition(tree):
    """A row is a system, a benchmark and a scenario; power is an attribute of a row."""
    before = len(tree.report().results)
    report = with_power(tree).report()
    assert len(report.results) == before
    assert sum(r.power is not None for r in report.results) == 1
