"""Read the folder of a finished run: its logs as the rules see them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from compliance_tests.runner.locate import ACCURACY, DETAIL, SUMMARY
from submission_checker.logs.accuracy_log import read_accuracy_log
from submission_checker.logs.accuracy_text import read_accuracy_text
from submission_checker.logs.detail import open_detail
from submission_checker.logs.summary import read_summary, result_records
from submission_checker.model.accuracy import AccuracyRun
from submission_checker.model.files import Entry, Folder, Kind
from submission_checker.model.run import TEXT_LOG, Record, Run

BLOCK = 1 << 20
TOLD = "driver.json"


def blocks(path: Path) -> Iterator[bytes]:
    """Yield a file in blocks."""
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            yield block


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    for block in blocks(path):
        digest.update(block)
    return digest.hexdigest()


def count_entries(path: Path) -> int:
    """Return how many answers an accuracy log holds."""
    mark, rest, count = b'"seq_id"', b"", 0
    for block in blocks(path):
        piece = rest + block
        count += piece.count(mark)
        rest = piece[-len(mark) + 1 :]
    return count


def read_run(folder: Path, name: str = "run_1") -> Run:
    """Return the LoadGen run in a folder; paths in it are those of the file system."""
    detail, summary_path = folder / DETAIL, folder / SUMMARY
    data = detail.read_bytes() if detail.is_file() else None
    log = None if data is None else open_detail(data, str(detail))
    summary = None
    if summary_path.is_file():
        summary = read_summary(summary_path.read_bytes(), str(summary_path))
    results: dict[str, Record] = {}
    if summary is not None and log is not None and log.generation == TEXT_LOG:
        for record in result_records(summary):
            results.setdefault(record.key, record)
    return Run(name, _folder(folder), str(detail), log, summary,
               None if data is None else hashlib.sha256(data).hexdigest(), results)


def _folder(folder: Path) -> Folder:
    files = {
        path.name: Entry(path.name, Kind.FILE, path.stat().st_size)
        for path in sorted(folder.iterdir()) if path.is_file()
    } if folder.is_dir() else {}
    return Folder(str(folder), files, ())


def read_accuracy(folder: Path, patterns: tuple[tuple[str, str], ...] = ()) -> AccuracyRun:
    """Return the accuracy part in a folder."""
    log, text = folder / ACCURACY, folder / "accuracy.txt"
    return AccuracyRun(
        read_run(folder, "accuracy"),
        read_accuracy_text(text.read_bytes(), str(text), patterns) if text.is_file() else None,
        read_accuracy_log(blocks(log), log.stat().st_size, str(log)) if log.is_file() else None,
        {},
    )


def told(folder: Path) -> Mapping[str, Any]:
    """Return what the driver of a Python SUT noted beside the logs, empty for other commands."""
    path = folder / TOLD
    if not path.is_file():
        return {}
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
