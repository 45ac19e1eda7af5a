"""LGEN020 and LGEN021: loaded samples and generated queries follow from the seeds."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Bounded, Fault, Scope, Skip, rule
from submission_checker.evidence.printed import in_printed_interval, same_two_decimals
from submission_checker.evidence.settings import SERVER, Certainty, Settings
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import TEXT_LOG, ListText, Run
from submission_checker.rules.replayed import (
    EVERYTHING,
    GENERATED,
    LOADED,
    SOURCE,
    exact_rates,
    generated_of,
    odd_toolchain,
    replayable,
    sets_check,
    sets_of,
    settings_of,
)
from submission_checker.rules.texts import count, counted

if TYPE_CHECKING:
    from submission_checker.evidence.loaded_set import LoadedSetCheck
    from submission_checker.evidence.schedule_check import Generated, ScheduleCheck

RATE = "result_scheduled_samples_per_sec"
RATE_SLACK = 1e-9
"""Relative rounding of the division that LoadGen prints."""

ODD_TOOLCHAIN = (
    "a seed decides what LoadGen loads; this log is of an unknown LoadGen, whose C++ library may "
    "shuffle in a way that the program does not know"
)


@rule(
    id="LGEN020", name="loaded-set-from-seed", title="The loaded samples follow from the seed",
    level=Level.ERROR, scope=Scope.LOG, when=replayable,
    why="LoadGen shuffles the data set with effective_qsl_rng_seed, so that the seed and the "
        "counts leave one set; another one is of another run, or was edited",
    fix="submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte", source=SOURCE,
)
def loaded_set_from_seed(run: Run, context: Context) -> Iterator[Fault]:
    """Each ``loaded_qsl_set`` is what the seed gives with the shuffle of a known C++ library.

    Known are libstdc++ (three forms), libc++ and the Microsoft library. A performance run loads
    the first block of the shuffled data set, an accuracy run all blocks in turn.
    """
    found = sets_check(run)
    if found.certainty is Certainty.NOT_ATTEMPTED:
        raise Skip(found.reason)
    if not found.agrees:
        yield _set_fault(run, found, context)


def _set_fault(run: Run, found: LoadedSetCheck, context: Context) -> Fault:
    settings, (_, lists) = settings_of(run), sets_of(run)
    odd = odd_toolchain(run)
    seed = run.at("effective_qsl_rng_seed")
    given = (f"as effective_qsl_rng_seed {settings.qsl_rng_seed} (line {seed.line}) and "
             f"{counted(found.population, 'sample')} give")
    block, index, have, want = found.difference or (0, 0, None, None)
    line = lists[min(block, len(lists) - 1)].line
    expected, logged = len(found.expected_sizes), len(found.logged_sizes)
    if expected != logged:
        what = f"{counted(logged, 'set')} of samples"
        required = f"{counted(expected, 'set')}, {given}"
    else:
        what = f"{_sample(have)} at place {index} of {LOADED}"
        required = f"{_sample(want)}, {given}"
    return Fault(
        Location(run.detail_path, line), what, required,
        level=Level.WARNING if odd else None, why=ODD_TOOLCHAIN if odd else None,
        evidence=tuple(filter(None, (odd, _of_another_seed(settings, lists, context)))),
    )


def _sample(value: int | None) -> str:
    return "no sample" if value is None else f"sample {value}"


def _of_another_seed(settings: Settings, lists: list[ListText], context: Context) -> str:
    """Return which round's seed gives the sets, or an empty text."""
    from submission_checker.evidence.loaded_set import agreeing_libraries

    texts = [item.text or b"" for item in lists]
    for name, (seed, _, _) in context.other_rounds:
        for _ in agreeing_libraries(settings._replace(qsl_rng_seed=seed), texts):
            return f"the sets follow from the seed of {name}, {seed}"
    return ""


