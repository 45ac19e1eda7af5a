"""Compare the answers of two whole accuracy logs, however long, in blocks.

The official script loads both logs as JSON and compares the first element of each answer. Here the
logs are read once, the audit's first, as blocks of bytes; whole payloads are compared. Memory grows
with the number of the audit's entries (a short payload, or 16 bytes of a hash, each) and never
with the length of a log or of one answer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from submission_checker.model.accuracy import JoinedAnswers

SHORT_HEX = 64
"""Payloads up to this many hex digits are kept as they are, longer ones as a hash."""

LONG_LINE_BYTES = 1 << 20
"""A line that does not end within this is hashed piece by piece."""

SHOWN = 10
HEADER = rb'"seq_id"\s*:\s*(\d{1,18})\s*,\s*"qsl_idx"\s*:\s*(\d{1,18})\s*,\s*"data"\s*:\s*"'
ENTRY = re.compile(HEADER + rb'([0-9A-Fa-f]*)"')
LONG_ENTRY = re.compile(HEADER)
MARK = b"\n...\n"

NEWLINE, SPACE, QUOTE, COMMA, ZERO = b'\n ",0'
BEFORE_DATA = len(b', "data" : "')
Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]


@dataclass(slots=True)
class _Log:
    """One log while it is read."""

    name: str
    entries: int = 0
    unreadable: int = 0
    cut: bool = False
    first: bytes = b""
    last: bytes = b""

    def problems(self) -> Iterator[str]:
        if not self.first.startswith(b"[") or not self.last.endswith(b"]"):
            yield f"the {self.name} log is no whole JSON array"
        if self.cut:
            yield f"the {self.name} log was truncated"
        if self.unreadable:
            yield f"{self.unreadable} entries of the {self.name} log cannot be read"

    def see(self, block: bytes) -> None:
        """Note how the log begins and ends."""
        stripped = block.strip()
        if stripped:
            self.first = self.first or stripped[:1]
            self.last = stripped[-1:]
        self.cut = self.cut or MARK in block


@dataclass(slots=True)
class _Wanted:
    """The audit's answers by sample, and how they fare."""

    answers: dict[int, list[bytes]] = field(default_factory=dict)
    met: dict[int, bytes] = field(default_factory=dict)
    compared: int = 0
    differing: int = 0
    contradictory: int = 0
    shown: list[int] = field(default_factory=list)

    def meet(self, index: int, answer: bytes) -> None:
        """Compare an answer of the accuracy run with the audit's answers to the same sample."""
        mine = self.answers.get(index)
        if mine is None:
            return
        if index in self.met:
            self.contradictory += self.met[index] != answer
            return
        self.met[index] = answer
        self.compared += len(mine)
        wrong = sum(1 for other in mine if other != answer)
        self.differing += wrong
        if wrong and len(self.shown) < SHOWN:
            self.shown.append(index)


def join(audit: Iterable[bytes], accuracy: Iterable[bytes]) -> JoinedAnswers:
    """Compare every answer of the audit's log with the accuracy run's answer to its sample."""
    wanted = _Wanted()
    first, second = _Log("audit"), _Log("accuracy")
    for index, answer in entries(audit, first, None):
        wanted.answers.setdefault(index, []).append(answer)
    chosen = np.array(sorted(wanted.answers), dtype=np.int64)
    for index, answer in entries(accuracy, second, chosen):
        wanted.meet(index, answer)
    unknown = sum(len(a) for index, a in wanted.answers.items() if index not in wanted.met)
    return JoinedAnswers(
        first.entries, second.entries, wanted.compared, wanted.differing, unknown,
        wanted.contradictory, tuple(wanted.shown), (*first.problems(), *second.problems()),
    )


def entries(
    blocks: Iterable[bytes], log: _Log, chosen: Numbers | None
) -> Iterator[tuple[int, bytes]]:
    """Yield (sample, answer) of a log; with ``chosen`` only for these samples, as far as cheap."""
    source = iter(blocks)
    rest = b""
    for block in source:
        log.see(block)
        rest += block
        end = rest.rfind(b"\n") + 1
        if end:
            yield from _piece(rest[:end], log, chosen)
            rest = rest[end:]
        if len(rest) > LONG_LINE_BYTES:
            entry, rest = _long(rest, source, log)
            if entry is not None:
                yield entry
    if rest:
        yield from _piece(rest, log, chosen)


