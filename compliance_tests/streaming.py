"""Compare the answers of two whole accuracy logs, however long, in blocks.

The official script loads both logs as JSON and compares the first element of each answer. Here the
logs are read once, the audit's first, as blocks of bytes; whole payloads are compared. Short
answers of one length are taken many rows at a time (``log_rows``); long ones are compared where
they stand in the files, or by a hash where a log is no file (``long_answers``). Memory grows with
the number of the audit's entries and never with the length of a log or of one answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from compliance_tests.log_rows import ENTRY, FOLD, SHORT_HEX, WORD, Bytes, Known, Numbers, rows
from compliance_tests.long_answers import HEADER, HEADER_BYTES, Digest, FileLog, Span, digest_of
from compliance_tests.verdict import Verdict
from submission_checker.model.accuracy import JoinedAnswers

LONG_LINE_BYTES = 1 << 18
"""A line that does not end within this is read piece by piece."""

SHOWN = 10
MARK = b"\n...\n"
Answer = bytes | Span | Digest
Source = Iterable[bytes] | FileLog


class WholeComparison(JoinedAnswers):
    """What comparing two whole logs counted, with the verdict that follows from it."""

    __slots__ = ()

    @property
    def verdict(self) -> Verdict:
        """Pass where every entry of the audit was found and is equal, and both logs are whole."""
        if self.differing or self.unknown:
            return Verdict.FAIL
        return Verdict.PASS if self.compared and not self.problems else Verdict.UNDECIDED


@dataclass(slots=True)
class _Log:
    """One log while it is read, with the answers that are kept of it, in order."""

    name: str
    in_place: bool
    entries: int = 0
    unreadable: int = 0
    known: Known | None = None
    """The samples whose answers are kept, None where all are."""
    cut: bool = False
    first: bytes = b""
    last: bytes = b""
    batches: list[tuple[Numbers, Bytes]] = field(default_factory=list)
    singles: list[tuple[int, int, Answer]] = field(default_factory=list)
    """(batches before it, sample, answer)."""

    def problems(self) -> Iterator[str]:
        if not self.first.startswith(b"[") or not self.last.endswith(b"]"):
            yield f"the {self.name} log is no whole JSON array"
        if self.cut:
            yield f"the {self.name} log was truncated"
        if self.unreadable:
            yield f"{self.unreadable} entries of the {self.name} log cannot be read"

    def see(self, block: bytes) -> None:
        """Note how the log begins and ends."""
        if not self.first:
            self.first = block.lstrip()[:1]
        end = block[-64:].rstrip() or block.rstrip()
        self.last = end[-1:] or self.last
        self.cut = self.cut or (b"." in block and MARK in block)  # one byte is found much faster

    def keep(self, sample: int, answer: Answer) -> None:
        """Keep one answer, if it is looked for."""
        if self.known is None or self.known.has(sample):
            self.singles.append((len(self.batches), sample, answer))

    def answers(self) -> Iterator[tuple[int, Answer]]:
        """Yield (sample, answer) of all that is kept, in the order of the log."""
        singles = iter([*self.singles, (len(self.batches), -1, b"")])
        place, sample, answer = next(singles)
        for at, (samples, payloads) in enumerate(self.batches):
            while place <= at and sample >= 0:
                yield sample, answer
                place, sample, answer = next(singles)
            for index, payload in zip(samples.tolist(), payloads, strict=True):
                yield index, payload.tobytes()
        while sample >= 0:
            yield sample, answer
            place, sample, answer = next(singles)

    def width(self) -> int | None:
        """Return the hex digits of every answer where all are rows of one length."""
        widths = {payloads.shape[1] for _, payloads in self.batches}
        return widths.pop() if len(widths) == 1 and not self.singles else None

    def table(self) -> tuple[Numbers, Bytes]:
        """Return (samples, answers as words or strings) of all rows, and let go of them."""
        samples = np.concatenate([samples for samples, _ in self.batches])
        payloads = np.concatenate([payloads for _, payloads in self.batches])
        self.batches.clear()
        width = payloads.shape[1]
        kind = "<u8" if width == WORD else f"S{width}"  # a word is compared much faster
        return samples, np.ascontiguousarray(payloads).view(kind).reshape(-1)


def compare_files(audit: Path, accuracy: Path) -> WholeComparison:
    """Compare two logs in files; long answers are compared where they stand."""
    with ExitStack() as stack:
        return compare(stack.enter_context(FileLog(audit)), stack.enter_context(FileLog(accuracy)))


def compare(audit: Source, accuracy: Source) -> WholeComparison:
    """Compare every answer of the audit's log with the accuracy run's answer to its sample."""
    in_place = isinstance(audit, FileLog) and isinstance(accuracy, FileLog)
    first, second = _Log("audit", in_place), _Log("accuracy", in_place)
    _read(audit, first)
    known = [samples for samples, _ in first.batches]
    known.append(np.array([sample for _, sample, _ in first.singles], dtype=np.int64))
    second.known = Known(np.concatenate(known))
    _read(accuracy, second)
    problems = (*first.problems(), *second.problems())
    width = first.width()
    alike = width is not None and second.width() == width
    counts = _by_table(first, second) if alike else _one_by_one(first, second)
    return WholeComparison(first.entries, second.entries, *counts, problems)


Counts = tuple[int, int, int, int, tuple[int, ...]]
"""Compared, differing, unknown, contradictory, first differing samples."""


def _by_table(first: _Log, second: _Log) -> Counts:
    """Compare rows of one length all at once, with the first answer of the accuracy run."""
    assert second.known is not None
    samples, answers = second.table()
    mine, given = first.table()
    begins = second.known.first_places(samples)
    contradictory = int((answers != answers[begins(samples)]).sum())
    at = begins(mine)
    met = at >= 0
    wrong = met & (given != answers[at])
    shown = samples[np.unique(at[wrong])[:SHOWN]]
    return (int(met.sum()), int(wrong.sum()), int((~met).sum()), contradictory,
            tuple(shown.tolist()))


def _one_by_one(first: _Log, second: _Log) -> Counts:
    """Compare answers of any kind."""
    mine: dict[int, list[Answer]] = {}
    for sample, answer in first.answers():
        mine.setdefault(sample, []).append(answer)
    met: dict[int, Answer] = {}
    compared = differing = contradictory = 0
    shown: list[int] = []
    for sample, answer in second.answers():
        if sample not in mine:
            continue
        if sample in met:
            contradictory += _differs(met[sample], answer)
            continue
        met[sample] = answer
        wrong = sum(_differs(other, answer) for other in mine[sample])
        compared += len(mine[sample])
        differing += wrong
        if wrong and len(shown) < SHOWN:
            shown.append(sample)
    unknown = sum(len(answers) for sample, answers in mine.items() if sample not in met)
    return compared, differing, unknown, contradictory, tuple(shown)


def _differs(one: Answer, other: Answer) -> bool:
    if isinstance(one, bytes):
        return one != other
    return one.differs(other)


def _read(source: Source, log: _Log) -> None:
    """Read a log; answers to samples that nobody looks for are not kept."""
    reader = iter(source)
    file = source if log.in_place and isinstance(source, FileLog) else None
    rest, passed = b"", 0  # passed: bytes of the log before rest
    for block in reader:
        log.see(block)
        data = rest + block if rest else block
        end = data.rfind(b"\n") + 1
        if end:
            _lines(data, end, passed, file, log)
        rest = data[end:]
        passed += end
        if len(rest) > LONG_LINE_BYTES:
            rest, passed = _long_line(rest, passed, reader, file, log)
    if rest:
        _lines(rest, len(rest), passed, file, log)


def _lines(data: bytes, end: int, passed: int, file: FileLog | None, log: _Log) -> None:
    """Take the whole lines before ``end``: at once where they are alike, else one by one."""
    begin = 2 if data.startswith(b"[\n") else 0
    if data.endswith((b"\n]\n", b"\n]"), begin, end):
        end = data.rindex(b"]", begin, end)
    if begin >= end:
        return
    found = rows(data, begin, end, log.known)
    if found is not None:
        count, samples, payloads = found
        log.entries += count
        if len(samples):
            log.batches.append((samples, payloads))
        return
    seen = 0
    for match in ENTRY.finditer(data, begin, end):
        seen += 1
        length = match.end(3) - match.start(3)
        if length <= SHORT_HEX:
            answer: Answer = match[3].translate(FOLD)
        elif file is not None:
            answer = Span(file, passed + match.start(3), length)
        else:
            answer = digest_of(iter((match[3],)))
        log.keep(int(match[2]), answer)
    log.entries += seen
    log.unreadable += data.count(b'"seq_id"', begin, end) - seen


def _long_line(
    rest: bytes, passed: int, reader: Iterator[bytes], file: FileLog | None, log: _Log
) -> tuple[bytes, int]:
    """Take the entry of a very long line; return what follows its payload, and where that is."""
    header = HEADER.search(rest[:HEADER_BYTES])
    if header is None:
        log.unreadable += 1
        return _skipped(rest, passed, b"\n", reader, log)
    sample, start = int(header[1]), passed + header.end()
    if file is not None:
        rest, after = _skipped(rest[header.end() :], start, b'"', reader, log)
        if after < 0:
            return b"", 0
        log.entries += 1
        log.keep(sample, Span(file, start, after - 1 - start))
        return rest, after
    state = [rest[header.end() :], b""]
    digest = digest_of(_until_quote(state, reader, log))
    log.entries += 1
    if state[1]:
        log.keep(sample, digest)
    else:
        log.unreadable += 1
    return state[0], passed


def _until_quote(state: list[bytes], reader: Iterator[bytes], log: _Log) -> Iterator[bytes]:
    """Yield the pieces of a payload; ``state`` then holds what follows and the closing quote."""
    piece = state[0]
    while (end := piece.find(b'"')) < 0:
        yield piece
        block = next(reader, None)
        if block is None:
            state[:] = [b"", b""]
            return
        log.see(block)
        piece = block
    yield piece[:end]
    state[:] = [piece[end + 1 :], b'"']


def _skipped(
    rest: bytes, passed: int, mark: bytes, reader: Iterator[bytes], log: _Log
) -> tuple[bytes, int]:
    """Return what follows a mark and where that is; (nothing, -1) where it never comes."""
    while (at := rest.find(mark)) < 0:
        passed += len(rest)
        block = next(reader, None)
        if block is None:
            log.unreadable += mark == b'"'
            return b"", -1
        log.see(block)
        rest = block
    return rest[at + 1 :], passed + at + 1
