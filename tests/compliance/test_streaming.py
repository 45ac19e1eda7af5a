"""Whole accuracy logs compared in blocks, held against a plain comparison of parsed JSON."""

import json
import random

import pytest

from compliance_tests.records import Verdict
from compliance_tests.streaming import compare


def log(entries, end="]\n"):
    """Return a log as LoadGen writes it."""
    lines = [
        f'{{ "seq_id" : {seq}, "qsl_idx" : {index}, "data" : "{data}"{more} }}'
        for seq, (index, data, more) in enumerate(entries)
    ]
    return ("[\n" + ",\n".join(lines) + "\n" + end).encode()


def plain(entries):
    return [(index, data, "") for index, data in entries]


def blocks(data, size):
    return (data[at : at + size] for at in range(0, len(data), size))


def by_json(audit, accuracy):
    """Return (compared, differing, unknown) by comparing whole records."""
    known = {}
    for record in json.loads(accuracy):
        known.setdefault(record["qsl_idx"], record["data"])
    records = json.loads(audit)
    met = [r for r in records if r["qsl_idx"] in known]
    wrong = sum(r["data"] != known[r["qsl_idx"]] for r in met)
    return len(met), wrong, len(records) - len(met)


def made(rng, width):
    """Return an audit log and an accuracy log with some differences."""
    answers = {i: f"{rng.getrandbits(4 * width):0{width}X}" for i in range(500)}
    order = list(answers)
    rng.shuffle(order)
    accuracy = [(i, answers[i]) for i in order if rng.random() > 0.02]
    sampled = [
        (i, answers[i] if rng.random() > 0.05 else f"{rng.getrandbits(4 * width):0{width}X}")
        for i in rng.choices(order, k=200)
    ]
    return log(plain(sampled)), log(plain(accuracy))


@pytest.mark.parametrize("width", [2, 8, 64, 66, 4000])
@pytest.mark.parametrize("size", [17, 1000, 1 << 20])
def test_counts_equal_those_of_parsed_json(width, size):
    audit, accuracy = made(random.Random(width), width)
    found = compare(blocks(audit, size), blocks(accuracy, size))
    assert (found.compared, found.differing, found.unknown) == by_json(audit, accuracy)
    assert (found.audit_entries, found.problems) == (200, ())


def test_equal_logs_pass():
    data = log(plain([(3, "0A"), (1, "0b")]))
    assert compare([data], [data.replace(b"0b", b"0B")]).verdict is Verdict.PASS


def test_mixed_lengths_and_tokens_are_compared_whole():
    audit = log([(1, "0102", ', "token_count" : 2'), (2, "01", "")])
    accuracy = log([(2, "01", ""), (1, "0103", "")])
    found = compare([audit], [accuracy])
    assert (found.compared, found.differing, found.first_differing) == (2, 1, (1,))


def test_one_very_long_answer_is_hashed_piece_by_piece():
    payload = "0123456789ABCDEF" * 200_000
    other = payload[:-1] + "0"
    audit = log(plain([(1, payload), (2, payload)]))
    accuracy = log(plain([(1, payload), (2, other)]))
    found = compare(blocks(audit, 70_000), blocks(accuracy, 70_000))
    assert (found.audit_entries, found.compared, found.differing) == (2, 2, 1)
    assert found.first_differing == (2,)


def test_sample_that_the_accuracy_run_lacks_fails():
    found = compare([log(plain([(1, "00"), (9, "00")]))], [log(plain([(1, "00")]))])
    assert (found.unknown, found.verdict) == (1, Verdict.FAIL)


def test_sample_answered_twice_in_two_ways_is_counted():
    found = compare([log(plain([(1, "00")]))], [log(plain([(1, "00"), (1, "01")]))])
    assert (found.contradictory, found.differing) == (1, 0)


def test_interrupted_log_decides_nothing():
    whole = log(plain([(1, "00")]))
    found = compare([whole], [log(plain([(1, "00")]), end="")])
    assert found.problems == ("the accuracy log is no whole JSON array",)
    assert found.verdict is Verdict.UNDECIDED


def test_truncated_log_is_named():
    cut = log(plain([(1, "00")])).replace(b"\n]", b"\n\n...\n\n]")
    assert "the accuracy log was truncated" in compare([log(plain([(1, "00")]))], [cut]).problems


def test_entry_that_is_no_hex_is_counted():
    found = compare([log(plain([(1, "00")]))], [log(plain([(1, "0G"), (1, "00")]))])
    assert found.problems == ("1 entries of the accuracy log cannot be read",)


def test_index_that_is_no_index_is_counted():
    found = compare([log(plain([(10**30, "00"), (1, "00")]))], [log(plain([(1, "00")]))])
    assert (found.compared, found.problems) == (1, ("1 entries of the audit log cannot be read",))


def test_empty_logs_decide_nothing():
    assert compare([b"[\n]\n"], [b"[\n]\n"]).verdict is Verdict.UNDECIDED
    assert compare([], []).verdict is Verdict.UNDECIDED
