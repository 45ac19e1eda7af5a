"""Which samples a complete accuracy log answers, streamed with memory bounded by the data set."""

from __future__ import annotations

import re
from array import array

from submission_checker.model.submission import Coverage

RECORD = re.compile(rb'"seq_id"\s{0,4}:\s{0,4}(\d{1,20})\s{0,4},\s{0,4}'
                    rb'"qsl_idx"\s{0,4}:\s{0,4}(\d{1,20})[\s,}]')
TOKENS = re.compile(rb'"token_count"\s{0,4}:\s{0,4}(\d{1,20})[\s},]')
REACH = 128
"""A record's head is shorter than this, so that one cut by a block is found with the next."""

MAX_INDEX = 1 << 24
"""Larger indices are counted and not kept; no data set is near it."""


MAX_ORDER = 1 << 20
"""Records whose numbers are kept, in 16 bytes each; the largest data set has 330,067 samples."""

TOP = (1 << 63) - 1


class Marks:
    """Which indices were seen: one byte each."""

    def __init__(self) -> None:
        self._seen = bytearray()
        self.distinct = 0
        self.highest = -1
        self.first_repeated: int | None = None

    def add(self, index: int) -> None:
        """Mark an index."""
        self.highest = max(self.highest, index)
        if index >= MAX_INDEX:
            return
        seen = self._seen
        if index >= len(seen):
            seen.extend(bytes(index + 1 - len(seen)))
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
        self._samples, self._sequence = Marks(), Marks()
        self._entries = self._lines = self._tokens = self._token_entries = self._marks = 0
        self._carry = self._token_carry = b""
        self._last = b"\n"
        self._order = array("q"), array("q")

    def feed(self, block: bytes) -> None:
        """Read one block."""
        self._lines += block.count(b"\n")
        self._last = block[-1:] or self._last
        text = self._carry + block
        end = 0
        sequences, samples = self._order
        for found in RECORD.finditer(text):
            self._entries += 1
            sequence, sample = int(found[1]), int(found[2])
            self._sequence.add(sequence)
            self._samples.add(sample)
            if self._entries <= MAX_ORDER:
                sequences.append(min(sequence, TOP))
                samples.append(min(sample, TOP))
            end = found.end()
        self._carry = text[max(end, len(text) - REACH) :]
        text = self._token_carry + block
        end = 0
        if b'"token_count"' in text:
            for found in TOKENS.finditer(text):
                self._token_entries += 1
                self._tokens += int(found[1])
                end = found.end()
        self._token_carry = text[max(end, len(text) - REACH) :]

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
