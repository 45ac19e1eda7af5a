"""Bring the names of an archive or a repository into the form that a folder has.

Names are checked before they become paths, folders that are only implied are added, links are
resolved inside the listing, and the order is that of a folder walked on disk: one content gives one
sequence of entries, wherever it comes from.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from submission_checker.model.files import Entry, Kind
from submission_checker.sources.limits import (
    MAX_PATH_BYTES,
    MAX_REFUSED,
    LimitReached,
    Meter,
)

SKIPPED_FOLDERS = frozenset({".git", ".hg", ".svn"})
"""Folders of version control at the root: not part of a submission."""

MAX_LINKS_FOLLOWED = 40
"""Links on the way to one target, as in Linux; longer chains are loops."""


def refused(reason: str) -> Entry:
    """Return an entry for something that has no place in the tree; it becomes a finding."""
    return Entry("", Kind.UNREADABLE, problem=reason)


def path_of(name: bytes) -> str | None:
    """Return a name of an archive as a path, or None for the root itself.

    Raises:
        ValueError: the name leads elsewhere or cannot be a path; the text says why.
    """
    text = name.decode("utf-8", "surrogateescape")
    if "\0" in text:
        raise ValueError("a NUL byte in its name")
    if text.startswith("/"):
        raise ValueError("an absolute name")
    if len(name) > MAX_PATH_BYTES:
        raise ValueError(f"a name of {len(name)} bytes, more than {MAX_PATH_BYTES}")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ValueError("'..' in its name")
    return "/".join(parts) or None


def shown(name: bytes) -> str:
    """Return a refused name for a message."""
    text = name.decode("utf-8", "surrogateescape")
    return repr(text if len(text) <= 100 else text[:99] + "…")


@dataclass(slots=True)
class Listing:
    """Entries by path, and what was refused."""

    meter: Meter
    inner: str = ""
    """Folder of the archive that is the root of the submission."""
    entries: dict[str, Entry] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    problems_count: int = 0
    order: list[str] | None = None

    def place(self, name: bytes) -> str | None:
        """Return the path below the root for a name, None where it lies elsewhere or is refused."""
        try:
            path = path_of(name)
        except ValueError as error:
            self.refuse(f"{shown(name)}: {error}")
            return None
        if path is None:
            return None
        if self.inner:
            if not path.startswith(f"{self.inner}/"):
                return None
            path = path[len(self.inner) + 1:]
        return None if path.partition("/")[0] in SKIPPED_FOLDERS else path

    def refuse(self, reason: str) -> None:
        """Note something that has no place in the tree."""
        self.problems_count += 1
        if len(self.problems) < MAX_REFUSED:
            self.problems.append(reason)

    def add(self, entry: Entry) -> None:
        """Add an entry; the last of two with one path counts, and both are reported."""
        known = self.entries.get(entry.path)
        if known is None:
            self.meter.name(entry.path)
            self._folders_of(entry.path)
        elif known.kind is Kind.FOLDER and entry.kind is Kind.FOLDER:
            return
        else:
            self.refuse(f"{shown(entry.path.encode('utf-8', 'surrogateescape'))}: "
                        "stands more than once; the last one counts")
            if known.kind is Kind.FOLDER:
                return
        self.entries[entry.path] = entry

    def _folders_of(self, path: str) -> None:
        """Add the folders that a path implies; a file in the place of one is replaced."""
        parent = path.rpartition("/")[0]
        missing = []
        while parent:
            known = self.entries.get(parent)
            if known is not None and known.kind is Kind.FOLDER:
                break
            missing.append(parent)
            parent = parent.rpartition("/")[0]
        for folder in reversed(missing):
            known = self.entries.get(folder)
            if known is None:
                self.meter.name(folder)
            else:
                self.refuse(f"{shown(folder.encode('utf-8', 'surrogateescape'))}: "
                            "is a folder and something else")
            self.entries[folder] = Entry(folder, Kind.FOLDER)

    def stop(self, error: LimitReached) -> None:
        """Note that reading was stopped at a limit."""
        self.problems.insert(0, f"not read to its end: {error}")
        self.problems_count += 1

    def walk(self) -> Iterator[Entry]:
        """Yield what was refused and every entry, in the order of a folder on disk."""
        for reason in self.problems:
            yield refused(reason)
        if self.problems_count > len(self.problems):
            yield refused(f"{self.problems_count - len(self.problems)} more of this kind")
        children: dict[str, list[str]] = {"": []}
        for path in self.entries:
            parent, _, name = path.rpartition("/")
            children.setdefault(parent, []).append(name)
        stack = [""]
        while stack:
            folder = stack.pop()
            for name in sorted(children.get(folder, ())):
                path = f"{folder}/{name}" if folder else name
                entry = self.entries[path]
                if entry.kind is Kind.FOLDER:
                    stack.append(path)
                elif entry.kind is Kind.LINK:
                    entry = self._resolved(entry)
                yield entry

    def _resolved(self, entry: Entry) -> Entry:
        resolved, escapes = follow(entry.path, entry.target or "", self.entries)
        return entry._replace(resolved=resolved, escapes=escapes)


def follow(path: str, target: str, entries: dict[str, Entry]) -> tuple[str | None, bool]:
    """Return (path that a link leads to, whether it leaves the root).

    The path is None where nothing is there, or where the chain of links never ends.
    """
    if target.startswith("/"):
        return None, True
    here = path.split("/")[:-1]
    todo = deque(target.split("/"))
    links = 0
    while todo:
        part = todo.popleft()
        if part in ("", "."):
            continue
        if part == "..":
            if not here:
                return None, True
            here.pop()
            continue
        here.append(part)
        known = entries.get("/".join(here))
        if known is None or known.kind is not Kind.LINK:
            continue
        links += 1
        if links > MAX_LINKS_FOLLOWED:
            return None, False
        if (known.target or "").startswith("/"):
            return None, True
        here.pop()
        todo.extendleft(reversed((known.target or "").split("/")))
    found = "/".join(here)
    if not found:
        return ".", False
    return (found, False) if found in entries else (None, False)
