"""AUDT003, 005, 006: what the verdict texts say, and what their own counters say."""

from __future__ import annotations

from collections.abc import Iterator

from compliance_tests import test01, texts
from compliance_tests.records import AnswersCheck, Case, DeltaCheck, TextCheck, Verdict
from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.findings import Level
from submission_checker.model.submission import Result
from submission_checker.rules.accu_text import typed_values
from submission_checker.rules.audits.cases import (
    SCRIPTS,
    cases,
    no_audit,
    of,
    place,
    whole,
)
from submission_checker.rules.texts import count, listed, quote

FEWEST, MOST = 0.2, 5.0
"""Logged answers between these multiples of the sampling target are plausible (rule AUDT005)."""


@rule(
    id="AUDT003", name="audit-verdict", title="The verdict text of an audit says that it passed",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="the text is the submitter's own statement that the audit passed",
    fix="find out why the audit failed, run it again and submit its new logs and texts",
    source=SCRIPTS, key="compliance.tests",
)
def audit_verdict(result: Result, context: Context) -> Iterator[Fault]:
    """Each verdict text holds its passing lines and no failing one.

    A text about answers that says no is left to AUDT006 where the round allows the comparison of
    quality instead.
    """
    for case in cases(result, context):
        for check in texts.verdicts(case):
            cite = context.cite(f"compliance.tests.{case.audit.test}")
            if check.verdict is Verdict.PASS or _decided_elsewhere(case, check, context):
                continue
            found = quote(check.said) if check.said else _first_words(case, check)
            yield of(case, context, Fault(
                check.at, found, f"{_wanted(case, check)} ({cite})",
                subcode=f"{case.audit.test} {check.file}",
            ))
            if check.contradictory:
                yield of(case, context, Fault(
                    check.at, f"a passing line beside {quote(check.said)}",
                    "one verdict; the failing one counts", level=Level.WARNING,
                    subcode=f"{case.audit.test} {check.file} both",
                ))


def _decided_elsewhere(case: Case, check: TextCheck, context: Context) -> bool:
    """Whether the text is not what counts.

    The scripts of some rounds fail in some scenarios whatever the logs say (the recomputed verdict
    counts), and quality on the sampled answers decides in place of equal answers (AUDT006).
    """
    ignored = case.spec.thresholds.get("text_ignored_in")
    if isinstance(ignored, (list, tuple)) and case.log_scenario in ignored:
        return True
    if check.file != test01.ACCURACY_TEXT or not case.spec.files_on_mismatch:
        return False
    in_force = context.round.rule_setting("AUDT006", context.division) != "off"
    return in_force or all(name in case.audit.files for name in case.spec.files_on_mismatch)


def _wanted(case: Case, check: TextCheck) -> str:
    groups = check.missing or case.spec.pass_lines[check.file]
    return " and ".join(" or ".join(quote(line) for line in group) for group in groups)


def _first_words(case: Case, check: TextCheck) -> str:
    text = case.audit.texts[check.file]
    last = next((line.strip() for line in reversed(text.lines) if line.strip()), "")
    return f"no verdict line; the text ends {quote(last)}" if last else "an empty text"


@rule(
    id="AUDT005", name="audit-answers-counted", title="The counters of the answers text agree",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="the text's verdict follows from its counters; if it does not, it was written by hand or "
        "by another script",
    fix="run the round's verify_accuracy script on the two logs and submit its output",
    source=f"{SCRIPTS}, TEST01 verify_accuracy.py", key="compliance.tests.TEST01",
)
def audit_answers_counted(result: Result, context: Context) -> Iterator[Fault]:
    """No mismatch and at least one compared answer, exactly where the text says PASS."""
    found_any = False
    for case in cases(result, context):
        check = test01.counted(case) if case.audit.test == "TEST01" else None
        if check is None:
            continue
        found_any = True
        yield from _contradiction(case, check, context)
        yield from _counts(case, check, context)
        yield from _sums(case, check, context)
    if not found_any:
        raise Skip("no text with counters of answers")


