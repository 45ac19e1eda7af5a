"""The accuracy part of a result: accuracy.txt, the accuracy log, and the answers in it."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import NamedTuple

from submission_checker.model.line_ends import LineEnds
from submission_checker.model.run import Run


class MetricLine(NamedTuple):
    """A quality value found in accuracy.txt."""

    metric: str
    value: float
    text: str
    line: int


class AccuracyText(NamedTuple):
    """accuracy.txt: the values of the model's metrics and the hash lines."""

    path: str
    values: tuple[MetricLine, ...]
    hashes: tuple[tuple[int, str], ...]
    lines: tuple[str, ...]
    problem: str | None = None


class LogEntry(NamedTuple):
    """One visible record of mlperf_log_accuracy.json."""

    seq_id: int
    qsl_idx: int
    data_hex: str
    complete: bool
    token_count: int | None = None
    token_hex: str | None = None
    line: int | None = None


class Coverage(NamedTuple):
    """Which samples the records of an accuracy log answer."""

    entries: int
    distinct: int
    highest: int
    first_missing: int
    first_repeated: int | None
    sequence_repeated: int | None
    """First ``seq_id`` that stands twice."""
    whole_lines: bool
    """Whether the log is one record per line between its brackets."""
    tokens: int | None
    """Sum of ``token_count``, None where not every record has one."""
    order: tuple[array[int], array[int]] | None = None
    """``seq_id`` and ``qsl_idx`` of every record in file order, None where they are too many."""


class AccuracyLog(NamedTuple):
    """mlperf_log_accuracy.json: size, hash and what is visible of it (head and tail)."""

    path: str
    size_bytes: int
    sha256: str | None
    """None where no text names a hash and no other log is as long."""
    truncated: bool
    entries: tuple[LogEntry, ...]
    starts_well: bool
    ends_well: bool
    marker_at: int | None
    problem: str | None = None
    coverage: Coverage | None = None
    """Set for a whole log."""
    by_line_ends: LineEnds | None = None
    """SHA-256 with other line ends, for a whole log whose hash is not that of accuracy.txt."""

    @property
    def identity(self) -> str:
        """What equal logs share: the hash, or the own path where no other log is as long."""
        return self.sha256 or self.path

    @property
    def complete(self) -> bool:
        """Whether the log is whole, from its first bracket to its last."""
        return (not self.truncated and self.starts_well and self.ends_well
                and self.coverage is not None and self.coverage.whole_lines)


class AccuracyRun(NamedTuple):
    """The accuracy part of a result."""

    run: Run
    text: AccuracyText | None
    log: AccuracyLog | None
    artefacts: Mapping[str, tuple[str, ...]]
    """Sub-folder of ``accuracy/`` -> names of its files."""


class JoinedAnswers(NamedTuple):
    """The answers of an audit's whole log beside those of the whole accuracy log, by sample."""

    audit_entries: int
    accuracy_entries: int
    compared: int
    differing: int
    unknown: int
    """Entries of the audit whose sample the accuracy run did not answer."""
    contradictory: int
    """Further answers of the accuracy run to one sample that differ from its first."""
    first_differing: tuple[int, ...]
    """Samples of the first entries that differ."""
    problems: tuple[str, ...]
    """What makes one of the logs no complete log."""
