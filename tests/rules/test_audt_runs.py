"""AUDT: the runs of audits, their settings and their logs."""

from dataclasses import replace

from submission_checker.rules.audits import copies, runs
from tests.compliance.building import audit, compared, judged, result, scored, seeds, settings

LOG = "performance/run_1/mlperf_log_detail.txt"
OFFLINE = "closed/Acme/results/sys/resnet/Offline"
SAMPLED = {
    "effective_accuracy_log_rng_seed": 720381539243781796,
    "effective_accuracy_log_sampling_target": 4096,
}


def parts(first, second):
    """Return a result of the older form with both parts of TEST04."""
    return result(round_name="v2.0", audits=[
        audit(test, values=settings("Offline", "v2.0", **values))
        for test, values in (("TEST04-A", first), ("TEST04-B", second))
    ])


# AUDT010, 011: seeds


def test_test05_with_ordinary_seeds_fails():
    subject = compared("TEST05", "Offline", 1000.0, 1000.0, "v2.0")
    found = judged(runs.audit_seeds_alternate, subject, "v2.0")
    assert [item[:3] for item in found] == [
        ("error", "TEST05", f"effective_{name}_rng_seed")
        for name in ("qsl", "sample_index", "schedule")
    ]
    assert all(item[3].endswith(", the ordinary seed") for item in found)


def test_test05_with_alternate_seeds_passes():
    subject = compared("TEST05", "Offline", 1000.0, 1000.0, "v2.0", **seeds("v2.0", "TEST05"))
    assert judged(runs.audit_seeds_alternate, subject, "v2.0") == []


def test_other_audit_with_other_seeds_fails():
    subject = compared("TEST01", "Offline", 1000.0, 1001.0, effective_qsl_rng_seed=0)
    assert [item[:4] for item in judged(runs.audit_seeds_official, subject)] == [
        ("error", "TEST01", "effective_qsl_rng_seed", "effective_qsl_rng_seed 0"),
    ]


def test_seeds_shared_with_the_result_are_not_said_twice():
    wrong = {"effective_qsl_rng_seed": 0}
    subject = result(
        detail_values=scored("Offline", 1000.0) | wrong,
        audits=[audit("TEST01", values=scored("Offline", 1001.0) | wrong)],
    )
    assert judged(runs.audit_seeds_official, subject) == []
    assert judged(runs.audit_seeds_official, compared("TEST01", "Offline", 1000.0, 1001.0)) == []


# AUDT016


def test_invalid_audit_run_is_reported_with_the_rule_it_breaks():
    subject = compared("TEST01", "Offline", 1000.0, 1001.0, result_validity="INVALID")
    assert judged(runs.audit_run_valid, subject) == [
        ("error", "TEST01", "PERF002", 'result_validity is "INVALID"', "VALID"),
    ]


def test_valid_audit_run_passes():
    assert judged(runs.audit_run_valid, compared("TEST01", "Offline", 1000.0, 1001.0)) == []


def test_short_parts_are_invalid_by_design():
    ended = "Ending early: Ran out of generated queries to issue"
    subject = parts({"result_validity": "INVALID", "errors": [ended]},
                    {"result_validity": "INVALID"})
    assert judged(runs.audit_run_valid, subject, "v2.0") == []
    other = parts({"errors": ["something else"]}, {})
    assert [item[:3] for item in judged(runs.audit_run_valid, other, "v2.0")] == [
        ("warning", "TEST04-A", "PERF006"),
    ]


def test_audit_may_read_two_configuration_files():
    """intel-ai-tce/inference_results_v6.1 closed/AMD/results/8xMI350X_2xEPYC_9655/
    wan-2.2-t2v-a14b/SingleStream/TEST04: error_invalid_config, the first record of the log."""
    two = "Multiple conf files are used. This is not valid for official submission."
    subject = compared("TEST01", "Offline", 1000.0, 1001.0, errors=(two,))
    assert judged(runs.audit_run_valid, subject) == []
    subject = compared("TEST01", "Offline", 1000.0, 1001.0, errors=(two, "something else"))
    ((level, _, rule, found, _),) = judged(runs.audit_run_valid, subject)
    assert (level, rule) == ("error", "PERF006")
    assert found == '1 error record; the first: error_runtime: "something else"'


# AUDT017, 018: settings


def test_settings_in_force_pass():
    subject = compared("TEST01", "Offline", 1000.0, 1001.0, audit=True, **SAMPLED)
    assert judged(runs.audit_settings, subject) == []
    assert judged(runs.audit_config_read, subject) == []


def test_run_without_configuration_fails():
    subject = compared("TEST01", "Offline", 1000.0, 1001.0,
                       effective_accuracy_log_rng_seed=0,
                       effective_accuracy_log_sampling_target=0)
    assert judged(runs.audit_settings, subject) == [
        ("error", "TEST01", "effective_accuracy_log_rng_seed",
         "effective_accuracy_log_rng_seed 0", "720381539243781796"),
        ("error", "TEST01", "effective_accuracy_log_sampling_target",
         "effective_accuracy_log_sampling_target 0", "4096"),
    ]
    assert judged(runs.audit_config_read, subject) == [
        ("error", "TEST01", "TEST01", 'no record "Found Audit Config file"', "one such record"),
    ]


def test_missing_record_alone_is_a_warning():
    subject = compared("TEST01", "Offline", 1000.0, 1001.0, **SAMPLED)
    assert [item[0] for item in judged(runs.audit_config_read, subject)] == ["warning"]


