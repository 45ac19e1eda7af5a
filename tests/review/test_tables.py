"""Every table of a report made by hand, with exact rows."""

import dataclasses
from itertools import groupby

import pytest

from submission_checker.model.findings import Finding, Level, Location, Subject
from submission_checker.model.tables import number_text, sections
from submission_checker.review.checklist import techniques
from submission_checker.review.counts import framework_of
from submission_checker.review.kinds import kind_of, numerics
from submission_checker.review.records import records_of
from submission_checker.review.tables import NAMES, tables_of
from submission_checker.rules.registry import all_rules
from tests.review.made_report import RESULTS, SYSTEMS, count, report, result, system


def table(name, given=None, **options):
    (found,) = tables_of(given or report(), (name,), **options)
    assert all(len(row) == len(found.columns) for row in found.rows)
    return found


def rows(name, *columns, given=None, **options):
    """Return the wanted columns of a table."""
    found = table(name, given, **options)
    at = [[c.name for c in found.columns].index(column) for column in columns]
    return [tuple(row[n] for n in at) for row in found.rows]


def test_published_rows_stand_by_suite_division_and_category():
    assert rows("results", "suite", "division", "category", "submitter", "system",
                "processors", "accelerators", "numerics") == [
        ("datacenter", "closed", "available", "Acme", "a4 box", 2, 4, "int8"),
        ("datacenter", "closed", "available", "Acme", "a8 box", 4, 8, "int8"),
        ("datacenter", "closed", "available", "Beta", "chip box", 2, 1, "int8"),
        ("edge", "closed", "available", "Acme", "a8 box", 4, 8, "int8"),
        ("edge", "open", "available", "acme", "cpu box", 2, 0, "No change."),
    ]


@pytest.mark.parametrize("written", ["RDI", "rdi", "Research, Development, or Internal"])
def test_categories_in_any_spelling_are_one_list(written):
    given = dataclasses.replace(
        report((result("Acme", "a4", "resnet50", "Offline", 4.0, category=written),)),
        round="v0.7")
    assert rows("results", "category", given=given) == [("rdi",)]
    assert rows("ranking", "category", given=given) == [("rdi",)]


def test_published_columns_are_numbers_and_power_per_benchmark_and_scenario():
    found = table("results")
    assert [(c.name, c.unit) for c in found.columns[14:]] == [
        ("resnet50 Offline", "Samples/s"), ("resnet50 Offline power", "W"),
        ("resnet50 Server", "Queries/s"), ("resnet50 Server power", "W"),
        ("resnet50 SingleStream", "ms"), ("resnet50 SingleStream power", "J"),
        ("nameplate power", "W"), ("details", ""), ("results", ""), ("code", "")]
    assert found.rows[0][14:] == (
        400.0, 200.0, 300.0, 150.0, None, None, 2400.0, "closed/Acme/systems/a4.json",
        "closed/Acme/results/a4", "closed/Acme/code/resnet50")
    edge_open = sections(found)[-1]
    assert edge_open.heading == ("edge", "open", "available")
    assert [c.name for c in edge_open.columns][-6:] == [
        "models used", "notes", "resnet50 Offline", "details", "results", "code"]
    assert edge_open.rows[0][-6:-4] == ("small-net", "tuned")


def test_one_submitter_in_two_spellings_is_said():
    assert table("results").notes[-1] == "one submitter with several spellings: Acme, acme"


def test_what_counts_is_said_and_invalid_results_count_only_when_asked():
    assert table("spread").notes[0].startswith("8 results count, 1 do not;")
    assert ("closed", "bert-99", "Offline") not in rows("spread", "division", "benchmark",
                                                        "scenario")
    assert ("closed", "bert-99", "Offline") in rows("spread", "division", "benchmark",
                                                    "scenario", everything=True)


def test_best_comes_first_and_equal_numbers_share_a_rank():
    twin = RESULTS[4]._replace(result=RESULTS[0].result)
    given = report((*RESULTS[:4], twin, *RESULTS[5:]))
    assert rows("ranking", "suite", "benchmark", "scenario", "rank", "system", "result",
                "inferred", given=given)[:5] == [
        ("datacenter", "resnet50", "Offline", 1, "a8", 1000.0, ""),
        ("datacenter", "resnet50", "Offline", 2, "a4", 400.0, ""),
        ("datacenter", "resnet50", "Offline", 2, "chip", 400.0, ""),
        ("datacenter", "resnet50", "Server", 1, "a4", 300.0, ""),
        ("datacenter", "resnet50", "Server", 2, "chip", 110.0, "")]
    assert rows("ranking", "scenario", "rank", "system", "inferred")[5:7] == [
        ("SingleStream", 1, "a8", ""), ("SingleStream", 2, "chip", "inferred")]


