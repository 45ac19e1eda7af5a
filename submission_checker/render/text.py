"""The report for a terminal or a pipe: verdict first, findings grouped by rule, results."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from submission_checker.model.findings import Finding, Level
from submission_checker.model.report import Report, ResultRow, Verdict
from submission_checker.render.escape import printable

PLACES_SHOWN = 3
MIN_WIDTH, DEFAULT_WIDTH = 40, 80
SGR = {"error": "31;1", "warning": "33", "info": "36", "good": "32", "dim": "2", "bold": "1"}
WORDS = {
    Verdict.VALID: "valid", Verdict.INVALID: "INVALID", Verdict.INCOMPLETE: "INCOMPLETE",
    Verdict.NOT_JUDGED: "not judged",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How wide and how colourful the text may be, and how much of it is wanted."""

    width: int = DEFAULT_WIDTH
    colour: bool = False
    everything: bool = False
    level: Level = Level.WARNING

    def paint(self, text: str, name: str) -> str:
        """Return text in a colour, where colours are on."""
        return f"\x1b[{SGR[name]}m{text}\x1b[0m" if self.colour else text


def render(report: Report, style: Style | None = None) -> str:
    """Return the report as text."""
    look = style or Style()
    parts = [
        "\n".join(_head(report, look)),
        "\n".join(_findings(report, look)),
        "\n".join(_results(report, look)),
        "\n".join(_tail(report, look)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def verdict_line(report: Report) -> str:
    """Return the one line that says how it stands."""
    verdicts, levels = report.verdicts(), report.levels()
    counts = ", ".join(
        f"{verdicts[v]} {v.value.replace('_', ' ')}" for v in Verdict if verdicts[v]
    ) or "no results"
    found = ", ".join(
        f"{levels[level]} {level.label}{'s' if levels[level] != 1 else ''}"
        for level in (Level.ERROR, Level.WARNING)
    )
    word = "FAILED" if levels[Level.ERROR] else "PASSED"
    if not report.results:
        word = "NOTHING TO JUDGE"
    return f"{word}  {counts}; {found}"


def _head(report: Report, style: Style) -> Iterator[str]:
    yield style.paint(f"submission-checker {report.tool_version}, round {report.round}", "bold")
    yield from _wrap(f"round: {report.round_reason}", style, "  ")
    if report.profile != "submit":
        yield f"  profile: {report.profile}"
    for name, value in report.options:
        yield from _wrap(f"{name}: {value}", style, "  ")
    if report.partial:
        yield "  PARTIAL: only the part named above was judged"


def _wrap(text: str, style: Style, indent: str, label: str = "") -> Iterator[str]:
    first = indent + label.ljust(9) if label else indent
    rest = " " * len(first)
    lines = textwrap.wrap(
        printable(text), max(MIN_WIDTH, style.width) - len(first), break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
    yield first + lines[0]
    for line in lines[1:]:
        yield rest + line


def _findings(report: Report, style: Style) -> Iterator[str]:
    shown = [f for f in report.findings if f.suppressed is None and f.level >= style.level]
    names = {count.id: count.name for count in report.rules}
    first = True
    for _, group in groupby(
        shown, key=lambda f: (-f.level, bool(f.subject.division), f.rule)
    ):
        findings = list(group)
        if not first:
            yield ""
        first = False
        yield from _group(findings, names.get(findings[0].rule, ""), style)
    hidden = Counter(
        f.level.label for f in report.findings if f.suppressed is None and f.level < style.level
    )
    if hidden:
        if not first:
            yield ""
        counts = ", ".join(f"{n} {label}" for label, n in hidden.items())
        yield style.paint(f"not shown: {counts} (--level info)", "dim")


def _group(findings: Sequence[Finding], name: str, style: Style) -> Iterator[str]:
    """Yield one block per rule: its places with what was found, then why and how to fix."""
    head = findings[0]
    times = f" x {len(findings)}" if len(findings) > 1 else ""
    yield style.paint(f"{head.level.label} {head.rule} {name}{times}", head.level.label)
    shown = findings if style.everything else findings[:PLACES_SHOWN]
    for finding in shown:
        yield from _place(finding)
        yield from _wrap(finding.found, style, "    ", "found")
        yield from _wrap(finding.required, style, "    ", "needs")
    if len(findings) > len(shown):
        yield f"  and {len(findings) - len(shown)} more (--show all)"
    for why in dict.fromkeys(f.why for f in shown):
        yield from _wrap(why, style, "    ", "why")
    for fix in dict.fromkeys(f.fix for f in shown):
        yield from _wrap(fix, style, "    ", "fix")


def _place(finding: Finding) -> Iterator[str]:
    at = finding.location
    line = f":{at.line}" if at.line is not None else ""
    pointer = f" {at.pointer}" if at.pointer and at.line is None else ""
    yield f"  {printable(at.path) or '(the whole tree)'}{line}{printable(pointer)}"


def _results(report: Report, style: Style) -> Iterator[str]:
    """Yield the table of results, grouped by system; valid rows are counted in narrow views."""
    rows = report.results
    if not rows:
        return
    yield style.paint("Results", "bold")
    for (division, submitter, system), group in groupby(
        rows, key=lambda r: (r.subject.division, r.subject.submitter, r.subject.system)
    ):
        yield f"  {printable(f'{division}/{submitter}/{system}')}"
        for row in group:
            yield _row(row, style)


def _row(row: ResultRow, style: Style) -> str:
    number = f"{row.result.printed} {row.result.unit}" if row.result else "-"
    if row.inferred:
        number += " (inferred)"
    word = WORDS[row.verdict]
    colour = "good" if row.verdict is Verdict.VALID else (
        "warning" if row.verdict is Verdict.NOT_JUDGED else "error"
    )
    name = printable(f"{row.subject.benchmark} {row.scenario}")
    room = max(MIN_WIDTH, style.width) - 4 - 12
    left, right = name.ljust(32), number
    line = f"    {left} {right}"
    if len(line) > room + 4:
        line = f"    {name} {number}"
    reason = f"  {printable(row.reason)}" if row.reason else ""
    return f"{line.ljust(room + 4)} {style.paint(word, colour)}{reason}"


def _tail(report: Report, style: Style) -> Iterator[str]:
    suppressed = [f for f in report.findings if f.suppressed is not None]
    if suppressed:
        yield f"Suppressed ({len(suppressed)}) by the exceptions file"
        for finding in suppressed[: None if style.everything else 10]:
            reason = finding.suppressed.reason if finding.suppressed else ""
            yield f"  {finding.rule} {printable(finding.location.path)}: {printable(reason)}"
    levels = report.levels()
    if levels[Level.ERROR]:
        rule = next(f.rule for f in report.findings if f.suppressed is None)
        yield from _wrap(f"next: submission-checker explain {rule} --round {report.round}",
                         style, "")
    colour = "error" if levels[Level.ERROR] else "good"
    yield style.paint(verdict_line(report), colour)
    yield style.paint(f"digest {report.digest[:16]}", "dim")
