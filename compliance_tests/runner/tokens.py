"""Every logged answer of a token model against itself, line by line, in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compliance_tests.answers import token_width

ENTRY = re.compile(
    rb'"qsl_idx"\s*:\s*(\d+)\s*,\s*"data"\s*:\s*"([0-9A-Fa-f]*)"'
    rb'(?:\s*,\s*"token_data"\s*:\s*"([0-9A-Fa-f]*)")?(?:\s*,\s*"token_count"\s*:\s*(\d+))?'
)
LONGEST_LINE = 1 << 26


@dataclass(slots=True)
class Tokens:
    """What the answers of a log say about their tokens."""

    entries: int = 0
    tokens: int = 0
    wrong_count: int = 0
    """Answers whose number of tokens is not the claimed one."""
    first_differs: int = 0
    """Answers that do not begin with the reported first token."""
    first_empty: int = 0
    """Answers whose reported first token has no bytes."""
    repeated_end: int = 0
    """Answers whose last two tokens are equal to the last token of most answers."""
    first_wrong: int | None = None
    """Sample of the first answer with a fault."""

    @property
    def mean_tokens(self) -> float:
        """Tokens per answer."""
        return self.tokens / self.entries if self.entries else 0.0

    def numbers(self) -> dict[str, object]:
        """Return the counts."""
        return {
            "answers": self.entries, "mean_tokens": self.mean_tokens,
            "wrong_count": self.wrong_count, "first_token_differs": self.first_differs,
            "first_token_empty": self.first_empty, "repeated_end": self.repeated_end,
        }

    def said(self) -> str:
        """Return the counts in words."""
        return (f"of {self.entries} answers {self.wrong_count} have another number of tokens than "
                f"claimed, {self.first_differs} do not begin with the reported first token, "
                f"{self.repeated_end} end more than once")


def examine(log: Path, *, first_tokens: bool) -> Tokens:
    """Return what the answers of a log say; ``first_tokens`` where LoadGen logs them."""
    found = Tokens()
    ends: dict[bytes, list[int]] = {}
    for sample, data, first, count in _entries(log):
        found.entries += 1
        width = token_width(data.decode("ascii"), count)
        wrong = width is None
        found.wrong_count += width is None
        digits = 2 * (width or 4)
        found.tokens += len(data) // digits
        if first_tokens:
            found.first_empty += not first
            differs = not data.startswith(first or b"")
            found.first_differs += differs
            wrong = wrong or differs or not first
        last, before = data[-digits:], data[-2 * digits : -digits]
        tally = ends.setdefault(last, [0, 0])
        tally[0] += 1
        tally[1] += last == before
        if wrong and found.first_wrong is None:
            found.first_wrong = sample
    if ends:
        _, (number, twice) = max(ends.items(), key=lambda item: item[1][0])
        found.repeated_end = twice if 2 * number > found.entries else 0
    return found


def _entries(log: Path) -> Iterator[tuple[int, bytes, bytes | None, int | None]]:
    with log.open("rb") as file:
        while line := file.readline(LONGEST_LINE):
            for match in ENTRY.finditer(line):
                yield (int(match[1]), match[2].upper(),
                       None if match[3] is None else match[3].upper(),
                       None if match[4] is None else int(match[4]))
