"""REPO: rules about ranges of changes, on repositories made for them."""

import shutil

import pytest

from fixtures.builder import BASE, SYSTEM, Tree, result, run
from submission_checker.check import Options, check
from submission_checker.rounds.loader import load_round
from tests.sources.making import committed, repository


@pytest.fixture
def tree(tmp_path):
    tree = Tree.demo(tmp_path)
    shutil.copytree(tree.path(BASE), tree.path("closed/Else"))
    repository(tree.root)
    return tree


def found(tree, rule, *, profile="gate", since="HEAD~1"):
    report = check(f"git:{tree.root}@HEAD",
                   options=Options(round="demo", since=since, profile=profile))
    assert not report.crashed
    count = next(count for count in report.rules if count.id == rule)
    found = [(f.level.label, f.location.path, f.found, f.required) for f in report.findings
             if f.rule == rule]
    assert bool(found) == bool(count.failed) and count.passed + count.failed == 1
    return found


ONLY = 'changes below "<division>/DemoOrg" only'


def test_repo001_new_files_elsewhere(tree):
    tree.write(f"{BASE}/a.md", "x").write(f"{BASE}/b.md", "x").write("closed/Else/c.md", "x")
    tree.write(".github/workflows/own.yml", "x").write("open/DemoOrg/d.md", "x")
    committed(tree.root)
    assert found(tree, "REPO001") == [
        ("error", ".github/workflows/own.yml", '1 changed file in ".github"', ONLY),
        ("error", "closed/Else/c.md", '1 changed file in "closed/Else"', ONLY)]
    assert {level for level, *_ in found(tree, "REPO001", profile="submit")} == {"warning"}
    assert found(tree, "REPO002") == []


def test_repo001_own_folders_in_any_division(tree):
    tree.write(f"{BASE}/a.md", "x").write("open/DemoOrg/b.md", "x")
    committed(tree.root)
    assert found(tree, "REPO001") == []


def test_repo001_only_other_files(tree):
    tree.write("README.md", "x")
    committed(tree.root)
    assert found(tree, "REPO001") == [
        ("error", "README.md", '1 changed file in "README.md"',
         "changes below one submitter's folder only")]


def test_repo002_results_of_others(tree):
    for number in range(3):
        tree.write(f"{BASE}/{number}.md", "x")
    tree.append("closed/Else/calibration.md", "x").delete(f"closed/Else/systems/{SYSTEM}.json")
    committed(tree.root)
    assert found(tree, "REPO002") == [
        ("error", "closed/Else/calibration.md",
         '1 deleted file and 1 changed file in "closed/Else"',
         'the files of the base revision; the change is by "DemoOrg"')]
    assert found(tree, "REPO001") == []


def test_repo005_file_that_comes_and_goes(tree):
    tree.write(f"{BASE}/large.bin", b"x" * 52_428_801)
    committed(tree.root)
    tree.delete(f"{BASE}/large.bin").write(f"{BASE}/a.md", "x")
    committed(tree.root)
    assert found(tree, "REPO005", since="HEAD~2") == [
        ("warning", f"{BASE}/large.bin", "52 428 801 bytes in a commit before the last",
         "at most 52 428 800 bytes in every commit (demo; "
         f"{load_round('demo').source('layout.file_size_limit_bytes')})")]
    assert found(tree, "REPO005", since="HEAD~1") == []


def test_repo005_submitter_that_is_too_large(tree):
    """The size is that of the files; the file is sparse and not read."""
    with tree.path(f"{BASE}/code/weights.bin").open("wb") as file:
        file.truncate((1 << 30) + 1)
    (found,) = tree.findings("REPO005")
    assert found.location.path == BASE and "at most 1 073 741 824 bytes" in found.required


def test_repo008_log_that_changes_in_place(tree):
    tree.append(run(), "\n")
    committed(tree.root)
    assert found(tree, "REPO008") == [
        ("warning", run(), "1 log changed in place", "the logs of the base revision")]
    tree.rename(result(), result() + "2")
    committed(tree.root)
    assert found(tree, "REPO008") == []


def moved(tree, *roles):
    for role in roles:
        old = f"{role}/{SYSTEM}/digits/Offline"
        tree.rename(f"{BASE}/{old}", f"open/DemoOrg/{old}")


def test_repo009_whole_move(tree):
    moved(tree, "results", "measurements", "compliance")
    committed(tree.root)
    assert found(tree, "REPO009") == []


def test_repo009_measurements_stay_behind(tree):
    moved(tree, "results", "compliance")
    committed(tree.root)
    old = f"{BASE}/measurements/{SYSTEM}/digits/Offline"
    ((level, path, text, required),) = found(tree, "REPO009")
    assert (level, path.rpartition("/")[0], required) == (
        "error", old, "nothing, as the result moved to open/")
    assert text.endswith(f'files left in "{old}"')


def test_repo009_files_lost_on_the_way(tree):
    moved(tree, "results")
    tree.delete(f"{BASE}/measurements/{SYSTEM}/digits/Offline")
    tree.delete(f"{BASE}/compliance/{SYSTEM}/digits/Offline")
    committed(tree.root)
    old = f"{BASE}/measurements/{SYSTEM}/digits/Offline"
    ((level, path, text, required),) = found(tree, "REPO009")
    assert (level, path.rpartition("/")[0]) == ("error", old) and text.endswith("lost")
    assert "open/DemoOrg/measurements" in required


def test_without_a_range_the_rules_say_why_they_are_skipped(tree):
    report = check(str(tree.root), "demo")
    reasons = {c.id: c.skip_reasons for c in report.rules if c.id in ("REPO001", "REPO009")}
    assert set(reasons.values()) == {(("no range of changes (--since)", 1),)}
