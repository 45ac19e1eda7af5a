"""Marks of records: what LoadGen writes around each value, read without decoding the value.

Source: mlcommons/inference@v5.1:loadgen/logging.cc (ChromeTracer, AsyncLog::LogDetail).
"""

from __future__ import annotations

import re

from submission_checker.model.run import KEPT_RAW, LineEnds, Mark

TIME_ON = (
    rb'(-?[\d.e+]{1,32}), "namespace": "mlperf::logging", "event_type": '
    rb'"(?:POINT_IN_TIME|INTERVAL_START|INTERVAL_END)", "metadata": \{"is_error": (?:true|false), '
    rb'"is_warning": (?:true|false), "file": "([^"\\]{1,300})", "line_no": (\d{1,9}), '
    rb'"pid": (\d{1,20}), "tid": (\d{1,20})\}\}\s*\Z'
)
TAIL = re.compile(TIME_ON)
SHORT = re.compile(rb'", "value": ([^",{\[]{1,48}|"[^"\\]{0,46}"), "time_ms": ' + TIME_ON)
TIME = b', "time_ms": '

VALUE = b'", "value": '


def json_mark(data: bytes, start: int, end: int, line: int, key: str) -> Mark:
    """Return the mark of the JSON record between two offsets."""
    at = start + KEY_AT + len(key)
    found = SHORT.match(data, at, end)
    if found is not None:
        return Mark._make((line, key, *found.groups(), True))
    tail_at = data.rfind(TIME, at, end)
    found = TAIL.match(data, tail_at + len(TIME), end) if tail_at > 0 else None
    if found is None or not data.startswith(VALUE, at):
        return Mark(line, key, b"", b"", b"", b"", b"", b"", False)
    value_at = at + len(VALUE)
    time_ms, file, line_no, pid, tid = found.groups()
    raw = data[value_at : min(tail_at, value_at + KEPT_RAW)]
    return Mark._make((line, key, raw, time_ms, file, line_no, pid, tid, True))


KEY_AT = len(b':::MLLOG {"key": "')


def line_ends(data: bytes) -> LineEnds:
    """Return how the lines of some bytes end; nothing is counted where no line ends in CR LF."""
    crlf = data.count(b"\r\n") if b"\r" in data else 0
    lf = data.count(b"\n") - crlf if crlf else None
    return LineEnds(lf, crlf, data.endswith(b"\n"))
