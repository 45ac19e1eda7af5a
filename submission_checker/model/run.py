"""A LoadGen run as rules see it: typed values with their line, whatever the log's generation."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, overload

from submission_checker.model.derived import Derives
from submission_checker.model.files import Folder
from submission_checker.model.findings import Location

T = TypeVar("T")

JSON_LOG, TEXT_LOG = "json-lines", "txt-v05"
"""Generations of detail logs: records behind :::MLLOG, and the free text of the first rounds."""
SEED_KEYS = (
    "effective_qsl_rng_seed", "effective_sample_index_rng_seed", "effective_schedule_rng_seed",
)
"""Keys of the three seeds of a run, in the order of a round's triple."""

MAX_DIGITS = 40
"""Digits that a quoted count may have; longer ones are not numbers of a log."""


class Record(NamedTuple):
    """One record of a detail log; ``value`` is any JSON value."""

    key: str
    value: Any
    line: int
    time_ms: float | None = None
    is_error: bool = False
    is_warning: bool = False
    pid: int | None = None
    """The process that wrote the record."""


class ListText(NamedTuple):
    """A list of a detail log as it is written, ``[3,1,2]``; None where the log is too long."""

    text: bytes | None
    line: int


class BrokenLine(NamedTuple):
    """A line that is not what the log's format wants, with the reason."""

    line: int
    reason: str
    text: str


class LineEnds(NamedTuple):
    """Lines of a log by their ends, and whether its last line has one.

    ``lf`` is None, that is all of them, where no line ends in CR LF.
    """

    lf: int | None
    crlf: int
    last: bool


KEPT_RAW = 48
"""Bytes of a value that are kept; numbers and flags are shorter."""


class Mark(NamedTuple):
    """What surrounds the value of a record, without decoding it; parts are bytes of the log.

    ``regular`` says whether the record has exactly the form that LoadGen writes; the parts after
    ``raw`` are empty where it has not. Text logs have no ``raw``, ``file`` and ``line_no``.
    """

    line: int
    key: str
    raw: bytes
    """The value as it stands there, its first bytes where it is long."""
    time_ms: bytes
    file: bytes
    line_no: bytes
    pid: bytes
    tid: bytes
    regular: bool


class Marks(Sequence[Mark]):
    """The marks of a log in file order, kept by column; one is put together when asked for."""

    def __init__(
        self, lines: Sequence[int], keys: Sequence[str], raws: Sequence[bytes],
        times: Sequence[bytes], files: Sequence[bytes], line_nos: Sequence[bytes],
        pids: Sequence[bytes], tids: Sequence[bytes], regular: Sequence[bool],
    ) -> None:
        self.lines, self.keys, self.raws, self.times = lines, keys, raws, times
        self.files, self.line_nos, self.pids, self.tids = files, line_nos, pids, tids
        self.regular = regular
        self.all_regular = all(regular)
        self._first: dict[str, int] | None = None

    @classmethod
    def of(cls, marks: Sequence[Mark]) -> Marks:
        """Return marks by column."""
        if not marks:
            return cls((), (), (), (), (), (), (), (), ())
        return cls(*zip(*marks, strict=True))

    def at(self, key: str) -> int | None:
        """Return where the first record of a key is, None where there is none or no regular one."""
        if self._first is None:
            keys = self.keys
            self._first = dict(zip(reversed(keys), range(len(keys) - 1, -1, -1), strict=True))
        at = self._first.get(key)
        return at if at is not None and self.regular[at] else None

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, at: int) -> Mark: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Mark]: ...

    def __getitem__(self, at: int | slice) -> Mark | Sequence[Mark]:
        if isinstance(at, slice):
            return [self[n] for n in range(*at.indices(len(self)))]
        return Mark(self.lines[at], self.keys[at], self.raws[at], self.times[at], self.files[at],
                    self.line_nos[at], self.pids[at], self.tids[at], self.regular[at])


class RecordStore(Protocol):
    """What a detail log of any generation offers."""

    @property
    def generation(self) -> str:
        """Return ``JSON_LOG`` or ``TEXT_LOG``."""
        ...

    @property
    def records_count(self) -> int:
        """Return how many records were recognised."""
        ...

    @property
    def broken(self) -> Sequence[BrokenLine]:
        """Return the lines that could not be read, at most a bounded number."""
        ...

    @property
    def broken_count(self) -> int:
        """Return how many lines could not be read."""
        ...

    @property
    def only_records(self) -> bool:
        """Return whether every line is known to be a record."""
        ...

    @property
    def first_line_marked(self) -> bool:
        """Return whether the first line is a record."""
        ...

    @property
    def line_ends(self) -> LineEnds:
        """Return how the lines of the log end."""
        ...

    def marks(self) -> Marks:
        """Return the mark of every record, in file order."""
        ...

    def raw(self, key: str) -> bytes | None:
        """Return the value of the first record of a key as it stands there.

        None where there is none, or no regular one; text logs have none.
        """
        ...

    def first(self, key: str) -> Record | None:
        """Return the first record of a key."""
        ...

    def all(self, key: str) -> Sequence[Record]:
        """Return every record of a key, in file order."""
        ...

    def lists(self, key: str) -> Sequence[ListText]:
        """Return every list of a key as text, in file order: long ones are not worth decoding."""
        ...

    def count(self, key: str) -> int:
        """Return how many records a key has."""
        ...

    def keys(self, beginning: str = "") -> Sequence[str]:
        """Return the keys with this beginning, in order of their first appearance."""
        ...

    def errors(self) -> Sequence[Record]:
        """Return the records marked as errors."""
        ...

    def warnings(self) -> Sequence[Record]:
        """Return the records marked as warnings."""
        ...


