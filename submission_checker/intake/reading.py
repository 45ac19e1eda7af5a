"""Read single files of a submission; whatever goes wrong becomes a problem, not an exception."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from submission_checker.formats.conf import read_conf
from submission_checker.formats.json_reader import read_json
from submission_checker.formats.text import read_text
from submission_checker.formats.yaml_reader import read_yaml
from submission_checker.logs.accuracy_log import read_accuracy_log
from submission_checker.logs.accuracy_text import read_accuracy_text
from submission_checker.logs.detail import open_detail, open_detail_blocks
from submission_checker.logs.private import LOG, TEXT, private_hits
from submission_checker.logs.summary import read_summary, result_records
from submission_checker.logs.trace import read_trace
from submission_checker.model.accuracy import AccuracyLog, AccuracyText
from submission_checker.model.documents import ConfFile, JsonFile, Problem, TextFile
from submission_checker.model.files import Entry, FileTable, Folder
from submission_checker.model.findings import Location
from submission_checker.model.private import PrivateHit
from submission_checker.model.run import TEXT_LOG, Record, RecordStore, Run, Summary, Trace
from submission_checker.sources.base import WHOLE_FILE_BYTES, Source, Unreadable

DETAIL_LOG = "mlperf_log_detail.txt"
SUMMARY_LOG = "mlperf_log_summary.txt"
ACCURACY_LOG = "mlperf_log_accuracy.json"
ACCURACY_TEXT = "accuracy.txt"
TRACE = "mlperf_log_trace.json"

LF = ord("\n")
LFS_POINTER = b"version https://git-lfs"
UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Reader:
    """Reads files of one source; ``problems`` collects what could not be read."""

    source: Source
    table: FileTable
    problems: list[Problem] = field(default_factory=list)
    private: list[PrivateHit] = field(default_factory=list)
    """Names, addresses and keys in the files that were read whole."""
    searched: bool = True
    """Whether files are looked through for what is odd or private; not where nobody asks."""
    every_record: bool = False
    """Whether rules ask for every record of a detail log."""
    alike: frozenset[str] | None = None
    """Logs that may equal another by their size (`alike_logs`), None where that is not known;
    hashing the others would tell nothing and cost as much as all else that is done with bytes."""

    def _unreadable(self, error: Unreadable) -> None:
        self.problems.append(Problem("unreadable", error.reason, Location(error.path)))

    def data(self, path: str | None) -> bytes | None:
        """Return a file's bytes, None where it is absent or cannot be read whole."""
        entry = self.table.follow(path) if path else None
        data = self._read(entry)
        if data is None or entry is None:
            return None
        if not self.searched:
            return data
        self.problems += inspect(data, entry.path)
        kind = LOG if entry.path.endswith(DETAIL_LOG) else TEXT
        self.private += private_hits(data, entry.path, kind)
        return data

    def _read(self, entry: Entry | None) -> bytes | None:
        if entry is None:
            return None
        try:
            return self.source.read(entry.path)
        except Unreadable as error:
            self._unreadable(error)
            return None

    def blocks(self, path: str) -> Iterator[bytes]:
        """Yield a file's blocks; a file that cannot be read further just ends."""
        entry = self.table.follow(path)
        if entry is None:
            return
        try:
            yield from self.source.blocks(entry.path)
        except Unreadable as error:
            self._unreadable(error)

    def folder(self, path: str) -> Folder:
        """Return a folder's listing, an empty one where it does not exist."""
        return self.table.folder(path) or Folder(path, {}, ())

    def json(self, path: str | None) -> JsonFile | None:
        """Return a JSON file."""
        data = self.data(path)
        return None if data is None or path is None else read_json(data, path)

    def yaml(self, path: str) -> JsonFile | None:
        """Return a YAML file."""
        data = self.data(path)
        return None if data is None else read_yaml(data, path)

    def conf(self, path: str) -> ConfFile | None:
        """Return a conf file."""
        data = self.data(path)
        return None if data is None else read_conf(data, path)

    def text(self, path: str) -> TextFile | None:
        """Return a small text file."""
        data = self.data(path)
        return None if data is None else read_text(data, path)

    def summary(self, path: str) -> Summary | None:
        """Return a summary log."""
        data = self.data(path)
        return None if data is None else read_summary(data, path)

    def accuracy_text(
        self, path: str, patterns: tuple[tuple[str, str], ...]
    ) -> AccuracyText | None:
        """Return accuracy.txt with the values of the given metrics."""
        data = self.data(path)
        return None if data is None else read_accuracy_text(data, path, patterns)

    def accuracy_log(
        self, path: str, *, covers: bool = False, hashed: bool = True
    ) -> AccuracyLog | None:
        """Return what is visible of an accuracy log, streamed whatever its size.

        ``covers`` asks for the samples that a whole log answers, ``hashed`` for its hash even
        where no other log can equal it.
        """
        entry = self.table.follow(path)
        if entry is None:
            return None
        return read_accuracy_log(self.blocks(path), entry.size_bytes, path, covers=covers,
                                 hashed=hashed or self._may_equal(path))

    def _may_equal(self, path: str) -> bool:
        return self.alike is None or path in self.alike

    def trace(self, path: str) -> Trace | None:
        """Return what a run's trace says, None where there is none."""
        entry = self.table.follow(path)
        if entry is None:
            return None
        return read_trace(self.blocks(path), entry.size_bytes, path)

    def detail(self, path: str) -> tuple[RecordStore | None, str | None]:
        """Return a detail log and, where another may equal it, the SHA-256 of its bytes."""
        entry = self.table.follow(path)
        if entry is None:
            return None, None
        if entry.size_bytes > WHOLE_FILE_BYTES:
            if not self._may_equal(path):
                return open_detail_blocks(self.blocks(path), path), None
            digest = hashlib.sha256()
            return open_detail_blocks(self._hashed(path, digest), path), digest.hexdigest()
        data = self._read(entry)
        if data is None:
            return None, None
        log = open_detail(data, path, every=self.every_record)
        self.problems += inspect(data, entry.path, only_records=log.only_records)
        self.private += private_hits(data, entry.path, LOG)
        return log, hashlib.sha256(data).hexdigest() if self._may_equal(path) else None

    def _hashed(self, path: str, digest: hashlib._Hash) -> Iterator[bytes]:
        for block in self.blocks(path):
            digest.update(block)
            yield block

    def run(self, name: str, path: str, *, traced: bool = False) -> Run:
        """Return a LoadGen run from its folder; ``traced`` asks for its trace as well."""
        prefix = f"{path}/" if path else ""
        log, digest = self.detail(f"{prefix}{DETAIL_LOG}")
        summary = self.summary(f"{prefix}{SUMMARY_LOG}")
        results: dict[str, Record] = {}
        if summary is not None and log is not None and log.generation == TEXT_LOG:
            for record in result_records(summary):
                results.setdefault(record.key, record)
        return Run(
            name, self.folder(path), f"{prefix}{DETAIL_LOG}", log, summary, digest, results,
            self.trace(f"{prefix}{TRACE}") if traced else None,
        )


