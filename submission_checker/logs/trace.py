"""mlperf_log_trace.json: the samples that LoadGen traced, counted in bounded memory.

LoadGen writes one event per line; quotation marks inside of messages are not escaped, so that the
file is no JSON. A sample's life is an event ``b`` with its numbers and an event ``e``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from submission_checker.model.run import Trace

MAX_BYTES = 50 << 20
"""Longer traces are not read: more than a repository of results takes of one file (TREE010)."""

LINE_BYTES = 1 << 12
"""What is kept of a line that a block ends in; events of samples have about 200 bytes."""

SAMPLE = re.compile(
    rb'"name" ?: ?"Sample", ?"cat" ?: ?"default", ?"ph" ?: ?"b", ?"pid" ?: ?\d{1,20}, ?'
    rb'"id" ?: ?\d{1,20}, ?"ts" ?: ?[-\d.]{1,40}, ?"args" ?: ?\{ ?"sample_seq" ?: ?(\d{1,20}), ?'
    rb'"query_seq" ?: ?(\d{1,20}), ?"sample_idx" ?: ?\d{1,20}, ?"issue_start_ns" ?: ?-?\d{1,20}, ?'
    rb'"complete_ns" ?: ?(-?\d{1,20})'
)
LAST = b'"name":"LastTrace"'


def read_trace(blocks: Iterable[bytes], size_bytes: int, path: str) -> Trace:
    """Return what a trace says of its samples; one that is too long or empty is not read."""
    if size_bytes > MAX_BYTES or not size_bytes:
        return Trace(path, size_bytes, MAX_BYTES)
    samples, last_query = 0, -1
    longest: int | None = None
    whole = False
    rest = b""
    for block in blocks:
        text = rest + block
        end = text.rfind(b"\n") + 1
        rest = text[end:][-LINE_BYTES:]
        for found in SAMPLE.finditer(text, 0, end):
            samples += 1  # queries are numbered from 0 without gaps
            last_query = max(last_query, int(found[2]))
            done = int(found[3])
            longest = done if longest is None or done > longest else longest
        whole = whole or LAST in text
    return Trace(path, size_bytes, MAX_BYTES, samples, last_query + 1, longest, whole)