class Datum(NamedTuple, Generic[T]):
    """A typed value of a log with the place where it stands."""

    key: str
    value: T
    at: Location


class SummaryLine(NamedTuple):
    """A ``name : value`` line of a summary."""

    name: str
    value: str
    line: int


class Summary(NamedTuple):
    """The summary file: its ``name : value`` lines in order."""

    path: str
    lines: tuple[SummaryLine, ...]
    size_bytes: int

    def first(self, name: str) -> SummaryLine | None:
        """Return the first line of that name; names are compared without surrounding blanks."""
        return next((line for line in self.lines if line.name == name), None)


class Trace(NamedTuple):
    """What mlperf_log_trace.json says of the samples; counts are None where it was not read."""

    path: str
    size_bytes: int
    limit_bytes: int
    """Longer traces are not read."""
    samples: int | None = None
    queries: int | None = None
    longest_ns: int | None = None
    """Latest end of a sample, from when its query was due; None without samples."""
    whole: bool = False
    """Whether LoadGen's last event is there."""


@dataclass(frozen=True, slots=True)
class Run(Derives):
    """One LoadGen run: its folder and what its detail log and summary say.

    ``log`` and ``summary`` are None where the file is absent or could not be read. The typed
    accessors return None for an absent key or a value of another type (LGEN010 reports the latter).
    """

    name: str
    folder: Folder
    detail_path: str
    log: RecordStore | None
    summary: Summary | None
    detail_sha256: str | None = None
    """None, too, where no other log is as long."""
    summary_records: Mapping[str, Record] = field(default_factory=dict)
    """Results of the summary under the keys of the detail log, where the log itself has none."""
    trace: Trace | None = None
    """Set where there is a trace and a rule asks for it."""
    _derived: dict[Hashable, Any] = field(
        default_factory=dict, init=False, compare=False, repr=False)

    @property
    def detail_identity(self) -> str | None:
        """What equal logs share: the hash, or the own path where no other log is as long."""
        return None if self.log is None else self.detail_sha256 or self.detail_path

    def at(self, key: str = "") -> Location:
        """Return where a key stands, or the detail log itself."""
        record = self.record(key) if key else None
        if record is None:
            return Location(self.detail_path)
        return self._place(record)

    def _place(self, record: Record) -> Location:
        if self.summary is not None and self.summary_records.get(record.key) is record:
            return Location(self.summary.path, record.line)
        return Location(self.detail_path, record.line)

    def record(self, key: str) -> Record | None:
        """Return the first record of a key; the first value counts."""
        found = None if self.log is None else self.log.first(key)
        return found if found is not None else self.summary_records.get(key)

    def has(self, key: str) -> bool:
        """Return whether the log has a key."""
        return self.record(key) is not None

    def integer(self, key: str) -> Datum[int] | None:
        """Return an integer; text digits count, as some 2.0 builds of LoadGen quote counts."""
        return self.once(("integer", key), Run._integer, key)

    def _integer(self, key: str) -> Datum[int] | None:
        record = self.record(key)
        if record is None:
            return None
        value = record.value
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
            value = int(value) if len(value) <= MAX_DIGITS else None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        return Datum(key, value, self._place(record))

    def number(self, key: str) -> Datum[float] | None:
        """Return a finite number as a float."""
        return self.once(("number", key), Run._number, key)

    def _number(self, key: str) -> Datum[float] | None:
        record = self.record(key)
        if record is None or isinstance(record.value, bool):
            return None
        if not isinstance(record.value, (int, float)):
            return None
        try:
            value = float(record.value)
        except OverflowError:
            return None
        if not math.isfinite(value):
            return None
        return Datum(key, value, self._place(record))

    def text(self, key: str) -> Datum[str] | None:
        """Return a text."""
        return self.once(("text", key), Run._text, key)

    def _text(self, key: str) -> Datum[str] | None:
        record = self.record(key)
        if record is None or not isinstance(record.value, str):
            return None
        return Datum(key, record.value, self._place(record))

    def flag(self, key: str) -> Datum[bool] | None:
        """Return a boolean."""
        record = self.record(key)
        if record is None or not isinstance(record.value, bool):
            return None
        return Datum(key, record.value, self._place(record))

    @property
    def scenario(self) -> str | None:
        """The scenario that LoadGen ran (Interactive results run as Server)."""
        found = self.text("effective_scenario") or self.text("requested_scenario")
        return None if found is None else found.value
