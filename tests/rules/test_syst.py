"""SYST001-008, 011-016, 019-020, 026: descriptions made in memory; see test_syst_hardware.py."""

import pytest

from submission_checker.rules import syst, syst_hardware, syst_network, syst_power
from tests.rules.support_subjects import (
    DEMO,
    facts,
    found,
    judged,
    result,
    round_with,
    status,
    submitter,
    system,
)

FILE = "closed/Acme/systems/node.json"
NET = "network/Acme/systems/node.json"


# SYST001: readable


@pytest.mark.parametrize(("text", "expected"), [
    ('{"a": ', ("error", f"{FILE}:1", "Expecting value (column 7)", "a JSON object")),
    ("[]", ("error", f"{FILE}:1", "no JSON object", "a JSON object")),
    ('{\n"a": NaN}', ("error", f"{FILE}:2", "NaN is no finite number", "a finite number")),
    ('{"a": 1,\n"a": 2}', ("warning", f"{FILE}:2",
                           'key "a" stands more than once; the first counts', "each key once")),
    ('\ufeff{"a": 1}', ("warning", f"{FILE}:1", "a UTF-8 byte order mark",
                        "UTF-8 without a byte order mark")),
])
def test_syst001_names_what_is_no_plain_json_object(text, expected):
    assert found(syst.description_readable, system(text)) == [expected]


def test_syst001_object_passes_and_a_missing_file_is_not_its_matter():
    assert status(syst.description_readable, system({"a": 1})) == "passed"
    assert status(syst.description_readable, system(None)) == "no description"


def test_syst001_is_a_warning_where_no_result_stands_on_the_description():
    assert found(syst.description_readable, system("[]", has_results=False))[0][0] == "warning"


# SYST002: required fields


def test_syst002_missing_field_is_absent_and_its_misspelling_is_the_fix():
    two = round_with(system={"required_fields": ("submitter", "framework")})
    broken = system({"submitter": "Acme", "frame_work": "x 1.0"})
    assert found(syst.required_fields, broken, two) == [
        ("error absent", FILE, 'no field "framework"', '"framework"'),
    ]
    assert judged(syst.required_fields, broken, two).findings[0].fix == 'rename "frame_work"'
    assert status(syst.required_fields, system({"submitter": "", "framework": ""}), two) == "passed"


def test_syst002_virtual_cores_stand_for_cores_where_the_round_has_that_rule():
    cores = round_with(system={"required_fields": ("host_processor_core_count",)})
    virtual = system({"host_processor_vcpu_count": 96})
    assert found(syst.required_fields, virtual, cores)[0][0] == "warning absent"
    before = round_with(system={"required_fields": ("host_processor_core_count",)},
                        rules={"SYST022": {"*": "off"}})
    assert found(syst.required_fields, virtual, before)[0][0] == "error absent"


# SYST003: values


@pytest.mark.parametrize(("fields", "expected"), [
    ({"framework": " "}, [("error", f"{FILE}:2#/framework", "framework is empty", "a value")]),
    ({"framework": None}, [("error", f"{FILE}:2#/framework", "framework is empty", "a value")]),
    ({"framework": "ToDo: x 1.0"},
     [("warning absent", f"{FILE}:2#/framework", 'framework "ToDo: x 1.0"', "a value")]),
    ({"operating_system": "-"},
     [("warning", f"{FILE}:2#/operating_system", 'operating_system "-"', "a value")]),
    ({"accelerators_per_node": 0, "accelerator_model_name": ""},
     [("warning", f"{FILE}:3#/accelerator_model_name", "accelerator_model_name is empty",
       "a value")]),
    ({"accelerators_per_node": 1, "accelerator_model_name": ""},
     [("error", f"{FILE}:3#/accelerator_model_name", "accelerator_model_name is empty",
       "a value")]),
    ({"accelerators_per_node": 0, "accelerator_interconnect": "-", "host_network_card_count": 0,
      "cooling": "N/A", "host_networking_topology": "-"}, []),
])
def test_syst003_fields_hold_values_and_zero_is_one(fields, expected):
    assert found(syst.meaningful_values, system(fields)) == expected


def test_syst003_rounds_without_a_list_of_fields_get_one_finding_for_all():
    old = round_with(system={"nonempty_fields": (), "required_fields": (
        "cooling", "framework", "hw_notes", "submitter")})
    bare = system({"submitter": "Acme", "framework": "", "cooling": "-", "hw_notes": ""})
    assert found(syst.meaningful_values, bare, old) == [
        ("error", f"{FILE}:4#/cooling", 'no value in 2 fields: "cooling", "framework"', "values"),
    ]


def test_syst003_preview_may_leave_the_core_count_empty():
    fields = {"status": "preview", "host_processor_core_count": ""}
    assert found(syst.meaningful_values, system(fields)) == [
        ("warning", f"{FILE}:3#/host_processor_core_count", "host_processor_core_count is empty",
         "a value"),
    ]


