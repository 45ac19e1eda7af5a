"""The short way to a record gives what the JSON decoder gives, or leaves the line to it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from submission_checker.formats.resources import demo_submission
from submission_checker.logs.json_detail import JsonDetail, parse, to_record
from submission_checker.logs.rows import record_of, row_at

LOGS = sorted(demo_submission().rglob("mlperf_log_detail.txt"))
LINES = sorted({line for log in LOGS for line in log.read_bytes().splitlines()})


def same(line):
    """Hold both ways together; return whether the short way takes the line."""
    row = row_at(line, 0, len(line))
    short = record_of(row, 7) if row is not None else None
    if short is None:
        return False
    exact = to_record(parse(line), 7)
    assert short == exact
    assert type(short.value) is type(exact.value)
    return True


def test_most_lines_of_real_logs_go_the_short_way():
    assert len(LINES) > 500
    assert sum(same(line) for line in LINES) > 0.9 * len(LINES)


@given(st.sampled_from(LINES), st.integers(0, 400), st.sampled_from(
    [b"", b"0", b"-", b".", b"e5", b"\"", b"\\\\", b"}", b",", b"\xff", b"\x00", b"true", b" ",
     b"9" * 30]))
def test_mutated_lines_are_read_alike(line, at, piece):
    same(line[:at] + piece + line[at:])
    same(line[:at] + piece + line[at + 1:])


@given(st.one_of(st.integers(), st.booleans(), st.text(), st.floats(allow_nan=False), st.none(),
                 st.lists(st.integers(), max_size=3)))
def test_any_value_is_read_as_json_reads_it(value):
    record = {"key": "k", "value": value, "time_ms": 0.25, "namespace": "mlperf::logging",
              "event_type": "POINT_IN_TIME",
              "metadata": {"is_error": False, "is_warning": True, "file": "a.cc", "line_no": 1,
                           "pid": 2, "tid": 3}}
    line = f":::MLLOG {json.dumps(record)}\n".encode()
    same(line.rstrip(b"\n"))
    found = JsonDetail(line).first("k")
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        assert found is None
    else:
        assert found is not None
        assert (found.value, type(found.value)) == (value, type(value))
        assert (found.is_warning, found.pid, found.time_ms) == (True, 2, 0.25)
