"""Headers of a tar archive: ustar, pax and GNU long names, read one by one with limits.

Formats: POSIX.1-2001 (ustar, pax) and the GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from submission_checker.sources.limits import MAX_HEADER_BYTES
from submission_checker.sources.streams import Damaged, Stream

BLOCK = 512
FILES, FOLDERS, HARD_LINKS, LINKS = b"0\x007", b"5", b"1", b"2"
SPECIALS = {b"3": "a character device", b"4": "a block device", b"6": "a FIFO"}
LONG_NAME, LONG_LINK, EXTENDED, GLOBAL = b"L", b"K", b"x", b"g"
WITHOUT_DATA = b"123456"
"""Types whose header is followed by no data, whatever its size says."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its type, where its bytes stand in the stream, and what it links to."""

    name: bytes
    type: bytes
    offset: int
    size: int
    executable: bool
    link: bytes
    sparse: bool


def members(stream: Stream) -> Iterator[Member]:
    """Yield the members in order; raises ``Damaged`` where the archive is broken or cut off."""
    offset = 0
    common: dict[bytes, bytes] = {}
    extended: dict[bytes, bytes] = {}
    while True:
        header = stream.read_at(offset, BLOCK)
        if len(header) < BLOCK:
            raise Damaged(f"the archive is cut off after {offset + len(header)} bytes")
        if not header.strip(b"\0"):
            return
        _verify(header, offset)
        kind = header[156:157]
        size = _number(header[124:136], offset)
        offset += BLOCK
        if kind in (LONG_NAME, LONG_LINK, EXTENDED, GLOBAL):
            data = _data(stream, offset, size)
            offset += _padded(size)
            if kind == LONG_NAME:
                extended[b"path"] = data.partition(b"\0")[0]
            elif kind == LONG_LINK:
                extended[b"linkpath"] = data.partition(b"\0")[0]
            else:
                (extended if kind == EXTENDED else common).update(_records(data, offset))
            continue
        fields = {**common, **extended} if common else extended
        extended = {}
        if b"size" in fields:
            size = _decimal(fields[b"size"], offset)
        sparse = kind == b"S" or any(key.startswith(b"GNU.sparse") for key in fields)
        name = fields.get(b"path") or _name(header)
        if kind in FILES and name.endswith(b"/"):
            kind = FOLDERS
        size = 0 if kind in WITHOUT_DATA else size
        yield Member(name, kind, offset, size, bool(_number(header[100:108], offset) & 0o111),
                     fields.get(b"linkpath") or _text(header[157:257]), sparse)
        if kind == b"S":
            offset = _behind_sparse(stream, header, offset)
        offset += _padded(size)


def _padded(size: int) -> int:
    return (size + BLOCK - 1) // BLOCK * BLOCK


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _name(header: bytes) -> bytes:
    name = _text(header[:100])
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _verify(header: bytes, offset: int) -> None:
    told = _number(header[148:156], offset)
    if told != sum(header) - sum(header[148:156]) + 8 * 0x20:
        raise Damaged(f"no tar header at byte {offset}: its checksum is wrong")


def _number(field: bytes, offset: int) -> int:
    """Return a number of a header: octal digits, or binary where the highest bit is set."""
    if field[0] in (0x80, 0xFF):
        value = int.from_bytes(field[1:], "big")
        if field[0] == 0xFF or value >> 62:
            raise Damaged(f"no tar header at byte {offset}: a number out of range")
        return value
    text = field.partition(b"\0")[0].strip()
    if text and text.strip(b"01234567"):
        raise Damaged(f"no tar header at byte {offset}: {text[:20]!r} is no octal number")
    return int(text, 8) if text else 0


def _decimal(text: bytes, offset: int) -> int:
    if not text.isdigit() or len(text) > 18:
        raise Damaged(f"the extended header before byte {offset} has the size {text[:20]!r}")
    return int(text)


def _data(stream: Stream, offset: int, size: int) -> bytes:
    if size > MAX_HEADER_BYTES:
        raise Damaged(f"an extended header of {size} bytes at byte {offset}, "
                      f"more than {MAX_HEADER_BYTES} (limit on headers)")
    data = stream.read_at(offset, size)
    if len(data) < size:
        raise Damaged(f"the archive is cut off after {offset + len(data)} bytes")
    return data


def _records(data: bytes, offset: int) -> dict[bytes, bytes]:
    """Return the records ``length key=value`` of a pax header."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(data) and data[at] != 0:
        blank = data.find(b" ", at, at + 12)
        length = data[at:blank] if blank > 0 else b""
        end = at + int(length) if length.isdigit() else 0
        if end <= blank or end > len(data) or data[end - 1: end] != b"\n":
            raise Damaged(f"the extended header before byte {offset} is no list of records")
        key, equals, value = data[blank + 1: end - 1].partition(b"=")
        if not equals:
            raise Damaged(f"the extended header before byte {offset} has a record without '='")
        found[key] = value
        at = end
    return found


def _behind_sparse(stream: Stream, header: bytes, offset: int) -> int:
    """Return the offset behind the further headers of an old GNU sparse file."""
    more = header[482:483]
    while more not in (b"", b"\0"):
        block = stream.read_at(offset, BLOCK)
        if len(block) < BLOCK:
            raise Damaged(f"the archive is cut off after {offset} bytes")
        more = block[504:505]
        offset += BLOCK
    return offset
