"""mlperf_log_detail.txt since v1.0: lines of ``:::MLLOG {json}``.

The log is indexed by splitting at the record prefix and decoded on demand: most bytes of a log are
lists of sample indices that hardly any rule asks for. A line that does not fit the prefix goes
through a slower exact path, so that the index agrees with reading every line as JSON.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from submission_checker.logs.marks import json_mark, line_ends
from submission_checker.logs.rows import (
    MARK,
    PREFIX,
    WIDTH,
    Span,
    WholeLines,
    marks_of,
    record_of,
    row_at,
)
from submission_checker.model.run import (
    JSON_LOG,
    BrokenLine,
    LineEnds,
    ListText,
    Marks,
    Record,
)

ERROR_FLAG = b'"is_error": true'
WARNING_FLAG = b'"is_warning": true'
FLAG_COLUMNS = {"is_error": 3, "is_warning": 4}
"""Where a row holds them (`rows.Row`)."""
KEPT_BROKEN = 100
SHOWN_CHARS = 80
LIST_HEAD, LIST_TAIL = b'"value": [', b', "time_ms"'
LIST_REACH = 256
"""A record's value begins within so many bytes."""


class NotFinite(ValueError):
    """A number that is no finite number."""


def _constant(text: str) -> Any:
    raise NotFinite(f"{text} is no finite number")


