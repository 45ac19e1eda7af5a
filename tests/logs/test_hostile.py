"""No bytes make a log reader raise, and what it reads of them is what stands there."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from submission_checker.logs import json_detail
from submission_checker.logs.accuracy_log import read_accuracy_log, visible_entries
from submission_checker.logs.accuracy_text import read_accuracy_text
from submission_checker.logs.detail import open_detail, open_detail_blocks
from submission_checker.logs.power import read_ptd_log, read_spl
from submission_checker.logs.summary import read_summary, result_records
from submission_checker.logs.text_detail import setting_of
from tests.logs.mutations import ACCURACY, DETAIL, SUMMARY, TEXT, damaged

TEXT_LOG = b"""\
"pid": 32097, "tid": 32097, "ts": 616ns : version : .5a1 @ 61220457ec
"pid": 32097, "tid": 32097, "ts": 620ns : Effective Settings:
"pid": 32097, "tid": 32097, "ts": 621ns : scenario : Offline
"pid": 32097, "tid": 32097, "ts": 625ns : Loaded QSL set: [1, 2, 3]
"pid": 32097, "tid": 32097, "ts": 900ns : POWER_END: "mode" : P, "time" : 09-18-2020 22:49:38.240
"""
PATTERNS = (("score", r"'exact_match': (?P<value>[\d.]+)"),)
MARK = b":::MLLOG "
LINES = DETAIL.splitlines(keepends=True)
MANY = settings(max_examples=300, deadline=None)


def names(log):
    """Return the keys of a log; it is no mapping."""
    return list(log.keys())


def everything(log):
    """Ask a log all that can be asked."""
    for key in names(log):
        records = log.all(key)
        assert records
        assert log.count(key) == len(records)
        assert log.first(key) == records[0]
        assert all(record.key == key and record.line >= 1 for record in records)
    assert len(log.broken) <= log.broken_count
    return [*log.errors(), *log.warnings()]


def finite(text):
    """Return a number as a float, which no larger one than doubles hold is."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is no finite number")
    return value


def plain(data):
    """Return (line, key) of each line that is whole: the slow and plain reading."""
    found = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.startswith(MARK):
            continue
        try:
            fields = json.loads(line[len(MARK):].decode("utf-8"), parse_constant=finite,
                                parse_float=finite)
        except (ValueError, RecursionError):
            continue
        if isinstance(fields, dict) and isinstance(fields.get("key"), str):
            found.append((number, fields["key"]))
    return found


@MANY
@given(st.one_of(damaged(DETAIL, DETAIL + DETAIL, TEXT_LOG), st.binary(max_size=400)))
def test_detail_logs_never_raise(data):
    everything(open_detail(data, "log"))
    everything(open_detail_blocks([data[:100], data[100:]], "log"))


def test_whole_log_is_read_as_the_plain_reader_reads_it():
    log = open_detail(DETAIL, "log")
    found = sorted((record.line, key) for key in names(log) for record in log.all(key))
    assert found == sorted(plain(DETAIL))
    assert log.broken_count == 0
    assert log.records_count == len(found) > 100


@MANY
@given(damaged(DETAIL))
def test_lines_that_stay_whole_are_never_lost(data):
    log = open_detail(data, "log")
    if log.generation != "json-lines":
        return
    found = {(record.line, key) for key in names(log) for record in log.all(key)}
    assert set(plain(data)) <= found


def read_line_by_line(data):
    """Read a log without the short way for logs of whole lines."""
    short = json_detail.WholeLines.of
    json_detail.WholeLines.of = lambda data, parts: None
    try:
        return json_detail.JsonDetail(data)
    finally:
        json_detail.WholeLines.of = short


@MANY
@given(st.lists(st.integers(0, len(LINES) - 1), min_size=1, max_size=30),
       st.sampled_from([b"", b"}}\n", b"x\n", b"\n", b'"', b":::MLLOG "]), st.integers(0, 30))
