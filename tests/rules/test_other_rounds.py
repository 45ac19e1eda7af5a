"""Rules that are in force only in other rounds, on the bundled submission judged by such a round.

RNDX003 RNDX004 RNDX005 RNDX006 RNDX007 MEAS019 PERF028 ACCU012
"""

import dataclasses

import pytest

from fixtures.builder import BASE, SYSTEM, Tree, audit, measurements, result, run
from submission_checker.engine.context import Context
from submission_checker.engine.judge import Judge
from submission_checker.engine.levels import level_in_force
from submission_checker.engine.rule import Scope
from submission_checker.intake.reading import Reader
from submission_checker.intake.results import load_result, load_system
from submission_checker.model.files import FileTable
from submission_checker.model.findings import Location
from submission_checker.rounds.loader import load_round, round_names
from submission_checker.rules.accu import unit_of
from submission_checker.rules.registry import all_rules
from submission_checker.sources.folder import FolderSource
from submission_checker.tree.build import build_tree
from submission_checker.tree.names import resolve_model
from tests.rules.edits import seeds


def variant(**layout):
    """Return the demo round with every rule switched on and parts replaced."""
    round_ = load_round("demo")
    parts = {name: layout.pop(name) for name in list(layout) if hasattr(round_, name)}
    return dataclasses.replace(
        round_, rules={}, layout=round_.layout._replace(**layout), **parts)


def judged(tree, round_, benchmark="digits", scenario="Offline", rule="", others=()):
    """Return (findings, statuses) of one result judged by a round."""
    source = FolderSource.open(str(tree.root))
    table = FileTable.build(source.walk())
    system = build_tree(table, round_, {}).submitters[0].systems[0]
    reader = Reader(source, table)
    paths = next(r for r in system.results
                 if (r.subject.benchmark, r.subject.scenario) == (benchmark, scenario))
    loaded = load_result(paths, load_system(system, reader, round_), reader, round_)
    context = Context(round_, loaded.subject, Location(loaded.path), loaded, False, others)
    judge = Judge(all_rules())
    judgement = judge.result(context)
    judgement.merge(judge.other(Scope.OUTCOME, frozenset(judgement.missing_data), context))
    return [f for f in judgement.findings if f.rule == rule], judgement.passed


def passed(outcomes, rule):
    return outcomes[rule] > 0


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path)


FOREIGN = (("v9.9", (1, 2, 3)),)
SEEDS = ("effective_qsl_rng_seed", "effective_sample_index_rng_seed",
         "effective_schedule_rng_seed")


def test_log_of_another_round_is_named_once_instead_of_its_seeds(tree):
    for key, value in zip(SEEDS, (1, 2, 3), strict=True):
        tree.set_log(run(), key, value)
    found, outcomes = judged(tree, variant(), rule="RNDX004", others=FOREIGN)
    assert [(f.found, f.location.path) for f in found] == [("the three seeds of v9.9", run())]
    assert not passed(outcomes, "PERF009")


def test_log_of_this_round_passes(tree):
    found, outcomes = judged(tree, variant(), rule="RNDX004", others=FOREIGN)
    assert found == [] and passed(outcomes, "RNDX004") and passed(outcomes, "PERF009")


def test_seeds_of_another_round_in_most_logs(tree):
    report = tree.report(round="v5.1")
    found = [f for f in report.findings if f.rule == "RNDX003"]
    assert [f.found for f in found] == ["6 of 6 performance logs carry the seeds of v6.1"]
    assert not [f for f in report.findings if f.rule in ("RNDX004", "PERF009")]
    assert all(row.verdict.value != "valid" for row in report.results)


@pytest.fixture
def of_older_round(tree):
    """Return the bundled submission with the seeds of the round before the one judged by."""
    old = load_round("v5.0").seeds
    for log in tree.root.rglob("results/**/run_1/mlperf_log_detail.txt"):
        seeds(tree, str(log.relative_to(tree.root)), (old.qsl, old.sample_index, old.schedule))
    for folder in sorted(tree.root.rglob("digits")):
        folder.rename(folder.with_name("resnet50"))
    return tree


def test_tree_of_another_round_is_said_in_one_finding(of_older_round):
    report = of_older_round.report(round="v5.1")
    assert [(f.rule, f.found) for f in report.findings] == [
        ("RNDX003", "6 of 6 performance logs carry the seeds of v5.0")]
    assert report.findings[0].fix.startswith("check the tree with --round v5.0")
    assert {row.verdict.value for row in report.results} <= {"invalid", "not_judged"}
    assert {row.deciding for row in report.results if row.verdict.value == "invalid"} == {
        (report.findings[0].fingerprint,)}
    assert next(n.reason for n in report.not_judged if not n.path).endswith(
        "findings by the rules of v5.1 are left out, as this is a tree of v5.0")


