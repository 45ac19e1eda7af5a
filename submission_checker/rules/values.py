"""What the values of descriptions mean: empty, placeholder, none, number; misspelt names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

NOTHING = frozenset({
    "", "-", "--", "n/a", "na", "n.a.", "none", "no", "not applicable", "no accelerator",
    "no accelerators",
})
"""Texts that say that a system has no such part."""

PLACEHOLDER = re.compile(r"\s*(?:(?:tbd|tba|to-?do|fixme|xxx+)\b|\?+\s*\Z)", re.IGNORECASE)
NUMBER = re.compile(r"\s*(\d{1,15}(?:\.\d{1,15})?)\s*\Z")
NEGATED = re.compile(r"\b(?:no|not|none|never|without|non)\b|n['’]t\b", re.IGNORECASE)
NEGATION_REACH = 24
"""Characters before a word in which a negation counts for it."""

EDITS = 2
"""A name that this many edits turn into a known one was most likely meant as that one."""


def text_of(value: object) -> str:
    """Return a value of a JSON file as text without surrounding blanks."""
    return "" if value is None else str(value).strip()


def is_empty(value: object) -> bool:
    """Return whether a value says nothing at all; 0 and false are values."""
    return not text_of(value) or value in ([], {})


def is_placeholder(value: object) -> bool:
    """Return whether a text starts with a mark that it is still to be written."""
    return PLACEHOLDER.match(text_of(value)) is not None


def is_nothing(value: object) -> bool:
    """Return whether a text says that there is no such part."""
    return text_of(value).casefold() in NOTHING


def number_in(value: object) -> float | None:
    """Return a plain number, as JSON number or as text; None for anything else."""
    if isinstance(value, bool):
        return None
    found = NUMBER.match(text_of(value))
    return None if found is None else float(found[1])


def truth(value: object) -> bool | None:
    """Return a JSON boolean or its text, whatever its case; None for anything else."""
    if isinstance(value, bool):
        return value
    text = value.strip().casefold() if isinstance(value, str) else ""
    if text in ("true", "yes"):
        return True
    return False if text in ("false", "no") else None


def misspelt(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``name`` differs from by case, punctuation or two edits."""
    return _misspelt(name, frozenset(known))


@lru_cache(maxsize=1024)
def _misspelt(name: str, known: frozenset[str]) -> str | None:
    typed = plain(name)
    best: tuple[int, str] | None = None
    for item in known:
        distance = 0 if plain(item) == typed else edits(name.casefold(), item.casefold())
        if distance <= EDITS and (best is None or (distance, item) < best):
            best = distance, item
    return None if best is None else best[1]


def plain(name: str) -> str:
    """Return letters and digits of a name in lower case."""
    return "".join(char for char in name.casefold() if char.isalnum())


@lru_cache(maxsize=4096)
def edits(one: str, other: str, limit: int = EDITS) -> int:
    """Return how many letters to add, drop or replace; ``limit + 1`` stands for any more."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, start=1):
        above, row[0] = row[0], at
        for column, second in enumerate(other, start=1):
            here = min(row[column] + 1, row[column - 1] + 1, above + (char != second))
            above, row[column] = row[column], here
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def said(pattern: re.Pattern[str], text: str) -> str | None:
    """Return the first match of a pattern that no negation stands before, else None."""
    for found in pattern.finditer(text):
        before = text[max(0, found.start() - NEGATION_REACH) : found.start()]
        if not NEGATED.search(before):
            return found[0]
    return None
