"""std::shuffle of the C++ standard libraries, as permutations.

A shuffle moves places, whatever stands there, so a shuffled vector is ``vector[permutation]``.

Sources: libstdc++ bits/stl_algo.h (two swaps per draw where the range allows), libc++
__algorithm/shuffle.h, Microsoft STL <algorithm>; mlcommons/inference@v5.1:loadgen/loadgen.cc.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from submission_checker.evidence.kept import Kept
from submission_checker.evidence.rng import (
    MASK,
    Ints,
    Library,
    Wide,
    WordStream,
    uniform_each,
)

Permutation = NDArray[np.int32]

MAX_ELEMENTS = 1 << 24
"""Elements of the largest vector that is shuffled; the largest data set has 330,067 samples."""

KEPT_BYTES = 8 << 20
"""Permutations that are kept, in bytes; the data sets of a round have a few million samples."""

KEPT_SKIPS = 4096
_words_skipped: dict[tuple[int, int, int, int, Library], int] = {}
"""(seed, words used before, elements, shuffles, library) -> words that those shuffles use."""

PAIRED = (Library.LIBSTDCXX_11, Library.LIBSTDCXX_10)


def is_paired(elements: int, library: Library) -> bool:
    """Return whether the library draws two swap partners from one integer at this length."""
    return library in PAIRED and elements > 0 and MASK // elements >= elements


@functools.lru_cache(maxsize=16)
def draw_bounds(elements: int, library: Library) -> Wide:
    """Return the bounds of the integers that one shuffle draws, in order; not to be written to."""
    if is_paired(elements, library):
        first = 2 - elements % 2
        ranges = np.arange(first + 1, elements, 2, dtype=np.uint64)
        bounds: Wide = ranges * (ranges + np.uint64(1))
        if first == 2:
            bounds = np.concatenate((np.array([2], np.uint64), bounds))
    else:
        bounds = np.arange(2, elements + 1, dtype=np.uint64)
        if library is Library.LIBCXX:
            bounds = bounds[::-1].copy()
    bounds.flags.writeable = False
    return bounds


def swap_partners(elements: int, drawn: Ints, library: Library) -> Ints:
    """Return the partner that each place is swapped with; shape (elements - 1,).

    Places are 1, 2, ... for all libraries but libc++, which takes 0, 1, ...
    """
    if library is Library.LIBCXX:
        return drawn + np.arange(elements - 1)
    if not is_paired(elements, library):
        return drawn
    partners = np.empty(elements - 1, np.int64)
    first = 2 - elements % 2
    if first == 2:
        partners[0] = drawn[0]
        drawn = drawn[1:]
    divisors = np.arange(first + 2, elements + 1, 2, dtype=np.int64)
    partners[first - 1 :: 2], partners[first::2] = np.divmod(drawn, divisors)
    return partners


def permutation(elements: int, stream: WordStream, library: Library) -> Permutation:
    """Return the places that a shuffle of so many elements takes its values from.

    Consumes exactly the words that the library consumes. Shape (elements,).

    Raises:
        ValueError: the number of elements is negative or above `MAX_ELEMENTS`.
    """
    if not 0 <= elements <= MAX_ELEMENTS:
        raise ValueError(f"a shuffle has 0..{MAX_ELEMENTS} elements, not {elements}")
    if elements < 2:
        return np.arange(elements, dtype=np.int32)
    drawn = uniform_each(stream, draw_bounds(elements, library), library)
    partners = swap_partners(elements, drawn, library)
    if library is not Library.LIBCXX:
        return _swapped_back(np.concatenate((np.zeros(1, np.int64), partners)))
    order = list(range(elements))
    for place, partner in enumerate(partners.tolist()):
        order[place], order[partner] = order[partner], order[place]
    return np.array(order, np.int32)


def _swapped_back(partners: Ints) -> Permutation:
    """Return what swapping each place in turn with a partner at or before it gives.

    When its turn comes a place holds itself, so the swap brings it to its partner for good unless a
    later place has the same partner: the last such place stands there in the end. At a place that
    is nobody's partner later stands what its own partner held at its turn: the place that had that
    partner before, else what came to that partner in the partner's own turn, and so on.
    """
    size = partners.size
    turns = (partners << 32) | np.arange(size)
    turns.sort()
    place, partner = turns & MASK, turns >> 32
    again = partner[1:] == partner[:-1]
    held = np.where(partners == np.arange(size), partners, -1)
    held[place[1:][again]] = place[:-1][again]
    order = np.full(size, -1)
    last = np.append(~again, True)
    order[partner[last]] = place[last]
    open_places = np.flatnonzero(order < 0)
    asked = partners[open_places]
    found = held[open_places]
    left = np.flatnonzero(found < 0)
    while left.size:
        found[left] = held[asked[left]]
        asked[left] = partners[asked[left]]
        left = left[found[left] < 0]
    order[open_places] = found
    return order.astype(np.int32)


def skip_permutations(elements: int, count: int, stream: WordStream, library: Library) -> None:
    """Consume the words of ``count`` shuffles of so many elements, without their result.

    How many words that takes depends only on where the stream stands; it is kept, as the runs of a
    round share their seeds.
    """
    if elements < 2:
        return
    key = stream.seed, stream.used, elements, count, library
    if (used := _words_skipped.get(key)) is not None:
        stream.take(used)
        return
    before = stream.used
    _draw_and_drop(elements, count, stream, library)
    if len(_words_skipped) < KEPT_SKIPS:
        _words_skipped[key] = stream.used - before


def _draw_and_drop(elements: int, count: int, stream: WordStream, library: Library) -> None:
    bounds = draw_bounds(elements, library)
    together = max(1, (1 << 18) // bounds.size)
    while count > 0:
        now = min(count, together)
        uniform_each(stream, np.tile(bounds, now), library)
        count -= now


def _first(key: tuple[int, int, Library]) -> Permutation:
    seed, elements, library = key
    order = permutation(elements, WordStream(seed), library)
    order.flags.writeable = False
    return order


def permutation_bytes(order: Permutation) -> int:
    """Return the size of a permutation."""
    return int(order.nbytes)


_kept_permutation = Kept(_first, permutation_bytes, KEPT_BYTES)


def first_permutation(seed: int, elements: int, library: Library) -> Permutation:
    """Return the permutation of the first shuffle of std::mt19937(seed); not to be written to.

    Raises:
        ValueError: the number of elements is negative or above `MAX_ELEMENTS`.
    """
    if not 0 <= elements <= MAX_ELEMENTS:
        raise ValueError(f"a shuffle has 0..{MAX_ELEMENTS} elements, not {elements}")
    return _kept_permutation((seed & MASK, elements, library))
