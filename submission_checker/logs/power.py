"""Power logs: spl.txt records and the messages of ptd_logs.txt."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from submission_checker.model.power import PtdLine, PtdLog, SplLog, SplRecord

TIME = re.compile(r"\s*(\d\d-\d\d-\d{4} \d\d:\d\d):(\d\d)\.(\d{1,6})\s*\Z")
STAMPED = re.compile(r"(\d\d-\d\d-\d{4} \d\d:\d\d:\d\d\.\d{1,6}): (.*)\Z")
NOTABLE = re.compile(rb"ERROR:|WARNING:|Go with mark|Completed test|ncertainty checking")
NAMES = ["Volts", "Amps", "PF", "Mark"]
"""What follows the watts of a record, in this order."""
LONGEST_LINE = 65_536
MAX_RECORDS = 1_000_000
"""Records that are kept: eleven days at one a second."""

KEPT_BAD = 100


def seconds_of(text: str) -> float | None:
    """Return a power time stamp as seconds since the epoch, read as UTC."""
    found = TIME.match(text)
    if found is None:
        return None
    minute_s, second = _minute(found[1]), int(found[2])
    if minute_s is None or second > 59:
        return None
    return minute_s + second + float(f"0.{found[3]}")


@lru_cache(64)
def _minute(text: str) -> float | None:
    """Return the beginning of a minute; the records of a log share few of them."""
    try:
        month, day, year = int(text[:2]), int(text[3:5]), int(text[6:10])
        return datetime(year, month, day, int(text[11:13]), int(text[14:]), tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _lines(blocks: Iterable[bytes]) -> Iterable[bytes]:
    carry = b""
    for block in blocks:
        parts = (carry + block).split(b"\n")
        carry = parts.pop()[-LONGEST_LINE:]
        yield from parts
    if carry:
        yield carry


def read_spl(blocks: Iterable[bytes], path: str) -> SplLog:
    """Return the records of spl.txt: time, watts, volts, amps, power factor, mark."""
    records: list[SplRecord] = []
    bad: list[tuple[int, str]] = []
    bad_count = 0
    for number, line in enumerate(_lines(blocks), start=1):
        text = line.strip().decode("utf-8", "replace")
        if not text:
            continue
        record = _record(text, number)
        if record is None:
            bad_count += 1
            if len(bad) < KEPT_BAD:
                bad.append((number, text[:80]))
        elif len(records) < MAX_RECORDS:
            records.append(record)
    return SplLog(path, tuple(records), tuple(bad), bad_count)


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
    for number, line in enumerate(_lines(blocks), start=1):
        if NOTABLE.search(line) is None or len(lines) >= MAX_RECORDS:
            continue
        text = line.decode("utf-8", "replace")
        found = STAMPED.match(text.rstrip("\r"))
        message = found[2] if found is not None else text
        time_s = seconds_of(found[1]) if found is not None else None
        lines.append(PtdLine(number, time_s, message[:300]))
    return PtdLog(path, tuple(lines))
