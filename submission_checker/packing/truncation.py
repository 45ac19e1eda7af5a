"""Truncated accuracy logs: both ends are kept, the hash of the original stands in accuracy.txt.

Form and limit are the community's (mlcommons/inference tools/submission/truncate_accuracy_log.py);
the limit in bytes is round data.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from submission_checker.logs.accuracy_log import HEAD_BYTES, MARKER, TAIL_BYTES
from submission_checker.model.errors import WrongUse

SEPARATOR = b"\n\n...\n\n"
SHORT_BYTES = HEAD_BYTES + TAIL_BYTES + 2 * len(SEPARATOR)
"""A longer log is not one that was truncated, whatever its line ends are."""
HASH_LINE = re.compile(rb"^hash=([0-9a-fA-F]{64})\s*$", re.MULTILINE)
ACCURACY_LOG = "mlperf_log_accuracy.json"
ACCURACY_TEXT = "accuracy.txt"


def truncated(blocks: Iterable[bytes]) -> tuple[bytes, str]:
    """Return (the truncated log, SHA-256 of the original); memory does not grow with the log.

    A log that is truncated already comes back as it is.
    """
    digest = hashlib.sha256()
    head, tail, size = b"", b"", 0
    whole: bytes | None = b""
    for block in blocks:
        digest.update(block)
        size += len(block)
        head = (head + block)[:HEAD_BYTES] if len(head) < HEAD_BYTES else head
        tail = (tail + block)[-TAIL_BYTES:]
        whole = whole + block if whole is not None and size <= SHORT_BYTES else None
    if whole is not None and (len(whole) <= HEAD_BYTES + TAIL_BYTES or MARKER.search(whole)):
        return whole, digest.hexdigest()
    return head + SEPARATOR + tail, digest.hexdigest()


def with_hash(text: bytes, sha256: str, path: str) -> bytes:
    """Return accuracy.txt with the hash line, appended once.

    Raises:
        WrongUse: the text has the hash of another log.
    """
    known = {match.decode("ascii").lower() for match in HASH_LINE.findall(text)}
    if known == {sha256}:
        return text
    if known:
        raise WrongUse(f"{path} has the hash {', '.join(sorted(known))}, but the accuracy log "
                       f"beside it has {sha256}; evaluate this log again, or restore the log "
                       "that was evaluated")
    return text + (b"" if text.endswith(b"\n") or not text else b"\n") + f"hash={sha256}\n".encode()
