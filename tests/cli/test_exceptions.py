"""`exceptions list|add|prune|baseline`: the file as people keep it."""

import json
import os
import subprocess
import sys

import pytest

from fixtures.builder import BASE, SYSTEM_FILE, Tree
from tests.conftest import ROOT

NOW = ["--today", "2026-08-10"]
WHO = ["--reason", "agreed with the working group", "--approved-by", "chair"]


def command(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "submission_checker", *map(str, arguments)], cwd=ROOT, text=True,
        capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path).set_json(SYSTEM_FILE, "hw_note", "x")


def add(tree, rule="SYST004", subject=SYSTEM_FILE, *more):
    return command("exceptions", "add", tree.root, "--rule", rule, "--subject", subject, "--round",
                   "demo", *WHO, *NOW, *more)


def states(tree, today="2026-08-10"):
    done = command("check", tree.root, "--round", "demo", "--format", "json", "--today", today)
    return [e["state"] for e in json.loads(done.stdout)["exceptions"]]


def test_add_list_and_use(tree):
    done = add(tree)
    assert (done.returncode, "expires = 2026-09-09" in done.stdout) == (0, True)
    listed = command("exceptions", "list", tree.root, *NOW).stdout
    assert "SYST004" in listed and "in force" in listed and "1 exceptions in" in listed
    assert states(tree) == ["used"]


@pytest.mark.parametrize(("rule", "more", "words"), [
    ("SYST04", [], "did you mean 'SYST0"),
    ("SYST004", ["--expires", "2027-08-10"], "more than 180 days"),
    ("SYST004", ["--expires", "soon"], "soon"),
])
def test_add_writes_nothing_that_check_would_refuse(rule, more, words, tree):
    done = add(tree, rule, SYSTEM_FILE, *more)
    assert (done.returncode, words in done.stderr) == (2, True)
    assert not tree.path("submission-exceptions.toml").exists()


def test_prune_removes_what_does_nothing(tree):
    add(tree)
    add(tree, "SYST002", "closed/nobody.json")
    add(tree)
    assert states(tree) == ["used", "unused", "duplicate"]
    dry = command("exceptions", "prune", tree.root, "--round", "demo", "--dry-run", *NOW)
    assert dry.stdout.count("would remove") == 2
    assert states(tree) == ["used", "unused", "duplicate"]
    done = command("exceptions", "prune", tree.root, "--round", "demo", *NOW)
    assert "1 of 3 exceptions are needed" in done.stdout
    assert states(tree) == ["used"]


def test_baseline_from_a_report(tree, tmp_path):
    tree.write(f"{BASE}/notes.swp", "x")
    report, out = tmp_path / "report.json", tmp_path / "base.toml"
    command("check", tree.root, "--round", "demo", "-o", f"json:{report}")
    done = command("exceptions", "baseline", report, "-o", out, "--level", "info", *WHO, *NOW)
    assert done.returncode == 0 and "exceptions added" in done.stdout
    judged = command("check", tree.root, "--round", "demo", "--exceptions", out, "--format", "json",
                     "--fail-on", "info", *NOW)
    assert judged.returncode == 0
    assert json.loads(judged.stdout)["summary"]["suppressed"] >= 2


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"schema_version": 2, "findings": []}'])
def test_baseline_wants_a_report(content, tmp_path):
    (tmp_path / "x.json").write_text(content)
    done = command("exceptions", "baseline", tmp_path / "x.json", "-o", tmp_path / "out", *WHO)
    assert (done.returncode, "is no JSON report" in done.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


def test_broken_file_is_wrong_use(tree):
    tree.write("submission-exceptions.toml", "[[exception]]\nrule = ")
    for arguments in (["exceptions", "list"], ["exceptions", "prune"], ["check"]):
        assert command(*arguments, tree.root).returncode == 2
