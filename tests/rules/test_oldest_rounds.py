"""PERF007, PERF017, SYST007 in v0.5 and v0.7, though no tool of these rounds tested them."""

import pytest

from submission_checker.logs.detail import open_detail
from submission_checker.logs.summary import read_summary
from submission_checker.model.files import Folder
from submission_checker.model.run import Run
from submission_checker.rounds.loader import load_round
from submission_checker.rules import syst
from submission_checker.rules.perf import length, log
from tests.compliance.building import judged, result
from tests.rules.support_subjects import found, system

PATH = "closed/Acme/results/sys/resnet/Offline/performance/run_1"


@pytest.mark.parametrize(("round_name", "level"), [("v0.5", "warning"), ("v0.7", "error")])
def test_offline_queries_have_as_many_samples_as_the_rules_of_v0_5_ask(round_name, level):
    def said(samples):
        subject = result("resnet", round_name=round_name, detail_values={
            "effective_samples_per_query": samples, "result_query_count": samples})
        return [(lvl, text) for lvl, _, _, text, _ in judged(
            length.offline_samples, subject, round_name)]

    assert said(24576) == []
    assert (level, "effective_samples_per_query 24 575") in said(24575)


@pytest.mark.parametrize(("round_name", "level"), [("v0.5", "warning"), ("v0.7", "error"),
                                                   ("v1.0", "error")])
def test_availability_is_one_of_the_round(round_name, level):
    round_ = load_round(round_name)
    for value in ("available", "RDI", "Preview"):
        assert found(syst.availability, system({"status": value}), round_) == []
    said = found(syst.availability, system({"status": "soon"}), round_)
    assert [(item[0], item[2]) for item in said] == [(level, 'status "soon"')]


@pytest.mark.parametrize("round_name", ["v0.5", "v0.7"])
@pytest.mark.parametrize(("summary", "said"), [
    ("1 ERROR encountered. See detailed log.", []),
    ("No errors encountered during test.", ["the summary counts 0 errors"]),
    ("No warnings encountered during test.", [
        "no line about errors after this one, so the end of the summary was cut off or edited"]),
    ("", []),
])
def test_errors_of_a_text_log_are_those_of_its_summary(round_name, summary, said):
    text = '"pid": 1, "tid": 1, "ts": 9ns : ERROR : CAS failed.\n'
    detail = f"{PATH}/mlperf_log_detail.txt"
    run = Run("run_1", Folder(PATH, {}, ()), detail, open_detail(text.encode(), detail),
              read_summary(f"{summary}\n".encode(), f"{PATH}/mlperf_log_summary.txt"))
    subject = result("resnet", round_name=round_name, performance=(run,))
    assert [text for _, _, _, text, _ in judged(log.error_count_agrees, subject, round_name)] \
        == said
