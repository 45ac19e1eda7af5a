"""The power part of a result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from submission_checker.model.files import Folder
    from submission_checker.model.line_ends import LineEnds
    from submission_checker.model.run import Run
    from submission_checker.model.submission import JsonFile


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


class SplLog(NamedTuple):
    """spl.txt: samples in file order, lines that are none."""

    path: str
    records: tuple[SplRecord, ...]
    bad_lines: tuple[tuple[int, str], ...]
    bad_count: int


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
