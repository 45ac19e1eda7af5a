"""AUDT: speed of audits, their runs, settings and logs."""

from dataclasses import replace

from submission_checker.rules.audits import copies, runs, speed
from tests.compliance.building import audit, judged, result, run, seeds, settings

LOG = "performance/run_1/mlperf_log_detail.txt"
OFFLINE = "closed/Acme/results/sys/resnet/Offline"
SAMPLED = {
    "effective_accuracy_log_rng_seed": 720381539243781796,
    "effective_accuracy_log_sampling_target": 4096,
}


def scored(scenario, score, round_name="v5.1", **more):
    """Return the values of a log with a score in a scenario."""
    key = {
        "Offline": "result_samples_per_second", "Server": "result_completed_samples_per_sec",
        "SingleStream": "early_stopping_latency_ss", "MultiStream": "early_stopping_latency_ms",
    }[scenario]
    return settings(scenario, round_name) | {
        key: score, "test_datetime": f"2025-07-01T10:00:{score % 60:02.0f}Z",
    } | more


def compared(test, scenario, reference, score, round_name="v5.1", text="", **more):
    """Return a result with a reference score and an audit with another one."""
    path = f"closed/Acme/compliance/sys/resnet/{scenario}"
    return result(
        "resnet", scenario, round_name=round_name,
        detail_values=scored(scenario, reference, round_name),
        audits=[audit(test, path, values=scored(scenario, score, round_name) | more,
                      texts={"verify_performance.txt": text} if text else {})],
    )


# AUDT004


def test_sampled_run_at_the_limit_passes():
    for score in (900.0, 1100.0):
        assert judged(speed.audit_speed_sampled, compared("TEST01", "Offline", 1000.0, score)) == []


def test_sampled_run_beyond_the_limit_fails():
    text = "reference score = 1000.0\ntest score = 1120.0\nTEST PASS"
    found = judged(speed.audit_speed_sampled,
                   compared("TEST01", "Offline", 1000.0, 1120.0, text=text))
    assert found == [(
        "error", "TEST01", "TEST01", "result_samples_per_second 1120, 1.12 times 1000",
        f"900 to 1100 (within 10 %) of result_samples_per_second 1000 ({OFFLINE}/{LOG}:9; v5.1; "
        "mlcommons/inference@v5.1.1:compliance/)",
    )]


def test_short_latencies_may_differ_more():
    within = compared("TEST01", "SingleStream", 190_000, 225_000)
    assert judged(speed.audit_speed_sampled, within) == []
    longer = compared("TEST01", "SingleStream", 210_000, 250_000)
    assert [item[3] for item in judged(speed.audit_speed_sampled, longer)] == [
        "early_stopping_latency_ss 0.25 ms, 1.19 times 0.21 ms",
    ]


def test_zero_estimate_is_no_score():
    assert judged(speed.audit_speed_sampled, compared("TEST01", "SingleStream", 190_000, 0)) == []


def test_any_of_several_runs_may_be_the_reference():
    base = compared("TEST01", "Offline", 1000.0, 1200.0)
    other = compared("TEST01", "Offline", 1150.0, 1200.0)
    both = replace(base, performance=(*base.performance, *other.performance))
    assert judged(speed.audit_speed_sampled, both) == []


# AUDT007


def test_slower_run_of_one_sample_passes():
    assert judged(speed.audit_speed_same_sample, compared("TEST04", "Offline", 1000.0, 500.0)) == []


def test_faster_run_of_one_sample_fails():
    found = judged(speed.audit_speed_same_sample, compared("TEST04", "Server", 1000.0, 1101.0))
    assert [item[:4] for item in found] == [
        ("error", "TEST04", "TEST04",
         "result_completed_samples_per_sec 1101, 1.101 times 1000"),
    ]


def test_stream_between_both_readings_is_a_warning():
    found = judged(speed.audit_speed_same_sample,
                   compared("TEST04", "SingleStream", 1_000_000, 870_000))
    assert [item[:4] for item in found] == [
        ("warning", "TEST04", "TEST04", "early_stopping_latency_ss 0.87 ms, 0.87 times 1 ms"),
    ]


def test_stream_beyond_both_readings_fails():
    found = judged(speed.audit_speed_same_sample,
                   compared("TEST04", "SingleStream", 1_000_000, 800_000))
    assert [item[0] for item in found] == ["error"]


def test_very_short_latency_has_no_stricter_reading():
    assert judged(speed.audit_speed_same_sample,
                  compared("TEST04", "SingleStream", 190_000, 165_000)) == []


# AUDT008


