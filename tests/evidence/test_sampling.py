"""Answers of audited performance runs: LoadGen's own logs, and what changes in them shows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission_checker.evidence.candidates import offset_of
from submission_checker.evidence.draws import sample_values
from submission_checker.evidence.loaded_set import LIBRARIES, loadable_sets, set_key
from submission_checker.evidence.rng import Library
from submission_checker.evidence.sample_order import Picker, performance_variants
from submission_checker.evidence.sampling import (
    check_sampled_answers,
    chosen_answers,
    expected_samples,
    probability_bounds,
)
from submission_checker.evidence.settings import Certainty, traits_of
from tests.evidence.support import LOADGEN_6, made, settings_of, vectors

RUNS = {run["name"]: run for run in vectors()["runs"]
        if run["settings"]["effective_test_mode"] == "PerformanceOnly"}
NEW = Library.LIBSTDCXX_11


def issued_of(run, settings):
    if settings.scenario == "Offline":
        return run["generated"][0][1]
    return run["issued_queries"] * settings.samples_per_query


def entries_of(run):
    return [tuple(entry) for entry in run["entries"]]


@pytest.mark.parametrize("name", RUNS)
def test_answers_that_loadgen_logged_are_predicted(name):
    run = RUNS[name]
    settings = settings_of(run["settings"], LOADGEN_6)
    whole = run["entries_in_file"] == len(run["entries"])
    check = check_sampled_answers(
        settings, entries_of(run), issued=issued_of(run, settings), complete=whole,
        libraries=(NEW,),
    )
    assert check.agrees and check.certainty is Certainty.EXACT
    assert check.judged == check.entries == len(run["entries"])
    assert check.expected == run["entries_in_file"]


@pytest.mark.parametrize("name", RUNS)
def test_a_changed_sample_is_named(name):
    run = RUNS[name]
    settings = settings_of(run["settings"], LOADGEN_6)
    entries = entries_of(run)
    sequence, sample = entries[3]
    entries[3] = (sequence, sample + 1)
    check = check_sampled_answers(
        settings, entries, issued=issued_of(run, settings), libraries=(NEW,),
    )
    assert check.agrees is False
    assert [(m.sequence, m.logged, m.expected) for m in check.mismatches] == [
        (sequence, sample + 1, sample),
    ]


def test_dropped_added_and_doubled_answers_are_named():
    run = RUNS["server_7"]
    settings = settings_of(run["settings"], LOADGEN_6)
    entries, issued = entries_of(run), issued_of(run, settings)

    def judged(changed):
        return check_sampled_answers(
            settings, changed, issued=issued, complete=True, libraries=(NEW,))

    assert judged(entries[1:]).missing == (entries[0][0],)
    assert judged([*entries, entries[0]]).repeated == (entries[0][0],)
    assert judged([*entries, (issued + 5, 0)]).mismatches[0].expected is None
    free = next(n for n in range(issued) if n not in {e[0] for e in entries})
    assert free in judged([*entries, (free, 0)]).not_due


def test_first_sample_values_are_those_of_the_default_seed():
    values = vectors()["sampling"]
    assert next(iter(sample_values()))[:5].tolist() == values["values"]
    assert offset_of(values["seed"]) == values["offset"]


@given(st.sampled_from([0, 7]) | st.integers(0, 2**64 - 1),
       st.floats(0, 1) | st.floats(0, 0.01), st.integers(0, 200_000))
def test_choice_equals_the_plain_sum(seed, probability, count):
    settings = made(accuracy_log_rng_seed=seed, accuracy_log_probability=probability)
    chosen = chosen_answers(settings, count, (probability, probability))
    values = np.concatenate([
        block for block, _ in zip(sample_values(), range(4), strict=False)])[:count]
    shifted = values + offset_of(seed)
    shifted = np.where(shifted < 1.0, shifted, shifted - 1.0)
    assert np.array_equal(chosen.certain, np.flatnonzero(shifted <= probability))


def test_sampling_target_becomes_a_probability():
    settings = made(accuracy_log_sampling_target=10, min_duration_ms=1000, target_qps=200.0,
                    min_query_count=500)
    assert expected_samples(settings, 200.0, floor=False) == 200
    assert probability_bounds(settings, floor=True) == (0.02, 0.02)
    assert probability_bounds(settings, floor=False, rates=[200.0]) == (0.05, 0.05)
    nothing = made(accuracy_log_sampling_target=10, min_duration_ms=0, min_query_count=0)
    assert probability_bounds(nothing, floor=True)[0] == float("inf")


SCENARIOS = ("Offline", "SingleStream", "Server", "MultiStream")


@given(st.sampled_from(SCENARIOS), st.sampled_from(LIBRARIES), st.booleans(), st.booleans(),
       st.booleans(), st.lists(st.integers(0, 5000), min_size=1, max_size=20, unique=True))
def test_every_pick_is_a_loaded_sample(scenario, library, together, unique, same, wanted):
    per_query = 4 if scenario == "MultiStream" else 1
    settings = made(scenario, samples_per_query=per_query, concatenates=together,
                    issue_unique=unique, issue_same=same and not unique)
    samples = loadable_sets(set_key(settings, library, 50))[0]
    sequences = np.array(sorted(wanted), np.int64)
    for variant in performance_variants(settings, (library,)):
        found = Picker(settings, samples, 20, variant, 10**6).pick(sequences)
        assert set(found) <= set(wanted)
        assert set(found.values()) <= set(samples.tolist())
        one_by_one = {
            n: s for w in wanted
            for n, s in Picker(settings, samples, 20, variant, 10**6)
            .pick(np.array([w], np.int64)).items()
        }
        assert one_by_one == found


def test_only_numbers_within_the_limit_are_followed():
    settings = made(accuracy_log_probability=1.0)
    check = check_sampled_answers(settings, [(70_000, 1)], issued=10**9, libraries=(NEW,),
                                  limit=1000)
    assert check.certainty is Certainty.BOUNDED and check.judged == 0 and check.reason


@pytest.mark.parametrize(("settings", "entries"), [
    (made(mode="AccuracyOnly"), [(0, 0)]), (made(), []), (made(target_qps=0.0), [(0, 0)]),
    (made(min_query_count=10**30), [(0, 0)]), (made(samples_per_query=0), [(0, 0)]),
    (made(total_count=10**15), [(0, 0)]),
])
def test_nothing_to_judge_is_said(settings, entries):
    check = check_sampled_answers(settings, entries)
    assert check.certainty is Certainty.NOT_ATTEMPTED and check.reason


@given(st.lists(st.tuples(st.integers(0, 10**20), st.integers(0, 10**20)), min_size=1,
                max_size=10), st.one_of(st.none(), st.integers(0, 10**20)))
def test_any_numbers_are_judged_in_bounded_work(entries, issued):
    settings = made(accuracy_log_probability=0.5, concatenates=None, traits=traits_of(None))
    check_sampled_answers(settings, entries, issued=issued, limit=1000, libraries=(NEW,))
