"""`check --watch`: judged again when a run has landed, and only then."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from datetime import date

import pytest

from fixtures.builder import BASE, SYSTEM_FILE, Tree, result, run
from submission_checker.check import Options, check
from submission_checker.cli.watch import changes, snapshot, watch
from submission_checker.judging import Memory
from submission_checker.model.errors import WrongUse
from submission_checker.model.report import Verdict
from submission_checker.render.formats import renderer
from tests.conftest import ROOT
from tests.made import exception


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

    last = watch(str(tree.root), lambda stamps: check(str(tree.root), round="demo"),
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
    assert any(line.startswith("  gone: error ") for line in shown[1][1])


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
    last = watch(str(root), lambda stamps: check(str(root), round="demo"),
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
    assert lines and len(lines) <= 3 * 11
    assert any(re.search("new: .* and \\d+ more places", line) for line in lines)
    assert list(changes(before, before)) == []


@pytest.fixture
def two_systems(tree):
    """Two systems with the same logs; results of either are judged apart."""
    for place in ("systems/demo-host.json", "results/demo-host", "measurements/demo-host",
                  "compliance/demo-host"):
        old = tree.path(f"{BASE}/{place}")
        if old.is_dir():
            shutil.copytree(old, old.with_name("other-host"))
        elif old.exists():
            shutil.copy(old, old.with_name("other-host.json"))
    return tree


def edit_log(tree):
    tree.set_log(run(), "early_stopping_met", False)


def edit_same_size(tree):
    path = tree.path(f"{PERF}/mlperf_log_summary.txt")
    old = path.stat()
    path.write_bytes(path.read_bytes().replace(b"VALID", b"WRONG"))
    os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))


def replace_by_a_file_as_old(tree):
    path = tree.path(f"{PERF}/mlperf_log_summary.txt")
    new = path.with_name("new")
    new.write_bytes(path.read_bytes().replace(b"VALID", b"WRONG"))
    shutil.copystat(path, new)
    new.rename(path)


EDITS = {
    "a log": (edit_log, 1), "a log, size and time as before": (edit_same_size, 1),
    "a file as old put in its place": (replace_by_a_file_as_old, 1),
    "a run removed": (lambda tree: tree.delete(run()), 1),
    "a description": (lambda tree: tree.set_json(SYSTEM_FILE, "number_of_nodes", "x"), 1),
    "a file beside the results": (lambda tree: tree.write(f"{BASE}/notes.swp", "x"), 0),
    "a file of no submitter": (lambda tree: tree.write("README.txt", "x"), 0),
    "nothing": (lambda tree: None, 0),
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("jobs", [1, 2])
def test_only_changed_systems_are_judged_again_and_the_report_is_the_same(name, jobs, two_systems):
    tree, memory = two_systems, Memory()
    edit, _ = EDITS[name]

    def judged(**more):
        memory.begin(snapshot(str(tree.root)))
        return check(str(tree.root), options=Options(round="demo", jobs=jobs, **more),
                     memory=memory)

    first = judged()
    per_system = len(first.results) // 2
    assert (memory.judged, memory.recalled) == (2 * per_system, 0)
    edit(tree)
    for _ in range(2):
        again = judged()
        assert renderer("json")(again) == renderer("json")(tree.report(jobs=1))
    assert memory.judged == 0
    assert memory.recalled == len(again.results)
    excepted = judged(exceptions=EXCEPTION, today=date(2026, 8, 10))
    assert any(f.suppressed for f in excepted.findings) == (name == "a file beside the results")
    assert renderer("json")(judged()) == renderer("json")(tree.report(jobs=1))


@pytest.mark.parametrize("name", EDITS)
def test_as_many_systems_are_judged_as_changed(name, two_systems):
    memory = Memory()
    edit, systems = EDITS[name]
    for step in range(2):
        memory.begin(snapshot(str(two_systems.root)))
        report = check(str(two_systems.root), round="demo", memory=memory)
        judged = {row.subject.system for row in report.results}
        if not step:
            assert judged == {"demo-host", "other-host"}
            edit(two_systems)
    whole = memory.judged + memory.recalled
    assert whole == len(report.results)
    assert (memory.judged > 0, memory.recalled > 0) == (systems > 0, True)


EXCEPTION = exception("TREE033", "closed/DemoOrg/notes.swp")


def test_systems_with_links_are_always_judged_again(two_systems):
    file = two_systems.path(f"{PERF}/mlperf_log_summary.txt")
    file.rename(two_systems.path("README.txt"))
    file.symlink_to(os.path.relpath(two_systems.path("README.txt"), file.parent))
    memory = Memory()
    for _ in range(2):
        memory.begin(snapshot(str(two_systems.root)))
        report = check(str(two_systems.root), round="demo", memory=memory)
    assert memory.judged == memory.recalled == len(report.results) // 2


def test_exceptions_file_that_is_being_written_is_waited_for(tree, capsys):
    steps = [lambda: tree.write("x", "1"), None, lambda: tree.write("x", "22"), None]
    judged = []

    def judge(stamps):
        judged.append(len(judged))
        if len(judged) == 2:
            raise WrongUse("exception 1: no reason")
        return check(str(tree.root), round="demo")

    watch(str(tree.root), judge, lambda report, changed: None, 5,
          lambda seconds: ((steps.pop(0) if steps else None) or (lambda: None))())
    assert len(judged) == 3 and "exception 1: no reason; waiting" in capsys.readouterr().err
    with pytest.raises(WrongUse):
        watch(str(tree.root), lambda stamps: judge_wrong(), lambda *_: None, 1, lambda _: None)


def judge_wrong():
    raise WrongUse("no such round")


def until(stream, words, kept):
    """Read lines until one has the words."""
    for line in stream:
        kept.append(line)
        if words in line:
            return
    raise AssertionError("".join(kept))


def test_command_judges_again_what_changed_until_it_is_interrupted(two_systems, tmp_path):
    tree, aside, report = two_systems, tmp_path / "run", tmp_path / "report.json"
    shutil.move(tree.path(PERF), aside)
    process = subprocess.Popen(
        [sys.executable, "-m", "submission_checker", "check", str(tree.root), "--round", "demo",
         "--watch", "-o", f"json:{report}"], cwd=ROOT, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, preexec_fn=listens)
    guard = threading.Timer(600, process.kill)  # one that says nothing fails, it does not hang
    guard.start()
    try:
        errors, out = [], []
        until(process.stderr, "watching", errors)
        before = report.read_text()
        shutil.move(aside, tree.path(PERF))
        until(process.stdout, "judged again", out)
        until(process.stderr, "watching", errors)
        text = "".join(out)
        assert f"{result()}: incomplete -> valid" in text and "\x1b" not in text
        assert re.search("results: [1-9]\\d* judged again, [1-9]\\d* unchanged", text)
        assert before != report.read_text() == renderer("json")(tree.report())
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=400) == 130
    finally:
        guard.cancel()
        process.kill()


def test_interrupted_watch_ends_with_130(tree):
    process = subprocess.Popen(
        [sys.executable, "-m", "submission_checker", "check", str(tree.root), "--round", "demo",
         "--watch"], cwd=ROOT, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        preexec_fn=listens)
    try:
        assert process.stderr.readline().startswith("watching")
        process.send_signal(signal.SIGINT)
        assert "Traceback" not in process.communicate(timeout=400)[1] and process.returncode == 130
    finally:
        process.kill()
