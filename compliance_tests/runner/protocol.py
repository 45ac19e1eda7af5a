"""The small protocol between a Python system under test and the audits.

A SUT answers queries of sample indices; it never sees LoadGen. Token models report the first token
of a sample as soon as they have it, and its full answer later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

Data = Any
"""Any object with the buffer protocol: bytes, array, a contiguous numpy array."""


class Answer(Protocol):
    """Takes the answer to one sample of a query."""

    def __call__(self, position: int, data: Data, token_count: int | None = None, /) -> None:
        """Take the answer to the sample at a position of the query.

        Args:
            position: place in the indices of the query, from 0.
            data: the answer; copied before the call returns.
            token_count: tokens claimed; the length of ``data`` where it is not given.
        """
        ...


class Sut(Protocol):
    """A system under test over a fixed data set."""

    benchmark: str
    """Name of the model in user.conf."""

    total_count: int
    performance_count: int
    tokens: bool
    """Whether first tokens are reported and tokens are counted."""

    def load(self, indices: Sequence[int]) -> None:
        """Load samples into memory (not timed)."""
        ...

    def unload(self, indices: Sequence[int]) -> None:
        """Drop samples."""
        ...

    def issue(self, indices: Sequence[int], answer: Answer, first_token: Answer) -> None:
        """Answer a query: every position exactly once, token models its first token before."""
        ...

    def flush(self) -> None:
        """Finish what was collected; nothing for SUTs that answer at once."""
        ...
