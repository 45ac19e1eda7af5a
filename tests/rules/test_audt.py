"""AUDT: presence and verdict texts; content, speed and runs are in files of their own."""

from submission_checker.model.accuracy import AccuracyRun
from submission_checker.rules.audits import presence, verdicts
from tests.compliance.building import (
    audit,
    facts,
    judged,
    judged_system,
    result,
    run,
    settings,
)

PASS = "Verifying performance.\nTEST PASS\n"
COUNTERS = (
    "num_acc_log_entries = {acc}\nnum_perf_log_entries = {perf}\n"
    "num_perf_log_qsl_idx_match = {match}\nnum_perf_log_data_mismatch = {wrong}\n"
    "num_missing_qsl_idxs = {missing}\n{verdict}\n"
)
SAMPLING = {"effective_accuracy_log_sampling_target": 4096}


def counters(acc=50000, perf=4100, match=4100, wrong=0, missing=0, verdict="TEST PASS"):
    return COUNTERS.format(acc=acc, perf=perf, match=match, wrong=wrong, missing=missing,
                           verdict=verdict)


def with_text(file, content_, test="TEST01", **more):
    return result(audits=[audit(test, texts={file: content_}, **more)])


# AUDT001, 027: presence


def test_missing_audit_is_named_with_its_place():
    assert judged_system(presence.audits_present, [facts("resnet", "Offline",
                                                         audits={"TEST01": "x"})]) == [
        ("error", "TEST04", "TEST04", "no such audit", "TEST04"),
    ]


def test_complete_audits_pass():
    both = {"TEST01": "x", "TEST04": "y"}
    assert judged_system(presence.audits_present, [facts("resnet", "Offline", audits=both)]) == []


def test_open_division_needs_no_audit():
    bare = [facts("resnet", "Offline", division="open")]
    assert judged_system(presence.audits_present, bare, division="open") == []


def test_inferred_result_leans_on_the_audits_of_its_base():
    base = facts("resnet", "SingleStream", audits={"TEST01": "x", "TEST04": "y"})
    copy = facts("resnet", "Offline", "SingleStream", inferred=True)
    assert judged_system(presence.audits_present, [base, copy]) == []
    assert judged_system(presence.audits_of_copies, [base, copy]) == [
        ("info", "", "base", f"only {base.path} has TEST01, TEST04",
         "TEST01, TEST04 here or there"),
    ]


def test_copy_without_audits_anywhere_is_incomplete():
    base = facts("resnet", "SingleStream", audits={"TEST04": "y"})
    copy = facts("resnet", "Offline", "SingleStream", inferred=True, audits={"TEST04": "y"})
    assert judged_system(presence.audits_of_copies, [base, copy]) == [
        ("error", "TEST01", "TEST01", f"no TEST01 here and none of {base.path}", "TEST01"),
    ]


def test_low_accuracy_variant_leans_on_the_high_accuracy_one():
    high = facts("bert-99.9", "Offline", audits={"TEST01": "x"})
    low = facts("bert-99", "Offline")
    assert judged_system(presence.audits_present, [low, high]) == []


def test_copied_audit_that_differs_is_noted():
    base = facts("resnet", "SingleStream", audits={"TEST01": "x", "TEST04": "y"})
    copy = facts("resnet", "Offline", "SingleStream", inferred=True,
                 audits={"TEST01": "x", "TEST04": "z"})
    assert judged_system(presence.audits_of_copies, [base, copy]) == [
        ("info", "", "copies", f"files that differ from those of {base.path}: TEST04",
         "copies, or the audits of the base alone"),
    ]


# AUDT002, 026, 028: files


def test_missing_files_of_an_audit_are_one_finding():
    bare = with_text("verify_performance.txt", PASS, "TEST04")
    assert judged(presence.audit_files, bare) == [(
        "error", "TEST04", "TEST04",
        'no "performance/run_1/mlperf_log_detail.txt", "performance/run_1/mlperf_log_summary.txt"',
        "verify_performance.txt, performance/run_1/mlperf_log_detail.txt, "
        "performance/run_1/mlperf_log_summary.txt",
    )]


def test_complete_files_pass():
    whole = with_text("verify_performance.txt", PASS, "TEST04", values=settings("Offline"))
    assert judged(presence.audit_files, whole) == []


def test_audit_that_the_model_does_not_need_is_noted():
    extra = result("bert-99", audits=[audit("TEST04"), audit("TEST01")])
    assert judged(presence.superfluous_audit, extra) == [
        ("info", "", "TEST04", "TEST04, not needed here", "TEST01"),
    ]
    assert judged(presence.superfluous_audit, result(audits=[audit("TEST01")])) == []


def test_audit_that_the_round_does_not_know_is_noted():
    strange = result(audits=[audit("TEST99")])
    assert judged(presence.superfluous_audit, strange) == [
        ("info", "", "TEST99", "TEST99, unknown in this round", "TEST01, TEST04"),
    ]


