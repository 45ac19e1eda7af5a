"""INFR: results inferred from the log of another scenario."""

from submission_checker.rules import infr
from tests.compliance.building import facts, judged, judged_system, result, run, settings

SS = {
    "result_query_count": 10_000,
    "early_stopping_latency_ms": 2_000_000,
    "result_99.00_percentile_latency_ns": 1_900_000,
    "result_mean_latency_ns": 1_000_000,
    "result_qps_without_loadgen_overhead": 1000.0,
}


def inferred(scenario, logged="SingleStream", system_type="edge", division="closed",
             round_name="v5.1", **values):
    """Return a result whose folder and log name different scenarios."""
    path = f"{division}/Acme/results/sys/resnet/{scenario}/performance/run_1"
    own = run(path, **(settings(logged, round_name) | SS | values))
    return result("resnet", scenario, performance=(own,), system_type=system_type,
                  division=division, round_name=round_name)


def test_edge_system_may_infer():
    assert judged(infr.inference_allowed, inferred("Offline")) == []
    assert judged(infr.inference_allowed, inferred("Offline", system_type="datacenter,edge")) == []


def test_datacenter_system_may_not_infer():
    assert judged(infr.inference_allowed, inferred("Offline", system_type="datacenter")) == [
        ("error", "", "", 'Offline inferred from SingleStream, system type "datacenter"',
         "a system type with edge"),
    ]


def test_estimate_below_its_percentile_is_found():
    assert judged(infr.inferred_multistream, inferred("MultiStream")) == []
    found = judged(infr.inferred_multistream,
                   inferred("MultiStream", early_stopping_latency_ms=1_800_000))
    assert found == [
        ("error", "", "", "early_stopping_latency_ms 1.8 ms",
         "at least 1.9 ms, result_99.00_percentile_latency_ns (line 11)"),
    ]


def test_rate_that_is_not_one_over_the_mean_is_found():
    assert judged(infr.inferred_offline_from_singlestream, inferred("Offline")) == []
    found = judged(infr.inferred_offline_from_singlestream,
                   inferred("Offline", result_qps_without_loadgen_overhead=1010.0))
    assert found == [
        ("error", "", "", "result_qps_without_loadgen_overhead 1010",
         "1000, 1e9 / result_mean_latency_ns (line 12)"),
    ]


def test_rate_of_a_slow_system_is_compared_with_six_digits():
    slow = {"result_mean_latency_ns": 3_000_000_000}
    assert judged(infr.inferred_offline_from_singlestream, inferred(
        "Offline", result_qps_without_loadgen_overhead=0.333333, **slow)) == []
    assert judged(infr.inferred_offline_from_singlestream, inferred(
        "Offline", result_qps_without_loadgen_overhead=0.3345, **slow)) != []


def multistream(**values):
    return inferred("Offline", "MultiStream", **({
        "effective_samples_per_query": 8, "result_mean_query_latency_ns": 8_000_000,
    } | values))


def test_offline_from_multistream_needs_whole_queries():
    assert judged(infr.inferred_offline_from_multistream, multistream()) == []
    found = judged(infr.inferred_offline_from_multistream, multistream(
        effective_samples_per_query=4, result_mean_query_latency_ns=900_000))
    assert [item[:4] for item in found] == [
        ("error", "", "effective_samples_per_query", "effective_samples_per_query 4"),
        ("error", "", "result_mean_query_latency_ns", "result_mean_query_latency_ns 0.9 ms"),
    ]


def test_too_few_queries_give_no_estimate():
    assert judged(infr.enough_queries_to_infer, inferred("MultiStream")) == []
    found = judged(infr.enough_queries_to_infer,
                   inferred("MultiStream", early_stopping_latency_ms=0, result_query_count=500))
    assert found == [
        ("error", "", "", "early_stopping_latency_ms 0 after 500 queries",
         "early_stopping_latency_ms above 0"),
    ]


def test_inferred_result_is_named_with_its_formula():
    assert judged(infr.inferred_result, inferred("MultiStream")) == [
        ("info", "", "", "MultiStream 16 ms, inferred from SingleStream: "
         "8 x early_stopping_latency_ms / 1e+06", "an allowed inference"),
    ]
    assert judged(infr.inferred_result, inferred("SingleStream")) == []


