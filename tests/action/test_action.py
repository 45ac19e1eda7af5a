"""The action's steps, run in a shell with the host's environment files, on three repositories."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from fixtures.builder import BASE, Tree, run
from submission_checker.formats.resources import demo_submission
from tests.conftest import ROOT
from tests.sources.making import committed, git, repository

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"]}
DEFAULTS = {name: given["default"] for name, given in ACTION["inputs"].items()}


class Host:
    """A runner: workspace, files of the environment, and the steps of the action."""

    def __init__(self, folder, workspace):
        self.folder, self.workspace = folder, workspace
        self.temp = folder / "runner temp"
        (self.temp / "bin").mkdir(parents=True)
        (self.temp / "bin" / "python").symlink_to(sys.executable)
        checker = self.temp / "bin" / "submission-checker"
        checker.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m submission_checker "$@"\n')
        checker.chmod(0o755)
        self.outputs: dict[str, str] = {}

    def expression(self, text):
        """Return a value of ``env:`` with its one expression replaced, as the host does."""
        def value(match):
            kind, name = match[1].split(".", 1)
            if kind == "inputs":
                return self.inputs[name]
            return self.outputs.get(name.rpartition(".")[2], "")

        return re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, text)

    def step(self, name):
        """Run a step and return it; outputs are read as the host reads them."""
        step = STEPS[name]
        files = {key: self.folder / key for key in (
            "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH")}
        for file in files.values():
            file.touch()
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "PYTHONPATH": str(ROOT),
               "RUNNER_TEMP": str(self.temp), "GITHUB_WORKSPACE": str(self.workspace),
               "GITHUB_ACTION_PATH": str(ROOT), "CHECKER_BIN": str(self.temp / "bin"),
               **{key: str(file) for key, file in files.items()},
               **{key: self.expression(text) for key, text in step["env"].items()}}
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c",
                               step["run"]], cwd=self.workspace, env=env, check=False,
                              capture_output=True, text=True)
        for line in files["GITHUB_OUTPUT"].read_text().splitlines():
            key, equals, value = line.partition("=")
            assert equals and key in {"state", "exit-code", "json", "sarif", "html", "markdown"}
            self.outputs[key] = value
        assert files["GITHUB_ENV"].read_text() == files["GITHUB_PATH"].read_text() == ""
        return done

    def judge(self, **inputs):
        """Run the steps after the installation; return the log and the job's exit code."""
        self.inputs = {**DEFAULTS, "round": "demo",
                       **{key.replace("_", "-"): value for key, value in inputs.items()}}
        done = self.step("check")
        assert done.returncode in (0, 2), done.stderr
        if done.returncode:
            return done.stdout, done.returncode
        last = self.step("verdict")
        return done.stdout, last.returncode

    def file(self, output):
        """Return the text of a file that an output names."""
        with open(self.outputs[output], encoding="utf-8") as file:
            return file.read()

    @property
    def summary(self):
        return (self.folder / "GITHUB_STEP_SUMMARY").read_text()


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path)


@pytest.fixture
def host(tmp_path, tree):
    repository(tree.root)
    folder = tmp_path / "host"
    folder.mkdir()
    return Host(folder, tree.root)


def commands(log):
    """Return the workflow commands that the host would obey."""
    found, stop = [], None
    for line in log.splitlines():
        if stop is not None:
            stop = None if line == f"::{stop}::" else stop
        elif line.startswith("::stop-commands::"):
            stop = line.removeprefix("::stop-commands::")
        elif line.lstrip().startswith("::"):
            found.append(line)
    return found


def test_good_repository_passes_and_leaves_its_files(host, tree):
    tree.write(f"{BASE}/calibration.md", tree.text(f"{BASE}/calibration.md") + "more\n")
    committed(tree.root)
    log, code = host.judge(since="HEAD~1")
    assert (code, host.outputs["state"], host.outputs["exit-code"]) == (0, "passed", "0")
    assert not any(line.startswith("::error") for line in commands(log))
    assert "6 valid" in host.summary
    report = json.loads(host.file("json"))
    assert report["summary"]["results"]["valid"] == 6 and report["profile"] == "gate"
    assert json.loads(host.file("sarif"))["version"] == "2.1.0"
    assert host.file("html").startswith("<!")
    assert host.file("markdown").startswith("<!-- submission-checker -->")


def test_bad_repository_fails_with_annotations(host, tree):
    tree.set_log(run(), "result_validity", "INVALID")
    committed(tree.root)
    log, code = host.judge(since="HEAD~1")
    assert (code, host.outputs["state"]) == (1, "failed")
    assert any(line.startswith("::error ") and run() in line for line in commands(log))
    assert "invalid" in host.summary


