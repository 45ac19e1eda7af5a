"""What files tell about the repository they come from: pointers, filters, unfinished merges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from submission_checker.intake.reading import LFS_POINTER, Reader
from submission_checker.model.changes import Range, RepositoryFacts
from submission_checker.model.documents import Problem
from submission_checker.model.files import FileTable, Kind

POINTER_BYTES = range(100, 400)
"""Sizes of pointer files: three short lines with a SHA-256 and a size (Git LFS specification)."""

ATTRIBUTES = ".gitattributes"
ATTRIBUTES_BYTES = 1 << 20


def repository_facts(
    reader: Reader, table: FileTable, problems: Iterable[Problem], found: Range | None
) -> RepositoryFacts:
    """Return the facts that rules about repositories look at."""
    return RepositoryFacts(
        found,
        tuple(_pointers(reader, table)),
        tuple(_filters(reader, table)),
        tuple(dict.fromkeys(
            (p.at.path, p.at.line or 1, p.text) for p in problems if p.kind == "merge-marker")),
    )


def _pointers(reader: Reader, table: FileTable) -> Iterator[str]:
    for path, entry in table.entries.items():
        if entry.kind is Kind.FILE and entry.size_bytes in POINTER_BYTES:
            head = next(reader.blocks(path), b"")
            if head.startswith(LFS_POINTER):
                yield path


def _filters(reader: Reader, table: FileTable) -> Iterator[tuple[str, int, str]]:
    """Yield (path, line, text) of attributes that set a filter."""
    for path, entry in table.entries.items():
        if entry.name != ATTRIBUTES or entry.kind is not Kind.FILE:
            continue
        if entry.size_bytes > ATTRIBUTES_BYTES:
            continue
        for number, line in enumerate(b"".join(reader.blocks(path)).splitlines(), start=1):
            words = line.split()
            if words and not words[0].startswith(b"#") and any(
                word.startswith(b"filter=") for word in words[1:]
            ):
                yield path, number, line.decode("utf-8", "replace").strip()
