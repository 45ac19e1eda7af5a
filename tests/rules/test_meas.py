"""MEAS001-012, 014-015, 020-027: measurements and texts; confs are in test_meas_conf.py."""

from dataclasses import replace

import pytest

from submission_checker.model.submission import ENDPOINTS
from submission_checker.rounds.loader import load_round
from submission_checker.rules import meas, meas_texts, meas_types
from tests.rules.support_subjects import (
    facts,
    found,
    result,
    round_with,
    status,
    submitter,
    system,
    tree,
)

PLACE = "closed/Acme/measurements/node/digits/Offline"
FILE = f"{PLACE}/node_demo_Offline.json"
README = f"{PLACE}/README.md"
WHOLE = {
    "input_data_types": "fp32", "retraining": "No", "starting_weights_filename": "a.onnx",
    "weight_data_types": "fp16", "weight_transformations": "none",
}


def described(division="closed", **fields):
    return result(division=division, description=WHOLE | fields)


def line_of(name):
    return list(WHOLE).index(name) + 2


# MEAS001 to MEAS004: files


def test_meas001_missing_folder_is_named():
    assert found(meas.measurements_present, result(measurements=False)) == [
        ("error absent", PLACE, "no such folder", PLACE),
    ]
    assert status(meas.measurements_present, result()) == "passed"


@pytest.mark.parametrize(("division", "files", "expected"), [
    ("closed", ["README.md", "user.conf"], []),
    ("closed", ["README.md", "usr.conf"], [
        ("error absent", f"{PLACE}/user.conf", "no such file", '"user.conf"')]),
    ("open", ["user.conf"], [
        ("warning absent", f"{README.replace('closed', 'open')}", "no such file", '"README.md"')]),
])
def test_meas002_files_of_the_round_are_there(division, files, expected):
    assert found(meas.measurements_files, result(division=division, files=files)) == expected


def test_meas002_mlperf_conf_is_a_warning_and_endpoints_need_no_user_conf():
    old = round_with(layout={"required_measurements": ("mlperf.conf", "user.conf")})
    assert found(meas.measurements_files, result(files=["user.conf"]), old) == [
        ("warning absent", f"{PLACE}/mlperf.conf", "no such file", '"mlperf.conf"'),
    ]
    plain = result(files=["README.md"])
    assert status(meas.measurements_files, replace(plain, harness=ENDPOINTS)) == "passed"
    assert found(meas.measurements_files, plain)[0][0] == "error absent"


def test_meas003_empty_files_are_absent_content():
    assert found(meas.measurements_not_empty, result(files=[("README.md", 0), "user.conf"])) == [
        ("error absent", README, "0 bytes", "a file with content"),
    ]
    assert status(meas.measurements_not_empty, result()) == "passed"


@pytest.mark.parametrize(("names", "expected"), [
    (["node_demo_Offline.json"], []), (["node.json"], []),
    (["node_a_Server.json", "node_b_Offline.json"], []),
    ([], [("error absent", PLACE, "no JSON file", '"node*.json"')]),
    (["node_a.json", "node_b.json"], [
        ("warning", f"{PLACE}/node_b.json",
         '2 descriptions: "node_a.json", "node_b.json"', "one; the first in order counts")]),
    (["nodex8_a_Offline.json"], [
        ("warning", f"{PLACE}/nodex8_a_Offline.json",
         'the name goes on: "nodex8_a_Offline.json"', 'a description of "node"')]),
])
def test_meas004_one_file_describes_the_measurements(names, expected):
    assert found(meas.description_file, result(descriptions=names)) == expected


# MEAS005 to MEAS010: the description


def test_meas005_missing_field_is_absent():
    fields = {name: value for name, value in WHOLE.items() if name != "retraining"}
    assert found(meas.description_fields, result(description={**fields, "retrainig": "no"})) == [
        ("error absent", FILE, 'no field "retraining"',
         '"retraining"; did you mean "retrainig"?'),
    ]
    assert status(meas.description_fields, described()) == "passed"


@pytest.mark.parametrize(("value", "level", "said"), [
    ("", "error", "weight_data_types is empty"), ({}, "error", "weight_data_types is empty"),
    ("TODO", "warning absent", 'weight_data_types "TODO"'),
])
def test_meas006_fields_hold_values(value, level, said):
    at = f"{FILE}:{line_of('weight_data_types')}#/weight_data_types"
    assert found(meas.description_values, described(weight_data_types=value)) == [
        (level, at, said, "a value"),
    ]


def test_meas006_false_and_lists_are_values():
    assert status(meas.description_values, described(retraining=False,
                                                     weight_data_types=["fp8"])) == "passed"


@pytest.mark.parametrize(("description", "expected"), [
    ('{"a":', ("error", f"{FILE}:1", "Expecting value (column 6)", "a JSON object")),
    ('{"a": 1,\n"a": 2}', ("warning", f"{FILE}:2",
                           'key "a" stands more than once; the first counts', "each key once")),
    ({**WHOLE, "retraining": False}, ("warning", f"{FILE}:3#/retraining", 'retraining "False"',
                                      "a text, a list or an object")),
])
def test_meas007_description_is_an_object_of_texts(description, expected):
    assert found(meas.description_readable, result(description=description)) == [expected]


