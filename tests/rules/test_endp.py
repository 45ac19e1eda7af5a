"""Every rule of the endpoints harness: a made submission passes, a broken copy fails exactly."""


import pytest

from fixtures.builder import Tree
from fixtures.endpoints import LOADGEN_MODEL, ROUND, make_endpoints
from submission_checker.check import Options, check
from submission_checker.model.report import Verdict
from submission_checker.rules.registry import all_rules
from tests.rules.cases_endp import CASES, OFFLINE, ONLINE, SCORES, SUMMARY

RULES = sorted(rule.id for rule in all_rules() if rule.id.startswith("ENDP"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_endpoints(tmp_path_factory.mktemp("endpoints") / "submission")


@pytest.fixture(scope="module")
def sound(made):
    return check(str(made.root), options=Options(jobs=1))


def test_sound_submission_is_valid_and_mixed_with_a_loadgen_result(sound):
    assert sound.round == ROUND
    assert {row.verdict for row in sound.results} == {Verdict.VALID}
    assert len(sound.results) == 8
    counts = {count.id: count for count in sound.rules}
    endpoints = [rule for rule in RULES if counts[rule].failed]
    assert endpoints == ["ENDP006", "ENDP007"]  # the own ruleset of one model, as warnings
    assert all(counts[rule].passed for rule in RULES)
    assert {f.level.label for f in sound.findings} <= {"warning", "info"}
    assert counts["PERF009"].passed == 1
    assert dict(counts["PERF009"].skip_reasons) == {
        "the result was measured with another harness, which writes no log of LoadGen": 7}
    assert dict(counts["ENDP007"].skip_reasons) == {"the result was measured with LoadGen": 1}


def test_numbers_have_units_and_derivations(sound):
    rows = {(row.model, row.scenario): row for row in sound.results}
    one = rows["gpt-oss-120b", "Interactive"]
    assert (one.result.printed, one.result.unit) == ("3027.44", "Tokens/s")
    assert [(s.path, s.key, s.value) for s in one.derivation] == [
        (f"{ONLINE}/{SUMMARY}", "tps", "3027.44")]
    assert [(a.metric, a.value, a.required, a.unit) for a in one.accuracy] == [
        ("exact_match", pytest.approx(83.0), ">= 82.2987", "%")]
    assert [(a.path, a.lower, a.upper) for a in one.accuracy] == [
        (f"{ONLINE}/{SCORES}", 82.2987, None)]
    video = rows["wan-2.2-t2v-a14b", "SingleStream"]
    assert video.result.unit == "s"
    assert [s.key for s in video.derivation] == ["latency.avg", "result"]
    assert video.result.value * 1e9 == pytest.approx(float(video.derivation[0].value))
    agent = rows["qwen3.6-27b", "SingleStream"]
    assert agent.result.unit == "ms"
    assert [(a.metric, a.value) for a in agent.accuracy] == [
        ("overall_accuracy", 86.0), ("normalized_single_turn_score", 87.5)]
    assert rows["qwen3-vl-235b-a22b", "Server"].accuracy[0].value == 0.79
    assert rows[LOADGEN_MODEL, "Offline"].derivation[0].key == "result_samples_per_second"


def test_every_rule_has_a_case():
    assert sorted(CASES) == RULES


@pytest.fixture
def tree(made, tmp_path):
    Tree(tmp_path).copy(str(made.root), "submission")
    return Tree(tmp_path / "submission")


def of_rule(tree, rule):
    report = tree.report(round=ROUND)
    assert not report.crashed
    return [(f.level.label, f.location.line, f.found) for f in report.findings if f.rule == rule]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9))


@pytest.mark.parametrize(("text", "line", "said"), [
    (BOMB, 6, "more than 100000 values, each alias counted with what it stands for"),
    ("a: &a [*a]\n", 1, "alias a stands inside of what it names"),
    ("a: " + "[" * 200, 1, "nested more than 50 deep"),
    ("#" * (1 << 20) + "\na: 1\n", None, "1048582 bytes of YAML, more than 1048576 are not read"),
    ("a: !!python/object/apply:os.system [ls]\n", 1,
     "tag tag:yaml.org,2002:python/object/apply:os.system, which names no plain value"),
    ("a: [1\nb: 2\n", 2, "expected ',' or ']', but got ':'"),
    ("a: 1\n---\nb: 1\n", 2, "more than one YAML document"),
    ("", 1, "no YAML mapping"),
], ids=["bomb", "loop", "deep", "huge", "object", "syntax", "two", "empty"])
def test_hostile_configuration_is_one_finding(tree, text, line, said):
    tree.write(f"{ONLINE}/config.yaml", text)
    assert of_rule(tree, "ENDP003") == [("error", line, said)]


@pytest.mark.parametrize(("text", "said"), [
    ('{"a": ' * 200, "nested more than 100 deep"),
    ("", "Expecting value (column 1)"),
], ids=["deep", "empty"])
def test_hostile_summary_is_one_finding(tree, text, said):
    tree.write(f"{ONLINE}/{SUMMARY}", text)
    found = of_rule(tree, "ENDP003")
    assert [(level, words) for level, _, words in found] == [("error", said)]