def test_hostile_repository_runs_nothing_and_commands_nothing(host, tree, tmp_path):
    """Names that are commands, modules in the root, an own exceptions file, own settings."""
    mark = tmp_path / "ran"
    evil = f"import pathlib; pathlib.Path({str(mark)!r}).touch()\n"
    for name in ("submission_checker/__init__.py", "json.py", "click.py", "sitecustomize.py",
                 "venv.py", "secrets.py"):
        tree.write(name, evil)
    tree.write(".gitattributes", "* filter=evil\n")
    tree.write("submission-checker.toml", '[check]\nignore = ["TREE"]\n')
    tree.write("submission-exceptions.toml", "not toml [")
    tree.write(f"{BASE}/::error::pwned.md", "x")
    tree.write(f"{BASE}/a\n::set-output name=x::y\n.md", "x")
    tree.write(f"{BASE}/a%0A::error::b.md", "x")
    tree.write(f"{BASE}/$(touch {mark.name})`id`.md", "x")
    tree.write(f"{BASE}/<img src=x onerror=alert(1)>.md", "x")
    tree.path("closed/out").symlink_to("/etc")
    committed(tree.root)
    log, code = host.judge(since="HEAD~1")
    assert not mark.exists() and code == 1 and host.outputs["state"] == "failed"
    kinds = {re.match(r"\s*::([\w-]+)", line)[1] for line in commands(log)}
    assert kinds <= {"error", "warning", "notice"}
    assert not any("pwned" in line.partition("::")[2][:10] for line in commands(log))
    assert "<img" not in re.sub(r"`[^`]*`", "", host.summary)
    assert "<img src=x" not in host.file("html")
    report = json.loads(host.file("json"))
    rules = {f["rule"] for f in report["findings"] if f["level"] == "error"}
    assert {"REPO001", "REPO003", "TREE008", "TREE016"} <= rules
    assert report["exceptions"] == []


def test_change_without_a_submission_passes_as_nothing(host, tree):
    tree.write("closed/New/x.md", "x")
    committed(tree.root)
    tree.delete("closed/New")
    committed(tree.root)
    _, code = host.judge(since="HEAD~1", profile="submit")
    assert (code, host.outputs["state"], host.outputs["exit-code"]) == (0, "nothing", "3")


def test_unknown_revision_is_unreadable_and_messages_are_no_commands(host):
    log, code = host.judge(since="::error::x")
    assert (code, host.outputs["state"]) == (3, "unreadable")
    assert commands(log) == [] and "::error::x" in log
    assert "nothing was judged" in host.summary and "json" not in host.outputs


def test_folder_and_whole_tree(host, tree):
    inner = tree.root / "sub" / "mission"
    inner.parent.mkdir()
    shutil.copytree(tree.root / "closed", inner / "closed")
    git(tree.root, "rm", "-rq", "closed")
    committed(tree.root)
    _, code = host.judge(path="./sub/mission/", profile="submit")
    assert (code, host.outputs["state"]) == (0, "passed")
    assert host.judge(path="sub/mission", since="HEAD~1", profile="submit")[1] == 0
    report = json.loads(host.file("json"))
    assert report["summary"]["results"]["valid"] == 6


@pytest.mark.parametrize("path", ["../..", "/etc", "sub/../../x"])
def test_path_stays_in_the_workspace(host, path):
    log, code = host.judge(path=path)
    assert code == 2 and "::error::the input path" in log


def test_installation_does_not_import_from_the_workspace(host, tree, tmp_path):
    """The first command of the step, with a stand-in for the interpreter that says what it gets."""
    log = tmp_path / "log"
    stand_in = tmp_path / "python"
    stand_in.write_text(f'#!/bin/sh\necho "$PWD $*" >> {log}\nexit 1\n')
    stand_in.chmod(0o755)
    host.inputs = {**DEFAULTS, "python": str(stand_in)}
    assert host.step("install").returncode == 1
    place, _, words = log.read_text().strip().partition(" -I ")
    assert place == str(host.temp) and words.startswith("-m venv ")


def test_inputs_reach_scripts_through_the_environment_only():
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"] and set(step) <= {"id", "shell", "run", "env"}


def test_actions_of_the_workflows_are_pinned():
    for file in (ROOT / "docs" / "workflows").glob("*.yml"):
        flow = yaml.safe_load(file.read_text())
        (job,) = flow["jobs"].values()
        uses = [step["uses"] for step in job["steps"] if "uses" in step]
        assert len(uses) > 2 and all(re.search(r"@[0-9a-f]{40}\Z", text) for text in uses)
        assert flow["permissions"] == {} and True in flow and "pull_request_target" not in str(flow)
        own = next(s for s in job["steps"] if s.get("id") == "judge")
        assert set(own["with"]) <= set(ACTION["inputs"])


def test_linter_of_actions_finds_nothing():
    if shutil.which("zizmor", path=os.path.dirname(sys.executable)) is None:
        pytest.skip("zizmor is not installed (extra [dev])")
    files = ["action.yml", *(str(f) for f in sorted((ROOT / "docs" / "workflows").glob("*.yml")))]
    done = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "zizmor"), "--offline", "--no-progress",
         "--persona", "pedantic", *files], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.count("completed") == len(files) == 3


def test_hooks_judge_the_tree_they_stand_in(tmp_path):
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert {hook["id"] for hook in hooks} >= {
        "mlperf-check", "mlperf-structure", "mlperf-system-json", "mlperf-measurements"}
    shutil.copytree(demo_submission(), tmp_path / "tree")
    for hook in hooks:
        assert not hook["pass_filenames"]
        command = [sys.executable, "-m", "submission_checker", *hook["entry"].split()[1:]]
        done = subprocess.run([*command, "--round", "demo"], cwd=tmp_path / "tree",
                              env={**os.environ, "PYTHONPATH": str(ROOT)},
                              capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), hook["id"]
        re.compile(hook.get("files", ""))
