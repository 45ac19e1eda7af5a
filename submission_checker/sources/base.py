"""The interface of a source, its limits and its errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Protocol

from submission_checker.model.files import Entry

BLOCK_BYTES = 1 << 20
"""Size of the blocks in which large files are streamed."""

WHOLE_FILE_BYTES = 8 << 20
"""Files up to this size are read whole: every detail log published since v2.0 is smaller."""

NAMES_ARE_UTF8 = sys.getfilesystemencoding().replace("-", "").lower() == "utf8"
"""Whether Python takes names on disk for UTF-8; the locale decides where its UTF-8 mode is off."""


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


def as_utf8(name: str) -> str:
    """Return a name on disk as UTF-8, whatever the locale: a tree has one name everywhere."""
    if NAMES_ARE_UTF8 or name.isascii():
        return name
    return os.fsencode(name).decode("utf-8", "surrogateescape")


def on_disk(path: str) -> str:
    """Return a path of the tree as the functions of the system want it in this locale."""
    if NAMES_ARE_UTF8 or path.isascii():
        return path
    return os.fsdecode(path.encode("utf-8", "surrogateescape"))
