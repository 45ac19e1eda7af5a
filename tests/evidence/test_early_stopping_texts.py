"""The sentences of LoadGen, as they stand in published logs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission_checker.evidence import early_stopping as es
from submission_checker.evidence import early_stopping_texts as texts

TOO_SHORT = (
    " * Only processed 128 queries.  * Need to process at least 662 queries for early stopping."
)
MULTI = (
    " * Processed at least 662 queries (314285).  * Would discard 3012 highest latency queries.  "
    "* Early stopping 99th percentile estimate: 2459102"
)
SINGLE = (
    " * Processed at least 64 queries (6063).  * Would discard 551 highest latency queries.  "
    "* Early stopping 90.0th percentile estimate: 429991841  "
    "* Early stopping 99.0th percentile estimate: 496904231"
)
SINGLE_SHORT = (
    " * Processed at least 64 queries (256).  * Would discard 13 highest latency queries.  "
    "* Early stopping 90th percentile estimate: 1819210  * Not enough queries processed for 99th "
    "percentile  early stopping estimate (would need to process at  least 662 total queries)."
)
UNSUCCESSFUL = (
    " * Run unsuccessful.  * Processed {} queries.  * Would need to run at least {} more queries,"
    "  with the run being successful if every additional  query were under latency."
)


def test_server_texts_of_published_logs_agree():
    assert texts.compare_server_text(" * Run successful.", es.decide_server(9000, 3, 0.99)).agrees
    failed = es.decide_server(64, 0, 0.99)
    assert texts.compare_server_text(UNSUCCESSFUL.format(64, 395), failed).agrees


@pytest.mark.parametrize("text", [
    " * Run successful.", UNSUCCESSFUL.format(64, 397), UNSUCCESSFUL.format(65, 395), "",
    UNSUCCESSFUL.format(64, "9" * 31),
])
def test_server_text_with_another_number_differs(text):
    check = texts.compare_server_text(text, es.decide_server(64, 0, 0.99))
    assert not check.agrees
    assert "395 more" in check.expected


def test_missing_queries_may_be_off_by_loadgens_rounding():
    decision = es.decide_server(95_998_500, 5_278_006, 0.99)
    check = texts.compare_server_text(UNSUCCESSFUL.format(95_998_500, 432_334_121), decision)
    assert check.agrees
    assert check.tolerance == 5


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_count_over_the_target_is_read_back_from_the_text(over, missing):
    needed = es.min_total(over, 0.99)
    queries = needed - min(missing, needed)
    text = UNSUCCESSFUL.format(queries, needed - queries)
    found = texts.over_from_text(text, queries, 0.99)
    assert found is not None
    assert abs(es.min_total(found, 0.99) - needed) <= texts.more_tolerance(needed)


def test_count_over_the_target_needs_the_right_text():
    assert texts.over_from_text(" * Run successful.", 64, 0.99) is None
    assert texts.over_from_text(UNSUCCESSFUL.format(64, 395), 65, 0.99) is None
    assert texts.over_from_text(UNSUCCESSFUL.format(64, 450), 64, 0.99) is None


def test_stream_texts_of_published_logs_agree():
    short = es.decide_stream(128, 0.99)
    assert texts.compare_stream_text(TOO_SHORT, short, 0.99, None).agrees
    multi = es.decide_stream(314_285, 0.99)
    assert texts.compare_stream_text(MULTI, multi, 0.99, 2_459_102).agrees
    single = es.decide_stream(6063, 0.9)
    assert texts.compare_stream_text(
        SINGLE, single, 0.9, 429_991_841, second=es.decide_stream(6063, 0.99),
        second_estimate=496_904_231,
    ).agrees
    few = es.decide_stream(256, 0.9)
    assert texts.compare_stream_text(
        SINGLE_SHORT, few, 0.9, 1_819_210, second=es.decide_stream(256, 0.99), second_estimate=0,
    ).agrees


@pytest.mark.parametrize(("old", "new"), [
    ("551", "550"), ("6063", "6064"), ("429991841", "429991842"), ("496904231", "1"),
    ("90.0th", "91.0th"), ("Would discard", "Will discard"),
])
def test_stream_text_with_one_change_differs(old, new):
    check = texts.compare_stream_text(
        SINGLE.replace(old, new, 1), es.decide_stream(6063, 0.9), 0.9, 429_991_841,
        second=es.decide_stream(6063, 0.99), second_estimate=496_904_231,
    )
    assert not check.agrees


def test_stream_text_is_read():
    assert texts.read_stream_text(SINGLE) == texts.StreamText(
        6063, 64, 551, 429_991_841, 496_904_231,
    )
    assert texts.read_stream_text(SINGLE_SHORT) == texts.StreamText(256, 64, 13, 1_819_210, 0)
    assert texts.read_stream_text(MULTI) == texts.StreamText(314_285, 662, 3012, 2_459_102, None)
    assert texts.read_stream_text(TOO_SHORT) == texts.StreamText(128, 662, None, None, None)
    assert texts.read_stream_text(" * Run successful.") is None


def test_estimate_without_a_key_is_taken_from_the_text():
    assert texts.compare_stream_text(
        SINGLE, es.decide_stream(6063, 0.9), 0.9, None, second=es.decide_stream(6063, 0.99),
    ).agrees


def test_first_revisions_take_the_slowest_query():
    text = MULTI.replace("3012", "0")
    decision = es.decide_stream(314_285, 0.99)
    assert not texts.compare_stream_text(text, decision, 0.99, 2_459_102).agrees
    assert texts.compare_stream_text(text, es.undiscarding(decision), 0.99, 2_459_102).agrees


@given(st.text(max_size=300))
def test_any_text_is_read_without_error(text):
    texts.read_stream_text(text)
    texts.compare_server_text(text, es.decide_server(64, 0, 0.99))
    texts.over_from_text(text, 64, 0.99)
