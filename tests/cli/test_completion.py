"""What a shell proposes, by click's protocol and in a real bash; options from the environment."""

import os
import shutil
import subprocess
import sys

import pytest

from submission_checker.cli.completion import rules as completed_rules
from submission_checker.cli.lazy import COMMANDS
from submission_checker.rounds.loader import round_names
from submission_checker.rules.registry import all_rules
from tests.commands import command
from tests.conftest import ROOT
from tests.test_house import HEAVY

CLEAN = {name: value for name, value in os.environ.items()
         if not name.startswith(("SUBMISSION_CHECKER", "_SUBMISSION_CHECKER"))}


def program(*arguments, **environment):
    return command(*arguments, env=environment)


def proposed(line, shell="bash"):
    """Return what a shell proposes after a line, without kinds and helps."""
    words = line.split() + ([""] if line.endswith(" ") else [])
    given = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "fish": {"COMP_WORDS": line, "COMP_CWORD": words[-1]},
    }[shell]
    done = program(_SUBMISSION_CHECKER_COMPLETE=f"{shell}_complete", **given)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    lines = [line for line in done.stdout.splitlines() if line]
    if shell == "zsh":
        return lines[1::3]
    return [line.partition(",")[2].partition("\t")[0] for line in lines]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_commands(shell):
    assert proposed("submission-checker ", shell) == list(COMMANDS)
    assert proposed("submission-checker expl", shell) == ["explain"]


def test_explain_proposes_findings_about_exceptions_and_select_does_not():
    assert proposed("submission-checker explain BASE00") == [f"BASE00{n}" for n in range(1, 9)]
    assert proposed("submission-checker explain exception-un") == ["exception-unused"]
    assert proposed("submission-checker check --select BASE") == []


@pytest.mark.parametrize(("line", "expected"), [
    ("submission-checker check --profile ", ["submit", "self-check", "review", "gate"]),
    ("submission-checker check --round v5", ["v5.0", "v5.1"]),
    ("submission-checker rounds diff v0.7 v1.", ["v1.0", "v1.1"]),
    ("submission-checker init --round v0.7 --benchmark bert", ["bert-99", "bert-99.9"]),
    ("submission-checker add --round demo --scenario o", ["Offline"]),
    ("submission-checker add --round v5.1 --test TEST0", ["TEST01", "TEST04", "TEST06"]),
    ("submission-checker check --division c", ["closed"]),
    ("submission-checker init --round v9 --benchmark bert", []),
])
def test_values(line, expected):
    assert proposed(line) == expected


def test_every_round_and_format_is_proposed():
    from submission_checker.render.formats import FORMATS

    assert proposed("submission-checker explain X --round ") == list(round_names())
    assert proposed("submission-checker check --format ") == list(FORMATS)


def test_rules_come_by_family_then_id_or_by_short_name():
    every = {rule.id for rule in all_rules()}
    families = proposed("submission-checker check --select ")
    assert families == sorted({rule.rstrip("0123456789") for rule in every})
    offered = {rule for family in families
               for rule in proposed(f"submission-checker check --select {family}")}
    assert every <= offered
    assert proposed("submission-checker explain min-duration-h") == ["min-duration-happened"]
    assert proposed("submission-checker explain PERF018") == ["PERF018"]
    assert proposed("submission-checker check --ignore QQ") == []


def test_titles_come_with_the_rules():
    items = completed_rules(None, None, "PERF018")
    assert [(item.value, bool(item.help)) for item in items] == [("PERF018", True)]


@pytest.mark.parametrize("line", [
    "submission-checker ", "submission-checker check --select PERF0",
    "submission-checker check --round v", "submission-checker init --benchmark ",
])
def test_completion_loads_nothing_heavy(line):
    code = ("import sys, atexit\n"
            "atexit.register(lambda: print('LOADED', *sys.modules, file=sys.stderr))\n"
            "from submission_checker.cli.main import main; main()")
    words = line.split() + ([""] if line.endswith(" ") else [])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**CLEAN, "_SUBMISSION_CHECKER_COMPLETE": "bash_complete", "COMP_WORDS": line,
             "COMP_CWORD": str(len(words) - 1)})
    assert done.stdout
    loaded = done.stderr.rpartition("LOADED")[2].split()
    assert "submission_checker.cli.lazy" in loaded and not set(loaded) & set(HEAVY)


