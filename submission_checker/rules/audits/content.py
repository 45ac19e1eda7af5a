"""AUDT012-015, 024, 025, 031: what audits of answers hold beside their speed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from compliance_tests import test01, test06, test07, test08, test09, texts
from compliance_tests.records import Case, EntriesCheck, LimitCheck, Verdict
from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.submission import Result
from submission_checker.rules import accu
from submission_checker.rules.audits.cases import SCRIPTS, borrowed, cases, no_audit, of
from submission_checker.rules.texts import count, quote

HASH_RULES = (
    accu.hash_line, accu.hash_of_complete_log, accu.hash_before_truncation, accu.log_truncated,
    accu.truncated_form,
)
"""Rules about the accuracy log of a result that hold for that of an audit too."""

LOG_NAME = "mlperf_log_accuracy.json"


@rule(
    id="AUDT012", name="audit-tokens", title="TEST06: tokens are reported consistently",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="token latencies and rates count from the first token and the number of tokens that the "
        "system reports",
    fix="report the first token and the number of tokens as they are, and run TEST06 again",
    source=f"{SCRIPTS}, TEST06 run_verification.py", key="compliance.tests.TEST06",
)
def audit_tokens(result: Result, context: Context) -> Iterator[Fault]:
    """No part is skipped outside Offline, and the visible answers agree with their counts.

    A log without answers and a token that ends answers at their second place are named.
    """
    for case in _of_test(result, context, "TEST06"):
        cite = context.cite("compliance.tests.TEST06")
        skipped = test06.skipped_wrongly(case)
        if skipped is not None:
            yield of(case, context, Fault(
                skipped.at, quote(skipped.said),
                f"the check made; LoadGen logs no first tokens in Offline only ({cite})",
                subcode="skipped",
            ))
        check = test06.tokens(case)
        if check is not None:
            yield from _entries(case, check, context)
        yield from _odd_answers(case, cite, context)


def _odd_answers(case: Case, cite: str, context: Context) -> Iterator[Fault]:
    """Yield what makes the passing text of TEST06 say little."""
    log = case.audit.accuracy.log if case.audit.accuracy is not None else None
    if log is None:
        return
    if test06.nothing_logged(case):
        yield of(case, context, Fault(
            Location(log.path), f"no answer in {count(log.size_bytes)} bytes",
            f"the logged answers that the text is about ({cite})", subcode="empty",
            level=Level.WARNING,
        ))
    repeated = test06.ends_inside(case)
    if repeated is not None:
        yield of(case, context, Fault(
            Location(log.path), f"token {repeated[0]} at the second place of all {repeated[1]} "
            "visible answers, and reported with the first token",
            f"an end-of-sequence token at the end only, at most once ({cite})", subcode="end",
            level=Level.WARNING, confidence="likely",
            why="each answer counts one token more, and the per-token latency falls",
        ))


def _of_test(result: Result, context: Context, test: str) -> list[Case]:
    found = list(cases(result, context, test))
    if not found:
        raise Skip(f"no {test} is required and submitted")
    return found


def _entries(case: Case, check: EntriesCheck, context: Context) -> Iterator[Fault]:
    """Yield one warning for the visible answers that differ."""
    if not check.mismatches:
        return
    first = check.mismatches[0]
    yield of(case, context, Fault(
        check.at, f"sample {first.qsl_idx}: {first.found}", first.wanted, subcode=first.what,
        level=Level.WARNING,
        evidence=(
            f"{count(check.compared)} {'answers' if case.audit.joined else 'visible answers'} "
            "compared",
            *(f"sample {m.qsl_idx}: {m.what}: {m.found}" for m in check.mismatches[1:4]),
        ),
    ))


def _limits(
    case: Case, checks: tuple[LimitCheck, ...], context: Context, level: Level | None = None
) -> Iterator[Fault]:
    for check in checks:
        if check.verdict is Verdict.PASS:
            continue
        key = f"compliance.tests.{case.audit.test}.thresholds.{case.model.name}.{check.key}"
        bounds = " and ".join(part for part in (
            f"at least {check.least:.10g}" if check.least is not None else "",
            f"at most {check.most:.10g}" if check.most is not None else "",
        ) if part)
        found = f"no {quote(check.name)}" if check.found is None else (
            f"{check.name} {check.found:.10g}"
        )
        yield of(case, context, Fault(
            check.at, found, f"{bounds} ({context.cite(key)})", subcode=check.name, level=level,
        ))


@rule(
    id="AUDT013", name="audit-accuracy-under-load", title="TEST07: the score reaches the threshold",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="the script takes its threshold from the command line; the round's one counts",
    fix="run TEST07 with the round's threshold; a lower score means that the audit failed",
    source=f"{SCRIPTS}, TEST07", key="compliance.tests.TEST07.thresholds",
)
def audit_accuracy_under_load(result: Result, context: Context) -> Iterator[Fault]:
    """Score and printed threshold are at least the round's threshold."""
    for case in _of_test(result, context, "TEST07"):
        yield from _limits(case, test07.limits(case), context)