def _floating(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise NotFinite(f"{text} is no finite number")
    return value


DECODER = json.JSONDecoder(parse_constant=_constant, parse_float=_floating)


class JsonDetail:
    """The records of one detail log, held as bytes and decoded when asked for."""

    generation = JSON_LOG

    def __init__(self, data: bytes, *, lists_kept: bool = True, every: bool = False) -> None:
        self._data = data
        self._every = every
        self._odd_spans: dict[str, list[Span]] = {}
        self._spans: Mapping[str, Iterable[Span]] = self._odd_spans
        self._first: dict[str, Record | None] = {}
        self._flags: dict[str, Sequence[Record]] = {}
        self._lists_kept = lists_kept
        self._cache: dict[tuple[int, int], Record | None] = {}
        self._marks: Marks | None = None
        self._line_ends: LineEnds | None = None
        self._newlines: tuple[int, int] = (0, 1)
        self._broken: list[BrokenLine] = []
        self.broken_count = 0
        self.records_count = 0
        self._index()

    @property
    def only_records(self) -> bool:
        """Whether every line is known to be a record."""
        return isinstance(self._spans, WholeLines)

    @property
    def first_line_marked(self) -> bool:
        """Whether the log begins with a record."""
        return self._data.startswith(MARK)

    @property
    def broken(self) -> Sequence[BrokenLine]:
        """The first lines that are no records."""
        return self._broken

    @property
    def line_ends(self) -> LineEnds:
        """How the lines end."""
        if self._line_ends is None:
            self._line_ends = line_ends(self._data)
        return self._line_ends

    def marks(self) -> Marks:
        """Return the mark of every record, in file order."""
        if self._marks is None:
            self._marks = self._all_marks()
        return self._marks

    def _all_marks(self) -> Marks:
        if not isinstance(self._spans, WholeLines):
            spans = sorted((*span, key) for key, found in self._spans.items() for span in found)
            return Marks.of([json_mark(self._data, *span) for span in spans])
        whole = self._spans
        others = {
            at: json_mark(self._data, *whole.span(at), whole.keys_in_order[at].decode("ascii"))
            for at, row in enumerate(whole.rows) if row is None
        }
        return marks_of(whole.keys_in_order, whole.rows, others)

    def raw(self, key: str) -> bytes | None:
        """Return the value of a key's first record as it stands, None where it is not regular."""
        marks = self.marks()
        at = marks.at(key)
        return None if at is None else marks.raws[at]

    def _index(self) -> None:
        """Split at the record prefix; a log of whole lines needs no look at each of them."""
        parts = self._data.split(PREFIX)
        if (whole := WholeLines.of(self._data, parts)) is not None:
            self._spans = whole
            self.records_count = len(whole.keys_in_order)
            return
        spans: dict[bytes, list[Span]] = {}
        at = len(parts[0])
        line = 1 + parts[0].count(b"\n")
        if at:
            self._slow(0, at)
        at_line_start = not at or parts[0].endswith(b"\n")
        for part in parts[1:]:
            size = len(part)
            end = at + WIDTH + size
            quote = part.find(b'"')
            key = part[:quote]
            usual = part.endswith(b"}}\n") and part.find(b"\n") == size - 1
            if usual and at_line_start and quote >= 0 and b"\\" not in key:
                spans.setdefault(key, []).append((at, end - 1, line))
                self.records_count += 1
                line += 1
            else:
                self._odd(part, at, end, at_line_start)
                line += part.count(b"\n")
            at_line_start = part.endswith(b"\n")
            at = end
        for key, found in spans.items():
            name = key.decode("utf-8", "replace")
            self._odd_spans[name] = sorted(self._odd_spans.get(name, []) + found)

    def _odd(self, part: bytes, at: int, end: int, at_line_start: bool) -> None:
        """Index a record that is cut, followed by other lines, or not alone on its line."""
        newline = part.find(b"\n")
        line_end = end if newline < 0 else at + len(PREFIX) + newline
        if at_line_start:
            self._slow(at, line_end)
        else:
            start = self._data.rfind(b"\n", 0, at) + 1
            self._note(start, "text before the record", self._data[start:line_end])
        if newline >= 0 and newline + 1 < len(part):
            self._slow(line_end + 1, end)

    def _slow(self, start: int, end: int) -> None:
        """Read a stretch line by line: other spacing, other order of keys, broken lines."""
        at = start
        while at < end:
            newline = self._data.find(b"\n", at, end)
            line_end = end if newline < 0 else newline
            self._slow_line(at, line_end)
            at = line_end + 1

    def _slow_line(self, start: int, end: int) -> None:
        line = self._data[start:end].strip(b" \t\r\xef\xbb\xbf")
        if not line:
            return
        marked = line.find(MARK)
        reason = "not a record of LoadGen"
        if marked == 0:
            try:
                record = to_record(parse(line), self._line(start))
            except (ValueError, RecursionError) as error:
                reason = str(error) or type(error).__name__
            else:
                self._odd_spans.setdefault(record.key, []).append((start, end, record.line))
                self._cache[start, end] = record
                self.records_count += 1
                return
        self._note(start, reason, line)

    def _note(self, start: int, reason: str, line: bytes) -> None:
        self.broken_count += 1
        if len(self._broken) < KEPT_BROKEN:
            text = line[:SHOWN_CHARS].decode("utf-8", "replace")
            self._broken.append(BrokenLine(self._line(start), reason, text))

    def _line(self, at: int) -> int:
        known_at, known_line = self._newlines
        if at < known_at:
            known_at, known_line = 0, 1
        line = known_line + self._data.count(b"\n", known_at, at)
        self._newlines = (at, line)
        return line

    def _decode(self, start: int, end: int, line: int) -> Record | None:
        if (start, end) in self._cache:
            return self._cache[start, end]
        if not isinstance(self._spans, WholeLines):
            row = row_at(self._data, start, end)
        elif self._every:
            row = self._spans.rows[line - 1]
        else:
            row = self._spans.row(line - 1)
        record = record_of(row, line) if row is not None else None
        if record is not None:
            self._cache[start, end] = record
            return record
        try:
            fields = parse(self._data[start:end])
        except (ValueError, RecursionError) as error:
            self._note(start, str(error) or type(error).__name__, self._data[start:end])
        else:
            record = to_record(fields, line)
        self._cache[start, end] = record
        return record

    def first(self, key: str) -> Record | None:
        """Return the first readable record of a key."""
        if key not in self._first:
            self._first[key] = self._find_first(key) if key in self._spans else None
        return self._first[key]

    def _find_first(self, key: str) -> Record | None:
        for span in self._spans[key]:
            if (record := self._decode(*span)) is not None:
                return record
        return None

    def all(self, key: str) -> Sequence[Record]:
        """Return every readable record of a key, in file order."""
        records = (self._decode(*span) for span in self._spans.get(key, ()))
        return [record for record in records if record is not None]

    def lists(self, key: str) -> Sequence[ListText]:
        """Return every list of a key as text; one emptied by `streamed.shorten` has none."""
        found: list[ListText] = []
        for start, end, line in self._spans.get(key, ()):
            if (place := self._list_place(start, end)) is not None:
                text = self._data[slice(*place)]
            else:
                record = self._decode(start, end, line)
                text = b"" if record is None else json.dumps(record.value).encode()
            empty = not self._lists_kept and text == b"[]"
            found.append(ListText(None if empty else text, line))
        return found

    def _list_place(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where a record's value stands that is a list without lists, else None."""
        head = self._data.find(LIST_HEAD, start, min(end, start + LIST_REACH))
        close = self._data.find(b"]", head, end) if head >= 0 else -1
        if close < 0 or not self._data.startswith(LIST_TAIL, close + 1):
            return None
        return head + len(LIST_HEAD) - 1, close + 1

    def count(self, key: str) -> int:
        """Return how many readable records a key has."""
        return len(self.all(key))

    def keys(self, beginning: str = "") -> Sequence[str]:
        """Return the keys with this beginning, in order of their first appearance."""
        readable = (key for key in self._spans
                    if key.startswith(beginning) and self.first(key) is not None)
        return sorted(readable, key=lambda key: next(iter(self._spans[key])))

    def errors(self) -> Sequence[Record]:
        """Return the records marked as errors."""
        return self._flagged(ERROR_FLAG, "is_error")

    def warnings(self) -> Sequence[Record]:
        """Return the records marked as warnings."""
        return self._flagged(WARNING_FLAG, "is_warning")

    def _flagged(self, flag: bytes, name: str) -> Sequence[Record]:
        if name not in self._flags:
            find = self._flagged_of_rows if self._every and self.only_records \
                else self._find_flagged
            self._flags[name] = find(flag, name)
        return self._flags[name]

    def _flagged_of_rows(self, flag: bytes, name: str) -> Sequence[Record]:
        """Find them by row; of the long records, most bytes of a log, what follows the list."""
        assert isinstance(self._spans, WholeLines)
        column = FLAG_COLUMNS[name]
        found: list[Record] = []
        for at, row in enumerate(self._spans.rows):
            if row is not None:
                marked = row[column] == b"true"
            else:
                start, end, _ = self._spans.span(at)
                place = self._list_place(start, end)
                marked = self._data.find(flag, start if place is None else place[1], end) >= 0
            if marked:
                record = self._decode(*self._spans.span(at))
                if record is not None and getattr(record, name):
                    found.append(record)
        return found

    def _find_flagged(self, flag: bytes, name: str) -> Sequence[Record]:
        found: list[Record] = []
        at = self._data.find(flag)
        while at >= 0:
            start = self._data.rfind(b"\n", 0, at) + 1
            end = self._data.find(b"\n", at)
            end = len(self._data) if end < 0 else end
            if self._data.startswith(MARK, start):
                record = self._decode(start, end, self._line(start))
                if record is not None and getattr(record, name):
                    found.append(record)
            at = self._data.find(flag, end)
        return found


def parse(line: bytes) -> dict[str, Any]:
    """Return the fields of one marked line; raises ``ValueError`` with the reason."""
    body = line.strip(b" \t\r\n\xef\xbb\xbf")
    if not body.startswith(MARK):
        raise ValueError("not a record of LoadGen")
    text = body[len(MARK) :].decode("utf-8", "replace").strip()
    try:
        fields, end = DECODER.raw_decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at column {len(MARK) + error.colno}") from None
    if text[end:].strip():
        raise ValueError("text after the record")
    if not isinstance(fields, dict) or not isinstance(fields.get("key"), str):
        raise ValueError("a record without a key")
    return fields


def to_record(fields: dict[str, Any], line: int) -> Record:
    """Return the typed record of parsed fields."""
    metadata = fields.get("metadata")
    flags = metadata if isinstance(metadata, dict) else {}
    time_ms, pid = fields.get("time_ms"), flags.get("pid")
    return Record(
        fields["key"], fields.get("value"), line,
        float(time_ms) if isinstance(time_ms, (int, float)) else None,
        flags.get("is_error") is True, flags.get("is_warning") is True,
        pid if isinstance(pid, int) else None,
    )
