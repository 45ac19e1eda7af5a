"""Samples that may have their answers logged: few of a run's, and the same in every run of a round.

Source: mlcommons/inference@v5.1:loadgen/loadgen.cc (SampleComplete).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from submission_checker.evidence.draws import BLOCK, KEPT_BLOCKS, sample_values
from submission_checker.evidence.rng import Reals, WordStream, canonicals

Candidate = tuple[NDArray[np.int64], Reals]
"""Ascending sequence numbers, and the numbers that are compared with the probability."""

NEAR = 1e-12
"""Rounding of a sum of two numbers below one, with room to spare."""

MOST_KEPT, LEAST_KEPT = -3, -20
"""Powers of two of the probabilities whose candidates are kept: up to an eighth of a million."""


def offset_of(seed: int) -> float:
    """Return the offset that an accuracy log seed adds to the number of every sample."""
    return float(canonicals(WordStream(seed), 1)[0])


class Candidates:
    """Those samples whose number the offset brings to a probability or below, block by block."""

    def __init__(self, seed: int, probability: float) -> None:
        self._offset = offset_of(seed)
        self._probability = probability
        self._kept: dict[int, Candidate] = {}

    def __iter__(self) -> Iterator[Candidate]:
        """Yield the candidates of each `BLOCK` samples for ever; the first blocks are kept."""
        for number, values in enumerate(sample_values()):
            found = self._kept.get(number)
            if found is None:
                near = self._near(values)
                found = near + number * BLOCK, self._shifted(values[near])
                if number < KEPT_BLOCKS:
                    self._kept[number] = found
            yield found

    def _near(self, values: Reals) -> NDArray[np.int64]:
        """Return the places of numbers that may come to the probability or below it."""
        offset, probability = self._offset, self._probability
        wrapped = 1.0 - offset
        mask = values >= wrapped - NEAR
        mask &= values <= wrapped + probability + NEAR
        if probability >= offset - NEAR:
            mask |= values <= probability - offset + NEAR
        return np.flatnonzero(mask)

    def _shifted(self, values: Reals) -> Reals:
        """Return the numbers plus the offset, less one from one on."""
        shifted: Reals = values + self._offset
        return np.where(shifted < 1.0, shifted, shifted - 1.0)


_kept = functools.lru_cache(maxsize=8)(Candidates)


def candidates(seed: int, probability: float) -> Candidates:
    """Return candidates for a probability, and perhaps some above it: those kept for many runs."""
    if probability > 2.0 ** MOST_KEPT:
        return Candidates(seed, probability)
    power = math.ceil(math.log2(probability)) if probability > 0 else LEAST_KEPT
    return _kept(seed, 2.0 ** max(power, LEAST_KEPT))