def test_tree_of_two_rounds_is_judged_in_full(of_older_round):
    own = load_round("v5.1").seeds
    seeds(of_older_round, run("resnet50"), (own.qsl, own.sample_index, own.schedule))
    rules = {f.rule for f in of_older_round.report(round="v5.1").findings}
    assert "RNDX003" in rules
    assert len(rules) > 3


def test_missing_limit_is_a_finding_about_the_round(tree):
    digits = load_round("demo").models["digits"]._replace(offline_min_samples=None)
    found, _ = judged(tree, variant(models={"digits": digits}), rule="RNDX005")
    assert [f.subcode for f in found] == ["models.digits.offline_min_samples"]
    assert judged(tree, variant(), rule="RNDX005")[0] == []


def test_measurements_beside_results_where_the_round_keeps_them_inside(tree):
    layout = load_round("demo").layout
    templates = {**layout.templates}
    found, outcomes = judged(tree, variant(), rule="RNDX006")
    assert found == [] and not passed(outcomes, "RNDX006")
    source = FolderSource.open(str(tree.root))
    table = FileTable.build(source.walk())
    round_ = variant()
    system = build_tree(table, round_, {}).submitters[0].systems[0]
    inside = variant(templates={**templates, "measurements": templates["results"]})
    reader = Reader(source, table)
    loaded = load_result(system.results[0], load_system(system, reader, round_), reader, round_)
    context = Context(inside, loaded.subject, Location(loaded.path), loaded)
    findings = [f for f in Judge(all_rules()).result(context).findings if f.rule == "RNDX006"]
    assert [f.location.path for f in findings] == [
        f"{BASE}/measurements/{SYSTEM}", f"{BASE}/compliance/{SYSTEM}"]


def test_test_date_far_from_the_deadline(tree):
    from datetime import date

    found, _ = judged(tree, variant(submission_deadline=date(2020, 1, 1)), rule="RNDX007")
    assert found[0].required.startswith("between 2018-11-27 and 2020-01-15")
    _, outcomes = judged(tree, variant(submission_deadline=date(2026, 11, 20)), rule="RNDX007")
    assert passed(outcomes, "RNDX007")


def test_changed_mlperf_conf_is_named(tree):
    conf = f"{measurements()}/mlperf.conf"
    tree.write(conf, "digits.Server.target_latency = 200\n")
    found, _ = judged(tree, variant(), rule="MEAS019")
    assert [(f.found, f.location.line) for f in found] == [
        ("1 setting changed; the first: digits.Server.target_latency = 200", 1)]
    tree.write(conf, "digits.Server.target_latency = 100\n")
    assert passed(judged(tree, variant(), rule="MEAS019")[1], "MEAS019")


def test_five_runs_that_differ(tree):
    folder = f"{result(scenario='Server')}/performance"
    for number in (2, 3, 4, 5):
        tree.copy(f"{folder}/run_1", f"{folder}/run_{number}")
    five = variant(performance_runs={"default": 1, "Server": 5})
    assert passed(judged(tree, five, scenario="Server", rule="PERF028")[1], "PERF028")
    log = f"{folder}/run_3/mlperf_log_detail.txt"
    tree.set_log(log, "result_completed_samples_per_sec", 150.0)
    found, _ = judged(tree, five, scenario="Server", rule="PERF028")
    assert [(f.level.label, f.location.path) for f in found] == [("info", log)]


def test_missing_runs_of_five(tree):
    five = variant(performance_runs={"default": 1, "Server": 5})
    found, _ = judged(tree, five, scenario="Server", rule="TREE027")
    assert [f.found for f in found] == ['no "run_2", "run_3", "run_4", "run_5"']


def test_five_runs_by_other_numbers_are_a_warning(tree):
    folder = f"{result(scenario='Server')}/performance"
    for number in (0, 2, 3, 4):
        tree.copy(f"{folder}/run_1", f"{folder}/run_{number}")
    five = variant(performance_runs={"default": 1, "Server": 5})
    found, _ = judged(tree, five, scenario="Server", rule="TREE027")
    assert [(f.level.label, f.found) for f in found] == [
        ("warning", 'no "run_5"'), ("info", 'an extra run "run_0"')]


@pytest.mark.parametrize(("printed", "unit"), [(71.094, "%"), (0.71094, "fraction")])
def test_shares_that_are_printed_as_percent_say_so(printed, unit):
    rgat, = load_round("v6.0").models["rgat"].metrics
    assert unit_of(rgat, printed) == unit
    bert, = load_round("v6.0").models["bert-99"].metrics
    assert unit_of(bert, 90.5) == bert.unit == "%"


