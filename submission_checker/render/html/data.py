"""The data that the page's script renders: rows of indices into one pool of strings, bounded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from submission_checker.model.findings import Finding
from submission_checker.model.report import PublishedNumber, Report, ResultRow, Verdict
from submission_checker.render.html.pool import Pool, Row
from submission_checker.rounds.links import source_url
from submission_checker.rounds.loader import load_round

FINDINGS_BUDGET = RESULTS_BUDGET = 4_000_000
"""Characters of JSON that findings and results may take; the rest is counted on the page."""
SHARE = 500
"""Findings of one rule that come before any rule gets more, so that no rule hides the others."""
VERDICTS = tuple(Verdict)


@dataclass(frozen=True, slots=True)
class PageData:
    """JSON that is safe inside a script element, and how much did not fit."""

    text: str
    results_left_out: int
    findings_left_out: int


def page_data(report: Report) -> PageData:
    """Return the data of the page; what is worst comes first where not all of it fits."""
    pool = Pool()
    told_as = {row.subject.scenario: row.scenario for row in report.results}
    findings = pool.rows(
        _fair(report.findings), FINDINGS_BUDGET,
        lambda i: _finding(report.findings[i], pool, told_as),
    )
    place: dict[str, int] = {}
    for position, number in enumerate(findings):
        place.setdefault(report.findings[number].fingerprint, position)
    results = pool.rows(
        sorted(range(len(report.results)),
               key=lambda i: report.results[i].verdict is Verdict.VALID),
        RESULTS_BUDGET, lambda i: _result(report.results[i], pool, place),
    )
    data = {
        "round": pool(report.round),
        "results": list(results.values()),
        "findings": list(findings.values()),
        "rules": _rules(report, pool),
        "left_out": _left_out(report.findings, findings, pool),
        "strings": pool.strings,
    }
    return PageData(as_script(data), len(report.results) - len(results),
                    len(report.findings) - len(findings))


def as_script(data: Any) -> str:
    """Return JSON that cannot end the script element it stands in, nor be taken for markup."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _fair(findings: Sequence[Finding]) -> list[int]:
    """Return the numbers of the findings: a share of each rule in order, then all others."""
    seen = Counter[tuple[str, int]]()
    first: list[int] = []
    rest: list[int] = []
    for number, finding in enumerate(findings):
        seen[finding.rule, finding.level] += 1
        part = first if seen[finding.rule, finding.level] <= SHARE else rest
        part.append(number)
    return first + rest


def _left_out(
    findings: Sequence[Finding], shown: Mapping[int, Row], pool: Pool
) -> list[list[int]]:
    """Return [rule, level, how many] of the findings that did not fit."""
    counts = Counter(
        (f.rule, f.level.value) for number, f in enumerate(findings) if number not in shown
    )
    return [[pool(rule), level, times] for (rule, level), times in counts.most_common()]


def _rules(report: Report, pool: Pool) -> dict[int, list[int]]:
    """Return rule -> [name, title, source, link to it] for the rules that found something."""
    with_findings = {finding.rule for finding in report.findings}
    round_ = load_round(report.round)
    return {pool(rule.id): [pool(rule.name), pool(rule.title), pool(rule.source),
                            pool(source_url(rule.source, round_) or "")]
            for rule in report.rules if rule.id in with_findings}


def _finding(finding: Finding, pool: Pool, told_as: Mapping[str, str]) -> Row:
    subject, at, suppressed = finding.subject, finding.location, finding.suppressed
    return [
        finding.level.value, pool(finding.rule), pool(subject.division), pool(subject.submitter),
        pool(subject.system), pool(subject.benchmark),
        pool(told_as.get(subject.scenario, subject.scenario)), pool(subject.run), pool(at.path),
        at.line, pool(at.pointer or ""), pool(finding.subcode), pool(finding.found),
        pool(finding.required), pool(finding.why), pool(finding.fix),
        [pool(line) for line in finding.evidence], pool(finding.fingerprint),
        int(finding.absent), pool(finding.confidence),
        [pool(suppressed.reason), pool(suppressed.approved_by), pool(suppressed.expires)]
        if suppressed is not None else 0,
    ]


def _number(number: PublishedNumber | None, pool: Pool) -> Row | int:
    return 0 if number is None else [number.value, pool(number.unit), pool(number.printed)]


def _result(row: ResultRow, pool: Pool, place: Mapping[str, int]) -> Row:
    subject = row.subject
    return [
        VERDICTS.index(row.verdict), pool(subject.division), pool(subject.submitter),
        pool(subject.system), pool(subject.benchmark), pool(row.scenario), pool(row.location),
        pool(row.model or ""), pool(row.system_type), pool(row.category), pool(row.reason),
        int(row.inferred), _number(row.result, pool), _number(row.power, pool),
        [[pool(a.metric), a.value, pool(a.required), pool(a.unit), pool(a.path), a.line, a.lower,
          a.upper] for a in row.accuracy],
        [[pool(s.path), s.line, pool(s.key), pool(s.value), pool(s.formula)]
         for s in row.derivation],
        [place[mark] for mark in row.deciding if mark in place],
        [[pool(p.kind), p.percentile, p.value_ns, p.bound_ns, pool(p.path), p.line]
         for p in row.latencies],
        _number(row.nameplate, pool),
    ]
