"""``check --watch``: judges a folder again when a run lands in it, and says what changed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count

import click

from submission_checker.model.errors import WrongUse
from submission_checker.model.files import Kind
from submission_checker.model.report import Report
from submission_checker.render.escape import printable
from submission_checker.sources.base import SourceError
from submission_checker.sources.folder import FolderSource

SECONDS = 1.0
"""Time between two looks at a folder; LoadGen writes its logs in seconds when a run ends."""
SHOWN = 10

Snapshot = Mapping[str, tuple[int, int]]
"""Path -> (size in bytes, time of the last change in ns)."""


def snapshot(root: str) -> Snapshot:
    """Return what lies in a folder, by its listing alone; no file is opened."""
    found = {}
    source = FolderSource.open(root)
    for entry in source.walk():
        if entry.kind is Kind.FOLDER:
            continue
        try:
            changed = os.lstat(os.path.join(source.root, entry.path)).st_mtime_ns
        except OSError:
            changed = 0  # it vanished; the next look no longer lists it
        found[entry.path] = (entry.size_bytes, changed)
    return found


def watch(
    path: str, judge: Callable[[], Report], show: Callable[[Report, list[str]], None],
    looks: int | None = None, wait: Callable[[float], None] = time.sleep,
) -> Report | None:
    """Judge now and after every change that has settled; returns the last report.

    Args:
        path: a folder.
        judge: judges the folder as it is.
        show: shows a report and the lines on what changed since the one before.
        looks: ends after so many looks at the folder; None: never.
        wait: waits for some seconds.

    Raises:
        WrongUse: the path is no folder.
    """
    if not os.path.isdir(path):
        raise WrongUse(f"--watch looks at a folder, and {path} is none")
    report = _judged(judge)
    judged_at = _listed(path)
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
        new = _judged(judge)
        if new is not None:
            show(new, list(changes(report, new)) if report is not None else [])
            report = new
    return report


def _judged(judge: Callable[[], Report]) -> Report | None:
    """Return the report, None with a word to the user while there is nothing to judge."""
    try:
        return judge()
    except SourceError as error:
        click.echo(f"submission-checker: {printable(str(error))}; waiting", err=True)
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
    gone = len(was.keys() - now.keys())
    came = [now[key] for key in now if key not in was]
    if gone:
        yield f"  {gone} finding{'s' if gone != 1 else ''} gone"
    for finding in came[:SHOWN]:
        yield (f"  new: {finding.level.label} {finding.rule} "
               f"{printable(finding.location.path) or '(the whole tree)'}")
    if len(came) > SHOWN:
        yield f"  and {len(came) - SHOWN} more findings are new"


def on_screen(path: str, changed: list[str], *, again: bool, write: Callable[[], None]) -> None:
    """Show a report on a cleared terminal, or below the last one in a pipe, with what changed."""
    terminal = sys.stdout.isatty()
    if again and terminal:
        click.clear()
    write()
    if again:
        click.echo("\n".join(["changed since the last look:", *(changed or ["  no verdict"])]))
    click.echo(f"watching {printable(path)}; Ctrl-C ends", err=True)
    sys.stdout.flush()