def test_runs_beyond_those_that_the_round_wants_decide_nothing(tree):
    folder = f"{result()}/performance"
    for number in (2, 3):
        tree.copy(f"{folder}/run_1", f"{folder}/run_{number}")
    tree.set_log(f"{folder}/run_2/mlperf_log_detail.txt", "result_validity", "INVALID")
    tree.delete(f"{folder}/run_3/mlperf_log_summary.txt")
    tree.write(f"{folder}/run_3/mlperf_log_detail.txt", "")
    levels = {(f.rule, f.level.label) for rule in ("PERF002", "LGEN017", "TREE028", "TREE030")
              for f in judged(tree, variant(), rule=rule)[0]}
    assert levels == {("PERF002", "warning"), ("LGEN017", "warning"), ("TREE028", "warning")}
    three = variant(performance_runs={"default": 3})
    assert {f.level.label for f in judged(tree, three, rule="PERF002")[0]} == {"error"}
    assert {f.level.label for f in judged(tree, three, rule="TREE030")[0]} == {"error"}


def test_audits_that_the_round_does_not_ask_for_decide_nothing(tree):
    tree.edit_log(f"{audit('TEST01')}/performance/run_1/mlperf_log_detail.txt",
                  "effective_min_duration_ms", lambda record: None)
    for wanted, level in ((("closed",), "error"), ((), "warning")):
        found, _ = judged(tree, variant(audits_required_in=wanted), rule="LGEN005")
        assert [f.level.label for f in found] == [level]


def test_sample_pictures(tree):
    digits = load_round("demo").models["digits"]._replace(required_artefacts={"images": ("1", "2")})
    round_ = variant(models={"digits": digits})
    found, _ = judged(tree, round_, rule="ACCU012")
    assert [f.found for f in found] == ["no such folder"]
    folder = f"{result()}/accuracy/images"
    tree.write(f"{folder}/1.png", "x").write(f"{folder}/2.jpg", "x")
    assert passed(judged(tree, round_, rule="ACCU012")[1], "ACCU012")
    tree.delete(f"{folder}/2.jpg")
    assert [f.found for f in judged(tree, round_, rule="ACCU012")[0]] == ['no "2"']


@pytest.mark.parametrize(("round_", "level"), [("v5.1", "error"), ("v6.0", "warning"),
                                               ("v6.1", "error")])
def test_level_of_missing_samples(round_, level):
    """Decision 0141: the list of v6.0 came after the deadline."""
    rule = next(rule for rule in all_rules() if rule.id == "ACCU012")
    assert level_in_force(rule, load_round(round_), "closed").label == level


def test_validity_of_the_summary_never_stands_in_for_a_cut_log(tmp_path):
    tree = Tree.demo(tmp_path)
    tree.del_log(run(), "result_validity")
    found, _ = judged(tree, load_round("demo"), rule="PERF002")
    assert [f.found for f in found] == ["no verdict of LoadGen: the run did not end"]


def test_name_of_a_network_system_lost_on_the_second_call(tmp_path):
    """mlcommons/inference_results_v4.0 open/CTuning, *-network_loadgen: in the detail log
    "sut_name" is "Network SUT", in the summary nothing stands behind "SUT name : "."""
    tree = Tree.demo(tmp_path)
    summary = run().replace("detail", "summary")
    tree.set_log(run(), "sut_name", "Network SUT")
    tree.replace(summary, "SUT name : PySUT", "SUT name : ")
    found, _ = judged(tree, load_round("demo"), rule="LGEN019")
    assert [(f.level.label, f.found, f.required) for f in found] == [(
        "warning", 'SUT name : ""',
        '"Network SUT", as sut_name says in line 9 of mlperf_log_detail.txt')]
    tree.replace(summary, "max_async_queries : 1", "max_async_queries : 2")
    found, _ = judged(tree, load_round("demo"), rule="LGEN019")
    assert [(f.level.label, len(f.evidence)) for f in found] == [("error", 1)]


@pytest.mark.parametrize(("round_", "level"), [
    ("v5.1", "error"), ("v6.0", "warning"), ("v6.1", "warning")])
@pytest.mark.parametrize(("rule", "path", "at"), [
    # intel-ai-tce/inference_results_v6.1 closed/Dell
    ("TREE013", "configs/llama2_70b/XE7745_RTXPRO4500_32GBx8/TRTLLM/Server/__pycache__/"
     "server.cpython-312.pyc", "configs/llama2_70b/XE7745_RTXPRO4500_32GBx8/TRTLLM/Server/"
     "__pycache__"),
    ("TREE011", ".pre-commit-config.yaml", ".pre-commit-config.yaml"),
])
def test_leftovers_that_the_modular_checker_does_not_look_for(
    tmp_path, round_, level, rule, path, at
):
    """Decision 0140."""
    tree = Tree(tmp_path).write("closed/Dell/systems/s.json", "{}\n")
    tree.write(f"closed/Dell/{path}", "x")
    found = tree.findings(rule, round=round_)
    assert [(f.level.label, f.location.path) for f in found] == [(level, f"closed/Dell/{at}")]


