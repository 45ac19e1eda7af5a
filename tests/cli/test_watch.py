"""`check --watch`: judged again when a run has landed, and only then."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from fixtures.builder import Tree, result, run
from submission_checker.check import check
from submission_checker.cli.watch import changes, snapshot, watch
from submission_checker.model.errors import WrongUse
from submission_checker.model.report import Verdict
from tests.conftest import ROOT


def listens():
    """Hear Ctrl-C also where the tests run in the background of a shell, which ignores it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


PERF = f"{result()}/performance/run_1"


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path / "tree")


def watched(tree, *steps):
    """Watch a tree while steps are taken, one per look; returns what was shown."""
    shown, left = [], list(steps)

    def wait(seconds):
        assert 0 < seconds < 10
        step = left.pop(0)
        if step is not None:
            step()

    last = watch(str(tree.root), lambda: check(str(tree.root), round="demo"),
                 lambda report, changed: shown.append((report, changed)), len(steps), wait)
    assert last is None or last is shown[-1][0]
    return shown


def test_nothing_is_judged_again_while_nothing_changes(tree):
    assert len(watched(tree, None, None, None)) == 1


def test_run_that_lands_is_judged_once_it_has_settled(tree, tmp_path):
    shutil.move(tree.path(PERF), tmp_path / "run")
    whole = tree.path(PERF)

    def begin():
        whole.mkdir()
        shutil.copy(tmp_path / "run/mlperf_log_summary.txt", whole)

    def end():
        shutil.copy(tmp_path / "run/mlperf_log_detail.txt", whole)

    shown = watched(tree, None, begin, end, None, None, None)
    assert len(shown) == 2
    before, after = (report.verdicts()[Verdict.VALID] for report, _ in shown)
    assert (before, after) == (2, 6)
    assert f"  {result()}: incomplete -> valid" in shown[1][1]
    assert any(line.strip().endswith("gone") for line in shown[1][1])


def test_change_of_the_same_size_is_seen(tree):
    system = tree.path("closed/DemoOrg/systems/demo-host.json")

    def edit():
        old = system.stat()
        system.write_text(system.read_text().replace('"available"', '"availabel"'))
        assert system.stat().st_size == old.st_size

    shown = watched(tree, edit, None, None)
    assert len(shown) == 2 and "  new: error SYST007 closed/DemoOrg/systems/demo-host.json" in \
        shown[1][1]


def test_folder_that_goes_away_and_comes_back_is_waited_for(tree, tmp_path, capsys):
    aside = tmp_path / "aside"
    shown = watched(tree, lambda: tree.root.rename(aside), None, None,
                    lambda: aside.rename(tree.root), lambda: tree.delete(run()), None, None)
    assert len(shown) == 2


def test_empty_folder_is_waited_for(tmp_path, capsys):
    root = tmp_path / "new"
    root.mkdir()
    steps = [None, lambda: Tree.demo(tmp_path / "made").root.rename(root / "x"), None,
             lambda: [p.rename(root / p.name) for p in (root / "x").iterdir()], None, None]
    shown = []
    last = watch(str(root), lambda: check(str(root), round="demo"),
                 lambda report, changed: shown.append(changed), len(steps),
                 lambda seconds: (steps.pop(0) or (lambda: None))())
    assert last is not None and last.verdicts()[Verdict.VALID] == 6
    assert "waiting" in capsys.readouterr().err


def test_archives_are_not_watched(tmp_path):
    with pytest.raises(WrongUse, match="looks at a folder"):
        watch(str(tmp_path / "x.tar"), lambda: None, lambda *_: None, 1)


def test_looking_opens_no_file(tree, monkeypatch):
    monkeypatch.setattr("builtins.open", None)
    monkeypatch.setattr(os, "open", None)
    assert run() in snapshot(str(tree.root))


def test_many_changes_are_cut(tree):
    before = check(str(tree.root), round="demo")
    tree.delete("closed/DemoOrg/results").write("closed/DemoOrg/results/x/y/z/w/a.txt", "x")
    after = check(str(tree.root), round="demo")
    lines = list(changes(before, after))
    assert lines and len(lines) <= 23
    assert list(changes(before, before)) == []


def test_command_judges_again_and_ends(tree, tmp_path):
    aside = tmp_path / "run"
    shutil.move(tree.path(PERF), aside)
    process = subprocess.Popen(
        [sys.executable, "-m", "submission_checker", "check", str(tree.root), "--round", "demo",
         "--watch", "--looks", "12", "-o", f"json:{tmp_path / 'report.json'}"], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(2400):
        if (tmp_path / "report.json").exists():
            break
        time.sleep(0.05)
    shutil.move(aside, tree.path(PERF))
    out, err = process.communicate(timeout=400)
    assert process.returncode == 0, out + err
    assert f"{result()}: incomplete -> valid" in out and "\x1b" not in out
    assert err.count("watching") == 2
    assert '"invalid": 0' in (tmp_path / "report.json").read_text()


def test_interrupted_watch_ends_with_130(tree):
    process = subprocess.Popen(
        [sys.executable, "-m", "submission_checker", "check", str(tree.root), "--round", "demo",
         "--watch"], cwd=ROOT, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        preexec_fn=listens)
    try:
        assert process.stderr.readline().startswith("watching")
        process.send_signal(signal.SIGINT)
        assert "Traceback" not in process.communicate(timeout=60)[1] and process.returncode == 130
    finally:
        process.kill()
