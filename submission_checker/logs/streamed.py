"""Detail logs that are too long to be held: read in blocks, long lists emptied."""

from __future__ import annotations

from collections.abc import Iterable

from submission_checker.logs.json_detail import JsonDetail
from submission_checker.logs.rows import PREFIX

KEPT_VALUE_BYTES = 1 << 16
"""A longer record of a streamed log is counted, and its value is not kept."""

KEPT_TAIL_BYTES = 4096
"""End of an unfinished long line that is kept: its metadata."""

MAX_KEPT_BYTES = 64 << 20
"""Bytes of a streamed log that are kept: every record but the long lists of any real log."""


def from_blocks(blocks: Iterable[bytes]) -> JsonDetail:
    """Index a log of any length with bounded memory; very long records keep only their head.

    A record that was cut this way counts under its key and reads as a broken line when asked for.
    """
    kept: list[bytes] = []
    total = 0
    carry = b""
    for block in blocks:
        lines = (carry + block).split(b"\n")
        carry = lines.pop()
        if len(carry) > 2 * KEPT_VALUE_BYTES:
            carry = carry[:KEPT_VALUE_BYTES] + carry[-KEPT_TAIL_BYTES:]
        for line in lines:
            shortened = shorten(line)
            if total < MAX_KEPT_BYTES:
                kept.append(shortened)
                total += len(shortened) + 1
    kept.append(shorten(carry))
    return JsonDetail(b"\n".join(kept), lists_kept=False)


def shorten(line: bytes) -> bytes:
    """Return a record line with a long list value emptied; its key and metadata stay."""
    if len(line) <= KEPT_VALUE_BYTES:
        return line
    start = line.find(b"[", 0, 256)
    end = line.rfind(b"]")
    if line.startswith(PREFIX) and 0 < start < end:
        return line[: start + 1] + line[end:]
    return line[:KEPT_VALUE_BYTES]
