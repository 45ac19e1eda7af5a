"""Numbers and quotations in findings: one form everywhere, the same unit on both sides."""

from __future__ import annotations

from collections.abc import Iterable

from submission_checker.model.findings import Location

QUOTE_CHARS = 120
"""Longer quotations are cut in the middle of a sentence; the line is named beside them."""

NAMES_SHOWN = 3


def count(value: float) -> str:
    """Return a number with its thousands set apart by blanks, as it is otherwise printed."""
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.10g}"
    digits = f"{int(value):,}".replace(",", " ")
    return digits if abs(value) >= 10_000 else str(int(value))


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is one."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def place(at: Location) -> str:
    """Return the name of a file with its line, as text: ``server.json line 12``."""
    line = f" line {at.line}" if at.line is not None else ""
    return f"{at.path.rpartition('/')[2]}{line}"


def ms(value: float) -> str:
    """Return milliseconds."""
    return f"{count(round(value, 6))} ms"


def ns_as_ms(value_ns: float) -> str:
    """Return a latency given in nanoseconds in milliseconds."""
    return ms(value_ns / 1e6)


def seconds(value_s: float) -> str:
    """Return seconds with enough digits to see a shortfall."""
    return f"{value_s:.6g} s"


def quote(text: object) -> str:
    """Return a value of the submission in quotation marks, cut where it is long."""
    shown = str(text)
    if len(shown) > QUOTE_CHARS:
        shown = shown[: QUOTE_CHARS - 1] + "…"
    return f'"{shown}"'


def listed(names: Iterable[str], shown: int = NAMES_SHOWN) -> str:
    """Return names in a row; the rest is counted."""
    items = list(names)
    head = ", ".join(quote(name) for name in items[:shown])
    return head if len(items) <= shown else f"{head} and {len(items) - shown} more"


def suggestion(near: str | None) -> str:
    """Return ``; did you mean X?`` where there is a near name."""
    return f"; did you mean {quote(near)}?" if near else ""
