"""Wrong use says what is wrong and proposes the nearest right word."""


import pytest

from submission_checker.engine.selection import did_you_mean
from submission_checker.formats.resources import demo_submission
from tests.commands import command

TREE = str(demo_submission())


@pytest.mark.parametrize(("arguments", "words"), [
    (("chekc", TREE), "no command 'chekc'; did you mean 'check'?"),
    (("check", TREE, "--rond", "demo"), "--round"),
    (("check", TREE, "--round", "5.1"), "unknown round '5.1'; did you mean 'v5.1'?"),
    (("rounds", "show", "demoo"), "unknown round 'demoo'; did you mean 'demo'?"),
    (("check", TREE, "--round", "demo", "--format", "xml"), "summary-csv, text"),
    (("check", TREE, "--round", "demo", "--select", "PERF99"), "no rule 'PERF99'; did you mean"),
    (("check", TREE, "--round", "demo", "--submitter", "demoorg2"), "did you mean 'DemoOrg'?"),
    (("check", TREE, "--round", "demo", "--profile", "subm"), "'submit', 'self-check'"),
    (("check", TREE, "--round", "demo", "--jobs", "many"), "--jobs is a number or auto"),
    (("check", TREE, "--round", "demo", "--jobs", "\u00b2"), "--jobs is a number or auto"),
    (("check", TREE, "--round", "demo", "--jobs", "9" * 5000), "--jobs is a number or auto"),
    (("explain", "accu03"), "did you mean 'ACCU003'?"),
    (("check", TREE, "--round", "demo", "--system", "demo_host"), "did you mean 'demo-host'?"),
    (("check", TREE, "--round", "demo", "-o", "my.xlsx"), "FILE whose suffix tells the format"),
    (("check", TREE, "--round", "demo", "--published", "no.csv"),
     "cannot read the published table no.csv: No such file or directory"),
    (("pack", TREE, "/tmp/x.tar", "--max-size", "\u00b2GB"), "--max-size is a number"),
    (("pack", TREE, "/tmp/x.tar", "--max-size", "9" * 400), "--max-size is a number"),
    (("explain", "min-duration"),
     "did you mean 'min-duration-configured' or 'min-duration-happened'?"),
    (("explain", "zzz"), "no rule 'zzz'; `submission-checker rules` lists them"),
    (("rounds", "dif", "v5.1", "v6.0"), "Did you mean 'diff'?"),
    (("exceptions", "prun", TREE), "Did you mean 'prune'?"),
    (("audit", "plam", TREE), "no command 'plam'; did you mean 'plan'?"),
    (("audit", "plan", TREE, "--round", "demo", "--division", "closd"), "did you mean 'closed'?"),
])
def test_wrong_use_proposes_what_is_right(arguments, words):
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("typed", "said"), [
    ("alpha", "; did you mean 'alphabet'?"), ("ALPHABT", "; did you mean 'alphabet'?"),
    ("one", "; did you mean 'one-a', 'one-b' or 'one-c'?"), ("x", "; known: alphabet, one-a, "
     "one-b, one-c, one-d"),
])
def test_names_that_hold_what_was_typed_go_first(typed, said):
    assert did_you_mean(typed, ["one-d", "one-c", "one-b", "one-a", "alphabet"]) == said


@pytest.mark.parametrize(("arguments", "head", "row"), [
    (("ACCU",), "ACCU is a family of ", "ACCU003   error    The quality target is reached"),
    (("accu", "--round", "v0.5"), "levels as in v0.5, closed; --select ACCU keeps", "ACCU026"),
    (("BASE",), "BASE is a family of 8 rules; these are about the exceptions file", "BASE008"),
])
def test_the_name_of_a_family_lists_its_rules(arguments, head, row):
    done = command("explain", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert head in done.stdout.splitlines()[0] and row in done.stdout
    assert f"explain {arguments[0].upper()}001 tells about the first" in done.stdout


LONG = "n" * 300


@pytest.mark.parametrize(("arguments", "code", "words"), [
    (("check", LONG), 3, f"{LONG}: file name too long"),
    (("check", ""), 3, "'': no such file or folder"),
    (("check", "trea"), 3, "did you mean tree?"),
    (("check", "tree\\closed"), 3, "did you mean tree/closed?"),
    (("report", LONG), 3, "file name too long"),
    (("bug-report", "tree", "--round", "demo", "-o", f"{LONG}.zip"), 2, "File name too long"),
    (("bug-report", "tree", "--round", "demo", "-o", "none/b.zip"), 2, "cannot write none/b.zip"),
    (("check", "tree", "--round", "v5"), 2, "did you mean 'v5.0' or 'v5.1'?"),
    (("check", "tree", "--round", "demo", "--select", "PERF001,PERF002"), 2,
     "no rule 'PERF001,PERF002'; name each rule with an option of its own"),
    (("check", "tree", "--round", "demo", "--select", "zzz"), 2, "families: ACCU, AUDT"),
    (("check", "tree", "--round", "demo", "--exceptions", "bytes"), 2,
     "cannot read the exceptions file bytes: byte 2 makes it no text in UTF-8"),
    (("check", "tree", "--explain-difference", "none"), 2, "cannot read none: No such file"),
    (("report", "tree", "--round", "demo", "-o", "html:"), 2, "the file is missing"),
    (("report", "tree", "--round", "demo", "-o", "htlm:x"), 2, "did you mean 'html'?"),
    (("explain", "min duration"), 2, "did you mean 'min-duration-configured' or"),
    (("exceptions", "list", "none"), 2, "none: no such folder; name the file with --exceptions"),
    (("exceptions", "list", "bytes"), 2, "bytes: no folder; name the file with --exceptions"),
    (("exceptions", "prune", "tree", "--exceptions", "none"), 2, "no exceptions file none"),
    (("exceptions", "add", "tree", "--rule", "RNDX004", "--subject", ".", "--round", "demo",
      "--reason", "agreed with all", "--approved-by", "chair", "--exceptions", "e.toml"), 2,
     "RNDX004 knows no exception"),
    (("audit", "plan", "none"), 3, "submission-checker: none: no such file or folder"),
    (("init", "new", "--submitter", "A", "--system", "b", "--benchmark", "llama2-70b-99", "--round",
      "v5.1", "--scenario", "offline"), 2, "no scenario 'offline' of llama2-70b-99 on datacenter"),
])
def test_wrong_paths_and_names_are_told_at_once(arguments, code, words, tmp_path):
    (tmp_path / "tree").symlink_to(TREE)
    (tmp_path / "bytes").write_bytes(b"a\xff")
    done = command(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bytes", "tree"]


def test_two_equal_rounds_are_said_to_be_so():
    assert command("rounds", "diff", "v5.1", "v5.1").stdout == "nothing changed from v5.1 to v5.1\n"


@pytest.mark.parametrize(("variable", "value", "words"), [
    ("SUBMISSION_CHECKER_ROUND", "v9", "In force from the environment: SUBMISSION_CHECKER_ROUND."),
    ("SUBMISSION_CHECKER_CHECK_LEVEL", "x", "The value comes from SUBMISSION_CHECKER_CHECK_LEVEL"),
])
def test_options_from_the_environment_are_named_where_something_is_wrong(variable, value, words):
    done = command("check", TREE, env={variable: value})
    assert (done.returncode, words in done.stderr) == (2, True)


def test_nothing_is_said_of_the_environment_where_it_gives_nothing():
    assert "environment" not in command("check", TREE, "--round", "v9").stderr
