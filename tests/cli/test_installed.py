"""Every command once as users start it: by the script that pip makes, in a process of its own.

All else that tests ask of commands runs in forks (``tests/commands.py``).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.builder import SYSTEM_FILE, Tree, result
from submission_checker.cli.lazy import COMMANDS
from tests import commands
from tests.conftest import ROOT

PROGRAM = Path(sys.executable).with_name("submission-checker")
INSTALLED = [str(PROGRAM)] if PROGRAM.is_file() else [sys.executable, "-m", "submission_checker"]
DEMO = ("--round", "demo")
WHO = ("--reason", "agreed with the working group", "--approved-by", "chair")


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path).set_json(SYSTEM_FILE, "hw_note", "x")


def started(*arguments, cwd=ROOT):
    return subprocess.run(
        [*INSTALLED, *map(str, arguments)], cwd=cwd, text=True, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"})


def lines(tree, out):
    """Return command -> its words and how its output begins."""
    taken = tree.path(f"{result()}/performance/run_1").rename(out / "run")
    return {
        "check": (("check", ROOT / "fixtures/demo_submission", *DEMO), "submission-checker "),
        "report": (("report", tree.root, *DEMO), "submission-checker"),
        "explain": (("explain", "PERF001"), "PERF001 "),
        "rules": (("rules",), ""),
        "rounds": (("rounds", "list"), ""),
        "init": (("init", out / "new", *DEMO, "--submitter", "Acme", "--system", "box",
                  "--system-type", "edge", "--benchmark", "digits"), ""),
        "add": (("add", taken, "--to", tree.root, *DEMO, "--benchmark", "digits"), ""),
        "pack": (("pack", ROOT / "fixtures/demo_submission", out / "upload.tar", *DEMO), ""),
        "audit": (("audit", "plan", tree.root, *DEMO), ""),
        "bug-report": (("bug-report", tree.root, *DEMO, "-o", out / "bug.zip"), ""),
        "exceptions": (("exceptions", "add", tree.root, *DEMO, "--rule", "SYST004", "--subject",
                        SYSTEM_FILE, *WHO), ""),
        "demo": (("demo", "--bundled", "--out", out / "demo"), ""),
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_command_as_users_start_it(name, tree, tmp_path):
    words, begin = lines(tree, tmp_path)[name]
    done = started(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout and done.stdout.startswith(begin)


@pytest.mark.parametrize("words", [
    ("check", "fixtures/demo_submission", *DEMO, "--format", "json"), ("check", "nowhere"),
    ("chekc",), ("explain", "ACCU"), ("rounds", "show", "demoo"), ("--version",), (),
])
def test_forks_do_as_processes_do(words):
    start, fork = started(*words), commands.command(*words)
    assert (fork.returncode, fork.stdout, fork.stderr) == (
        start.returncode, start.stdout, start.stderr)


def test_forks_know_nothing_of_each_other(tree):
    """What one command did is neither in the process nor in the caches of the next."""
    words = ("check", tree.root, *DEMO, "--format", "json")
    first = json.loads(commands.command(*words).stdout)
    tree.delete(result())
    second = json.loads(commands.command(*words).stdout)
    assert len(second["results"]) == len(first["results"]) - 1
    assert second == json.loads(started(*words).stdout)