def test_more_logged_answers_are_harmless():
    more = SAMPLED | {"effective_accuracy_log_sampling_target": 100_000}
    subject = compared("TEST01", "Offline", 1000.0, 1001.0, **more)
    assert [item[0] for item in judged(runs.audit_settings, subject)] == ["info"]


def test_same_sample_must_be_switched_on():
    subject = compared("TEST04", "Offline", 1000.0, 900.0,
                       effective_performance_issue_same=False,
                       effective_performance_issue_unique=False,
                       effective_performance_issue_same_index=3)
    assert judged(runs.audit_settings, subject) == [
        ("error", "TEST04", "effective_performance_issue_same",
         "effective_performance_issue_same false", "true"),
    ]


# AUDT022, 023


def test_same_conditions_pass():
    assert judged(runs.audit_conditions, compared("TEST01", "Offline", 1000.0, 1001.0)) == []


def test_other_latency_bound_fails_and_other_rate_warns():
    limits = {"effective_target_latency_ns": 15_000_000, "effective_target_qps": 100.0}
    loose = {"effective_target_latency_ns": 99_000_000, "effective_target_qps": 50.0}
    subject = result(
        "resnet", "Server", detail_values=scored("Server", 1000.0) | limits,
        audits=[audit("TEST01", "closed/Acme/compliance/sys/resnet/Server",
                      values=scored("Server", 1001.0) | loose)],
    )
    assert [item[:4] for item in judged(runs.audit_conditions, subject)] == [
        ("error", "TEST01", "effective_target_latency_ns", "effective_target_latency_ns 99 ms"),
        ("warning", "TEST01", "effective_target_qps", "effective_target_qps 50"),
    ]


def test_audit_of_the_base_is_a_warning_and_of_another_scenario_an_error():
    def of(scenario):
        return result("resnet", "Offline", detail_values=scored("Offline", 1000.0), audits=[
            audit("TEST01", values=scored(scenario, 1001.0))])

    assert [item[:4] for item in judged(runs.audit_conditions, of("SingleStream"))] == [
        ("warning", "TEST01", "effective_scenario", "effective_scenario SingleStream"),
    ]
    assert [item[0] for item in judged(runs.audit_conditions, of("Server"))] == ["error"]


def test_other_build_is_noted():
    subject = compared("TEST01", "Offline", 1000.0, 1001.0, sut_name="B")
    base = replace(subject, performance=result(detail_values={"sut_name": "A"}).performance)
    assert [item[:4] for item in judged(runs.audit_conditions, base)] == [
        ("info", "TEST01", "sut_name", 'sut_name "B"'),
    ]


def test_audit_long_after_the_result_is_noted():
    late = compared("TEST01", "Offline", 1000.0, 1001.0, test_datetime="2025-09-15T10:00:00Z")
    assert judged(runs.audit_date, late) == [
        ("info", "TEST01", "TEST01", "test_datetime 2025-09-15, 76 days away",
         "within 60 days of the result's 2025-07-01"),
    ]
    assert judged(runs.audit_date, compared("TEST01", "Offline", 1000.0, 1001.0)) == []


# AUDT030


def interactive(ttft_ns):
    path = "closed/Acme/compliance/sys/llama2-70b-99/Interactive"
    values = settings("Server", requested_server_ttft_latency=ttft_ns)
    return result("llama2-70b-99", "Interactive", audits=[audit("TEST06", path, values=values)])


def test_interactive_audit_with_server_limits_fails():
    assert judged(runs.audit_interactive_limits, interactive(2_000_000_000)) == [
        ("error", "TEST06", "requested_server_ttft_latency",
         "requested_server_ttft_latency 2000 ms", "at most 450 ms"),
    ]


def test_interactive_audit_with_its_limits_passes():
    assert judged(runs.audit_interactive_limits, interactive(450_000_000)) == []


# AUDT019, 020


def test_copy_of_the_results_log_is_found():
    subject = compared("TEST01", "Offline", 1000.0, 1000.0)
    found = judged(copies.audit_log_own, subject)
    assert [item[:3] for item in found] == [("error", "TEST01", "TEST01")]
    assert found[0][3].startswith("the same bytes (SHA-256 ")
    assert found[0][3].endswith(f" as {OFFLINE}/{LOG}")


def test_edited_copy_is_found_by_its_stamps():
    subject = compared("TEST01", "Offline", 1000.0, 1000.0, sut_name="another")
    assert judged(copies.audit_log_own, subject) == [
        ("error", "TEST01", "TEST01",
         "the same run (test_datetime 2025-07-01T10:00:40Z, power_begin 07-01-2025 10:00:05.000) "
         f"as {OFFLINE}/{LOG}", "a log of the audit's own run"),
    ]


def test_log_of_its_own_passes():
    assert judged(copies.audit_log_own, compared("TEST01", "Offline", 1000.0, 1001.0)) == []


def test_one_log_for_two_tests_is_found():
    one = audit("TEST01", values=scored("Offline", 1001.0))
    two = audit("TEST04", values=scored("Offline", 1001.0))
    found = judged(copies.audit_logs_differ, result(audits=[one, two]))
    assert [item[:3] for item in found] == [("error", "TEST04", "TEST04")]
    other = audit("TEST04", values=scored("Offline", 1002.0))
    assert judged(copies.audit_logs_differ, result(audits=[one, other])) == []
