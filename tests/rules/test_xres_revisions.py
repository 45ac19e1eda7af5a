"""XRES014: numbers that move between two revisions of a repository."""

import pytest

from fixtures.builder import BASE, SYSTEM, Tree, result, run
from submission_checker.check import Options, check
from submission_checker.rounds.loader import load_round
from tests.sources.making import committed, git, repository

SOURCE = load_round("demo").source("review.moved_share")
KEY = "result_samples_per_second"


@pytest.fixture
def tree(tmp_path):
    tree = Tree.demo(tmp_path)
    repository(tree.root)
    return tree


def judged(tree, **options):
    report = check(f"git:{tree.root}@HEAD",
                   options=Options(round="demo", since="HEAD~1", **options))
    assert not report.crashed
    count = next(count for count in report.rules if count.id == "XRES014")
    found = [(f.level.label, f.location.path, f.found, f.required) for f in report.findings
             if f.rule == "XRES014"]
    return found, count


@pytest.mark.parametrize(("factor", "text"), [(1.03, "+3.0%"), (0.9, "-10.0%")])
def test_a_number_that_moves_either_way_is_shown_with_both_values(tree, factor, text):
    value = tree.log(run(), KEY)
    base = git(tree.root, "rev-parse", "HEAD").strip()[:10]
    tree.set_log(run(), KEY, value * factor)
    committed(tree.root)
    found, count = judged(tree)
    assert found == [
        ("warning", result(), f"{value * factor:.6g} Samples/s, moved by {text}",
         f"within 2% of {value:.6g} Samples/s in {base} (demo; {SOURCE})")]
    assert (count.passed, count.failed) == (0, 1)
    assert judged(tree, jobs=2)[0] == found


def test_small_moves_and_other_changes_pass(tree):
    value = tree.log(run(), KEY)
    tree.set_log(run(), KEY, value * 1.019)
    committed(tree.root)
    found, count = judged(tree)
    assert (found, count.passed) == ([], 1)


def test_new_results_have_no_number_before(tree):
    tree.copy(result(), result("digits", "Offline").replace(SYSTEM, "other"))
    committed(tree.root)
    found, count = judged(tree)
    assert found == []
    assert count.skip_reasons == (("the range changes no result that the base revision has", 1),)


def test_changes_beside_the_results_and_no_range(tree):
    tree.write(f"{BASE}/calibration.md", "x\n")
    committed(tree.root)
    assert judged(tree)[1].skip_reasons == (
        ("the range changes no result that the base revision has", 1),)
    count = next(c for c in tree.report().rules if c.id == "XRES014")
    assert count.skip_reasons == (("no range of changes (--since)", 1),)


def test_base_without_readable_logs_gives_no_number(tree):
    text = tree.text(run())
    tree.write(run(), "no log\n")
    committed(tree.root)
    tree.write(run(), text)
    committed(tree.root)
    found, count = judged(tree)
    assert (found, count.failed) == ([], 0)
