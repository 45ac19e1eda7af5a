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