def test_early_audits_are_judged_in_the_first_round_only():
    item = audit("TEST03", texts={"verify_performance.txt": PASS}, files=["accuracy/accuracy.txt"])
    old = result(audits=[item], round_name="v0.5")
    assert judged(presence.early_audits, old, "v0.5") == [(
        "warning", "TEST03", "TEST03",
        'no "performance/run_1/mlperf_log_summary.txt", "performance/run_1/mlperf_log_detail.txt"',
        "verify_performance.txt, accuracy/accuracy.txt, performance/run_1/mlperf_log_summary.txt, "
        "performance/run_1/mlperf_log_detail.txt",
    )]
    whole = audit("TEST03", texts={"verify_performance.txt": PASS},
                  files=["accuracy/accuracy.txt"], values=settings("Offline", "v0.5"))
    assert judged(presence.early_audits, result(audits=[whole], round_name="v0.5"), "v0.5") == []
    assert judged(presence.early_audits, old, "v5.1") == []


# AUDT003: verdict texts


def test_passing_text_passes():
    assert judged(verdicts.audit_verdict, with_text("verify_performance.txt", PASS)) == []


def test_failing_text_fails():
    text = "Verifying performance.\nTEST FAIL: Test score invalid"
    assert judged(verdicts.audit_verdict, with_text("verify_performance.txt", text)) == [
        ("error", "TEST01", "TEST01 verify_performance.txt", '"TEST FAIL: Test score invalid"',
         '"TEST PASS"'),
    ]


def test_text_that_only_mentions_the_words_fails():
    text = "this is not a TEST PASS"
    assert judged(verdicts.audit_verdict, with_text("verify_performance.txt", text)) == [
        ("error", "TEST01", "TEST01 verify_performance.txt",
         'no verdict line; the text ends "this is not a TEST PASS"', '"TEST PASS"'),
    ]


def test_failing_line_counts_beside_a_passing_one():
    text = "TEST FAIL: Test score invalid\nTEST PASS"
    found = judged(verdicts.audit_verdict, with_text("verify_performance.txt", text))
    assert [(level, code) for level, _, code, *_ in found] == [
        ("error", "TEST01 verify_performance.txt"),
        ("warning", "TEST01 verify_performance.txt both"),
    ]


def test_text_of_a_script_that_always_fails_is_ignored():
    def server(round_name):
        text = {"verify_performance.txt": "TEST FAIL: Test score invalid"}
        path = "closed/Acme/compliance/sys/resnet/Server"
        return result("resnet", "Server", round_name=round_name,
                      audits=[audit("TEST05", path, texts=text)])

    assert judged(verdicts.audit_verdict, server("v3.1"), "v3.1") == []
    assert [item[0] for item in judged(verdicts.audit_verdict, server("v4.0"), "v4.0")] == ["error"]


def test_every_line_of_a_token_audit_is_needed():
    text = "First token check pass: True\nEOS check pass: True\n"
    llm = result("llama2-70b-99", "Server",
                 audits=[audit("TEST06", texts={"verify_accuracy.txt": text})])
    assert judged(verdicts.audit_verdict, llm) == [
        ("error", "TEST06", "TEST06 verify_accuracy.txt",
         'no verdict line; the text ends "EOS check pass: True"',
         '"Sample length check pass: True"'),
    ]


def test_failing_answers_text_is_left_to_quality():
    text = with_text("verify_accuracy.txt", counters(wrong=3, verdict="TEST FAIL"))
    assert judged(verdicts.audit_verdict, text) == []


# AUDT005: counters


def test_counters_that_agree_pass():
    assert judged(verdicts.audit_answers_counted,
                  with_text("verify_accuracy.txt", counters())) == []


def test_pass_with_mismatches_is_a_contradiction():
    found = judged(verdicts.audit_answers_counted,
                   with_text("verify_accuracy.txt", counters(wrong=2)))
    assert found == [(
        "error", "TEST01", "verdict",
        "the text says PASS with num_acc_log_entries = 50 000, num_perf_log_entries = 4100, "
        "num_perf_log_qsl_idx_match = 4100, num_perf_log_data_mismatch = 2, "
        "num_missing_qsl_idxs = 0",
        "PASS exactly where num_perf_log_data_mismatch is 0 and num_perf_log_qsl_idx_match above 0",
    )]


def test_pass_with_nothing_compared_is_a_contradiction():
    found = judged(verdicts.audit_answers_counted,
                   with_text("verify_accuracy.txt", counters(match=0)))
    assert [item[:3] for item in found if item[0] == "error"] == [("error", "TEST01", "verdict")]


def test_counters_that_others_contradict_are_warnings():
    text = counters().replace("TEST PASS", "num_acc_log_duplicate_keys = 0\n"
                              "num_acc_log_data_mismatch = 1\nTEST PASS")
    odd = with_text("verify_accuracy.txt", text.replace("idx_match = 4100", "idx_match = 3690"))
    assert judged(verdicts.audit_answers_counted, odd) == [
        ("warning", "TEST01", "num_perf_log_qsl_idx_match", "num_perf_log_qsl_idx_match = 3690",
         "4100, num_perf_log_entries less num_missing_qsl_idxs"),
        ("warning", "TEST01", "num_acc_log_data_mismatch", "num_acc_log_data_mismatch = 1",
         "at most 0, num_acc_log_duplicate_keys"),
    ]


