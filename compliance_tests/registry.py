"""Which module verifies which test; chosen by the test's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from compliance_tests import test01, test03, test04, test05, test06, test07, test08, test09
from compliance_tests.records import Case, QuotedScore, SpeedCheck, Verification

VERIFY: Mapping[str, Callable[[Case], Verification]] = {
    "TEST01": test01.verify,
    "TEST03": test03.verify,
    "TEST04": test04.verify,
    "TEST04-A": test04.verify,
    "TEST05": test05.verify,
    "TEST06": test06.verify,
    "TEST07": test07.verify,
    "TEST08": test08.verify,
    "TEST09": test09.verify,
}
"""Part B of TEST04 is judged together with part A."""

SPEED: Mapping[str, Callable[[Case], SpeedCheck | None]] = {
    "TEST01": test01.speed,
    "TEST03": test03.speed,
    "TEST04": test04.speed,
    "TEST04-A": test04.speed,
    "TEST05": test05.speed,
}

QUOTED: Mapping[str, Callable[[Case, SpeedCheck | None], tuple[QuotedScore, ...]]] = {
    "TEST01": test01.quoted_scores,
    "TEST03": test01.quoted_scores,
    "TEST04": test04.quoted_scores,
    "TEST04-A": test04.quoted_scores,
    "TEST05": test01.quoted_scores,
}


def verify(case: Case) -> Verification | None:
    """Re-judge an audit, None for a test that no module knows."""
    known = VERIFY.get(case.audit.test)
    return None if known is None else known(case)
