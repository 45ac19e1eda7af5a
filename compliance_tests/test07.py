"""TEST07: a reasoning model keeps its accuracy under the settings of the performance run.

The performance configuration answers a second data set in full; the accuracy script's score must
reach the threshold of the round data. The script takes its threshold from the command line, so
the text must name the round's. What the accuracy script prints stands above the summary, so the
last line of a name counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from compliance_tests import scores, settings, texts
from compliance_tests.records import Case, LimitCheck, QuotedNumber, Verdict, Verification
from submission_checker.model.findings import Location

ACCURACY_TEXT = "verify_accuracy.txt"
METRIC = "exact_match"
THRESHOLD, SAMPLES = f"{METRIC}_min", "samples"


def limits(case: Case) -> tuple[LimitCheck, ...]:
    """Return the score and the threshold of the text against the round's threshold."""
    text = case.audit.texts.get(ACCURACY_TEXT)
    least = of_model(case, THRESHOLD)
    if text is None or least is None:
        return ()
    found = texts.quoted(text, ("Accuracy score",), last=True)
    used = texts.quoted(text, ("Accuracy threshold",), last=True)
    where = Location(text.path)
    return (
        checked("Accuracy score", found, least, None, THRESHOLD, where),
        *([checked("Accuracy threshold", used, least, None, THRESHOLD, where)] if used else []),
    )


def of_model(case: Case, key: str) -> float | None:
    """Return a threshold that the round gives for the model."""
    own = case.spec.thresholds.get(case.model.name)
    return scores.number(own, key) if isinstance(own, Mapping) else None


def checked(
    name: str, found: QuotedNumber | None, least: float | None, most: float | None, key: str,
    where: Location,
) -> LimitCheck:
    """Compare a quoted number with inclusive limits; it may be rounded as it is printed."""
    if found is None:
        return LimitCheck(name, None, least, most, where, key, Verdict.UNDECIDED)
    low = least is None or found.value + found.step >= least
    high = most is None or found.value - found.step <= most
    verdict = Verdict.PASS if low and high else Verdict.FAIL
    return LimitCheck(name, found.value, least, most, found.at, key, verdict)


def verify(case: Case) -> Verification:
    """Re-judge the audit from its logs and texts."""
    return Verification(
        case.audit.test, texts.verdicts(case), limits=limits(case),
        settings=settings.in_force(case),
    )
