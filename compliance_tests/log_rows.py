"""Rows of an accuracy log whose answers are short and of one length, read many at a time.

LoadGen writes ``{ "seq_id" : 7, "qsl_idx" : 3, "data" : "0A000000" },`` line by line. Eight bytes
are taken as one number, so a sample's index is read with a few operations for all rows at once
(decimal digits in a word: the method of pairwise sums). Nothing is assumed that is not checked for
every row; a piece with any other row gives None and is read row by row elsewhere.
"""

from __future__ import annotations

import re

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
DATA, INDEX = (int.from_bytes(text, "little") for text in (
    b', "data"', b'_idx" : ',
))
SHORTEST, LONGEST = BEFORE_DATA + 2 * WORD, 72
"""Bytes of a row beside its payload; two entries on one line are longer."""

FOLD = bytes(value & 0xDF for value in range(256))
"""Translation in which two spellings of a hex digit are equal and two digits are not."""

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]


def word(value: int) -> np.uint64:
    """Return a byte repeated in a word."""
    return np.uint64(int.from_bytes(bytes([value] * WORD), "little"))


ONES, ZEROS, TOPS, ABOVE_NINE = word(0x01), word(0x30), word(0x80), word(0x76)
LETTERS, ABOVE_SIX, CASE = word(0x40), word(0x79), word(0xDF)
FULL = np.uint64(0xFF)


def rows(piece: bytes, known: Known | None) -> tuple[int, Numbers, Bytes] | None:
    """Return (rows in the piece, samples, answers) of whole lines, of the known samples only.

    Answers have the shape (samples, hex digits), folded by `FOLD`. None where a row has another
    form.
    """
    match = ENTRY.search(piece)
    width = len(match[3]) if match is not None else 0
    if match is None or not 0 < width <= SHORT_HEX or not piece.startswith(b"{"):
        return None
    data = np.frombuffer(piece, dtype=np.uint8)
    ends = np.flatnonzero(data == NEWLINE)
    if not len(ends) or ends[-1] != len(data) - 1:
        return None
    start = ends - 3 - (data[ends - 1] == COMMA) - width
    first = int(start[0]) - BEFORE_DATA - WORD
    lengths = np.diff(ends, prepend=-1)
    if first < WORD or (lengths <= width + SHORTEST).any() or (lengths > width + LONGEST).any():
        return None
    words: Words = np.ndarray(
        (len(data) - WORD + 1,), dtype="<u8", buffer=piece, strides=(1,))
    framed = (data[start + width] == QUOTE) & (data[start - 1] == QUOTE)
    framed &= words[start - BEFORE_DATA] == np.uint64(DATA)
    if not framed.all():
        return None
    samples = _indices(words, start - BEFORE_DATA - WORD)
    if samples is None:
        return None
    if width % WORD:
        return _by_bytes(data, start, width, samples, known)
    return _by_words(words, start, width, samples, known)


def _by_words(
    words: Words, start: Numbers, width: int, samples: Numbers, known: Known | None
) -> tuple[int, Numbers, Bytes] | None:
    columns = [words[start + at] for at in range(0, width, WORD)]
    if not all(_hex(column) for column in columns):
        return None
    count = len(samples)
    if known is not None:
        keep = known.holds(samples)
        samples, columns = samples[keep], [column[keep] for column in columns]
    answers = np.stack(columns, axis=1) & CASE
    return count, samples, answers.view(np.uint8).reshape(len(samples), width)


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


def _indices(words: Words, at: Numbers) -> Numbers | None:
    """Return the numbers that end eight bytes after each place; None for more than seven digits."""
    found = words[at] ^ ZEROS
    other = (found + ABOVE_NINE | found) & TOPS  # top bit of every byte that is no digit
    if not other.all():
        return None
    for shift in (8, 16, 32):  # and of every byte before one
        other |= other >> np.uint64(shift)
    blank = (other >> np.uint64(7)) * FULL
    digits = WORD - ((other >> np.uint64(7)) * ONES >> np.uint64(56)).astype(np.int64)
    if not digits.all():
        return None
    if not (words[at - digits] == np.uint64(INDEX)).all():
        return None
    value = found & ~blank
    value = value * np.uint64(10) + (value >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)
    value = value * np.uint64(100) + (value >> np.uint64(16)) & np.uint64(0x0000FFFF0000FFFF)
    value = value * np.uint64(10_000) + (value >> np.uint64(32)) & np.uint64(0xFFFFFFFF)
    return value.astype(np.int64)


def _hex(column: Words) -> bool:
    """Return whether every byte is a hex digit: 0 to 9, or a letter from A to F in any case."""
    if ((column & TOPS) != 0).any():
        return False
    low = column ^ ZEROS
    no_digit = (low + ABOVE_NINE) & TOPS
    letter = (column & CASE) ^ LETTERS  # 1 to 6 for the letters
    no_letter = ((letter + ABOVE_SIX) | ~(letter + word(0x7F))) & TOPS
    return not (no_digit & no_letter).any()


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
