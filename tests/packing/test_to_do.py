"""The list of things to do on a half-finished submission, through the installed command."""

import re
import shlex
import shutil

import pytest

from fixtures.builder import Tree, accuracy, audit, measurements, result
from submission_checker.cli.lazy import COMMANDS
from tests.packing.test_desk import command

PERF = f"{result()}/performance/run_1"


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path / "tree")


def self_check(root, *arguments, name="demo"):
    done = command("check", root, "--round", name, "--profile", "self-check", *arguments)
    return done.returncode, done.stdout


def tasks(text):
    """Return the lines of the list, continued lines joined."""
    part = text.partition("To do (")[2].partition("\n\n")[0]
    return re.sub(r"\n {8,}(?!submission-checker )(?=\S)", " ", part).splitlines()[1:]


def test_complete_submission_has_nothing_to_do(tree):
    code, text = self_check(tree.root)
    assert code == 0 and "To do" not in text and "PASSED  6 valid" in text


def test_missing_runs_are_named_with_the_command_that_files_them(tree, tmp_path):
    moved = tmp_path / "run"
    shutil.move(tree.path(PERF), moved)
    tree.delete(f"{accuracy()}")
    code, text = self_check(tree.root)
    assert code == 0 and "UNFINISHED  2 valid, 4 incomplete; 0 errors" in text
    place, runs, help_line = tasks(text)
    assert place == "  closed/DemoOrg/demo-host digits"
    assert runs == "    [ ] Offline  performance run, accuracy run"
    assert help_line.split() == ["submission-checker", "add", "RUN_DIR", "--to", str(tree.root),
                                 "--round", "demo", "--benchmark", "digits"]
    assert help_line.split()[1] in COMMANDS
    words = [moved if word == "RUN_DIR" else word for word in shlex.split(help_line)[1:]]
    assert command(*words).returncode == 0
    assert tasks(self_check(tree.root)[1])[1] == "    [ ] Offline  accuracy run"


def test_files_of_runs_that_are_there_are_named(tree):
    tree.delete(f"{PERF}/mlperf_log_summary.txt").delete(f"{accuracy()}/accuracy.txt")
    lines = tasks(self_check(tree.root)[1])
    assert lines[1] == ("    [ ] Offline  performance/run_1/mlperf_log_summary.txt, "
                        "accuracy/accuracy.txt")


def test_missing_audit_is_named(tree):
    tree.delete(audit("TEST01", scenario="SingleStream"))
    lines = tasks(self_check(tree.root)[1])
    assert "    [ ] SingleStream  TEST01" in lines
    helps = next(line for line in lines if " audit plan " in line)
    planned = command(*shlex.split(helps)[1:])
    assert planned.returncode in (0, 1) and "TEST01" in planned.stdout, planned.stderr


def test_missing_scenario_comes_with_the_command_that_begins_it(tree):
    for folder in (result("toyllm", "Server"), measurements("toyllm", "Server")):
        tree.delete(folder)
    _, text = self_check(tree.root)
    if "not begun" not in text:
        pytest.fail(text)
    helps = next(line for line in tasks(text) if " init " in line)
    assert helps.split()[-2:] == ["--scenario", "Server"]
    assert command(*shlex.split(helps)[1:]).returncode == 0
    _, text = self_check(tree.root)
    assert "not begun" not in text and "[ ] Server  performance run_1" in text


def test_faults_stay_faults_beside_the_list(tree):
    tree.delete(PERF)
    tree.set_json("closed/DemoOrg/systems/demo-host.json", "status", "sold out")
    code, text = self_check(tree.root)
    assert code == 1 and "error SYST007" in text and "performance run" in text


@pytest.mark.parametrize(("name", "benchmark", "kind"), [
    ("v0.7", "resnet50", "datacenter"), ("v1.0", "resnet50", "datacenter"),
    ("v5.1", "llama2-70b-99", "datacenter"), ("v6.0", "llama2-70b-99.9", "datacenter"),
    ("v6.1", "gpt-oss-120b", "datacenter"), ("v6.1", "whisper", "edge"),
])
def test_new_submission_of_a_round_is_a_list_and_no_fault(tmp_path, name, benchmark, kind):
    root = tmp_path / "new"
    done = command("init", root, "--round", name, "--submitter", "Acme", "--system", "box",
                   "--system-type", kind, "--benchmark", benchmark)
    assert done.returncode == 0, done.stderr
    code, text = self_check(root, "--level", "info", name=name)
    assert code == 0, text
    assert "0 errors, 0 warnings" in text and "UNFINISHED" in text
    lines = "\n".join(tasks(text))
    for words in ("fields to fill in: status", "performance run_1", "accuracy run",
                  "accuracy/accuracy.txt", " say too little", f"--benchmark {benchmark}"):
        assert words in lines
    assert "TREE014" not in lines and "no such" not in lines
