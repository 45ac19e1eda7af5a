"""AUDT025, 031: visible answers and where texts come from."""

from submission_checker.model.submission import AccuracyRun
from submission_checker.rules.audits import content
from tests.compliance.building import accuracy_log, audit, judged, result, run

PASS = {"verify_accuracy.txt": "TEST PASS"}


def answered(mine, theirs, texts=None):
    """Return a result whose audit logged ``mine`` and whose accuracy run logged ``theirs``."""
    path = "closed/Acme/results/sys/resnet/Offline/accuracy"
    accuracy = AccuracyRun(run(path), None, accuracy_log(path, theirs), {})
    return result(audits=[audit("TEST01", texts=texts or PASS, entries=mine)], accuracy=accuracy)


def test_equal_answers_pass():
    assert judged(content.audit_answers_equal, answered(
        [(5, 9, "0A000000"), (6, 1, "00")], [(0, 9, "0a000000")])) == []


def test_answer_that_differs_after_its_first_element_is_found():
    found = judged(content.audit_answers_equal, answered(
        [(5, 9, "0700000001")], [(0, 9, "0700000002")]))
    assert found == [
        ("warning", "TEST01", "data", "sample 9: 5 bytes, from byte 4: 01",
         "5 bytes, from byte 4: 02"),
    ]


def test_answers_are_not_compared_where_quality_decides():
    differing = answered([(5, 9, "01")], [(0, 9, "02")], {"verify_accuracy.txt": "TEST FAIL"})
    assert judged(content.audit_answers_equal, differing) == []


def test_text_of_another_result_is_noted():
    texts = {"verify_accuracy.txt": "reading /home/x/results/other/bert-99/Server/accuracy\nTEST PASS"}
    assert judged(content.audit_text_origin, result(audits=[audit("TEST01", texts=texts)])) == [
        ("info", "TEST01", "TEST01 verify_accuracy.txt", '"results/other/bert-99/Server/"',
         "sys/resnet/Offline"),
    ]


def test_text_of_its_own_result_passes():
    texts = {"verify_accuracy.txt": "reading /home/x/results/sys/resnet/Offline/acc\nTEST PASS"}
    assert judged(content.audit_text_origin, result(audits=[audit("TEST01", texts=texts)])) == []
