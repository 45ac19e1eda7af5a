"""Each audit re-judged as a whole, without the rules engine."""

import pytest

from compliance_tests import registry, settings, texts
from compliance_tests.records import Case, Verdict
from submission_checker.rounds.loader import load_round, round_names
from tests.compliance.building import audit, result, seeds, text
from tests.compliance.building import settings as log_settings

SAMPLED = {
    "effective_accuracy_log_rng_seed": 720381539243781796,
    "effective_accuracy_log_sampling_target": 4096,
}
COUNTERS = ("num_acc_log_entries = 50000\nnum_perf_log_entries = 4000\n"
            "num_perf_log_qsl_idx_match = 4000\nnum_perf_log_data_mismatch = {wrong}\nTEST PASS\n")


def case_of(subject, test, round_name="v5.1"):
    round_ = load_round(round_name)
    return Case(subject.audits[test], round_.audits[test], round_, round_.models[subject.model],
                subject.scenario, subject.performance, subject.accuracy, subject.audits)


def sampled(rate=1000.0, wrong=0, **values):
    own = log_settings("Offline", result_samples_per_second=rate) | SAMPLED | values
    item = audit("TEST01", values=own, texts={
        "verify_accuracy.txt": COUNTERS.format(wrong=wrong),
        "verify_performance.txt": "reference score = 1000.0\ntest score = 1000.0\nTEST PASS",
    })
    subject = result(audits=[item], detail_values={"result_samples_per_second": 1000.0})
    return registry.verify(case_of(subject, "TEST01"))


def test_sampled_audit_passes_with_all_its_parts():
    found = sampled()
    assert found.verdict is Verdict.PASS
    assert [check.verdict for check in found.texts] == [Verdict.PASS, Verdict.PASS]
    assert (found.speed[0].ratio, found.speed[0].least, found.speed[0].most) == (1.0, 900.0, 1100.0)
    assert [score.agrees for score in found.scores] == [True, True]
    assert {check.setting for check in found.settings} == {
        "mode", "accuracy_log_rng_seed", "accuracy_log_sampling_target",
    }


@pytest.mark.parametrize("change", [
    {"rate": 1200.0}, {"wrong": 1}, {"effective_accuracy_log_sampling_target": 0},
    {"effective_test_mode": "AccuracyOnly"},
])
def test_sampled_audit_fails_with_one_part(change):
    assert sampled(**change).verdict is Verdict.FAIL


def test_audit_without_logs_decides_nothing():
    subject = result(audits=[audit("TEST04")])
    assert registry.verify(case_of(subject, "TEST04")).verdict is Verdict.UNDECIDED


def test_seeds_are_part_of_test05():
    def verdict(own):
        item = audit("TEST05", values=log_settings(
            "Offline", "v4.1", result_samples_per_second=1000.0) | own)
        subject = result(audits=[item], round_name="v4.1",
                         detail_values={"result_samples_per_second": 1000.0})
        return registry.verify(case_of(subject, "TEST05", "v4.1")).verdict

    assert verdict(seeds("v4.1", "TEST05")) is Verdict.PASS
    assert verdict({}) is Verdict.FAIL


def test_unknown_test_is_not_verified():
    subject = result(audits=[audit("TEST04-B")], round_name="v2.0")
    assert registry.verify(case_of(subject, "TEST04-B", "v2.0")) is None


def test_every_audit_of_every_round_has_a_module():
    judged_with_a = {"TEST04-B"}
    for name in round_names():
        assert set(load_round(name).audits) - judged_with_a <= set(registry.VERIFY), name


def test_models_find_the_settings_of_their_audits():
    without = set()
    for name in round_names():
        round_ = load_round(name)
        for model in round_.models.values():
            for test in model.required_audits:
                spec = round_.audits[test]
                subject = result(model.name, round_name=name, audits=[audit(test)])
                case = Case(subject.audits[test], spec, round_, model, "Offline", (), None, {})
                if spec.settings and not settings.wanted(case):
                    without.add((name, model.name, test))
    assert without == {("v5.0", "rgat", "TEST01"), ("v5.0", "pointpainting", "TEST01")}


def test_lines_of_a_model_are_not_applied_by_loadgen():
    subject = result("stable-diffusion-xl", audits=[audit("TEST04")])
    case = case_of(subject, "TEST04")
    assert "min_query_count" not in settings.wanted(case)
    assert settings.of_model(case) == {"min_query_count": 500}
    assert settings.shortened(case)
    assert not settings.shortened(case_of(result(audits=[audit("TEST04")]), "TEST04"))


@pytest.mark.parametrize(("line", "value", "step"), [
    ("reference score = 28.70", 28.7, 0.005),
    ("Reference score = 660.7", 660.7, 0.05),
    ("  reference score : 1.2e+06", 1.2e6, 5e4),
    ("reference score = 77012", 77012.0, 0.5),
    ("reference score = 1e999", 1.0, 0.5),
])
def test_numbers_are_read_with_their_precision(line, value, step):
    found = texts.quoted(text("a/b.txt", f"x\n{line} and more"), ("reference score",))
    assert (found.value, found.at.line) == (value, 2)
    assert found.step == pytest.approx(step)


@pytest.mark.parametrize("line", [
    "reference score", "reference score = ", "no reference score = 1",
])
def test_lines_without_the_number_are_passed_over(line):
    assert texts.quoted(text("a/b.txt", line), ("reference score",)) is None
