"""What the page says without script: verdict, counts, submitters, a plain table of results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from submission_checker.model.findings import Level
from submission_checker.model.report import Report, ResultRow, Verdict
from submission_checker.render.html.texts import counted, shown
from submission_checker.render.text import verdict_line

PLAIN_ROWS = 2000
"""Rows of the table for readers without script, and of other static tables."""
WORDS = {
    Verdict.VALID: "valid", Verdict.INVALID: "invalid", Verdict.INCOMPLETE: "incomplete",
    Verdict.NOT_JUDGED: "not judged",
}

NOUNS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}


@dataclass(frozen=True, slots=True)
class Count:
    """A number of the head with its word, its link and, of verdicts, its share of a bar."""

    number: int
    word: str
    css: str
    link: str
    start: float = 0.0
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class SubmitterLine:
    """A submitter in one division: verdicts and open findings."""

    division: str
    submitter: str
    systems: int
    results: int
    verdicts: tuple[Count, ...]
    errors: int
    warnings: int
    link: str


def verdict_word(report: Report) -> str:
    """Return the words that say how it stands, those of the text report."""
    return verdict_line(report).partition("  ")[0].capitalize()


def sentence(report: Report) -> str:
    """Return what was judged, in one sentence."""
    rows = report.results
    submitters = {row.subject.submitter for row in rows}
    systems = {(row.subject.division, row.subject.submitter, row.subject.system) for row in rows}
    by = next(iter(submitters)) if len(submitters) == 1 else counted(len(submitters), "submitter")
    return (f"{counted(len(rows), 'result')} on {counted(len(systems), 'system')} of {by}, "
            f"judged by the rules of {report.round}.")


def verdict_counts(rows: Sequence[ResultRow], link: str = "#results?") -> tuple[Count, ...]:
    """Return the counts of the verdicts with their shares in per cent, for bars."""
    counts = Counter(row.verdict for row in rows)
    made, start = [], 0.0
    for verdict in Verdict:
        share = 100 * counts[verdict] / len(rows) if rows else 0.0
        made.append(Count(counts[verdict], WORDS[verdict], verdict.value,
                          f"{link}verdict={verdict.value}", round(start, 3), round(share, 3)))
        start += share
    return tuple(made)


def finding_counts(report: Report) -> tuple[Count, ...]:
    """Return the counts of open findings by level, and of suppressed ones where there are any."""
    levels = report.levels()
    made = [
        Count(levels[level], NOUNS[level] + ("" if levels[level] == 1 else "s"), level.label,
              f"#findings?level={level.label}")
        for level in reversed(Level)
    ]
    suppressed = sum(1 for finding in report.findings if finding.suppressed is not None)
    if suppressed:
        made.append(Count(suppressed, "suppressed", "suppressed", "#findings?level=suppressed"))
    return tuple(made)


def submitter_lines(report: Report) -> tuple[SubmitterLine, ...]:
    """Return one line per division and submitter, in order of their names."""
    rows: dict[tuple[str, str], list[ResultRow]] = {}
    for row in report.results:
        rows.setdefault((row.subject.division, row.subject.submitter), []).append(row)
    levels: dict[tuple[str, str], Counter[Level]] = {}
    for finding in report.findings:
        key = (finding.subject.division, finding.subject.submitter)
        if key[1] and finding.suppressed is None:
            rows.setdefault(key, [])
            levels.setdefault(key, Counter())[finding.level] += 1
    lines = []
    for key in sorted(rows, key=lambda k: (k[0], k[1].lower(), k[1])):
        own, found = rows[key], levels.get(key, Counter[Level]())
        link = f"division={quote(shown(key[0]))}&submitter={quote(shown(key[1]))}"
        lines.append(SubmitterLine(
            *key, len({row.subject.system for row in own}), len(own),
            verdict_counts(own, f"#results?{link}&"), found[Level.ERROR], found[Level.WARNING],
            link,
        ))
    return tuple(lines)
