"""Order of accuracy runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission_checker.evidence.accuracy_order import (
    OrderVariant,
    accuracy_order,
    check_accuracy_order,
    variants_of,
)
from submission_checker.evidence.loaded_set import LIBRARIES, loadable_sets, set_key
from submission_checker.evidence.rng import Library
from submission_checker.evidence.settings import Certainty, traits_of
from tests.evidence.support import LOADGEN_6, made, settings_of, vectors

RUNS = {run["name"]: run for run in vectors()["runs"]
        if run["settings"]["effective_test_mode"] == "AccuracyOnly"}
NEW = Library.LIBSTDCXX_11


def order_of(settings, library=NEW, concatenates=False, equal_issue=True):
    sets = loadable_sets(set_key(settings, library, settings.total_count))
    return accuracy_order(settings, sets, OrderVariant(library, concatenates, equal_issue))


@pytest.mark.parametrize("name", RUNS)
def test_order_of_loadgen_is_found(name):
    run = RUNS[name]
    entries = [tuple(entry) for entry in run["entries"]]
    check = check_accuracy_order(
        settings_of(run["settings"], LOADGEN_6), entries, libraries=(NEW,),
    )
    assert check.agrees and check.certainty is Certainty.EXACT
    assert check.samples == run["entries_in_file"] == len(entries)
    logged = run["settings"]["effective_sample_concatenate_permutation"]
    assert check.variants[0].concatenates == logged


@given(st.integers(1, 120), st.integers(1, 60), st.integers(1, 9), st.sampled_from(LIBRARIES),
       st.sampled_from(("Offline", "Server", "SingleStream", "MultiStream")), st.booleans())
def test_order_issues_every_loaded_sample(total, count, per_query, library, scenario, together):
    stride = per_query if scenario == "MultiStream" else 1
    settings = made(scenario, "AccuracyOnly", total_count=total, performance_count=count,
                    samples_per_query=stride)
    order = order_of(settings, library, together and scenario != "MultiStream").tolist()
    assert set(order) == set(range(total))
    if scenario != "MultiStream":
        assert len(order) == total


@pytest.mark.parametrize("scenario", ["Offline", "SingleStream", "Server"])
def test_equal_issue_is_inferred_where_it_is_not_logged(scenario):
    settings = made(scenario, "AccuracyOnly", concatenates=None, traits=traits_of((4, 1)))
    for together in (False, True):
        entries = list(enumerate(order_of(settings, concatenates=together).tolist()))
        check = check_accuracy_order(settings, entries, libraries=(NEW,))
        assert [variant.concatenates for variant in check.variants] == [together]


def test_first_revisions_of_version_two_draw_one_shuffle_less():
    settings = made("Offline", "AccuracyOnly", concatenates=None, traits=traits_of((2, 0)))
    early = order_of(settings, concatenates=True, equal_issue=False)
    check = check_accuracy_order(settings, list(enumerate(early.tolist())), libraries=(NEW,))
    assert check.variants == (OrderVariant(NEW, True, False),)


def test_server_before_version_four_has_one_order():
    settings = made("Server", "AccuracyOnly", concatenates=None, traits=traits_of((3, 1)))
    assert [v.concatenates for v in variants_of(settings, LIBRARIES[:1])] == [False]


def test_wrong_and_repeated_entries_are_named():
    settings = made(mode="AccuracyOnly")
    order = order_of(settings).tolist()
    entries = list(enumerate(order))
    entries[7] = (7, order[8])
    entries.append((50, 3))
    check = check_accuracy_order(settings, entries, libraries=(NEW,))
    assert check.agrees is False and check.wrong == 2
    assert [(m.sequence, m.logged, m.expected) for m in check.mismatches] == [
        (7, order[8], order[7]), (50, 3, None),
    ]
    twice = check_accuracy_order(settings, [(0, order[0]), (0, order[0])], libraries=(NEW,))
    assert twice.agrees is False and twice.repeated == (0,) and not twice.wrong


def test_performance_answers_of_a_submission_run_are_left_out():
    settings = made(mode="SubmissionRun")
    entries = [(0, int(order_of(settings)[0])), (55, 1)]
    check = check_accuracy_order(settings, entries, libraries=(NEW,))
    assert check.agrees


@pytest.mark.parametrize(("settings", "entries"), [
    (made(mode="AccuracyOnly"), []), (made(), [(0, 0)]),
    (made(mode="AccuracyOnly", total_count=10**15), [(0, 0)]),
])
def test_nothing_to_judge_is_said(settings, entries):
    check = check_accuracy_order(settings, entries)
    assert check.certainty is Certainty.NOT_ATTEMPTED and check.reason


def test_no_library_leaves_nothing_to_judge():
    check = check_accuracy_order(made(mode="AccuracyOnly"), [(0, 0)], libraries=())
    assert check.certainty is Certainty.NOT_ATTEMPTED


@given(st.lists(st.tuples(st.integers(), st.integers()), min_size=1, max_size=20))
def test_any_numbers_are_judged_without_error(entries):
    check_accuracy_order(made(mode="AccuracyOnly"), entries)
