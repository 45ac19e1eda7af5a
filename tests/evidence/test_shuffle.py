"""Shuffles of the C++ libraries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission_checker.evidence.rng import Library, WordStream
from submission_checker.evidence.shuffle import (
    MAX_ELEMENTS,
    draw_bounds,
    first_permutation,
    is_paired,
    permutation,
    skip_permutations,
)
from tests.evidence.support import vectors

SEEDS = st.integers(0, 2**64 - 1)
LIBRARIES = st.sampled_from(list(Library))


@pytest.mark.parametrize("vector", vectors()["shuffles"])
def test_permutation_equals_the_library(vector):
    stream = WordStream(vector["seed"])
    order = permutation(len(vector["order"]), stream, Library[vector["library"]])
    assert order.tolist() == vector["order"]
    assert int(stream.take(1)[0]) == vector["next_word"]


@given(SEEDS, st.integers(0, 400), LIBRARIES)
def test_permutation_holds_every_place_once(seed, elements, library):
    order = permutation(elements, WordStream(seed), library)
    assert sorted(order.tolist()) == list(range(elements))


@given(SEEDS, st.integers(0, 300), st.integers(0, 5), LIBRARIES)
def test_skipping_consumes_what_shuffling_consumes(seed, elements, count, library):
    drawn, skipped = WordStream(seed), WordStream(seed)
    for _ in range(count):
        permutation(elements, drawn, library)
    skip_permutations(elements, count, skipped, library)
    assert drawn.used == skipped.used


@pytest.mark.parametrize("library", [Library.LIBSTDCXX_11, Library.LIBSTDCXX_10])
def test_long_vectors_are_shuffled_one_by_one(library):
    assert is_paired(65_535, library)
    assert not is_paired(65_536, library)
    assert draw_bounds(65_536, library).tolist() == list(range(2, 65_537))
    for elements in (65_535, 65_536):
        order = permutation(elements, WordStream(3), library)
        assert np.array_equal(np.sort(order), np.arange(elements))


def test_early_libstdcxx_never_pairs():
    assert not is_paired(10, Library.LIBSTDCXX_EARLY)


def test_first_permutation_is_kept_and_cannot_be_changed():
    order = first_permutation(2**32 + 7, 100, Library.LIBSTDCXX_11)
    assert order is first_permutation(7, 100, Library.LIBSTDCXX_11)
    with pytest.raises(ValueError):
        order[0] = 1


@pytest.mark.parametrize("elements", [-1, MAX_ELEMENTS + 1])
def test_impossible_lengths_are_refused(elements):
    with pytest.raises(ValueError):
        permutation(elements, WordStream(1), Library.LIBSTDCXX_11)