def test_summary_that_is_too_large_to_be_read_is_said_once(tree):
    tree.write(f"{ONLINE}/{SUMMARY}", '{"a": "' + "x" * (9 << 20) + '"}')
    report = tree.report(round=ROUND)
    errors = [f for f in report.findings if f.level.label == "error"]
    assert [(f.rule, f.location.path) for f in errors] == [
        ("INPUT001", f"{ONLINE}/{SUMMARY}"), ("TREE023", ONLINE.rpartition("/")[0])]
    assert "8388608" in errors[0].found


def test_numbers_that_are_none_are_found(tree):
    text = tree.text(f"{OFFLINE}/{SUMMARY}")
    tree.write(f"{OFFLINE}/{SUMMARY}", text.replace('"qps": ', '"qps": NaN, "old_qps": ').replace(
        '"n_samples_failed": 0', '"n_samples_failed": 1e400'))
    assert sorted(words for _, _, words in of_rule(tree, "ENDP003")) == [
        "1e400 is no finite number", "NaN is no finite number"]


def test_percentile_keys_of_both_spellings_are_one(tree):
    def rename(data):
        for name in ("ttft", "tpot"):
            table = data[name]["early_stopping_percentiles"]
            table["99"] = table.pop("99.0")

    tree.edit_json(f"{ONLINE}/{SUMMARY}", rename)
    assert of_rule(tree, "ENDP009") == of_rule(tree, "ENDP003") == []
    tree.edit_json(f"{ONLINE}/{SUMMARY}",
                   lambda data: data["tpot"]["early_stopping_percentiles"].update({"99.0": 1.0}))
    assert [words.partition(",")[0] for _, _, words in of_rule(tree, "ENDP003")] == [
        "99.0 is '1.0'"]


def test_scores_that_are_null_or_in_words(tree):
    tree.set_pointer(f"{OFFLINE}/{SCORES}", "/accuracy_scores", [
        {"dataset_name": "aime25", "score": None}, None, {"score": ["x"]}, 7])
    said = [words for _, _, words in of_rule(tree, "ENDP003")]
    assert said == ["1 is 'None', not an object", "3 is '7', not an object"]


def test_percent_and_fraction_are_one_scale(tree, sound):
    def percent(data):
        data["average_accuracy"] *= 100
        for score in data["accuracy_scores"]:
            score["score"] *= 100

    tree.edit_json(f"{OFFLINE}/{SCORES}", percent)
    report = tree.report(round=ROUND)
    values = {row.location: row.accuracy[0].value for row in report.results if row.accuracy}
    assert values[OFFLINE] == pytest.approx(83.0)
    assert [f.rule for f in report.findings] == [f.rule for f in sound.findings]


def test_one_missing_loadgen_log_is_no_endpoints_result(tree):
    folder = OFFLINE.replace("gpt-oss-120b", LOADGEN_MODEL)
    tree.delete(f"{folder}/performance/run_1/mlperf_log_detail.txt")
    report = tree.report(round=ROUND)
    errors = [(f.rule, f.location.path) for f in report.findings if f.level.label == "error"]
    assert errors == [
        ("TREE023", folder.rpartition("/")[0]),
        ("TREE028", f"{folder}/performance/run_1/mlperf_log_detail.txt")]


def test_empty_endpoints_result_names_each_file_once(tree):
    for name in ("performance", "accuracy"):
        tree.delete(f"{ONLINE}/{name}")
    report = tree.report(round=ROUND)
    errors = [(f.rule, f.location.path) for f in report.findings if f.level.label == "error"]
    assert errors == [("ENDP003", f"{ONLINE}/{SCORES}"), ("ENDP003", f"{ONLINE}/{SUMMARY}"),
                      ("TREE023", ONLINE.rpartition("/")[0])]
    row = next(row for row in report.results if row.location == ONLINE)
    assert (row.verdict, row.result) == (Verdict.INCOMPLETE, None)


def test_folder_online_is_no_scenario(tree):
    tree.rename(ONLINE, ONLINE.replace("Interactive", "online"))
    report = tree.report(round=ROUND)
    row = next(row for row in report.results if row.location.endswith("/online"))
    assert row.verdict is Verdict.NOT_JUDGED
    assert "TREE025" in {f.rule for f in report.findings}


def test_open_division_needs_no_audits_and_no_targets(tree):
    tree.rename("closed", "open")
    for system in tree.path("open/ExampleOrg/systems").iterdir():
        tree.set_json(f"open/ExampleOrg/systems/{system.name}", "division", "open")
    base = OFFLINE.replace("closed", "open").replace("gpt-oss-120b", "wan-2.2-t2v-a14b")
    tree.delete(f"{base}/audit")
    tree.set_pointer(f"{base}/{SCORES}", "/accuracy_scores/0/score", 0.1)
    report = tree.report(round=ROUND)
    found = [(f.rule, f.level.label) for f in report.findings if f.rule.startswith("ENDP01")]
    assert found == [("ENDP013", "info")]
    assert next(r for r in report.results if r.location == base).verdict is Verdict.VALID
