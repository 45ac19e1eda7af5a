"""Random numbers that many runs share, kept in blocks.

All Server runs of a round draw the same unit-rate exponential numbers and only scale them by their
rate; the numbers that choose which answers are logged are the same in every run ever made. The
first blocks of such a sequence are made once and kept, later ones again as they are needed.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from submission_checker.evidence.rng import (
    DEFAULT_SEED,
    MASK,
    Reals,
    WordStream,
    canonicals,
    survivals,
    unit_exponentials,
)

BLOCK = 1 << 16
"""Numbers in a block; also the step of the shipped tables."""

WORDS = 2 * BLOCK
"""Words of the generator behind a block."""

KEPT_BLOCKS = 16
"""Blocks kept per sequence: a million numbers."""

T = TypeVar("T")
Draws = tuple[Reals, Reals]
"""Unit draws and the survivals (1 - c) they are logarithms of; shape (BLOCK,) each, read-only."""


class KeptBlocks(Generic[T]):
    """Blocks of `BLOCK` numbers from one seed; safe to use from several threads."""

    def __init__(self, seed: int, make: Callable[[WordStream], T]) -> None:
        self._seed = seed
        self._make = make
        self._stream = WordStream(seed)
        self._kept: list[T] = []
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[T]:
        """Yield blocks for ever, from the first number of the seed on."""
        for number in range(KEPT_BLOCKS):
            yield self._block(number)
        stream = WordStream(self._seed)
        for _ in range(KEPT_BLOCKS):
            stream.take(WORDS)
        while True:
            yield self._make(stream)

    def _block(self, number: int) -> T:
        with self._lock:
            while len(self._kept) <= number:
                self._kept.append(self._make(self._stream))
            return self._kept[number]


def _draws(stream: WordStream) -> Draws:
    survival = survivals(stream, BLOCK)
    units = unit_exponentials(survival)
    survival.flags.writeable = units.flags.writeable = False
    return units, survival


def _values(stream: WordStream) -> Reals:
    values = canonicals(stream, BLOCK)
    values.flags.writeable = False
    return values


@functools.lru_cache(maxsize=3)
def _unit_draws(seed: int) -> KeptBlocks[Draws]:
    return KeptBlocks(seed, _draws)


def unit_draws(seed: int) -> KeptBlocks[Draws]:
    """Return the unit draws of a schedule seed, taken modulo 2^32 as std::mt19937 does."""
    return _unit_draws(seed & MASK)


@functools.lru_cache(maxsize=1)
def sample_values() -> KeptBlocks[Reals]:
    """Return the number that every sample carries to decide whether its answer is logged.

    Its generator has the default seed whatever the settings are
    (mlcommons/inference@v5.1:loadgen/issue_query_controller.h, SequenceGen).
    """
    return KeptBlocks(DEFAULT_SEED, _values)
