"""What is still missing for a complete submission, as a list of things to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from submission_checker.model.findings import Finding
from submission_checker.model.report import Report
from submission_checker.render.escape import printable
from submission_checker.render.style import Style
from submission_checker.render.width import columns, padded

WIDEST_LABEL = 24
PROFILE = "self-check"


@dataclass(frozen=True, slots=True)
class ToDo:
    """What is missing in one place of a submission: a benchmark of a system, or a description."""

    place: str
    missing: tuple[tuple[str, str], ...]
    """(scenario or file, what it still needs) per line."""
    commands: tuple[str, ...] = ()
    """Arguments of this program that help; ``{path}`` stands for the submission."""


def is_to_do(finding: Finding, report: Report) -> bool:
    """Return whether a finding is shown as a thing to do and not as a fault."""
    return report.profile == PROFILE and finding.absent and finding.suppressed is None


def to_do(tasks: Sequence[ToDo], style: Style) -> Iterator[str]:
    """Yield the list, a box per thing to do."""
    if not tasks:
        return
    count = sum(len(task.missing) for task in tasks)
    yield style.paint(f"To do ({count})", "bold")
    for task in tasks:
        yield f"  {printable(task.place)}"
        names = [printable(name) for name, _ in task.missing]
        width = min(WIDEST_LABEL, max(map(columns, names), default=0))
        for name, (_, what) in zip(names, task.missing, strict=True):
            head = f"    [ ] {padded(name, width)}  " if name else "    [ ] "
            lines = list(style.wrap(what, head))
            yield from lines[:1]
            yield from (f"{' ' * 10}{line.strip()}" if columns(head) > style.room // 2 else line
                        for line in lines[1:])
        yield from (f"        {style.command(command)}" for command in task.commands)
