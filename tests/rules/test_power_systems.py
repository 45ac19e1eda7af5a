"""POWR025, POWR028, SYST025, and power logs that are damaged or of another run."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fixtures.builder import Tree
from submission_checker.formats.yaml_reader import read_yaml
from submission_checker.intake.reading import Reader
from submission_checker.logs.power import read_spl
from submission_checker.model.files import FileTable
from submission_checker.model.power import PowerPart, Samples, SplLog, SplRecord
from submission_checker.rounds.loader import load_round
from submission_checker.rules import power_metric, powr_session, syst_power
from submission_checker.sources.folder import FolderSource
from tests.rules.edits import OFF, PERF
from tests.rules.power_fixture import with_power
from tests.rules.support_subjects import facts, found, status, system
from tests.rules.support_subjects import result as made_result

V20, V61 = load_round("v2.0"), load_round("v6.1")
BASE = "closed/Acme/results/node/resnet"
RACK = """Rack system:
- Rack 1:
  - Server 1:
    - Description: optional
      Min PSUs Needed: 1
      PSUs: [{Name: PSU 1, PowerCapacityWatts: 1200}, {Name: PSU 2, PowerCapacityWatts: 1000}]
  - Switch 1:
    - min psus needed: 1
      psus: [{Name: PSU 1, powercapacitywatts: 1200}, {Name: PSU 2, PowerCapacityWatts: 1200}]
