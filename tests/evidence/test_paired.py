"""Paired comparisons: intervals against known values, decisions, error rates by simulation."""

import math
import random

import pytest

from submission_checker.evidence.paired import (
    GROSS,
    Decision,
    compare,
    compare_gross,
    sign_interval,
)

T = math.log(1.1)


@pytest.mark.parametrize(("count", "place", "confidence"), [
    (6, 1, 0.96875), (8, 1, 0.9921875), (12, 3, 0.96142578125), (20, 5, 0.9881820678710938),
])
def test_sign_interval_is_that_of_the_tables(count, place, confidence):
    values = random.Random(1).sample(range(100), count)
    low, high, sure = sign_interval(values)
    ordered = sorted(values)
    assert (low, high) == (ordered[place - 1], ordered[-place])
    assert sure == pytest.approx(confidence)


def test_quiet_host_decides_in_few_pairs():
    found = compare([0.001, -0.002, 0.0015], T)
    assert found.decision is Decision.WITHIN
    assert found.low < 0.0005 < found.high < T
    assert found.more_pairs is None
    assert compare([0.201, 0.199, 0.200], T).decision is Decision.BEYOND


def test_noise_is_named_with_the_pairs_that_settle_it():
    found = compare([0.3, -0.35, 0.1, -0.2], T)
    assert found.decision is Decision.UNDECIDED
    assert found.spread == pytest.approx(0.2926, abs=1e-3)
    assert found.more_pairs == 31  # (2.326 * 1.2533 * 0.2926 / 0.1453)^2 = 35 in all
    assert found.achievable == pytest.approx(math.expm1(2 * 2.326348 * 0.2926 / 2), rel=1e-3)


def test_one_pair_decides_nothing_against_a_threshold():
    assert compare([0.0], T).decision is Decision.UNDECIDED
    assert compare([9.0], T).decision is Decision.UNDECIDED


def test_two_gross_pairs_decide_whatever_the_noise():
    found = compare([GROSS + 0.1, 6.0], T)
    assert (found.decision, found.gross) == (Decision.BEYOND, True)
    assert compare([GROSS - 0.1, 6.0], T).decision is Decision.UNDECIDED


@pytest.mark.parametrize(("ratios", "decision"), [
    ([0.9], Decision.WITHIN), ([-0.9, 1.5], Decision.WITHIN), ([1.7], Decision.UNDECIDED),
    ([1.7, 1.7], Decision.BEYOND), ([1.7, 1.5], Decision.UNDECIDED),
    ([1.7, 1.5, 1.7], Decision.BEYOND), ([1.7, 1.5, 1.5], Decision.WITHIN),
])
def test_gross_comparison(ratios, decision):
    assert compare_gross(ratios).decision is decision


@pytest.mark.parametrize("wrong", [[], [math.nan], [0.1, math.inf]])
def test_no_pair_or_no_number_is_refused(wrong):
    with pytest.raises(ValueError, match="finite ratios"):
        compare(wrong, T)


@pytest.mark.parametrize("noise", [0.02, 0.05, 0.2, 0.5])
def test_sequential_errors_stay_small(noise):
    """Stopping at the first decision: honest ones fail, and 20 % cheats pass, rarely."""
    rng = random.Random(7)

    def outcome(truth):
        ratios = []
        for _ in range(12):
            ratios.append(rng.gauss(truth, noise))
            if (found := compare(ratios, T).decision) is not Decision.UNDECIDED:
                return found
        return Decision.UNDECIDED

    runs = 400
    false_alarms = sum(outcome(0.0) is Decision.BEYOND for _ in range(runs))
    missed = sum(outcome(math.log(1.21)) is Decision.WITHIN for _ in range(runs))
    assert false_alarms <= 0.03 * runs
    assert missed <= 0.03 * runs
