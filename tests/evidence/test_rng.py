"""Random words, integers, doubles and intervals, against the C++ libraries."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission_checker.evidence import rng
from submission_checker.evidence.rng import Library, WordStream
from tests.evidence.support import vectors

SEEDS = st.integers(0, 2**64 - 1)
LIBRARIES = st.sampled_from(list(Library))


@pytest.mark.parametrize(("seed", "words"), vectors()["words"].items())
def test_words_equal_mt19937(seed, words):
    assert WordStream(int(seed)).take(len(words)).tolist() == words


def test_word_ten_thousand_of_the_default_seed():
    assert int(WordStream(rng.DEFAULT_SEED).take(10_000)[-1]) == vectors()["word_10000_of_5489"]


@given(SEEDS, st.lists(st.tuples(st.integers(0, 3000), st.booleans()), max_size=8))
def test_looking_ahead_does_not_consume(seed, steps):
    stream, whole = WordStream(seed), WordStream(seed).take(sum(n for n, _ in steps) + 1)
    for count, look in steps:
        if look:
            assert stream.window(count).tolist() == whole[stream.used :][:count].tolist()
        else:
            start = stream.used
            assert stream.take(count).tolist() == whole[start : start + count].tolist()


@given(SEEDS, st.lists(st.integers(0, 700), max_size=8), st.integers(1, 2000))
def test_words_go_on_behind_those_that_are_kept(seed, counts, kept):
    whole = np.random.RandomState(seed % 2**32).randint(0, 2**32, sum(counts) + 1, np.uint32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rng, "KEPT_WORDS", kept)
        rng.first_words.cache_clear()
        for _ in range(2):  # made, then kept
            stream = WordStream(seed)
            taken = [word for count in counts for word in stream.take(count).tolist()]
            assert taken == whole[:-1].tolist()
    rng.first_words.cache_clear()


def one_by_one(stream, bound, library):
    """Return the next integer by the library's own text, word for word."""
    if library is Library.LIBCXX and bound == 1:
        return 0
    while True:
        word = int(stream.take(1)[0])
        if library is Library.LIBSTDCXX_11:
            low = word * bound % 2**32
            if low >= bound or low >= (2**32 - bound) % bound:
                return word * bound >> 32
        elif library in (Library.LIBSTDCXX_10, Library.LIBSTDCXX_EARLY):
            scale = (2**32 - 1) // bound
            if word < bound * scale:
                return word // scale
        elif library is Library.LIBCXX:
            value = word % 2 ** (bound - 1).bit_length()
            if value < bound:
                return value
        elif word // bound < (2**32 - 1) // bound or (2**32 - 1) % bound == bound - 1:
            return word % bound


@given(SEEDS, st.integers(1, 2**32 - 1) | st.integers(1, 100),
       st.lists(st.integers(0, 400), max_size=20).map(sorted), LIBRARIES,
       st.sampled_from([16, 4096]))
def test_uniform_at_gives_what_the_loop_gives_there(seed, bound, places, library, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rng, "BLOCK", block)
        drawn = rng.uniform_at(WordStream(seed), bound, np.array(places, np.int64), library)
    slow = WordStream(seed)
    whole = [one_by_one(slow, bound, library) for _ in range(max(places, default=-1) + 1)]
    assert drawn.tolist() == [whole[place] for place in places]


BOUNDS = st.lists(st.integers(2, 2**32 - 1) | st.integers(2, 5000), max_size=200)


@given(SEEDS, BOUNDS, LIBRARIES)
def test_uniform_each_equals_the_loop_and_consumes_the_same(seed, bounds, library):
    fast, slow = WordStream(seed), WordStream(seed)
    drawn = rng.uniform_each(fast, np.array(bounds, np.uint64), library).tolist()
    assert drawn == [one_by_one(slow, bound, library) for bound in bounds]
    assert fast.used == slow.used


@pytest.mark.parametrize("library", Library)
def test_uniform_each_gives_the_same_in_blocks(library, monkeypatch):
    bounds = np.random.RandomState(1).randint(2, 2**31, 3000).astype(np.uint64)
    whole = rng.uniform_each(WordStream(5), bounds, library)
    monkeypatch.setattr(rng, "REJECT_NS", 0)  # vectorised whatever the rejections
    assert rng.uniform_each(WordStream(5), bounds, library).tolist() == whole.tolist()
    monkeypatch.setattr(rng, "SCALAR_NS", -1)  # always the loop
    assert rng.uniform_each(WordStream(5), bounds, library).tolist() == whole.tolist()


@pytest.mark.parametrize("library", Library)
def test_rejections_are_as_likely_as_said(library):
    bound = 3_000_000_000
    stream = WordStream(9)
    rng.uniform_each(stream, np.full(20_000, bound, np.uint64), library)
    rate = float(rng.rejection_rates(np.array([bound], np.uint64), library)[0])
    assert 1 - 20_000 / stream.used == pytest.approx(rate, abs=0.02)


@pytest.mark.parametrize("bound", [0, -1, 2**32])
def test_impossible_bounds_are_refused(bound):
    with pytest.raises(ValueError):
        rng.uniform_at(WordStream(1), bound, np.zeros(1, np.int64), Library.LIBSTDCXX_11)


def test_canonicals_equal_libstdcxx():
    wanted = vectors()["canonicals"]
    stream = WordStream(wanted["seed"])
    assert rng.canonicals(stream, len(wanted["values"])).tolist() == wanted["values"]


def test_canonical_stays_below_one():
    class Highest(WordStream):
        def take(self, count):
            return np.full(count, 2**32 - 1, np.uint32)

    assert rng.canonicals(Highest(1), 1)[0] == math.nextafter(1.0, 0.0)


def test_intervals_equal_libstdcxx():
    wanted = vectors()["intervals_ns"]
    survival = rng.survivals(WordStream(wanted["seed"]), len(wanted["values"]))
    units = rng.unit_exponentials(survival)
    assert rng.interarrivals_ns(units, survival, wanted["qps"]).tolist() == wanted["values"]


@given(SEEDS, st.floats(0.01, 1e6))
def test_intervals_equal_the_c_library_even_if_the_logarithm_is_off(seed, qps):
    survival = rng.survivals(WordStream(seed), 500)
    exact = [int(-math.log(s) / qps * 1e9) for s in survival.tolist()]
    units = rng.unit_exponentials(survival)
    for off in (units, np.nextafter(units, np.inf), np.nextafter(units, 0.0)):
        assert rng.interarrivals_ns(off, survival, qps).tolist() == exact
