"""explain --result: how the number of a result follows from its logs, and what decided it."""

import pytest
from click.testing import CliRunner

from fixtures.builder import Tree, accuracy, result, run
from submission_checker.cli.explain import command

SERVER = result(scenario="Server")
LOG = run(scenario="Server")


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path)


def explain(tree, location, code=0):
    out = CliRunner().invoke(
        command, ["--result", location, str(tree.root), "--round", "demo"], prog_name="explain")
    assert out.exit_code == code, out.output
    return out.output


def test_number_accuracy_and_rules_are_told(tree):
    lines = explain(tree, SERVER).splitlines()
    key = "result_completed_samples_per_sec"
    line = next(n for n, x in enumerate(tree.text(LOG).splitlines(), 1) if f'"{key}"' in x)
    at = lines.index(f"  1. {key} = {tree.log(LOG, key)}")
    assert lines[0] == f"{SERVER}  valid, round demo"
    assert lines[at + 1 : at + 3] == ["     read from the detail log", f"     {LOG}:{line}"]
    assert f"  {accuracy(scenario='Server')}/accuracy.txt:1" in lines
    assert "Decided by  no finding at error level" in lines
    passed = next(x for x in lines if x.startswith("Passed ("))
    assert "ACCU001" in passed


def test_deciding_finding_stands_with_its_place(tree):
    tree.edit_log(LOG, "generated_query_count", lambda r: {**r, "value": r["value"] - 2})
    text = explain(tree, SERVER)
    line = next(n for n, x in enumerate(tree.text(LOG).splitlines(), 1)
                if '"generated_query_count"' in x)
    assert f"{SERVER}  invalid, round demo" in text
    assert f"  error LGEN021  {LOG}:{line}" in text
    assert "found 698 queries in" in text


def test_unknown_result_is_wrong_use_with_a_proposal(tree):
    text = explain(tree, SERVER.replace("Server", "Servr"), code=2)
    assert f"did you mean '{SERVER}'" in text


def test_path_that_is_no_submission_exits_3(tree):
    explain(Tree(tree.root / "closed" / "DemoOrg" / "systems"), SERVER, code=3)
