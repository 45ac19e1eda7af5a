"""Search the texts that no rule reads: documents and small sources of a submitter."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.intake.code import is_source
from submission_checker.intake.reading import Reader
from submission_checker.logs.private import CODE, TEXT, Search, private_hits
from submission_checker.model.private import PrivateHit

FILE_BYTES = 256 << 10
"""Larger sources are generated or third-party code, and are not searched."""
TOTAL_BYTES = 16 << 20
"""How much of a submitter's code is searched."""

DOCUMENTS = (".md", ".txt", ".rst", ".adoc")
SETTINGS = (".json", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".env", ".conf", ".config")
VENDORED = ("/third_party/", "/third-party/", "/3rdparty/", "/external/", "/node_modules/",
            "/vendor/")
PUBLIC_NAMES = ("license", "authors", "contributors", "notice", "copying", "codeowners")
"""Beginnings of names of files that are there to name people."""


def names_people(path: str) -> bool:
    """Return whether a file is there to name people."""
    return path.rpartition("/")[2].casefold().startswith(PUBLIC_NAMES)


CONFIGURATION = ("/config.yaml", "/config.yml")
"""Files beside a result that name the endpoint measured."""


def unread(
    submitter: str, roots: tuple[str, ...], documents: tuple[str, ...], reader: Reader
) -> Iterator[tuple[str, tuple[Search, ...]]]:
    """Yield (path, searches) of a submitter's texts that no rule reads."""
    for path in documents:
        if path.casefold().endswith(DOCUMENTS):
            yield path, TEXT
    for entry in reader.table.below(submitter):
        name = f"/{entry.path.casefold()}"
        if entry.path.startswith(tuple(f"{root}/" for root in roots)):
            if not any(part in name for part in VENDORED) and (
                is_source(entry.path) or name.endswith((*DOCUMENTS, *SETTINGS))
            ):
                yield entry.path, CODE
        elif name.endswith(CONFIGURATION):
            yield entry.path, TEXT


def private_in_texts(
    submitter: str, roots: tuple[str, ...], documents: tuple[str, ...], reader: Reader
) -> Iterator[PrivateHit]:
    """Yield what the documents, configurations and code folders of a submitter tell."""
    left = TOTAL_BYTES
    for path, searches in unread(submitter, roots, documents, reader):
        found = reader.table.follow(path)
        if found is None or found.size_bytes > min(FILE_BYTES, left) or names_people(path):
            continue
        left -= found.size_bytes
        yield from private_hits(b"".join(reader.blocks(path)), path, searches)
