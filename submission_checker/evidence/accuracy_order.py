"""Which sample belongs to which sequence number in an accuracy run.

LoadGen restarts its sample generator for every loaded set and numbers samples across the sets
(mlcommons/inference@v5.1:loadgen/loadgen.cc, GenerateQueries, RunAccuracyMode).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from submission_checker.evidence.kept import Kept
from submission_checker.evidence.loaded_set import (
    LIBRARIES,
    Samples,
    attempt_limit,
    loadable_sets,
    populations,
    set_key,
)
from submission_checker.evidence.rng import MASK, Library, WordStream
from submission_checker.evidence.settings import (
    OFFLINE,
    PERFORMANCE,
    SERVER,
    SUBMISSION,
    Certainty,
    Settings,
)
from submission_checker.evidence.shuffle import (
    KEPT_BYTES,
    MAX_ELEMENTS,
    Permutation,
    first_permutation,
    permutation,
    permutation_bytes,
    skip_permutations,
)

Entry = tuple[int, int]
"""Sequence number and sample index of an entry of mlperf_log_accuracy.json."""


class OrderVariant(NamedTuple):
    """A way in which LoadGen may have ordered the samples."""

    library: Library
    concatenates: bool
    equal_issue: bool


class Mismatch(NamedTuple):
    """An entry whose sample is not the one that the order gives; None beyond the last number."""

    sequence: int
    logged: int
    expected: int | None


class AccuracyOrderCheck(NamedTuple):
    """Whether the visible entries of an accuracy log stand in the order that the seeds give.

    ``variants`` are the orders in which every entry agrees: the likeliest, or all where every one
    was asked for; ``mismatches`` the first wrong entries by the order that has fewest, ``wrong``
    their number. ``repeated`` are sequence numbers that
    stand in more than one entry.
    """

    certainty: Certainty
    agrees: bool | None
    entries: int
    samples: int
    variants: tuple[OrderVariant, ...]
    wrong: int
    mismatches: tuple[Mismatch, ...]
    repeated: tuple[int, ...]
    reason: str = ""


SHOWN = 5


def variants_of(settings: Settings, libraries: Iterable[Library]) -> Iterator[OrderVariant]:
    """Yield the orders an accuracy run of these settings may have, likeliest first.

    Equal-issue mode changes the order of Offline and SingleStream, and of Server since 4.0; its
    first revisions lacked the shuffle that later ones draw beforehand.
    """
    concatenations = settings.concatenations
    if settings.is_multi_stream or (
        settings.scenario == SERVER and not any(settings.traits.server_equal_issue)
    ):
        concatenations = (False,)
    for library in libraries:
        for concatenates in concatenations:
            steps: tuple[bool, ...] = (True,)
            if concatenates and settings.scenario == OFFLINE:
                steps = settings.traits.draws_equal_issue
            for equal_issue in steps:
                yield OrderVariant(library, concatenates, equal_issue)


def _block_order(key: tuple[int, int, bool, OrderVariant]) -> Permutation:
    """Return the places of a block in the order in which they are issued; shape (length,)."""
    seed, length, scenario_is_offline, variant = key
    if not variant.concatenates:
        if scenario_is_offline:
            return np.arange(length, dtype=np.int32)
        return first_permutation(seed, length, variant.library)
    stream = WordStream(seed)
    # Drawn before: the accuracy order, the unique order and, since 2.0, the equal-issue order,
    # which is itself the order of the scenarios that issue one sample at a time.
    before = 3 if scenario_is_offline and variant.equal_issue else 2
    skip_permutations(length, before, stream, variant.library)
    return permutation(length, stream, variant.library)


_kept_block_order = Kept(_block_order, permutation_bytes, KEPT_BYTES)


def block_order(settings: Settings, length: int, variant: OrderVariant) -> NDArray[np.int64]:
    """Return the places of one loaded set in the order in which they are issued.

    Args:
        settings: effective settings of the run.
        length: samples of the set, padding included.
        variant: how they are ordered.

    Shape (length,), for MultiStream (queries * samples per query,).
    """
    seed = settings.sample_index_rng_seed & MASK
    if settings.is_multi_stream:
        per_query = settings.samples_per_query
        starts = np.arange(0, length - (per_query - 1), max(1, per_query), dtype=np.int64)
        order = first_permutation(seed, int(starts.size), variant.library)
        queries = starts[order][: length // max(1, per_query)]
        return (queries[:, None] + np.arange(per_query)).reshape(-1)
    return _kept_block_order((seed, length, settings.scenario == OFFLINE, variant)).astype(np.int64)


def accuracy_order(
    settings: Settings, sets: Sequence[Samples], variant: OrderVariant,
) -> NDArray[np.int32]:
    """Return the sample of every sequence number of an accuracy run; shape (samples issued,)."""
    places: dict[int, NDArray[np.int64]] = {}
    parts: list[NDArray[np.int32]] = []
    for one in sets:
        length = int(one.size)
        if length not in places:
            places[length] = block_order(settings, length, variant)
        parts.append(one[places[length]])
    return np.concatenate(parts) if parts else np.empty(0, np.int32)


def check_accuracy_order(
    settings: Settings, entries: Sequence[Entry], *,
    libraries: Iterable[Library] = LIBRARIES, every: bool = False, limit: int = MAX_ELEMENTS,
) -> AccuracyOrderCheck:
    """Return whether the visible entries of an accuracy log follow from the seeds.

    Args:
        settings: effective settings of the accuracy run.
        entries: sequence number and sample index of every complete entry, in any order.
        libraries: those that reproduce the loaded sets (`loaded_set.agreeing_libraries`), or all.
        every: name all orders that agree, not only the first.
        limit: largest number of samples to order.

    A log without a visible entry cannot be judged. Completion order is free, so the sequence
    numbers need not ascend.
    """
    reason = attempt_limit(settings, limit)
    if settings.mode == PERFORMANCE:
        reason = "the log is of a performance run"
    elif not entries:
        reason = "no complete entry is visible"
    if reason:
        return AccuracyOrderCheck(
            Certainty.NOT_ATTEMPTED, None, len(entries), 0, (), 0, (), (), reason,
        )
    repeated = repeated_numbers(entries)
    agreeing: list[OrderVariant] = []
    best: list[Mismatch] | None = None
    samples = 0
    for variant, order in _orders(settings, libraries):
        judged = entries
        if settings.mode == SUBMISSION:  # performance answers follow behind
            judged = [entry for entry in entries if entry[0] < order.size]
        wrong = mismatches(judged, order)
        if best is None or len(wrong) < len(best):
            best, samples = wrong, int(order.size)
        if not wrong:
            agreeing.append(variant)
            if not every:
                break
    if best is None:
        return AccuracyOrderCheck(
            Certainty.NOT_ATTEMPTED, None, len(entries), 0, (), 0, (), repeated,
            "no library reproduces the loaded sets",
        )
    return AccuracyOrderCheck(
        Certainty.EXACT, not best and not repeated, len(entries), samples, tuple(agreeing),
        len(best), tuple(best[:SHOWN]), repeated,
    )


def _orders(
    settings: Settings, libraries: Iterable[Library],
) -> Iterator[tuple[OrderVariant, NDArray[np.int32]]]:
    for variant in variants_of(settings, libraries):
        for population in populations(settings):
            sets = loadable_sets(set_key(settings, variant.library, population))
            yield variant, accuracy_order(settings, sets, variant)


def mismatches(entries: Sequence[Entry], order: NDArray[np.int32]) -> list[Mismatch]:
    """Return the entries whose sample is not ``order[sequence number]``."""
    wrong: list[Mismatch] = []
    for sequence, logged in entries:
        expected = int(order[sequence]) if 0 <= sequence < order.size else None
        if expected != logged:
            wrong.append(Mismatch(sequence, logged, expected))
    return wrong


def repeated_numbers(entries: Sequence[Entry]) -> tuple[int, ...]:
    """Return the sequence numbers that stand in more than one entry, ascending, at most five."""
    counts = Counter(sequence for sequence, _ in entries)
    return tuple(sorted(number for number, count in counts.items() if count > 1)[:SHOWN])
