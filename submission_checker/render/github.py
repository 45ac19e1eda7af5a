"""GitHub workflow commands: the worst findings as annotations, the rest as a count.

A step shows ten annotations per level and drops the others without a word, so nine are written and
the tenth says how many there are. One finding per rule comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from submission_checker.model.findings import Finding, Level
from submission_checker.model.report import Report
from submission_checker.render.escape import cut, workflow, workflow_property
from submission_checker.render.places import (
    at_files,
    counted,
    inside,
    message,
    open_findings,
)
from submission_checker.render.text import verdict_line

PER_LEVEL, MESSAGE_CHARS = 10, 1000
COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


def render(report: Report, base: str = "") -> str:
    """Return the annotations, then verdict and digest; ``base`` is the input's path in the repo."""
    lines = list(_annotations(report, base))
    lines += [f"submission-checker {report.tool_version}, round {report.round}: "
              f"{verdict_line(report)}", f"digest {report.digest}"]
    return "\n".join(lines) + "\n"


def _annotations(report: Report, base: str) -> Iterator[str]:
    names = counted(report)
    found = at_files(report, open_findings(report))
    for level, command in COMMANDS.items():
        ours = [finding for finding in found if finding.level is level]
        shown = ours if len(ours) <= PER_LEVEL else one_per_rule_first(ours)[:PER_LEVEL - 1]
        for finding in shown:
            count = names.get(finding.rule)
            title = f"{finding.rule} {count.name}" if count is not None else finding.rule
            yield _line(command, finding, title, base)
        if len(ours) > len(shown):
            yield (f"::{command} title=submission-checker::and {len(ours) - len(shown)} more "
                   f"{level.label} findings; see the step summary and the JSON report")


def _line(command: str, finding: Finding, title: str, base: str) -> str:
    path = inside(base, finding.location.path)
    place = f"file={workflow_property(cut(path, MESSAGE_CHARS))}," if path else ""
    line = f"line={finding.location.line}," if path and finding.location.line else ""
    text = workflow(cut(message(finding), MESSAGE_CHARS))
    return f"::{command} {place}{line}title={workflow_property(title)}::{text}"


def one_per_rule_first(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with the first of every rule before the others, else in their order."""
    first = {finding.rule: number for number, finding in reversed(list(enumerate(findings)))}
    heads = set(first.values())
    order = sorted(range(len(findings)), key=lambda number: (number not in heads, number))
    return [findings[number] for number in order]
