"""TEST03: modified data run as fast as the original ones.

A system could recognise the samples of the public data set. The test runs a modified data set;
speed must stay within the tolerance of the round data. Its accuracy has other targets and is
compared by people.
"""

from __future__ import annotations

from compliance_tests import settings, test01, texts
from compliance_tests.records import Case, SpeedCheck, Verification


def speed(case: Case) -> SpeedCheck | None:
    """Compare the audit's score with the result's: within the tolerance in both directions."""
    return test01.two_sided(case)


def verify(case: Case) -> Verification:
    """Re-judge the audit from its logs and texts."""
    check = speed(case)
    return Verification(
        case.audit.test, texts.verdicts(case), (check,) if check else (),
        test01.quoted_scores(case, check), settings=settings.in_force(case),
    )
