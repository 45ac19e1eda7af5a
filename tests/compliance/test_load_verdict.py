"""The verdict about load times from made-up runs: no stall of a host decides it."""

from types import SimpleNamespace

import pytest

from compliance_tests.records import Verdict
from compliance_tests.runner.campaign import Campaign, Plan

SAMPLES, ANSWER_S = 100, 0.001
QUICK, COMPUTED = 0.0001, SAMPLES * ANSWER_S
"""Seconds of a load that only loads, and of one that computes every answer."""


class Scripted:
    """A session whose runs load as long as a script says: (seconds, seconds without a CPU)."""

    scenario, driven, changes_settings = "Offline", True, True

    def __init__(self, **loads):
        self.loads, self.made = loads, []

    def run(self, spec):
        self.made.append(spec.name)
        seconds, waited = self.loads[spec.name.replace("-", "_")]
        told = {"loads": [(SAMPLES, seconds, waited)], "wall_s": COMPUTED + seconds}
        return SimpleNamespace(spec=spec, told=told, fatal=None)


def judged(**loads):
    """Return (verdict, names of the runs that it took)."""
    session = Scripted(**loads)
    found, = Campaign(session, Plan(("load",), None, 1)).verdicts()
    return found.verdict, session.made


def test_loads_alike_take_one_run_of_each_mode():
    assert judged(accuracy=(QUICK, 0), normal_1=(2 * QUICK, 0)) == (
        Verdict.PASS, ["accuracy", "normal-1"])


@pytest.mark.parametrize("second", [COMPUTED, 3 * COMPUTED])
def test_answers_computed_at_load_fail_after_two_runs(second):
    assert judged(accuracy=(QUICK, 0), normal_1=(COMPUTED, 0), normal_2=(second, 0)) == (
        Verdict.FAIL, ["accuracy", "normal-1", "normal-2"])


def test_a_stalled_performance_run_accuses_nobody():
    verdict, _ = judged(accuracy=(QUICK, 0), normal_1=(COMPUTED, 0), normal_2=(QUICK, 0))
    assert verdict is Verdict.PASS


def test_a_stalled_accuracy_run_hides_nothing():
    verdict, made = judged(accuracy=(COMPUTED, 0), normal_1=(COMPUTED, 0),
                           accuracy_again=(QUICK, 0))
    assert (verdict, made[-1]) == (Verdict.FAIL, "accuracy-again")


def test_long_loads_of_both_modes_pass():
    long = (COMPUTED, 0)
    verdict, _ = judged(accuracy=long, normal_1=long, accuracy_again=long)
    assert verdict is Verdict.PASS


def test_time_without_a_cpu_is_the_hosts():
    stalled = (COMPUTED + QUICK, COMPUTED)
    assert judged(accuracy=stalled, normal_1=stalled) == (
        Verdict.PASS, ["accuracy", "normal-1"])
    verdict, _ = judged(accuracy=stalled, normal_1=(COMPUTED, 0), normal_2=(COMPUTED, 0))
    assert verdict is Verdict.FAIL
