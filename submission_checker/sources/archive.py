"""A submission in an archive (tar, tar.gz, tar.xz, tar.zst, zip), read in place.

The index is made once per process; nothing of the archive is ever written to disk. The source
itself holds only names, so that worker processes get it cheaply.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from submission_checker.model.files import Entry
from submission_checker.sources.base import (
    BLOCK_BYTES,
    WHOLE_FILE_BYTES,
    SourceError,
    Unreadable,
)
from submission_checker.sources.streams import Damaged, Handle, NotSupported

MAGIC = (
    (b"\x1f\x8b", "gz"), (b"\xfd7zXZ\0", "xz"), (b"\x28\xb5\x2f\xfd", "zst"),
    (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"),
)
ARCHIVES = ".tar, .tar.gz, .tar.xz, .tar.zst or .zip"


class Index(Protocol):
    """The members of an opened archive by path."""

    def walk(self) -> Iterator[Entry]:
        """Yield the entries."""
        ...

    def size(self, path: str) -> int | None:
        """Return the size of a file, None where there is none."""
        ...

    def blocks(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file; raises ``Unreadable`` or ``Damaged``."""
        ...


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """An archive; ``inner`` is the folder in it that is the root of the submission."""

    path: str
    kind: str
    inner: str
    label: str
    state: tuple[int, int]
    """(size, time of the last change in ns) when it was opened."""

    @classmethod
    def open(cls, path: str, inner: str = "", label: str | None = None) -> ArchiveSource:
        """Return the source of an archive file, or raise ``SourceError``."""
        label = label or path
        try:
            handle = Handle(path)
            status = os.fstat(handle.descriptor)
            head = handle.read(0, 512)
        except OSError as error:
            raise SourceError(label, (error.strerror or "cannot be read").lower()) from None
        kind = kind_of(head)
        if kind is None:
            words = "an empty file" if not status.st_size else "neither a folder nor an archive"
            raise SourceError(label, f"{words}; give a folder, a {ARCHIVES}, or git:REPO@REV")
        source = cls(os.path.realpath(path), kind, inner.strip("/"), label,
                     (status.st_size, status.st_mtime_ns))
        source.index()
        return source

    def index(self) -> Index:
        """Return the opened archive, the same one within a process."""
        try:
            return _opened(self)
        except Damaged as error:
            raise SourceError(self.label, str(error)) from None
        except (NotSupported, OSError) as error:
            raise SourceError(self.label, str(error)) from None

    def walk(self) -> Iterator[Entry]:
        """Yield every member, folders sorted by name as in a folder on disk."""
        return self.index().walk()

    def _unchanged(self, path: str) -> None:
        try:
            status = os.stat(self.path)
        except OSError:
            raise Unreadable(path, "the archive vanished while it was read") from None
        if (status.st_size, status.st_mtime_ns) != self.state:
            raise Unreadable(path, "the archive changed while it was read")

    def read(self, path: str) -> bytes:
        """Return a file whole."""
        size = self.index().size(path)
        if size is not None and size > WHOLE_FILE_BYTES:
            raise Unreadable(path, f"{size} bytes, more than the {WHOLE_FILE_BYTES} read whole")
        parts = list(self.blocks(path))
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def blocks(self, path: str) -> Iterator[bytes]:
        """Yield a file in blocks."""
        self._unchanged(path)
        index = self.index()
        if index.size(path) is None:
            raise Unreadable(path, "no such file")
        try:
            yield from index.blocks(path)
        except (Damaged, OSError) as error:
            raise Unreadable(path, str(error)) from None


def kind_of(head: bytes) -> str | None:
    """Return the kind of an archive by its first 512 bytes, None where it is none."""
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar" or _old_tar(head):
        return "tar"
    return None


def _old_tar(head: bytes) -> bool:
    """Return whether a block is a header of a tar without the mark of newer ones, or the end."""
    if len(head) < 512:
        return False
    told = head[148:156].strip(b" \0")
    known = sum(head) - sum(head[148:156]) + 8 * 0x20
    return not head.strip(b"\0") or (
        told != b"" and not told.strip(b"01234567") and int(told, 8) == known)


@lru_cache(maxsize=2)
def _opened(source: ArchiveSource) -> Index:
    if source.kind == "zip":
        from submission_checker.sources.zip_archive import ZipIndex

        return ZipIndex(source.path, source.inner, source.state[0])
    from submission_checker.sources.tar_archive import TarIndex

    return TarIndex(source.path, source.kind, source.inner, source.state[0])


def in_blocks(size: int) -> Iterator[tuple[int, int]]:
    """Yield (offset, size) of the blocks of a file."""
    for offset in range(0, size, BLOCK_BYTES):
        yield offset, min(BLOCK_BYTES, size - offset)


def is_regular(path: str) -> bool:
    """Return whether a path is a plain file, so that it may be opened at all."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False