def test_meas007_whole_description_passes():
    assert status(meas.description_readable, described(weight_data_types={"unet": "fp8"})) == \
        "passed"


@pytest.mark.parametrize(("division", "value", "level"), [
    ("closed", "Yes, 3 epochs", "error"), ("closed", "true", "error"), ("open", "y", "info"),
    ("closed", "perhaps", "warning"), ("open", "see README", None), ("closed", "No.", None),
    ("closed", "N", None), ("closed", False, None), ("closed", "Not applicable", None),
    ("closed", "We don’t retrain the model weight.", None), ("closed", "N/A", None),
    ("closed", "quantised without any re-training", None), ("closed", "notable", "warning"),
])
def test_meas008_closed_results_are_not_retrained(division, value, level):
    at = f"{FILE}:3#/retraining".replace("closed", division)
    expected = [] if level is None else [(level, at, f'retraining "{value}"', "no")]
    assert found(meas.no_retraining, described(division, retraining=value)) == expected


def test_meas008_leaves_empty_values_to_others():
    assert status(meas.no_retraining, described(retraining="")) == \
        "the field retraining says nothing"


@pytest.mark.parametrize("value", [
    "fp32", "INT8", "bfloat16", "mxfp4", "nvfp4, fp8", "OCP FP8", "Dense: uint8 / Sparse: uint64",
    "float16", "int8_t", "w4a16", {"unet": "tf32"}, ["int4"], "TBD", "",
])
def test_meas009_known_formats_pass(value):
    assert found(meas_types.numerics_named, described(weight_data_types=value)) == []


def test_meas009_other_texts_are_warnings():
    assert found(meas_types.numerics_named, described(input_data_types="No change.")) == [
        ("warning", f"{FILE}:2#/input_data_types", 'input_data_types "No change."',
         "a format such as fp32, bf16, fp8 or int8"),
    ]


@pytest.mark.parametrize(("value", "others"), [
    ("fp32", ""), ("INT8, bf16", ""), ("signed 8-bit", ""), ("int8 and tf32", '"tf32"'),
    ("FP8", '"fp8"'), ("uint4, int64", '"int64", "uint4"')])
def test_meas009_v0_5_allowed_some_formats_in_closed(value, others):
    v05, v07 = load_round("v0.5"), load_round("v0.7")
    one = described(weight_data_types=value)
    said = [("warning", f"{FILE}:5#/weight_data_types", f"weights in {others}")] if others else []
    assert [f[:3] for f in found(meas_types.numerics_named, one, v05)] == said
    assert found(meas_types.numerics_named, one, v07) == []
    other = described("open", weight_data_types=value)
    assert found(meas_types.numerics_named, other, v05) == []


def test_meas010_narrow_weights_are_explained():
    assert found(meas_types.quantisation_explained, described(weight_data_types="int8")) == [
        ("info", f"{FILE}:6#/weight_transformations",
         'weight_transformations "none" with weights in "int8"', "how the weights were made"),
    ]
    assert status(meas_types.quantisation_explained, described()) == "passed"
    explained = described(weight_data_types="fp8", weight_transformations="quantization")
    assert status(meas_types.quantisation_explained, explained) == "passed"
    assert "not in force" in status(meas_types.quantisation_explained, described("open"))


# MEAS011, MEAS012: calibration and code

OFFLINE = "closed/Acme/results/node/digits/Offline"
NO_CALIBRATION = ("error absent", "closed/Acme", "no calibration text",
                  "calibration.md or documentation/calibration.md")


def of_weights(kinds, **more):
    return submitter(system({}, results=[facts(OFFLINE, weight_types=kinds)]), **more)


@pytest.mark.parametrize(("subject", "expected"), [
    (of_weights("int8"), [NO_CALIBRATION]), (of_weights(""), [NO_CALIBRATION]),
    (of_weights("int8", documents=["README.md"]), [NO_CALIBRATION]),
    (of_weights("int8", calibration=("closed/Acme/calibration.md",)), []),
    (of_weights("int8", documents=["documentation/calibration.adoc"]), []),
    (of_weights("int8", documents=["HAL_calibration.txt"]), []),
])
def test_meas011_quantised_results_have_a_calibration_text(subject, expected):
    assert found(meas.calibration_text, subject) == expected


def test_meas011_wide_weights_need_none():
    assert status(meas.calibration_text, of_weights("fp16")) == "no result has quantised weights"


def test_meas012_code_of_the_benchmark_is_there():
    missing = {"code_found": False, "code": ("code/digits", "code/digits-small")}
    expected = [("error absent", "closed/Acme/code/digits", "no such folder",
                 "closed/Acme/code/digits or closed/Acme/code/digits-small")]
    assert found(meas.code_present, result(**missing)) == expected
    assert found(meas.code_present, result(division="open", **missing))[0][0] == "warning absent"
    assert status(meas.code_present, result()) == "passed"


