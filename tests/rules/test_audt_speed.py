"""AUDT: speed of audits, recomputed from their logs."""

from dataclasses import replace

from submission_checker.rules.audits import speed
from tests.compliance.building import audit, compared, judged, result, run, settings

LOG = "performance/run_1/mlperf_log_detail.txt"
OFFLINE = "closed/Acme/results/sys/resnet/Offline"


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
