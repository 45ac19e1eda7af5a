"""Settings of `check`: command line over environment over file over default."""


import pytest

from fixtures.builder import Tree
from tests.commands import command


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path)


def shown(tree, *arguments, **env):
    done = command("check", tree.root, "--show-config", *arguments, env=env)
    assert "Traceback" not in done.stderr
    return done


def rows(text):
    return {line.split()[0]: line.split(maxsplit=2)[1:] for line in text.splitlines()[1:]}


def settings(tree, text):
    file = tree.root.parent / "submission-checker.toml"
    file.write_text(f"[check]\n{text}")
    return file


def test_origin_of_every_setting(tree):
    file = settings(tree, 'round = "demo"\nlevel = "info"\nfail-on = "warning"\njobs = 2\n'
                          'select = ["PERF", "TREE"]\ncolour = false\n')
    done = shown(tree, "--level", "error", SUBMISSION_CHECKER_CHECK_FAIL_ON="info")
    assert done.stdout.splitlines()[0] == f"settings file: {file}"
    have = rows(done.stdout)
    assert have["level"] == ["error", "command line"]
    assert have["fail-on"] == ["info", "environment SUBMISSION_CHECKER_CHECK_FAIL_ON"]
    assert have["round"] == ["demo", "submission-checker.toml"]
    assert have["jobs"] == ["2", "submission-checker.toml"]
    assert have["select"] == ["PERF,", "TREE               submission-checker.toml"]
    assert have["profile"] == ["submit", "default"]


def test_no_file_no_settings(tree):
    done = shown(tree)
    assert done.stdout.splitlines()[0] == "settings file: none"
    assert {row[-1] for row in rows(done.stdout).values()} <= {"default", "command line"}


def test_settings_judge(tree):
    settings(tree, 'round = "demo"\nformat = "json"\n')
    done = command("check", tree.root)
    assert (done.returncode, done.stdout[0]) == (0, "{")


@pytest.mark.parametrize(("text", "words"), [
    ('rond = "demo"', "no option 'rond'; did you mean 'round'?"),
    ('level = "fatal"', "level: 'fatal' is not one of"),
    ('select = "PERF"', "select is a list of texts"),
    ("level = true", "level is a text in quotation marks or a whole number"),
    ('no-exceptions = "yes"', "no-exceptions is true or false"),
    ("level = ", "submission-checker.toml: "),
    ("jobs = " + "9" * 5000, "submission-checker.toml: "),
    ("jobs = " + "[" * 5000, "submission-checker.toml: "),
    ('show-config = true', "no option 'show-config'"),
    ('today = "2020-01-01"', "no option 'today'"),
])
def test_wrong_settings_name_file_and_option(text, words, tree):
    file = settings(tree, text)
    done = shown(tree)
    assert (done.returncode, words in done.stderr, str(file) in done.stderr) == (2, True, True)


def test_only_the_table_of_check_is_known(tree):
    settings(tree, "")
    (tree.root.parent / "submission-checker.toml").write_text("[other]\n")
    assert shown(tree).returncode == 2


@pytest.mark.parametrize("way", [
    (["--profile", "gate"], {}), ([], {"SUBMISSION_CHECKER_CHECK_PROFILE": "gate"}),
])
def test_the_gate_takes_nothing_from_the_tree(way, tree):
    arguments, env = way
    tree.write("submission-checker.toml", '[check]\nignore = ["PERF"]\n')
    assert shown(tree).stdout.count("submission-checker.toml") >= 2
    assert shown(tree, *arguments, **env).stdout.splitlines()[0] == "settings file: none"


def test_exceptions_are_found_beside_the_settings(tree):
    file = settings(tree, 'exceptions = "tolerated.toml"\n')
    assert str(file.parent / "tolerated.toml") in shown(tree).stdout


def test_hidden_options_are_neither_shown_nor_proposed_nor_settings(tree):
    assert {"looks", "today"}.isdisjoint(rows(shown(tree).stdout))
    done = shown(tree, "--lookss")
    assert done.returncode == 2 and "--looks'?" not in done.stderr
    settings(tree, "looks = 2\n")
    assert "no option 'looks'" in shown(tree).stderr


def test_options_of_the_file_are_named_where_something_is_wrong(tree):
    file = settings(tree, 'round = "demo"\nselect = ["PERF", "NIX"]\n')
    done = command("check", tree.root)
    assert done.returncode == 2 and "no rule 'NIX'" in done.stderr
    assert done.stderr.endswith(f"In force from {file}: round, select.\n")
    settings(tree, "round = 5.1\n")
    assert "round is a text in quotation marks or a whole number, not 5.1" in shown(tree).stderr
