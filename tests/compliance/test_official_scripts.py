"""Official verdicts that need the accuracy script or float answers: TEST07, TEST08, TEST01."""

import json
import shlex
import sys

import numpy as np
import pytest

from compliance_tests import entropy
from compliance_tests.records import Verdict
from compliance_tests.runner import accuracy_script, baseline, official, specs
from compliance_tests.runner.accuracy_script import AccuracyScript
from compliance_tests.runner.problems import Refused
from compliance_tests.runner.proof import prove
from compliance_tests.runner.session import Done
from submission_checker.rounds.loader import load_round
from tests.compliance.building import run, settings

ROUND = load_round("v6.0")
SAMPLED = {"effective_accuracy_log_rng_seed": 720381539243781796}
TOKENS = "0A00000002000000"


def log(path, entries):
    """Write an accuracy log of (sample, hex digits)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f'{{ "seq_id" : {seq}, "qsl_idx" : {index}, "data" : "{data}" }}'
             for seq, (index, data) in enumerate(entries)]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    return path


def judged(folder, model, test, entries, *, accuracy=None, script=None, **in_force):
    """Judge a run whose logs were made up."""
    target = specs.Target(ROUND, ROUND.models[model], "Offline")
    logs = log(folder / test / "logs/mlperf_log_accuracy.json", entries).parent
    if accuracy is not None:
        log(folder / "result/accuracy/mlperf_log_accuracy.json", accuracy)
    values = settings("Offline", "v6.0", audit=True) | SAMPLED | in_force
    spec = specs.official(target, test, in_process=False, about_s=None)
    done = Done(spec, logs, run(str(logs), **values), {}, (), 1.0, 1.0)
    reference = official.Reference(folder / "result", (), None)
    return official.judge(target, test, {test: done}, reference, script)


def printing(text):
    """Return an accuracy script that prints a text and the name of its log."""
    code = f"import sys; print({text!r}); print(sys.argv[1])"
    return AccuracyScript(shlex.join([sys.executable, "-c", code, "{accuracy_log}"]))


# TEST07


FULL = [(n, TOKENS) for n in range(990)]


def full_set(folder, entries=FULL, **more):
    return judged(folder, "gpt-oss-120b", "TEST07", entries, **{
        "effective_accuracy_log_sampling_target": 990, "effective_min_query_count": 990,
        "effective_min_duration_ms": 0, "effective_performance_issue_unique": True,
        "effective_sample_concatenate_permutation": False} | more)


@pytest.mark.parametrize(("score", "verdict"), [
    ("62.15", Verdict.PASS), ("60.698", Verdict.PASS), ("60.697", Verdict.FAIL),
])
def test_score_of_the_full_set_decides(tmp_path, score, verdict):
    found = full_set(tmp_path, script=printing(f"{{'exact_match': {score}}}"))
    assert found.verdict is verdict, found.why
    text = found.texts["verify_accuracy.txt"]
    assert f"Accuracy score: {score}\nAccuracy threshold: 60.698\n" in text
    assert text.endswith(f"TEST {verdict.value.upper()}\n")
    assert found.numbers["score"] == {"logged": 990, "threshold": 60.698, "score": float(score)}


def test_a_score_that_the_script_prints_before_does_not_count(tmp_path):
    found = full_set(tmp_path, script=printing("Accuracy score: 99\n{'exact_match': 50.0}"))
    assert found.verdict is Verdict.FAIL


def test_two_scores_decide_nothing(tmp_path):
    found = full_set(tmp_path, script=printing("{'exact_match': 99.0}\n{'exact_match': 50.0}"))
    assert (found.verdict, found.texts) == (Verdict.UNDECIDED, {})
    assert "must print one exact_match; printed: 99.0, 50.0" in found.why


def test_without_script_the_command_is_named(tmp_path):
    found = full_set(tmp_path)
    assert (found.verdict, found.texts) == (Verdict.UNDECIDED, {})
    assert "at least 60.698" in found.why and "--accuracy-command" in found.why


def test_a_part_of_the_set_decides_nothing(tmp_path):
    found = full_set(tmp_path, FULL[:-1], script=printing("{'exact_match': 70.0}"))
    assert "989 answers are logged of the 990" in found.why
    assert found.verdict is Verdict.UNDECIDED


def test_settings_that_were_not_in_force_fail(tmp_path):
    found = full_set(tmp_path, script=printing("{'exact_match': 70.0}"),
                     effective_performance_issue_unique=False)
    assert found.verdict is Verdict.FAIL


def test_a_script_that_fails_is_told(tmp_path):
    with pytest.raises(Refused, match="ended with 3: no data"):
        full_set(tmp_path, script=AccuracyScript(shlex.join(
            [sys.executable, "-c", "import sys; print('no data', file=sys.stderr); sys.exit(3)"])))


def test_the_full_set_is_another_data_set_than_the_results(tmp_path):
    target = specs.Target(ROUND, ROUND.models["gpt-oss-120b"], "Offline")
    for name in ("mlperf_log_detail.txt", "mlperf_log_summary.txt"):
        (tmp_path / name).write_text("x")
    mine, usual = (run(str(tmp_path), **settings("Offline", "v6.0"), num_errors=0,
                       qsl_reported_total_count=count) for count in (990, 6396))
    for test, others in (("TEST07", False), ("TEST09", True)):
        expected = specs.official(target, test, in_process=False, about_s=None).expected
        said = " ".join(map(str, prove(mine, tmp_path, expected, usual)))
        assert ("qsl_reported_total_count is 990, in the result 6396" in said) is others


# TEST08


def floats(*values):
    return np.array(values, "<f4").tobytes().hex().upper()


def made(rng, count, keys, change=lambda key, predictions: predictions):
    """Return the entries of an accuracy run and of an audit run."""
    accuracy, audit = [], []
    for number, key in enumerate(keys):
        predictions = rng.uniform(0.05, 0.95, count)
        labels = np.r_[1.0, rng.integers(0, 2, count - 2), 0.0]
        weights = rng.uniform(0.5, 2, count)
        accuracy.append((number, floats(*key, *predictions, *labels, *weights, count)))
        audit.append((number, floats(*key, *change(key, predictions))))
    return accuracy, audit[::3]


def entropies(folder, change=lambda key, predictions: predictions, edit=lambda *logs: None,
              **more):
    keys = [(n // 7, n) for n in range(60)]
    accuracy, audit = made(np.random.default_rng(5), 16, keys, change)
    edit(accuracy, audit)
    return judged(folder, "dlrm-v3", "TEST08", audit, accuracy=accuracy,
                  effective_accuracy_log_sampling_target=4096, **more)


def some(factor):
    """Return a change of the predictions of the answers to even queries."""
    return lambda key, predictions: predictions * (1 if key[1] % 2 else factor)


@pytest.mark.parametrize(("factor", "wrong"), [(1, 0), (1.0001, 0), (0.99, 10), (np.nan, 10)])
def test_entropy_of_predictions_decides(tmp_path, factor, wrong):
    found = entropies(tmp_path, some(factor))
    assert found.verdict is (Verdict.FAIL if wrong else Verdict.PASS), found.why
    text = found.texts["verify_accuracy.txt"]
    assert "num_acc_log_entries = 60\nnum_perf_log_entries = 20\nnum_matched = 20\n" in text
    assert f"num_unmatched = 0\nnum_ne_mismatch = {wrong}\ntolerance = 0.10%\n" in text
    assert f"\nTEST {found.verdict.value.upper()}\n" in text
    assert found.numbers["predictions"]["differing"] == wrong


def test_answer_of_a_question_that_the_accuracy_run_lacks_fails(tmp_path):
    found = entropies(tmp_path, edit=lambda accuracy, audit: accuracy.pop(3))
    assert found.verdict is Verdict.FAIL
    assert "num_unmatched = 1\n" in found.texts["verify_accuracy.txt"]


def test_answers_of_another_number_of_candidates_fail(tmp_path):
    found = entropies(tmp_path, lambda key, predictions: predictions[:8])
    assert found.numbers["predictions"]["differing"] == 20


@pytest.mark.parametrize("broken", ["00", "0000803F", floats(np.nan, 1, 1), floats(1, 2, 1, 5)])
def test_answers_that_cannot_be_read_decide_nothing(tmp_path, broken):
    found = entropies(tmp_path, edit=lambda accuracy, audit: accuracy.append((99, broken)))
    assert (found.verdict, found.texts) == (Verdict.UNDECIDED, {})
    assert "1 answers of the accuracy log cannot be read" in found.why


def test_no_answer_decides_nothing(tmp_path):
    found = entropies(tmp_path, edit=lambda accuracy, audit: audit.clear())
    assert found.verdict is Verdict.UNDECIDED


def test_a_cut_accuracy_log_decides_nothing():
    _, audit = made(np.random.default_rng(1), 4, [(0, n) for n in range(9)])
    text = json.dumps([{"seq_id": n, "qsl_idx": n, "data": data} for n, data in audit],
                      indent=0).replace(',\n"', ', "').replace("{\n", "{")
    found = entropy.compare([text.encode()], [b"[\n"], 0.001)
    assert (found.audit_entries, found.verdict) == (3, Verdict.UNDECIDED)
    assert found.problems == ("the accuracy log is no whole JSON array",)


def test_entropy_is_that_of_its_formula():
    labels, weights = np.array([1, 0], np.float32), np.array([1, 3], np.float32)
    guess = np.array([0.5, 0.25], np.float32)
    cross = -(np.log(0.5) + 3 * np.log(0.75))
    usual = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75)) * 4
    found = entropy.normalised_entropy(guess, labels, weights)
    assert found == pytest.approx(cross / usual, rel=1e-4)
    assert entropy.normalised_entropy(guess, labels, np.zeros(2, np.float32)) == 0


@pytest.mark.parametrize("size", [7, 100, 5000])
def test_blocks_of_any_size_give_the_same(tmp_path, size):
    accuracy, audit = made(np.random.default_rng(2), 5, [(0, n) for n in range(40)],
                           some(0.9))
    one = log(tmp_path / "one", audit).read_bytes()
    two = log(tmp_path / "two", accuracy).read_bytes()
    found = entropy.compare((one[at : at + size] for at in range(0, len(one), size)),
                            (two[at : at + size] for at in range(0, len(two), size)), 0.001)
    assert found == entropy.compare([one], [two], 0.001)
    assert (found.matched, found.differing, found.problems) == (14, 7, ())


# TEST01 where answers vary


ACCURACY = [(n, f"{n:08X}") for n in (5, 3, 9, 1, 7)]
AUDIT = [(9, "00000000"), (3, "00000003"), (9, "00000009")]


def sampled(folder, script):
    return judged(folder, "resnet", "TEST01", AUDIT, accuracy=ACCURACY, script=script,
                  effective_accuracy_log_sampling_target=4096)


def answers_part(found):
    """Return what is said about answers; there is no speed in these logs."""
    return found.why.partition("; ")[2]


def test_the_accuracy_runs_answers_to_the_samples_become_a_log(tmp_path):
    found = sampled(tmp_path, None)
    part = tmp_path / "TEST01" / baseline.NAME
    assert [(e["qsl_idx"], e["data"]) for e in json.loads(part.read_text())] == [
        (3, "00000003"), (9, "00000009")]
    assert found.verdict is Verdict.FAIL
    said = answers_part(found)
    assert "1 of 3 sampled answers differ" in said and str(part) in said
    assert "accuracy/baseline_accuracy.txt and accuracy/compliance_accuracy.txt" in said
    assert set(found.texts) == {"verify_accuracy.txt"}


@pytest.mark.parametrize("size", [1, 2, 3, 40, 64])
def test_the_baseline_is_the_same_however_it_is_read(tmp_path, size, monkeypatch):
    monkeypatch.setattr(baseline, "PIECE", 60 + size)
    monkeypatch.setattr(baseline, "HEADER_BYTES", 60)
    long = [(n, f"{n:04X}" * 50) for n in range(20)]
    accuracy = log(tmp_path / "accuracy.json", long)
    audit = log(tmp_path / "audit.json", [(n, "00") for n in (19, 4, 0)])
    assert baseline.write(audit, accuracy, tmp_path / "out") == 3
    assert [(e["qsl_idx"], e["data"]) for e in json.loads((tmp_path / "out").read_text())] == [
        long[0], long[4], long[19]]


def test_no_common_sample_gives_an_empty_log(tmp_path):
    one, two = log(tmp_path / "1", [(1, "00")]), log(tmp_path / "2", [(2, "00")])
    assert baseline.write(one, two, tmp_path / "out") == 0
    assert json.loads((tmp_path / "out").read_text()) == []


def scoring(folder, first, second):
    """Return an accuracy script that gives the baseline one score and the audit another."""
    code = (f"import sys; print('accuracy=%s%%, good=1, total=2' % "
            f"({first} if 'baseline' in sys.argv[1] else {second}))")
    return AccuracyScript(shlex.join([sys.executable, "-c", code, "{log}"]))


@pytest.mark.parametrize(("second", "verdict", "delta"), [
    (76.0, Verdict.PASS, 0), (75.5, Verdict.PASS, 0.66), (75.0, Verdict.FAIL, 1.33),
    (0.0, Verdict.FAIL, None),
])
def test_quality_decides_where_answers_vary(tmp_path, second, verdict, delta):
    found = sampled(tmp_path, scoring(tmp_path, 76.0, second))
    quality, = found.numbers["quality"]
    assert quality["delta_percent"] == (None if delta is None else pytest.approx(delta, abs=0.01))
    assert (f"acc 76.0 and {second} on the sampled answers, allowed 1 %" in found.why) is (
        verdict is Verdict.FAIL)
    assert ("sampled answers differ" in found.why) is (verdict is Verdict.FAIL)
    assert found.texts["verify_accuracy.txt"].endswith("TEST FAIL\n")
    assert found.texts["accuracy/baseline_accuracy.txt"].startswith("accuracy=76.0%")
    assert found.texts["accuracy/compliance_accuracy.txt"].startswith(f"accuracy={second}%")


def test_script_without_the_metric_decides_nothing(tmp_path):
    found = sampled(tmp_path, printing("nothing"))
    assert found.verdict is Verdict.UNDECIDED
    assert "acc None and None" in found.why


def test_round_that_knows_no_varying_answers(tmp_path):
    round_ = load_round("v0.5")
    model = next(model for model in round_.models.values() if "TEST01" in model.required_audits)
    case = specs.Target(round_, model, "Offline").case("TEST01")
    assert accuracy_script.varying(case, tmp_path / "a/b", tmp_path / "c", None) is None
