"""How findings and results are named and grouped in formats that hosts read."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from submission_checker.model.findings import Finding, Level, Location, Subject
from submission_checker.model.report import Report, RuleCount
from submission_checker.render.escape import printable

WHOLE_TREE = "(the whole tree)"


def inside(base: str, path: str) -> str:
    """Return a path below the input as a path below the repository, which begins with base."""
    return "/".join(part for part in (base, path) if part)


def uri(base: str, path: str) -> str:
    """Return a path as a relative URI reference, percent-encoded byte by byte."""
    whole = inside(base, path)
    try:
        data = whole.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character that is no byte of a name
        data = printable(whole).encode()
    return quote(data) or "./"


def parts(subject: Subject) -> tuple[str, ...]:
    """Return the parts that a subject names, from the division down to the run."""
    names = (subject.division, subject.submitter, subject.system, subject.benchmark,
             subject.scenario, subject.run)
    return tuple(name for name in names if name)


def words(subject: Subject) -> str:
    """Return a subject as one text."""
    return "/".join(parts(subject)) or WHOLE_TREE


def open_findings(report: Report) -> list[Finding]:
    """Return the findings that no exception answers for, worst first."""
    return [finding for finding in report.findings if finding.suppressed is None]


def at_files(report: Report, findings: Iterable[Finding]) -> list[Finding]:
    """Return findings about what is no file at the files that stand for it, as hosts show files.

    The message names the path then; the fingerprint stays.
    """
    there = dict(report.stand_ins)
    return [
        finding._replace(location=Location(there[path]), found=f"{path}: {finding.found}")
        if (path := finding.location.path) in there else finding
        for finding in findings
    ]


def counted(report: Report) -> dict[str, RuleCount]:
    """Return what is known of each rule, by id."""
    return {count.id: count for count in report.rules}


def counts(report: Report) -> str:
    """Return the counts of findings in words: ``2 errors, 0 warnings, 1 note``."""
    levels = report.levels()
    names = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
    return ", ".join(
        f"{levels[level]} {name}{'s' if levels[level] != 1 else ''}"
        for level, name in names.items()
    )


def message(finding: Finding) -> str:
    """Return the four texts of a finding as one line."""
    return joined((finding.found, f"needs {finding.required}", f"why: {finding.why}",
                   f"fix: {finding.fix}"))


def joined(texts: Iterable[str]) -> str:
    """Return sentences without full stops as one line."""
    return "; ".join(text for text in texts if text)
