"""How much an archive or a repository may hold before its reading is stopped, and why so much.

Every limit is far above all published submissions: the largest round (v2.0) has 92 875 files and
4 GB, its archive shrinks by the factor 43. Reaching one is reported with the limit's name.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_ENTRIES = 2_000_000
"""Names in the input; twenty times the largest round."""

MAX_NAME_BYTES = 512 << 20
"""All paths together; two million paths of 256 bytes."""

MAX_PATH_BYTES = 4096
"""One path: PATH_MAX of Linux, so that a longer one could not be a file there."""

MAX_TOTAL_BYTES = 64 << 30
"""All files together; sixteen times the largest round."""

MAX_RATIO, RATIO_FREE_BYTES = 400, 256 << 20
"""Bytes per compressed byte, ten times the highest of published rounds; small inputs are free."""

MAX_WINDOW_BYTES = 128 << 20
"""Memory that a compressed stream may demand; ``xz -9`` and ``zstd -19`` need less."""

MAX_HEADER_BYTES = 1 << 20
"""Extended header of one tar member: a path and a few attributes."""

MAX_LINK_BYTES = 4096
"""Text of a symbolic link: PATH_MAX."""

MAX_REFUSED = 50
"""Names that are listed one by one when they cannot be used; the rest is counted."""


class LimitReached(Exception):
    """The input is larger than a limit; the text names the limit."""


@dataclass(slots=True)
class Meter:
    """Counts entries and bytes, and stops at the limits."""

    packed_bytes: int | None = None
    """Size of the compressed input, where there is one."""
    entries: int = 0
    name_bytes: int = 0
    total_bytes: int = 0

    def name(self, path: str) -> None:
        """Count one entry."""
        self.entries += 1
        self.name_bytes += len(path)
        if self.entries > MAX_ENTRIES:
            raise LimitReached(f"more than {MAX_ENTRIES} entries (limit on entries)")
        if self.name_bytes > MAX_NAME_BYTES:
            raise LimitReached(f"more than {MAX_NAME_BYTES} bytes of names (limit on names)")

    def content(self, size_bytes: int) -> None:
        """Count the bytes of files."""
        self.total_bytes += size_bytes
        if self.total_bytes > MAX_TOTAL_BYTES:
            raise LimitReached(f"more than {MAX_TOTAL_BYTES} bytes (limit on total size)")
        self.ratio(self.total_bytes)

    def ratio(self, plain_bytes: int) -> None:
        """Compare plain bytes with the compressed ones they came from."""
        packed = self.packed_bytes
        if packed is None or plain_bytes <= RATIO_FREE_BYTES:
            return
        if plain_bytes > packed * MAX_RATIO:
            raise LimitReached(
                f"{plain_bytes} bytes or more from {packed} compressed bytes, more than "
                f"{MAX_RATIO} to one (limit on compression)")