@rule(
    id="AUDT014", name="audit-predictions", title="TEST08: predictions agree",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="the text's verdict follows from its counters",
    fix="run the round's TEST08 script on the two logs and submit its output",
    source=f"{SCRIPTS}, TEST08", key="compliance.tests.TEST08.thresholds",
)
def audit_predictions(result: Result, context: Context) -> Iterator[Fault]:
    """PASS exactly where every pair matches, with the round's tolerance, over the whole set."""
    for case in _of_test(result, context, "TEST08"):
        check = test08.counted(case)
        if check is None:
            continue
        yield from _limits(case, test08.limits(case), context)
        said_pass = check.said is Verdict.PASS
        if check.verdict is Verdict.UNDECIDED or (said_pass and check.verdict is Verdict.FAIL):
            numbers = ", ".join(f"{n} = {count(q.value)}" for n, q in check.counters.items())
            yield of(case, context, Fault(
                check.at, f"the text says PASS with {numbers}" if numbers else "no counters",
                f"{test08.WRONG} and {test08.UNMATCHED} 0 and {test08.MATCHED} above 0 "
                f"({context.cite('compliance.tests.TEST08')})", subcode="verdict",
            ))
        size = case.model.accuracy_sample_count
        entries = check.counters.get(test08.OF_ACCURACY_RUN)
        if size is not None and entries is not None and entries.value != size:
            yield of(case, context, Fault(
                entries.at, f"{entries.name} = {count(entries.value)}",
                f"{count(size)} ({context.cite(context.model_key('accuracy_sample_count'))})",
                subcode=entries.name, level=Level.WARNING,
            ))


@rule(
    id="AUDT015", name="audit-output-length", title="TEST09: answers are as long as the reference",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="short answers are fast answers",
    fix="generate answers with the round's settings and run TEST09 over the whole data set",
    source=f"{SCRIPTS}, TEST09", key="compliance.tests.TEST09.thresholds",
)
def audit_output_length(result: Result, context: Context) -> Iterator[Fault]:
    """The mean number of tokens and the printed bounds are within the round's, over all samples."""
    for case in _of_test(result, context, "TEST09"):
        yield from _limits(case, test09.limits(case), context)
        narrow = test09.strict(case)
        if narrow is not None:
            yield from _limits(case, (narrow,), context, Level.WARNING)


@rule(
    id="AUDT024", name="audit-log-hash", title="Accuracy logs of audits are truncated with a hash",
    level=Level.WARNING, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="the hash ties the truncated log to the one that was compared",
    fix="run `submission-checker pack`, which truncates the logs and writes their hashes",
    source="mlcommons/inference tools/submission/truncate_accuracy_log.py",
    key="layout.accuracy_log_max_bytes",
)
def audit_log_hash(result: Result, context: Context) -> Iterator[Fault]:
    """What holds for accuracy log and accuracy.txt of a result (ACCU005-009) holds here too."""
    judged = False
    for case in cases(result, context):
        accuracy = case.audit.accuracy
        wanted_here = any(name.endswith(LOG_NAME) for name in case.spec.files_required)
        if accuracy is None or accuracy.text is None or not wanted_here:
            continue
        judged = True
        stand_in = replace(result, accuracy=accuracy)
        for wanted in HASH_RULES:
            yield from borrowed(wanted, stand_in, context, case, at_most=Level.WARNING)
    if not judged:
        raise Skip("no audit whose answers are compared has an accuracy.txt")


@rule(
    id="AUDT025", name="audit-answers-equal", title="Sampled answers equal the accuracy run's",
    level=Level.WARNING, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="the script compares the first element of each answer only",
    fix="find out why answers under load differ; submit the quality texts where they do from run "
        "to run",
    source="own; mlcommons/inference compliance TEST01", key="compliance.tests.TEST01",
)
def audit_answers_equal(result: Result, context: Context) -> Iterator[Fault]:
    """Answers to the same sample are equal, unless quality decides (AUDT006).

    All answers are compared where both logs are whole, else those that truncation left visible.
    """
    compared = False
    for case in cases(result, context, "TEST01"):
        if not texts.said_passes(case, test01.ACCURACY_TEXT):
            continue
        check = test01.sampled(case)
        if check is not None and check.compared:
            compared = True
            yield from _entries(case, check, context)
    if not compared:
        raise Skip("no sample is visible in both logs")


RESULT_PATH = re.compile(
    r"(?:results|compliance|audit|measurements)/([^/\s]+)/([^/\s]+)/([^/\s]+)/"
)
"""System, benchmark and scenario in a path that a text names."""


@rule(
    id="AUDT031", name="audit-text-origin", title="Verdict texts name this result's own files",
    level=Level.INFO, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="a text that names another result's files may have been copied from there",
    fix="check that the text belongs to this audit",
    source="own",
)
def audit_text_origin(result: Result, context: Context) -> Iterator[Fault]:
    """No verdict text names a path of another system, benchmark or scenario."""
    own = result.subject
    wanted = tuple(name.casefold() for name in (own.system, own.benchmark, own.scenario))
    for case in cases(result, context):
        for name in case.spec.pass_lines:
            text = case.audit.texts.get(name)
            for at, line in enumerate(text.lines if text is not None else (), start=1):
                found = RESULT_PATH.search(line)
                if found and text and tuple(p.casefold() for p in found.groups()) != wanted:
                    yield of(case, context, Fault(
                        Location(text.path, at), quote(found[0]),
                        f"{own.system}/{own.benchmark}/{own.scenario}",
                        subcode=f"{case.audit.test} {name}",
                    ))
                    break