def test_server_is_never_inferred():
    assert judged(infr.never_inferred, inferred("Server")) == [
        ("error", "", "", 'effective_scenario "SingleStream"', "Server; Server is never inferred"),
    ]
    assert judged(infr.never_inferred, inferred("Offline")) == []
    assert judged(infr.never_inferred, inferred("Interactive", "Server")) == []


def test_open_division_uses_the_same_pairs():
    assert judged(infr.open_inference, inferred("Offline", division="open")) == []
    assert judged(infr.open_inference, inferred("Offline", "Server", division="open")) == [
        ("warning", "", "", 'effective_scenario "Server"',
         "Offline or MultiStream or SingleStream"),
    ]
    assert judged(infr.open_inference, inferred("Offline", "Server")) == []


BASE = facts("resnet", "SingleStream", sha="s")
COPY = facts("resnet", "Offline", "SingleStream", sha="s", inferred=True)


def test_inferred_result_needs_its_base():
    assert judged_system(infr.inference_base, [BASE, COPY]) == []
    assert judged_system(infr.inference_base, [COPY]) == [
        ("error", "", "", "no SingleStream result of the same benchmark",
         "the SingleStream result that Offline is inferred from"),
    ]


def test_inferred_result_from_another_log_is_found():
    other = facts("resnet", "SingleStream", sha="t")
    assert judged_system(infr.inference_base, [other, COPY]) == [
        ("error", "", "detail",
         f"a detail log that differs from that of {other.path}", "a copy of it"),
    ]


def test_base_must_be_measured():
    middle = facts("resnet", "MultiStream", "SingleStream", sha="s", inferred=True)
    last = facts("resnet", "Offline", "MultiStream", sha="m", inferred=True)
    assert judged_system(infr.measured_base, [BASE, middle, last]) == [
        ("error", "", "", f"Offline inferred from MultiStream, which {middle.path} has from "
         "SingleStream", "a measured MultiStream"),
    ]
    assert judged_system(infr.measured_base, [BASE, middle]) == []


def test_accuracy_of_the_base_is_copied():
    other = facts("resnet", "Offline", "SingleStream", sha="s", accuracy="z", inferred=True)
    assert judged_system(infr.accuracy_of_base, [BASE, COPY]) == []
    assert judged_system(infr.accuracy_of_base, [BASE, other]) == [
        ("error", "", "", f"an accuracy log that differs from that of {BASE.path}", "a copy of it"),
    ]


def test_other_base_with_another_number_is_noted():
    other = facts("resnet", "MultiStream", sha="m", offers={"Offline": 1100.0})
    copy = facts("resnet", "Offline", "SingleStream", sha="s", inferred=True, value=1000.0)
    assert judged_system(infr.other_inference, [BASE, other, copy]) == [
        ("info", "", "MultiStream", "1000 u, inferred from SingleStream",
         f"1100 would follow from {other.path}"),
    ]
    assert judged_system(infr.other_inference, [BASE, copy]) == []


def test_one_log_for_server_and_interactive_is_a_warning():
    server = facts("llama2-70b-99", "Server", sha="s")
    same = facts("llama2-70b-99", "Interactive", "Server", sha="s")
    own = facts("llama2-70b-99", "Interactive", "Server", sha="t")
    assert judged_system(infr.one_log_two_limits, [server, same]) == [
        ("warning", "", "", f"the detail log of {same.path}",
         "a run with the limits of this scenario"),
    ]
    assert judged_system(infr.one_log_two_limits, [server, own]) == []


def test_variants_that_share_a_run_are_noted():
    high, low = facts("bert-99.9", "Offline", sha="s"), facts("bert-99", "Offline", sha="s")
    assert judged_system(infr.variant_copied, [high, low]) == [
        ("info", "", "", f"the detail log of {high.path}", "a run of its own, or this note"),
    ]
    own = facts("bert-99", "Offline", sha="t")
    assert judged_system(infr.variant_copied, [high, own]) == []
    stranger = facts("dlrm-v2-99", "Offline", sha="s")
    assert judged_system(infr.variant_copied, [high, stranger]) == []
