"""The index of a tar archive, compressed or not: one pass over its headers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from submission_checker.model.files import Entry, Kind
from submission_checker.sources.archive import in_blocks
from submission_checker.sources.limits import MAX_LINK_BYTES, LimitReached, Meter
from submission_checker.sources.listing import Listing, shown
from submission_checker.sources.streams import (
    Damaged,
    GzipStream,
    Handle,
    KeptStream,
    PlainStream,
    Stream,
    xz_pieces,
    zstd_pieces,
)
from submission_checker.sources.tar_headers import (
    FILES,
    FOLDERS,
    HARD_LINKS,
    LINKS,
    SPECIALS,
    Member,
    members,
)


class TarIndex:
    """Members by path, with the place of their bytes in the stream."""

    def __init__(self, path: str, kind: str, inner: str, packed_bytes: int) -> None:
        handle = Handle(path)
        meter = Meter(None if kind == "tar" else packed_bytes)
        self.stream = STREAMS[kind](handle, meter)
        self.spots: dict[str, tuple[int, int]] = {}
        self.listing = Listing(meter, inner)
        try:
            for member in members(self.stream):
                self._add(member)
        except LimitReached as error:
            self.listing.stop(error)
        except Damaged as error:
            if not self.listing.entries:
                raise
            self._cut(error)

    def _cut(self, error: Damaged) -> None:
        """Keep what came before the damage, and say that it is not all."""
        self.listing.problems.insert(0, f"not read to its end: {error}")
        self.listing.problems_count += 1

    def _add(self, member: Member) -> None:
        listing = self.listing
        kind = member.type
        if kind not in FILES + FOLDERS + HARD_LINKS + LINKS and kind not in SPECIALS:
            listing.refuse(f"{shown(member.name)}: a member of the unknown type {kind!r}")
            return
        path = listing.place(member.name)
        if path is None:
            return
        if kind in FOLDERS:
            listing.add(Entry(path, Kind.FOLDER))
        elif kind in SPECIALS:
            listing.add(Entry(path, Kind.SPECIAL, problem=SPECIALS[kind]))
        elif kind in LINKS:
            if len(member.link) > MAX_LINK_BYTES:
                listing.refuse(f"{shown(member.name)}: a link of {len(member.link)} bytes")
                return
            target = member.link.decode("utf-8", "surrogateescape")
            listing.add(Entry(path, Kind.LINK, target=target))
        elif kind in HARD_LINKS:
            self._hard_link(path, member)
        elif member.sparse:
            listing.add(Entry(path, Kind.UNREADABLE,
                              problem="stored as a sparse file, which is not read"))
        else:
            listing.meter.content(member.size)
            self._file(path, member.offset, member.size, member.executable)

    def _file(self, path: str, offset: int, size: int, executable: bool) -> None:
        self.listing.add(Entry(path, Kind.FILE, size, executable=executable))
        self.spots[path] = (offset, size)

    def _hard_link(self, path: str, member: Member) -> None:
        """A second name of a member that came before is the same file."""
        target = self.listing.place(member.link)
        spot = self.spots.get(target) if target else None
        if target is None or spot is None:
            self.listing.refuse(f"{shown(member.name)}: a hard link to {shown(member.link)}, "
                                "which is no file before it in the archive")
            return
        self._file(path, *spot, self.listing.entries[target].executable)

    def walk(self) -> Iterator[Entry]:
        """Yield the entries."""
        return self.listing.walk()

    def size(self, path: str) -> int | None:
        """Return the size of a file, None where there is none."""
        entry = self.listing.entries.get(path)
        return entry.size_bytes if entry is not None and entry.kind is Kind.FILE else None

    def blocks(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file."""
        start, size = self.spots[path]
        for offset, length in in_blocks(size):
            data = self.stream.read_at(start + offset, length)
            if len(data) < length:
                raise Damaged(f"the archive is cut off after {start + offset + len(data)} bytes")
            yield data


STREAMS: dict[str, Callable[[Handle, Meter], Stream]] = {
    "tar": lambda handle, meter: PlainStream(handle),
    "gz": GzipStream,
    "xz": lambda handle, meter: KeptStream(lambda: xz_pieces(handle), meter),
    "zst": lambda handle, meter: KeptStream(lambda: zstd_pieces(handle), meter),
}
