"""Bytes of a tar stream at any offset: plain, or decompressed again from the nearest mark.

A compressed tar has no random access, and is never unpacked to disk. What allows it here:

- gzip: the state of the decompressor is copied every few megabytes (32 KiB each); a read starts at
  the nearest copy before it. Memory does not grow with the archive: marks are thinned out.
- xz and zstd: such a state cannot be copied, so blocks are kept compressed in memory up to a limit,
  and what lies behind it is decompressed again from the start, in order.

All reading is by offset (``pread``), so that forked workers may share a file handle.
"""

from __future__ import annotations

import os
import weakref
import zlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

from submission_checker.sources.limits import MAX_WINDOW_BYTES, Meter

CHUNK_BYTES = 64 << 10
"""Compressed bytes that are read at once."""

PIECE_BYTES = 256 << 10
"""Size of a block of the decompressed stream."""

MARK_BLOCKS, MOST_MARKS = 4, 256
"""Blocks from one copied state to the next; the distance doubles when there are too many."""

RECENT_BLOCKS = 32
"""Blocks that stay in memory: the files of one folder lie near each other."""

KEPT_BYTES = 192 << 20
"""Compressed blocks in memory, of xz and zstd streams (about six times that decompressed)."""


class Damaged(Exception):
    """The archive is cut off or broken; the text says where."""


class NotSupported(Exception):
    """The archive needs a library that is not installed; the text says which."""


