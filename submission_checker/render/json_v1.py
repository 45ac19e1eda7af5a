"""The JSON report, version 1; fields are only ever added within a version."""

from __future__ import annotations

import json
from typing import Any

from submission_checker.model.findings import Finding, Level
from submission_checker.model.report import (
    PublishedNumber,
    Report,
    ResultRow,
    RuleCount,
    SystemRow,
    Verdict,
)

SCHEMA_VERSION = 1
INDENT_BELOW = 10_000
"""Reports with more findings are written without indentation."""


def render(report: Report) -> str:
    """Return the report as JSON text with a line end."""
    indent = 1 if len(report.findings) < INDENT_BELOW else None
    return json.dumps(as_data(report), indent=indent, ensure_ascii=True) + "\n"


def as_data(report: Report) -> dict[str, Any]:
    """Return the report as plain values."""
    verdicts, levels = report.verdicts(), report.levels()
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "submission-checker", "version": report.tool_version},
        "round": report.round,
        "round_reason": report.round_reason,
        "profile": report.profile,
        "options": dict(report.options),
        "partial": report.partial,
        "summary": {
            "results": {verdict.value: verdicts[verdict] for verdict in Verdict},
            "findings": {level.label: levels[level] for level in reversed(Level)},
            "suppressed": sum(1 for f in report.findings if f.suppressed is not None),
            "files": report.files,
            "bytes": report.bytes,
        },
        "results": [_result(row) for row in report.results],
        "findings": [_finding(finding) for finding in report.findings],
        "rules": [_rule(count) for count in report.rules],
        "not_judged": [{"path": n.path, "reason": n.reason} for n in report.not_judged],
        "exceptions": [
            {
                "rule": e.rule, "subject": e.subject, "reason": e.reason,
                "approved_by": e.approved_by, "expires": e.expires, "state": e.state,
                "matches": e.matches,
            }
            for e in report.exceptions
        ],
        "systems": [_system(row) for row in report.systems],
        "bounded": [
            {"rule": b.rule, "location": {"path": b.at.path, "line": b.at.line},
             "reason": b.reason} for b in report.bounded
        ],
        "undecidable": list(report.undecidable),
        "digest": report.digest,
    }


def _system(row: SystemRow) -> dict[str, Any]:
    subject = row.subject
    return {"division": subject.division, "submitter": subject.submitter,
            "system": subject.system, "path": row.path, "fields": dict(row.fields)}


def _number(number: PublishedNumber | None) -> dict[str, Any] | None:
    if number is None:
        return None
    return {"value": number.value, "unit": number.unit, "printed": number.printed}


def _result(row: ResultRow) -> dict[str, Any]:
    subject = row.subject
    return {
        "location": row.location,
        "division": subject.division,
        "submitter": subject.submitter,
        "system": subject.system,
        "system_type": row.system_type,
        "category": row.category,
        "benchmark": subject.benchmark,
        "model": row.model,
        "scenario": row.scenario,
        "verdict": row.verdict.value,
        "reason": row.reason,
        "inferred": row.inferred,
        "weight_types": row.weight_types,
        "result": _number(row.result),
        "accuracy": [
            {"metric": a.metric, "value": a.value, "required": a.required, "unit": a.unit,
             "path": a.path, "line": a.line, "lower": a.lower, "upper": a.upper}
            for a in row.accuracy
        ],
        "power": _number(row.power),
        "nameplate_power": _number(row.nameplate),
        "code": row.code,
        "derivation": [
            {"path": s.path, "line": s.line, "key": s.key, "value": s.value, "formula": s.formula}
            for s in row.derivation
        ],
        "deciding": list(row.deciding),
        "latencies": [
            {"kind": p.kind, "percentile": p.percentile, "value_ns": p.value_ns,
             "bound_ns": p.bound_ns, "path": p.path, "line": p.line}
            for p in row.latencies
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    subject = finding.subject
    suppressed = finding.suppressed
    return {
        "rule": finding.rule,
        "level": finding.level.label,
        "subcode": finding.subcode,
        "location": {
            "path": finding.location.path, "line": finding.location.line,
            "pointer": finding.location.pointer,
        },
        "subject": {
            "division": subject.division, "submitter": subject.submitter,
            "system": subject.system, "benchmark": subject.benchmark,
            "scenario": subject.scenario, "run": subject.run,
        },
        "found": finding.found,
        "required": finding.required,
        "why": finding.why,
        "fix": finding.fix,
        "evidence": list(finding.evidence),
        "fingerprint": finding.fingerprint,
        "absent": finding.absent,
        "confidence": finding.confidence,
        "suppressed": None if suppressed is None else {
            "reason": suppressed.reason, "approved_by": suppressed.approved_by,
            "expires": suppressed.expires,
        },
    }


def _rule(count: RuleCount) -> dict[str, Any]:
    return {
        "id": count.id, "name": count.name, "title": count.title,
        "passed": count.passed, "failed": count.failed, "skipped": count.skipped,
        "suppressed": count.suppressed, "crashed": count.crashed, "bounded": count.bounded,
        "skip_reasons": [{"reason": r, "times": n} for r, n in count.skip_reasons],
    }
