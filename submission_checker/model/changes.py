"""What changed between two revisions of a repository."""

from __future__ import annotations

from typing import NamedTuple

ADDED, DELETED = "A", "D"


class Change(NamedTuple):
    """A path that was added (A), deleted (D), modified (M) or became something else (T).

    ``before`` and ``after`` are names of objects, None where there is none; equal names are equal
    contents. ``size_bytes`` is that of the object after, None where it is not in the repository.
    """

    path: str
    status: str
    before: str | None
    after: str | None
    before_mode: str = ""
    after_mode: str = ""
    size_bytes: int | None = None

    def sized(self, size_bytes: int | None) -> Change:
        """Return the change with the size of what is there now."""
        return self._replace(size_bytes=size_bytes)

    def at(self, path: str) -> Change:
        """Return the change under another path."""
        return self._replace(path=path)


class Range(NamedTuple):
    """The changes from ``base`` to ``head``, both commits.

    ``ancestor`` says whether the base is a common ancestor; otherwise changes of both sides count.
    """

    base: str
    head: str
    ancestor: bool
    changes: tuple[Change, ...]
    passing: tuple[tuple[str, int], ...] = ()
    """(path, size) of contents in commits of the range that the head does not hold any more."""


class RepositoryFacts(NamedTuple):
    """What rules about a repository look at beside the tree."""

    range: Range | None = None
    pointers: tuple[str, ...] = ()
    """Files that are pointers of large-file storage."""
    filters: tuple[tuple[str, int, str], ...] = ()
    """(path, line, text) of attributes that send files through a filter."""
    markers: tuple[tuple[str, int, str], ...] = ()
    """(path, line, text) of lines that an unfinished merge left."""