"""
PLACE = "closed/Acme/systems/node_power.yaml"


def powered(text=None, fields=None):
    subject = system(fields or {}, results=(facts(f"{BASE}/Offline", power=True),), round_=V61)
    file = None if text is None else read_yaml(text.encode(), PLACE)
    return subject._replace(description=subject.description._replace(nameplate=file))


def test_design_power_is_the_sum_of_the_largest_supplies_needed():
    value = read_yaml(RACK.encode(), PLACE).value
    assert syst_power.design_power_watts(value) == 2400
    assert found(syst_power.nameplate_power, powered(RACK), V61) == []
    more = RACK.replace("Min PSUs Needed: 1", "Min PSUs Needed: 2")
    assert syst_power.design_power_watts(read_yaml(more.encode(), PLACE).value) == 3400


def shown(text, fields=None):
    return [item[:3] for item in found(syst_power.nameplate_power, powered(text, fields), V61)]


@pytest.mark.parametrize(("old", "new", "line", "said"), [
    ("Min PSUs Needed: 1", "Min PSUs Needed: 3", 6, "Min PSUs Needed 3 with 2 supplies"),
    ("      Min PSUs Needed: 1\n", "", 5, "no Min PSUs Needed with 2 supplies"),
    ("PowerCapacityWatts: 1000", "Watts: 1000", 6,
     "1 of 2 supplies without PowerCapacityWatts"),
    ("PSUs: [{Name: PSU 1, PowerCapacityWatts: 1200}, {Name: PSU 2, PowerCapacityWatts: 1000}]",
     "PSUs: []", 6, "no supplies"),
])
def test_parts_that_cannot_be_summed(old, new, line, said):
    text = RACK.replace(old, new, 1)
    pointer = "/Rack system/0/Rack 1/0/Server 1/0/PSUs"
    assert shown(text) == [("error", f"{PLACE}:{line}#{pointer}", said)]
    assert syst_power.design_power_watts(read_yaml(text.encode(), PLACE).value) is None


def test_nameplate_file_is_wanted_of_power_systems_without_a_capacity():
    assert shown(None) == [("warning absent", PLACE, "no such file")]
    assert shown(None, {"system_power_capacity": 2400}) == []
    assert shown("") == [("error", f"{PLACE}:1", "no YAML mapping")]
    assert shown("a: [1") == [
        ("error", f"{PLACE}:1", "expected ',' or ']', but got '<stream end>'")]
    assert shown("a: 1\n") == [("error", PLACE, "no part with PSUs")]
    assert status(syst_power.nameplate_power, system({}), V61) == "no power results"


def inferred(**changes):
    base = replace(facts(f"{BASE}/SingleStream", power=True), detail_identity="a", power=2.0,
                   power_session="s", model="resnet50")
    other = replace(facts(f"{BASE}/MultiStream", power=True), detail_identity="a", power=16.0,
                    power_session="s", model="resnet50", inferred=True)
    return system({}, results=(base, replace(other, **changes)), round_=V20)


def test_powr025_inferred_power_is_that_of_its_base():
    rule = powr_session.inferred_power
    assert found(rule, inferred(), V20) == []
    assert [f[:3] for f in found(rule, inferred(power=2.0), V20)] == [
        ("error", f"{BASE}/MultiStream/performance/power", "2 a query")]
    assert [f[2:] for f in found(rule, inferred(power_session="t"), V20)] == [
        ('power session "t"', f'the session of {BASE}/SingleStream: "s"')]
    assert status(rule, inferred(has_power=False), V20) == "no inferred result with power"
    assert found(rule, inferred(power=2.0), load_round("v1.1")) == []  # a round without MultiStream


ONE_STREAM = replace(V20, scenarios={
    name: spec for name, spec in V20.scenarios.items() if name != "MultiStream"})


@pytest.mark.parametrize(("round_", "watt_seconds"), [(V20, 8), (ONE_STREAM, 1)])
def test_energy_of_several_streams_is_that_of_a_round_with_several(round_, watt_seconds, tmp_path):
    tree = with_power(Tree.demo(tmp_path))
    tree.set_log(OFF, "effective_scenario", "SingleStream")
    tree.set_log(OFF, "result_query_count", 10)
    source = FolderSource.open(str(tree.root))
    reader = Reader(source, FileTable.build(source.walk()))
    run = reader.run("run_1", f"{PERF}/run_1")
    spl = read_spl(reader.blocks(f"{PERF}/run_1/spl.txt"), "spl.txt")
    part = PowerPart(None, None, spl, None, None, None, None, {}, {}, {})
    made = replace(made_result(), performance=(run,), power=part)
    one, several = (power_metric.power_metric(replace(made, scenario=scenario), round_)
                    for scenario in ("SingleStream", "MultiStream"))
    assert several.number.value == pytest.approx(watt_seconds * one.number.value)


def test_powr028_several_nodes_are_named_to_v2_0(tmp_path):
    tree = with_power(Tree.demo(tmp_path))
    report = tree.report(round="v2.0")
    count = next(count for count in report.rules if count.id == "POWR028")
    assert (count.passed, count.failed) == (1, 0)
    tree.set_json("closed/DemoOrg/systems/demo-host.json", "number_of_nodes", 2)
    said = [(f.level.label, f.found) for f in tree.findings("POWR028", round="v2.0")]
    assert said == [("info", "2 nodes and 1 meter")]
    assert tree.findings("POWR028") == []  # off in later rounds


def powr(tree):
    return [(f.rule, f.level.label) for f in tree.findings() if f.rule.startswith("POWR")
            and f.rule != "POWR015"]


def test_blank_lines_between_samples_change_nothing(tmp_path):
    tree = with_power(Tree.demo(tmp_path))
    spl = f"{PERF}/run_1/spl.txt"
    number = power_of(tree)
    tree.write(spl, tree.text(spl).replace("\n", "\n\n", 3) + "\n\n")
    assert powr(tree) == []
    assert power_of(tree) == number


def power_of(tree):
    row = next(r for r in tree.report().results if r.location.endswith("digits/Offline"))
    return row.power


@pytest.mark.parametrize(("round_", "watts"), [
    ("v2.1", "75"), ("v3.0", "75"), ("v3.1", "100"), ("v4.0", "100"), ("v6.1", "100")])
def test_samples_without_power_count_until_v3_0(round_, watts):
    subject = made_result(log={"power_begin": "11-01-2026 00:00:00.000",
                               "power_end": "11-01-2026 00:00:09.000"})
    begin = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
    samples = Samples.of(SplRecord(n, begin + n, value, None, None, None, "", False)
                         for n, value in enumerate((100.0, 0.0, 100.0, 100.0), 1))
    part = PowerPart(None, None, SplLog("spl.txt", samples, (), 0), None, None, None, None, {}, {},
                     {})
    found = power_metric.power_metric(replace(subject, power=part), load_round(round_))
    assert found is not None
    assert found.number.printed == watts


LONGER = "06-21-2026 12:00:00.000", "06-21-2026 12:10:00.000", "06-21-2026 12:10:40.000"


@pytest.mark.parametrize(("round_", "said"), [
    ("v1.0", [("warning", "at most 5 % of it longer")]),
    ("v2.1", [("warning", "at most 5 % of it longer")]), ("v3.0", []), ("v3.1", []), ("v6.1", [])])
def test_longer_testing_is_a_warning_until_v3_0(tmp_path, round_, said):
    tree = with_power(Tree.demo(tmp_path))
    begin, end, later = LONGER
    for log, ends in ((OFF, later), (f"{PERF}/ranging/mlperf_log_detail.txt", end)):
        tree.set_log(log, "power_begin", begin)
        tree.set_log(log, "power_end", ends)
    found = [(f.level.label, f.required.partition(" (")[0])
             for f in tree.findings("POWR012", round=round_)]
    assert found == said


def test_decimals_of_another_locale_are_no_samples(tmp_path):
    tree = with_power(Tree.demo(tmp_path))
    spl = f"{PERF}/run_1/spl.txt"
    tree.write(spl, tree.text(spl).replace("100.0,", "100,0,"))
    assert ("POWR022", "warning") in powr(tree)
    assert ("POWR024", "error") in powr(tree)
    assert power_of(tree) is None


def test_power_logs_of_another_run_are_found(tmp_path):
    tree = with_power(Tree.demo(tmp_path))
    for key, value in (("power_begin", "01-01-2026 00:00:00.000"),
                       ("power_end", "01-01-2026 00:20:00.000")):
        tree.set_log(OFF, key, value)
    rules = {f.rule for f in tree.findings() if f.level.label == "error"}
    assert {"POWR011", "POWR015", "POWR021"} <= rules


def test_design_power_stands_beside_the_measured_power():
    description = powered(RACK).description
    number, step = syst_power.nameplate_of(description, V61)
    assert (number.value, number.unit) == (2400, "W")
    assert (step.path, step.key, step.value) == (PLACE, "nameplate", number.printed)
    own = powered(RACK, {"system_power_capacity": 3000}).description
    number, step = syst_power.nameplate_of(own, V61)
    assert number.value == 3000
    assert step.path == own.document.path


@pytest.mark.parametrize("text", [None, RACK.replace("Needed: 1", "Needed: 3"), "a: 1\n"])
def test_design_power_that_cannot_be_told_is_not_guessed(text):
    assert syst_power.nameplate_of(powered(text).description, V61) is None


def test_rounds_without_nameplates_show_none():
    assert syst_power.nameplate_of(powered(RACK).description, V20) is None
