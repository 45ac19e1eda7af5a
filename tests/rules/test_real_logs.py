"""Values of logs and descriptions as published, retyped: what single rules say of them.

PERF016 LGEN021 POWR003 MEAS009
"""

import pytest

from fixtures.builder import BASE, SYSTEM, Tree
from submission_checker.rules import lgen_replay, meas_types
from submission_checker.rules.perf import length
from tests.compliance.building import judged, result
from tests.rules import support_subjects
from tests.rules.power_fixture import with_power

# mlcommons/inference_results_v0.5 closed/Google/results/tpu-rdi-v3.8x1/gnmt/server/performance
# /run_1: 90 000 queries configured, where the round wants 90 112
GNMT = {"effective_min_query_count": 90000}

# mlcommons/inference_results_v3.1 closed/Google/results/TPU-v5e-4_SAX/gptj-99/Server/performance
# /run_1: a LoadGen of 2023 with the version file of 2020
GPTJ = {
    "loadgen_version": ".5a1 @ 0b40315728", "get_sut_name_duration_ns": 200,
    "qsl_reported_total_count": 13368, "requested_server_target_qps": 7.2,
    "effective_samples_per_query": 1, "effective_target_qps": 7.2,
    "effective_target_duration_ms": 600000, "effective_min_duration_ms": 600000,
    "effective_min_query_count": 100, "effective_min_sample_count": 100,
    "effective_performance_issue_unique": False, "effective_performance_issue_same": False,
    "effective_performance_sample_count": 13368,
    "generated_query_count": 4278, "generated_samples_per_query": 1,
    "generated_query_duration": 600175243340, "early_stopping_met": True,
    "result_query_count": 4278, "result_scheduled_samples_per_sec": 7.12683,
}

# mlcommons/mlperf_inference_unofficial_submissions_v5.0 open/MLCommons/results
# /mlc-server-reference-gpu-pytorch_v2.2.2-cu124/pointpainting/singlestream/performance/run_1
POINTS = {
    "loadgen_version": "5.0.14 @ 9dad99d4d7", "qsl_reported_total_count": 7000,
    "requested_single_stream_expected_latency_ns": 4.38978e8,
    "requested_single_stream_target_latency_percentile": 0.999,
    "effective_samples_per_query": 1, "effective_target_qps": 2.27802,
    "effective_target_latency_percentile": 0.999, "effective_target_duration_ms": 600000,
    "effective_min_duration_ms": 600000, "effective_min_query_count": 7000,
    "effective_max_query_count": 7000, "effective_min_sample_count": 7000,
    "effective_performance_sample_count": 1024, "generated_query_count": 7000,
    "generated_samples_per_query": 1, "generated_query_duration": 3072844747000,
    "result_query_count": 7000, "early_stopping_latency_ss": 1568895029,
    "early_stopping_latency_ms": 807787784,
}

# intel-ai-tce/inference_results_v6.1 closed/Intel/results/1-node-2S-Xeon_6787P/e2e-rag-db/Offline
# /performance/run_1: no target rate, so that the duration is infinite and does not fit its integer
DATABASE = {
    "loadgen_version": "6.0.17 @ c22d843be3", "qsl_reported_total_count": 2515,
    "requested_offline_expected_qps": 0, "effective_samples_per_query": 2515,
    "effective_target_qps": 0, "effective_target_duration_ms": 0, "effective_min_duration_ms": 0,
    "effective_min_query_count": 1, "effective_min_sample_count": 2515,
    "effective_performance_sample_count": 2515, "generated_query_count": 1,
    "generated_samples_per_query": 2515, "generated_query_duration": -9223372036854775808,
    "result_query_count": 1, "early_stopping_met": True,
}


def queries(round_name, division="closed", **values):
    subject = result("gnmt" if round_name == "v0.5" else "resnet", "Server", division=division,
                     round_name=round_name, detail_values=values)
    return [(level, found) for level, _, _, found, _ in judged(
        length.minimum_queries, subject, round_name)]


