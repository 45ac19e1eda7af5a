"""LoadGen's random numbers: std::mt19937 and the distributions of the C++ standard libraries.

Words of the generator are the same everywhere; how a library makes integers of them is not, so the
library is a parameter. Real numbers are the same in libstdc++ and libc++. All are exact: a log
shows which library it was built with by the sample set it loaded.

Sources: ISO C++ [rand.eng.mers]; libstdc++ bits/uniform_int_dist.h (before and since GCC 11),
bits/random.tcc (generate_canonical); libc++ __random/uniform_int_distribution.h,
independent_bits_engine.h; mlcommons/inference@v5.1:loadgen/loadgen.cc.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable
from enum import Enum
from functools import partial

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]
Wide = NDArray[np.uint64]
Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]

MASK = 0xFFFFFFFF
SPAN = 1 << 32
DEFAULT_SEED = 5489
"""Seed of a std::mt19937 that is given none."""

MAX_BOUND = SPAN - 1
NS_PER_S = 1e9
BELOW_ONE = math.nextafter(1.0, 0.0)
GUARD_ULPS = 16
"""Distance to an integer, in units of the last place, below which a product is taken again."""

SCALAR_NS, REJECT_NS = 150, 14_500
"""Rough costs of one draw in a loop, and of one rejection in the vectorised form."""

KEPT_WORDS, KEPT_SEEDS = 1 << 20, 4
"""Words that are kept of a seed, 4 MB, and how many seeds: those of a round and of an audit."""

BLOCK = 1 << 14
"""Words that are worked on together: they and their intermediate values fit a cache."""


class Library(Enum):
    """C++ standard libraries that draw integers differently.

    The early form differs from libstdc++ 10 in the shuffle only. Published logs prove every form
    (docs/real-files.md).
    """

    LIBSTDCXX_11 = "libstdc++ 11 or newer"
    LIBSTDCXX_10 = "libstdc++ up to 10"
    LIBSTDCXX_EARLY = "early libstdc++"
    LIBCXX = "libc++"
    MSVC = "MSVC"


class FirstWords:
    """The first words of a seed, made as far as they are asked for; safe to use from threads."""

    def __init__(self, seed: int) -> None:
        self._source = np.random.RandomState(seed)
        self._words: Words = np.empty(0, np.uint32)
        self._lock = threading.Lock()

    def until(self, end: int) -> Words:
        """Return at least ``end`` words, at most `KEPT_WORDS`; not to be written to."""
        with self._lock:
            have = self._words.size
            if have < end:
                more = min(max(end, 2 * have, 1024), KEPT_WORDS) - have
                words = np.concatenate((self._words, _fresh(self._source, more)))
                words.flags.writeable = False
                self._words = words
            return self._words

    def source_behind(self) -> np.random.RandomState:
        """Return a generator that goes on behind the kept words."""
        self.until(KEPT_WORDS)
        source = np.random.RandomState()
        source.set_state(self._source.get_state())
        return source


def _fresh(source: np.random.RandomState, count: int) -> Words:
    return source.randint(0, SPAN, count, dtype=np.uint32)


first_words = functools.lru_cache(maxsize=KEPT_SEEDS)(FirstWords)
"""The runs of a round share their seeds, so that most streams begin with the same words."""


class WordStream:
    """Successive 32-bit words of std::mt19937(seed), with look-ahead; not to be written to.

    The seed is reduced modulo 2^32, as the C++ engine does.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed & MASK
        self._first = first_words(self.seed)
        self._source: np.random.RandomState | None = None
        """Set behind the kept words, as are the words looked at ahead."""
        self._ahead: Words = np.empty(0, np.uint32)
        self._at = 0
        self.used = 0
        """Words consumed so far."""

    def window(self, count: int) -> Words:
        """Return the next ``count`` words without consuming them; shape (count,)."""
        end = self.used + count
        if self._source is None:
            if end <= KEPT_WORDS:
                return self._first.until(end)[self.used : end]
            self._source = self._first.source_behind()
            self._ahead, self._at = self._first.until(KEPT_WORDS), self.used
        missing = self._at + count - self._ahead.size
        if missing > 0:
            fresh = _fresh(self._source, max(missing, 1024))
            rest = self._ahead[self._at :]
            self._ahead = np.concatenate((rest, fresh)) if rest.size else fresh
            self._at = 0
        return self._ahead[self._at : self._at + count]

    def advance(self, count: int) -> None:
        """Consume ``count`` words that were looked at."""
        self._at += count
        self.used += count

    def take(self, count: int) -> Words:
        """Return and consume the next ``count`` words; shape (count,)."""
        words = self.window(count)
        self.advance(count)
        return words


