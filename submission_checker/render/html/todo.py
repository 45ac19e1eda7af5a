"""What to do next: one step per rule, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from submission_checker.model.findings import Finding, Level
from submission_checker.model.report import Report
from submission_checker.render.html.texts import counted

STEPS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: the fix that most findings of a rule ask for, and where it is needed."""

    rule: str
    name: str
    title: str
    level: str
    fix: str
    other_fixes: int
    where: str
    link: str


def steps(report: Report) -> tuple[Step, ...]:
    """Return what has to be done: errors, then what is absent in a self-check."""
    groups: dict[tuple[int, str], list[Finding]] = {}
    for finding in report.findings:
        wanted = finding.level is Level.ERROR or (
            report.profile == "self-check" and finding.absent)
        if wanted and finding.suppressed is None:
            groups.setdefault((-finding.level, finding.rule), []).append(finding)
    about = {rule.id: rule for rule in report.rules}
    made = []
    for (_, rule), findings in sorted(groups.items(), key=_order):
        fixes = Counter(finding.fix for finding in findings)
        fix, _times = max(fixes.items(), key=lambda item: item[1])
        level = findings[0].level.label
        made.append(Step(
            rule, about[rule].name if rule in about else "",
            about[rule].title if rule in about else "", level, fix, len(fixes) - 1,
            _where(findings), f"#findings?rule={rule}&level={level}",
        ))
    return tuple(made)


def _order(group: tuple[tuple[int, str], list[Finding]]) -> tuple[int, bool, int, str]:
    """Put the worst first, and what is wrong with results before what follows from that."""
    (level, rule), findings = group
    return level, not any(f.subject.scenario for f in findings), -len(findings), rule


def _where(findings: Sequence[Finding]) -> str:
    places = counted(len(findings), "place")
    submitters = sorted({f.subject.submitter for f in findings if f.subject.submitter})
    if len(submitters) == 1:
        return f"{places}, {submitters[0]}"
    return f"{places}, {len(submitters)} submitters" if submitters else places
