"""Generated queries: LoadGen's own counts, a plain loop, and every way in which versions count."""

import itertools
import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from submission_checker.evidence import draws
from submission_checker.evidence.printed import significant_digits, six_digits
from submission_checker.evidence.rng import WordStream, canonicals
from submission_checker.evidence.schedule import (
    Demand,
    DemandVariant,
    Schedule,
    constant_schedule,
    demand,
    period_ns,
    server_schedule,
)
from submission_checker.evidence.schedule_check import ROUND_DIGITS, Generated, check_schedule
from submission_checker.evidence.settings import Certainty, Traits, traits_of
from tests.evidence.support import LOADGEN_6, made, settings_of, vectors

RUNS = {run["name"]: run for run in vectors()["runs"]}
PLAIN = DemandVariant(False, False, False, False)


def slow_schedule(seed, qps, wanted):
    """Return the schedule as LoadGen's loop makes it, number by number."""
    stream = WordStream(seed)
    least, time, before, queries = wanted.queries, 0, 0, 0
    while before < wanted.duration_ns or queries < least:
        queries += 1
        before = time
        time += int(-math.log(1.0 - float(canonicals(stream, 1)[0])) / qps * 1e9)
        if wanted.step and queries >= least and before < wanted.duration_ns:
            least += wanted.step
    return Schedule(queries, time, before)


@pytest.mark.parametrize("log", vectors()["schedules"])
def test_schedule_of_published_logs_is_exact(log):
    found = server_schedule(log["seed"], log["qps"], Demand(0, log["queries"], 0, 1), 10**6)
    assert found == Schedule(log["queries"], log["duration_ns"], log["last_ns"])


@given(st.integers(0, 2**64 - 1), st.floats(0.5, 5000), st.integers(0, 10**9),
       st.integers(0, 300), st.integers(0, 40))