def _multiply(words: Words, bounds: Wide) -> tuple[Ints, Flags]:
    product = words * bounds
    low = product & np.uint64(MASK)
    accepted = low >= bounds
    if not accepted.all():
        # Lemire's test proper, only where the quick one leaves it open.
        accepted |= low >= (np.uint64(SPAN) - bounds) % bounds
    return (product >> np.uint64(32)).astype(np.int64), accepted


def _divide(words: Words, bounds: Wide) -> tuple[Ints, Flags]:
    scale = np.uint64(MASK) // bounds
    wide = words.astype(np.uint64)
    return (wide // scale).astype(np.int64), wide < bounds * scale


def _mask(words: Words, bounds: Wide) -> tuple[Ints, Flags]:
    bits = np.ones_like(bounds)
    for shift in (16, 8, 4, 2, 1):
        high = (bounds - np.uint64(1)) >> (bits + np.uint64(shift - 1))
        bits += np.where(high > 0, np.uint64(shift), np.uint64(0))
    values = words & ((np.uint64(1) << bits) - np.uint64(1))
    return values.astype(np.int64), values < bounds


def _modulo(words: Words, bounds: Wide) -> tuple[Ints, Flags]:
    wide, top = words.astype(np.uint64), np.uint64(MASK)
    whole = top % bounds == bounds - np.uint64(1)
    return (wide % bounds).astype(np.int64), (wide // bounds < top // bounds) | whole


def _multiply_one(word: int, bound: int) -> int:
    product = word * bound
    low = product & MASK
    return -1 if low < bound and low < (SPAN - bound) % bound else product >> 32


def _divide_one(word: int, bound: int) -> int:
    value = word // (MASK // bound)
    return value if value < bound else -1


def _mask_one(word: int, bound: int) -> int:
    value = word & ((1 << (bound - 1).bit_length()) - 1)
    return value if value < bound else -1


def _modulo_one(word: int, bound: int) -> int:
    if word // bound < MASK // bound or MASK % bound == bound - 1:
        return word % bound
    return -1


Reduction = Callable[[Words, Wide], tuple[Ints, Flags]]
REDUCTIONS: dict[Library, tuple[Reduction, Callable[[int, int], int]]] = {
    Library.LIBSTDCXX_11: (_multiply, _multiply_one),
    Library.LIBSTDCXX_10: (_divide, _divide_one),
    Library.LIBSTDCXX_EARLY: (_divide, _divide_one),
    Library.LIBCXX: (_mask, _mask_one),
    Library.MSVC: (_modulo, _modulo_one),
}


def rejection_rates(bounds: Wide, library: Library) -> Reals:
    """Return the probability that a word is rejected, for each bound; shape of ``bounds``."""
    if library is Library.LIBSTDCXX_11:
        left = np.uint64(SPAN) % bounds
    elif library in (Library.LIBSTDCXX_10, Library.LIBSTDCXX_EARLY):
        left = np.uint64(SPAN) - bounds * (np.uint64(MASK) // bounds)
    elif library is Library.LIBCXX:
        power = np.exp2(np.ceil(np.log2(np.maximum(bounds, 2).astype(np.float64))))
        rates: Reals = 1.0 - bounds / power
        return rates
    else:
        left = np.uint64(SPAN) % bounds
    return left / float(SPAN)


def uniform_at(stream: WordStream, bound: int, places: Ints, library: Library) -> Ints:
    """Return those of the integers that std::uniform_int_distribution draws at given places.

    Costs a test per word and a division or product per place, as only those are worked out. The
    stream ends anywhere behind the last place.

    Args:
        stream: the generator.
        bound: of the integers 0..bound-1.
        places: ascending, at least 0; shape (wanted,).
        library: how a word becomes an integer.

    Raises:
        ValueError: the bound is not in 1..2^32-1.
    """
    if not 0 < bound <= MAX_BOUND:
        raise ValueError(f"a bound lies in 1..2^32-1, not at {bound}")
    if bound == 1 and library is Library.LIBCXX:
        return np.zeros(places.size, np.int64)  # drawn without a word
    reduce, wide = REDUCTIONS[library][0], np.array([bound], np.uint64)
    parts: list[Ints] = []
    drawn = found = 0
    while found < places.size:
        words = stream.take(BLOCK)
        accepted = _accepted(words, bound, library)
        number = int(np.count_nonzero(accepted))
        until = int(np.searchsorted(places, drawn + number))
        here = places[found:until] - drawn
        chosen = words[here] if number == words.size else words[np.flatnonzero(accepted)[here]]
        parts.append(reduce(chosen, wide)[0])
        drawn, found = drawn + number, until
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _accepted(words: Words, bound: int, library: Library) -> Flags:
    """Return which words become an integer below the bound; shape of ``words``."""
    if library is Library.LIBSTDCXX_11:
        low = words * np.uint32(bound)  # modulo 2^32, as the low half of the product
        return low >= np.uint32((SPAN - bound) % bound)
    if library in (Library.LIBSTDCXX_10, Library.LIBSTDCXX_EARLY):
        return words < np.uint32(bound * (MASK // bound))
    return REDUCTIONS[library][0](words, np.array([bound], np.uint64))[1]


def uniform_each(stream: WordStream, bounds: Wide, library: Library) -> Ints:
    """Return one integer of 0..bound-1 for each bound (at least 2), drawn in turn.

    Shape of ``bounds``. Blocks are drawn as if no word were rejected; where one is, the block ends
    there. With many rejections a loop over the words is faster.
    """
    count = int(bounds.size)
    rejected = float(rejection_rates(bounds, library).sum())
    if rejected * REJECT_NS > count * SCALAR_NS:
        return _uniform_each_loop(stream, bounds, library)
    reduce = REDUCTIONS[library][0]
    drawn = np.empty(count, np.int64)
    at, size = 0, min(BLOCK, max(64, int(2 * count / (rejected + 1.0))))
    while at < count:
        ahead = min(size, count - at)
        values, accepted = reduce(stream.window(ahead), bounds[at : at + ahead])
        whole = bool(accepted.all())
        good = ahead if whole else int(np.argmin(accepted))
        drawn[at : at + good] = values[:good]
        stream.advance(good if whole else good + 1)
        at += good
    return drawn


def _uniform_each_loop(stream: WordStream, bounds: Wide, library: Library) -> Ints:
    each = _multiply_each if library is Library.LIBSTDCXX_11 else partial(
        _one_each, REDUCTIONS[library][1])
    drawn: list[int] = []
    left = bounds.tolist()
    while len(drawn) < len(left):
        words = stream.window(len(left) - len(drawn) + 16).tolist()
        stream.advance(each(words, left, drawn))
    return np.array(drawn, np.int64)


def _one_each(
    one: Callable[[int, int], int], words: list[int], bounds: list[int], drawn: list[int],
) -> int:
    """Draw on until words or bounds end; return how many words that took."""
    for used, word in enumerate(words, 1):
        value = one(word, bounds[len(drawn)])
        if value >= 0:
            drawn.append(value)
            if len(drawn) == len(bounds):
                return used
    return len(words)


def _multiply_each(words: list[int], bounds: list[int], drawn: list[int]) -> int:
    """Do as `_one_each` with `_multiply_one`, written out: most logs come this way."""
    left = iter(bounds[len(drawn) :])
    keep = drawn.append
    bound = next(left)
    for used, word in enumerate(words, 1):
        product = word * bound
        low = product & MASK
        if low < bound and low < (SPAN - bound) % bound:
            continue
        keep(product >> 32)
        bound = next(left, 0)
        if not bound:
            return used
    return len(words)


def canonicals(stream: WordStream, count: int) -> Reals:
    """Return doubles of [0, 1) as std::generate_canonical<double, 53> makes them; shape (count,).

    Two words each: (r0 + r1 * 2^32) / 2^64 in double arithmetic, kept below one.
    """
    words = stream.take(2 * count).astype(np.float64)
    values: Reals = (words[0::2] + words[1::2] * float(SPAN)) / float(1 << 64)
    return np.minimum(values, BELOW_ONE, out=values)


def survivals(stream: WordStream, count: int) -> Reals:
    """Return 1 - c for successive canonical doubles c, what an exponential draw is made of."""
    return 1.0 - canonicals(stream, count)


def unit_exponentials(survival: Reals) -> Reals:
    """Return -log(1 - c), exponential draws of rate one; shape of ``survival``.

    May differ from the C library's logarithm in the last place; see `interarrivals_ns`.
    """
    values: Reals = -np.log(survival)
    return values


def interarrivals_ns(units: Reals, survival: Reals, qps: float) -> Ints:
    """Return the intervals (ns) between queries of a Server schedule; shape of ``units``.

    Args:
        units: `unit_exponentials` of ``survival``.
        survival: one minus the canonical doubles, for the elements that are taken again.
        qps: target rate in queries per second, above 0.

    LoadGen truncates (-log(1 - c) / qps) * 1e9. A vectorised logarithm may be off in the last
    place, which matters only beside an integer: those elements are taken again with `math.log`.
    Source: mlcommons/inference@v5.1:loadgen/loadgen.cc (ScheduleDistribution).
    """
    exact = units / qps
    exact *= NS_PER_S
    intervals = exact.astype(np.int64)
    guard = exact.max(initial=0.0) * (GUARD_ULPS * np.finfo(np.float64).eps)
    exact -= intervals
    exact -= 0.5
    np.abs(exact, out=exact)
    for place in np.flatnonzero(exact >= 0.5 - guard).tolist():
        intervals[place] = int(-math.log(survival[place]) / qps * NS_PER_S)
    return intervals
