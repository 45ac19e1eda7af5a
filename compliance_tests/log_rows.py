"""Rows of an accuracy log whose answers are short and of one length, read many at a time.

LoadGen writes ``{ "seq_id" : 7, "qsl_idx" : 3, "data" : "0A000000" },`` line by line. Eight bytes
are taken as one number, so a sample's index is read with a few operations for all rows at once
(decimal digits in a word: the method of pairwise sums). Nothing is assumed that is not checked for
every row; a piece with any other row gives None and is read row by row elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

SHORT_HEX = 64
"""Payloads up to this many hex digits are read here."""

ENTRY = re.compile(
    rb'"seq_id"\s*:\s*(\d{1,18})\s*,\s*"qsl_idx"\s*:\s*(\d{1,18})\s*,\s*"data"\s*:\s*'
    rb'"([0-9A-Fa-f]*)"'
)
WORD = 8
NEWLINE, QUOTE, COMMA = b'\n",'
BEFORE_DATA = len(b', "data" : "')
BEHIND = len(b'" },')
FRONT = 4 * WORD
"""Bytes before a payload that are looked at: where its index stands, and the names around it."""

INDEX, DATA_BEGIN, DATA_END = (np.uint64(int.from_bytes(text, "little")) for text in (
    b'_idx" : ', b', "d', b'ata" : "',
))
SHORTEST, LONGEST = BEFORE_DATA + 2 * WORD, 72
"""Bytes of a row beside its payload; two entries on one line are longer."""

BIT = np.full(256, -1, dtype=np.int64)
"""The place of the only bit of a byte, the lowest first; -1 where there are more or none."""
BIT[1 << np.arange(WORD)] = np.arange(WORD)

FOLD = bytes(value & 0xDF for value in range(256))
"""Translation in which two spellings of a hex digit are equal and two digits are not."""

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]


def word(value: int) -> np.uint64:
    """Return a byte repeated in a word."""
    return np.uint64(int.from_bytes(bytes([value] * WORD), "little"))


ONES, ZEROS, TOPS, ABOVE_NINE = word(0x01), word(0x30), word(0x80), word(0x76)
LETTERS, LETTERS_END, ABOVE_SIX, CASE = word(0x40), word(0x7F), word(0x79), word(0xDF)
HALF = np.uint64(4 * WORD)


def rows(
    text: bytes, begin: int, end: int, known: Known | None
) -> tuple[int, Numbers, Bytes] | None:
    """Return (rows, samples, answers) of the whole lines in a piece, of the known samples only.

    Answers have the shape (samples, hex digits), folded by `FOLD`. None where a row has another
    form.
    """
    match = ENTRY.search(text, begin, end)
    width = len(match[3]) if match is not None else 0
    if match is None or not 0 < width <= SHORT_HEX or not text.startswith(b"{", begin):
        return None
    data = np.frombuffer(text, np.uint8, end - begin, begin)
    ends = _line_ends(data)
    if ends is None or not len(ends) or ends[-1] != len(data) - 1:
        return None
    start = ends - (BEHIND + width)
    if data[-2] != COMMA:  # the last entry of a log
        start[-1] += 1
    lengths = np.concatenate((ends[:1] + 1, ends[1:] - ends[:-1]))
    if start[0] < FRONT or lengths.min() <= width + SHORTEST or lengths.max() > width + LONGEST:
        return None
    if not (data[start + width] == QUOTE).all():
        return None
    in_words = width % WORD == 0
    words = _fronts(data, start, FRONT + (width if in_words else 0))
    samples = _samples(words)
    if samples is None:
        return None
    if in_words:
        return _by_words(words[:, FRONT // WORD :], samples, known)
    return _by_bytes(data, start, width, samples, known)


def _line_ends(data: Bytes) -> Numbers | None:
    """Return where lines end; None where two ends are closer than any row is long.

    One bit per byte and one byte per eight bits: an eighth is left to search for what is not 0.
    """
    bits = np.packbits(data == NEWLINE, bitorder="little")
    at = np.flatnonzero(bits != 0)
    within = BIT.take(bits.take(at))
    return None if len(at) and within.min() < 0 else at * WORD + within


def _fronts(data: Bytes, start: Numbers, size: int) -> Words:
    """Return the words from `FRONT` bytes before each place on, copied once: (places, words)."""
    windows: npt.NDArray[np.void] = np.ndarray(
        (len(data) - size + 1,), f"V{size}", data, strides=(1,))
    found: Words = windows[start - FRONT].view("<u8").reshape(len(start), size // WORD)
    return found


def _by_words(
    columns: Words, samples: Numbers, known: Known | None
) -> tuple[int, Numbers, Bytes] | None:
    if not all(_hex(columns[:, at]) for at in range(columns.shape[1])):
        return None
    count = len(samples)
    if known is not None:
        keep = np.flatnonzero(known.holds(samples))  # numbers: quicker than a mask where few are
        samples, columns = samples.take(keep), columns[keep]
    answers = np.ascontiguousarray(columns & CASE)
    return count, samples, answers.view(np.uint8).reshape(len(samples), columns.shape[1] * WORD)


def _by_bytes(
    data: Bytes, start: Numbers, width: int, samples: Numbers, known: Known | None
) -> tuple[int, Numbers, Bytes] | None:
    answers = data[start[:, None] + np.arange(width)]
    folded = answers & np.uint8(0xDF)
    digit = (answers >= ord("0")) & (answers <= ord("9"))
    if not (digit | ((folded >= ord("A")) & (folded <= ord("F")))).all():
        return None
    count = len(samples)
    if known is not None:
        keep = known.holds(samples)
        samples, folded = samples[keep], folded[keep]
    return count, samples, folded


def _samples(words: Words) -> Numbers | None:
    """Return the numbers between the names; None where there are others, or more than eight digits.

    The words before a payload end with ``, "data" : "``; the eight bytes before that are digits
    and what stands before them, ``"qsl_idx" : ``, which reaches into the eight bytes before those.
    """
    begin = words[:, 2] >> HALF
    if (words[:, 3] != DATA_END).any() or (begin != DATA_BEGIN).any():
        return None
    last = words[:, 1] >> HALF | words[:, 2] << HALF
    found = last ^ ZEROS
    other = (found + ABOVE_NINE | found) & TOPS  # top bit of every byte that is no digit
    blanks = (other >> np.uint64(7)) * ONES >> np.uint64(56)
    if blanks.max() >= WORD:
        return None
    blank_bits = blanks << np.uint64(3)  # so many bytes of the name, in which no digit is
    before = words[:, 0] >> HALF | words[:, 1] << HALF
    if (before >> blank_bits | last << (np.uint64(64) - blank_bits) != INDEX).any():
        return None
    value = found >> blank_bits << blank_bits
    value = value * np.uint64(10) + (value >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)
    value = value * np.uint64(100) + (value >> np.uint64(16)) & np.uint64(0x0000FFFF0000FFFF)
    value = value * np.uint64(10_000) + (value >> np.uint64(32)) & np.uint64(0xFFFFFFFF)
    samples: Numbers = value.view(np.int64)
    return samples


def _hex(column: Words) -> bool:
    """Return whether every byte is a hex digit: 0 to 9, or a letter from A to F in any case."""
    low = column ^ ZEROS
    no_digit = low + ABOVE_NINE
    letter = (column & CASE) ^ LETTERS  # 1 to 6 for the letters
    no_letter = (letter + ABOVE_SIX) | ~(letter + LETTERS_END)
    return not ((no_digit & no_letter | column) & TOPS).any()


class Known:
    """The samples that are looked for: a table by index where they are dense, else a search."""

    DENSE = 1 << 25

    def __init__(self, samples: Numbers) -> None:
        self._top = int(samples.max()) + 1 if len(samples) else 0
        self._table: npt.NDArray[np.bool_] | None = None
        self._sorted = np.empty(0, dtype=np.int64)
        if self._top <= self.DENSE:
            self._table = np.zeros(self._top + 1, dtype=np.bool_)
            self._table[samples] = True
        else:
            self._sorted = np.sort(samples)

    def holds(self, samples: Numbers) -> npt.NDArray[np.bool_]:
        """Return which of some samples are looked for."""
        if self._table is not None:
            return self._table[np.minimum(samples, self._top)]
        at = np.minimum(np.searchsorted(self._sorted, samples), len(self._sorted) - 1)
        return np.asarray(self._sorted[at] == samples, dtype=np.bool_)

    def has(self, sample: int) -> bool:
        """Return whether one sample is looked for."""
        if self._table is not None:
            return sample < self._top and bool(self._table[sample])
        at = int(np.searchsorted(self._sorted, sample))
        return at < len(self._sorted) and int(self._sorted[at]) == sample

    def first_places(self, samples: Numbers) -> Callable[[Numbers], Numbers]:
        """Return a function of known samples: the first place of each here, -1 where it is not."""
        if self._table is None:
            distinct, places = np.unique(samples, return_index=True)
            return lambda wanted: _found(distinct, places, wanted)
        table = np.full(self._top, -1, dtype=np.int32)  # of samples that repeat, the last stays
        table[samples[::-1]] = np.arange(len(samples) - 1, -1, -1, dtype=np.int32)
        return lambda wanted: table[wanted].astype(np.int64)


def _found(distinct: Numbers, places: Numbers, wanted: Numbers) -> Numbers:
    if not len(distinct):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(distinct, wanted), len(distinct) - 1)
    return np.where(distinct[at] == wanted, places[at], -1)
