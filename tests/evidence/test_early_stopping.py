"""Early stopping: LoadGen's own numbers, an independent library, and what must hold always."""

import math
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from submission_checker.evidence import early_stopping as es
from submission_checker.evidence.binomial import LARGEST_PERCENTILE, log_lower_tail, stirling_error
from tests.evidence.support import vectors

PERCENTILES = st.sampled_from((0.9, 0.95, 0.97, 0.99, 0.999))


@pytest.mark.parametrize(("percentile", "over", "least"), vectors()["least_under"])
def test_min_under_equals_loadgen(percentile, over, least):
    assert es.min_under(over, percentile) == least


@pytest.mark.parametrize(("percentile", "queries", "most"), vectors()["tolerated"])
def test_tolerated_equals_loadgen(percentile, queries, most):
    found = es.tolerated(queries, percentile)
    assert found == most if queries < 10**13 else math.isclose(found, most, rel_tol=1e-14)


@pytest.mark.parametrize(("percentile", "trials", "over", "expected"), vectors()["log_tails"])
def test_tail_equals_an_independent_library(percentile, trials, over, expected):
    found = log_lower_tail(over, trials, percentile)
    if found == 0.0:
        assert expected > math.log(0.05)
    else:
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_stirling_error_joins_its_two_forms():
    assert stirling_error(16) == pytest.approx(1 / (12 * 16) - 1 / (360 * 16**3), abs=1e-9)
    assert stirling_error(17) < stirling_error(16) < stirling_error(15)


@given(PERCENTILES, st.integers(0, 10**18), st.integers(0, 10**18))
def test_passes_never_returns_with_more_over_the_target(percentile, queries, over):
    if es.passes(queries, over, percentile) and over:
        assert es.passes(queries, over - 1, percentile)
        assert queries == 10**18 or es.passes(queries + 1, over, percentile)


@given(PERCENTILES, st.integers(0, 10**9))
def test_min_under_is_the_least_that_passes(percentile, over):
    under = es.min_under(over, percentile)
    assert es.passes(under + over, over, percentile)
    assert not es.passes(under + over - 1, over, percentile)


@given(PERCENTILES, st.integers(1, 10**9))
def test_tolerated_is_the_most_that_passes(percentile, queries):
    most = es.tolerated(queries, percentile)
    assert not es.passes(queries, most + 1, percentile)
    assert most == 0 or es.passes(queries, most, percentile)


@given(PERCENTILES, st.integers(1, 10**12))
def test_tolerated_and_min_total_are_inverse(percentile, queries):
    most = es.tolerated(queries, percentile)
    if most:
        assert es.min_total(most, percentile) <= queries < es.min_total(most + 1, percentile)


@given(st.floats(1e-300, LARGEST_PERCENTILE), st.integers(0, 10**18), st.integers(0, 10**18))
@example(LARGEST_PERCENTILE, 0, 1_584_361_243_196_508)
@example(LARGEST_PERCENTILE, 10**18, 10**18)
@example(0.9999927128925556, 47, 241_944_237_236_851)
@example(1e-300, 10**18, 10**18 - 1)
def test_any_numbers_end_in_a_decision(percentile, queries, over):
    decision = es.decide_server(queries, over, percentile)
    assert decision.met == (decision.more == 0)
    stream = es.decide_stream(queries, percentile)
    assert stream.met == (queries >= stream.needed)


@pytest.mark.parametrize(("queries", "over"), [(2048, 969), (2048, 134), (64, 16)])
def test_many_over_the_target_do_not_pass(queries, over):
    assert not es.passes(queries, over, 0.99)


def test_decide_server_names_what_is_missing():
    assert es.decide_server(64, 0, 0.99) == es.ServerDecision(False, 64, 0, 459, 395)
    assert es.decide_server(459, 0, 0.99).met
    assert es.decide_server(95_998_500, 5_278_006, 0.99).more == 432_334_120


def test_decide_stream_at_its_minimum():
    assert es.decide_stream(63, 0.9) == es.StreamDecision(False, 63, 64, 0, None, None)
    assert es.decide_stream(64, 0.9) == es.StreamDecision(True, 64, 64, 1, 0, 63)
    assert es.decide_stream(662, 0.99).estimate_index == 661


def test_decide_tokens_leaves_open_what_bounds_leave_open():
    assert es.decide_tokens(100_000, 0, 100_000, 0.99).allows(True)
    open_both = es.decide_tokens(100_000, 0, 100_000, 0.99)
    assert open_both.may_pass and open_both.may_fail
    assert not es.decide_tokens(100_000, 0, 10, 0.99).allows(False)
    assert not es.decide_tokens(100_000, 5_000, 9_000, 0.99).allows(True)


@pytest.mark.parametrize(("queries", "over", "percentile"), [
    (10**18 + 1, 0, 0.9), (5, -1, 0.9), (5, 0, 0.0), (5, 0, 1.0), (5, 0, math.nan),
    (0, 1_584_361_243_196_508, 1 - 1e-9),
])
def test_numbers_beyond_reason_are_refused(queries, over, percentile):
    with pytest.raises(ValueError):
        es.decide_server(queries, over, percentile)


def test_early_stopping_needs_no_numpy():
    code = (
        "import sys\n"
        "import submission_checker.evidence.early_stopping_texts\n"
        "import submission_checker.evidence.query_counts\n"
        "import submission_checker.evidence.invariants_runs\n"
        "import submission_checker.evidence.loadgen_sources\n"
        "assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