def _contradiction(case: Case, check: AnswersCheck, context: Context) -> Iterator[Fault]:
    if Verdict.UNDECIDED in (check.said, check.verdict) or check.said is check.verdict:
        return
    numbers = ", ".join(f"{name} = {count(check.counters[name].value)}"
                        for name in test01.COUNTERS if name in check.counters)
    said_pass = check.said is Verdict.PASS
    yield of(case, context, Fault(
        check.at, f"the text says {'PASS' if said_pass else 'FAIL'} with {numbers}",
        f"PASS exactly where {test01.MISMATCHES} is 0 and {test01.MATCHED} above 0 "
        f"({context.cite('compliance.tests.TEST01')})",
        level=None if said_pass else Level.WARNING, subcode="verdict",
    ))


def _counts(case: Case, check: AnswersCheck, context: Context) -> Iterator[Fault]:
    numbers = check.counters
    size = case.model.accuracy_sample_count_by_scenario.get(
        case.scenario, case.model.accuracy_sample_count
    )
    whole_run, twice = numbers.get(test01.OF_ACCURACY_RUN), numbers.get(test01.DUPLICATES)
    if whole_run is not None and size is not None and whole_run.value != size and not (
        size < whole_run.value <= _answers_issued(case, size)
    ):
        yield of(case, context, Fault(
            whole_run.at, f"{whole_run.name} = {count(whole_run.value)}",
            f"{count(size)} ({context.cite(context.model_key('accuracy_sample_count'))})",
            level=Level.WARNING, subcode=test01.OF_ACCURACY_RUN,
        ))
    elif whole_run is not None and twice is not None and twice.value and size is not None and (
        whole_run.value - twice.value != size
    ):
        yield of(case, context, Fault(
            twice.at, f"{twice.name} = {count(twice.value)}",
            f"{count(max(0, whole_run.value - size))}, {whole_run.name} less the {count(size)} "
            f"samples ({context.cite(context.model_key('accuracy_sample_count'))})",
            level=Level.WARNING, subcode=test01.DUPLICATES,
        ))
    missing = numbers.get(test01.MISSING)
    if missing is not None and missing.value:
        yield of(case, context, Fault(
            missing.at, f"{missing.name} = {count(missing.value)}", "0",
            level=Level.WARNING, subcode=test01.MISSING,
        ))
    yield from _logged_enough(case, check, context)


def _sums(case: Case, check: AnswersCheck, context: Context) -> Iterator[Fault]:
    """Yield counters that others contradict: an answer is matched or missing, and then compared."""
    numbers = check.counters
    logged, matched = numbers.get(test01.LOGGED), numbers.get(test01.MATCHED)
    missing = numbers.get(test01.MISSING)
    lost = missing.value if missing is not None else 0
    if logged is not None and matched is not None and matched.value + lost != logged.value:
        yield of(case, context, Fault(
            matched.at, f"{matched.name} = {count(matched.value)}",
            f"{count(logged.value - lost)}, {logged.name} less {test01.MISSING}",
            level=Level.WARNING, subcode=test01.MATCHED,
        ))
    for part, total in ((test01.MISMATCHES, test01.MATCHED),
                        (test01.CONTRADICTORY, test01.DUPLICATES)):
        few, many = numbers.get(part), numbers.get(total)
        if few is not None and many is not None and few.value > many.value:
            yield of(case, context, Fault(
                few.at, f"{few.name} = {count(few.value)}",
                f"at most {count(many.value)}, {many.name}", level=Level.WARNING, subcode=part,
            ))


def _answers_issued(case: Case, size: int) -> int:
    """Return the answers of the accuracy run: queries of many samples are filled up per set."""
    log = case.accuracy.run.log if case.accuracy is not None else None
    if log is None:
        return size
    pairs = zip(log.all("generated_query_count"), log.all("generated_samples_per_query"),
                strict=False)
    issued = sum(
        one.value * two.value for one, two in pairs
        if isinstance(one.value, int) and isinstance(two.value, int)
    )
    return max(size, issued)