def test_few_configured_queries_are_a_warning_in_the_first_round_where_enough_ran():
    configured = "effective_min_query_count 90 000"
    assert queries("v0.5", **GNMT, result_query_count=90400) == [("warning", configured)]
    assert queries("v0.5", **GNMT, result_query_count=90111) == [
        ("error", "result_query_count 90 111"), ("warning", configured)]
    assert queries("v0.5", "open", **GNMT, result_query_count=90400) == [("info", configured)]


def test_few_configured_queries_are_an_error_in_the_rounds_after_it():
    few = {"effective_min_query_count": 1024, "result_query_count": 400000}
    assert queries("v0.7", **few) == [("error", "effective_min_query_count 1024")]


def schedule(**changes):
    subject = result("gptj-99", "Server", round_name="v3.1", detail_values=GPTJ | changes)
    return [(level, found) for level, _, _, found, _ in judged(
        lgen_replay.schedule_from_seed, subject, "v3.1")]


def test_schedule_of_a_build_with_an_old_version_file_follows_from_the_seed():
    assert schedule() == []
    assert [level for level, _ in schedule(generated_query_count=4277)] == ["error"]


def test_a_stale_version_leaves_all_truths_to_try():
    """Equal-issue mode pads the queries since 4.0; the version named beside it is of 2020."""
    padded = GPTJ | {
        "effective_sample_concatenate_permutation": True, "generated_query_count": 13368,
        "generated_query_duration": 1842630679809, "result_query_count": 13368,
        "result_scheduled_samples_per_sec": 13367e9 / 1842565435784,
    }
    assert schedule(**padded) == []
    for key in ("get_sut_name_duration_ns", "early_stopping_met"):
        del padded[key]  # what remains may be of the LoadGen that it names
    subject = result("gptj-99", "Server", round_name="v3.1", detail_values=padded)
    found = judged(lgen_replay.schedule_from_seed, subject, "v3.1")
    assert [level for level, *_ in found] == ["error"]


def said_of(model, scenario, round_name, log):
    subject = result(model, scenario, round_name=round_name, detail_values=log)
    found = (*judged(lgen_replay.schedule_from_seed, subject, round_name),
             *judged(length.minimum_queries, subject, round_name))
    return [level for level, *_ in found]


def test_a_run_of_pointpainting_in_its_first_round_follows_from_its_settings():
    assert said_of("pointpainting", "SingleStream", "v5.0", POINTS) == []
    other = POINTS | {"generated_query_duration": 3072844747}
    assert said_of("pointpainting", "SingleStream", "v5.0", other) == ["error"]


def test_a_duration_that_does_not_fit_its_integer_is_no_fault():
    assert said_of("e2e-rag-db", "Offline", "v6.1", DATABASE) == []


@pytest.mark.parametrize(("name", "said"), [
    ("analyzer_table_WT310E.csv", []), ("analyzer_table", []),
    ("wt310_analyzer_table.md", [("error", "no analyzer_table.*")]),
])
def test_names_of_power_texts_begin_as_the_round_wants_them(tmp_path, name, said):
    tree = with_power(Tree.demo(tmp_path))
    folder = f"{BASE}/measurements/{SYSTEM}"
    tree.copy(f"{folder}/analyzer_table.md", f"{folder}/{name}")
    tree.delete(f"{folder}/analyzer_table.md")
    assert [(f.level.label, f.found) for f in tree.findings("POWR003")] == said


def test_an_empty_power_text_says_nothing(tmp_path):
    tree = with_power(Tree.demo(tmp_path))
    table = f"{BASE}/measurements/{SYSTEM}/analyzer_table.md"
    tree.write(table, "")
    assert [(f.level.label, f.location.path, f.found) for f in tree.findings("POWR003")] == [
        ("error", table, "0 bytes")]


def test_data_types_may_be_written_in_words():
    """mlcommons/inference_results_v0.7 closed/Intel/measurements/1-node-4s-cpx-ov-int8."""
    kinds = {"weight_data_types": "Signed 8-bit integer.", "input_data_types": "No change.",
             "weight_transformations": "no"}
    subject = support_subjects.result(description=kinds)
    assert [(level, said) for level, _, said, _ in support_subjects.found(
        meas_types.numerics_named, subject)] == [("warning", 'input_data_types "No change."')]
    assert len(support_subjects.found(meas_types.quantisation_explained, subject)) == 1
