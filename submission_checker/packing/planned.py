"""A plan as a source: the packed tree can be judged before a byte of it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from submission_checker.model.files import Entry, Kind
from submission_checker.packing.actions import Action
from submission_checker.sources.base import BLOCK_BYTES, WHOLE_FILE_BYTES, Source, Unreadable


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """The files of a plan, read from the originals or from what the plan holds itself."""

    originals: Source
    actions: Mapping[str, Action]
    label: str = "packed tree"

    def walk(self) -> Iterator[Entry]:
        """Yield every file of the packed tree; folders follow from the paths."""
        for path in sorted(self.actions):
            yield Entry(path, Kind.FILE, self.actions[path].size_bytes)

    def _action(self, path: str) -> Action:
        action = self.actions.get(path)
        if action is None:
            raise Unreadable(path, "no such file")
        return action

    def read(self, path: str) -> bytes:
        """Return a file whole."""
        action = self._action(path)
        if action.content is None:
            return self.originals.read(action.source)
        if len(action.content) > WHOLE_FILE_BYTES:
            raise Unreadable(path, f"{len(action.content)} bytes, more than {WHOLE_FILE_BYTES}")
        return action.content

    def blocks(self, path: str) -> Iterator[bytes]:
        """Yield a file in blocks."""
        action = self._action(path)
        if action.content is None:
            yield from self.originals.blocks(action.source)
            return
        for start in range(0, len(action.content), BLOCK_BYTES):
            yield action.content[start : start + BLOCK_BYTES]
