"""accuracy.txt: quality values by the round's patterns, and the hash lines."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

from submission_checker.formats.text import read_text
from submission_checker.model.accuracy import AccuracyText, MetricLine

HASH = re.compile(r"hash=(\S*)")
KEPT_LINES = 2000


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def read_accuracy_text(
    data: bytes, path: str, patterns: Sequence[tuple[str, str]]
) -> AccuracyText:
    """Return every value of the metrics in ``patterns`` (name, pattern with group ``value``)."""
    text = read_text(data, path)
    values: list[MetricLine] = []
    hashes: list[tuple[int, str]] = []
    compiled = [(name, _compiled(pattern)) for name, pattern in patterns]
    for number, line in enumerate(text.lines, start=1):
        for name, pattern in compiled:
            for found in pattern.finditer(line):
                value = _number(found["value"])
                if value is not None:
                    values.append(MetricLine(name, value, found["value"], number))
        if (found_hash := HASH.match(line.strip())) is not None:
            hashes.append((number, found_hash[1]))
    return AccuracyText(
        path, tuple(values), tuple(hashes), text.lines[:KEPT_LINES], text.problem
    )


def _number(text: str | None) -> float | None:
    if text is None:  # an optional group that took no part
        return None
    try:
        value = float(text.rstrip("."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
