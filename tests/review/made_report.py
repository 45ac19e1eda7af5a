"""A small report made by hand: four systems of three submitters, closed and open."""

from submission_checker.model.findings import Subject
from submission_checker.model.report import (
    AccuracyValue,
    PublishedNumber,
    Report,
    ResultRow,
    RuleCount,
    SystemRow,
    Verdict,
)

UNITS = {"Offline": "Samples/s", "Server": "Queries/s", "SingleStream": "ms"}
ROUND = "v2.0"


def system(submitter, name, division="closed", **fields):
    given = {"system_name": f"{name} box", "number_of_nodes": "1", "framework": "TensorRT 8.4",
             "host_processor_model_name": "Xeon", "host_processors_per_node": "2",
             "accelerator_model_name": "NVIDIA A100", "accelerators_per_node": "4", **fields}
    return SystemRow(Subject(division, submitter, name),
                     f"{division}/{submitter}/systems/{name}.json", tuple(given.items()))


def result(submitter, name, benchmark, scenario, value, *, division="closed", suite="datacenter",
           power=None, verdict=Verdict.VALID, quality=76.0, model=None, weights="int8",
           inferred=False, nameplate=None, category="available"):
    path = f"{division}/{submitter}/results/{name}/{benchmark}/{scenario}"
    number = None if value is None else PublishedNumber(value, UNITS[scenario], f"{value:g}")
    return ResultRow(
        location=path, subject=Subject(division, submitter, name, benchmark, scenario),
        model=model or benchmark, system_type=suite, category=category, scenario=scenario,
        verdict=verdict, reason="", inferred=inferred, result=number,
        accuracy=(AccuracyValue("acc", quality, ">= 75.69", "percent", 1, lower=75.69),),
        power=power and PublishedNumber(*power, ""), derivation=(), deciding=(),
        weight_types=weights, code=f"{division}/{submitter}/code/{benchmark}",
        nameplate=nameplate and PublishedNumber(nameplate, "W", ""))


def report(results=None, systems=None, rules=(), findings=()):
    """Return a report; without arguments the one that most tests read."""
    if results is None:
        results = RESULTS
    return Report(
        tool_version="1", round=ROUND, round_reason="", profile="submit", options=(),
        partial=False, results=tuple(results),
        systems=tuple(SYSTEMS if systems is None else systems), findings=tuple(findings),
        rules=tuple(rules), not_judged=(), exceptions=(), files=0, bytes=0, digest="d1",
        unreadable=False, crashed=False)


SYSTEMS = (
    system("Acme", "a4"),
    system("Acme", "a8", accelerators_per_node="4", number_of_nodes="2", hw_notes="liquid"),
    system("Beta", "chip", accelerator_model_name="TPU v9", accelerators_per_node="1",
           framework="tensorrt 9"),
    system("acme", "cpu", "open", accelerator_model_name="N/A", accelerators_per_node="0",
           framework="OpenVINO", sw_notes="tuned"),
)
RESULTS = (
    result("Acme", "a4", "resnet50", "Offline", 400.0, power=(200.0, "W"), nameplate=2400.0),
    result("Acme", "a4", "resnet50", "Server", 300.0, power=(150.0, "W")),
    result("Acme", "a8", "resnet50", "Offline", 1000.0, suite="datacenter,edge",
           weights="Signed 8-bit integer."),
    result("Acme", "a8", "resnet50", "SingleStream", 0.5, suite="datacenter,edge",
           power=(0.25, "J")),
    result("Beta", "chip", "resnet50", "Offline", 100.0),
    result("Beta", "chip", "resnet50", "Server", 110.0),
    result("Beta", "chip", "resnet50", "SingleStream", 2.0, inferred=True),
    result("Beta", "chip", "bert-99", "Offline", 7.0, verdict=Verdict.INVALID),
    result("acme", "cpu", "small-net", "Offline", 50.0, division="open", suite="edge",
           model="resnet50", quality=70.0, weights="No change."),
)


def count(rule, passed=0, failed=0):
    return RuleCount(rule, passed=passed, failed=failed)
