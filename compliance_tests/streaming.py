"""Compare the answers of two whole accuracy logs, and judge what was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from compliance_tests.records import Verdict
from submission_checker.logs.answer_join import join
from submission_checker.model.submission import JoinedAnswers


@dataclass(frozen=True, slots=True)
class WholeComparison(JoinedAnswers):
    """Counts of comparing two logs, with the verdict that follows from them."""

    @property
    def verdict(self) -> Verdict:
        """Pass where every entry of the audit was found and is equal, and both logs are whole."""
        if self.differing or self.unknown:
            return Verdict.FAIL
        return Verdict.PASS if self.compared and not self.problems else Verdict.UNDECIDED


def compare(audit: Iterable[bytes], accuracy: Iterable[bytes]) -> WholeComparison:
    """Compare every answer of the audit's log with the accuracy run's answer to its sample."""
    return WholeComparison(*astuple(join(audit, accuracy)))