def test_coverage_has_totals_and_shares():
    assert table("coverage", everything=True).rows == (
        ("closed", "bert-99", 1, 0, 0, 1, 12.5),
        ("closed", "resnet50", 3, 2, 2, 7, 87.5),
        ("closed", "all", 4, 2, 2, 8, 100.0),
        ("open", "resnet50", 1, 0, 0, 1, 100.0),
        ("open", "all", 1, 0, 0, 1, 100.0))


def test_counts_are_of_results_systems_and_submitters():
    found = {by: [row[1:] for row in group]
             for by, group in groupby(table("counts").rows, key=lambda row: row[0])}
    assert found["framework"] == [("closed", "TensorRT", 7, 3, 2), ("open", "OpenVINO", 1, 1, 1)]
    assert found["kind of processor"] == [
        ("closed", "GPU", 4, 2, 1), ("closed", "ASIC", 3, 1, 1), ("open", "CPU", 1, 1, 1)]
    assert found["accelerator"][0] == ("closed", "NVIDIA A100", 4, 2, 1)


def test_frameworks_by_kind_of_processor():
    found = table("frameworks")
    assert [c.name for c in found.columns] == ["framework", "ASIC", "CPU", "GPU", "all"]
    assert found.rows == (("OpenVINO", None, 1, None, 1), ("TensorRT", 3, None, 4, 7))


def test_server_is_a_share_of_offline_and_more_is_remarked():
    assert rows("ratios", "system", "scenario", "ratio", "remark") == [
        ("a4", "Server", 0.75, ""), ("chip", "Server", 1.1, "above Offline")]
    assert [round(loss, 9) for (loss,) in rows("ratios", "loss")] == [25.0, -10.0]


def test_spread_inverts_latencies():
    assert rows("spread", "scenario", "results", "slowest", "fastest", "times faster")[:3] == [
        ("Offline", 3, 100.0, 1000.0, 10.0), ("Server", 2, 110.0, 300.0, 300 / 110),
        ("SingleStream", 2, 2.0, 0.5, 4.0)]


def test_relative_is_to_the_slowest_and_per_accelerator():
    columns = ("scenario", "system", "times the slowest", "per accelerator",
               "of the best per accelerator")
    assert rows("relative", *columns)[:3] == [
        ("Offline", "a8", 10.0, 125.0, 100.0), ("Offline", "a4", 4.0, 100.0, 80.0),
        ("Offline", "chip", 1.0, 100.0, 80.0)]
    assert rows("relative", *columns)[5:7] == [
        ("SingleStream", "a8", 4.0, None, None), ("SingleStream", "chip", 1.0, None, None)]


def test_work_per_joule_of_rates_and_of_energies():
    assert rows("power", "scenario", "system", "power", "nameplate", "per joule",
                "of the best") == [
        ("Offline", "a4", 200.0, 2400.0, 2.0, 100.0), ("Server", "a4", 150.0, None, 2.0, 100.0),
        ("SingleStream", "a8", 0.25, None, 4.0, 100.0)]


def test_millijoules_are_thousandths():
    given = report((result("Acme", "a8", "resnet50", "SingleStream", 0.5, power=(250.0, "mJ")),))
    assert rows("power", "per joule", given=given) == [(pytest.approx(4.0),)]


def test_open_results_show_their_model_and_quality():
    assert rows("open", "model used", "benchmark", "quality", "of the closed target",
                "accelerators") == [
        ("small-net", "resnet50", "acc 70", "92.48 % of 75.69", 0)]


def test_checklist_names_rules_that_judged_and_else_the_reviewer():
    finding = Finding("AUDT007", Level.ERROR, Location("x/verify.txt"), Subject(), "", "", "", "",
                      "", (), "0")
    given = report(rules=(count("AUDT007", 3, 1), count("PERF009", 5)), findings=(finding,))
    found = {row[1]: row for row in table("checklist", given).rows}
    assert len(found) == len(techniques())
    assert found["caching of queries or of their answers"] == (
        "prohibited", "caching of queries or of their answers", "AUDT007", 3, 1, "x/verify.txt")
    assert found["optimisation that knows the random seeds"][2:] == ("PERF009", 5, 0, "")
    assert found["dynamic choice of the batch size"][2:] == ("reviewer", None, None, "")