def test_schedule_equals_the_loop(seed, qps, duration, queries, step):
    queries = -(-queries // step) * step if step else max(1, queries)
    wanted = Demand(min(duration, int(2e11 / qps)), queries, step, 1)
    if wanted.duration_ns or queries:
        assert server_schedule(seed, qps, wanted, 10**6) == slow_schedule(seed, qps, wanted)


@pytest.mark.parametrize(("duration", "queries", "step"), [
    (0, 65_536, 0), (0, 65_537, 0), (0, 131_072, 0), (10**9, 1, 0), (10**9, 3, 70_000),
    (131_071_000_000, 1, 0),
])
def test_schedule_is_the_same_in_one_block_and_in_many(duration, queries, step, monkeypatch):
    wanted = Demand(duration, queries, step, 1)
    found = server_schedule(12345, 1000.0, wanted, 10**6)
    monkeypatch.setattr(draws, "KEPT_BLOCKS", 1)  # the second block on is drawn anew
    draws._unit_draws.cache_clear()
    assert server_schedule(12345, 1000.0, wanted, 10**6) == found
    draws._unit_draws.cache_clear()
    if queries < 70_000 and step == 0:
        assert found == slow_schedule(12345, 1000.0, wanted)


def test_schedule_stops_at_the_limit():
    assert server_schedule(1, 1000.0, Demand(10**15, 1, 0, 1), 200_000) is None
    assert server_schedule(1, 1000.0, Demand(0, 200_001, 0, 1), 200_000) is None


@given(st.integers(1, 10**10), st.integers(0, 10**13), st.integers(0, 10**6))
def test_constant_schedule_is_the_shortest(period, duration, queries):
    found = constant_schedule(Demand(duration, queries, 0, 1), period)
    assert found.last_ns >= duration and found.queries >= max(1, queries)
    assert found.queries == max(1, queries) or found.last_ns - period < duration


def test_constant_schedule_without_a_period_never_ends():
    assert constant_schedule(Demand(1, 1, 0, 1), 0) is None
    assert constant_schedule(Demand(0, 3, 0, 1), 0) == Schedule(3, 0, 0)


def test_period_truncates_as_loadgen_does():
    assert period_ns(1e9 / 1000003.0) == 1000003
    assert period_ns(32.0) == 31_250_000


@pytest.mark.parametrize(("queries", "step", "least", "expected"), [
    (10, 0, 3, 10), (10, 0, 12, 12), (10, 5, 11, 15), (10, 5, 10, 10), (0, 5, 1, 1),
    (0, 5, 2, 5), (0, 0, 0, 1),
])
def test_admissible_counts(queries, step, least, expected):
    assert Demand(0, queries, step, 1).admissible(least) == expected


@pytest.mark.parametrize(("settings", "mode", "length", "variant", "expected"), [
    (made(), "PerformanceOnly", 16, PLAIN, Demand(100_000_000, 20, 0, 1)),
    (made(), "AccuracyOnly", 16, PLAIN, Demand(0, 16, 0, 1)),
    (made("SingleStream"), "PerformanceOnly", 16, PLAIN, Demand(200_000_000, 20, 0, 1)),
    (made("Offline", samples_per_query=100, min_query_count=1, target_duration_ms=0),
     "PerformanceOnly", 16, PLAIN, Demand(0, 1, 0, 100)),
    (made("Offline", samples_per_query=100), "AccuracyOnly", 16, PLAIN, Demand(0, 1, 0, 16)),
    (made("MultiStream", samples_per_query=8), "AccuracyOnly", 23, PLAIN, Demand(0, 2, 0, 8)),
    (made(issue_unique=True), "PerformanceOnly", 16, PLAIN, Demand(0, 16, 0, 1)),
    (made(issue_same=True), "PerformanceOnly", 16, PLAIN, Demand(100_000_000, 20, 0, 1)),
    (made(issue_same=True), "PerformanceOnly", 16, DemandVariant(False, False, False, True),
     Demand(0, 16, 0, 1)),
    (made(), "PerformanceOnly", 16, DemandVariant(True, True, False, False),
     Demand(100_000_000, 32, 16, 1)),
    (made(), "AccuracyOnly", 16, DemandVariant(True, True, False, False), Demand(0, 16, 0, 1)),
    (made("Offline", samples_per_query=100, min_query_count=1, target_duration_ms=0),
     "PerformanceOnly", 16, DemandVariant(True, False, False, False), Demand(0, 1, 0, 112)),
    (made("Offline", samples_per_query=96, min_query_count=1, target_duration_ms=0),
     "PerformanceOnly", 16, DemandVariant(True, False, True, False), Demand(0, 16, 0, 96)),
])
def test_demand_of_every_kind_of_run(settings, mode, length, variant, expected):
    assert demand(settings, length, mode, variant) == expected


@pytest.mark.parametrize("name", RUNS)
def test_generation_of_loadgen_is_found(name):
    run = RUNS[name]
    lengths = [len(one) for one in run["loaded_sets"]]
    check = check_schedule(
        settings_of(run["settings"], LOADGEN_6), lengths,
        [Generated(*one) for one in run["generated"]],
    )
    assert check.agrees and check.certainty is Certainty.EXACT


def logged_of(settings, qps, length=16):
    wanted = demand(settings, length, "PerformanceOnly", PLAIN)
    found = server_schedule(settings.schedule_rng_seed, qps, wanted, 10**6)
    return Generated(found.queries, 1, found.duration_ns)


@given(st.floats(100, 9000), st.integers(0, 2**32 - 1))
def test_rate_with_more_digits_is_solved(qps, seed):
    assume(significant_digits(float(six_digits(qps))) > ROUND_DIGITS)
    settings = made(target_qps=float(six_digits(qps)), schedule_rng_seed=seed)
    check = check_schedule(settings, [16], [logged_of(settings, qps)])
    assert check.agrees
    assert check.qps == pytest.approx(qps, rel=1e-5)


def test_rate_with_few_more_digits_is_found_again():
    settings = made(target_qps=26370.9, target_duration_ms=600)
    check = check_schedule(settings, [16], [logged_of(settings, 26370.88)])
    assert (check.basis, check.qps) == ("solved rate", 26370.88)


def test_given_rate_is_tried():
    settings = made(target_qps=26370.9, target_duration_ms=600)
    check = check_schedule(settings, [16], [logged_of(settings, 26370.88)], rates=[26370.88])
    assert check.basis == "given rate"


@pytest.mark.parametrize("limit", [10**6, 100])
@pytest.mark.parametrize(("queries", "duration"), [(1, 0), (0, 10**9), (-3, 0), (10**4, 0)])
def test_changed_numbers_do_not_agree(queries, duration, limit):
    settings = made(target_qps=26370.9, target_duration_ms=600)
    true = logged_of(settings, 26370.9)
    forged = Generated(true.queries + queries, 1, true.duration_ns + duration)
    check = check_schedule(settings, [16], [forged], limit=limit)
    if limit > 100 or abs(queries) > 3 or duration:
        assert check.agrees is False
        assert check.logged == forged


def test_another_rate_does_not_agree():
    settings = made(target_qps=26300.0, target_duration_ms=600)
    assert check_schedule(settings, [16], [logged_of(settings, 26370.9)]).agrees is False


def test_period_with_more_digits_is_solved():
    period = 1_234_567  # 810.00059 queries per second, printed 810.001: 1,234,566 ns
    settings = made("SingleStream", target_qps=float(six_digits(1e9 / period)))
    queries = -(-200_000_000 // period) + 1
    check = check_schedule(settings, [16], [Generated(queries, 1, queries * period)])
    assert check.agrees and check.basis == "period"
    for count, each in ((queries + 1, period), (queries, period + 1000), (queries, period + 20)):
        assert not check_schedule(settings, [16], [Generated(count, 1, count * each)]).agrees


def test_samples_per_query_may_be_logged_before_padding():
    settings = made("Offline", samples_per_query=100, min_query_count=1, target_duration_ms=0,
                    concatenates=True, target_qps=10.0)
    for samples, agrees in ((100, True), (112, True), (111, False), (None, True)):
        check = check_schedule(settings, [16], [Generated(1, samples, 10**8)])
        assert check.agrees is agrees


def test_offline_repeats_of_version_four():
    settings = made("Offline", samples_per_query=96, min_query_count=1, target_duration_ms=0,
                    concatenates=True, target_qps=10.0, traits=traits_of((4, 1)))
    assert check_schedule(settings, [16], [Generated(16, 96, 16 * 10**8)]).agrees
    assert check_schedule(settings, [16], [Generated(1, 96, 10**8)]).agrees
    assert not check_schedule(
        settings, [16], [Generated(32, 96, 32 * 10**8)],
    ).agrees


def test_every_set_of_an_accuracy_run_is_checked():
    settings = made(mode="AccuracyOnly", target_qps=10.0)
    lengths = [16, 16, 16, 2]
    logged = []
    for length in lengths:
        wanted = demand(settings, length, "AccuracyOnly", PLAIN)
        found = server_schedule(33, 10.0, wanted, 100)
        logged.append(Generated(found.queries, 1, found.duration_ns))
    assert check_schedule(settings, lengths, logged).agrees
    logged[3] = logged[0]
    assert not check_schedule(settings, lengths, logged).agrees
    assert not check_schedule(settings, lengths, logged[:3]).agrees


def test_submission_run_generates_for_performance_last():
    settings = made("SingleStream", "SubmissionRun", target_qps=1000.0)
    ms = 10**6
    logged = [Generated(n, 1, n * ms) for n in (16, 16, 16, 2, 201)]
    assert check_schedule(settings, [16, 16, 16, 2, 16], logged).agrees


@pytest.mark.parametrize("settings", [
    made(target_qps=0.0), made(target_qps=math.nan), made(target_qps=1e300), made(target_qps=-5.0),
    made(target_duration_ms=10**30), made(min_query_count=-1),
])
def test_settings_beyond_reason_are_not_worked_with(settings):
    for scenario in ("Server", "SingleStream"):
        check = check_schedule(
            made(scenario, target_qps=settings.target_qps, traits=Traits(),
                 target_duration_ms=settings.target_duration_ms,
                 min_query_count=settings.min_query_count),
            [16], [Generated(1, 1, 1)],
        )
        assert check.certainty is Certainty.NOT_ATTEMPTED and check.reason


@given(st.integers(0, 10**19), st.integers(-1, 10**19), st.floats(1e-7, 1e10),
       st.integers(0, 10**12), st.integers(0, 10**19),
       st.sampled_from(("Server", "SingleStream", "Offline", "MultiStream")))
def test_any_numbers_are_checked_in_bounded_work(queries, duration, qps, least_ms, least, name):
    settings = made(name, target_qps=qps, target_duration_ms=least_ms, min_query_count=least,
                    concatenates=None, traits=Traits())
    check_schedule(settings, [16], [Generated(queries, 1, duration)], limit=1000)


def test_draws_are_kept_once_per_seed():
    first = next(iter(draws.unit_draws(2**32 + 3)))
    again = next(iter(draws.unit_draws(3)))
    assert first[0] is again[0]
    assert len(list(itertools.islice(draws.unit_draws(3), 3))) == 3


def logged_at(settings, rate):
    """Return what a Server run of these settings logs at a rate."""
    wanted = demand(settings, 16, "PerformanceOnly", PLAIN)
    made_ = server_schedule(settings.schedule_rng_seed, rate, wanted, 10**6)
    return [Generated(made_.queries, 1, made_.duration_ns)]


def test_rate_of_user_conf_counts_only_where_it_prints_as_the_logged_one():
    settings = made(target_qps=500.0)
    logged = logged_at(settings, 400.0)
    assert check_schedule(settings, [16], logged, rates=(400.0,)).agrees is False


def test_known_rate_is_not_solved_for():
    settings = made(target_qps=16.2841)
    logged = logged_at(settings, 16.284082031242182)
    assert check_schedule(settings, [16], logged).basis == "solved rate"
    assert check_schedule(settings, [16], logged, rates=(16.2841,)).agrees is False
    given_ = check_schedule(settings, [16], logged, rates=(16.284082031242182,))
    assert (given_.agrees, given_.basis) == (True, "given rate")


@pytest.mark.parametrize(("printed", "true", "agrees"), [
    (500.0, 500.0, True), (500.0, 500.00049, True), (500.0, 500.000123456789, False),
    (11947.0, 11947.05, True), (123.457, 123.456789012345, True),
])
def test_rate_that_prints_round_has_few_digits(printed, true, agrees):
    """A count or duration edited a little is not explained by a rate that nobody sets."""
    settings = made(target_qps=printed, target_duration_ms=4000)
    assert check_schedule(settings, [16], logged_at(settings, true)).agrees is agrees
