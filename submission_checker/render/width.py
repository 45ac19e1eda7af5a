"""How many columns of a terminal a text takes: wide characters two, combining marks none."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

CUT = "…"


def columns(text: str) -> int:
    """Return the columns that a printable text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def padded(text: str, width: int) -> str:
    """Return text filled with blanks up to a width in columns."""
    return text + " " * (width - columns(text))


def cut(text: str, width: int) -> str:
    """Return text that takes at most ``width`` columns; what was cut is marked."""
    if columns(text) <= width:
        return text
    kept, room = "", width - columns(CUT)
    for char in text:
        room -= _columns(char)
        if room < 0:
            break
        kept += char
    return kept + CUT


def wrapped(text: str, first: str, rest: str, width: int) -> Iterator[str]:
    """Yield lines of at most ``width`` columns; a word that is longer stays whole.

    Paths and commands are such words: a reader copies them. ``first`` and ``rest`` begin the first
    and the further lines.
    """
    line, used, empty = first, columns(first), True
    for word in text.split():
        takes = columns(word)
        if not empty and used + 1 + takes > width:
            yield line
            line, used, empty = rest, columns(rest), True
        line += word if empty else f" {word}"
        used += takes + (not empty)
        empty = False
    yield line.rstrip() if empty else line
