"""``check --explain-difference``: the community checker's log, explained line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from submission_checker.model.report import Report
from submission_checker.render.escape import cut, without_commands
from submission_checker.render.text import verdict_line
from submission_checker.review.community_log import (
    ORDER,
    Group,
    explain_difference,
    ours_alone,
)
from submission_checker.rules.texts import counted

PLACES, TEXT_CHARS = 3, 240


def difference_text(file: str, report: Report, *, everything: bool) -> str:
    """Return the explanation of a log; raises ``UsageError`` where it cannot be read."""
    try:
        with Path(file).open(encoding="utf-8", errors="backslashreplace") as lines:
            groups, levels = explain_difference(lines, report)
    except OSError as error:
        raise click.UsageError(f"cannot read {file}: {error.strerror}") from None
    if not levels:
        raise click.UsageError(f"{file} has no line of the community checker's log "
                               "(ERROR, WARNING, INFO)")
    return without_commands("\n".join(_lines(file, groups, levels, report, everything)) + "\n")


def _lines(
    file: str, groups: list[Group], levels: Counter[str], report: Report, everything: bool
) -> Iterator[str]:
    errors = sum(levels[name] for name in ("ERROR", "CRITICAL"))
    yield (f"{cut(file, TEXT_CHARS)}: {counted(errors, 'error')}, "
           f"{counted(levels['WARNING'], 'warning')}")
    for group in groups:
        times = f" x {len(group.lines)}" if len(group.lines) > 1 else ""
        yield ""
        yield f"{group.state}{times}: {cut(group.why, 4 * TEXT_CHARS)}"
        shown = group.lines if everything else group.lines[:PLACES]
        for line in shown:
            yield f"  {line.number}: {cut(line.text, TEXT_CHARS)}"
        if len(group.lines) > len(shown):
            yield f"  and {len(group.lines) - len(shown)} more (--show all)"
    alone = list(ours_alone(groups, report))
    yield ""
    if alone:
        counts = ", ".join(f"{rule} x {times}" if times > 1 else rule for rule, times in alone)
        yield f"we find it, they do not: {counts}"
    total = Counter[str]()
    for group in groups:
        total[group.state] += len(group.lines)
    yield "lines: " + (", ".join(f"{total[s]} {s}" for s in ORDER if total[s]) or "no errors")
    yield verdict_line(report)
    yield f"digest {report.digest}"
