"""SARIF 2.1.0: the whole report, and the part of it that GitHub code scanning can take.

Standard: OASIS SARIF 2.1.0 with errata 01. Limits of the host: 5,000
results per run are kept, the worst first; suppressions are not honoured, so that suppressed
findings are left out of the upload and counted in the properties of the run.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from submission_checker.model.findings import Finding, Level
from submission_checker.model.report import Report, RuleCount, Verdict
from submission_checker.render.escape import cut
from submission_checker.render.places import (
    at_files,
    counted,
    message,
    open_findings,
    parts,
    uri,
)
from submission_checker.rounds.links import source_url
from submission_checker.rounds.loader import load_round
from submission_checker.rounds.types import Round

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
HOST_RESULTS = 5 * 1000
"""Results per run that GitHub code scanning keeps."""
MESSAGE_CHARS, EVIDENCE_LINES = 1600, 20
LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
SEVERITIES = {"error": "error", "warning": "warning", "info": "recommendation"}
LINK, PLACEHOLDER = re.compile(r"\]\("), re.compile(r"\{\d+\}")


def render(report: Report, base: str = "") -> str:
    """Return everything, suppressed findings with their justification.

    ``base`` is the path of the input below the root of the repository.
    """
    return _text(report, report.findings, base, omitted=0)


def render_for_upload(report: Report, base: str = "") -> str:
    """Return what code scanning keeps: open findings, the worst first, at most ``HOST_RESULTS``."""
    found = open_findings(report)
    return _text(report, at_files(report, found[:HOST_RESULTS]), base,
                 omitted=max(0, len(found) - HOST_RESULTS))


def _text(report: Report, findings: Sequence[Finding], base: str, omitted: int) -> str:
    known, round_ = counted(report), load_round(report.round)
    ids = sorted({finding.rule for finding in findings})
    index = {rule: number for number, rule in enumerate(ids)}
    first = {finding.rule: finding for finding in reversed(findings)}
    seen: Counter[str] = Counter()
    run = {
        "tool": {"driver": {
            "name": "submission-checker",
            "version": report.tool_version,
            "rules": [_rule(known.get(rule), first[rule], round_) for rule in ids],
        }},
        "automationDetails": {"id": f"submission-checker/{report.round}/"},
        "originalUriBaseIds": {ROOT: {"description": {"text": "the root of the repository"}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, omitted)],
        "results": [_result(finding, index, seen, base) for finding in findings],
        "properties": _properties(report, omitted),
    }
    data = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")) + "\n"


def _rule(count: RuleCount | None, example: Finding, round_: Round) -> dict[str, Any]:
    """Return a rule with its help; findings about exceptions have no declaration."""
    title = count.title if count is not None and count.title else example.required
    why, fix = (count.why, count.fix) if count is not None and count.why else (
        example.why, example.fix)
    level = count.level if count is not None and count.level else example.level.label
    source = f"\nSource: {count.source}" if count is not None and count.source else ""
    url = source_url(count.source, round_) if count is not None else None
    return {
        "id": example.rule,
        "name": count.name if count is not None and count.name else example.rule,
        "shortDescription": {"text": _plain(title)},
        "fullDescription": {"text": _plain(why)},
        **({"helpUri": url} if url else {}),
        "help": {"text": f"{_plain(title)}\nWhy: {_plain(why)}\nFix: {_plain(fix)}"
                         f"{source}\nMore: submission-checker explain {example.rule}"},
        "defaultConfiguration": {"level": "note" if level == "info" else level},
        "properties": {
            "tags": ["mlperf", example.rule.rstrip("0123456789")],
            "precision": "very-high" if example.confidence == "certain" else "medium",
            "problem.severity": SEVERITIES[level],
        },
    }


def _plain(text: str) -> str:
    """Return text in which neither links nor placeholders of SARIF messages come to life."""
    shown = cut(text, MESSAGE_CHARS)
    if LINK.search(shown):
        shown = re.sub(r"([\\\[\]])", r"\\\1", shown)
    return re.sub(r"([{}])", r"\1\1", shown) if PLACEHOLDER.search(shown) else shown


def _result(
    finding: Finding, index: dict[str, int], seen: Counter[str], base: str
) -> dict[str, Any]:
    seen[finding.fingerprint] += 1
    names = parts(finding.subject)
    location: dict[str, Any] = {"physicalLocation": {
        "artifactLocation": {"uri": uri(base, finding.location.path), "uriBaseId": ROOT},
        "region": {"startLine": finding.location.line or 1},
    }}
    if names:
        location["logicalLocations"] = [{
            "name": cut(names[-1], MESSAGE_CHARS), "kind": "member",
            "fullyQualifiedName": cut("/".join(names), MESSAGE_CHARS),
        }]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": LEVELS[finding.level],
        "message": {"text": _plain(message(finding))},
        "locations": [location],
        "partialFingerprints": {
            "submissionChecker/v1": finding.fingerprint,
            "primaryLocationLineHash": f"{finding.fingerprint}:{seen[finding.fingerprint]}",
        },
    }
    properties: dict[str, Any] = {}
    if finding.location.pointer:
        properties["pointer"] = cut(finding.location.pointer, MESSAGE_CHARS)
    if finding.evidence:
        properties["evidence"] = [cut(e, MESSAGE_CHARS) for e in finding.evidence[:EVIDENCE_LINES]]
    if properties:
        result["properties"] = properties
    if finding.suppressed is not None:
        result["suppressions"] = [{
            "kind": "external", "status": "accepted",
            "justification": cut(finding.suppressed.reason, MESSAGE_CHARS),
            "properties": {"approvedBy": cut(finding.suppressed.approved_by, MESSAGE_CHARS),
                           "expires": finding.suppressed.expires},
        }]
    return result


def _invocation(report: Report, omitted: int) -> dict[str, Any]:
    """Return how the run went; findings are no failure of the run, crashes and lost input are."""
    notes = [
        _note("error", f"{f.rule} crashed: {f.found}")
        for f in report.findings if f.subcode == "crashed"
    ]
    notes += [_note("warning", f"not judged: {n.path} ({n.reason})") for n in report.not_judged]
    if omitted:
        notes.append(_note("note", f"{omitted} more findings are in the JSON report only"))
    invocation: dict[str, Any] = {
        "executionSuccessful": not (report.crashed or report.unreadable),
    }
    if notes:
        invocation["toolExecutionNotifications"] = notes[:HOST_RESULTS]
    return invocation


def _note(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": _plain(text)}}


def _properties(report: Report, omitted: int) -> dict[str, Any]:
    levels, verdicts = report.levels(), report.verdicts()
    return {
        "digest": report.digest,
        "round": report.round,
        "profile": report.profile,
        "options": {name: cut(value, MESSAGE_CHARS) for name, value in report.options},
        "partial": report.partial,
        "results": {verdict.value: verdicts[verdict] for verdict in Verdict},
        "findings": {level.label: levels[level] for level in reversed(Level)},
        "suppressed": sum(1 for f in report.findings if f.suppressed is not None),
        "omitted": omitted,
        "exceptions": [
            {"rule": e.rule, "subject": e.subject, "reason": e.reason, "state": e.state,
             "approvedBy": e.approved_by, "expires": e.expires, "matches": e.matches}
            for e in report.exceptions
        ],
    }
