"""How many queries LoadGen generates and when: counts, durations, the Server arrival process.

Queries are generated until both the duration and the minimum count are reached. Server draws its
intervals from an exponential distribution, all other scenarios use one constant period. Everything
follows from settings, so count and duration in nanoseconds are exact.

Source: mlcommons/inference@v5.1:loadgen/loadgen.cc (GenerateQueries); older behaviour from
mlcommons/inference@{r0.5,v0.7,v1.0.1,v2.0,v4.0,v4.1}:loadgen/loadgen.cc.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from submission_checker.evidence.draws import BLOCK, unit_draws
from submission_checker.evidence.rng import NS_PER_S, interarrivals_ns
from submission_checker.evidence.settings import (
    ACCURACY,
    NO,
    OFFLINE,
    PERFORMANCE,
    SERVER,
    SUBMISSION,
    Settings,
)

NS_PER_MS = 1_000_000
STREAM_FACTOR = 2
"""LoadGen generates twice the duration where the SUT decides how long queries take."""


class Schedule(NamedTuple):
    """Generated queries: their count, the end of the schedule and the last query's time, in ns."""

    queries: int
    duration_ns: int
    last_ns: int


class Demand(NamedTuple):
    """How long LoadGen goes on generating.

    Attributes:
        duration_ns: the last query must not be scheduled before.
        queries: least count.
        step: where above 0, counts are ``queries`` plus a multiple of it (equal-issue mode).
        samples_per_query: samples of each generated query.
    """

    duration_ns: int
    queries: int
    step: int
    samples_per_query: int

    def admissible(self, least: int) -> int:
        """Return the smallest admissible count that is not below ``least``."""
        least = max(1, least)
        if least <= max(1, self.queries):
            return max(1, self.queries)
        if self.step <= 0:
            return least
        return self.queries + -(-(least - self.queries) // self.step) * self.step


class DemandVariant(NamedTuple):
    """A way in which a version of LoadGen may count: see `settings.Traits`."""

    concatenates: bool
    pads_queries: bool
    offline_repeats: bool
    same_counts_as_unique: bool


def demand_variants(settings: Settings) -> Iterator[DemandVariant]:
    """Yield the ways of counting that apply to a run, likeliest first, without repetition."""
    traits = settings.traits
    offline = settings.scenario == OFFLINE
    for same in traits.same_counts_as_unique if settings.issue_same else NO:
        for concatenates in settings.concatenations:
            pads = traits.pads_queries if concatenates and not offline else NO
            repeats = traits.offline_repeats if concatenates and offline else NO
            for pad in pads:
                for repeat in repeats:
                    yield DemandVariant(concatenates, pad, repeat, same)


def demand(
    settings: Settings, set_length: int, mode: str, variant: DemandVariant,
) -> Demand:
    """Return how long LoadGen generates queries for one loaded set.

    Args:
        settings: effective settings of the run.
        set_length: samples of the set, padding included; at least 1.
        mode: PerformanceOnly or AccuracyOnly; a submission run does both in turn.
        variant: how this version counts.
    """
    accuracy = mode == ACCURACY
    offline = settings.scenario == OFFLINE
    factor = 1 if settings.scenario == SERVER else STREAM_FACTOR
    duration = factor * settings.target_duration_ms * NS_PER_MS
    queries = settings.min_query_count
    per_query = max(1, settings.samples_per_query)
    if accuracy and offline:
        per_query = set_length
    unique = settings.issue_unique or (settings.issue_same and variant.same_counts_as_unique)
    if accuracy or unique:
        duration, queries = 0, set_length // per_query
    step = 0
    if not accuracy and variant.concatenates:
        if offline:
            left = per_query % set_length
            if left:
                per_query += set_length - left
            elif variant.offline_repeats:
                queries = -(-queries // set_length) * set_length
        elif variant.pads_queries:
            queries, step = -(-queries // set_length) * set_length, set_length
    return Demand(duration, queries, step, per_query)


def period_ns(qps: float) -> int:
    """Return the constant interval between queries, truncated as LoadGen does; qps above 0."""
    return int(1.0 / qps * NS_PER_S)


def constant_schedule(wanted: Demand, period: int) -> Schedule | None:
    """Return the schedule of a scenario with a constant period (ns), None if it would not end."""
    least = wanted.queries
    if wanted.duration_ns > 0:
        if period <= 0:
            return None
        least = max(least, -(-wanted.duration_ns // period) + 1)
    queries = wanted.admissible(least)
    return Schedule(queries, queries * period, (queries - 1) * period)


def server_schedule(seed: int, qps: float, wanted: Demand, limit: int) -> Schedule | None:
    """Return the Server schedule, None where it has more than ``limit`` queries.

    Args:
        seed: ``effective_schedule_rng_seed``.
        qps: target rate in queries per second, above 0.
        wanted: how long LoadGen generates.
        limit: queries to draw at most.

    Work: one vectorised pass in blocks of 2^16; memory does not grow with the schedule.
    """
    if wanted.queries > limit:
        return None
    time_ns, done = 0, 0
    target: int | None = None
    for units, survival in unit_draws(seed):
        ends = np.cumsum(interarrivals_ns(units, survival, qps))
        ends += time_ns
        if target is None:
            # Query i starts where query i - 1 ends; the first one that starts late enough is last.
            if time_ns >= wanted.duration_ns:
                target = wanted.admissible(done + 1)
            elif int(ends[-1]) >= wanted.duration_ns:
                place = int(np.searchsorted(ends, wanted.duration_ns))
                target = wanted.admissible(done + place + 2)
        if target is not None and target <= done + BLOCK:
            last = target - done - 1
            start = int(ends[last - 1]) if last > 0 else time_ns
            return Schedule(target, int(ends[last]), start)
        time_ns, done = int(ends[-1]), done + BLOCK
        if done >= limit or (target is not None and target > limit):
            return None
    return None


def draws_sum(seed: int, count: int) -> float:
    """Return the sum of the first ``count`` unit draws of a seed."""
    total, left = 0.0, count
    for units, _ in unit_draws(seed):
        total += float(units[: min(left, BLOCK)].sum())
        left -= BLOCK
        if left <= 0:
            break
    return total


def expected_queries(qps: float, wanted: Demand) -> float:
    """Return about how many queries a Server schedule will have."""
    return max(float(wanted.queries), qps * wanted.duration_ns / NS_PER_S)


def with_queries(wanted: Demand, queries: int) -> Demand:
    """Return a demand for exactly so many queries, for solving a rate from a known count."""
    return wanted._replace(duration_ns=0, queries=queries, step=0)


def generated_modes(settings: Settings, generations: int) -> tuple[str, ...]:
    """Return the mode of each of the generations that a run logs, one per loaded set in order.

    A submission run generates for accuracy first and once for performance at the end.
    """
    if settings.mode == SUBMISSION and generations > 0:
        return (*(ACCURACY,) * (generations - 1), PERFORMANCE)
    return (settings.mode,) * generations
