"""Texts of a submission made fit for the page: no hidden characters, bounded length."""

from __future__ import annotations

from submission_checker.render.escape import printable

MOST_CHARACTERS = 2000


def shown(text: str) -> str:
    """Return text without control characters and invisible marks, cut where it is very long."""
    if len(text) > MOST_CHARACTERS:
        text = f"{text[:MOST_CHARACTERS]}… ({len(text) - MOST_CHARACTERS:,} characters more)"
    return printable(text)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a count with its noun, such as ``1 error`` or ``2,000 errors``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
