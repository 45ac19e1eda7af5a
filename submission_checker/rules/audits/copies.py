"""AUDT019, 020: an audit's log is a log of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.findings import Level
from submission_checker.model.run import Run
from submission_checker.model.submission import Result
from submission_checker.rules.audits.cases import logged, no_audit, of

STAMPS = ("test_datetime", "power_begin")
"""Two runs never share both: the second stamp has milliseconds."""


def sameness(one: Run, other: Run) -> str | None:
    """Return in what two logs are the same run, None where they are not."""
    if one.detail_sha256 is not None and one.detail_sha256 == other.detail_sha256:
        return f"the same bytes (SHA-256 {one.detail_sha256[:16]}…)"
    stamps = []
    for key in STAMPS:
        mine, theirs = one.text(key), other.text(key)
        if mine is None or theirs is None or mine.value != theirs.value:
            return None
        stamps.append(f"{key} {mine.value}")
    return f"the same run ({', '.join(stamps)})"


@rule(
    id="AUDT019", name="audit-log-own", title="The audit's log is not the result's log",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="a copy of the result's log shows that the audit's own log was not submitted",
    fix="submit the detail log of the audit run",
    source="own", suppressible=False,
)
def audit_log_own(result: Result, context: Context) -> Iterator[Fault]:
    """The detail log differs from those of the performance and accuracy runs."""
    judged = False
    others = [*result.performance, *([result.accuracy.run] if result.accuracy else [])]
    for case, run in logged(result, context):
        judged = True
        for other in others:
            same = sameness(run, other)
            if same is not None:
                yield of(case, context, Fault(
                    run.at(), f"{same} as {other.detail_path}", "a log of the audit's own run",
                    subcode=case.audit.test,
                ))
    if not judged:
        raise Skip("no audit has a detail log")


@rule(
    id="AUDT020", name="audit-logs-differ", title="Audits do not share a log",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="two tests have different settings, so that one run cannot serve both",
    fix="submit the log of each test's own run",
    source="own", suppressible=False,
)
def audit_logs_differ(result: Result, context: Context) -> Iterator[Fault]:
    """No two audits of a result have one detail log."""
    runs = list(logged(result, context))
    if len(runs) < 2:
        raise Skip("fewer than two audits have a detail log")
    for (one, run), (_, other) in combinations(reversed(runs), 2):
        same = sameness(run, other)
        if same is not None:
            yield of(one, context, Fault(
                run.at(), f"{same} as {other.detail_path}", "a log of the audit's own run",
                subcode=one.audit.test,
            ))
