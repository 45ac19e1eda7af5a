"""Loaded sets."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission_checker.evidence.loaded_set import (
    LIBRARIES,
    SetKey,
    agreeing_libraries,
    check_loaded_sets,
    loadable_sets,
    set_key,
    set_numbers,
    set_sizes,
    written,
)
from submission_checker.evidence.rng import Library
from submission_checker.evidence.settings import Certainty
from tests.evidence.support import LOADGEN_6, made, settings_of, vectors

RUNS = {run["name"]: run for run in vectors()["runs"]}


def logged_of(settings, library=Library.LIBSTDCXX_11, population=None):
    key = set_key(settings, library, population or settings.total_count)
    return [one.tolist() for one in loadable_sets(key)]


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("form", ["numbers", "array", "text", "spaced text"])
def test_sets_of_loadgen_are_found(name, form):
    run = RUNS[name]
    shape = {
        "numbers": lambda one: one, "array": lambda one: np.array(one, np.int32),
        "text": lambda one: json.dumps(one, separators=(",", ":")).encode(),
        "spaced text": lambda one: json.dumps(one).encode(),
    }[form]
    check = check_loaded_sets(
        settings_of(run["settings"], LOADGEN_6), [shape(one) for one in run["loaded_sets"]],
    )
    assert check.agrees and check.certainty is Certainty.EXACT
    assert check.libraries == (Library.LIBSTDCXX_11,)
    assert check.expected_sizes == tuple(len(one) for one in run["loaded_sets"])


@pytest.mark.parametrize("name", RUNS)
def test_sizes_of_sets_are_known_without_a_shuffle(name):
    run = RUNS[name]
    settings = settings_of(run["settings"], LOADGEN_6)
    assert set_sizes(settings) == tuple(len(one) for one in run["loaded_sets"])


def test_sizes_beyond_the_limit_are_not_known():
    assert set_sizes(made(total_count=0)) == set_sizes(made(total_count=10**18)) == ()


@pytest.mark.parametrize("library", LIBRARIES)
def test_edited_sample_is_told_by_the_library_behind_the_set(library):
    settings = made(total_count=300, performance_count=300)
    (samples,) = logged_of(settings, library)
    samples[250], samples[251] = samples[251], samples[250]
    found = check_loaded_sets(settings, [samples])
    assert found.agrees is False
    assert found.difference == (0, 250, samples[250], samples[251])


@given(st.integers(1, 200), st.integers(0, 250), st.integers(1, 300),
       st.sampled_from(LIBRARIES), st.sampled_from(("Offline", "MultiStream")))
def test_sets_hold_all_samples_and_repeat_their_beginning(total, count, per_query, library, name):
    settings = made(name, "AccuracyOnly", total_count=total, performance_count=count,
                    samples_per_query=per_query)
    sets = loadable_sets(set_key(settings, library, total))
    padding = per_query - 1 if name == "MultiStream" else 0
    own = [one.tolist()[: one.size - padding] for one in sets]
    assert sorted(sample for one in own for sample in one) == list(range(total))
    for one, begun in zip(sets, own, strict=True):
        assert one.tolist() == [begun[i % len(begun)] for i in range(one.size)]


def test_every_library_that_agrees_is_named_on_request():
    settings = made(total_count=2, performance_count=2)
    logged = logged_of(settings)
    assert len(check_loaded_sets(settings, logged).libraries) == 1
    every = check_loaded_sets(settings, logged, every=True).libraries
    assert every == tuple(agreeing_libraries(settings, logged))
    assert len(every) > 1


def test_submission_run_loads_the_first_set_again():
    settings = made(mode="SubmissionRun")
    sets = logged_of(settings)
    assert check_loaded_sets(settings, [*sets, sets[0]]).agrees
    assert not check_loaded_sets(settings, sets).agrees


def test_first_difference_is_named():
    settings = made(mode="AccuracyOnly")
    logged = logged_of(settings)
    logged[2][5] += 1
    check = check_loaded_sets(settings, logged)
    assert check.agrees is False
    assert check.difference == (2, 5, logged[2][5], logged[2][5] - 1)


@pytest.mark.parametrize(("change", "difference"), [
    (lambda sets: sets[:3], (3, 0, None)),
    (lambda sets: [sets[0][:-1], *sets[1:]], (0, 15, None)),
    (lambda sets: [[], *sets[1:]], (0, 0, None)),
    (lambda sets: [b"nothing", *sets[1:]], (0, 0, None)),
])
def test_missing_samples_are_a_difference(change, difference):
    settings = made(mode="AccuracyOnly")
    check = check_loaded_sets(settings, change(logged_of(settings)))
    assert check.agrees is False
    assert check.difference[:3] == difference


def test_newest_versions_shuffle_only_what_the_mode_uses():
    settings = made(accuracy_count=50)
    narrow = logged_of(made(total_count=16))
    assert check_loaded_sets(settings, narrow).population == 16
    assert check_loaded_sets(settings, logged_of(settings)).population == 50
    assert not check_loaded_sets(made(), narrow).agrees


@pytest.mark.parametrize("settings", [
    made(total_count=0), made(total_count=10**12), made(total_count=2**20, performance_count=1,
                                                        mode="AccuracyOnly"),
    made("MultiStream", samples_per_query=10**15),
])
def test_sets_beyond_reason_are_not_computed(settings):
    check = check_loaded_sets(settings, [[1]])
    assert check.certainty is Certainty.NOT_ATTEMPTED
    assert check.agrees is None and check.reason
    assert list(agreeing_libraries(settings, [[1]])) == []


@given(st.binary(max_size=60) | st.lists(st.integers() | st.floats() | st.text(max_size=3)))
def test_any_logged_value_is_compared_without_error(logged):
    assert check_loaded_sets(made(), [logged]).agrees is False


@given(st.integers(0, 120_000), st.integers(0, 2**32 - 1))
def test_texts_are_those_of_json(samples, seed):
    key = SetKey(seed, samples, samples, 0, 1, Library.LIBSTDCXX_11)
    first = loadable_sets(key)[0] if samples else np.empty(0, np.int32)
    assert written(first) == json.dumps(first.tolist(), separators=(",", ":")).encode()


def test_the_library_that_agreed_last_does_not_decide():
    settings = made(total_count=5000, performance_count=5000)
    for library in (Library.LIBSTDCXX_10, Library.LIBSTDCXX_11, Library.LIBSTDCXX_10):
        sets = loadable_sets(set_key(settings, library, 5000))
        for _ in range(2):
            assert check_loaded_sets(settings, [written(sets[0])]).libraries == (library,)


def test_set_numbers_reads_texts():
    assert set_numbers(b" [3, 1,2] ").tolist() == [3, 1, 2]
    assert set_numbers(b'"[3,1]"').tolist() == [3, 1]
    assert set_numbers(b"[]").size == 0
    assert set_numbers(b"3,1") is None
