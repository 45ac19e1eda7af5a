"""Whether the generated queries in a log are those that its settings give.

Rates are printed with six digits, so a Server run whose rate has more is solved for it: the unit
draws and the logged count and duration leave one rate, which has to round to the printed one.

Source: mlcommons/inference@v5.1:loadgen/loadgen.cc (GenerateQueries).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from submission_checker.evidence.binomial import MAX_COUNT
from submission_checker.evidence.printed import (
    in_printed_interval,
    printed_interval,
    significant_digits,
)
from submission_checker.evidence.rng import NS_PER_S
from submission_checker.evidence.schedule import (
    Demand,
    DemandVariant,
    Schedule,
    constant_schedule,
    demand,
    demand_variants,
    draws_sum,
    expected_queries,
    generated_modes,
    period_ns,
    server_schedule,
    with_queries,
)
from submission_checker.evidence.schedule_bounds import (
    PrefixTable,
    bound_schedule,
    truncation_loss,
)
from submission_checker.evidence.settings import (
    PERFORMANCE,
    SERVER,
    Certainty,
    Settings,
)

DEFAULT_LIMIT = 1_000_000
"""Queries of a Server schedule that are drawn before the check only bounds it."""

SOLVE_SLACK = 2e-7
"""Relative slack beyond the print interval within which a solved rate is accepted."""

SOLVE_STEPS = 40
ROUND_DIGITS = 4
"""A rate that prints with so few digits was set, and has hardly more; one that was computed does
so once in a hundred times. No published run prints so and has more than 8 digits."""

LONGEST_NS = 4e18
"""Times beyond do not fit 64-bit nanoseconds."""

SLOWEST, FASTEST = 1e-6, 1e9
"""Rates in queries per second outside of which a log is not worked with."""

MAX_GENERATIONS = 1 << 16


class Generated(NamedTuple):
    """One triple of ``generated_`` keys; ``samples_per_query`` None where it is absent."""

    queries: int
    samples_per_query: int | None
    duration_ns: int


class ScheduleCheck(NamedTuple):
    """Whether generated counts and durations follow from the settings.

    Attributes:
        certainty: exact, bounded (by tables or statistics), or not attempted.
        agrees: None where nothing could be said.
        basis: what the agreement rests on: ``printed rate``, ``given rate``, ``solved rate``,
            ``period``, ``table``, ``statistics``.
        qps: the rate that reproduces the schedule.
        variant: how this version counts queries.
        logged, expected: the first generation that differs, or the last one checked; durations of
            ``expected`` in ns.
        duration_bounds_ns: where only bounded, the least and greatest duration that fit.
        reason: why not attempted, or what does not fit.
    """

    certainty: Certainty
    agrees: bool | None
    basis: str
    qps: float | None
    variant: DemandVariant | None
    logged: Generated | None
    expected: Schedule | None
    duration_bounds_ns: tuple[float, float] | None = None
    reason: str = ""


def _not_attempted(reason: str) -> ScheduleCheck:
    return ScheduleCheck(
        Certainty.NOT_ATTEMPTED, None, "", None, None, None, None, None, reason,
    )


def candidate_rates(settings: Settings, given: Sequence[float]) -> Iterator[tuple[float, str]]:
    """Yield rates (queries per second) to try with what they rest on, without repetition.

    Given rates count only where they print as the logged one: another one was not in force.
    """
    rates: list[tuple[float, str]] = []
    if settings.expected_latency_ns is not None and settings.expected_latency_ns > 0:
        rates.append((NS_PER_S / settings.expected_latency_ns, "printed rate"))
    rates.append((settings.target_qps, "printed rate"))
    rates += [(rate, "given rate") for rate in given
              if in_printed_interval(rate, settings.target_qps)]
    seen: set[float] = set()
    for rate, basis in rates:
        if SLOWEST <= rate <= FASTEST and rate not in seen:
            seen.add(rate)
            yield rate, basis


def _is_given(settings: Settings, given: Sequence[float]) -> bool:
    """Return whether the exact rate is known: then there is none to solve for.

    In the published logs of v0.5 to v6.0 no run has another rate than a given one that prints
    alike (docs/measured.md).
    """
    return any(in_printed_interval(rate, settings.target_qps) for rate in given)


def _implausible(
    settings: Settings, set_lengths: Sequence[int], logged: Sequence[Generated],
) -> str:
    """Return why the numbers of a log cannot be worked with, or an empty text."""
    if not SLOWEST <= settings.target_qps <= FASTEST:
        return f"a target rate of {settings.target_qps} queries per second"
    if not set_lengths or min(set_lengths) < 1 or len(logged) > MAX_GENERATIONS:
        return "the loaded sets are not known"
    numbers = [settings.target_duration_ms, settings.min_query_count, settings.samples_per_query]
    numbers += [number for one in logged for number in (one.queries, one.duration_ns)]
    if max(numbers) > MAX_COUNT or min(numbers) < 0:
        return f"a count or duration is negative or above {MAX_COUNT}"
    return ""


def check_schedule(
    settings: Settings, set_lengths: Sequence[int], logged: Sequence[Generated], *,
    rates: Sequence[float] = (), limit: int = DEFAULT_LIMIT, table: PrefixTable | None = None,
) -> ScheduleCheck:
    """Return whether the ``generated_`` keys of a log follow from its settings.

    Args:
        settings: effective settings.
        set_lengths: samples of every loaded set in order, padding included
            (`loaded_set.LoadedSetCheck.expected_sizes`).
        logged: the ``generated_`` keys of every loaded set, in order.
        rates: exact rates from elsewhere, such as user.conf, tried after the printed one.
        limit: queries of a Server schedule to draw at most; above it the check is bounded.
        table: prefix sums of the schedule seed, if shipped (`tables.prefix_table`).
    """
    reason = _implausible(settings, set_lengths, logged)
    if reason:
        return _not_attempted(reason)
    if len(logged) != len(set_lengths):
        return ScheduleCheck(
            Certainty.EXACT, False, "", None, None, None, None, None,
            f"{len(logged)} generations are logged for {len(set_lengths)} loaded sets",
        )
    modes = generated_modes(settings, len(logged))
    work = list(zip(set_lengths, modes, logged, strict=True))
    if settings.scenario == SERVER:
        return _check_server(settings, work, rates, limit, table)
    return _check_constant(settings, work, rates)


Work = list[tuple[int, str, Generated]]


def _same(schedule: Schedule | None, logged: Generated) -> bool:
    return schedule is not None and (
        (schedule.queries, schedule.duration_ns) == (logged.queries, logged.duration_ns)
    )


def _samples_fit(settings: Settings, wanted: Demand, logged: Generated) -> bool:
    """Return whether the logged samples per query are the padded or the configured number.

    Sources up to 4.1 log the configured number, later ones the padded one.
    """
    return logged.samples_per_query is None or logged.samples_per_query in (
        wanted.samples_per_query, settings.samples_per_query,
    )


class _Replay(NamedTuple):
    """Outcome of one way of generating: the first generation that differs, or the last one."""

    fits: bool
    logged: Generated
    schedule: Schedule | None


def _replay(
    settings: Settings, work: Work, variant: DemandVariant,
    generate: Callable[[Demand], Schedule | None],
) -> _Replay:
    known: dict[tuple[int, str], tuple[Demand, Schedule | None]] = {}
    logged, schedule = work[-1][2], None
    for length, mode, logged in work:
        if (length, mode) not in known:
            wanted = demand(settings, length, mode, variant)
            known[length, mode] = wanted, generate(wanted)
        wanted, schedule = known[length, mode]
        if not _same(schedule, logged) or not _samples_fit(settings, wanted, logged):
            return _Replay(False, logged, schedule)
    return _Replay(True, logged, schedule)


def _try_rates(
    settings: Settings, work: Work, rates: Iterable[tuple[float, str]],
    generator: Callable[[float], Callable[[Demand], Schedule | None]],
) -> ScheduleCheck | None:
    """Return the check by the first rate that reproduces the log, else by the first rate."""
    nearest: ScheduleCheck | None = None
    for rate, basis in rates:
        for variant in demand_variants(settings):
            found = _replay(settings, work, variant, generator(rate))
            check = ScheduleCheck(
                Certainty.EXACT, found.fits, basis, rate if found.fits else None,
                variant if found.fits else None, found.logged, found.schedule,
            )
            if found.fits:
                return check
            nearest = nearest or check
    return nearest


def _check_constant(settings: Settings, work: Work, rates: Sequence[float]) -> ScheduleCheck:
    def generator(rate: float) -> Callable[[Demand], Schedule | None]:
        return functools.partial(constant_schedule, period=period_ns(rate))

    nearest = _try_rates(settings, work, candidate_rates(settings, rates), generator)
    assert nearest is not None
    settled = nearest.agrees or _is_given(settings, rates)
    period = None if settled else _printed_period(settings, work)
    if period:
        exact = [(NS_PER_S / (period + 0.5), "period")]  # truncates to that period
        solved = _try_rates(settings, work, exact, generator)
        if solved is not None and solved.agrees:
            return solved
    return nearest


def _printed_period(settings: Settings, work: Work) -> int | None:
    """Return the one period (ns) that the log implies, if the printed rate allows it."""
    first = work[0][2]
    if first.queries <= 0 or first.duration_ns % first.queries:
        return None
    period = first.duration_ns // first.queries
    low, high = printed_interval(settings.target_qps)
    if low <= 0:
        return None
    return period if period_ns(high) - 1 <= period <= period_ns(low) + 1 else None


def _check_server(
    settings: Settings, work: Work, rates: Sequence[float], limit: int,
    table: PrefixTable | None,
) -> ScheduleCheck:
    largest = max(logged.queries for _, _, logged in work)
    if largest > limit:
        return _check_bounds(settings, work, rates, table, largest, limit)

    def generator(rate: float) -> Callable[[Demand], Schedule | None]:
        def generate(wanted: Demand) -> Schedule | None:
            draws = 1.5 * expected_queries(rate, wanted) + 2e5
            if draws * NS_PER_S / rate > LONGEST_NS or draws > 2.0 * limit + 4e5:
                return None
            return server_schedule(settings.schedule_rng_seed, rate, wanted, limit)

        return generate

    nearest = _try_rates(settings, work, candidate_rates(settings, rates), generator)
    assert nearest is not None
    if nearest.agrees or _is_given(settings, rates):
        return nearest
    solved = _try_rates(
        settings, work, ((rate, "solved rate") for rate in _solved_rates(settings, work)),
        generator,
    )
    return solved if solved is not None and solved.agrees else nearest


def _solved_rates(settings: Settings, work: Work) -> Iterator[float]:
    """Yield rates with more than six digits that give the logged duration for the logged count."""
    logged = max((one for _, _, one in work), key=lambda one: one.queries)
    if logged.queries < 1 or logged.duration_ns <= 0:
        return
    seed = settings.schedule_rng_seed
    units = draws_sum(seed, logged.queries)
    loss = truncation_loss(logged.queries, settings.target_qps)
    rate = units * NS_PER_S / (logged.duration_ns + loss)
    if not in_printed_interval(rate, settings.target_qps, SOLVE_SLACK):
        return
    wanted = with_queries(Demand(0, 0, 0, 1), logged.queries)
    doubt = (8.0 * math.sqrt(logged.queries / 12.0) + 2.0) / logged.duration_ns
    computed = significant_digits(settings.target_qps) > ROUND_DIGITS
    for digits in range(7, 13 if computed else 9):
        simple = float(f"{rate:.{digits - 1}e}")
        if abs(simple - rate) <= doubt * rate:
            schedule = server_schedule(seed, simple, wanted, logged.queries)
            if _same(schedule, logged):
                yield simple
                return
    if not computed:
        return
    slow, fast = 0.0, math.inf  # rates whose schedule is too long and too short
    for _ in range(SOLVE_STEPS):
        schedule = server_schedule(seed, rate, wanted, logged.queries)
        if schedule is None:
            return
        off = schedule.duration_ns - logged.duration_ns
        if off == 0:
            yield rate
            return
        slow, fast = (max(slow, rate), fast) if off > 0 else (slow, min(fast, rate))
        rate *= 1.0 + off / logged.duration_ns
        if not slow < rate < fast:  # truncation makes the duration a staircase: halve instead
            rate = (slow + fast) / 2.0
            if not slow < rate < fast:
                return


def _check_bounds(
    settings: Settings, work: Work, rates: Sequence[float], table: PrefixTable | None,
    largest: int, limit: int,
) -> ScheduleCheck:
    """Bound count and duration of a schedule that is too long to draw."""
    reason = f"{largest} queries are more than the limit of {limit}"
    failed: ScheduleCheck | None = None
    if len(work) != 1 or work[0][1] != PERFORMANCE:
        return _not_attempted(reason)
    length, mode, logged = work[0]
    intervals = [printed_interval(settings.target_qps)]
    intervals += [(rate, rate) for rate in rates
                  if SLOWEST <= rate <= FASTEST and in_printed_interval(rate, settings.target_qps)]
    for low, high in intervals:
        for variant in demand_variants(settings):
            wanted = demand(settings, length, mode, variant)
            bound = bound_schedule(
                wanted, logged.queries, logged.duration_ns, (low, high), table,
            )
            agrees = bound.fits and _samples_fit(settings, wanted, logged)
            check = ScheduleCheck(
                Certainty.BOUNDED, agrees, bound.basis, None, variant, logged, None,
                bound.duration_ns, bound.reason if not agrees else reason,
            )
            if agrees:
                return check
            failed = failed or check
    assert failed is not None
    return failed
