"""Which sample belongs to which sequence number in a performance run.

Source: mlcommons/inference@v5.1:loadgen/loadgen.cc (GenerateQueries); before 2.0 there is no
equal-issue step, and up to 3.1 it reached SingleStream only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from submission_checker.evidence.loaded_set import Samples
from submission_checker.evidence.rng import Library, WordStream, uniform_at
from submission_checker.evidence.schedule import DemandVariant
from submission_checker.evidence.settings import (
    NO,
    OFFLINE,
    SERVER,
    SINGLE_STREAM,
    Settings,
)
from submission_checker.evidence.shuffle import (
    first_permutation,
    permutation,
    skip_permutations,
)


class PerformanceVariant(NamedTuple):
    """A way in which LoadGen may have chosen the samples of a performance run."""

    library: Library
    concatenates: bool
    equal_issue: bool
    server_equal_issue: bool


def performance_variants(
    settings: Settings, libraries: Iterable[Library],
) -> Iterator[PerformanceVariant]:
    """Yield the orders that a performance run of these settings may have, likeliest first."""
    traits = settings.traits
    plain = settings.is_multi_stream or settings.issue_unique or settings.issue_same
    for library in libraries:
        for concatenates in NO if plain else settings.concatenations:
            for equal_issue in traits.draws_equal_issue:
                if concatenates and not equal_issue and settings.scenario != OFFLINE:
                    continue
                on_server = concatenates and settings.scenario == SERVER
                for server in traits.server_equal_issue if on_server else NO:
                    yield PerformanceVariant(library, concatenates, equal_issue, server)


class Picker(NamedTuple):
    """Gives the sample of chosen sequence numbers of one performance run.

    Attributes:
        settings: effective settings.
        samples: the loaded set, padding included; shape (N,).
        min_queries: least query count that the equal-issue step is drawn for.
        variant: how samples are chosen.
        limit: random words to draw at most; numbers behind are left out.
    """

    settings: Settings
    samples: Samples
    min_queries: int
    variant: PerformanceVariant
    limit: int

    def pick(self, sequences: NDArray[np.int64]) -> dict[int, int]:
        """Return the sample of every sequence number that can be reached within the limit.

        Args:
            sequences: ascending, at least 0; shape (wanted,).
        """
        settings, length = self.settings, int(self.samples.size)
        if not sequences.size:
            return {}
        if settings.is_multi_stream:
            return self._multi_stream(sequences)
        if settings.issue_same:
            return self._at(sequences, np.full(sequences.shape, settings.same_index % length))
        if settings.scenario != OFFLINE:
            return self._one_by_one(sequences)
        if self.variant.concatenates:
            return self._offline_blocks(sequences)
        return self._at(sequences, sequences % length)

    def _at(self, sequences: NDArray[np.int64], places: NDArray[np.int64]) -> dict[int, int]:
        return dict(zip(sequences.tolist(), self.samples[places].tolist(), strict=True))

    def _starts(self) -> int:
        """Return how many samples, for MultiStream queries, the unique order holds."""
        stride = self.settings.samples_per_query if self.settings.is_multi_stream else 1
        return max(0, -(-(int(self.samples.size) - (stride - 1)) // max(1, stride)))

    def _unique_places(self) -> NDArray[np.int64]:
        seed, library = self.settings.sample_index_rng_seed, self.variant.library
        return first_permutation(seed, self._starts(), library).astype(np.int64)

    def _stream(self) -> WordStream | None:
        """Return the generator as it stands when the samples are drawn, None beyond the limit."""
        length = int(self.samples.size)
        stream = WordStream(self.settings.sample_index_rng_seed)
        skip_permutations(self._starts(), 1, stream, self.variant.library)
        if self.variant.equal_issue:
            repeats = -(-self.min_queries // length)
            if repeats * length > self.limit:
                return None
            skip_permutations(length, repeats, stream, self.variant.library)
        return stream

    def _multi_stream(self, sequences: NDArray[np.int64]) -> dict[int, int]:
        settings, per_query = self.settings, max(1, self.settings.samples_per_query)
        queries, within = np.divmod(sequences, per_query)
        if settings.issue_same:
            start = np.full(queries.shape, settings.same_index, np.int64)
        elif settings.issue_unique:
            unique = self._unique_places() * per_query
            reached = queries < unique.size
            sequences, queries, within = sequences[reached], queries[reached], within[reached]
            start = unique[queries]
        else:
            end = int(self.samples.size) - (per_query - 1)
            drawn = self._uniform(queries, end)
            sequences, within = sequences[: drawn.size], within[: drawn.size]
            start = drawn
        return self._at(sequences, (start + within) % self.samples.size)

    def _one_by_one(self, sequences: NDArray[np.int64]) -> dict[int, int]:
        settings, length = self.settings, int(self.samples.size)
        if settings.issue_unique:
            unique = self._unique_places()
            reached = sequences[sequences < unique.size]
            return self._at(reached, unique[reached])
        variant = self.variant
        if variant.concatenates and (
            settings.scenario == SINGLE_STREAM or variant.server_equal_issue
        ):
            places = self._equal_issue_places(sequences)
            return self._at(sequences[: places.size], places)
        places = self._uniform(sequences, length)
        return self._at(sequences[: places.size], places)

    def _uniform(self, wanted: NDArray[np.int64], bound: int) -> NDArray[np.int64]:
        """Return the uniform integers at ascending places of the sequence, as far as allowed."""
        reached = wanted[wanted < self.limit]
        stream = self._stream() if reached.size else None
        if stream is None:
            return np.empty(0, np.int64)
        return uniform_at(stream, bound, reached, self.variant.library)

    def _equal_issue_places(self, sequences: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the places that equal-issue mode gives one query after the other."""
        length = int(self.samples.size)
        repeats = -(-self.min_queries // length)
        if repeats < 1 or repeats * length > self.limit:
            return np.empty(0, np.int64)
        stream = WordStream(self.settings.sample_index_rng_seed)
        skip_permutations(length, 1, stream, self.variant.library)
        order = np.arange(length, dtype=np.int32)
        blocks = []
        for _ in range(repeats):  # the vector is not reset between the shuffles
            order = order[permutation(length, stream, self.variant.library)]
            blocks.append(order)
        places = np.concatenate(blocks).astype(np.int64)
        return places[sequences % places.size]

    def _offline_blocks(self, sequences: NDArray[np.int64]) -> dict[int, int]:
        """Return the samples of an Offline query whose repetitions are shuffled one by one."""
        length = int(self.samples.size)
        reached = sequences[sequences < self.limit]
        stream = self._stream() if reached.size else None
        if stream is None:
            return {}
        found: dict[int, int] = {}
        blocks = reached // length
        at = 0
        for block in np.unique(blocks).tolist():
            skip_permutations(length, block - at, stream, self.variant.library)
            order = permutation(length, stream, self.variant.library)
            at = block + 1
            inside = reached[blocks == block]
            found |= self._at(inside, order[inside % length].astype(np.int64))
        return found


def equal_issue_minimum(settings: Settings, length: int, variant: DemandVariant) -> int:
    """Return the least query count that the equal-issue shuffles are drawn for.

    Drawn before equal-issue mode rounds the count up, with the count of unique issue where that
    applies (mlcommons/inference@v5.1:loadgen/loadgen.cc).
    """
    if settings.issue_unique or (settings.issue_same and variant.same_counts_as_unique):
        return length // max(1, settings.samples_per_query)
    return settings.min_query_count