def test_logs_of_whole_lines_are_read_as_line_by_line(order, piece, at):
    lines = [LINES[n] for n in order]
    lines.insert(min(at, len(lines)), piece)
    data = b"".join(lines)
    agree(json_detail.JsonDetail(data), read_line_by_line(data))
    agree(json_detail.JsonDetail(data, every=True), read_line_by_line(data))


def agree(one, other):
    assert [one.all(key) for key in names(one)] == [other.all(key) for key in names(other)]
    assert names(one) == names(other)
    assert (one.records_count, one.broken) == (other.records_count, other.broken)
    assert everything(one) == everything(other)


LONG = b":::MLLOG " + json.dumps({
    "key": "loaded_qsl_set", "value": list(range(300)), "time_ms": 1.5,
    "namespace": "mlperf::logging", "event_type": "POINT_IN_TIME",
    "metadata": {"is_error": False, "is_warning": True, "file": "loadgen.cc", "line_no": 5,
                 "pid": 7, "tid": 8}}).encode() + b"\n"


@MANY
@given(damaged(DETAIL, LONG, LONG + LINES[3] + LONG.replace(b"false", b"true")),
       st.sampled_from([b"", b'{"is_error": true}, ', b"[1], ", b'"is_warning": true, ']))
def test_marked_records_are_found_by_row_as_by_text(data, inside):
    data = data.replace(b"[0, ", b"[" + inside + b"0, ")
    one, other = json_detail.JsonDetail(data, every=True), json_detail.JsonDetail(data)
    assert [*one.errors(), *one.warnings()] == [*other.errors(), *other.warnings()]


@MANY
@given(st.integers(0, len(DETAIL)))
def test_cut_anywhere_keeps_what_comes_before(at):
    log = open_detail(DETAIL[:at], "log")
    whole = [key for _, key in plain(DETAIL[:at])]
    assert [key for key in whole if log.count(key) == 0] == []
    assert log.broken_count <= 1


@pytest.mark.parametrize("size", [1, 7, 100, 4096, 1 << 20])
def test_blocks_of_any_size_give_the_same_records(size):
    blocks = [DETAIL[at:at + size] for at in range(0, len(DETAIL), size)]
    one, other = open_detail(DETAIL, "log"), open_detail_blocks(blocks, "log")
    assert names(one) == names(other)
    for key in names(one):
        assert [r.line for r in one.all(key)] == [r.line for r in other.all(key)]


@MANY
@given(st.one_of(damaged(SUMMARY), st.binary(max_size=300)))
def test_summaries_never_raise(data):
    list(result_records(read_summary(data, "summary")))


@MANY
@given(st.one_of(damaged(TEXT), st.binary(max_size=300)))
def test_accuracy_texts_never_raise(data):
    read_accuracy_text(data, "accuracy.txt", PATTERNS)


@MANY
@given(st.one_of(damaged(ACCURACY), st.binary(max_size=300)), st.integers(1, 5000))
def test_accuracy_logs_never_raise(data, size):
    blocks = [data[at:at + size] for at in range(0, len(data), size)]
    log = read_accuracy_log(blocks, len(data), "mlperf_log_accuracy.json")
    assert log.sha256 == read_accuracy_log([data], len(data), "x").sha256
    list(visible_entries(data))


SPL = b"Time,06-01-2022 10:17:32.000,Watts,231.5,Volts,0.1,Amps,0.2,PF,0.9,Mark,run1\n" * 3


@MANY
@given(st.one_of(damaged(SPL), st.binary(max_size=300)))
def test_power_logs_never_raise(data):
    read_spl([data], "spl.txt")
    read_ptd_log([data], "ptd_logs.txt")


def test_long_settings_of_a_text_log_are_read_and_not_kept():
    line = b'"pid": 1, "tid": 2, "ts": 3ns : '
    long = b"x" * 1_000_000
    before = setting_of.cache_info().currsize
    log = open_detail(line + b"Effective Settings:\n" + line + b"odd : " + long + b"\n", "log")
    assert log.first("effective_odd").value == long.decode()
    assert setting_of.cache_info().currsize == before
