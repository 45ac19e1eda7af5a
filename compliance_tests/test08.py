"""TEST08: the predictions of a recommender under load are those of the accuracy run.

Both runs log predictions of the same samples; the normalised entropy of each pair must agree
within the tolerance of the round data, every logged sample must be found, and at least one.
"""

from __future__ import annotations

from compliance_tests import answers, scores, settings, test07, texts
from compliance_tests.records import AnswersCheck, Case, LimitCheck, Verification
from submission_checker.model.findings import Location

ACCURACY_TEXT = "verify_accuracy.txt"
MATCHED, UNMATCHED, WRONG = "num_matched", "num_unmatched", "num_ne_mismatch"
OF_ACCURACY_RUN = "num_acc_log_entries"
COUNTERS = (OF_ACCURACY_RUN, "num_perf_log_entries", MATCHED, UNMATCHED, WRONG)
TOLERANCE = "ne_relative_tolerance"


def counted(case: Case) -> AnswersCheck | None:
    """Return what the counters of the text say."""
    return answers.check_counters(case, ACCURACY_TEXT, COUNTERS, (WRONG, UNMATCHED), MATCHED)


def limits(case: Case) -> tuple[LimitCheck, ...]:
    """Return the tolerance that the text names, in percent, against the round's."""
    text = case.audit.texts.get(ACCURACY_TEXT)
    most = scores.number(case.spec.thresholds, TOLERANCE)
    found = texts.quoted(text, ("tolerance",))
    if text is None or most is None or found is None:
        return ()
    return (
        test07.checked("tolerance in percent", found, None, most * 100, TOLERANCE,
                       Location(text.path)),
    )


def verify(case: Case) -> Verification:
    """Re-judge the audit from its logs and texts."""
    return Verification(
        case.audit.test, texts.verdicts(case), answers=counted(case), limits=limits(case),
        settings=settings.in_force(case),
    )
