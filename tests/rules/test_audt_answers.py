"""AUDT012-015, 024, 025, 031: what audits of answers hold."""

from fixtures.builder import Tree, accuracy
from fixtures.builder import audit as audit_folder
from submission_checker.model.accuracy import AccuracyRun
from submission_checker.rules.audits import content
from tests.compliance.building import accuracy_log, audit, judged, result, run

PASS = {"verify_accuracy.txt": "TEST PASS"}


def answered(mine, theirs, texts=None):
    """Return a result whose audit logged ``mine`` and whose accuracy run logged ``theirs``."""
    path = "closed/Acme/results/sys/resnet/Offline/accuracy"
    other = AccuracyRun(run(path), None, accuracy_log(path, theirs), {})
    return result(audits=[audit("TEST01", texts=texts or PASS, entries=mine)], accuracy=other)


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


def whole_logs(tmp_path, sample=None):
    """Return the findings on whole logs; the audit's answer to one sample may be another."""
    answers = [(index, f"{index % 10:02x}000000{index:08x}") for index in range(1000)]
    tree = Tree.demo(tmp_path).set_answers(accuracy(), answers)
    mine = [(i, data if i != sample else data[:-1] + "f") for i, data in answers[::3]]
    tree.set_answers(f"{audit_folder('TEST01')}/accuracy", mine)
    return [(f.level.label, f.location.path, f.found, f.evidence[0])
            for f in tree.findings("AUDT025")]


def test_answer_in_the_middle_of_whole_logs_is_compared_to_its_last_byte(tmp_path):
    log = f"{audit_folder('TEST01')}/accuracy/mlperf_log_accuracy.json"
    assert whole_logs(tmp_path, 501) == [
        ("warning", log, "sample 501: another answer than in the accuracy run",
         "334 answers compared")]


def test_equal_whole_logs_pass(tmp_path):
    assert whole_logs(tmp_path) == []


def test_text_of_another_result_is_noted():
    other = "reading /home/x/results/other/bert-99/Server/accuracy\nTEST PASS"
    texts = {"verify_accuracy.txt": other}
    assert judged(content.audit_text_origin, result(audits=[audit("TEST01", texts=texts)])) == [
        ("info", "TEST01", "TEST01 verify_accuracy.txt", '"results/other/bert-99/Server/"',
         "sys/resnet/Offline"),
    ]


def test_text_of_its_own_result_passes():
    texts = {"verify_accuracy.txt": "reading /home/x/results/sys/resnet/Offline/acc\nTEST PASS"}
    assert judged(content.audit_text_origin, result(audits=[audit("TEST01", texts=texts)])) == []


# AUDT012: tokens

TOKENS_PASS = ("First token check pass: {first}\nEOS check pass: True\n"
               "Sample length check pass: True\nTEST06 verification complete\n")


def token_audit(scenario, entries, first="True"):
    path = f"closed/Acme/compliance/sys/llama2-70b-99/{scenario}"
    return result("llama2-70b-99", scenario, audits=[audit(
        "TEST06", path, texts={"verify_accuracy.txt": TOKENS_PASS.format(first=first)},
        entries=entries,
    )])


def test_consistent_tokens_pass():
    entries = [(0, 7, "0100000002000000", 2, "01000000")]
    assert judged(content.audit_tokens, token_audit("Server", entries)) == []


def test_wide_tokens_pass():
    entries = [(0, 7, "01000000000000000200000000000000", 2, "0100000000000000")]
    assert judged(content.audit_tokens, token_audit("Server", entries)) == []


def test_skipping_the_first_token_outside_offline_fails():
    entries = [(0, 7, "0100000002000000", 2, "01000000")]
    assert judged(content.audit_tokens, token_audit("Server", entries, "Skipped")) == [
        ("error", "TEST06", "skipped", '"First token check pass: Skipped"',
         "the check made; LoadGen logs no first tokens in Offline only"),
    ]
    offline = [(0, 7, "0100000002000000", 2)]
    assert judged(content.audit_tokens, token_audit("Offline", offline, "Skipped")) == []


def test_log_without_answers_is_a_warning():
    assert judged(content.audit_tokens, token_audit("Server", [])) == [
        ("warning", "TEST06", "empty", "no answer in 5 bytes",
         "the logged answers that the text is about"),
    ]


def test_end_token_reported_with_the_first_token_is_a_warning():
    def answers(second):
        return [(n, n, f"0{n}000000{second(n)}09000000", 3, f"0{n}000000{second(n)}")
                for n in range(1, 4)]

    assert judged(content.audit_tokens, token_audit("Server", answers(lambda n: "02000000"))) == [
        ("warning", "TEST06", "end", "token 2 at the second place of all 3 visible answers, and "
         "reported with the first token",
         "an end-of-sequence token at the end only, at most once"),
    ]
    wide = [(n, n, f"0{n}00000000000000" * 2, 2, f"0{n}00000000000000") for n in range(1, 4)]
    assert judged(content.audit_tokens, token_audit("Server", wide)) == []
    varied = answers(lambda n: f"0{n}000000")
    assert judged(content.audit_tokens, token_audit("Server", varied)) == []


