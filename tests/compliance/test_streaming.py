"""Whole accuracy logs compared in blocks, held against a plain comparison of parsed JSON."""

import json
import random

import pytest

from compliance_tests import streaming
from compliance_tests.records import Verdict
from compliance_tests.streaming import compare, compare_files


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


def in_files(folder, audit, accuracy):
    """Compare logs that lie in files."""
    one, two = folder / "audit.json", folder / "accuracy.json"
    one.write_bytes(audit)
    two.write_bytes(accuracy)
    return compare_files(one, two)


@pytest.mark.parametrize("width", [2, 8, 16, 24, 64, 66, 4000, 300_000])
def test_files_give_what_blocks_give(width, tmp_path):
    audit, accuracy = made(random.Random(width), width) if width < 5000 else (
        log(plain([(n, f"{n:0{width}X}") for n in (3, 1, 3, 2)])),
        log(plain([(1, f"{1:0{width}X}"), (3, f"{4:0{width}X}"), (2, f"{2:0{width}x}")])))
    found = in_files(tmp_path, audit, accuracy)
    assert found == compare([audit], [accuracy])
    assert (found.compared, found.differing, found.unknown) == by_json(audit, accuracy)
    assert found.problems == ()


def test_spelling_of_digits_in_long_answers_is_no_difference(tmp_path):
    one = "0a" * 300_000
    found = in_files(tmp_path, log(plain([(1, one)])), log(plain([(1, one.upper())])))
    assert (found.differing, found.verdict) == (0, Verdict.PASS)


def test_a_difference_in_the_last_digit_of_a_long_answer_is_seen(tmp_path):
    one = "0A" * 300_000
    found = in_files(tmp_path, log(plain([(1, one), (2, one)])),
                     log(plain([(2, one[:-1] + "B"), (1, one)])))
    assert (found.compared, found.differing, found.first_differing) == (2, 1, (2,))


@pytest.mark.parametrize("end", ["", '" }\n'])
def test_long_answer_that_is_cut_off_is_counted(end, tmp_path):
    whole = log(plain([(1, "0A" * 300_000)]))
    cut = whole[:400_000] + end.encode()
    for found in (compare([whole], [cut]), in_files(tmp_path, whole, cut)):
        assert found.problems
        assert found.verdict is not Verdict.PASS


@pytest.mark.parametrize("odd", [
    b'{ "seq_id" : 1, "qsl_idx" : 5, "data" : "0A000000" }, { "seq_id" : 2, "qsl_idx" : 6, '
    b'"data" : "0B000000" },\n',
    b'{ "seq_id" : 1, "qsl_idx" : 5, "data" : "0A000000", "token_count" : 2 },\n',
    b'{ "seq_id" : 1, "qsl_idx" : 12345678, "data" : "0A000000" },\n',
    b'{ "seq_id" : 1, "qsl_idx" : 123456789, "data" : "0A000000" },\n',
    b'{"seq_id":1,"qsl_idx":5,"data":"0A000000"},\n',
    b'{ "seq_id" : 1, "qsl_idx" :  5, "data" : "0A000000" },\n',
])
def test_rows_of_another_form_are_read_all_the_same(odd):
    """The quick way gives up and the slow one reads: no row is taken for another."""
    rows = "".join(f'{{ "seq_id" : {n}, "qsl_idx" : {n}, "data" : "{n:08X}" }},\n'
                   for n in range(10, 40)).encode()
    text = b"[\n" + rows + odd + rows.replace(b'qsl_idx" : ', b'qsl_idx" : 9')[:-2] + b"\n]\n"
    found = compare([text], [text])
    assert (found.compared, found.differing, found.unknown) == by_json(text, text)
    assert (found.verdict, found.contradictory) == (Verdict.PASS, 0)


def test_quick_and_slow_reading_agree_whatever_one_byte_becomes(monkeypatch):
    """From a row's index to the end of its answer; the two must not differ in any count."""
    rng = random.Random(3)
    entries = plain([(10 ** rng.randrange(8) + n, f"{rng.getrandbits(32):08X}") for n in range(9)])
    text = log(entries * 2)
    begins = [at for at in range(len(text)) if text.startswith(b'_idx" : ', at)]
    mutated = []
    for _ in range(1000):
        at = rng.choice(begins)
        at += rng.randrange(text.index(b" }", at) - at)
        byte = rng.choice([rng.randrange(256), rng.choice(b'01239ABCDEFadf"\\ :,{}[]\n\xba\x8a')])
        mutated.append(text[:at] + bytes([byte]) + text[at + 1 :])
    quick = [compare([text], [one]) for one in mutated]
    assert sum(found.differing + found.contradictory > 0 for found in quick) > 50
    monkeypatch.setattr(streaming, "rows", lambda *_: None)
    assert [compare([text], [one]) for one in mutated] == quick


@pytest.mark.parametrize("bad", ["0000000G", "0000000@", "0000000`", "0000000/", "0000000:",
                                 "000 0000"])
def test_every_byte_that_is_no_hex_digit_is_seen(bad):
    entries = plain([(n, f"{n:08X}") for n in range(50)])
    accuracy = log(entries).replace(b'"0000000A"', f'"{bad}"'.encode(), 1)
    found = compare([log(entries)], [accuracy])
    assert found.problems == ("1 entries of the accuracy log cannot be read",)
    assert found.unknown == 1
