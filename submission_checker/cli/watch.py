"""``check --watch``: judges what changed in a folder when a run lands, and says what that changed.

Outcomes of systems whose files are the same are kept (``judging.Memory``); the report is that of a
check of the whole folder.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

import click

from submission_checker.judging import Memory
from submission_checker.model.errors import WrongUse
from submission_checker.model.files import Kind
from submission_checker.model.findings import Finding
from submission_checker.model.report import Report
from submission_checker.render.escape import printable
from submission_checker.sources.base import SourceError
from submission_checker.sources.folder import FolderSource

SECONDS = 1.0
"""Time between two looks at a folder; LoadGen writes its logs in seconds when a run ends."""
SHOWN = 10

Snapshot = Mapping[str, tuple[int, ...]]
"""Path -> (size in bytes, times of the last change of content and of entry in ns, number)."""


def snapshot(root: str) -> Snapshot:
    """Return what lies in a folder, by its listing alone; no file is opened."""
    found: dict[str, tuple[int, ...]] = {}
    source = FolderSource.open(root)
    for entry in source.walk():
        if entry.kind is Kind.FOLDER:
            continue
        try:
            status = os.lstat(os.path.join(source.root, entry.path))
        except OSError:
            found[entry.path] = (entry.size_bytes,)  # it vanished; the next look does not list it
            continue
        found[entry.path] = (entry.size_bytes, status.st_mtime_ns, status.st_ctime_ns,
                             status.st_ino)
    return found


def watch(
    path: str, judge: Callable[[Snapshot], Report], show: Callable[[Report, list[str]], None],
    looks: int | None = None, wait: Callable[[float], None] = time.sleep,
) -> Report | None:
    """Judge now and after every change that has settled; returns the last report.

    Args:
        path: a folder.
        judge: judges the folder; is given the listing from before it begins.
        show: shows a report and the lines on what changed since the one before.
        looks: ends after so many looks at the folder; None: never.
        wait: waits for some seconds.

    Raises:
        WrongUse: the path is no folder.
    """
    if not os.path.isdir(path):
        raise WrongUse(f"--watch looks at a folder, and {path} is none")
    judged_at = _listed(path)
    report = _judged(judge, judged_at)
    if report is not None:
        show(report, [])
    before = judged_at
    for _ in count() if looks is None else range(looks):
        wait(SECONDS)
        now = _listed(path)
        settled, before = now == before, now
        if now is None or not settled or now == judged_at:
            continue
        judged_at = now
        new = _judged(judge, now, again=report is not None)
        if new is not None:
            show(new, list(changes(report, new)) if report is not None else [])
            report = new
    return report


def _judged(
    judge: Callable[[Snapshot], Report], stamps: Snapshot | None, *, again: bool = False
) -> Report | None:
    """Return the report, None with a word to the user while there is nothing to judge.

    Wrong use ends the first look; later it is a file that somebody is still writing.
    """
    try:
        return judge(stamps or {})
    except SourceError as error:
        reason = str(error)
    except (WrongUse, click.UsageError) as error:
        if not again:
            raise
        reason = error.message if isinstance(error, click.UsageError) else str(error)
    click.echo(f"submission-checker: {printable(reason)}; waiting", err=True)
    return None


def _listed(path: str) -> Snapshot | None:
    """Return the folder's listing, None while it is away."""
    try:
        return snapshot(path)
    except SourceError:
        return None


def changes(before: Report, after: Report) -> Iterator[str]:
    """Yield the lines on what changed between two reports: verdicts, findings gone and new."""
    old = {row.location: row.verdict.value.replace("_", " ") for row in before.results}
    new = {row.location: row.verdict.value.replace("_", " ") for row in after.results}
    moved = [
        f"  {printable(place)}: {old.get(place, 'not there')} -> {new.get(place, 'not there')}"
        for place in sorted(old.keys() | new.keys()) if old.get(place) != new.get(place)
    ]
    yield from moved[:SHOWN]
    if len(moved) > SHOWN:
        yield f"  and {len(moved) - SHOWN} more results"
    was = {finding.fingerprint: finding for finding in before.findings}
    now = {finding.fingerprint: finding for finding in after.findings}
    yield from _listing("gone", [was[key] for key in was if key not in now])
    yield from _listing("new", [now[key] for key in now if key not in was])


def _listing(word: str, findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a line per rule and level, the worst first, for findings that came or went."""
    groups: dict[tuple[int, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((-finding.level, finding.rule), []).append(finding)
    for _, group in sorted(groups.items())[:SHOWN]:
        first = group[0]
        more = f" and {len(group) - 1} more places" if len(group) > 1 else ""
        yield (f"  {word}: {first.level.label} {first.rule} "
               f"{printable(first.location.path) or '(the whole tree)'}{more}")
    if len(groups) > SHOWN:
        left = sum(len(group) for _, group in sorted(groups.items())[SHOWN:])
        yield f"  and {left} more findings are {word}"


def on_screen(
    path: str, changed: list[str], memory: Memory, *, again: bool, write: Callable[[], None]
) -> None:
    """Show a report on a cleared terminal, or below the last one in a pipe, with what changed."""
    terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    if again and terminal:
        click.clear()
    write()
    if again:
        judged = f"results: {memory.judged} judged again, {memory.recalled} unchanged"
        click.echo("\n".join(["changed since the last look:",
                              *(changed or ["  no verdict and no finding"]), f"  {judged}"]))
    click.echo(f"watching {printable(path)}; Ctrl-C ends", err=True)
    sys.stdout.flush()
