"""A submission in a folder. Links are recorded and never followed out of the root."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from submission_checker.model.files import Entry, Kind
from submission_checker.sources.base import (
    BLOCK_BYTES,
    WHOLE_FILE_BYTES,
    SourceError,
    Unreadable,
    as_utf8,
    on_disk,
)
from submission_checker.sources.listing import SKIPPED_FOLDERS


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder on disk; paths are relative to it."""

    root: str
    label: str

    @classmethod
    def open(cls, path: str) -> FolderSource:
        """Return the source of a folder, or raise ``SourceError``."""
        if not os.path.lexists(path):
            raise SourceError(path, "no such file or folder")
        if not os.path.isdir(path):
            raise SourceError(path, "not a folder")
        return cls(os.path.realpath(path), path)

    def walk(self) -> Iterator[Entry]:
        """Yield every entry, folders sorted by name; unreadable folders are entries too."""
        stack = [("", self.root)]
        while stack:
            prefix, folder = stack.pop()
            try:
                with os.scandir(folder) as listing:
                    found = sorted(listing, key=lambda item: as_utf8(item.name))
            except OSError as error:
                yield Entry(prefix, Kind.UNREADABLE, problem=reason_of(error))
                continue
            for item in found:
                if not prefix and item.name in SKIPPED_FOLDERS:
                    continue
                entry = self._entry(prefix, item)
                yield entry
                if entry.kind is Kind.FOLDER:
                    stack.append((entry.path, item.path))

    def _entry(self, prefix: str, item: os.DirEntry[str]) -> Entry:
        name = as_utf8(item.name)
        path = f"{prefix}/{name}" if prefix else name
        try:
            if item.is_symlink():
                return self._link(path, item.path)
            if item.is_dir(follow_symlinks=False):
                return Entry(path, Kind.FOLDER)
            status = item.stat(follow_symlinks=False)
        except OSError as error:
            return Entry(path, Kind.UNREADABLE, problem=reason_of(error))
        if not stat.S_ISREG(status.st_mode):
            return Entry(path, Kind.SPECIAL)
        return Entry(path, Kind.FILE, status.st_size, executable=bool(status.st_mode & 0o111))

    def _link(self, path: str, full: str) -> Entry:
        target = os.readlink(full)
        real = os.path.realpath(full)
        inside = real == self.root or real.startswith(self.root + os.sep)
        escapes = os.path.isabs(target) or not inside
        resolved = None
        if not escapes and os.path.exists(real):
            resolved = as_utf8(os.path.relpath(real, self.root).replace(os.sep, "/"))
        return Entry(path, Kind.LINK, target=as_utf8(target), resolved=resolved, escapes=escapes)

    def _open(self, path: str) -> tuple[int, int]:
        """Return handle and size of a regular file."""
        full = os.path.join(self.root, on_disk(path))
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            handle = os.open(full, flags)
        except OSError as error:
            raise Unreadable(path, reason_of(error)) from error
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            os.close(handle)
            raise Unreadable(path, "is not a regular file any more")
        return handle, status.st_size

    def read(self, path: str) -> bytes:
        """Return a file whole; a file that changes its size meanwhile is ``Unreadable``."""
        handle, size = self._open(path)
        try:
            if size > WHOLE_FILE_BYTES:
                raise Unreadable(path, f"{size} bytes, more than the {WHOLE_FILE_BYTES} read whole")
            data = os.read(handle, size + 1) if size else os.read(handle, 1)
            while 0 < len(data) < size:
                more = os.read(handle, size - len(data))
                if not more:
                    break
                data += more
        except OSError as error:
            raise Unreadable(path, reason_of(error)) from error
        finally:
            os.close(handle)
        if len(data) != size:
            raise Unreadable(path, "changed while it was read")
        return data

    def blocks(self, path: str) -> Iterator[bytes]:
        """Yield a file of any size in blocks."""
        handle, size = self._open(path)
        try:
            seen = 0
            while block := os.read(handle, min(BLOCK_BYTES, size - seen + 1)):
                seen += len(block)
                if seen > size:
                    raise Unreadable(path, "grew while it was read")
                yield block
            if seen != size:
                raise Unreadable(path, "changed while it was read")
        except OSError as error:
            raise Unreadable(path, reason_of(error)) from error
        finally:
            os.close(handle)


def reason_of(error: OSError) -> str:
    """Return the system's words for an error, without paths or numbers."""
    return (error.strerror or type(error).__name__).lower()