def test_answers_that_stand_twice_are_beside_the_whole_set():
    text = counters().replace("TEST PASS", "num_acc_log_duplicate_keys = 7\nTEST PASS")
    assert judged(verdicts.audit_answers_counted, with_text("verify_accuracy.txt", text)) == [
        ("warning", "TEST01", "num_acc_log_duplicate_keys", "num_acc_log_duplicate_keys = 7",
         "0, num_acc_log_entries less the 50 000 samples")]


def test_counts_that_are_off_are_warnings():
    few = with_text("verify_accuracy.txt", counters(acc=49000, perf=100, match=99, missing=1),
                    values=settings("Offline") | SAMPLING)
    assert judged(verdicts.audit_answers_counted, few) == [
        ("warning", "TEST01", "num_acc_log_entries", "num_acc_log_entries = 49 000", "50 000"),
        ("warning", "TEST01", "num_perf_log_entries", "num_perf_log_entries = 100",
         "819 to 20 480, near the sampling target 4096 (closed/Acme/compliance/sys/resnet/Offline/"
         "TEST01/performance/run_1/mlperf_log_detail.txt:9)"),
        ("warning", "TEST01", "num_missing_qsl_idxs", "num_missing_qsl_idxs = 1", "0"),
    ]


# AUDT006: quality instead of equality


def quality(baseline, compliance, **more):
    return with_text(
        "verify_accuracy.txt", counters(wrong=3, verdict="TEST FAIL"),
        quality={"baseline_accuracy.txt": f"accuracy={baseline}%",
                 "compliance_accuracy.txt": f"accuracy={compliance}%"}, **more,
    )


def test_small_difference_of_quality_passes():
    assert judged(verdicts.audit_quality, quality("76.0", "76.7")) == []


def test_large_difference_of_quality_fails():
    assert judged(verdicts.audit_quality, quality("76.0", "74.0")) == [
        ("error", "TEST01", "acc",
         "acc 76 in baseline_accuracy.txt, 74 here: 2.7 % apart",
         "both above 0 and at most 1 % apart"),
    ]


def test_quality_that_was_typed_over_its_error_rate_fails():
    subject = with_text(
        "verify_accuracy.txt", counters(wrong=3, verdict="TEST FAIL"),
        quality={"baseline_accuracy.txt": "Word Error Rate: 24.0%, accuracy=76.0%",
                 "compliance_accuracy.txt": "Word Error Rate: 26.0%, accuracy=76.0%"})
    assert judged(verdicts.audit_quality, subject) == [
        ("error", "TEST01", "compliance_accuracy.txt errors", "accuracy=76.0%",
         "74.0000% (100 - word error rate)")]


def test_quality_of_zero_fails():
    assert judged(verdicts.audit_quality, quality("0.0", "0.0")) == [
        ("error", "TEST01", "acc", "acc 0 and 0", "both above 0 and at most 1 % apart"),
    ]


def test_missing_quality_texts_are_named():
    text = with_text("verify_accuracy.txt", counters(wrong=3, verdict="TEST FAIL"))
    assert judged(verdicts.audit_quality, text) == [
        ("error", "TEST01", "files",
         'no "accuracy/baseline_accuracy.txt", "accuracy/compliance_accuracy.txt", and '
         'verify_accuracy.txt says "TEST FAIL"',
         '"TEST PASS" in verify_accuracy.txt, or accuracy/baseline_accuracy.txt and '
         "accuracy/compliance_accuracy.txt"),
    ]


def test_answers_of_whole_multistream_queries():
    """mlcommons/inference_results_v2.1 closed/NVIDIA Orin_TRT/retinanet/MultiStream/TEST01."""
    text = ("num_acc_log_entries = {}\nnum_acc_log_duplicate_keys = 3\n"
            "num_acc_log_data_mismatch = 2\nnum_perf_log_entries = 246\n"
            "num_perf_log_qsl_idx_match = 246\nnum_perf_log_data_mismatch = 0\n"
            "num_missing_qsl_idxs = 0\nTEST PASS\n")
    log = run("accuracy", **settings("MultiStream", "v2.1", effective_test_mode="AccuracyOnly",
                                     generated_query_count=3098, generated_samples_per_query=8,
                                     effective_samples_per_query=8))
    for entries, found in ((24_784, 0), (24_785, 1)):
        subject = result("retinanet", "MultiStream", round_name="v2.1", audits=[
            audit("TEST01", values=settings("MultiStream", "v2.1"),
                  texts={"verify_accuracy.txt": text.format(entries)})],
            accuracy=AccuracyRun(log, None, None, {}))
        assert len(judged(verdicts.audit_answers_counted, subject, "v2.1")) == found