def alike_logs(table: FileTable) -> frozenset[str]:
    """Return the detail and accuracy logs whose size another one of the tree has as well."""
    by_size: dict[tuple[str, int], list[str]] = {}
    for path in table.entries:
        name = path.rpartition("/")[2]
        if name in (DETAIL_LOG, ACCURACY_LOG) and (entry := table.follow(path)) is not None:
            by_size.setdefault((name, entry.size_bytes), []).append(path)
    return frozenset(
        path for paths in by_size.values() if len(paths) > 1 for path in paths)


def inspect(data: bytes, path: str, *, only_records: bool = False) -> list[Problem]:
    """Return what is odd about a text file's bytes: pointers, byte order marks, line ends.

    Of a log whose every line is a record, what only other lines can be is not looked for.
    """
    found: list[Problem] = []
    here = Location(path, 1)
    head = data[:64].lstrip().lower()
    if head.startswith(LFS_POINTER):
        found.append(Problem("lfs-pointer", "a pointer to a large file, not the file", here))
    elif head.startswith((b"<!doctype html", b"<html")):
        found.append(Problem("html", "an HTML page", here))
    if not only_records and (marker := _merge_marker(data)) is not None:
        line, text = marker
        found.append(Problem("merge-marker", text, Location(path, line)))
    if data.startswith(UTF8_BOM):
        found.append(Problem("bom", "a UTF-8 byte order mark at the start", here))
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        found.append(Problem("utf-16", "UTF-16 text", here))
        return found
    if (at := data.find(b"\0")) >= 0:
        found.append(Problem("nul", "a NUL byte", Location(path, _line(data, at))))
    if b"\r" in data and (at := data.find(b"\r\n")) >= 0:  # one byte is found much faster
        found.append(Problem("crlf", "CR LF line ends", Location(path, _line(data, at))))
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            found.append(Problem("not-utf-8", f"byte {data[error.start]:#04x} is not UTF-8",
                                 Location(path, _line(data, error.start))))
    return found


def _merge_marker(data: bytes) -> tuple[int, str] | None:
    """Return line and text of the first marker of a merge that was left unfinished."""
    at = data.find(b"<<<<<<<")  # a needle without a blank is found several times faster
    while at >= 0 and not ((not at or data[at - 1] == LF) and data.startswith(b" ", at + 7)):
        at = data.find(b"<<<<<<<", at + 1)
    if at < 0 or data.find(b"\n>>>>>>> ", at) < 0:
        return None
    return _line(data, at), data[at:at + 80].splitlines()[0].decode("utf-8", "replace")


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1
