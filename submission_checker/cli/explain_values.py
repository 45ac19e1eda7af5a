"""Values of the round data as ``explain`` shows them: in a round, and how they changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from submission_checker.rounds.loader import (
    real_round_names,
    resolved_data,
    section_of_every_round,
    split_key,
)
from submission_checker.rounds.types import Round

CHARS = 300
HISTORY_CHARS = 120
"""Values that are longer say nothing beside each other; ``rounds diff`` shows what changed."""
UNTOLD = ("pattern", "source", "purpose")
"""Keys that are no limits: how a value is found in a text, where it comes from, what it is for."""


def limits(key: str, round_: Round) -> Iterator[tuple[str, str]]:
    """Yield (key, value) of the round data that a key with ``*`` parts names."""
    yield from _values(split_key(key), resolved_data(round_.name), "")


def history(key: str) -> list[tuple[str, str]]:
    """Return (rounds, value) of a key wherever it changed; empty where that is not short."""
    if "*" in key:
        return []
    data = section_of_every_round(split_key(key)[0])
    values = [next((value for _, value in _values(split_key(key), data[name], "")), "")
              for name in real_round_names()]
    if len(set(values)) < 2 or any(len(value) > HISTORY_CHARS for value in values):
        return []
    found: list[tuple[str, str]] = []
    for value, _ in groupby(values):
        if value and value not in (known for _, known in found):
            found.append((spans_of(other == value for other in values), value))
    return found


def spans_of(flags: Iterable[bool]) -> str:
    """Return the rounds that are marked by a flag each, such as ``v0.5 to v1.1, since v4.0``."""
    rounds = real_round_names()
    spans = [
        [name for name, _ in group]
        for marked, group in groupby(zip(rounds, flags, strict=True), key=lambda pair: pair[1])
        if marked
    ]
    if spans == [list(rounds)]:
        return "every round"
    return ", ".join(_span(span, last=span[-1] == rounds[-1]) for span in spans) or "no round"


def _span(names: list[str], *, last: bool) -> str:
    if len(names) == 1:
        return names[0]
    return f"since {names[0]}" if last else f"{names[0]} to {names[-1]}"


def _values(parts: tuple[str, ...], data: Any, path: str) -> Iterator[tuple[str, str]]:
    if not parts:
        text = shown(data)
        yield path, text if len(text) <= CHARS else text[:CHARS - 1] + "…"
        return
    if not isinstance(data, dict):
        return
    names = list(data) if parts[0] == "*" else [parts[0]]
    for name in names:
        if name in data:
            yield from _values(parts[1:], data[name], f"{path}.{name}" if path else name)


def shown(value: Any) -> str:
    """Return a value of the round data as words; a list in a list is a choice."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        told = {name: item for name, item in value.items() if name not in UNTOLD
                and item not in ([], {})}
        deep = any(isinstance(item, (dict, list)) for item in told.values())
        return ("; " if deep else ", ").join(f"{name} {shown(item)}" for name, item in told.items())
    if not isinstance(value, list):
        return str(value)
    if not value:
        return "none"
    if any(isinstance(item, dict) for item in value):
        return "; ".join(map(shown, value))
    return ", ".join(_choice(item) if isinstance(item, list) else str(item) for item in value)


def _choice(items: list[Any]) -> str:
    text = " or ".join(map(str, items))
    return f"({text})" if len(items) > 1 else text
