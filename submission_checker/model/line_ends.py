"""Files whose hash is right again once their line ends are changed."""

from __future__ import annotations

from typing import NamedTuple


class LineEnds(NamedTuple):
    """Hashes of a file with LF and with CR LF at the end of every line."""

    lf: str
    crlf: str

    def that_give(self, wanted: str) -> str | None:
        """Return the line ends with which the file has a hash, None where neither gives it."""
        return {self.crlf: "CR LF", self.lf: "LF"}.get(wanted.lower())


class ChangedLineEnds(NamedTuple):
    """A file that had other line ends when its hash was taken."""

    path: str
    had: str
    recorded_in: str
    """Path of the file that records the hash."""
