"""SYST009-010, 017-018, 021-024: counts, parts and software, on descriptions made in memory."""

import pytest

from submission_checker.rules import syst_hardware
from tests.rules.support_subjects import found, round_with, status, submitter, system, tree

FILE = "closed/Acme/systems/node.json"
OPEN = "open/Acme/systems/node.json"


# SYST009, SYST010: counts


def test_syst009_text_is_no_number_and_nodes_are_at_least_one():
    fields = {"number_of_nodes": "0", "host_processor_core_count": "2 (big); 4 (LITTLE)",
              "accelerators_per_node": "-1"}
    assert found(syst_hardware.numeric_fields, system(fields)) == [
        ("warning", f"{FILE}:2#/number_of_nodes", 'number_of_nodes "0"', "at least 1"),
        ("warning", f"{FILE}:4#/accelerators_per_node", 'accelerators_per_node "-1"', "a number"),
        ("warning", f"{FILE}:3#/host_processor_core_count",
         'host_processor_core_count "2 (big); 4 (LITTLE)"', "a number"),
    ]


def test_syst009_deciding_counts_follow_the_level_of_the_round():
    strict = round_with(rules={"SYST009": {"*": "error"}})
    fields = {"number_of_nodes": "two", "host_processors_per_node": "two"}
    levels = [item[0] for item in found(syst_hardware.numeric_fields, system(fields), strict)]
    assert levels == ["error", "warning"]


def test_syst009_numbers_in_text_and_no_accelerators_pass():
    fields = {"number_of_nodes": "1", "host_processors_per_node": 2.0,
              "accelerators_per_node": "N/A", "host_processor_core_count": "-",
              "host_processor_vcpu_count": ""}
    assert status(syst_hardware.numeric_fields, system(fields)) == "passed"


@pytest.mark.parametrize(("count", "name", "said"), [
    (4, "N/A", '4 accelerators of model "N/A"'), ("0", "GPU", '0 accelerators of model "GPU"'),
])
def test_syst010_name_and_count_disagree(count, name, said):
    fields = {"accelerators_per_node": count, "accelerator_model_name": name}
    assert found(syst_hardware.accelerator_agrees, system(fields)) == [
        ("warning", f"{FILE}:3#/accelerator_model_name", said,
         "a model name exactly where there are accelerators"),
    ]


@pytest.mark.parametrize(("count", "name"), [(0, "-"), ("0", "No Accelerator"), ("8", "A100")])
def test_syst010_name_and_count_agree(count, name):
    fields = {"accelerators_per_node": count, "accelerator_model_name": name}
    assert status(syst_hardware.accelerator_agrees, system(fields)) == "passed"


# SYST017 to SYST024: words and counts


def test_syst017_datacenter_descriptions_without_ecc_are_counted_once():
    plain = {"system_type": "datacenter", "host_memory_configuration": "8x 64 GB"}
    both = submitter(system(plain), system(plain, name="other"), system({"system_type": "edge"}))
    assert found(syst_hardware.error_correction, both) == [
        ("info", f"{FILE}:3#/host_memory_configuration",
         "2 datacenter descriptions without a word on ECC", "ECC, for host and accelerator memory"),
    ]
    good = system({"system_type": "datacenter", "hw_notes": "ECC on"})
    assert status(syst_hardware.error_correction, submitter(good)) == "passed"


def test_syst018_software_has_a_version_and_can_be_had():
    fields = {"status": "available", "framework": "ours", "other_software_stack": "internal build"}
    assert found(syst_hardware.software_identified, system(fields)) == [
        ("info", f"{FILE}:3#/framework", 'framework "ours"', "a version number, commit or address"),
        ("info", f"{FILE}:4#/other_software_stack", 'other_software_stack mentions "internal"',
         "software that can be had"),
    ]
    good = system({"status": "available", "framework": "", "other_software_stack": {"a": "1.2"}})
    assert status(syst_hardware.software_identified, good) == "passed"


def test_syst021_kind_of_system_is_a_usual_word_or_none():
    assert found(syst_hardware.type_detail, system({"system_type_detail": "Mini PC"})) == [
        ("info", f"{FILE}:2#/system_type_detail", 'system_type_detail "Mini PC"',
         "one of cloud, on-premise, edge server, edge device, workstation, laptop"),
    ]
    good = system({"system_type_detail": "cloud instance"})
    assert status(syst_hardware.type_detail, good) == "passed"
    assert status(syst_hardware.type_detail, system({"system_type_detail": "N/A"})) == \
        "no detail is given"


def test_syst022_one_of_the_two_counts_is_given():
    assert found(syst_hardware.core_count, system({"host_processor_core_count": "N/A"})) == [
        ("warning absent", f"{FILE}:2#/host_processor_core_count", "no core or vcpu count",
         "one of the two"),
    ]
    virtual = system({"host_processor_core_count": "", "host_processor_vcpu_count": "96"})
    assert status(syst_hardware.core_count, virtual) == "passed"
    assert status(syst_hardware.core_count, system({"status": "Preview"})) == "a preview"


@pytest.mark.parametrize(("name", "accelerator", "count", "nodes", "agrees"), [
    ("DGX_H100x8", "NVIDIA H100-SXM-80GB", 4, 1, False),
    ("XE8640_4xH100_vLLM", "NVIDIA H100-SXM-80GB", "1", 1, False),
    ("gx3-48x240x2l40s", "NVIDIA L40S", 1, 1, False),
    ("h200_x16_vllm_092", "NVIDIA H200", 8, 2, True),
    ("32xMI300X_2xEPYC_9534_16xMI325X", "MI300X and MI325X", 8, 6, True),
    ("A30-MIG_32x1g.6gb", "NVIDIA A30", 8, 1, True),
    ("aws-g4dn.4xlarge", "Tesla T4", 1, 1, True),
    ("DGX_H100x8", "NVIDIA H100-SXM-80GB", 8, 4, True),
])
def test_syst023_counts_beside_the_accelerator_are_compared(
    name, accelerator, count, nodes, agrees
):
    fields = {"accelerator_model_name": accelerator, "accelerators_per_node": count,
              "number_of_nodes": nodes}
    expected = [] if agrees else [
        ("info", f"closed/Acme/systems/{name}.json:3#/accelerators_per_node",
         f"{float(count):g} accelerators per node, {nodes} nodes",
         f'the count in the name "{name}"'),
    ]
    assert found(syst_hardware.name_and_count, system(fields, name=name)) == expected


def test_syst024_one_id_in_two_divisions_is_one_machine():
    closed = submitter(system({"number_of_nodes": 1, "accelerator_model_name": "A-100"}))
    same = submitter(system({"number_of_nodes": "1", "accelerator_model_name": "a100"},
                            division="open"), division="open")
    other = submitter(system({"number_of_nodes": 2, "accelerator_model_name": "A-100"},
                             division="open"), division="open")
    assert found(syst_hardware.one_system_two_divisions, tree(closed, same)) == []
    assert found(syst_hardware.one_system_two_divisions, tree(closed, other)) == [
        ("warning", f"{OPEN}:2#/number_of_nodes", 'number_of_nodes "2"', f'"1", as in {FILE}'),
    ]