# SYST004: unknown fields


@pytest.mark.parametrize(("name", "level", "required"), [
    ("colour", "info", "a field of the round"),
    ("hw-notes", "warning", 'a field of the round; did you mean "hw_notes"?'),
    ("acelerator_frequenzy", "warning",
     'a field of the round; did you mean "accelerator_frequency"?'),
])
def test_syst004_near_misses_of_known_fields_are_warnings(name, level, required):
    assert found(syst.unknown_fields, system({name: 1})) == [
        (level, f"{FILE}:2#/{name}", f'field "{name}"', required),
    ]


def test_syst004_known_fields_pass():
    known = {"framework": 1, "host_processor_vcpu_count": 2, "is_network": False,
             "power_management": "", "system_power_only": False}
    assert status(syst.unknown_fields, system(known)) == "passed"


# SYST005 to SYST008: names and categories


@pytest.mark.parametrize(("rule", "field", "value", "level", "required"), [
    (syst.submitter_is_folder, "submitter", "Other", "error", '"Acme"'),
    (syst.submitter_is_folder, "submitter", "AC ME", "info", '"Acme"'),
    (syst.division_is_folder, "division", "open", "error", '"closed"'),
    (syst.availability, "status", "availabel", "error",
     'one of available, preview, rdi; did you mean "available"?'),
    (syst.system_type, "system_type", "laptop", "error",
     'one of "datacenter", "edge", "datacenter,edge", "edge,datacenter"'),
    (syst.system_type, "system_type", "datacenter, edge", "warning",
     'one of "datacenter", "edge", "datacenter,edge", "edge,datacenter"'),
])
def test_syst005_to_syst008_name_the_value_and_what_it_must_be(rule, field, value, level, required):
    assert found(rule, system({field: value})) == [
        (level, f"{FILE}:2#/{field}", f'{field} "{value}"', required),
    ]


@pytest.mark.parametrize(("rule", "fields"), [
    (syst.submitter_is_folder, {"submitter": "Acme"}),
    (syst.division_is_folder, {"division": "Closed"}),
    (syst.availability, {"status": "RDI "}),
    (syst.system_type, {"system_type": "edge,datacenter"}),
])
def test_syst005_to_syst008_pass(rule, fields):
    assert status(rule, system(fields)) == "passed"


@pytest.mark.parametrize("rule", [syst.submitter_is_folder, syst.division_is_folder,
                                  syst.availability, syst.system_type])
def test_syst005_to_syst008_leave_empty_and_absent_fields_to_others(rule):
    blank = dict.fromkeys(("submitter", "division", "status", "system_type"), "")
    assert found(rule, system(blank)) == found(rule, system({})) == []


@pytest.mark.parametrize(("rule", "fields"), [
    (syst.submitter_is_folder, {"submitter": "Other"}),
    (syst.division_is_folder, {"division": "open"}),
    (syst.availability, {"status": "maybe"}), (syst.system_type, {"system_type": "laptop"}),
    (syst.meaningful_values, {"cooling": ""}), (syst.required_fields, {}),
])
def test_leftover_descriptions_are_never_errors(rule, fields):
    levels = {item[0].split()[0] for item in found(rule, system(fields, has_results=False))}
    assert levels == {"warning"}


# SYST011: the name of the file


def test_syst011_other_capitals_are_named_for_the_system_that_lacks_its_description():
    lost, other = system(None, name="Node"), system({}, has_results=False)
    assert found(syst.description_name, submitter(lost, other)) == [
        ("error absent", FILE, 'a description of "node"', '"Node"'),
    ]
    assert status(syst.description_name, submitter(system({}), system(None, name="b"))) == "passed"


# SYST012 to SYST016: network


@pytest.mark.parametrize(("division", "fields", "expected"), [
    ("closed", {"is_network": True}, [
        ("error", f"{FILE}:2#/is_network", 'is_network "True"', "false in the closed division")]),
    ("network", {"is_network": "False"}, [
        ("error", f"{NET}:2#/is_network", 'is_network "False"', "true in the network division")]),
    ("network", {}, [
        ("error absent", NET, "no value for is_network", "true in the network division")]),
    ("closed", {}, []), ("closed", {"is_network": "false"}, []),
    ("network", {"is_network": "TRUE"}, []), ("network", {"is_network": True}, []),
    ("open", {"is_network": True}, []),
])
def test_syst012_network_mode_follows_the_division(division, fields, expected):
    assert found(syst_network.network_mode, system(fields, division=division)) == expected


def test_syst013_network_systems_describe_their_network():
    three = round_with(system={"network_fields": ("is_network", "network_type", "network_rate")})
    fields = {"is_network": True, "network_type": ""}
    assert found(syst_network.network_fields, system(fields, division="network"), three) == [
        ("error", f"{NET}:3#/network_type", 'no value for "network_type"', "a value"),
        ("error absent", f"{NET}#/network_rate", 'no value for "network_rate"', "a value"),
    ]
    open_ = found(syst_network.network_fields, system(fields, division="open"), three)
    assert [item[0] for item in open_] == ["warning", "warning absent"]
    assert status(syst_network.network_fields, system({"is_network": "false"})) == \
        "not a network system"
    whole = system({"is_network": True, "network_type": "Ethernet", "network_rate": 100})
    assert status(syst_network.network_fields, whole, three) == "passed"