def test_wrong_token_count_is_a_warning():
    entries = [(0, 7, "0100000002000000", 3, "01000000")]
    assert judged(content.audit_tokens, token_audit("Server", entries)) == [
        ("warning", "TEST06", "token_count", "sample 7: token_count 3", "8 bytes of data"),
    ]


def test_other_first_token_is_a_warning():
    entries = [(0, 7, "0100000002000000", 2, "05000000")]
    assert judged(content.audit_tokens, token_audit("Server", entries)) == [
        ("warning", "TEST06", "token_data", "sample 7: token_data 05000000",
         "the first 4 bytes of data, 01000000"),
    ]


# AUDT013-015: TEST07, 08, 09


def newer(model, test, file, text):
    path = f"closed/Acme/results/sys/{model}/Offline"
    return result(model, round_name="v6.1", audits=[audit(test, path, texts={file: text})])


def test_score_at_the_threshold_passes():
    text = "Accuracy score: 60.698\nAccuracy threshold: 60.698\nTEST PASS"
    subject = newer("gpt-oss-120b", "TEST07", "verify_accuracy.txt", text)
    assert judged(content.audit_accuracy_under_load, subject, "v6.1") == []


def test_lower_threshold_on_the_command_line_is_found():
    text = "Accuracy score: 55.1\nAccuracy threshold: 50\nTEST PASS"
    subject = newer("gpt-oss-120b", "TEST07", "verify_accuracy.txt", text)
    assert judged(content.audit_accuracy_under_load, subject, "v6.1") == [
        ("error", "TEST07", "Accuracy score", "Accuracy score 55.1", "at least 60.698"),
        ("error", "TEST07", "Accuracy threshold", "Accuracy threshold 50", "at least 60.698"),
    ]


RECOMMENDER = ("num_acc_log_entries = {size}\nnum_matched = 10\nnum_unmatched = 0\n"
               "num_ne_mismatch = {wrong}\ntolerance = {tolerance}%\nTEST PASS\n")


def test_matching_predictions_pass():
    size = 349823
    text = RECOMMENDER.format(size=size, wrong=0, tolerance="0.10")
    subject = newer("dlrm-v3", "TEST08", "verify_accuracy.txt", text)
    found = judged(content.audit_predictions, subject, "v6.1")
    assert [item for item in found if item[0] == "error"] == []


def test_mismatching_predictions_and_a_wide_tolerance_fail():
    text = RECOMMENDER.format(size=1, wrong=3, tolerance="1.00")
    subject = newer("dlrm-v3", "TEST08", "verify_accuracy.txt", text)
    found = judged(content.audit_predictions, subject, "v6.1")
    assert [item[:4] for item in found if item[0] == "error"] == [
        ("error", "TEST08", "verdict",
         "the text says PASS with num_acc_log_entries = 1, num_matched = 10, num_unmatched = 0, "
         "num_ne_mismatch = 3"),
        ("error", "TEST08", "tolerance in percent", "tolerance in percent 1"),
    ]


LENGTH = ("Total samples: {samples}\nMean output tokens: {mean}\nMin threshold: {low}\n"
          "Max threshold: {high}\nMin check pass: True\nTEST PASS\n")


def length(model="gpt-oss-120b", samples=6396, mean=1278.2, low=1150.38, high=1406.02):
    text = LENGTH.format(samples=samples, mean=mean, low=low, high=high)
    return newer(model, "TEST09", "verify_output_len.txt", text)


def test_mean_length_within_bounds_passes():
    assert judged(content.audit_output_length, length(), "v6.1") == []


def test_short_answers_fail_whatever_bounds_the_text_prints():
    found = judged(content.audit_output_length, length(mean=900.0, low=800, samples=100), "v6.1")
    assert found == [
        ("error", "TEST09", "Total samples", "Total samples 100", "at least 6396"),
        ("error", "TEST09", "Mean output tokens", "Mean output tokens 900",
         "at least 1150.38 and at most 1406.02"),
        ("error", "TEST09", "Min threshold", "Min threshold 800", "at least 1150.38"),
    ]


def test_mean_between_two_sources_is_a_warning():
    subject = length("e2e-rag-qna", 824, 220.0, 211.92, 259.02)
    assert judged(content.audit_output_length, subject, "v6.1") == [
        ("warning", "TEST09", "Mean output tokens", "Mean output tokens 220",
         "at least 246.43 and at most 301.19"),
    ]


# AUDT024


def test_accuracy_log_of_an_audit_needs_its_hash():
    item = audit("TEST01", entries=[(0, 1, "07000000")], hashes="accuracy=76.0%\n")
    assert judged(content.audit_log_hash, result(audits=[item])) == [
        ("warning", "TEST01", "ACCU005", "no hash line", "a line hash=<64 hex digits>"),
    ]


def test_accuracy_log_with_its_hash_passes():
    log = accuracy_log("x", [(0, 1, "07000000")])
    item = audit("TEST01", entries=[(0, 1, "07000000")], hashes=f"a\n\nhash={log.sha256}\n")
    assert judged(content.audit_log_hash, result(audits=[item])) == []
