"""Bounds of long schedules, against schedules short enough to draw."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from submission_checker.evidence.printed import printed_interval
from submission_checker.evidence.schedule import Demand, draws_sum, server_schedule
from submission_checker.evidence.schedule_bounds import (
    STEP,
    PrefixTable,
    bound_schedule,
    mean_loss_ns,
    sum_bounds,
)
from submission_checker.evidence.schedule_check import Generated, check_schedule
from submission_checker.evidence.settings import Certainty
from submission_checker.evidence.tables import prefix_table, shipped_seeds
from submission_checker.evidence.tables.make_tables import prefix_sums, write_table
from tests.evidence.support import made, vectors

SEED = 18209322760996052031


def table_of(seed: int) -> PrefixTable:
    table = prefix_table(seed)
    assert table is not None
    return table


def test_every_table_says_its_seed_and_covers_long_runs():
    for seed in shipped_seeds():
        table = table_of(seed)
        assert table.seed == seed and table.draws >= 1 << 26
        assert len(table.sums) == len(table.below) + 1 == len(table.above) + 1
        assert abs(float(table.sums[-1]) / table.draws - 1) < 1e-3
    assert prefix_table(1) is None


def test_table_is_what_its_maker_makes(tmp_path):
    arrays = prefix_sums(SEED, 3)
    table = table_of(SEED)
    assert arrays["sums"].tolist() == pytest.approx([float(s) for s in table.sums[:4]], rel=1e-13)
    assert arrays["below"].tolist() == [int(b / 8) for b in table.below[:3]]
    assert arrays["above"].tolist() == [int(a / 8) for a in table.above[:3]]
    write_table(tmp_path / "one", arrays)
    write_table(tmp_path / "two", arrays)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@settings(max_examples=40)
@given(st.integers(0, 5 * STEP))
def test_sums_lie_within_their_bounds(count):
    total = draws_sum(SEED, count) if count else 0.0
    for table in (table_of(SEED), None):
        low, high = sum_bounds(count, table)
        assert low <= total <= high
    low, high = sum_bounds(count, table_of(SEED))
    assert high - low < 800


def test_sums_beyond_the_table_are_bounded_by_statistics():
    table = table_of(SEED)
    low, high = sum_bounds(table.draws + 10**6, table)
    assert low < float(table.sums[-1]) + 10**6 < high
    assert high - low < 20_000


def test_truncation_takes_half_a_nanosecond():
    assert mean_loss_ns(100.0) == pytest.approx(0.5)
    assert mean_loss_ns(2e8) == pytest.approx(0.5 - 1 / 60, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.floats(2000, 90_000), st.integers(0, 3 * 10**5), st.booleans())
def test_true_schedules_fit(qps, queries, tabled):
    wanted = Demand(3_000_000_000, queries, 0, 1)
    true = server_schedule(SEED, qps, wanted, 10**6)
    assert true is not None
    bound = bound_schedule(
        wanted, true.queries, true.duration_ns, printed_interval(float(f"{qps:.6g}")),
        table_of(SEED) if tabled else None,
    )
    assert bound.fits
    assert bound.basis == ("table" if tabled else "statistics")


@pytest.mark.parametrize("tabled", [True, False])
@pytest.mark.parametrize(("queries", "duration", "why"), [
    (1.0, 1.05, "duration"), (1.0, 0.95, "duration"), (1.3, 1.0, "fewer"), (0.7, 1.0, "before"),
])
def test_forged_schedules_do_not_fit(tabled, queries, duration, why):
    wanted = Demand(3_000_000_000, 100, 0, 1)
    true = server_schedule(SEED, 90_000.0, wanted, 10**6)
    assert true is not None
    table = table_of(SEED) if tabled else None
    forged = server_schedule(SEED, 90_000.0, Demand(0, int(true.queries * queries), 0, 1), 10**6)
    assert forged is not None
    bound = bound_schedule(
        wanted, forged.queries, int(forged.duration_ns * duration), printed_interval(90_000.0),
        table,
    )
    assert not bound.fits and why in bound.reason


def test_counts_below_the_minimum_or_between_data_sets_do_not_fit():
    table = table_of(SEED)
    true = server_schedule(SEED, 1000.0, Demand(0, 200_000, 0, 1), 10**6)
    assert true is not None
    for wanted in (Demand(0, 200_001, 0, 1), Demand(0, 100_000, 70_000, 1)):
        assert not bound_schedule(
            wanted, true.queries, true.duration_ns, (1000.0, 1000.0), table,
        ).fits


@pytest.mark.parametrize("log", vectors()["schedules"])
def test_published_logs_fit_their_bounds(log):
    run = made(target_qps=float(log["qps"]), schedule_rng_seed=log["seed"], target_duration_ms=0,
               min_query_count=log["queries"])
    check = check_schedule(
        run, [16], [Generated(log["queries"], 1, log["duration_ns"])], limit=10,
        table=prefix_table(log["seed"]),
    )
    assert check.agrees and check.certainty is Certainty.BOUNDED
