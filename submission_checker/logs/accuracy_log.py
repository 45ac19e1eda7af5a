"""mlperf_log_accuracy.json: size, hash, and what is visible of a whole or truncated log."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from submission_checker.logs.coverage import CoverageReader
from submission_checker.model.accuracy import AccuracyLog, LogEntry

HEAD_BYTES = TAIL_BYTES = 4096
"""What the community's truncation keeps of either end."""

EARLY_BYTES = 2048
"""What the first truncation kept of either end, joined by a line end and not marked (v0.5)."""

WINDOW_BYTES = 16_384
WORTH_FINDING_BYTES = 1024
"""Lines that are longer on average are found one by one; the others are counted."""

MARKER = re.compile(rb"\r?\n\r?\n\.\.\.\r?\n\r?\n")
ENTRY = re.compile(
    rb'\{\s*"seq_id"\s*:\s*(\d{1,20}),\s*"qsl_idx"\s*:\s*(\d{1,20}),'
    rb'(?:\s*"data"\s*:\s*"([0-9A-Fa-f]*)("?)'
    rb'(?:,\s*"token_data"\s*:\s*"([0-9A-Fa-f]*)")?(?:,\s*"token_count"\s*:\s*(\d{1,20}))?'
    rb'(?:,\s*"token_data"\s*:\s*"([0-9A-Fa-f]*)")?\s*(\})?)?'
)


def read_accuracy_log(
    blocks: Iterable[bytes], size_bytes: int, path: str, *, covers: bool = False,
    hashed: bool = True,
) -> AccuracyLog:
    """Return hash and visible entries; memory does not grow with the log.

    ``covers`` asks for the samples that an untruncated log answers as well; without ``hashed``
    there is no hash.
    """
    if size_bytes <= 2 * WINDOW_BYTES:  # mostly cut ones, of which nothing is counted
        blocks = [b"".join(blocks)]
        covers = covers and _marker(blocks[0]) is None
    coverage = CoverageReader() if covers and size_bytes else None
    digest = hashlib.sha256() if hashed else None
    head, tail = b"", b""
    newlines = 0
    for block in blocks:
        lines = _line_ends(block)
        newlines += lines
        if digest is not None:
            digest.update(block)
        if coverage is not None:
            coverage.feed(block, lines)
        if len(head) < WINDOW_BYTES:
            head += block[: WINDOW_BYTES - len(head)]
        tail = (tail + block)[-WINDOW_BYTES:] if len(block) < WINDOW_BYTES else (
            block[-WINDOW_BYTES:]
        )
    if size_bytes <= 2 * WINDOW_BYTES:  # both windows together hold it all
        head, tail = head + tail[max(0, len(head) + len(tail) - size_bytes) :], b""
    found = _marker(head)
    if tail:
        pieces = [(head, 1), (tail, newlines - tail.count(b"\n") + 1)]
    else:
        pieces = _pieces(head, size_bytes, found)
    entries = tuple(entry for piece, line in pieces for entry in visible_entries(piece, line))
    end = (tail or head).rstrip()
    return AccuracyLog(
        path=path,
        size_bytes=size_bytes,
        sha256=digest.hexdigest() if digest is not None else None,
        truncated=found is not None,
        entries=entries,
        starts_well=not size_bytes or head.lstrip().startswith(b"["),
        ends_well=not size_bytes or end.endswith(b"]"),
        marker_at=found.start() if found is not None else None,
        coverage=coverage.result if coverage is not None and found is None else None,
    )


def _line_ends(block: bytes) -> int:
    """Return how many line ends there are; few are found five times faster than counted."""
    lines, at = 0, block.find(b"\n")
    while at >= 0 and lines < len(block) // WORTH_FINDING_BYTES:
        lines += 1
        at = block.find(b"\n", at + 1)
    return lines + (block.count(b"\n", at) if at >= 0 else 0)


def _marker(text: bytes) -> re.Match[bytes] | None:
    """Return where a log was cut, looked for only where its dots are."""
    return MARKER.search(text) if b"..." in text else None


def _pieces(
    text: bytes, size_bytes: int, marker: re.Match[bytes] | None
) -> list[tuple[bytes, int]]:
    """Return (bytes, first line) of the parts of a short log, before and behind its cut."""
    if size_bytes == 2 * EARLY_BYTES + 1 and text[EARLY_BYTES : EARLY_BYTES + 1] == b"\n":
        first, last = EARLY_BYTES, EARLY_BYTES + 1
    elif marker is not None:
        first, last = marker.span()
    else:
        return [(text, 1)]
    return [(text[:first], 1), (text[last:], text.count(b"\n", 0, last) + 1)]


def visible_entries(text: bytes, line: int = 1) -> Iterator[LogEntry]:
    """Yield the entries of a piece of a log; one cut at either end is incomplete.

    ``line`` is the line of the log on which the piece begins.
    """
    at = 0
    for found in ENTRY.finditer(text):
        line += text.count(b"\n", at, found.start())
        at = found.start()
        count = found[6]
        token = found[5] or found[7]
        yield LogEntry(
            int(found[1]), int(found[2]), (found[3] or b"").decode("ascii"),
            found[4] == b'"' and found[8] is not None,
            int(count) if count is not None else None,
            token.decode("ascii") if token is not None else None, line,
        )
