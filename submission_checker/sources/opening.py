"""Choose the source for what the user named."""

from __future__ import annotations

from submission_checker.sources.base import Source
from submission_checker.sources.folder import FolderSource


def open_source(path: str) -> Source:
    """Return the source of a folder; raises ``SourceError`` with what was found."""
    return FolderSource.open(path)