@pytest.mark.parametrize(("round_", "level"), [
    ("v5.1", "error"), ("v6.0", "warning"), ("v6.1", "warning")])
def test_blank_in_the_name_of_a_submitter(tmp_path, round_, level):
    """mlcommons/inference_results_v6.1 open/Orrick Industries LLC, as published."""
    owner = "open/Orrick Industries LLC"
    tree = Tree(tmp_path).write(f"{owner}/systems/b200_6x.json", "{}\n")
    tree.write(f"{owner}/results/b200_6x/llama3.1-8b/Offline/performance/run_1/"
               "mlperf_log_summary.txt", "x\n")
    found = tree.findings("TREE012", round=round_)
    assert [(f.level.label, f.location.path) for f in found] == [(level, owner)]


@pytest.mark.parametrize(("round_", "folder", "model"), [
    # mlcommons/inference_results_v3.1 open/NeuralMagic/results/nvidia_orin-reference-cpu-*
    ("v3.1", "bert-base-pruned90-none-bert-99", "bert-99"),
    ("v3.1", "mobilebert-none-base-none-bert-99", "bert-99"),
    # mlcommons/inference_results_v3.0 and v2.1 open/NeuralMagic
    ("v3.0", "bert-99.9_obert-mobilebert", "bert-99.9"), ("v3.0", "bert-99_obert-large", "bert-99"),
    ("v2.1", "bert-99_prune-ofa-large", "bert-99"),
    # mlcommons/inference_results_v1.1 open/Krai/results/rpi4coral-fan.on-tflite-v2.5.0-ruy
    ("v1.1", "mobilenet-v3-small_224_1.0_float", "resnet"),
    ("v1.1", "efficientnet-lite2-quantized", "resnet"),
    # ntuhpc/mlperf_inference_results_v5.0 closed/ASUSTeK
    ("v5.0", "llama3_1-405b", "llama3.1-405b"),
    # intel-ai-tce/inference_results_v6.1 closed/Intel
    ("v6.1", "llama3_1-8b", "llama3.1-8b"),
])
def test_published_names_of_models(round_, folder, model):
    assert resolve_model(folder, "open", load_round(round_), {}).model == model


@pytest.mark.parametrize(("round_", "model"), [("v2.1", None), ("v3.0", "bert-99"),
                                               ("v3.1", "bert-99")])
def test_own_names_of_models_are_mapped_since_3_0(tmp_path, round_, model):
    """mlcommons/inference_results_v3.0 open/cTuning/model_mapping.json."""
    tree = Tree(tmp_path).write("open/cTuning/model_mapping.json", (
        '{\n  "bert-base": "bert-99",\n  "huggingface-bert": "bert-99"\n}\n'))
    tree.write("open/cTuning/systems/amd_zen4_workstation.json", "{}\n")
    folders = [f"open/cTuning/results/amd_zen4_workstation/{name}"
               for name in ("bert-base", "huggingface-bert")]
    for folder in folders:
        tree.write(f"{folder}/offline/performance/run_1/mlperf_log_summary.txt", "x\n")
    assert {row.model for row in tree.report(round=round_).results} == {model}
    assert [f.location.path for f in tree.findings("TREE020", round=round_)] == (
        [] if model else folders)


@pytest.mark.parametrize(("round_", "path", "stray"), [
    # mlcommons/inference_results_v0.5 closed/CentaurTechnology, v1.1 closed/LTechKorea, both as
    # the submission rules of those rounds show them
    ("v0.5", "closed/CentaurTechnology/results/compliance_checker_log.txt", False),
    ("v1.1", "closed/LTechKorea/results/submission_checker_log.txt", False),
    ("v1.1", "closed/LTechKorea/results/mlperf_log_detail.txt", True),
])
def test_logs_of_checkers_may_lie_between_the_levels_of_results(tmp_path, round_, path, stray):
    tree = Tree(tmp_path).write(path, "INFO:main:SUMMARY: submission looks OK\n")
    found = tree.findings("TREE006", round=round_)
    assert [f.location.path for f in found] == ([path] if stray else [])


def test_substrings_name_models_that_some_round_has():
    rounds = [load_round(name) for name in round_names()]
    known = {model for round_ in rounds for model in round_.models}
    assert {(round_.name, target) for round_ in rounds
            for _, target in round_.aliases.substrings if target not in known} == set()
