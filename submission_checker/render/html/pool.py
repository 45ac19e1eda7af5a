"""Strings of the page, each once, and rows up to a budget of characters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from submission_checker.render.html.texts import shown

Row = list[object]
FIXED = 40
"""Characters that the numbers of a row take beside its strings, roughly."""
PER_INDEX = 5


@dataclass(slots=True)
class Pool:
    """Strings by their index; ``size`` grows with the characters that were added."""

    strings: list[str] = field(default_factory=list)
    size: int = 0
    _index: dict[str, int] = field(default_factory=dict)

    def __call__(self, text: str) -> int:
        """Return the index of a text, made fit for the page."""
        self.size += PER_INDEX
        found = self._index.get(text)
        if found is None:
            found = self._index[text] = len(self.strings)
            self.strings.append(shown(text))
            self.size += len(self.strings[-1]) + 3
        return found

    def rows(
        self, order: Iterable[int], budget: int, make: Callable[[int], Row]
    ) -> dict[int, Row]:
        """Return number -> row for as many as the budget holds, in order of their numbers."""
        made: dict[int, Row] = {}
        end = self.size + budget
        for number in order:
            if self.size > end:
                break
            self.size += FIXED
            made[number] = make(number)
        return dict(sorted(made.items()))