class Stream(Protocol):
    """The bytes of a tar archive."""

    def read_at(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes from an offset, fewer only at the end; raises ``Damaged``."""
        ...


class Handle:
    """An open file, read by offset and closed with its last user."""

    def __init__(self, path: str) -> None:
        self.descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        self._closing = weakref.finalize(self, os.close, self.descriptor)

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes from an offset."""
        parts = []
        while size > 0 and (data := os.pread(self.descriptor, size, offset)):
            parts.append(data)
            offset += len(data)
            size -= len(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)


class PlainStream:
    """An uncompressed tar."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle

    def read_at(self, offset: int, size: int) -> bytes:
        """Return bytes of the file itself."""
        return self.handle.read(offset, size)


class _Blocks:
    """A stream in blocks of equal size, the last ones used being remembered."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.recent: OrderedDict[int, bytes] = OrderedDict()

    def read_at(self, offset: int, size: int) -> bytes:
        """Return bytes from the blocks that hold them."""
        parts = []
        while size > 0:
            number, start = divmod(offset, PIECE_BYTES)
            part = self._recent(number)[start: start + size]
            if not part:
                break
            parts.append(part)
            offset += len(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _recent(self, number: int) -> bytes:
        block = self.recent.get(number)
        if block is None:
            block = self._block(number)
            self._remember(number, block)
        else:
            self.recent.move_to_end(number)
        return block

    def _remember(self, number: int, block: bytes) -> None:
        self.recent[number] = block
        self.recent.move_to_end(number)
        if len(self.recent) > RECENT_BLOCKS:
            self.recent.popitem(last=False)

    def _block(self, number: int) -> bytes:
        raise NotImplementedError


class GzipStream(_Blocks):
    """A gzip file of one or more members, with copies of the decompressor's state on the way."""

    def __init__(self, handle: Handle, meter: Meter) -> None:
        super().__init__(meter)
        self.handle = handle
        self.spacing = MARK_BLOCKS
        self.state = _GzipState(zlib.decompressobj(wbits=31), 0, b"", 0)
        self.marks = [self.state.copy()]

    def _block(self, number: int) -> bytes:
        """Decompress on from here, or from the nearest mark before the block."""
        best = next(mark for mark in reversed(self.marks) if mark.number <= number)
        if number < self.state.number or best.number > self.state.number:
            self.state = best.copy()
        while True:
            try:
                block = self.state.more(self.handle)
            except Damaged:
                self.state = best.copy()
                raise
            if self.state.number > number or len(block) < PIECE_BYTES:
                return block if self.state.number == number + 1 else b""
            self.meter.ratio(self.state.number * PIECE_BYTES)
            self._remember(self.state.number - 1, block)
            if self.state.number >= self.marks[-1].number + self.spacing:
                self._mark()

    def _mark(self) -> None:
        self.marks.append(self.state.copy())
        if len(self.marks) > MOST_MARKS:
            del self.marks[1::2]
            self.spacing *= 2


class _GzipState:
    """A decompressor, where it reads on, and the number of the block that it makes next."""

    def __init__(self, engine: Any, source: int, rest: bytes, number: int) -> None:
        self.engine = engine
        self.source = source
        self.rest = rest
        self.number = number

    def copy(self) -> _GzipState:
        """Return a state that goes on by itself."""
        return _GzipState(self.engine.copy(), self.source, self.rest, self.number)

    def more(self, handle: Handle) -> bytes:
        """Return the next block; only the last one is shorter than the others."""
        parts: list[bytes] = []
        missing = PIECE_BYTES
        while missing > 0:
            if self.engine.eof and not self._next_member(handle):
                break
            if not self.rest:
                self.rest = handle.read(self.source, CHUNK_BYTES)
                self.source += len(self.rest)
            given = bool(self.rest)
            done = self.number * PIECE_BYTES + PIECE_BYTES - missing
            try:
                piece: bytes = self.engine.decompress(self.rest, missing)
            except zlib.error as error:
                raise Damaged(f"the gzip stream is damaged after {done} bytes ({error})") from None
            self.rest = self.engine.unconsumed_tail
            if not piece and not given and not self.engine.eof:
                raise Damaged(f"the gzip stream is cut off after {done} bytes")
            parts.append(piece)
            missing -= len(piece)
        self.number += 1
        return b"".join(parts)

    def _next_member(self, handle: Handle) -> bool:
        """Begin the next member of the file, if there is one; padding between is passed."""
        self.rest = self.engine.unused_data
        if not self.rest:
            self.rest = handle.read(self.source, CHUNK_BYTES)
            self.source += len(self.rest)
        self.rest = self.rest.lstrip(b"\0")
        if self.rest:
            self.engine = zlib.decompressobj(wbits=31)
        return bool(self.rest)


Pull = Callable[[], bytes]
"""Gives the next piece of a stream, empty at its end."""


class KeptStream(_Blocks):
    """An xz or zstd file; blocks are kept compressed up to a limit."""

    def __init__(self, begin: Callable[[], Pull], meter: Meter, keep: int = KEPT_BYTES) -> None:
        super().__init__(meter)
        self.begin = begin
        self.room = keep
        self.kept: list[bytes] = []
        self.pull = begin()
        self.number = 0
        self.spare = b""

    def _block(self, number: int) -> bytes:
        if number < len(self.kept):
            return zlib.decompress(self.kept[number])
        if number < self.number:
            self.pull, self.number, self.spare = self.begin(), 0, b""
        while True:
            try:
                block = self._next()
            except Damaged:
                self.pull, self.number, self.spare = self.begin(), 0, b""
                raise
            self.number += 1
            self.meter.ratio(self.number * PIECE_BYTES)
            if self.number > len(self.kept) and self.room > 0:
                packed = zlib.compress(block, 1)
                self.room -= len(packed)
                self.kept.append(packed)
            if self.number > number or len(block) < PIECE_BYTES:
                return block if self.number == number + 1 else b""

    def _next(self) -> bytes:
        """Return the next block; only the last one is shorter than the others."""
        parts, size = [self.spare], len(self.spare)
        while size < PIECE_BYTES and (piece := self.pull()):
            parts.append(piece)
            size += len(piece)
        data = b"".join(parts)
        self.spare = data[PIECE_BYTES:]
        return data[:PIECE_BYTES]


def _pieces(
    handle: Handle, name: str, fresh: Callable[[], Any], errors: tuple[type[Exception], ...],
    padding: bytes = b"",
) -> Pull:
    """Return a puller of the pieces of a file of one or more streams, each with an engine anew.

    ``padding`` may stand between streams. The engines are those of ``lzma`` and of
    ``compression.zstd``, which are used alike.
    """
    engine, source, rest = fresh(), 0, b""

    def read() -> bytes:
        nonlocal source
        data = handle.read(source, CHUNK_BYTES)
        source += len(data)
        return data

    def pull() -> bytes:
        nonlocal engine, rest
        while True:
            if engine.eof:
                rest = (engine.unused_data or read()).lstrip(padding)
                if not rest:
                    return b""
                engine = fresh()
            if not rest and engine.needs_input:
                rest = read()
                if not rest:
                    raise Damaged(f"the {name} stream is cut off")
            try:
                piece: bytes = engine.decompress(rest, PIECE_BYTES)
            except errors as error:
                raise Damaged(f"the {name} stream is damaged ({error})") from None
            rest = b""
            if piece:
                return piece

    return pull


def xz_pieces(handle: Handle) -> Pull:
    """Return a puller of the pieces of an xz file of one or more streams."""
    import lzma

    return _pieces(
        handle, "xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_WINDOW_BYTES),
        (lzma.LZMAError, EOFError), b"\0")


def zstd_pieces(handle: Handle) -> Pull:
    """Return a puller of the pieces of a zstd file, with the standard library or zstandard."""
    try:
        from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
    except ImportError:
        return _zstandard_pieces(handle)
    options = {DecompressionParameter.window_log_max: MAX_WINDOW_BYTES.bit_length() - 1}
    return _pieces(handle, "zstd", lambda: ZstdDecompressor(options=options), (ZstdError,))


class _AsFile:
    """A handle as a file that can be read on; knows whether its end was reached."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self.offset = 0

    def read(self, size: int = -1) -> bytes:
        data = self.handle.read(self.offset, CHUNK_BYTES if size < 0 else size)
        self.offset += len(data)
        return data


def _zstandard_pieces(handle: Handle) -> Pull:
    try:
        import zstandard
    except ImportError:
        raise NotSupported(
            "a zstd archive, which this Python cannot read; "
            "install mlperf-submission-checker[zstd], or pack it as .tar.gz or .tar.xz"
        ) from None
    whole = _zstd_frames(handle)
    engine = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES)
    source: Any = _AsFile(handle)
    reader = engine.stream_reader(source, read_across_frames=True)

    def pull() -> bytes:
        try:
            piece: bytes = reader.read(PIECE_BYTES)
        except zstandard.ZstdError as error:
            raise Damaged(f"the zstd stream is damaged ({error})") from None
        if not piece and not whole:
            raise Damaged("the zstd stream is cut off")
        return piece

    return pull


def _zstd_frames(handle: Handle) -> bool:
    """Return whether the last frame of a zstd file is complete, by the lengths of its blocks.

    The reader of zstandard ends silently where a file is cut off.
    """
    offset = 0
    while head := handle.read(offset, 18):
        magic = int.from_bytes(head[:4], "little")
        if magic & 0xFFFFFFF0 == 0x184D2A50:
            offset += 8 + int.from_bytes(head[4:8], "little")
            continue
        if magic != 0xFD2FB528 or len(head) < 6:
            return False
        flags = head[4]
        single = flags >> 5 & 1
        sizes = (single, 2, 4, 8)[flags >> 6]
        offset += 5 + (not single) + (0, 1, 2, 4)[flags & 3] + sizes
        while True:
            block = handle.read(offset, 3)
            if len(block) < 3:
                return False
            value = int.from_bytes(block, "little")
            offset += 3 + (1 if value >> 1 & 3 == 1 else value >> 3)
            if value & 1:
                break
        offset += 4 * (flags >> 2 & 1)
    size = os.fstat(handle.descriptor).st_size
    return offset == size
