"""TEST06: a language model reports its tokens consistently.

Token latencies count from what the system reports: the first token and the number of tokens of
each answer. The test logs a few answers (``accuracy_log_sampling_target``) and compares: an answer
begins with the reported first token, has the reported number of tokens and ends at most once.
LoadGen logs no first tokens in Offline, so that part is skipped there.
"""

from __future__ import annotations

from compliance_tests import answers, settings, texts
from compliance_tests.records import Case, EntriesCheck, TextCheck, Verification

ACCURACY_TEXT = "verify_accuracy.txt"
SKIPPED = "Skipped"
OFFLINE = "Offline"


def skipped_wrongly(case: Case) -> TextCheck | None:
    """Return the text where it says that a part was skipped outside Offline."""
    if case.scenario == OFFLINE:
        return None
    text = case.audit.texts.get(ACCURACY_TEXT)
    if text is None:
        return None
    found = texts.verdict_of(text, [[
        line for group in case.spec.pass_lines.get(ACCURACY_TEXT, ()) for line in group
        if line.endswith(SKIPPED)
    ]], ())
    return found if found.said else None


def tokens(case: Case) -> EntriesCheck | None:
    """Check the visible logged answers, each against itself."""
    log = case.audit.accuracy.log if case.audit.accuracy is not None else None
    if log is None:
        return None
    return answers.consistent_tokens(log, first_tokens=case.scenario != OFFLINE)


def ends_inside(case: Case) -> tuple[int, int] | None:
    """Return (token, answers) where a token that looks like the end stands at the second place."""
    log = case.audit.accuracy.log if case.audit.accuracy is not None else None
    if log is None or case.scenario == OFFLINE:
        return None
    return answers.repeated_second(log)


def nothing_logged(case: Case) -> bool:
    """Return whether the audit's log was submitted and holds no answer at all."""
    log = case.audit.accuracy.log if case.audit.accuracy is not None else None
    return log is not None and log.problem is None and not log.entries and not log.truncated


def verify(case: Case) -> Verification:
    """Re-judge the audit from its logs and texts."""
    return Verification(
        case.audit.test, texts.verdicts(case), entries=tokens(case),
        settings=settings.in_force(case),
    )
