"""A submission in a git revision, read from the object store without a checkout."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from submission_checker.model.changes import Change, Range
from submission_checker.model.files import Entry, Kind
from submission_checker.sources.base import (
    WHOLE_FILE_BYTES,
    NotThereYet,
    SourceError,
    Unreadable,
    as_utf8,
)
from submission_checker.sources.git_program import (
    GitFailed,
    GitProgram,
    absent_objects,
    object_sizes,
    repository_at,
)
from submission_checker.sources.limits import MAX_LINK_BYTES, LimitReached, Meter
from submission_checker.sources.listing import Listing

TREE, LINK, SUBMODULE = "40000", "120000", "160000"
EXECUTABLE = "100755"
LARGE_BYTES = 1 << 20
"""Smaller contents that come and go within a range are not listed."""
NOT_HERE = "its content is not in this repository (a shallow or partial clone)"


@dataclass(frozen=True, slots=True)
class GitSource:
    """The files of one tree object."""

    folder: str
    revision: str
    tree: str
    inner: str
    label: str

    @classmethod
    def open(cls, text: str) -> GitSource:
        """Return the source of ``git:REPO@REV`` or ``git:REPO@REV:FOLDER``."""
        folder, given, inner = _parts(text)
        revision = given or "HEAD"
        git = repository_at(folder, text, revision, inner)
        try:
            commit = resolved(git, revision, "")
            if not object_sizes(git, [commit]):
                raise GitFailed(f"unknown revision {revision!r}")
        except GitFailed as error:
            raise SourceError(text, str(error)) from None
        try:
            tree = resolved(git, f"{commit}:{inner}" if inner else commit,
                            "" if inner else "^{tree}")
        except GitFailed:
            if inner:
                raise NotThereYet(text, f"no folder {inner!r} in this revision") from None
            raise SourceError(text, "its tree is not in this repository (a shallow or partial "
                                    "clone)") from None
        return cls(git.folder, commit, tree, inner, text)

    def named(self, inner: str) -> str:
        """Return what the user has to name to get another folder of this revision."""
        folder, revision, _ = _parts(self.label)
        if not inner and not revision:
            return f"git:{folder}"
        return f"git:{folder}@{revision or 'HEAD'}{f':{inner}' if inner else ''}"

    def walk(self) -> Iterator[Entry]:
        """Yield every entry of the tree; submodules and absent objects are named, not followed."""
        try:
            return _store(self).listing().walk()
        except GitFailed as error:
            raise SourceError(self.label, str(error)) from None

    def read(self, path: str) -> bytes:
        """Return a file whole."""
        parts: list[bytes] = []
        size = 0
        for block in self.blocks(path):
            parts.append(block)
            size += len(block)
            if size > WHOLE_FILE_BYTES:
                raise Unreadable(path, f"more than the {WHOLE_FILE_BYTES} bytes read whole")
        return b"".join(parts)

    def blocks(self, path: str) -> Iterator[bytes]:
        """Yield a file in blocks."""
        store = _store(self)
        try:
            name = store.blob(path)
            if name is None:
                raise Unreadable(path, "no such file")
            if name in store.absent:
                raise Unreadable(path, NOT_HERE)
            yield from store.objects.blocks(name)
        except GitFailed as error:
            raise Unreadable(path, str(error)) from None

    def changes(self, since: str) -> Range:
        """Return what changed since another revision left the line of this one.

        Compared is the last common ancestor. In a shallow clone it may be absent; then ``since``
        itself is compared, and what changed only there counts as changed too.

        Raises:
            SourceError: the revision is unknown, or objects that are needed are absent.
        """
        git = GitProgram(self.folder)
        try:
            base = resolved(git, since, "^{commit}")
            head = resolved(git, self.revision, "^{commit}")
            ancestor = _ancestor(git, base, head)
            given = git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-ext-diff",
                            "--no-textconv", "--full-index", "--end-of-options",
                            ancestor or base, head)
        except GitFailed as error:
            raise SourceError(self.label, f"--since {since}: {error}") from None
        changes = tuple(self._below(_changes(given)))
        absent = absent_objects(git, head)
        sizes = object_sizes(git, sorted({c.after for c in changes if c.after} - absent))
        return Range(
            ancestor or base, head, ancestor is not None,
            tuple(change.sized(sizes.get(change.after or "")) for change in changes),
            () if absent else _passing(git, ancestor or base, head),
        )

    def _below(self, changes: Iterator[Change]) -> Iterator[Change]:
        inner = as_utf8(self.inner)
        for change in changes:
            if not self.inner:
                yield change
            elif change.path.startswith(f"{inner}/"):
                yield change.at(change.path[len(inner) + 1:])

    def at(self, revision: str) -> GitSource:
        """Return the same folder in another revision."""
        where = f"{revision}:{self.inner}" if self.inner else revision
        return GitSource.open(f"git:{self.folder}@{where}")


def _parts(text: str) -> tuple[str, str, str]:
    """Return (repository, revision, folder in it): the longest part before an @ that is a folder.

    The revision is empty where none is named.
    """
    text = text.removeprefix("git:")
    repository, rest = text, ""
    if not os.path.isdir(text) and "@" in text:
        repository, _, rest = text.rpartition("@")
    at = len(text)
    while (at := text.rfind("@", 0, at)) > 0:
        if os.path.isdir(text[:at]):
            repository, rest = text[:at], text[at + 1:]
            break
    revision, _, inner = rest.partition(":")
    return repository, revision, inner.strip("/")


def resolved(git: GitProgram, revision: str, peel: str) -> str:
    """Return the object that a revision names; raises ``GitFailed`` with what is wrong."""
    try:
        found = git.run("rev-parse", "--verify", "--quiet", "--end-of-options",
                        f"{revision}{peel}")
    except GitFailed:
        found = b""
    name = found.decode("ascii", "replace").strip()
    if not name or not set(name) <= set("0123456789abcdef"):
        raise GitFailed(f"unknown revision {revision!r}")
    return name


def _ancestor(git: GitProgram, base: str, head: str) -> str | None:
    try:
        return git.run("merge-base", "--end-of-options", base, head).decode().split()[0]
    except GitFailed:
        return None


def _passing(git: GitProgram, base: str, head: str) -> tuple[tuple[str, int], ...]:
    """Return (path, size) of the large contents of the range that the head holds no more."""
    paths = _named(git.run("rev-list", "--objects", f"{base}..{head}"))
    final = _named(git.run("rev-list", "--objects", "--no-walk", head))
    sizes = object_sizes(git, sorted(paths.keys() - final.keys()))
    return tuple(sorted((paths[name], size) for name, size in sizes.items() if size >= LARGE_BYTES))


def _named(listed: bytes) -> dict[str, str]:
    """Return object -> path of the lines of ``git rev-list --objects``."""
    lines = listed.decode("utf-8", "surrogateescape").splitlines()
    return {name: path for name, _, path in (line.partition(" ") for line in lines)}


def _changes(given: bytes) -> Iterator[Change]:
    """Yield the records of ``git diff-tree --raw -z``."""
    parts = iter(given.split(b"\0"))
    for head in parts:
        if not head:
            return
        before_mode, after_mode, before, after, status = head.decode("ascii")[1:].split(" ")
        path = next(parts).decode("utf-8", "surrogateescape")
        yield Change(path, status[0], None if status[0] == "A" else before,
                     None if status[0] == "D" else after, before_mode, after_mode)


class _Store:
    """The objects of one repository as one process sees them."""

    def __init__(self, source: GitSource) -> None:
        self.git = GitProgram(source.folder)
        self.tree = source.tree
        self.objects = self.git.objects()
        self.absent = absent_objects(self.git, source.tree)
        self.trees: dict[str, dict[str, tuple[str, str]]] = {}

    def folder(self, name: str) -> dict[str, tuple[str, str]]:
        """Return name -> (mode, object) of a tree object."""
        known = self.trees.get(name)
        if known is None:
            known = dict(_entries(self.objects.read(name), len(name) // 2))
            self.trees[name] = known
        return known

    def blob(self, path: str) -> str | None:
        """Return the object of a file."""
        name = self.tree
        *folders, last = path.split("/")
        for part in folders:
            mode, name = self.folder(name).get(part, ("", ""))
            if mode.lstrip("0") != TREE:
                return None
        mode, name = self.folder(name).get(last, ("", ""))
        return name if mode.startswith("100") else None

    def listing(self) -> Listing:
        """Walk all trees; sizes are asked for at once."""
        listing = Listing(Meter())
        files: list[tuple[str, str, str]] = []
        stack = [("", self.tree)]
        try:
            while stack:
                prefix, tree = stack.pop()
                try:
                    if tree in self.absent:
                        raise GitFailed(NOT_HERE)
                    found = _entries(self.objects.read(tree), len(tree) // 2)
                    for raw, (mode, name) in found:
                        if "/" in raw or raw in ("", ".", ".."):
                            listing.refuse(f"{prefix + raw!r}: a name that is no path")
                            continue
                        self._enter(listing, f"{prefix}{raw}", mode, name, files, stack)
                except GitFailed as error:
                    if not prefix:
                        raise
                    path = prefix.rstrip("/")
                    listing.entries[path] = Entry(path, Kind.UNREADABLE, problem=str(error))
            self._files(listing, files)
        except LimitReached as error:
            listing.stop(error)
        return listing

    def _enter(
        self, listing: Listing, raw: str, mode: str, name: str,
        files: list[tuple[str, str, str]], stack: list[tuple[str, str]],
    ) -> None:
        path = listing.place(raw.encode("utf-8", "surrogateescape"))
        if path is None:
            return
        if mode.lstrip("0") == TREE:
            listing.add(Entry(path, Kind.FOLDER))
            stack.append((f"{path}/", name))
        elif mode == SUBMODULE:
            listing.add(Entry(path, Kind.SUBMODULE, problem=f"a submodule (commit {name})"))
        else:
            listing.add(Entry(path, Kind.FILE))
            files.append((path, mode, name))

    def _files(self, listing: Listing, files: list[tuple[str, str, str]]) -> None:
        names = {name for _, _, name in files} - self.absent
        sizes = object_sizes(self.git, sorted(names))
        for path, mode, name in files:
            size = sizes.get(name)
            if size is None:
                entry = Entry(path, Kind.UNREADABLE, problem=NOT_HERE)
            elif mode == LINK:
                entry = self._link(path, name, size)
            else:
                listing.meter.content(size)
                entry = Entry(path, Kind.FILE, size, executable=mode == EXECUTABLE)
            listing.entries[path] = entry

    def _link(self, path: str, name: str, size: int) -> Entry:
        if size > MAX_LINK_BYTES:
            return Entry(path, Kind.UNREADABLE, problem=f"a link of {size} bytes")
        target = self.objects.read(name).decode("utf-8", "surrogateescape")
        return Entry(path, Kind.LINK, target=target)


def _entries(data: bytes, hash_bytes: int) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield name -> (mode, object) of the bytes of a tree object."""
    at = 0
    while at < len(data):
        end = data.find(b"\0", at)
        mode, blank, name = data[at:end].partition(b" ")
        if end < 0 or not blank or end + 1 + hash_bytes > len(data):
            raise GitFailed("a damaged tree object")
        at = end + 1 + hash_bytes
        yield (name.decode("utf-8", "surrogateescape"),
               (mode.decode("ascii", "replace"), data[end + 1:at].hex()))


_STORES: dict[tuple[int, str, str], _Store] = {}
"""By process, as a forked worker must not share the pipe of its parent."""

MOST_STORES = 4


def _store(source: GitSource) -> _Store:
    key = (os.getpid(), source.folder, source.tree)
    store = _STORES.get(key)
    if store is None:
        while len(_STORES) >= MOST_STORES:
            _STORES.pop(next(iter(_STORES)))
        store = _STORES[key] = _Store(source)
    return store