def test_meas020_description_is_of_the_scenario():
    other = result(descriptions=["node_demo_Server.json"])
    assert found(meas.description_scenario, other) == [
        ("info", f"{PLACE}/node_demo_Server.json", "a description for Server", "one for Offline"),
    ]
    assert status(meas.description_scenario, result()) == "passed"


# MEAS014, MEAS015: documents of a submitter


def datacenter(**measurements):
    return system({"system_type": "datacenter"}, results=[facts(OFFLINE, **measurements)])


def test_meas014_datacenter_submitters_document_their_bandwidth():
    assert found(meas_texts.bandwidth_text, submitter(datacenter())) == [
        ("warning absent", "closed/Acme", "no text about the network's bandwidth",
         "documentation/bandwidth.* or a section of a README"),
    ]
    named = submitter(datacenter(), documents=["documentation/bandwidth_requirement.md"])
    said = submitter(datacenter(readme_names_bandwidth=True))
    edge = submitter(system({"system_type": "edge"}, results=[facts(OFFLINE)]))
    assert status(meas_texts.bandwidth_text, named) == "passed"
    assert status(meas_texts.bandwidth_text, said) == "passed"
    assert status(meas_texts.bandwidth_text, edge) == "no datacenter results"


def test_meas015_readmes_say_how_to_run():
    good = {"readme": README, "readme_bytes": 900, "readme_has_command": True}
    short = {"readme": README, "readme_bytes": 64}
    assert found(meas_texts.readme_usable, submitter(datacenter(**good))) == []
    mixed = submitter(system({}, results=[facts(OFFLINE, **good), facts(OFFLINE, **short)]))
    assert found(meas_texts.readme_usable, mixed) == [
        ("info absent", README, "1 of 2 READMEs say too little; the first has 64 bytes and no "
         "command line", "more than 200 bytes and a command line"),
    ]


@pytest.mark.parametrize(("text", "expected"), [
    ("# Run\n\n```\nmake\n```\n", (True, False)), ("Run it.\n  python run.py\n", (True, False)),
    ("2 NICs of 100 Gb/s each\n", (False, True)), ("Run make.\n", (False, False)),
])
def test_facts_of_a_readme_are_read_from_its_lines(text, expected):
    kept = meas_texts.measurement_facts(
        result(description=WHOLE, readme=text), load_round("demo"))
    assert (kept.readme_has_command, kept.readme_names_bandwidth) == expected
    assert (kept.weight_types, kept.readme, kept.readme_bytes) == ("fp16", README, len(text))


# MEAS022 to MEAS027: words


@pytest.mark.parametrize(("made", "readme", "expected"), [
    ("unstructured pruning", "", ("info", f"{FILE}:6#/weight_transformations", 'the word "pruning"',
                                  "weights equivalent to the reference")),
    ("none", "We used\nfine-tuned weights.\n", (
        "info", f"{README}:2", 'the word "fine-tuned"', "weights equivalent to the reference")),
    ("quantization", "No pruning and no distillation.\n", None),
])
def test_meas022_words_of_changed_weights_are_leads(made, readme, expected):
    subject = result(description=WHOLE | {"weight_transformations": made,
                                          "input_data_types": "Sparse: uint64"}, readme=readme)
    assert found(meas_texts.changed_weights, subject) == ([expected] if expected else [])


def test_meas023_words_of_draft_models_are_leads():
    on = round_with(rules={"MEAS023": {"*": "on"}})
    subject = result(description=WHOLE | {"notes": "EAGLE-3 head"})
    assert found(meas_texts.speculative_decoding, subject, on) == [
        ("info", f"{FILE}:7#/notes", 'the word "EAGLE-3"',
         "only for the models and scenarios that the rules name"),
    ]
    assert status(meas_texts.speculative_decoding, described(), on) == "passed"


def test_meas024_network_submissions_show_their_network():
    network = submitter(division="network")
    assert found(meas_texts.network_documents, tree(network)) == [
        ("warning absent", "network/Acme", "no file of a query dispatch library", "its source"),
        ("warning absent", "network/Acme", "no diagram of the system", "a picture or pdf"),
    ]
    files = ["network/Acme/code/qdl/main.cc", "network/Acme/documentation/system.PDF"]
    assert found(meas_texts.network_documents, tree(network, files=files)) == []
    assert found(meas_texts.network_documents, tree(submitter())) == []


def test_meas027_restricted_retraining_names_what_it_takes():
    claim = "Made under the restricted retraining rules"
    subject = result(division="open", description=WHOLE, readme=f"{claim}\nin 3 epochs\n")
    assert found(meas_texts.restricted_retraining, subject) == [
        ("info", f"{README}:1".replace("closed", "open"),
         '"restricted retraining" without seed, scripts', "seed, epochs, scripts"),
    ]
    good = result(division="open", description=WHOLE,
                  readme=f"{claim}: train.py, seed 7, 3 epochs\n")
    assert status(meas_texts.restricted_retraining, good) == "passed"
    assert status(meas_texts.restricted_retraining, described("open")) == \
        "no claim of the restricted retraining rules"
    assert status(meas_texts.restricted_retraining, described()) == "only for open results"
