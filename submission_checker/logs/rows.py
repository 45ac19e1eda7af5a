"""Records in the form that LoadGen writes, taken from a log many at a time.

Everything else goes through the JSON decoder, which alone says what is broken; property tests hold
both ways together.
Source: mlcommons/inference@v5.1:loadgen/logging.cc (ChromeTracer, AsyncLog::LogDetail).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from submission_checker.model.run import KEPT_RAW, Mark, Marks, Record

MARK = b":::MLLOG "
PREFIX = b':::MLLOG {"key": "'
END = b"}}\n"
WIDTH = len(PREFIX)
SHORT_BYTES = 480
"""Records of more bytes after the prefix are lists of samples or long messages, taken one by one:
the end of a value is found byte by byte."""

USUAL = (
    rb':::MLLOG \{"key": "([A-Za-z0-9_.]+)", "value": ([^\n]+?), '
    rb'"time_ms": ((?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,16})?), "namespace": "mlperf::logging", '
    rb'"event_type": "(?:POINT_IN_TIME|INTERVAL_START|INTERVAL_END)", '
    rb'"metadata": \{"is_error": (true|false), "is_warning": (true|false), '
    rb'"file": "([^"\\\x00-\x1f\x7f-\xff]{1,300})", "line_no": (0|[1-9][0-9]{0,8}), '
    rb'"pid": ([1-9][0-9]{0,18}), "tid": (0|[1-9][0-9]{0,18})\}\}'
)
RECORD = re.compile(USUAL)
LINE = re.compile(USUAL + rb"\n")
VALUE = re.compile(
    rb'(-?(?:0|[1-9][0-9]{0,19}))|"([^"\\\x00-\x1f\x7f-\xff]*)"|(true)|(false)'
    rb"|(-?(?:0|[1-9][0-9]{0,15})\.[0-9]{1,16})"
)
WHOLE, TEXT, TRUE, FALSE = 1, 2, 3, 4
Row = tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes]
"""key, value, time_ms, is_error, is_warning, file, line_no, pid, tid."""

NO_ROW: Row = (b"",) * 9

Span = tuple[int, int, int]
"""A record's first byte, the byte after its last, and its line."""


def row_at(data: bytes, start: int, end: int) -> Row | None:
    """Return the row of one record, None where it has another form."""
    if end - start > SHORT_BYTES + WIDTH or (found := RECORD.fullmatch(data, start, end)) is None:
        return None
    key, value, time_ms, is_error, is_warning, file, line_no, pid, tid = found.groups()
    return key, value, time_ms, is_error, is_warning, file, line_no, pid, tid


def record_of(row: Row, line: int) -> Record | None:
    """Return the record of a row, None where its value needs the JSON decoder."""
    found = VALUE.fullmatch(row[1])
    if found is None:
        return None
    form = found.lastindex
    value: int | str | bool | float
    if form == WHOLE:
        value = int(row[1])
    elif form == TEXT:
        value = found[TEXT].decode("ascii")
    else:
        value = form == TRUE if form in (TRUE, FALSE) else float(row[1])
    return Record(row[0].decode("ascii"), value, line, float(row[2]), row[3] == b"true",
                  row[4] == b"true", int(row[7]))


def marks_of(
    keys: Sequence[bytes], rows: Sequence[Row | None], others: Mapping[int, Mark],
) -> Marks:
    """Return the marks of a log: of its rows, and others at the places that have no row."""
    columns: list[list[bytes]] = [
        list(column) for column in zip(*(row or NO_ROW for row in rows), strict=True)]
    _, values, times, _, _, files, line_nos, pids, tids = columns
    names = {key: key.decode("ascii") for key in set(keys)}
    raws = [value[:KEPT_RAW] for value in values]
    regular = [True] * len(rows)
    for at, mark in others.items():
        raws[at], times[at], files[at], line_nos[at], pids[at], tids[at], regular[at] = mark[2:]
    return Marks(range(1, len(rows) + 1), [names[key] for key in keys], raws, times, files,
                 line_nos, pids, tids, regular)


class WholeLines(Mapping[str, Iterable[Span]]):
    """Where the records of a log stand whose every line is one record.

    Nothing is done per record but taking its key; rows are made when one of them is asked for.
    """

    def __init__(self, data: bytes, keys: list[bytes], sizes: list[int]) -> None:
        self.keys_in_order = keys
        self._data = data
        self._sizes = sizes
        self._first = dict(zip(reversed(keys), range(len(keys) - 1, -1, -1), strict=True))
        self._rows: list[Row | None] | None = None

    @classmethod
    def of(cls, data: bytes, parts: list[bytes]) -> WholeLines | None:
        """Return the places of a log that was split at the prefix, None where a line is odd.

        Each part is one line if it ends as a record does, and its first line end is there.
        """
        if len(parts) < 2 or parts[0]:
            return None
        records = parts[1:]
        if not all(part.endswith(END) and part.find(b"\n") == len(part) - 1 for part in records):
            return None
        keys = [part[: part.find(b'"')] for part in records]
        known = set(keys)
        if any(b"\\" in key or END[:1] in key or not key.isascii() for key in known):
            return None
        return cls(data, keys, list(accumulate(map(len, parts))))

    @property
    def rows(self) -> Sequence[Row | None]:
        """The row of every record in file order, None where one has another form."""
        if self._rows is None:
            self._rows = list(self._read_rows())
        return self._rows

    def row(self, at: int) -> Row | None:
        """Return one row, without making all of them for it."""
        if self._rows is not None:
            return self._rows[at]
        return row_at(self._data, self._start(at), self._start(at + 1) - 1)

    def _read_rows(self) -> Iterator[Row | None]:
        sizes, count = self._sizes, len(self.keys_in_order)
        long = [at for at in range(count) if sizes[at + 1] - sizes[at] > SHORT_BYTES]
        begin = 0
        for at in (*long, count):
            yield from self._stretch(begin, at)
            if at < count:
                yield None
            begin = at + 1

    def _stretch(self, begin: int, end: int) -> Iterator[Row | None]:
        """Yield the rows of short records; a line holds one at most, so that counts can tell."""
        rows: list[Row] = LINE.findall(self._data, self._start(begin), self._start(end))
        if len(rows) == end - begin:
            yield from rows
        else:
            for at in range(begin, end):
                yield row_at(self._data, self._start(at), self._start(at + 1) - 1)

    def _start(self, at: int) -> int:
        return self._sizes[at] + WIDTH * at

    def span(self, at: int) -> Span:
        """Return where a record stands."""
        return self._start(at), self._start(at + 1) - 1, at + 1

    def __getitem__(self, key: str) -> Iterable[Span]:
        wanted = key.encode("utf-8", "surrogateescape")
        if wanted not in self._first:
            raise KeyError(key)
        return map(self.span, self._places(wanted))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.encode("utf-8", "surrogateescape") in self._first

    def _places(self, key: bytes) -> Iterator[int]:
        at = self._first[key]
        while True:
            yield at
            try:
                at = self.keys_in_order.index(key, at + 1)
            except ValueError:
                return

    def __iter__(self) -> Iterator[str]:
        for key in self._first:
            yield key.decode("ascii")

    def __len__(self) -> int:
        return len(self._first)
