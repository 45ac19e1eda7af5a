"""mlperf_log_detail.txt of v0.5 and v0.7: ``"pid": P, "tid": T, "ts": Nns : message``.

Messages are mapped to the keys of the later JSON logs, so that rules need to know one form only.
Lines without the prefix continue the message before them (mlcommons/inference r0.5, r0.7:
loadgen/logging.cc, test_settings_internal.cc).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from submission_checker.logs.marks import line_ends
from submission_checker.model.run import (
    TEXT_LOG,
    BrokenLine,
    LineEnds,
    ListText,
    Marks,
    Record,
)

PID = re.compile(rb'"pid": (\d{1,18}), "tid"')
BEGIN = b'"pid": '
HEAD = re.compile(rb'(\d+), "tid": (\d+), "ts": (-?\d+)ns : ?')
"""What follows it; the message is the rest of the line."""
SETTING = re.compile(r"([A-Za-z_ ]+?)(?: \((ns|ms)\))?\s*:\s*(.*)\Z")
GENERATED = re.compile(
    r'GeneratedQueries: "queries" : (\d+), "samples per query" : (\d+), "duration" : (\d+)'
)
POWER = re.compile(r'POWER_(BEGIN|END): .*"time" : (.+)\Z')
LOADING = b'Loading QSL : "set" : '
HASH = re.compile(r"([0-9a-f]{40}) (\S+)\Z")

SCENARIOS = {
    "Single Stream": "SingleStream", "Multi Stream": "MultiStream",
    "Multi Stream Free": "MultiStreamFree",
}
MODES = {
    "Performance": "PerformanceOnly", "Accuracy": "AccuracyOnly", "Submission": "SubmissionRun",
    "Find Peak Performance": "FindPeakPerformance",
}
HEADERS = {
    "version": "loadgen_version", "build_date_local": "loadgen_build_date_local",
    "build_date_utc": "loadgen_build_date_utc", "git_commit_date": "loadgen_git_commit_date",
    "Date + time of test": "test_datetime", "System Under Test (SUT) name": "sut_name",
    "Query Sample Library (QSL) name": "qsl_name", "QSL total size": "qsl_reported_total_count",
    "QSL performance size*": "qsl_reported_performance_count",
}
BLOCKS = {"Effective Settings:": "effective_", "Requested Settings:": "requested_"}
KEPT_BROKEN = 100
KEPT_SETTING = 200
"""Characters of a setting that is kept for the logs to come; a longer one is none of LoadGen's."""
KEPT_TEXT = 48
"""Bytes of a message that its mark keeps."""


def is_text_detail(data: bytes) -> bool:
    """Return whether the bytes begin like a log of this form."""
    line = data[:4096].partition(b"\n")[0]
    return line.startswith(BEGIN) and HEAD.match(line, len(BEGIN)) is not None


class Message(NamedTuple):
    """One message as bytes: what stands before it, its own line, and the lines that continue it."""

    line: int
    pid: bytes
    tid: bytes
    ts_ns: bytes
    text: bytes
    more: bytes | None
    """None where no line continues it."""

    @property
    def time_ms(self) -> float:
        """The time stamp."""
        return int(self.ts_ns[:20]) / 1e6

    @property
    def continued(self) -> list[str]:
        """The lines that continue it."""
        if self.more is None:
            return []
        return [raw.rstrip(b"\r").decode("utf-8", "replace") for raw in self.more.split(b"\n")]


