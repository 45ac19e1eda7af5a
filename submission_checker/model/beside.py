"""What a tree is held against beside itself: an earlier round, a base revision, a published table.

Small records only; the logs behind them are read and dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from submission_checker.model.documents import Problem
    from submission_checker.model.subjects import SystemSubject

FILES_OF_RESULTS = ("summary_results.json", "summary.json")
"""Published tables at the root of a results repository; the first that is there counts."""


class EarlierTree(NamedTuple):
    """The systems of the round before with their results, read but not judged."""

    round: str
    systems: tuple[SystemSubject, ...]
    unread: int = 0
    """Files that could not be read."""


class Number(NamedTuple):
    """A number with its unit; ``step`` is one in the last digit that was printed of it."""

    value: float
    unit: str
    step: float = 0.0


class PublishedRow(NamedTuple):
    """A number of a published table; ``line`` or ``pointer`` says where it stands in the file."""

    location: str
    number: Number
    is_power: bool = False
    line: int | None = None
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table of published results; ``problem`` is set where it could not be read."""

    path: str
    rows: tuple[PublishedRow, ...] = ()
    problem: Problem | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    """JSON pointer -> line."""
    absent: tuple[PublishedRow, ...] = ()
    """Rows whose folder is nowhere in the tree, not even in a part that is not judged."""


class Beside(NamedTuple):
    """What stands beside the tree; None where nothing was given."""

    earlier: EarlierTree | None = None
    base: Mapping[str, Number] | None = None
    """Location of a result that a range of changes touches -> its number in the base revision."""
    table: PublishedTable | None = None
