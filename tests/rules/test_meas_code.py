"""MEAS013 MEAS025: what stands in the code folders, and texts about open results."""


import pytest

from fixtures.builder import BASE, Tree
from submission_checker.model.subjects import CodeFacts
from submission_checker.rules import meas_code
from tests.rules.support_subjects import facts, found, status, submitter, system

OPEN = "open/Acme/results/node/digits/Offline"


def findings(tree, rule):
    return [(f.level.label, f.location.path, f.found) for f in tree.findings(rule)]


def test_bundled_code_calls_loadgen(tmp_path):
    count = next(c for c in Tree.demo(tmp_path).report().rules if c.id == "MEAS013")
    assert (count.passed, count.failed) == (1, 0)


def test_code_without_sources(tmp_path):
    tree = Tree.demo(tmp_path)
    tree.delete(f"{BASE}/code").write(f"{BASE}/code/digits/demo/notes.txt", "mlperf_loadgen")
    tree.write(f"{BASE}/code/toyllm/demo/notes.txt", "x")
    assert findings(tree, "MEAS013") == [
        ("warning", f"{BASE}/code", "2 files, none of them a source or build file")]


@pytest.mark.parametrize("padding", [0, 1 << 20])
def test_code_that_does_not_call_loadgen_in_its_first_mebibyte(tmp_path, padding):
    tree = Tree.demo(tmp_path)
    tree.delete(f"{BASE}/code").write(
        f"{BASE}/code/digits/demo/Makefile", "#" * padding + ("mlperf_loadgen" if padding else ""))
    assert findings(tree, "MEAS013") == [
        ("warning", f"{BASE}/code", "1 source, none of which names LoadGen")]
    tree.write(f"{BASE}/code/digits/demo/main.cc", "#include <loadgen.h>")
    assert findings(tree, "MEAS013") == []


def test_code_beyond_what_is_searched_is_not_judged():
    subject = submitter(system({}))._replace(
        code=CodeFacts(("closed/Acme/code",), 9, 9, (), None, False))
    assert status(meas_code.code_is_code, subject) == "more code than is searched"


def test_open_result_without_any_text():
    silent = submitter(system({}, division="open", results=[facts(OPEN)]), division="open")
    assert found(meas_code.open_changes_told, silent) == [
        ("warning absent", OPEN, "no README with content for 1 result",
         "a text about what differs from the closed division")]


@pytest.mark.parametrize("readme", [
    "open/Acme/code/digits/impl/README.md", "open/Acme/code/README.md"])
def test_open_result_with_a_text_beside_its_code(readme):
    made = submitter(system({}, division="open", results=[facts(OPEN)]), division="open")
    told = made._replace(code=CodeFacts(("open/Acme/code",), 1, 0, (readme,)))
    assert status(meas_code.open_changes_told, told) == "passed"


def test_open_result_with_a_text_beside_its_measurements():
    told = submitter(system({}, division="open", results=[facts(
        OPEN, readme="README.md", readme_bytes=9)]), division="open")
    assert status(meas_code.open_changes_told, told) == "passed"


def test_closed_results_need_no_such_text():
    assert status(meas_code.open_changes_told, submitter(system({}))) == "only in open"