class TextDetail:
    """The records of a text log under the keys of the JSON logs."""

    generation = TEXT_LOG

    def __init__(self, data: bytes) -> None:
        self._records: dict[str, list[Record]] = {}
        self._errors: list[Record] = []
        self._warnings: list[Record] = []
        self._broken: list[BrokenLine] = []
        self.broken_count = 0
        self.records_count = 0
        self.first_line_marked = is_text_detail(data)
        self.only_records = False
        first = PID.match(data[:4096])
        self._pid = int(first[1]) if first is not None else None
        self._data = data
        self._line_ends: LineEnds | None = None
        self._marks: Marks | None = None
        self._messages = list(messages(data, self._note))
        self._read()

    @property
    def line_ends(self) -> LineEnds:
        """How the lines end."""
        if self._line_ends is None:
            self._line_ends = line_ends(self._data)
        return self._line_ends

    def marks(self) -> Marks:
        """Return the mark of every message, in file order."""
        if self._marks is None:
            found = self._messages
            self._marks = Marks(
                [m.line for m in found],
                [m.text[:KEPT_TEXT].decode("utf-8", "replace") for m in found],
                [b""] * len(found), [m.ts_ns for m in found], [b""] * len(found),
                [b""] * len(found), [m.pid for m in found], [m.tid for m in found],
                [True] * len(found),
            )
        return self._marks

    def raw(self, key: str) -> bytes | None:
        """Return None: messages hold no values by key."""
        return None

    @property
    def broken(self) -> Sequence[BrokenLine]:
        """The lines before the first message."""
        return self._broken

    def _read(self) -> None:
        self.records_count = len(self._messages)
        block = ""
        for message in self._messages:
            if not block and message.text.startswith(LOADING):
                self._add("loaded_qsl_set", _Set(message.text[len(LOADING) :]), message)
                continue
            text = message.text.decode("utf-8", "replace").strip()
            if text in BLOCKS:
                block = BLOCKS[text]
            elif not text:
                block = ""
            elif block:
                read = setting_of if len(text) <= KEPT_SETTING else setting_of.__wrapped__
                if (setting := read(block, text)) is not None:
                    self._add(*setting, message)
            else:
                self._message(text, message)

    def _note(self, line: int, text: str) -> None:
        self.broken_count += 1
        if len(self._broken) < KEPT_BROKEN:
            self._broken.append(BrokenLine(line, "not a message of LoadGen", text[:80]))

    def _add(self, key: str, value: Any, message: Message) -> None:
        self._records.setdefault(key, []).append(
            Record(key, value, message.line, message.time_ms, False, False, self._pid))

    def _message(self, text: str, message: Message) -> None:
        if (found := GENERATED.match(text)) is not None:
            for key, value in zip(
                ("generated_query_count", "generated_samples_per_query",
                 "generated_query_duration"), found.groups(), strict=True,
            ):
                self._add(key, int(value), message)
        elif (found := POWER.match(text)) is not None:
            self._add(f"power_{found[1].lower()}", found[2].strip(), message)
        elif text.startswith("SHA1 of files"):
            hashes = {m[2]: m[1] for item in message.continued
                      if (m := HASH.match(item.strip()))}
            self._add("loadgen_file_sha1", hashes, message)
        elif text.startswith(("git_log", "git_status")):
            key = "loadgen_git_log_message" if text[4] == "l" else "loadgen_git_status_message"
            self._add(key, "\n".join(message.continued).strip(), message)
        else:
            self._other(text, message)

    def _other(self, text: str, message: Message) -> None:
        error, warning = "ERROR :" in text, text.startswith("WARNING")
        if error or warning:
            body = text.partition(":")[2].strip()
            key = "error_runtime" if error else "warning_generic_message"
            record = Record(key, body, message.line, message.time_ms,
                            is_error=error, is_warning=warning)
            self._records.setdefault(key, []).append(record)
            (self._errors if error else self._warnings).append(record)
            return
        name, colon, value = text.partition(":")
        key_or_none = HEADERS.get(name.strip())
        if colon and key_or_none is not None:
            known = value_of(value.strip()) if "count" in key_or_none else value.strip()
            self._add(key_or_none, known, message)
        else:
            self._add("generic_message", text, message)

    def first(self, key: str) -> Record | None:
        """Return the first record of a key."""
        records = self.all(key)
        return records[0] if records else None

    def all(self, key: str) -> Sequence[Record]:
        """Return every record of a key, in file order."""
        records = self._records.get(key, [])
        if key == "loaded_qsl_set":
            return [Record(r.key, r.value.indices(), r.line, r.time_ms) for r in records]
        return records

    def lists(self, key: str) -> Sequence[ListText]:
        """Return every list of a key as text, in file order."""
        return [ListText(r.value.text if isinstance(r.value, _Set) else b"", r.line)
                for r in self._records.get(key, ())]

    def count(self, key: str) -> int:
        """Return how many records a key has."""
        return len(self._records.get(key, ()))

    def keys(self, beginning: str = "") -> Sequence[str]:
        """Return the keys with this beginning, in order of their first appearance."""
        return [key for key in self._records if key.startswith(beginning)]

    def errors(self) -> Sequence[Record]:
        """Return the messages marked ERROR."""
        return self._errors

    def warnings(self) -> Sequence[Record]:
        """Return the messages marked WARNING."""
        return self._warnings


class _Set:
    """A list of sample indices that is read only when asked for."""

    def __init__(self, text: bytes) -> None:
        self.text = text.strip()

    def indices(self) -> list[int]:
        return [int(part) for part in re.findall(rb"\d{1,18}", self.text)]


def messages(data: bytes, note: Callable[[int, str], None]) -> Iterator[Message]:
    """Yield every message; ``note`` is told line and text of what stands before the first.

    The log is split where a line may begin one, so that its bytes are looked at once.
    """
    first, *parts = data.split(b"\n" + BEGIN)
    line = 1
    if first.startswith(BEGIN):
        parts.insert(0, first[len(BEGIN) :])
    else:
        _note_lines(first, line, note)
        line += first.count(b"\n") + 1
    current: Message | None = None
    more: list[bytes] = []
    for part in parts:
        own, continued, rest = part.partition(b"\n")
        found = HEAD.match(own)
        if found is not None:
            if current is not None:
                yield current._replace(more=b"\n".join(more)) if more else current
            current = Message(line, found[1], found[2], found[3],
                              own[found.end() :].rstrip(b"\r"), None)
            more = [rest] if continued else []
        elif current is not None:
            more.append(BEGIN + part)
        else:
            _note_lines(BEGIN + part, line, note)
        line += part.count(b"\n") + 1
    if current is not None:
        yield current._replace(more=b"\n".join(more)) if more else current


def _note_lines(text: bytes, line: int, note: Callable[[int, str], None]) -> None:
    for number, raw in enumerate(text.split(b"\n"), start=line):
        shown = raw.rstrip(b"\r").decode("utf-8", "replace")
        if shown.strip():
            note(number, shown)


@lru_cache(8192)
def setting_of(block: str, text: str) -> tuple[str, Any] | None:
    """Return key and value of a setting, None where the text is none.

    The logs of a round share most of them.
    """
    found = SETTING.match(text)
    if found is None:
        return None
    name, unit, value = found[1].strip(), found[2], found[3].strip()
    key = block + {"Scenario": "scenario", "Test mode": "test_mode"}.get(name, name)
    if unit:
        key += f"_{unit}"
    if name == "Scenario":
        return key, SCENARIOS.get(value, value)
    if name == "Test mode":
        return key, MODES.get(value, value)
    return key, value_of(value)


def value_of(text: str) -> Any:
    """Return a setting's value: boolean, integer, float or text."""
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"-?\d{1,40}", text):
        return int(text)
    try:
        value = float(text)
    except ValueError:
        return text
    return value if value == value and abs(value) != float("inf") else text