@rule(
    id="LGEN021", name="schedule-from-seed", title="The generated queries follow from the seed",
    level=Level.ERROR, scope=Scope.LOG, when=replayable,
    why="LoadGen draws the whole schedule from seed, rate and duration before the run, so that "
        "they leave one count and one duration to the nanosecond; other numbers are of another "
        "run, or were edited",
    fix="submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte", source=SOURCE,
)
def schedule_from_seed(run: Run, context: Context) -> Iterator[Fault | Bounded]:
    """``generated_query_count`` and ``_duration`` are what settings and schedule seed give.

    Server runs draw their intervals from an exponential distribution; the last query's time also
    gives ``result_scheduled_samples_per_sec``. Runs of more than a million queries are checked
    within the bounds of shipped sums of the official seeds; ``--deep`` draws them all.
    """
    settings = settings_of(run)
    rows = generated_of(run)
    logged = tuple(item for item, _ in rows)
    lengths = expected_lengths(settings)
    found = _schedule(settings, lengths, logged, exact_rates(context), context.deep)
    if found.certainty is Certainty.NOT_ATTEMPTED:
        raise Skip(found.reason)
    if not found.agrees:
        yield _schedule_fault(run, settings, rows, found)
        return
    yield from _rate_faults(run, settings, found)
    if found.certainty is Certainty.BOUNDED:
        yield Bounded(run.at(GENERATED[0]), f"{found.reason}; by {found.basis}")


@functools.lru_cache(maxsize=256)
def expected_lengths(settings: Settings) -> tuple[int, ...]:
    """Return the sizes of the loaded sets that a run of these settings has.

    Raises:
        Skip: there are too many samples to say.
    """
    from submission_checker.evidence.loaded_set import set_sizes

    sizes = set_sizes(settings)
    if not sizes:
        raise Skip("the sizes of the loaded sets are not known")
    return sizes


@functools.lru_cache(maxsize=512)
def _schedule(
    settings: Settings, lengths: tuple[int, ...], logged: tuple[Generated, ...],
    rates: tuple[float, ...], deep: bool,
) -> ScheduleCheck:
    """Return the check of a schedule; copies of a log in other folders are replayed once."""
    from submission_checker.evidence.schedule_check import DEFAULT_LIMIT, check_schedule

    limit = EVERYTHING if deep else DEFAULT_LIMIT
    table = None
    if settings.scenario == SERVER and max(item.queries for item in logged) > limit:
        from submission_checker.evidence.tables import prefix_table

        table = prefix_table(settings.schedule_rng_seed)
    return check_schedule(settings, lengths, logged, rates=rates, limit=limit, table=table)


def _schedule_fault(
    run: Run, settings: Settings, rows: list[tuple[Generated, tuple[int, int]]],
    found: ScheduleCheck,
) -> Fault:
    seed = run.at("effective_schedule_rng_seed")
    rate = run.at("effective_target_qps")
    given = f"effective_target_qps {settings.target_qps:g} (line {rate.line})"
    if settings.scenario == SERVER:
        given += f" and effective_schedule_rng_seed {settings.schedule_rng_seed} (line {seed.line})"
    if found.logged is None:
        return Fault(Location(run.detail_path, rows[0][1][0]), found.reason,
                     "one generation of queries per loaded set")
    row, lines = next(item for item in rows if item[0] == found.logged)
    have = f"{counted(row.queries, 'query').replace('querys', 'queries')} in {row.duration_ns} ns"
    line = lines[1]
    if found.expected is not None:
        want = f"{count(found.expected.queries)} in {found.expected.duration_ns} ns"
        if found.expected.queries != row.queries:
            line = lines[0]
        elif found.expected.duration_ns == row.duration_ns:
            have = f"{GENERATED[1]} {row.samples_per_query}"
            want = "the samples per query that the settings give"
    elif found.duration_bounds_ns is not None:
        low, high = found.duration_bounds_ns
        want = f"{found.reason or 'numbers that fit'}; {low:.0f} to {high:.0f} ns for this count"
    else:
        want = "numbers that the settings give"
    return Fault(Location(run.detail_path, line), have, f"{want}, as {given} give")


def _rate_faults(run: Run, settings: Settings, found: ScheduleCheck) -> Iterator[Fault]:
    """Yield where the scheduled rate is not (queries - 1) / (time of the last query)."""
    printed, issued = run.number(RATE), run.integer("result_query_count")
    if settings.scenario != SERVER or printed is None or found.expected is None:
        return
    schedule = found.expected
    if schedule.last_ns <= 0 or (issued is not None and issued.value != schedule.queries):
        return  # a limit on queries in flight ended the run before its schedule
    rate = (schedule.queries - 1) * settings.samples_per_query * 1e9 / schedule.last_ns
    text_log = run.log is not None and run.log.generation == TEXT_LOG
    fits = (same_two_decimals(printed.value, rate) if text_log
            else in_printed_interval(rate, printed.value, RATE_SLACK))
    if not fits:
        yield Fault(
            printed.at, f"{RATE} {printed.value:g}",
            f"{rate:.8g}, {count(schedule.queries - 1)} queries in {schedule.last_ns} ns, the time "
            "of the last query by the schedule seed", subcode="rate",
        )