def _piece(piece: bytes, log: _Log, chosen: Numbers | None) -> Iterator[tuple[int, bytes]]:
    """Yield the entries of some whole lines: at once where they are alike, else one by one."""
    rows = alike(piece)
    if rows is not None:
        indices, payloads = rows
        log.entries += len(indices)
        if chosen is not None:
            keep = _contained(indices, chosen)
            indices, payloads = indices[keep], payloads[keep]
        width = payloads.shape[1]
        data = payloads.tobytes().upper()
        for row, index in enumerate(indices.tolist()):
            yield index, data[row * width : (row + 1) * width]
        return
    found = 0
    for match in ENTRY.finditer(piece):
        found += 1
        yield int(match[2]), _kept(match[3].upper())
    log.entries += found
    log.unreadable += piece.count(b'"seq_id"') - found


def _contained(indices: Numbers, chosen: Numbers) -> npt.NDArray[np.bool_]:
    if not len(chosen):
        return np.zeros(len(indices), dtype=np.bool_)
    at = np.minimum(np.searchsorted(chosen, indices), len(chosen) - 1)
    return np.asarray(chosen[at] == indices, dtype=np.bool_)


def _kept(payload: bytes) -> bytes:
    if len(payload) <= SHORT_HEX:
        return payload
    return hashlib.blake2b(payload, digest_size=16).digest()


def alike(piece: bytes) -> tuple[Numbers, Bytes] | None:
    """Return (samples, payloads) of lines whose payloads are short and of one length.

    Payloads have the shape (lines, hex digits). None where one line has another form; nothing is
    assumed that is not checked for every line.
    """
    match = ENTRY.search(piece)
    width = len(match[3]) if match is not None else 0
    if match is None or not 0 < width <= SHORT_HEX or not piece.startswith(b"{"):
        return None
    data = np.frombuffer(piece, dtype=np.uint8)
    ends = np.flatnonzero(data == NEWLINE)
    if not len(ends) or ends[-1] != len(data) - 1:
        return None
    close = ends - 3 - (data[ends - 1] == COMMA)
    start = close - width
    if start[0] < BEFORE_DATA + 1 or (np.diff(ends) <= width + BEFORE_DATA).any():
        return None
    framed = (data[close] == QUOTE) & (data[start - 1] == QUOTE) & (data[start - 12] == COMMA)
    if not framed.all():
        return None
    payloads = data[start[:, None] + np.arange(width)]
    samples = _numbers_before(data, start - BEFORE_DATA - 1)
    return None if samples is None or not _hex(payloads) else (samples, payloads)


def _hex(payloads: Bytes) -> bool:
    digit = (payloads >= ZERO) & (payloads <= ZERO + 9)
    letter = ((payloads | 32) >= ord("a")) & ((payloads | 32) <= ord("f"))
    return bool((digit | letter).all())


def _numbers_before(data: Bytes, at: Numbers) -> Numbers | None:
    """Return the numbers whose last digits stand at the places, each after ``: ``."""
    value = np.zeros(len(at), dtype=np.int64)
    weight = 1
    active = np.ones(len(at), dtype=np.bool_)
    place = at.copy()
    for _ in range(18):
        digit = data[place].astype(np.int64) - ZERO
        active &= (digit >= 0) & (digit <= 9)
        if not active.any():
            break
        value[active] += digit[active] * weight
        place[active] -= 1
        weight *= 10
    named = (data[place] == SPACE) & (data[place - 1] == ord(":")) & (data[place - 3] == QUOTE)
    named &= (data[place - 4] == ord("x")) & (place < at)
    return value if named.all() else None


def _long(
    rest: bytes, source: Iterator[bytes], log: _Log
) -> tuple[tuple[int, bytes] | None, bytes]:
    """Return the entry of a very long line, and what follows its payload."""
    header = LONG_ENTRY.search(rest[:1024])
    if header is None:
        log.unreadable += 1
        return None, _after(b"\n", b"", source, log)[1]
    digest = hashlib.blake2b(digest_size=16)
    log.entries += 1
    piece = rest[header.end() :]
    while (end := piece.find(b'"')) < 0:
        digest.update(piece.upper())
        block = next(source, None)
        if block is None:
            log.unreadable += 1
            return None, b""
        log.see(block)
        piece = block
    digest.update(piece[:end].upper())
    return (int(header[2]), digest.digest()), piece[end + 1 :]


def _after(mark: bytes, rest: bytes, source: Iterator[bytes], log: _Log) -> tuple[bool, bytes]:
    """Skip to after a mark; the rest is empty where it never comes."""
    while (at := rest.find(mark)) < 0:
        block = next(source, None)
        if block is None:
            return False, b""
        log.see(block)
        rest = block
    return True, rest[at + len(mark) :]
