"""A submission in memory: what most tests use, and the reference for other sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from submission_checker.model.files import Entry, Kind
from submission_checker.sources.base import BLOCK_BYTES, WHOLE_FILE_BYTES, Unreadable


@dataclass(frozen=True, slots=True)
class MemorySource:
    """Files given as a mapping from path to content."""

    files: Mapping[str, bytes]
    label: str = "memory"

    def walk(self) -> Iterator[Entry]:
        """Yield every file; folders follow from the paths."""
        for path in sorted(self.files):
            yield Entry(path, Kind.FILE, len(self.files[path]))

    def read(self, path: str) -> bytes:
        """Return a file whole."""
        data = self.files.get(path)
        if data is None:
            raise Unreadable(path, "no such file")
        if len(data) > WHOLE_FILE_BYTES:
            raise Unreadable(path, f"{len(data)} bytes, more than {WHOLE_FILE_BYTES} read whole")
        return data

    def blocks(self, path: str) -> Iterator[bytes]:
        """Yield a file in blocks."""
        data = self.files.get(path)
        if data is None:
            raise Unreadable(path, "no such file")
        for start in range(0, len(data), BLOCK_BYTES):
            yield data[start : start + BLOCK_BYTES]