def _logged_enough(case: Case, check: AnswersCheck, context: Context) -> Iterator[Fault]:
    """The number of logged answers is near the sampling target, or that of all samples."""
    run = case.audit.run
    target = run.number("effective_accuracy_log_sampling_target") if run is not None else None
    logged = check.counters.get(test01.LOGGED)
    if run is None or target is None or target.value <= 0 or logged is None:
        return
    issued = run.number("result_query_count") or run.number("generated_query_count")
    each = run.number("generated_samples_per_query")
    samples = issued.value * each.value if issued is not None and each is not None else None
    need = FEWEST * min(target.value, samples if samples else target.value)
    if not need <= logged.value <= MOST * target.value:
        yield of(case, context, Fault(
            logged.at, f"{logged.name} = {count(logged.value)}",
            f"{count(round(need))} to {count(MOST * target.value)}, near the sampling target "
            f"{count(target.value)} ({place(target.at)})",
            level=Level.WARNING if logged.value < need else Level.INFO, subcode=test01.LOGGED,
        ))


@rule(
    id="AUDT006", name="audit-quality", title="Answers that differ are of the same quality",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="answers of some systems differ from run to run; their quality must not",
    fix="run the reference accuracy script on the sampled answers of both runs and submit both "
        "texts; if the quality differs, the audit failed",
    source="mlcommons/inference compliance TEST01 README",
    key="compliance.tests.TEST01.thresholds",
)
def audit_quality(result: Result, context: Context) -> Iterator[Fault]:
    """Where the answers text does not say PASS, both quality texts are there and agree."""
    judged = False
    for case in cases(result, context):
        if not case.spec.files_on_mismatch or _answers_pass(case):
            continue
        judged = True
        missing = [name for name in case.spec.files_on_mismatch if name not in case.audit.files]
        if missing:
            yield of(case, context, Fault(
                whole(case.audit), f"no {listed(missing, 6)}, and {_said(case)}",
                f"{quote('TEST PASS')} in {test01.ACCURACY_TEXT}, or "
                f"{' and '.join(case.spec.files_on_mismatch)} "
                f"({context.cite('compliance.tests.TEST01')})",
                subcode="files", absent=True,
            ))
            continue
        for check in test01.deltas(case):
            yield from _delta(case, check, context)
        for name in (test01.BASELINE, test01.COMPLIANCE):
            if name in case.audit.quality:
                yield from (of(case, context, fault._replace(subcode=f"{name} {fault.subcode}"))
                            for fault in typed_values(case.audit.quality[name]))
    if not judged:
        raise Skip("the answers were equal")


def _answers_pass(case: Case) -> bool:
    """Whether the answers text passes, or is absent (AUDT002 reports that)."""
    return test01.ACCURACY_TEXT not in case.audit.texts or texts.said_passes(
        case, test01.ACCURACY_TEXT
    )


def _said(case: Case) -> str:
    check = next(c for c in texts.verdicts(case) if c.file == test01.ACCURACY_TEXT)
    said = f"says {quote(check.said)}" if check.said else "has no verdict"
    return f"{check.file} {said}"


def _delta(case: Case, check: DeltaCheck, context: Context) -> Iterator[Fault]:
    if check.verdict is Verdict.PASS:
        return
    cite = context.cite("compliance.tests.TEST01.thresholds")
    if check.verdict is Verdict.UNDECIDED:
        found = f"no {check.metric} in both texts"
    elif check.delta_percent is None:
        found = f"{check.metric} {check.baseline:g} and {check.compliance:g}"
    else:
        found = (f"{check.metric} {check.baseline:g} in {test01.BASELINE}, {check.compliance:g} "
                 f"here: {check.delta_percent:.3g} % apart")
    yield of(case, context, Fault(
        check.at, found, f"both above 0 and at most {check.allowed_percent:g} % apart ({cite})",
        subcode=check.metric,
    ))
