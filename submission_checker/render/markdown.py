"""Markdown for a pull request comment (65,536 characters) or a step summary (1 MiB).

Built to a budget of bytes: verdict and tables first, then details until the budget is used up, then
what was left out. Texts of the submission stand in code spans only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from submission_checker.model.findings import Finding, Level
from submission_checker.model.report import Report, Verdict
from submission_checker.render.escape import code, cut, prose
from submission_checker.render.places import counted, counts, open_findings, words
from submission_checker.render.text import verdict_line

MARK = "<!-- submission-checker -->"
"""Lets a bot find its comment again."""
COMMENT_BYTES, SUMMARY_BYTES = 62_000, 900_000
ROWS, PLACES, TEXT_CHARS = 200, 20, 300


class Budget:
    """Lines up to a number of bytes; counts what did not fit."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.lines: list[str] = []
        self.full = False

    def add(self, lines: Sequence[str]) -> bool:
        """Add lines that belong together, or none of them."""
        size = sum(len(line.encode("utf-8")) + 1 for line in lines)
        if self.full or size > self.left:
            self.full = True
            return False
        self.left -= size
        self.lines += lines
        return True


def render(report: Report) -> str:
    """Return the report as a comment of less than 62 kB."""
    return within(report, COMMENT_BYTES)


def summary(report: Report) -> str:
    """Return the report as a step summary of less than 900 kB."""
    return within(report, SUMMARY_BYTES)


def within(report: Report, size: int) -> str:
    """Return the report as Markdown of at most ``size`` bytes."""
    tail = ["", f"digest `{report.digest}`"]
    budget = Budget(size - sum(len(line) + 1 for line in tail) - 200)
    budget.add([MARK, f"## submission-checker: {verdict_line(report)}", "", *_head(report)])
    budget.add(list(_submitters(report)))
    budget.add(list(_rules(report)))
    budget.add(list(_suppressed(report)))
    found = open_findings(report)
    shown = 0
    for _, group in groupby(found, key=lambda f: (-f.level, bool(f.subject.division), f.rule)):
        findings = list(group)
        if budget.add(list(_details(findings))):
            shown += len(findings)
    lines = budget.lines
    if shown < len(found):
        lines += ["", f"{len(found) - shown} more findings are in the JSON report."]
    return "\n".join([*lines, *tail]) + "\n"


def _head(report: Report) -> Iterator[str]:
    yield f"Round {code(report.round)}, submission-checker {report.tool_version}, profile " \
          f"{report.profile}. {counts(report)}, " \
          f"{sum(1 for f in report.findings if f.suppressed is not None)} suppressed."
    if report.partial:
        chosen = ", ".join(f"{name} {cut(value, TEXT_CHARS)}" for name, value in report.options)
        yield f"\n**Partial:** only a part was judged ({code(chosen)})."
    if report.crashed:
        yield "\n**A rule crashed:** report this as a bug of the program."
    if report.unreadable:
        yield "\n**A part of the input could not be read.**"


def _submitters(report: Report) -> Iterator[str]:
    rows: dict[tuple[str, str], Counter[object]] = {}
    for row in report.results:
        owner = (row.subject.division, row.subject.submitter)
        rows.setdefault(owner, Counter())[row.verdict] += 1
    for finding in open_findings(report):
        owner = (finding.subject.division, finding.subject.submitter)
        rows.setdefault(owner, Counter())[finding.level] += 1
    yield from ("", "| division | submitter | valid | invalid | incomplete | not judged "
                "| errors | warnings |", "|---|---|---:|---:|---:|---:|---:|---:|")
    columns = (*Verdict, Level.ERROR, Level.WARNING)
    for (division, submitter), have in sorted(rows.items())[:ROWS]:
        names = [code(cut(name, TEXT_CHARS), in_table=True) for name in (division, submitter)]
        yield f"| {' | '.join([*names, *(str(have[column]) for column in columns)])} |"
    if len(rows) > ROWS:
        yield f"\nand {len(rows) - ROWS} more submitters"


def _rules(report: Report) -> Iterator[str]:
    names = counted(report)
    found = Counter((-f.level, f.rule) for f in open_findings(report))
    if not found:
        return
    yield from ("", "| level | rule | what | findings |", "|---|---|---|---:|")
    for (level, rule), times in sorted(found.items())[:ROWS]:
        title = names[rule].title if rule in names else "exceptions file"
        yield f"| {Level(-level).label} | {rule} | {prose(title)} | {times} |"
    if len(found) > ROWS:
        yield f"\nand {len(found) - ROWS} more rules and levels"


def _suppressed(report: Report) -> Iterator[str]:
    hidden = [f for f in report.findings if f.suppressed is not None]
    if not hidden:
        return
    yield from ("", f"<details><summary>{len(hidden)} suppressed by the exceptions file</summary>",
                "")
    for finding in hidden[:ROWS]:
        reason = finding.suppressed.reason if finding.suppressed else ""
        yield f"- {finding.rule} {_place(finding)}: {code(cut(reason, TEXT_CHARS))}"
    if len(hidden) > ROWS:
        yield f"- and {len(hidden) - ROWS} more"
    yield from ("", "</details>")


def _details(findings: Sequence[Finding]) -> Iterator[str]:
    head = findings[0]
    yield from ("", f"<details><summary>{head.level.label} {head.rule}: {len(findings)} "
                f"finding{'s' if len(findings) != 1 else ''}</summary>", "")
    for finding in findings[:PLACES]:
        yield f"- {_place(finding)}"
        yield f"  found {code(cut(finding.found, TEXT_CHARS))}, " \
              f"needs {code(cut(finding.required, TEXT_CHARS))}"
    if len(findings) > PLACES:
        yield f"- and {len(findings) - PLACES} more"
    yield from ("", f"Why: {prose(cut(head.why, TEXT_CHARS))}", "",
                f"Fix: {prose(cut(head.fix, TEXT_CHARS))}", "", "</details>")


def _place(finding: Finding) -> str:
    line = f":{finding.location.line}" if finding.location.line else ""
    path = finding.location.path or words(finding.subject)
    return code(cut(path, TEXT_CHARS) + line)
