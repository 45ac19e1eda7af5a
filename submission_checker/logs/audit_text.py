"""Verdict texts of audits: verdict lines and named numbers, each with its line."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from submission_checker.model.submission import TextFile

NAMED = re.compile(r"\s*([A-Za-z][\w .-]*?)\s*[=:]\s*([-+]?\d[\d.eE+-]*)(%?)")


@dataclass(frozen=True, slots=True)
class SaidVerdict:
    """What a text says: ``passed`` is None where it has no verdict line."""

    passed: bool | None
    line: int | None
    text: str
    contradicts_itself: bool


def said_verdict(text: TextFile) -> SaidVerdict:
    """Return the verdict of a text: the failing line counts where both stand."""
    passes = [(n, t) for n, t in enumerate(text.lines, 1) if t.strip().startswith("TEST PASS")]
    fails = [(n, t) for n, t in enumerate(text.lines, 1) if t.strip().startswith("TEST FAIL")]
    both = bool(passes and fails)
    if fails:
        return SaidVerdict(False, fails[-1][0], fails[-1][1].strip(), both)
    if passes:
        return SaidVerdict(True, passes[-1][0], passes[-1][1].strip(), False)
    return SaidVerdict(None, None, "", False)


def line_of(text: TextFile, wanted: str) -> int | None:
    """Return the line that is exactly the wanted text, blanks around it aside."""
    return next((n for n, t in enumerate(text.lines, 1) if t.strip() == wanted), None)


def named_number(text: TextFile, name: str) -> tuple[float, int] | None:
    """Return (value, line) of ``name = value`` or ``name: value``; the name in any case."""
    wanted = name.casefold()
    for number, line in enumerate(text.lines, 1):
        found = NAMED.match(line)
        if found is None or found[1].casefold() != wanted:
            continue
        try:
            value = float(found[2])
        except ValueError:
            continue
        if math.isfinite(value):
            return value, number
    return None
