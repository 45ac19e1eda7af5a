"""Which samples a run loads: a function of the data-set seed and four numbers.

All samples are shuffled and cut into blocks of the performance sample count; MultiStream appends to
each block its own beginning. A performance run loads the first block, an accuracy run all of them
in turn, a submission run all of them and then the first again.

Source: mlcommons/inference@v5.1:loadgen/loadgen.cc (GenerateLoadableSets).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from submission_checker.evidence.kept import Kept
from submission_checker.evidence.rng import MASK, Library
from submission_checker.evidence.settings import (
    ACCURACY,
    PERFORMANCE,
    SUBMISSION,
    Certainty,
    Settings,
)
from submission_checker.evidence.shuffle import KEPT_BYTES, MAX_ELEMENTS, first_permutation

Samples = NDArray[np.int32]
Logged = bytes | Sequence[int] | NDArray[np.int32]
"""A logged set: its text ``[3,1,2]``, or its numbers."""

LIBRARIES = tuple(Library)
"""In the order in which they are tried."""

TOLD_APART = (Library.LIBSTDCXX_11, Library.LIBSTDCXX_10)
"""Their integers differ often from some thousand elements on (`rng.REDUCTIONS`)."""

LARGE = 4096

PLAIN = b"0123456789,[]"
"""Characters of a set as LoadGen writes it; such a text need not be read as numbers."""

HEAD = 64
"""Bytes of a logged text that are compared before the whole is."""

MAX_SETS = 1 << 16
"""Sets of an accuracy run; the most that a real one has is below 1,000."""


class SetKey(NamedTuple):
    """What the loadable sets depend on: seed modulo 2^32, samples, block length, padding.

    ``sets`` is how many of them are wanted: one for a performance run, else all.
    """

    seed: int
    population: int
    block: int
    padding: int
    sets: int
    library: Library


class LoadedSetCheck(NamedTuple):
    """Whether the logged sets are those that the seed gives.

    ``libraries`` are the C++ libraries whose shuffle gives them: the likeliest such one, or all
    of them where every one was asked for. ``population`` is the number of samples shuffled.
    ``difference`` names the first place where the library that agrees longest disagrees: block,
    index, logged value, expected value (None where one of the two has no value there).
    """

    certainty: Certainty
    agrees: bool | None
    libraries: tuple[Library, ...]
    population: int
    expected_sizes: tuple[int, ...]
    logged_sizes: tuple[int, ...]
    difference: tuple[int, int, int | None, int | None] | None
    reason: str = ""


def set_key(settings: Settings, library: Library, population: int) -> SetKey:
    """Return what the loadable sets of a run depend on, for a number of samples to shuffle."""
    block = settings.performance_count
    block = block if 0 < block <= population else population
    padding = settings.samples_per_query - 1 if settings.is_multi_stream else 0
    sets = 1 if settings.mode == PERFORMANCE else -(-population // max(1, block))
    return SetKey(settings.qsl_rng_seed & MASK, population, block, padding, sets, library)


def padded(block: Samples, padding: int) -> Samples:
    """Return a block followed by its own beginning, ``padding`` samples long, cyclically."""
    if padding <= 0 or not block.size:
        return block
    return np.resize(block, block.size + padding)


def loadable_sets(key: SetKey) -> tuple[Samples, ...]:
    """Return the sets LoadGen can load, in order; each of shape (block + padding,).

    Raises:
        ValueError: the population is negative or above 2^24.
    """
    return _kept_sets(key)


def _sets(key: SetKey) -> tuple[Samples, ...]:
    order = first_permutation(key.seed, key.population, key.library)
    return tuple(
        padded(order[start : start + key.block], key.padding)
        for start in range(0, key.sets * key.block, max(1, key.block))
    )


def _sets_bytes(sets: tuple[Samples, ...]) -> int:
    return sum(samples.nbytes for samples in sets)


_kept_sets = Kept(_sets, _sets_bytes, KEPT_BYTES)


def _make_texts(key: SetKey) -> tuple[bytes, ...]:
    return tuple(written(samples) for samples in loadable_sets(key))


def _texts_bytes(texts: tuple[bytes, ...]) -> int:
    return sum(map(len, texts))


_texts = Kept(_make_texts, _texts_bytes, 3 * KEPT_BYTES)


def written(samples: Samples) -> bytes:
    """Return a set as LoadGen writes it."""
    step = 1 << 16
    parts = [_digits(samples[at : at + step]) for at in range(0, samples.size, step)]
    return b"[" + b"".join(parts)[:-1] + b"]"


def _digits(samples: Samples) -> bytes:
    """Return numbers from 0 on, each followed by a comma; several times faster than ``str``."""
    width = len(str(int(samples.max())))
    written = np.empty((samples.size, width + 1), np.uint8)
    shown = np.ones(written.shape, np.bool_)
    written[:, width] = ord(",")
    left: NDArray[np.integer] = samples
    for column in range(width - 1, -1, -1):
        if column < width - 1:
            shown[:, column] = left > 0
        rest = left // 10
        written[:, column] = left - rest * 10 + ord("0")
        left = rest
    return written[shown].tobytes()


def populations(settings: Settings) -> tuple[int, ...]:
    """Return how many samples may have been shuffled, likeliest first.

    LoadGen versions that log an accuracy sample count shuffle only as many samples as the mode
    uses (mlcommons/inference master, loadgen/loadgen.cc, GenerateLoadableSets).
    """
    total = settings.total_count
    if settings.accuracy_count is None:
        return (total,)
    if settings.mode == ACCURACY:
        first = min(settings.accuracy_count, total)
    else:
        first = min(settings.performance_count, total)
    return (first, total) if first != total else (total,)


def logged_order(settings: Settings, sets: int) -> tuple[int, ...]:
    """Return which of the loadable sets a run of this mode logs, in order."""
    if settings.mode == ACCURACY:
        return tuple(range(sets))
    if settings.mode == SUBMISSION:
        return (*range(sets), 0)
    return (0,)


def attempt_limit(settings: Settings, limit: int) -> str:
    """Return why the sets of a run are not computed, or an empty text."""
    largest = min(limit, MAX_ELEMENTS)
    if settings.total_count <= 0:
        return "the log reports no samples"
    if settings.total_count > largest:
        return f"{settings.total_count} samples are more than the limit of {largest}"
    key = set_key(settings, LIBRARIES[0], settings.total_count)
    if key.sets > MAX_SETS:
        return f"{key.sets} loadable sets are more than the limit of {MAX_SETS}"
    if key.sets * (key.block + key.padding) > 2 * largest:
        return f"{key.padding} samples of padding per set are more than the limit allows"
    return ""


def agreeing_libraries(
    settings: Settings, logged: Sequence[Logged], *,
    libraries: Iterable[Library] = LIBRARIES, limit: int = MAX_ELEMENTS,
) -> Iterator[Library]:
    """Yield the C++ libraries whose shuffle gives the logged sets, likeliest first.

    Each is tried only when asked for, so that a later check that is content with the first costs
    no more. Arguments as for `check_loaded_sets`.
    """
    if attempt_limit(settings, limit):
        return
    for library in libraries:
        for population in populations(settings):
            if _agrees(set_key(settings, library, population), settings, logged):
                yield library
                break


def check_loaded_sets(
    settings: Settings, logged: Sequence[Logged], *,
    libraries: Sequence[Library] = LIBRARIES, every: bool = False, limit: int = MAX_ELEMENTS,
) -> LoadedSetCheck:
    """Return whether the logged sets follow from the data-set seed.

    Args:
        settings: effective settings of the run.
        logged: every ``loaded_qsl_set`` of the log in order, as text or numbers; text is fastest.
        libraries: C++ libraries to try, likeliest first.
        every: name all libraries that agree, not only the first.
        limit: largest number of samples to shuffle.
    """
    reason = attempt_limit(settings, limit)
    if reason:
        return LoadedSetCheck(Certainty.NOT_ATTEMPTED, None, (), 0, (), (), None, reason)
    for population in populations(settings):
        agreeing: list[Library] = []
        for library in libraries if every else _tried(libraries, population):
            if _agrees(set_key(settings, library, population), settings, logged):
                agreeing.append(library)
                if not every:
                    break
        if agreeing:
            _latest[0] = agreeing[0]
            key = set_key(settings, agreeing[0], population)
            return _report(key, settings, logged, tuple(agreeing))
    reports = [
        _report(set_key(settings, library, population), settings, logged, ())
        for library in libraries for population in populations(settings)
    ]
    return max(reports, key=_agreement)


_latest = [LIBRARIES[0]]
"""The library of the set that agreed last; most logs of a tree come from the same one."""


def _tried(libraries: Sequence[Library], population: int) -> Sequence[Library]:
    """Return the libraries in the order to try: for large sets the last to agree is the first.

    No two of those in `TOLD_APART` give the same large set, so that the outcome does not depend on
    the order; a shuffle for nothing costs most there.
    """
    latest = _latest[0]
    if population <= LARGE or latest not in TOLD_APART or latest not in libraries:
        return libraries
    return [latest, *(library for library in libraries if library is not latest)]


def _agreement(report: LoadedSetCheck) -> tuple[int, int]:
    """Return how far a set agrees: the library behind an edited set agrees longest."""
    return report.difference[:2] if report.difference is not None else (-1, -1)


def set_sizes(settings: Settings) -> tuple[int, ...]:
    """Return the sizes of the sets that a run logs, padding included; none beyond the limits."""
    if attempt_limit(settings, MAX_ELEMENTS):
        return ()
    key = set_key(settings, LIBRARIES[0], populations(settings)[0])
    ends = range(key.block, key.sets * key.block + 1, key.block)
    sizes = [min(end, key.population) - end + key.block + key.padding for end in ends]
    return tuple(sizes[which] for which in logged_order(settings, len(sizes)))


def _agrees(key: SetKey, settings: Settings, logged: Sequence[Logged]) -> bool:
    sets = loadable_sets(key)
    order = logged_order(settings, len(sets))
    if len(order) != len(logged) or not _begins_alike(sets[order[0]], logged[0]):
        return False
    texts = _texts(key)
    return all(_equal(sets[which], texts[which], text)
               for which, text in zip(order, logged, strict=True))


def _begins_alike(samples: Samples, logged: Logged) -> bool:
    """Return whether a logged text may be that set, by its first samples: most are not."""
    text = logged[:HEAD].lstrip(b'" ') if isinstance(logged, bytes) else b""  # first rounds quote
    if not text.startswith(b"["):
        return True
    head = text.replace(b" ", b"").strip(b"[").split(b",")[:-1]
    return head == [b"%d" % sample for sample in samples[: len(head)].tolist()]


def _equal(samples: Samples, expected: bytes, logged: Logged) -> bool:
    if isinstance(logged, bytes):
        if logged == expected:
            return True
        text = logged.strip().strip(b'"')
        if text == expected or not text.translate(None, PLAIN):
            return text == expected
    numbers = set_numbers(logged)
    return numbers is not None and np.array_equal(numbers, samples)


def set_numbers(logged: Logged) -> NDArray[np.int64] | None:
    """Return a logged set as numbers, shape (samples,); None where it is no list of integers."""
    if isinstance(logged, bytes):
        body = logged.strip().strip(b'"').strip()
        if not (body.startswith(b"[") and body.endswith(b"]")):
            return None
        items: Sequence[bytes | int] = body[1:-1].split(b",") if body[1:-1].strip() else []
    elif isinstance(logged, np.ndarray):
        return logged.astype(np.int64)
    else:
        items = logged
    try:
        return np.array([int(item) for item in items], np.int64)
    except (ValueError, TypeError, OverflowError):
        return None


def _report(
    key: SetKey, settings: Settings, logged: Sequence[Logged], agreeing: tuple[Library, ...],
) -> LoadedSetCheck:
    sets = loadable_sets(key)
    order = logged_order(settings, len(sets))
    expected = tuple(int(sets[which].size) for which in order)
    if agreeing:
        return LoadedSetCheck(
            Certainty.EXACT, True, agreeing, key.population, expected, expected, None,
        )
    numbers = [set_numbers(one) for one in logged]
    sizes = tuple(0 if one is None else int(one.size) for one in numbers)
    return LoadedSetCheck(
        Certainty.EXACT, False, (), key.population, expected, sizes,
        _difference([sets[which] for which in order], numbers),
    )


def _difference(
    expected: Sequence[Samples], logged: Sequence[NDArray[np.int64] | None],
) -> tuple[int, int, int | None, int | None] | None:
    """Return block, index, logged and expected value of the first difference."""
    nothing = np.empty(0, np.int64)
    for block in range(max(len(expected), len(logged))):
        want: NDArray[np.integer] = expected[block] if block < len(expected) else nothing
        have = logged[block] if block < len(logged) else nothing
        have = nothing if have is None else have
        shared = min(want.size, have.size)
        unequal = np.flatnonzero(want[:shared] != have[:shared])
        index = int(unequal[0]) if unequal.size else shared
        if unequal.size or want.size != have.size:
            return (
                block, index,
                int(have[index]) if index < have.size else None,
                int(want[index]) if index < want.size else None,
            )
    return None