def script(shell, name):
    code = ("import sys; from submission_checker.cli.main import main; "
            f"sys.argv = ['/usr/bin/{name}']; main()")
    variable = f"_{name.replace('-', '_').upper()}_COMPLETE"
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          check=True, env={**CLEAN, variable: f"{shell}_source"}).stdout


@pytest.mark.parametrize("name", ["submission-checker", "mlperf-check"])
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_for_the_name_that_was_called(shell, name):
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("no bash here")
    text = script(shell, name)
    assert name in text and f"{shell}_complete" in text
    assert f"_{name.replace('-', '_').upper()}_COMPLETE" in text


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_script_works_in_a_real_bash(tmp_path):
    shim = tmp_path / "submission-checker"
    shim.write_text(f"#!/bin/sh\nexec {sys.executable} -m submission_checker \"$@\"\n")
    shim.chmod(0o755)
    (tmp_path / "script").write_text(script("bash", "submission-checker"))
    asked = (f". {tmp_path}/script; COMP_WORDS=(submission-checker check --prof); COMP_CWORD=2; "
             "_submission_checker_completion submission-checker; echo \"${COMPREPLY[@]}\"; "
             "complete -p submission-checker")
    done = subprocess.run(["bash", "-c", asked], cwd=ROOT, capture_output=True, text=True,
                          check=True, env={**CLEAN, "PATH": f"{tmp_path}:{CLEAN['PATH']}"})
    reply, registered = done.stdout.splitlines()
    assert reply == "--profile" and "_submission_checker_completion" in registered


DEMO = ("check", "fixtures/demo_submission")


@pytest.mark.parametrize(("environment", "words"), [
    ({"SUBMISSION_CHECKER_ROUND": "demo"}, "round demo"),
    ({"SUBMISSION_CHECKER_CHECK_ROUND": "demo", "SUBMISSION_CHECKER_ROUND": "v5.1"},
     "round demo"),
    ({"SUBMISSION_CHECKER_ROUND": "demo", "SUBMISSION_CHECKER_SELECT": "PERF ACCU"},
     "select: PERF, ACCU"),
    ({"SUBMISSION_CHECKER_ROUND": "demo", "SUBMISSION_CHECKER_CHECK_PROFILE": "self-check"},
     "profile: self-check"),
    ({"SUBMISSION_CHECKER_ROUND": "demo", "SUBMISSION_CHECKER_FORMAT": "csv"}, "division,"),
    ({"SUBMISSION_CHECKER_ROUND": "demo", "SUBMISSION_CHECKER_COLOUR": "1"}, "\x1b["),
])
def test_options_have_twins_in_the_environment(environment, words):
    done = program(*DEMO, **environment)
    assert done.returncode == 0 and words in done.stdout, done.stdout + done.stderr


def test_command_line_wins_over_the_environment():
    done = program(*DEMO, "--round", "demo", SUBMISSION_CHECKER_ROUND="v5.1",
                   SUBMISSION_CHECKER_CHECK_ROUND="v5.0")
    assert "round demo" in done.stdout


def test_twins_hold_for_commands_below_commands():
    shown = program("rounds", "list", SUBMISSION_CHECKER_ROUNDS_SHOW_JSON="1")
    assert "v5.1" in shown.stdout
    shown = program("rounds", "show", "demo", "seeds", SUBMISSION_CHECKER_ROUNDS_SHOW_JSON="1")
    assert shown.stdout.startswith("{")
    planned = program("audit", "plan", "fixtures/demo_submission", "--round", "demo",
                      SUBMISSION_CHECKER_AUDIT_PLAN_FORMAT="json")
    assert planned.stdout.startswith("{")


def test_wrong_value_from_the_environment_is_named():
    done = program(*DEMO, SUBMISSION_CHECKER_FAIL_ON="fatal")
    assert done.returncode == 2 and "SUBMISSION_CHECKER_FAIL_ON" in done.stderr, done.stderr


def test_every_option_of_every_command_has_its_twin():
    import click

    from submission_checker.cli.lazy import group

    program_ = group()
    context = click.Context(program_)
    names = [param.envvar for name in COMMANDS
             for param in program_.get_command(context, name).params
             if isinstance(param, click.Option)]
    assert len(names) > 30 and all(isinstance(name, list) and len(name) == 2 for name in names)
