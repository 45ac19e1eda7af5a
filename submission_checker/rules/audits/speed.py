"""AUDT004, 007-009, 021, 029: speed of audits, recomputed from the detail logs."""

from __future__ import annotations

from collections.abc import Iterator

from compliance_tests import registry, test04, texts
from compliance_tests.records import Case, QuotedScore, SpeedCheck, Verdict
from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.findings import Level
from submission_checker.model.submission import Result
from submission_checker.rules.audits.cases import (
    SCRIPTS,
    cases,
    no_audit,
    of,
    place,
    shown,
    value_of,
)
from submission_checker.rules.texts import quote

WHY = "the submitted logs decide, not the text: it can be of other runs or written by hand"
FIX = ("run the audit again with the system and the settings of the result, and submit all logs of "
       "that run; if it is the result that was rerun, its audits must be rerun too")


def _compared(result: Result, context: Context, *tests: str) -> Iterator[tuple[Case, SpeedCheck]]:
    """Yield the audits whose speed can be compared; skips the rule where there is none."""
    found = False
    for case in cases(result, context, *tests):
        check = case.once("speed", registry.SPEED[case.audit.test])
        if check is not None:
            found = True
            yield case, check
    if not found:
        raise Skip("no two comparable scores in the logs")


def _judged(result: Result, context: Context, *tests: str) -> Iterator[Fault]:
    for case, check in _compared(result, context, *tests):
        if check.verdict is not Verdict.PASS:
            yield of(case, context, _fault(case, check, check.tolerance, context))
        elif check.strict is not Verdict.PASS:
            yield of(case, context, _fault(
                case, check, check.strict_tolerance, context, Level.WARNING,
            ))


def _fault(
    case: Case, check: SpeedCheck, tolerance: float, context: Context, level: Level | None = None
) -> Fault:
    reference, test = check.reference, check.test
    least, most = (
        None if bound is None else value_of(reference, bound) for bound in (check.least, check.most)
    )
    stricter = level is not None
    if stricter:
        limit = f"not faster by more than {tolerance * 100:g} % by the stricter of two readings"
    elif least and most:
        limit = f"{least} to {most} (within {tolerance * 100:g} %)"
    else:
        limit = f"at least {least}" if least else f"at most {most}"
        limit += f" (tolerance {tolerance * 100:g} %)"
    said = [
        f"{place(item.at)}: {item.said}" for item in texts.verdicts(case) if item.said
    ]
    quoted = [
        f"{place(item.quoted.at)}: {item.quoted.name} {item.quoted.value:.10g}"
        for item in registry.QUOTED[case.audit.test](case, check)
    ]
    return Fault(
        test.at, f"{shown(test)}, {check.ratio:.4g} times {value_of(reference, reference.value)}",
        f"{limit} of {shown(reference)} ({place(reference.at)}; "
        f"{context.cite(f'compliance.tests.{case.audit.test}.thresholds')})",
        subcode=case.audit.test, level=level, evidence=(*said, *quoted),
    )


@rule(
    id="AUDT004", name="audit-speed-sampled", title="TEST01 ran as fast as the result",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, requires=("PERF001",), when=no_audit,
    why=WHY, fix=FIX, source=f"{SCRIPTS}, TEST01 verify_performance.py",
    key="compliance.tests.TEST01.thresholds",
)
def audit_speed_sampled(result: Result, context: Context) -> Iterator[Fault]:
    """The score of TEST01's log is within the tolerance of the result's."""
    yield from _judged(result, context, "TEST01")


@rule(
    id="AUDT007", name="audit-speed-same-sample", title="TEST04 did not run faster",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, requires=("PERF001",), when=no_audit,
    why=f"one sample again and again that runs faster hints at cached answers; {WHY}", fix=FIX,
    source=f"{SCRIPTS}, TEST04 verify_performance.py", key="compliance.tests.TEST04.thresholds",
)
def audit_speed_same_sample(result: Result, context: Context) -> Iterator[Fault]:
    """TEST04's log is not faster than the result's by more than the tolerance."""
    yield from _judged(result, context, "TEST04")


@rule(
    id="AUDT008", name="audit-speed-parts", title="TEST04-B did not run faster than TEST04-A",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why=f"one sample again and again that runs faster hints at cached answers; {WHY}", fix=FIX,
    source=f"{SCRIPTS}, TEST04-A verify_test4_performance.py",
    key="compliance.tests.TEST04-A.thresholds",
)
def audit_speed_parts(result: Result, context: Context) -> Iterator[Fault]:
    """Part B's log is not faster than part A's by more than the tolerance."""
    yield from _judged(result, context, test04.PART_A)


@rule(
    id="AUDT009", name="audit-speed-seeds", title="TEST05 ran as fast as the result",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, requires=("PERF001",), when=no_audit,
    why=f"a result that hangs on known seeds is no measurement; {WHY}", fix=FIX,
    source=f"{SCRIPTS}, TEST05 verify_performance.py", key="compliance.tests.TEST05.thresholds",
)
def audit_speed_seeds(result: Result, context: Context) -> Iterator[Fault]:
    """The score of TEST05's log is within the round's tolerance of the result's."""
    yield from _judged(result, context, "TEST05")


@rule(
    id="AUDT029", name="audit-speed-custom-data", title="TEST03 ran as fast as the result",
    level=Level.WARNING, open_level=OFF, scope=Scope.RESULT, requires=("PERF001",), when=no_audit,
    why=f"speed on public data only hints at recognised samples; {WHY}", fix=FIX,
    source=f"{SCRIPTS}, TEST03 verify_performance.py", key="compliance.tests.TEST03.thresholds",
)
def audit_speed_custom_data(result: Result, context: Context) -> Iterator[Fault]:
    """The score of TEST03's log is within the tolerance of the result's."""
    yield from _judged(result, context, "TEST03")


@rule(
    id="AUDT021", name="audit-text-numbers", title="The text quotes the submitted logs",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, requires=("PERF001",), when=no_audit,
    why="the text was written for other runs than those submitted",
    fix="run the round's verify script on the submitted logs and submit its output",
    source=SCRIPTS, key="compliance.tests",
)
def audit_text_numbers(result: Result, context: Context) -> Iterator[Fault]:
    """Reference and test score of a text are those of the logs.

    A text of other runs is a warning unless the submitted logs fail where it says PASS.
    """
    for case, check in _compared(result, context, *registry.SPEED):
        passed = any(item.verdict is Verdict.PASS for item in texts.verdicts(case)
                     if item.file == test04.PERFORMANCE_TEXT)
        flips = passed and check.verdict is Verdict.FAIL
        for item in registry.QUOTED[case.audit.test](case, check):
            if not item.agrees:
                yield of(case, context, _other_number(case, item, flips))


def _other_number(case: Case, item: QuotedScore, flips: bool) -> Fault:
    logs = " or ".join(dict.fromkeys(
        f"{score.value:.10g} ({score.key}, {place(score.at)})" for score in item.expected
    ))
    found = f"{item.quoted.name} {item.quoted.value:.10g}"
    if flips:
        found += f", and {quote('TEST PASS')} although the submitted logs fail"
    return Fault(
        item.quoted.at, found, logs, subcode=f"{case.audit.test} {item.quoted.name.casefold()}",
        level=None if flips else Level.WARNING,
    )
