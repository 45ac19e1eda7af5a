"""Answers too long to be kept: where they stand in a file, or a hash where there is no file."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compliance_tests.log_rows import FOLD

BLOCK = 1 << 19
"""Bytes read at a time; small enough to stay in a processor's cache while they are searched."""

HEADER = re.compile(
    rb'"seq_id"\s*:\s*\d{1,18}\s*,\s*"qsl_idx"\s*:\s*(\d{1,18})\s*,\s*"data"\s*:\s*"')
HEADER_BYTES = 1024
SLICE = 1 << 18


class FileLog:
    """A log in a file: its blocks in order, and slices of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def __enter__(self) -> FileLog:
        self._handle = os.open(self._path, os.O_RDONLY)
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __iter__(self) -> Iterator[bytes]:
        assert self._handle is not None
        at = 0
        while block := os.pread(self._handle, BLOCK, at):
            at += len(block)
            yield block

    def slice(self, offset: int, length: int) -> bytes:
        """Return bytes of the file."""
        assert self._handle is not None
        return os.pread(self._handle, length, offset)


@dataclass(frozen=True, slots=True)
class Span:
    """A payload that stands in a file; equal to another where the hex digits are."""

    log: FileLog
    offset: int
    length: int

    def differs(self, other: object) -> bool:
        """Return whether another payload has other digits; a shorter or kept one has."""
        if not isinstance(other, Span) or other.length != self.length:
            return True
        for at in range(0, self.length, SLICE):
            size = min(SLICE, self.length - at)
            one = self.log.slice(self.offset + at, size)
            two = other.log.slice(other.offset + at, size)
            if one != two and one.translate(FOLD) != two.translate(FOLD):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Digest:
    """A payload of which only a hash is kept."""

    value: bytes

    def differs(self, other: object) -> bool:
        """Return whether another payload has another hash."""
        return self != other


def digest_of(pieces: Iterator[bytes]) -> Digest:
    """Return the hash of a payload that comes in pieces."""
    found = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        found.update(piece.translate(FOLD))
    return Digest(found.digest())
