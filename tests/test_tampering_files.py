"""Edits beside the performance logs, each found at the right file and line.

Answers and logs of another benchmark, audits that lie where v0.5 has them, settings that are gone,
records that changed their places.
"""

import hashlib
import shutil

import pytest

from fixtures.builder import Tree, accuracy, audit, run
from submission_checker.check import Options, check
from submission_checker.model.findings import Level
from tests.conftest import published

DETAIL, SUMMARY = "mlperf_log_detail.txt", "mlperf_log_summary.txt"
ANSWERS = "mlperf_log_accuracy.json"
OFFLINE = run()


def errors(tree, round_="demo"):
    return told(tree, round_, Level.ERROR)


def told(tree, round_, *levels):
    report = check(str(tree.root), options=Options(round=round_, jobs=1))
    assert not report.crashed
    return {(f.rule, f.location.path, f.location.line) for f in report.findings
            if f.level in levels}


def line_of(tree, path, key):
    lines = tree.text(path).splitlines()
    return next(n for n, line in enumerate(lines, start=1) if f'"key": "{key}"' in line)


def exchanged(tree, path, line):
    """Exchange a line, counted from 1, with the next one."""
    lines = tree.text(path).splitlines(keepends=True)
    lines[line - 1 : line + 1] = lines[line], lines[line - 1]
    tree.write(path, "".join(lines))


def test_answers_of_another_benchmark_are_an_error(tmp_path):
    tree = Tree.demo(tmp_path)
    here = accuracy("toyllm")
    tree.copy(f"{accuracy()}/{ANSWERS}", f"{here}/{ANSWERS}")
    tree.set_hash(here, hashlib.sha256(
        tree.path(f"{here}/{ANSWERS}").read_bytes()).hexdigest())
    assert ("XRES022", f"{here}/{ANSWERS}", 1) in errors(tree)


def test_an_audit_with_the_log_of_another_benchmark_is_an_error(tmp_path):
    tree = Tree.demo(tmp_path)
    log = f"{audit('TEST01')}/performance/run_1/{DETAIL}"
    tree.copy(run("toyllm"), log)
    assert ("XRES022", log, line_of(tree, log, "test_datetime")) in errors(tree)


@pytest.mark.parametrize("key", ["effective_max_duration_ms", "requested_print_timestamps"])
def test_a_setting_that_is_gone_is_an_error(key, tmp_path):
    tree = Tree.demo(tmp_path).del_log(OFFLINE, key)
    assert ("LGEN005", OFFLINE, None) in errors(tree)


def test_records_that_changed_places_are_found_wherever_they_stand(tmp_path):
    """Every seventh record is exchanged with the next."""
    tree = Tree.demo(tmp_path)
    text = tree.text(OFFLINE)
    lines = text.splitlines()
    keys = [line.partition('"key": "')[2].partition('"')[0] for line in lines]
    missed = []
    for at in range(0, len(lines) - 1, 7):
        exchanged(tree, OFFLINE, at + 1)
        found = tree.findings("LGEN006") + tree.findings("LGEN008")
        if not found:
            missed.append((keys[at], keys[at + 1]))
        tree.write(OFFLINE, text)
    assert missed == []


@pytest.fixture
def first_round(tmp_path):
    """Return published systems of v0.5 whose audits lie above ``run_1``, and others."""
    source = published("v0.5")
    for name in ("Alibaba", "Qualcomm"):
        shutil.copytree(source / "closed" / name, tmp_path / "closed" / name)
    return Tree(tmp_path)


@pytest.mark.real
def test_answers_of_a_published_benchmark_under_another_are_an_error(first_round):
    before = errors(first_round, "v0.5")
    there = "closed/Alibaba/results/alibaba_cloud_t4/{}/Offline/accuracy/" + ANSWERS
    first_round.copy(there.format("resnet"), there.format("mobilenet"))
    assert errors(first_round, "v0.5") - before == {
        ("XRES022", there.format("resnet"), 1), ("XRES022", there.format("mobilenet"), 1)}


@pytest.mark.real
@pytest.mark.parametrize(("test", "rules"), [
    ("TEST05", {"AUDT019"}),
    ("TEST01/performance", {"AUDT017", "AUDT019", "LGEN022"}),
])
def test_published_audits_above_run_1_are_judged(test, rules, first_round):
    """The log of the result is put in the place of the audit's."""
    before = errors(first_round, "v0.5")
    part = "SDM855/resnet/SingleStream"
    for name in (DETAIL, SUMMARY):
        first_round.copy(f"closed/Qualcomm/results/{part}/performance/run_1/{name}",
                         f"closed/Qualcomm/audit/{part}/{test}/{name}")
    found = errors(first_round, "v0.5") - before
    assert {rule for rule, _, _ in found} == rules
    assert all(f"/audit/{part}/{test.partition('/')[0]}" in path for _, path, _ in found)
