"""The power part of a result."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import le
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from submission_checker.model.documents import JsonFile
    from submission_checker.model.files import Folder
    from submission_checker.model.line_ends import LineEnds
    from submission_checker.model.run import Run


class SplRecord(NamedTuple):
    """One sample of the power analyzer; ``time_s`` reads the stamp as UTC."""

    line: int
    time_s: float
    watts: float
    volts: float | None
    amps: float | None
    power_factor: float | None
    mark: str
    many_channels: bool


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of the power analyzer in file order, kept by column as `SplRecord` names them."""

    lines: Sequence[int] = ()
    times_s: Sequence[float] = ()
    watts: Sequence[float] = ()
    volts: Sequence[float | None] = ()
    amps: Sequence[float | None] = ()
    power_factors: Sequence[float | None] = ()
    marks: Sequence[str] = ()
    many_channels: Sequence[bool] = ()

    @classmethod
    def of(cls, records: Iterable[SplRecord]) -> Samples:
        """Return samples by column."""
        columns = list(zip(*records, strict=True))
        return cls(*columns) if columns else cls()

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def columns(self) -> tuple[Sequence[Any], ...]:
        """Every column, in the order of the fields."""
        return (self.lines, self.times_s, self.watts, self.volts, self.amps, self.power_factors,
                self.marks, self.many_channels)

    @property
    def in_order(self) -> bool:
        """Whether no sample is earlier than the one before it."""
        return all(map(le, self.times_s, self.times_s[1:]))

    def between(self, begin_s: float, end_s: float) -> Samples:
        """Return the samples strictly inside a window."""
        if self.in_order:
            first = bisect_right(self.times_s, begin_s)
            last = max(first, bisect_left(self.times_s, end_s))
            return Samples(*(column[first:last] for column in self.columns))
        return self.where([begin_s < time_s < end_s for time_s in self.times_s])

    def where(self, chosen: Sequence[bool]) -> Samples:
        """Return the samples that are chosen."""
        return Samples(*(list(compress(column, chosen)) for column in self.columns))


class SplLog(NamedTuple):
    """spl.txt: samples in file order, lines that are none."""

    path: str
    samples: Samples
    bad_lines: tuple[tuple[int, str], ...]
    bad_count: int
    peaks: tuple[float, float] | None = None
    """Largest volts and amps of all channels, where they were asked for."""


class PtdLine(NamedTuple):
    """A line of ptd_logs.txt that tells of a mark, an error or a warning."""

    line: int
    time_s: float | None
    text: str


class PtdLog(NamedTuple):
    """The notable lines of ptd_logs.txt."""

    path: str
    lines: tuple[PtdLine, ...]


class PowerPart(NamedTuple):
    """Everything submitted for the power measurement of a result; absent parts are None."""

    power: Folder | None
    ranging: Run | None
    spl: SplLog | None
    ranging_spl: SplLog | None
    client: JsonFile | None
    server: JsonFile | None
    ptd: PtdLog | None
    sha1: Mapping[str, str]
    """Path relative to ``performance/`` -> SHA-1 of the file's bytes."""
    sha1_by_line_ends: Mapping[str, LineEnds]
    """The same with other line ends, for files whose SHA-1 is not the one recorded."""
    texts: Mapping[str, Mapping[str, int]]
    """``analyzer_table`` and ``power_settings`` -> path -> bytes of such files near the result."""
