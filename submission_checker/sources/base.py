"""The interface of a source, its limits and its errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from submission_checker.model.files import Entry

BLOCK_BYTES = 1 << 20
"""Size of the blocks in which large files are streamed."""

WHOLE_FILE_BYTES = 8 << 20
"""Files up to this size are read whole: every detail log published since v2.0 is smaller."""


class SourceProblem(Exception):
    """Something about the input, with the path it concerns and the reason in words."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class Unreadable(SourceProblem):
    """A file that is listed but cannot be read: permissions, vanished, changed, no regular file."""


class SourceError(SourceProblem):
    """The input as a whole cannot be used: it does not exist or is no source of a known kind."""


class NotThereYet(SourceError):
    """The folder that is judged is not in another revision: it is new."""


class Source(Protocol):
    """A tree of files. Implementations are picklable, so that worker processes can read too."""

    @property
    def label(self) -> str:
        """Return what the user named, for messages."""
        ...

    def walk(self) -> Iterator[Entry]:
        """Yield every entry below the root once, parents before children."""
        ...

    def read(self, path: str) -> bytes:
        """Return the content of a file of at most :data:`WHOLE_FILE_BYTES`, else ``Unreadable``."""
        ...

    def blocks(self, path: str) -> Iterator[bytes]:
        """Yield the content of a file of any size in blocks; raises ``Unreadable``."""
        ...
