"""Which samples a complete accuracy log answers, streamed with memory bounded by the data set."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence

from submission_checker.model.accuracy import Coverage

SEQUENCE, TOKEN_COUNT = b'"seq_id"', b'"token_count"'
RECORD = re.compile(rb'"seq_id"\s{0,4}:\s{0,4}(\d{1,20})\s{0,4},\s{0,4}'
                    rb'"qsl_idx"\s{0,4}:\s{0,4}(\d{1,20})[\s,}]'
                    rb'(?:\s{0,4}"data"\s{0,4}:\s{0,4}(?P<text>"))?')
TOKENS = re.compile(rb'"token_count"\s{0,4}:\s{0,4}(\d{1,20})[\s},]')
REACH = 128
"""A record's head is shorter than this, so that one cut by a block is found with the next."""

LONG = 8 * REACH
"""Behind answers that are longer on average, token counts are looked for at their ends only."""

Region = tuple[int, int]

MAX_INDEX = 1 << 24
"""Larger indices are counted and not kept; no data set is near it."""


MAX_ORDER = 1 << 20
"""Records whose numbers are kept, in 16 bytes each; the largest data set has 330,067 samples."""

TOP = (1 << 63) - 1


def _each(
    pattern: re.Pattern[bytes], literal: bytes, text: bytes, start: int, end: int,
) -> Iterator[re.Match[bytes]]:
    """Yield the matches of a pattern that begins with a literal.

    They begin between ``start`` and ``end`` and may go on behind. One that ends with the quote of a
    text has the next behind that text, whose other quote is found much faster than the literal.
    """
    at = text.find(literal, start)
    while 0 <= at < end:
        found = pattern.match(text, at)
        behind = at + len(literal)
        if found is not None:
            yield found
            behind = found.end()
            if found.lastgroup is not None and (behind := text.find(b'"', behind)) < 0:
                return
        at = text.find(literal, behind)


def _found(
    pattern: re.Pattern[bytes], literal: bytes, carry: bytes, block: bytes,
    regions: Iterable[Region] | None = None,
) -> tuple[list[re.Match[bytes]], list[re.Match[bytes]], bytes]:
    """Return the matches that the block before began, those that begin in this one, the new carry.

    The carry is the end of the text in which a match may have begun; a long block is not copied.
    ``regions`` says where matches are looked for, in order; nothing: everywhere.
    """
    seam = carry + block[:REACH]
    begun = list(_each(pattern, literal, seam, 0, len(carry)))
    done = (begun[-1].end() if begun else 0) - len(carry)
    inside: list[re.Match[bytes]] = []
    for start, end in ((0, len(block)),) if regions is None else regions:
        inside += _each(pattern, literal, block, max(start, done), end)
        done = inside[-1].end() if inside else done
    rest = max(done, len(block) - REACH)
    return begun, inside, block[rest:] if rest >= 0 else seam[rest + len(carry) :]


def _ends_of_records(records: Sequence[re.Match[bytes]], size: int) -> Iterator[Region]:
    """Yield where the records before others in a block end, and the last of it."""
    tail = max(0, size - 3 * REACH)
    for record in records:
        start = record.start()
        if start - REACH < tail:
            yield max(0, start - REACH), min(start, tail)
    yield tail, size


class Seen:
    """Which indices were seen: one byte each."""

    def __init__(self) -> None:
        self._seen = bytearray()
        self.distinct = 0
        self.highest = -1
        self.first_repeated: int | None = None

    def add(self, indices: Sequence[int]) -> None:
        """Mark indices, in the order of the log."""
        self.highest = max(self.highest, *indices)
        seen = self._seen
        top = max((index for index in indices if index < MAX_INDEX), default=-1)
        seen.extend(bytes(max(0, top + 1 - len(seen))))
        for index in indices:
            if index >= MAX_INDEX:
                continue
            if not seen[index]:
                seen[index] = 1
                self.distinct += 1
            elif self.first_repeated is None:
                self.first_repeated = index

    @property
    def first_missing(self) -> int:
        """The lowest index that was not seen."""
        at = self._seen.find(b"\0")
        return len(self._seen) if at < 0 else at


class CoverageReader:
    """Takes the blocks of a log in order; ``result`` is what they held."""

    def __init__(self) -> None:
        self._samples, self._sequence = Seen(), Seen()
        self._entries = self._lines = self._tokens = self._token_entries = self._marks = 0
        self._carry = self._token_carry = b""
        self._last = b"\n"
        self._order = array("q"), array("q")

    def feed(self, block: bytes, lines: int) -> None:
        """Read one block that has so many line ends."""
        self._lines += lines
        self._last = block[-1:] or self._last
        counts_tokens = self._entries - self._token_entries <= 1
        begun, inside, self._carry = _found(RECORD, SEQUENCE, self._carry, block)
        if found := begun + inside:
            self._take([int(record[1]) for record in found], [int(record[2]) for record in found])
        if counts_tokens:  # else a record without a count has gone by, and the sum is nobody's
            found = self._token_counts(block, inside)
            self._token_entries += len(found)
            self._tokens += sum(int(count[1]) for count in found)

    def _token_counts(
        self, block: bytes, records: Sequence[re.Match[bytes]]
    ) -> list[re.Match[bytes]]:
        """Return the token counts of a block, which stand at the end of a record as a rule."""
        carry = self._token_carry
        if len(block) > LONG * (len(records) + 1):
            begun, inside, self._token_carry = _found(
                TOKENS, TOKEN_COUNT, carry, block, _ends_of_records(records, len(block)))
            counted = self._token_entries + len(begun) + len(inside)
            if records and self._entries - counted <= 1:  # that of the last may still come
                return begun + inside
        begun, inside, self._token_carry = _found(TOKENS, TOKEN_COUNT, carry, block)
        return begun + inside

    def _take(self, sequence: Sequence[int], samples: Sequence[int]) -> None:
        self._entries += len(samples)
        self._sequence.add(sequence)
        self._samples.add(samples)
        if self._entries <= MAX_ORDER:
            self._order[0].extend(min(number, TOP) for number in sequence)
            self._order[1].extend(min(number, TOP) for number in samples)

    @property
    def result(self) -> Coverage:
        """What the log holds, after its last block."""
        lines = self._lines + (self._last != b"\n")
        return Coverage(
            entries=self._entries,
            distinct=self._samples.distinct,
            highest=self._samples.highest,
            first_missing=self._samples.first_missing,
            first_repeated=self._samples.first_repeated,
            sequence_repeated=self._sequence.first_repeated,
            whole_lines=lines == self._entries + 2,
            tokens=self._tokens if self._token_entries == self._entries else None,
            order=self._order if self._entries <= MAX_ORDER else None,
        )
