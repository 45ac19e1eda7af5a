"""Choose the source for what the user named: a folder, an archive, or a git revision."""

from __future__ import annotations

import errno
import os
from dataclasses import replace

from submission_checker.model.changes import Range
from submission_checker.model.errors import WrongUse
from submission_checker.sources.archive import ARCHIVES, ArchiveSource, is_regular
from submission_checker.sources.base import NotThereYet, Source, SourceError, as_utf8
from submission_checker.sources.folder import FolderSource, reason_of

GIT = "git:"


def open_source(path: str) -> Source:
    """Return the source that a path names; raises ``SourceError`` with what was found.

    ``upload.tar.gz/submission`` is the folder ``submission`` inside the archive.
    """
    if path.startswith(GIT):
        from submission_checker.sources.git import GitSource

        return GitSource.open(path)
    if os.path.isdir(path):
        return FolderSource.open(path)
    if is_regular(path):
        return ArchiveSource.open(path)
    outer, inner = path.rstrip("/"), ""
    while outer and not os.path.lexists(outer):
        outer, slash, name = outer.rpartition("/")
        inner = f"{name}/{inner}" if inner else name
        if not slash:
            break
    if inner and outer and is_regular(outer):
        return ArchiveSource.open(outer, as_utf8(inner), path)
    if not os.path.lexists(path):
        raise SourceError(path or "''", _why_not_there(path))
    raise SourceError(path, f"neither a folder nor a file; give a folder, a {ARCHIVES}, "
                      "or git:REPO@REV")


def _why_not_there(path: str) -> str:
    """Return what the system says of a path that is not there, or not for this user."""
    try:
        os.lstat(path)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            return reason_of(error)
    return f"no such file or folder{_near(path)}"


def _near(path: str) -> str:
    """Return the path that was meant: with other slashes, or the nearest name beside it."""
    slashes = path.replace("\\", "/")
    if slashes != path and os.path.lexists(slashes):
        return f"; did you mean {slashes}?"
    folder, name = os.path.split(path.rstrip("/"))
    try:
        names = os.listdir(folder or ".")
    except OSError:
        return ""
    import difflib  # only here: most names are right

    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"; did you mean {os.path.join(folder, close[0])}?" if close else ""


def changes_since(source: Source, revision: str) -> Range:
    """Return what changed since a revision; raises ``WrongUse`` where there are no revisions."""
    from submission_checker.sources.git import GitSource

    if not isinstance(source, GitSource):
        raise WrongUse("--since needs a git revision as PATH: git:REPO@REV, such as git:.@HEAD")
    return source.changes(revision)


def before(source: Source, revision: str) -> Source | None:
    """Return the same folder in another revision, None where it is not there.

    Raises as :func:`changes_since`.
    """
    from submission_checker.sources.git import GitSource

    if not isinstance(source, GitSource):
        raise WrongUse("--since needs a git revision as PATH: git:REPO@REV, such as git:.@HEAD")
    try:
        return source.at(revision)
    except NotThereYet:
        return None


def inside(source: Source, folder: str) -> str:
    """Return what the user has to name to get a folder inside of what was named."""
    from submission_checker.sources.git import GitSource

    if isinstance(source, GitSource):
        return source.named("/".join(filter(None, (source.inner, folder))))
    return f"{source.label.rstrip('/')}/{folder}"


def above(source: Source, levels: int) -> str | None:
    """Return the words for the folder above what was named, None where a source ends before it."""
    if isinstance(source, FolderSource):
        return "the folder above" if levels == 1 else "the folder two levels above"
    parts = getattr(source, "inner", "").split("/")
    if len(parts) < levels or not parts[0]:
        return None
    inner = "/".join(parts[:-levels])
    if isinstance(source, ArchiveSource):
        outer = source.label.rstrip("/").removesuffix("/".join(parts)).rstrip("/")
        return f"{outer}/{inner}".rstrip("/")
    from submission_checker.sources.git import GitSource

    return source.named(inner) if isinstance(source, GitSource) else None


def has_no_such_folder(source: Source) -> str:
    """Return the folder of an archive that was named and is not in it, "" where it is there."""
    if not isinstance(source, ArchiveSource) or not source.inner:
        return ""
    outer = replace(source, inner="")
    return "" if any(entry.path == source.inner for entry in outer.walk()) else source.inner
