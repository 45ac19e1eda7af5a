"""MEAS028: the detailed log of a retrieval pipeline, in the form that the reference writes it."""

import json

import pytest

from fixtures.builder import BASE, SYSTEM, Tree
from submission_checker.logs import pipeline as module
from submission_checker.logs.pipeline import is_pipeline_log, read_pipeline_log
from submission_checker.rounds.loader import load_round

ROUND, MODEL = "v6.1", "e2e-rag-qna"
RESULT = f"{BASE}/results/{SYSTEM}/{MODEL}/Offline"
LOG = f"{RESULT}/accuracy/llm_logs_loadgen_20260701_120000.json"
CITE = f"{ROUND}; {load_round(ROUND).source(f'models.{MODEL}.pipeline_log')}"


def call(component, hop):
    return {"call_id": "1", "component": component, "hop_count": hop,
            "input": {"messages": [{"content": 'a "component": "x", "hop_count": 99'}],
                      "model": "m", "max_tokens": 10240},
            "output": {"response": '{"max_iterations": 77, "M": 3}', "finish_reason": "stop"},
            "metrics": {"isl": 493, "osl": 722}, "context": {"kept_docs_count": 0}}


def log(iterations=5, done=5, **more):
    """Return a log: of each query one call to search and one to grade per iteration."""
    calls = [call(component, hop + later) for hop in range(1, done + 1)
             for component, later in (("generate_search_queries", 0),
                                      ("evaluate_document_relevance", 1))]
    return {"experiment_metadata": {"session_id": "1", "max_iterations": iterations, **more},
            "queries": [{"query_id": str(n), "llm_calls": calls} for n in range(3)],
            "experiment_summary": {"total_queries": 3}}


@pytest.fixture
def tree(tmp_path):
    """The demonstration, laid out as the round has it, with a result of the model."""
    tree = Tree.demo(tmp_path).lay_out_in_results()
    return tree.rename(f"{BASE}/results/{SYSTEM}/digits", f"{BASE}/results/{SYSTEM}/{MODEL}")


def judged(tree, rule="MEAS028"):
    report = tree.report(round=ROUND)
    assert not report.crashed
    count = next(count for count in report.rules if count.id == rule)
    found = [(f.level.label, f.location.path, f.found, f.required, f.absent)
             for f in report.findings if f.rule == rule and f.location.path.startswith(RESULT)]
    return found, count


def written(tree, value, path=LOG, **how):
    return tree.write(path, json.dumps(value, **how))


def test_log_that_is_absent(tree):
    tree.write(f"{RESULT}/accuracy/results.json", '{"1": {"query": "q", "answer": "a"}}')
    found, _ = judged(tree)
    assert found == [("warning", f"{RESULT}/accuracy", "no detailed log of the pipeline",
                      f"a JSON file with the calls of all language models ({CITE})", True)]


@pytest.mark.parametrize("path", [
    LOG, f"{RESULT}/performance/run_1/llm.json", f"{RESULT}/accuracy/results/all calls.json"])
@pytest.mark.parametrize("indent", [None, 2])
def test_log_within_the_limits_passes_wherever_it_lies(tree, path, indent):
    written(tree, log(M=32, efConstruction=200, efSearch=100), path, indent=indent)
    found, count = judged(tree)
    assert found == [] and count.passed > 0


def test_log_is_no_extra_file(tree):
    written(tree, log())
    tree.write(f"{RESULT}/accuracy/other.json", "{}")
    found = [path for _, path, *_ in judged(tree, "TREE029")[0]]
    assert f"{RESULT}/accuracy/other.json" in found and LOG not in found


@pytest.mark.parametrize(("value", "expected"), [
    (log(iterations=10), [("max_iterations 10", "at most 5")]),
    (log(done=6), [("6 iterations in one query", "at most 5")]),
    (log(M=16, efSearch="64"), [("M 16", "32"), ("efSearch 64", "100")]),
    (log(index={"M": 32, "efConstruction": 40}), [("efConstruction 40", "200")]),
])
def test_what_exceeds_the_limits_is_named(tree, value, expected):
    written(tree, value, indent=2)
    found, _ = judged(tree)
    assert found == [("warning", LOG, have, f"{want} ({CITE})", False) for have, want in expected]


def test_log_that_is_too_long_is_said(tree, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 50)
    written(tree, log())
    found, count = judged(tree)
    assert found == []
    assert ("the pipeline's log has more than 50 bytes, which are not read", 1) in (
        count.skip_reasons)


def test_other_models_have_no_such_log(tree):
    tree.rename(f"{BASE}/results/{SYSTEM}/toyllm", f"{BASE}/results/{SYSTEM}/llama3.1-8b")
    reasons = dict(judged(tree)[1].skip_reasons)
    assert reasons == {"the model has no pipeline that is logged": 2}


@pytest.mark.parametrize("indent", [None, 1, 8])
def test_values_are_the_same_for_every_cut_into_blocks(indent):
    data = json.dumps(log(done=7, M=12345), indent=indent).encode()
    names = ("max_iterations", "M")
    whole = read_pipeline_log([data], len(data), "f", names)
    assert whole.settings == {"max_iterations": (5,), "M": (12345,)}
    assert whole.hops == {"generate_search_queries": 7, "evaluate_document_relevance": 8}
    for size in (1, 13, 700, 4096):
        blocks = [data[at : at + size] for at in range(0, len(data), size)]
        assert read_pipeline_log(blocks, len(data), "f", names) == whole


@pytest.mark.parametrize("head", [b"", b"[]", b"{}", b'"llm_calls"', b"\xff\xfe{"])
def test_other_files_are_no_such_log(head):
    assert not is_pipeline_log(head)