def test_checklist_names_rules_that_exist():
    known = {rule.id for rule in all_rules()}
    assert {rule for item in techniques() for rule in item["rules"]} <= known


@pytest.mark.parametrize(("text", "formats"), [
    ("int8", ("int8",)), ("Google bfloat16.", ("bf16",)), ("Signed 8-bit integer.", ("int8",)),
    ("FP32 + Int8", ("fp32", "int8")), ("int8_t", ("int8",)), ("uint8", ("uint8",)),
    ("{'unet': 'fp8', 'vae': 'fp32'}", ("fp32", "fp8")), ("mxfp4", ("mxfp4",)),
    ("No change.", ()), ("UNSET", ()), ("", ()), ("float16,nvfp4", ("fp16", "fp4")),
])
def test_free_texts_about_numerics(text, formats):
    assert numerics(text) == formats


def fields_of(**fields):
    """Return a record of a system with these fields."""
    (record,) = records_of(report(RESULTS[:1], (system("Acme", "a4", **fields),)))
    return record


@pytest.mark.parametrize(("text", "name"), [
    ("TensorRT 7.2, CUDA 11.0", "TensorRT"), ("ArmNN v20.08 (Neon)", "ArmNN"),
    ("openvino_2020.4.287", "openvino"), ("Synapse-V0.2.0", "Synapse"),
    ("TensorFlow-Lite 2.2.0 + custom patches", "TensorFlow-Lite"),
    ("Snapdragon Neural Processing Engine v1.30", "Snapdragon Neural Processing Engine"),
    ("Qualcomm Cloud AI SDK v1.6.80", "Qualcomm Cloud AI SDK"), ("shark-ai 3.3.0", "shark-ai"),
    ("21.03 Jetson CUDA-X AI Developer Preview", "Jetson"), ("2.0", "2.0"), ("", ""),
])
def test_names_of_frameworks_in_published_descriptions(text, name):
    assert framework_of(fields_of(framework=text)) == name


@pytest.mark.parametrize(("name", "number", "kind"), [
    ("NVIDIA H200-SXM-141GB", "8", "GPU"), ("Arm Mali-T860 MP4", "1", "GPU"),
    ("TPU v5e", "4", "ASIC"), ("QUALCOMM Cloud AI 100 PCIe/HHHL Pro", "16", "ASIC"),
    ("DNA-F200 v2 on Alveo U50", "1", "FPGA"), ("RecAccel-FPGA", "2", "FPGA"),
    ("Neuchips RecAccel", "3", "not known"), ("N/A", "0", "CPU"), ("-", "", "CPU"),
    ("NVIDIA A100", "0", "CPU"), (" ", "1", "not known"), ("N/A", "2", "not known"),
])
def test_kinds_of_processors_in_published_descriptions(name, number, kind):
    given = fields_of(accelerator_model_name=name, accelerators_per_node=number)
    assert kind_of(given) == kind


@pytest.mark.parametrize("text", ["", "N/A", "-4", "9" * 400, "²", "4.5", "4 x"])
def test_counts_of_parts_that_are_no_numbers(text):
    given = report(RESULTS[:1], (system("Acme", "a4", accelerators_per_node=text),))
    assert rows("relative", "accelerators", "per accelerator", given=given) == [(None, None)]


@pytest.mark.parametrize(("value", "text"), [
    (3, "3"), (2477180.5, "2477180"), (0.0987732, "0.0987732"), (12345.678, "12345.7"),
    (1e-9, "1e-09"), (1e300, "1e+300"), (float("inf"), "inf"), (123456789012, "123456789012"),
])
def test_numbers_for_people(value, text):
    assert number_text(value) == text


def test_no_results_give_empty_tables():
    for found in tables_of(report((), ()), NAMES):
        assert found.rows == () or found.name == "checklist"


def test_a_result_without_a_system_description_has_a_row():
    given = report(RESULTS[:1], ())
    assert rows("results", "system", "accelerators", "details", given=given) == [("a4", None, "")]
    assert len(tables_of(given)) == len(NAMES)


def test_order_of_results_does_not_matter():
    assert tables_of(report(RESULTS[::-1], SYSTEMS[::-1])) == tables_of(report())
