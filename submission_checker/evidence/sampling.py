"""Which answers an audited performance run logs, and whether they belong to the right samples.

Every sample carries a number from a generator that no setting touches; an offset from the accuracy
log seed is added modulo one, and the answer is logged where the result is not above a probability.

Source: mlcommons/inference@v5.1:loadgen/loadgen.cc (SampleComplete, IssueQueries),
loadgen/issue_query_controller.{h,cc}.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from submission_checker.evidence.accuracy_order import SHOWN, Entry, Mismatch, repeated_numbers
from submission_checker.evidence.binomial import MAX_COUNT
from submission_checker.evidence.candidates import candidates
from submission_checker.evidence.draws import BLOCK
from submission_checker.evidence.loaded_set import (
    LIBRARIES,
    Samples,
    attempt_limit,
    loadable_sets,
    populations,
    set_key,
)
from submission_checker.evidence.printed import printed_interval
from submission_checker.evidence.rng import Library
from submission_checker.evidence.sample_order import (
    PerformanceVariant,
    Picker,
    equal_issue_minimum,
    performance_variants,
)
from submission_checker.evidence.schedule import demand_variants
from submission_checker.evidence.settings import (
    ACCURACY,
    OFFLINE,
    SUBMISSION,
    Certainty,
    Settings,
)

Order = tuple[Samples, PerformanceVariant, int]

DEFAULT_LIMIT = 1_000_000
"""Samples of a run whose order and choice are followed."""


class Chosen(NamedTuple):
    """Sequence numbers whose answers are logged for certain, or may be.

    The two differ where the print of the target rate leaves the probability open: they belong to
    its lower and upper bound.
    """

    certain: NDArray[np.int64]
    possible: NDArray[np.int64]
    probability: tuple[float, float]


class SampledAnswersCheck(NamedTuple):
    """Whether visible answers of a performance run have the right samples and were due at all.

    Attributes:
        certainty: exact if every entry was judged, bounded if only those within the limit.
        entries: visible entries; ``judged`` of them were within the limit.
        variants: the orders in which no entry is wrong: the likeliest, or all where every one was
            asked for.
        wrong, mismatches: entries with another sample than the order gives, or beyond the samples
            issued, and the first of them.
        not_due: sequence numbers that should not have been logged, at most five.
        missing: numbers that should have been logged and are not, at most five; only for a file
            that is complete.
        expected: how many answers are due among the samples issued, where that is known.
    """

    certainty: Certainty
    agrees: bool | None
    entries: int
    judged: int
    variants: tuple[PerformanceVariant, ...]
    wrong: int
    mismatches: tuple[Mismatch, ...]
    not_due: tuple[int, ...]
    missing: tuple[int, ...]
    repeated: tuple[int, ...]
    expected: int | None
    probability: tuple[float, float]
    reason: str = ""


def expected_samples(settings: Settings, rate: float, *, floor: bool) -> int:
    """Return by how many samples LoadGen divides a sampling target.

    Args:
        settings: effective settings.
        rate: exact target rate in queries per second.
        floor: the configured minimum bounds it from below (1.0 on).
    """
    # Written as LoadGen multiplies: doubles, then truncated.
    samples = int(rate * settings.min_duration_ms / 1000)
    least = settings.min_query_count * settings.samples_per_query
    if settings.scenario == OFFLINE:
        least = settings.min_sample_count
    else:
        samples *= settings.samples_per_query
    return max(samples, least) if floor else samples


def probability_bounds(
    settings: Settings, *, floor: bool, rates: Sequence[float] = (),
) -> tuple[float, float]:
    """Return the least and greatest probability that the settings can stand for.

    The logged target rate has six digits; exact rates given in ``rates`` that round to it
    replace its print interval. Infinite where LoadGen divides by zero.
    """
    target = settings.accuracy_log_sampling_target
    if target <= 0:
        return settings.accuracy_log_probability, settings.accuracy_log_probability
    low, high = printed_interval(settings.target_qps)
    given = [rate for rate in rates if low <= rate <= high]
    if given:
        low, high = min(given), max(given)
    counts = [expected_samples(settings, rate, floor=floor) for rate in (high, low)]
    first, last = (target / count if count > 0 else math.inf for count in counts)
    return first, last


def chosen_answers(
    settings: Settings, count: int, probability: tuple[float, float],
) -> Chosen:
    """Return which of the first ``count`` samples have their answers logged.

    Shape of either array: (logged,), ascending sequence numbers.
    """
    near = candidates(settings.accuracy_log_rng_seed, probability[1])
    blocks = list(itertools.islice(near, -(-count // BLOCK)))
    if not blocks:
        return Chosen(np.empty(0, np.int64), np.empty(0, np.int64), probability)
    sequences, shifted = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    end = int(np.searchsorted(sequences, count))
    sequences, shifted = sequences[:end], shifted[:end]
    return Chosen(
        sequences[shifted <= probability[0]], sequences[shifted <= probability[1]], probability,
    )


def check_sampled_answers(
    settings: Settings, entries: Sequence[Entry], *, issued: int | None = None,
    complete: bool = False, libraries: Iterable[Library] = LIBRARIES, every: bool = False,
    rates: Sequence[float] = (), limit: int = DEFAULT_LIMIT,
) -> SampledAnswersCheck:
    """Return whether the visible answers of a performance run follow from its seeds.

    Args:
        settings: effective settings of the performance run.
        entries: sequence number and sample index of every complete entry, in any order.
        issued: samples that were really issued (query count times samples per query); None where
            the log does not say, then a complete file is compared up to its last entry.
        complete: the file is whole, so that answers due but absent are missing.
        libraries: those that reproduce the loaded set (`loaded_set.agreeing_libraries`), or all.
        every: name all orders that agree, not only the first.
        rates: exact target rates from elsewhere, such as user.conf.
        limit: sequence numbers to follow at most.
    """
    reason = attempt_limit(settings, limit=1 << 24) or _unfit(settings, entries, complete)
    if reason:
        return SampledAnswersCheck(
            Certainty.NOT_ATTEMPTED, None, len(entries), 0, (), 0, (), (), (), (), None,
            (0.0, 0.0), reason,
        )
    first = _first_performance_sample(settings)
    end = min(issued, MAX_COUNT) + first if issued is not None else MAX_COUNT
    inside = [entry for entry in entries if first <= entry[0] < end]
    beyond = [Mismatch(*entry, None) for entry in entries if entry[0] >= end]
    numbers = [number for number, _ in inside]
    if issued is None:
        end = max(numbers, default=-1) + 1
    followed = max(0, min(limit, end))
    variants, wrong, judged = _best_order(
        settings, inside, _orders(settings, libraries), first, limit, every=every,
    )
    chosen, not_due = _choice(settings, numbers, followed, rates)
    wrong = beyond + wrong
    missing: tuple[int, ...] = ()
    if complete:
        due = np.setdiff1d(chosen.certain[chosen.certain >= first], np.array(numbers, np.int64))
        missing = tuple(due[:SHOWN].tolist())
    repeated = repeated_numbers(entries)
    whole = judged == len(numbers) and end <= limit
    return SampledAnswersCheck(
        Certainty.EXACT if whole else Certainty.BOUNDED,
        not wrong and not not_due and not missing and not repeated,
        len(numbers), judged, variants, len(wrong), tuple(wrong[:SHOWN]), not_due, missing,
        repeated, int((chosen.certain >= first).sum()) if end <= limit else None,
        chosen.probability, "" if whole else f"followed up to sample {followed}",
    )


def _unfit(settings: Settings, entries: Sequence[Entry], complete: bool) -> str:
    """Return why sampled answers cannot be judged, or an empty text."""
    if settings.mode == ACCURACY:
        return "the log is of an accuracy run"
    if not entries and not complete:
        return "no complete entry is visible"
    if not 0 < settings.target_qps < 1e15 or settings.samples_per_query < 1:
        return "the settings have no rate or no samples"
    numbers = (settings.min_duration_ms, settings.min_query_count, settings.min_sample_count,
               settings.samples_per_query, settings.accuracy_log_sampling_target,
               settings.same_index)
    if max(numbers) > MAX_COUNT or min(numbers) < 0:
        return f"a count or duration is negative or above {MAX_COUNT}"
    return ""


def _first_performance_sample(settings: Settings) -> int:
    """Return the first sequence number of the performance part: behind the accuracy part."""
    if settings.mode != SUBMISSION:
        return 0
    sets = loadable_sets(set_key(settings, Library.LIBSTDCXX_11, settings.total_count))
    per_query = settings.samples_per_query
    if settings.is_multi_stream:
        return sum(int(one.size) // per_query * per_query for one in sets)
    return sum(int(one.size) for one in sets)


def _best_order(
    settings: Settings, entries: Sequence[Entry], orders: Iterable[Order], first: int,
    limit: int, *, every: bool,
) -> tuple[tuple[PerformanceVariant, ...], list[Mismatch], int]:
    """Return the orders without a wrong entry, the fewest wrong ones, and how many were judged."""
    wanted = [(number - first, sample) for number, sample in entries]
    sequences = np.unique(np.array([number for number, _ in wanted], np.int64))
    agreeing: list[PerformanceVariant] = []
    best: list[Mismatch] | None = None
    judged = 0
    for samples, variant, least in orders:
        found = Picker(settings, samples, least, variant, limit).pick(sequences)
        known = [entry for entry in wanted if entry[0] in found]
        wrong = [
            Mismatch(number + first, sample, found[number])
            for number, sample in known if found[number] != sample
        ]
        if best is None or (len(wrong), -len(known)) < (len(best), -judged):
            best, judged = wrong, len(known)
        if not wrong and variant not in agreeing:
            agreeing.append(variant)
            if not every:
                break
    return tuple(agreeing), best or [], judged


def _orders(settings: Settings, libraries: Iterable[Library]) -> Iterator[Order]:
    """Yield loaded set, way of choosing and equal-issue minimum of every order to try."""
    for variant in performance_variants(settings, libraries):
        for population in populations(settings):
            samples = loadable_sets(set_key(settings, variant.library, population))[0]
            least = {
                equal_issue_minimum(settings, int(samples.size), counted)
                for counted in demand_variants(settings)
            }
            for one in sorted(least, reverse=True):
                yield samples, variant, one


def _choice(
    settings: Settings, numbers: Sequence[int], followed: int, rates: Sequence[float],
) -> tuple[Chosen, tuple[int, ...]]:
    """Return the answers due and the visible ones that are not, by the likeliest probability."""
    best: tuple[Chosen, tuple[int, ...]] | None = None
    floors = settings.traits.sampling_floor
    inside = np.array([number for number in numbers if 0 <= number < followed], np.int64)
    for floor in floors if settings.accuracy_log_sampling_target > 0 else floors[:1]:
        bounds = probability_bounds(settings, floor=floor, rates=rates)
        chosen = chosen_answers(settings, followed, bounds)
        excess = np.setdiff1d(inside, chosen.possible)
        if best is None or excess.size < len(best[1]):
            best = chosen, tuple(excess[:SHOWN].tolist())
        if not excess.size:
            break
    assert best is not None
    return best
