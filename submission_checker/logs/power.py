"""Power logs: spl.txt records and the messages of ptd_logs.txt."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from operator import add
from typing import Any

from submission_checker.model.power import PtdLine, PtdLog, Samples, SplLog, SplRecord

TIME = re.compile(r"\s*(\d\d-\d\d-\d{4} \d\d:\d\d):(\d\d\.\d{1,6})\s*\Z")
STAMPED = re.compile(rb"(\d\d-\d\d-\d{4} \d\d:\d\d):(\d\d\.\d{1,6}): ")
NOTABLE = (b"ERROR:", b"WARNING:", b"Go with mark", b"Completed test", b"ncertainty checking")
NAMES = ["Volts", "Amps", "PF", "Mark"]
"""What follows the watts of a record, in this order."""
VALUE = rb"(-?\d{1,9}(?:\.\d{1,9})?)"
USUAL = re.compile(
    rb"^Time,(\d\d-\d\d-\d{4} \d\d:\d\d):([0-5]\d\.\d{1,6}),Watts," + VALUE + rb",Volts," + VALUE
    + rb",Amps," + VALUE + rb",PF," + VALUE + rb",Mark,([\x21-\x2b\x2d-\x7e]*)(,[^\n]*)?\r?\n",
    re.MULTILINE,
)
"""A record as the tools write it, one line; blocks of such lines are read at once."""
READINGS = tuple(re.compile(rb"," + name + rb",(\d{1,9}(?:\.\d{1,9})?),")
                 for name in (b"Volts", b"Amps"))
LONGEST_LINE = 65_536
MAX_RECORDS = 1_000_000
"""Records that are kept: eleven days at one a second."""

KEPT_BAD = 100


def seconds_of(text: str) -> float | None:
    """Return a power time stamp as seconds since the epoch, read as UTC."""
    found = TIME.match(text)
    return None if found is None else _seconds(found[1].encode(), found[2].encode())


def _seconds(minute: bytes, second: bytes) -> float | None:
    minute_s, second_s = _minute(minute), float(second)
    return None if minute_s is None or second_s >= 60 else minute_s + second_s


@lru_cache(64)
def _minute(text: bytes) -> float | None:
    """Return the beginning of a minute; the records of a log share few of them."""
    try:
        month, day, year = int(text[:2]), int(text[3:5]), int(text[6:10])
        return datetime(year, month, day, int(text[11:13]), int(text[14:]), tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the blocks cut at line ends; only the last may end without one."""
    carry = b""
    for block in blocks:
        lines, end, rest = (carry + block).rpartition(b"\n")
        carry = rest[-LONGEST_LINE:]
        if end:
            yield lines + end
    if carry:
        yield carry


def _notable_lines(blocks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield number and text of the lines that hold one of the notable words, looked for by word."""
    line = 1
    for block in _whole_lines(blocks):
        starts = set()
        for word in NOTABLE:
            at = block.find(word)
            while at >= 0:
                starts.add(block.rfind(b"\n", 0, at) + 1)
                end = block.find(b"\n", at)
                at = block.find(word, end) if end >= 0 else -1
        before = 0
        for start in sorted(starts):
            line += block.count(b"\n", before, start)
            before = start
            end = block.find(b"\n", start)
            yield line, block[start : end if end >= 0 else len(block)]
        line += block.count(b"\n", before)


def read_spl(blocks: Iterable[bytes], path: str, *, peaks: bool = False) -> SplLog:
    """Return the records of spl.txt: time, watts, volts, amps, power factor, mark.

    ``peaks`` asks for the largest volts and amps, those of every channel included.
    """
    columns: list[list[Any]] = [[] for _ in SplRecord._fields]
    bad: list[tuple[int, str]] = []
    bad_count, before = 0, 0
    most = [0.0, 0.0]
    for block in _whole_lines(blocks):
        if peaks:
            most = [max(known, *map(float, reading.findall(block)), 0.0)
                    for known, reading in zip(most, READINGS, strict=True)]
        usual = _usual_columns(block, before + 1)
        if usual is not None:
            room = MAX_RECORDS - len(columns[0])
            for column, more in zip(columns, usual, strict=True):
                column += islice(more, room)
            before += block.count(b"\n")
            continue
        lines = block.removesuffix(b"\n").split(b"\n")
        for number, line in enumerate(lines, start=before + 1):
            text = line.strip().decode("utf-8", "replace")
            if not text:
                continue
            record = _record(text, number)
            if record is None:
                bad_count += 1
                if len(bad) < KEPT_BAD:
                    bad.append((number, text[:80]))
            elif len(columns[0]) < MAX_RECORDS:
                for column, value in zip(columns, record, strict=True):
                    column.append(value)
        before += len(lines)
    return SplLog(path, Samples(*columns), tuple(bad), bad_count,
                  (most[0], most[1]) if peaks else None)


def _usual_columns(block: bytes, first_line: int) -> tuple[Iterable[Any], ...] | None:
    """Return the columns of whole lines' records, None where one of them has another form.

    Blank lines may follow, as PTDaemon writes one.
    """
    found = USUAL.findall(block)
    if not found or len(found) != block.rstrip().count(b"\n") + 1 or not block.endswith(b"\n"):
        return None
    minutes, seconds, watts, volts, amps, factors, marks, more = zip(*found, strict=True)
    begins = {text: _minute(text) for text in set(minutes)}
    if None in begins.values():
        return None
    texts = {text: text.decode() for text in set(marks)}
    return (
        range(first_line, first_line + len(found)),
        map(add, map(begins.__getitem__, minutes), map(float, seconds)),
        *(map(float, column) for column in (watts, volts, amps, factors)),
        map(texts.__getitem__, marks), map(bool, more),
    )


def _record(text: str, line: int) -> SplRecord | None:
    """Return one record; the fields stand at fixed places, more channels may follow."""
    parts = text.split(",", 12)
    if len(parts) < 4 or parts[0] != "Time" or parts[2] != "Watts":
        return None
    if (names := parts[4:12:2]) != NAMES[: len(names)]:
        return None  # another order, or decimals that a comma splits
    time_s = seconds_of(parts[1])
    watts = _number(parts[3])
    if time_s is None or watts is None:
        return None
    volts, amps, factor, mark = (*parts[5:12:2], "", "", "", "")[:4]
    return SplRecord(line, time_s, watts, _number(volts), _number(amps), _number(factor), mark,
                     len(parts) > 12)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_ptd_log(blocks: Iterable[bytes], path: str) -> PtdLog:
    """Return the stamped lines of ptd_logs.txt that tell of marks, errors and warnings."""
    lines: list[PtdLine] = []
    for number, line in _notable_lines(blocks):
        if len(lines) >= MAX_RECORDS:
            break
        found = STAMPED.match(line)
        time_s = _seconds(found[1], found[2]) if found is not None else None
        message = line[found.end() :].rstrip(b"\r") if found is not None else line
        lines.append(PtdLine(number, time_s, message.decode("utf-8", "replace")[:300]))
    return PtdLog(path, tuple(lines))
