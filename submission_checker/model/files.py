"""Files of a submission as a table: what lies where, of what kind and size. No content."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Kind(enum.Enum):
    """What an entry of the tree is. Links and special files are never followed or opened."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    SPECIAL = "special"
    SUBMODULE = "submodule"
    UNREADABLE = "unreadable"


class Entry(NamedTuple):
    """One name in the tree; ``path`` is POSIX, relative to the root, without a leading slash.

    ``target`` is the text of a link, ``resolved`` the path of the entry it leads to inside the tree
    (None where it is broken or leads out), ``problem`` what kept the source from reading it. An
    unreadable entry with an empty path is the input as a whole, or a part of it without a place.
    """

    path: str
    kind: Kind
    size_bytes: int = 0
    target: str | None = None
    resolved: str | None = None
    escapes: bool = False
    problem: str | None = None
    executable: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


class Folder(NamedTuple):
    """The direct content of a folder; links to files inside the tree count as files."""

    path: str
    files: Mapping[str, Entry]
    folders: tuple[str, ...]

    def size(self, name: str) -> int | None:
        """Return the size of a file of this folder in bytes, None where it is absent."""
        entry = self.files.get(name)
        return None if entry is None else entry.size_bytes


@dataclass(slots=True)
class FileTable:
    """Every entry of a source, walked once. Presence, names and sizes are judged from here."""

    entries: dict[str, Entry] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    """What has no place in the tree, in words."""
    _children: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def build(cls, entries: Iterable[Entry]) -> FileTable:
        """Build the table; folders that a source does not list on their own are added."""
        table = cls()
        for entry in entries:
            table._add(entry)
        for names in table._children.values():
            names.sort()
        return table

    def _add(self, entry: Entry) -> None:
        if not entry.path:
            self.refused.append(entry.problem or "cannot be read")
            return
        path = entry.path
        known = path in self.entries
        self.entries[path] = entry
        while not known:
            parent, _, name = path.rpartition("/")
            self._children.setdefault(parent, []).append(name)
            known = not parent or parent in self.entries
            if not known:
                self.entries[parent] = Entry(parent, Kind.FOLDER)
            path = parent

    def __contains__(self, path: str) -> bool:
        return path in self.entries

    def get(self, path: str) -> Entry | None:
        """Return the entry at a path."""
        return self.entries.get(path)

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder, sorted; empty where there is no such folder."""
        return self._children.get(folder, [])

    def is_folder(self, path: str) -> bool:
        """Return whether a path is a folder."""
        entry = self.entries.get(path)
        return entry is not None and entry.kind is Kind.FOLDER

    def follow(self, path: str) -> Entry | None:
        """Return the file at a path; a link that leads to a file inside the tree is followed."""
        entry = self.entries.get(path)
        if entry is not None and entry.kind is Kind.LINK and entry.resolved:
            entry = self.entries.get(entry.resolved)
        return entry if entry is not None and entry.kind is Kind.FILE else None

    def folder(self, path: str) -> Folder | None:
        """Return the listing of a folder, None where it does not exist."""
        if path and not self.is_folder(path):
            return None
        files: dict[str, Entry] = {}
        folders: list[str] = []
        for name in self.names(path):
            full = f"{path}/{name}" if path else name
            if self.is_folder(full):
                folders.append(name)
            elif (entry := self.follow(full)) is not None:
                files[name] = entry
        return Folder(path, files, tuple(folders))

    def nearest_file(self, path: str) -> str | None:
        """Return a file in the nearest folder at or above a path: a README, else the first."""
        folder = path
        while True:
            names = [name for name in self.names(folder)
                     if self.entries[f"{folder}/{name}" if folder else name].kind is Kind.FILE]
            if names:
                name = next((n for n in names if n.upper().startswith("README")), names[0])
                return f"{folder}/{name}" if folder else name
            if not folder:
                return None
            folder = folder.rpartition("/")[0]

    def below(self, path: str) -> Iterator[Entry]:
        """Yield every entry below a folder, in depth-first name order."""
        stack = [(path, iter(self.names(path)))]
        while stack:
            folder, names = stack[-1]
            name = next(names, None)
            if name is None:
                stack.pop()
                continue
            full = f"{folder}/{name}" if folder else name
            entry = self.entries[full]
            yield entry
            if entry.kind is Kind.FOLDER:
                stack.append((full, iter(self.names(full))))
