"""What is checked within bounds is told as such; --deep checks it exactly and says the price."""

import json

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from fixtures.builder import Tree, run
from submission_checker.cli.check import command
from submission_checker.evidence import schedule_check
from submission_checker.intake.deep import deep_work
from submission_checker.model.files import FileTable
from submission_checker.render import json_v1
from submission_checker.render.text import render
from submission_checker.rules import lgen_replay
from submission_checker.sources.opening import open_source
from tests.conftest import ROOT

SERVER = run(scenario="Server")
QUERIES = 700


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path)


@pytest.fixture
def low_limit(monkeypatch):
    """Draw no schedule that the demo has, so that a small submission shows what a large one does.

    Accuracy runs of the demo have at most 256 queries a set, Server runs up to 704.
    """
    monkeypatch.setattr(schedule_check, "DEFAULT_LIMIT", 300)
    lgen_replay._schedule.cache_clear()
    yield
    lgen_replay._schedule.cache_clear()


def count_of(report, rule):
    return next(count for count in report.rules if count.id == rule)


def test_bounded_checks_are_told_and_not_counted_as_passed(tree, low_limit):
    exact = count_of(tree.report(deep=True), "LGEN021")
    report = tree.report()
    count = count_of(report, "LGEN021")
    places = [b.at.path for b in report.bounded if b.rule == "LGEN021"]
    assert SERVER in places
    assert (count.bounded, count.failed) == (len(places), 0)
    assert count.passed + count.bounded == exact.passed
    assert exact.bounded == 0
    assert "700 queries are more than the limit of 300" in {
        b.reason.partition(";")[0] for b in report.bounded}


def test_bounded_checks_stand_in_json_and_text(tree, low_limit):
    report = tree.report()
    data = json_v1.as_data(report)
    schema = json.loads((ROOT / "schemas" / "report.schema.json").read_text())
    assert list(Draft202012Validator(schema).iter_errors(data)) == []
    assert len(data["bounded"]) == len(report.bounded)
    assert f"Checked within bounds only ({len(report.bounded)}); --deep checks exactly" in (
        render(report))


def test_bounds_still_find_a_dropped_tenth(tree, low_limit):
    tree.set_log(SERVER, "generated_query_count", QUERIES * 9 // 10)
    found = tree.findings("LGEN021")
    assert [(f.location.path, f.level.label) for f in found] == [(SERVER, "error")]


def test_deep_says_beforehand_what_it_takes(tree):
    result = CliRunner().invoke(
        command, [str(tree.root), "--round", "demo", "--deep", "--select", "LGEN021"])
    assert result.exit_code == 0
    assert result.stderr.startswith("--deep replays ")
    assert result.stderr.rstrip().endswith(" s of one core")
    assert "deep: every run is replayed exactly" in result.stdout


def test_equal_runs_are_counted_once(tree):
    def work():
        source = open_source(str(tree.root))
        return deep_work(source, FileTable.build(source.walk()))

    before = work()
    assert before.queries >= QUERIES
    tree.copy_system("second-host")
    after = work()
    assert (after.queries, after.samples) == (before.queries, before.samples)
    assert after.runs == 2 * before.runs
    tree.write(SERVER, b"\xff\x00 no log")
    assert work().runs == after.runs - 1
