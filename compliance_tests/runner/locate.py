"""Find the logs that a command has written: what changed since a snapshot."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from compliance_tests.runner.problems import Kind, Problem

PREFIX = "mlperf_log_"
DETAIL, SUMMARY, ACCURACY = (
    "mlperf_log_detail.txt", "mlperf_log_summary.txt", "mlperf_log_accuracy.json",
)
LOGS = (DETAIL, SUMMARY, ACCURACY)
DEPTH = 8
SKIPPED = ("node_modules", "__pycache__", "site-packages")

State = tuple[int, int, int]
"""(mtime in ns, size, inode)."""


def _logs(folder: Path, depth: int = DEPTH) -> Iterator[tuple[Path, State]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if depth and not entry.name.startswith(".") and entry.name not in SKIPPED:
                yield from _logs(Path(entry.path), depth - 1)
        elif entry.name.startswith(PREFIX):
            found = entry.stat()
            yield Path(entry.path), (found.st_mtime_ns, found.st_size, found.st_ino)


def snapshot(folders: Iterable[Path]) -> dict[Path, State]:
    """Return the state of every LoadGen log below the folders."""
    return {path: state for folder in folders for path, state in _logs(folder.resolve())}


def fresh(before: Mapping[Path, State], folders: Iterable[Path]) -> dict[Path, list[str]]:
    """Return folder -> names of the logs that are new or changed since the snapshot."""
    found: dict[Path, list[str]] = {}
    for path, state in snapshot(folders).items():
        if before.get(path) != state:
            found.setdefault(path.parent, []).append(path.name)
    return found


def choose(
    found: Mapping[Path, list[str]], official: Path | None, looked: Iterable[Path]
) -> Path | Problem:
    """Return the one folder with a fresh set of logs, or what is wrong."""
    whole = [folder for folder, names in found.items() if DETAIL in names]
    if official is not None and (inside := [f for f in whole if f.is_relative_to(official)]):
        return Problem(Kind.ELSEWHERE, f"the command wrote into the result itself, {inside[0]}: "
                       "its logs there are those of the audit now. Restore them and give the "
                       "command another output folder, such as {outdir}")
    if len(whole) == 1:
        return whole[0]
    if not whole:
        places = ", ".join(str(folder) for folder in looked)
        return Problem(Kind.NO_LOGS, f"no LoadGen log was written below {places}. Where the "
                       "command writes elsewhere, name the folder with --logs")
    return Problem(Kind.ELSEWHERE, f"several folders hold fresh logs: "
                   f"{', '.join(str(folder) for folder in sorted(whole))}. Name one with --logs")