def parts(first, second, scenario="Offline", round_name="v2.0"):
    path = f"closed/Acme/compliance/sys/resnet/{scenario}"
    return result(
        "resnet", scenario, round_name=round_name,
        audits=[audit("TEST04-A", path, values=settings(scenario, round_name, **first)),
                audit("TEST04-B", path, values=settings(scenario, round_name, **second))],
    )


def rates(first, second):
    return parts({"result_samples_per_second": first}, {"result_samples_per_second": second})


def test_part_b_slower_or_within_passes():
    for second in (400.0, 1100.0):
        assert judged(speed.audit_speed_parts, rates(1000.0, second), "v2.0") == []


def test_part_b_faster_fails():
    found = judged(speed.audit_speed_parts, rates(1000.0, 1111.0), "v2.0")
    assert [item[:4] for item in found] == [
        ("error", "TEST04-A", "TEST04-A", "result_samples_per_second 1111, 1.111 times 1000"),
    ]


def test_faster_multistream_that_the_script_misreads_is_a_warning():
    key = "result_99.00_percentile_per_query_latency_ns"
    found = judged(speed.audit_speed_parts,
                   parts({key: 50_000_000}, {key: 20_000_000}, "MultiStream"), "v2.0")
    assert [item[:4] for item in found] == [
        ("warning", "TEST04-A", "TEST04-A", f"{key} 20 ms, 0.4 times 50 ms"),
    ]


# AUDT009


def test_other_seeds_slower_than_allowed_fail():
    found = judged(speed.audit_speed_seeds,
                   compared("TEST05", "Server", 1000.0, 940.0, "v4.1"), "v4.1")
    assert [item[:4] for item in found] == [
        ("error", "TEST05", "TEST05", "result_completed_samples_per_sec 940, 0.94 times 1000"),
    ]


def test_other_seeds_faster_pass_in_one_sided_rounds_only():
    assert judged(speed.audit_speed_seeds,
                  compared("TEST05", "Server", 1000.0, 1200.0, "v4.1"), "v4.1") == []
    assert judged(speed.audit_speed_seeds,
                  compared("TEST05", "Server", 1000.0, 1200.0, "v3.0"), "v3.0") != []


# AUDT029


def custom(reference, score):
    """Return a result of the first round, whose scores stand in the summaries."""
    def log(path, value):
        return run(path, f"Samples per second: {value}\n", effective_scenario="Offline")

    item = audit("TEST03", values={})
    item = replace(item, run=log(f"{item.path}/performance/run_1", score))
    performance = (log(f"{OFFLINE}/performance/run_1", reference),)
    return result(performance=performance, audits=[item], round_name="v0.5")


def test_custom_data_run_slower_or_faster_is_a_warning():
    assert [i[:4] for i in judged(speed.audit_speed_custom_data, custom(1000, 1200), "v0.5")] == [
        ("warning", "TEST03", "TEST03", "Samples per second 1200, 1.2 times 1000"),
    ]


def test_custom_data_run_as_fast_passes():
    assert judged(speed.audit_speed_custom_data, custom(1000, 1050), "v0.5") == []


# AUDT021


def test_numbers_of_the_logs_pass_as_printed():
    text = "reference score = 28.70\ntest score = 26.47\nTEST PASS"
    subject = compared("TEST01", "Offline", 28.7042, 26.4647, text=text)
    assert judged(speed.audit_text_numbers, subject) == []


def test_rates_quoted_for_latencies_pass():
    text = "reference score = 1000.00\ntest score = 990.10\nTEST PASS"
    subject = compared("TEST04", "SingleStream", 1_000_000, 1_010_000, text=text)
    assert judged(speed.audit_text_numbers, subject) == []


def test_numbers_of_another_run_are_a_warning():
    text = "Reference score = 990.0\nTest score = 1010.0\nTEST PASS"
    found = judged(speed.audit_text_numbers,
                   compared("TEST01", "Offline", 1000.0, 1010.0, text=text))
    assert found == [
        ("warning", "TEST01", "TEST01 reference score", "Reference score 990",
         f"1000 (result_samples_per_second, {OFFLINE}/{LOG}:9)"),
    ]


def test_numbers_that_hide_a_failure_are_an_error():
    text = "reference score = 1990.0\ntest score = 2000.0\nTEST PASS"
    found = judged(speed.audit_text_numbers,
                   compared("TEST01", "Offline", 1000.0, 2000.0, text=text))
    assert [item[:4] for item in found] == [
        ("error", "TEST01", "TEST01 reference score",
         'reference score 1990, and "TEST PASS" although the submitted logs fail'),
    ]


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