def test_syst014_log_of_a_network_system_names_a_network_sut():
    log = "closed/Acme/results/node/digits/Offline/performance/run_1/mlperf_log_detail.txt"
    fields = {"is_network": "true"}
    assert found(syst_network.network_sut_name, result(fields=fields, log={"sut_name": "A"})) == [
        ("error", f"{log}:2", 'sut_name "A"', 'a name with "Network SUT"'),
    ]
    good = result(fields=fields, log={"sut_name": "Acme Network SUT"})
    assert status(syst_network.network_sut_name, good) == "passed"
    assert status(syst_network.network_sut_name, result(fields={}, log={})) == \
        "not a network system"


def test_syst015_network_systems_are_datacenter_systems():
    edge = system({"system_type": "edge"}, division="network")
    assert found(syst_network.network_datacenter, edge) == [
        ("error", f"{NET}:2#/system_type", 'system_type "edge"', "datacenter"),
    ]
    both = system({"system_type": "datacenter, edge"}, division="network")
    assert status(syst_network.network_datacenter, both) == "passed"
    unknown = system({"system_type": "laptop"}, division="network")
    assert status(syst_network.network_datacenter, unknown) == \
        "the system type is none of the round's"


def test_syst016_fabric_is_one_of_those_named():
    pigeon = system({"is_network": True, "network_type": "carrier pigeon"})
    assert found(syst_network.network_fabric, pigeon) == [
        ("warning", f"{FILE}:3#/network_type", 'network_type "carrier pigeon"',
         "Ethernet, InfiniBand, IEEE 802.11 or 3GPP"),
    ]
    good = system({"is_network": True, "network_type": "100G Ethernet"})
    assert status(syst_network.network_fabric, good) == "passed"


# SYST019, 020, 026: power and private ids

OFFLINE, SERVER = (f"closed/Acme/results/node/digits/{name}" for name in ("Offline", "Server"))
POWER = round_with(system={"power_fields": ("disk_drives", "filesystem", "system_power_only")})


def test_syst019_power_results_ask_for_the_power_fields():
    bare = system({"filesystem": "ext4"}, results=[facts(OFFLINE, power=True), facts(SERVER)])
    assert found(syst_power.power_fields, bare, POWER) == [
        ("warning absent", FILE, '1 of 2 power fields missing: "disk_drives"', "all of them"),
    ]
    full = system({"filesystem": "", "disk_drives": 2}, results=[facts(OFFLINE, power=True)])
    assert status(syst_power.power_fields, full, POWER) == "passed"
    assert status(syst_power.power_fields, system({}, results=[facts(OFFLINE)])) == \
        "no power results"


def test_syst020_power_only_systems_have_power_everywhere():
    half = [facts(OFFLINE, power=True), facts(SERVER)]
    assert found(syst_power.power_only, system({"system_power_only": "True"}, results=half)) == [
        ("warning", f"{FILE}:2#/system_power_only",
         f'system_power_only true and 1 result without power: "{SERVER}"',
         "power for every result"),
    ]
    assert found(syst_power.power_only, system({"system_power_only": "perhaps"})) == [
        ("warning", f"{FILE}:2#/system_power_only", 'system_power_only "perhaps"', "true or false"),
    ]
    assert status(syst_power.power_only, system({"system_power_only": True}, results=half[:1])) \
        == status(syst_power.power_only, system({"system_power_only": "false"}, results=half)) \
        == "passed"
    assert status(syst_power.power_only, system({}, results=half)) == "the field is not given"


def test_syst026_private_id_is_of_the_system_in_whose_folder_it_lies():
    on = round_with(rules={"SYST026": {"*": "on"}})
    place = "closed/Acme/results/node/privateid.json"
    assert found(syst_power.private_id, system({}, private_id={"other": "1"}), on) == [
        ("warning absent", place, 'no id for "node"', '{"node": its id}'),
        ("warning", f"{place}:2#/other", 'an id for "other"', '{"node": its id}'),
    ]
    assert found(syst_power.private_id, system({}, private_id="[]"), on) == [
        ("warning", f"{place}:1", "no JSON object", "a JSON object"),
    ]
    assert status(syst_power.private_id, system({}, private_id={"node": "7f"}), on) == "passed"
    assert status(syst_power.private_id, system({}), on) == "no private id"


def test_rules_about_fields_skip_what_is_no_object():
    for rule in (syst.required_fields, syst_hardware.core_count, syst_power.power_only):
        assert status(rule, system("[]"), DEMO) == "the description is no JSON object"
