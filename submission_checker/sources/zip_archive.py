"""The index of a zip archive from its central directory, and the bytes of its members.

Format: PKWARE APPNOTE 6.3.10. Stored and deflated members are read; encrypted ones are named.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from submission_checker.model.files import Entry, Kind
from submission_checker.sources.archive import in_blocks
from submission_checker.sources.base import BLOCK_BYTES
from submission_checker.sources.limits import (
    MAX_ENTRIES,
    MAX_LINK_BYTES,
    MAX_NAME_BYTES,
    MAX_RATIO,
    RATIO_FREE_BYTES,
    LimitReached,
    Meter,
)
from submission_checker.sources.listing import Listing, shown
from submission_checker.sources.streams import CHUNK_BYTES, Damaged, Handle

END = struct.Struct("<4s4H2LH")
END64_PLACE = struct.Struct("<4sLQL")
END64 = struct.Struct("<4sQ2H2L4Q")
CENTRAL = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
STORED, DEFLATED = 0, 8
ENCRYPTED = 0x1
UNIX = 3
UNKNOWN_32 = 0xFFFFFFFF
SPECIALS = {stat.S_IFCHR: "a character device", stat.S_IFBLK: "a block device",
            stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the bytes of a member stand and how they are packed."""

    header: int
    packed: int
    size: int
    method: int
    check: int


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the central directory."""

    name: bytes
    spot: Spot
    encrypted: bool
    mode: int


class ZipIndex:
    """Members by path."""

    def __init__(self, path: str, inner: str, packed_bytes: int) -> None:
        self.handle = Handle(path)
        self.length = packed_bytes
        self.spots: dict[str, Spot] = {}
        self.listing = Listing(Meter(packed_bytes), inner)
        found = list(self._members())
        full = [member for member in found if member.spot.size]
        if full and all(member.encrypted for member in full):
            raise Damaged("the zip is encrypted; give it without a password")
        overlapping = self._overlapping(found)
        try:
            for member in found:
                self._add(member, member.spot.header in overlapping)
        except LimitReached as error:
            self.listing.stop(error)

    def _directory(self) -> tuple[bytes, int, int]:
        """Return the central directory, the count of its entries, and the bytes before the zip."""
        tail_at = max(0, self.length - END.size - 0xFFFF)
        tail = self.handle.read(tail_at, self.length - tail_at)
        at = tail.rfind(b"PK\5\6")
        if at < 0 or at + END.size > len(tail):
            raise Damaged("the zip is cut off: its directory at the end is absent")
        _, disk, _, _, count, size, offset, _ = END.unpack_from(tail, at)
        end = tail_at + at
        place = self.handle.read(end - END64_PLACE.size, END64_PLACE.size) if end > 20 else b""
        if place[:4] == b"PK\6\7":
            where = END64_PLACE.unpack(place)[2]
            record = self.handle.read(where, END64.size)
            if len(record) < END64.size or record[:4] != b"PK\6\6":
                raise Damaged("the zip is damaged: its 64-bit directory end is absent")
            count, size, offset = END64.unpack(record)[7:10]
            end = where
        if disk not in (0, 0xFFFF):
            raise Damaged("the zip is one part of several")
        if count > MAX_ENTRIES:
            raise Damaged(f"{count} entries, more than {MAX_ENTRIES} (limit on entries)")
        if size > MAX_NAME_BYTES or size > end:
            raise Damaged(f"the zip is damaged: its directory has {size} bytes")
        before = end - size - offset
        if before < 0:
            raise Damaged("the zip is damaged: its directory lies before its start")
        return self.handle.read(end - size, size), count, before

    def _members(self) -> Iterator[Member]:
        data, count, before = self._directory()
        at = 0
        for number in range(count):
            if at + CENTRAL.size > len(data) or data[at:at + 4] != b"PK\1\2":
                raise Damaged(f"the zip is damaged: entry {number + 1} of {count} in its directory "
                              "is none")
            (_, made_by, _, flags, method, _, _, check, packed, size, name_len, extra_len,
             comment_len, _, _, attributes, header) = CENTRAL.unpack_from(data, at)
            at += CENTRAL.size
            name = data[at:at + name_len]
            extra = data[at + name_len:at + name_len + extra_len]
            at += name_len + extra_len + comment_len
            if UNKNOWN_32 in (packed, size, header):
                size, packed, header = _wide(extra, size, packed, header)
            mode = attributes >> 16 if made_by >> 8 == UNIX else 0
            yield Member(name, Spot(header + before, packed, size, method, check),
                         bool(flags & ENCRYPTED), mode)

    def _overlapping(self, found: list[Member]) -> set[int]:
        """Return the headers of members whose bytes belong to the next member too."""
        ordered = sorted((m.spot for m in found), key=lambda spot: spot.header)
        bad = set()
        for one, other in pairwise(ordered):
            if one.header + LOCAL.size + one.packed > other.header:
                bad |= {one.header, other.header}
        return bad

    def _add(self, member: Member, overlaps: bool) -> None:
        listing = self.listing
        path = listing.place(member.name)
        if path is None:
            return
        kind = stat.S_IFMT(member.mode)
        if member.name.endswith(b"/") or kind == stat.S_IFDIR:
            listing.add(Entry(path, Kind.FOLDER))
        elif kind in SPECIALS:
            listing.add(Entry(path, Kind.SPECIAL, problem=SPECIALS[kind]))
        elif overlaps:
            listing.add(Entry(path, Kind.UNREADABLE, problem="shares its bytes with another entry"))
        elif member.encrypted:
            listing.add(Entry(path, Kind.UNREADABLE, problem="is encrypted"))
        elif member.spot.method not in (STORED, DEFLATED):
            listing.add(Entry(path, Kind.UNREADABLE, problem=f"packed by method "
                              f"{member.spot.method}; only stored and deflated files are read"))
        elif member.spot.size > max(RATIO_FREE_BYTES, member.spot.packed * MAX_RATIO):
            listing.add(Entry(path, Kind.UNREADABLE, problem=f"{member.spot.size} bytes from "
                              f"{member.spot.packed} compressed bytes, more than {MAX_RATIO} to "
                              "one (limit on compression)"))
        elif kind == stat.S_IFLNK:
            self._link(path, member)
        else:
            listing.meter.content(member.spot.size)
            listing.add(Entry(path, Kind.FILE, member.spot.size,
                              executable=bool(member.mode & 0o111)))
            self.spots[path] = member.spot

    def _link(self, path: str, member: Member) -> None:
        if member.spot.size > MAX_LINK_BYTES:
            self.listing.refuse(f"{shown(member.name)}: a link of {member.spot.size} bytes")
            return
        try:
            target = b"".join(self._unpacked(member.spot)).decode("utf-8", "surrogateescape")
        except Damaged as error:
            self.listing.add(Entry(path, Kind.UNREADABLE, problem=str(error)))
            return
        self.listing.add(Entry(path, Kind.LINK, target=target))

    def walk(self) -> Iterator[Entry]:
        """Yield the entries."""
        return self.listing.walk()

    def size(self, path: str) -> int | None:
        """Return the size of a file, None where there is none."""
        spot = self.spots.get(path)
        return None if spot is None else spot.size

    def blocks(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a file; its checksum is compared at the end."""
        yield from self._unpacked(self.spots[path])

    def _unpacked(self, spot: Spot) -> Iterator[bytes]:
        header = self.handle.read(spot.header, LOCAL.size)
        if len(header) < LOCAL.size or header[:4] != b"PK\3\4":
            raise Damaged("the zip is damaged: no header before the file's bytes")
        _, *_, name_len, extra_len = LOCAL.unpack(header)
        start = spot.header + LOCAL.size + name_len + extra_len
        seen = check = 0
        pieces = self._stored if spot.method == STORED else self._inflated
        for piece in pieces(start, spot):
            seen += len(piece)
            if seen > spot.size:
                raise Damaged(f"holds more than the {spot.size} bytes that the zip says")
            check = zlib.crc32(piece, check)
            yield piece
        if seen != spot.size or check != spot.check:
            raise Damaged("is damaged: size or checksum differ from those in the zip")

    def _stored(self, start: int, spot: Spot) -> Iterator[bytes]:
        for offset, length in in_blocks(spot.packed):
            yield self.handle.read(start + offset, length)

    def _inflated(self, start: int, spot: Spot) -> Iterator[bytes]:
        engine = zlib.decompressobj(wbits=-15)
        offset, rest = 0, b""
        while not engine.eof:
            if not rest:
                rest = self.handle.read(start + offset, min(CHUNK_BYTES, spot.packed - offset))
                offset += len(rest)
            given = bool(rest)
            try:
                piece = engine.decompress(rest, BLOCK_BYTES)
            except zlib.error as error:
                raise Damaged(f"is damaged inside the zip ({error})") from None
            rest = engine.unconsumed_tail
            if piece:
                yield piece
            elif not given and not engine.eof:
                raise Damaged("is cut off inside the zip")


def _wide(extra: bytes, size: int, packed: int, header: int) -> tuple[int, int, int]:
    """Return size, packed size and header offset with the 64-bit values of an extra field."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        if tag == 1:
            values = iter(struct.unpack_from(f"<{min(length, len(extra) - at - 4) // 8}Q",
                                             extra, at + 4))
            given = [next(values, UNKNOWN_32) if value == UNKNOWN_32 else value
                     for value in (size, packed, header)]
            return given[0], given[1], given[2]
        at += 4 + length
    return size, packed, header
