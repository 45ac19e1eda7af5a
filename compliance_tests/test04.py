"""TEST04: answers are not cached.

The same sample is issued again and again. A system that keeps answers becomes faster, so the run
must not be faster than the result by more than the tolerance of the round data; slower is free.

In the older form two audit runs are compared: part A issues every sample once, part B one sample
all the time, and B must not be faster than A. Both are short on purpose.

For streams the script of the newer form compares rates, 1e9 / latency, and takes the wider
tolerance for practically all of them; the stricter one is kept beside it as ``strict``.
"""

from __future__ import annotations

from compliance_tests import scores, settings, test01, texts
from compliance_tests.records import Case, QuotedScore, Score, SpeedCheck, Verdict, Verification

PERFORMANCE_TEXT = "verify_performance.txt"
PART_A, PART_B = "TEST04-A", "TEST04-B"
A_NAMES, B_NAMES = ("TEST04-A score",), ("TEST04-B score",)


def speed(case: Case) -> SpeedCheck | None:
    """Compare one-sided: with the result's run, or part B with part A in the older form."""
    return parts(case) if case.audit.test == PART_A else against_result(case)


def against_result(case: Case) -> SpeedCheck | None:
    """The audit is not faster than the result by more than the tolerance."""
    narrow = scores.number(case.spec.thresholds, "max_relative_speedup")
    wide = scores.number(case.spec.thresholds, "max_relative_speedup_slow_stream")
    if narrow is None:
        return None

    def compare(reference: Score, test: Score) -> SpeedCheck:
        loose = wide if wide is not None and reference.lower_is_better else narrow
        strict = loose if _fast_in_any_test(case, reference) else narrow
        return scores.not_faster(reference, test, loose, strict)

    return scores.against_result(case, compare)


def _fast_in_any_test(case: Case, reference: Score) -> bool:
    """Whether a latency counts as very short by the limits of the round's tests."""
    return any(
        scores.is_fast(reference, spec.thresholds) for spec in case.round.audits.values()
    )


def parts(case: Case) -> SpeedCheck | None:
    """Part B is not faster than part A by more than the tolerance.

    Where the round's script takes the latency of a scenario for a rate, what passes there passes
    by the looser reading.
    """
    other = case.audits.get(PART_B)
    one, two = case.audit.run, other.run if other is not None else None
    reference = scores.score(one, case.round) if one is not None else None
    test = scores.score(two, case.round) if two is not None else None
    if reference is None or test is None or reference.scenario != test.scenario:
        return None
    key = "max_relative_speedup_of_B"
    fast = scores.is_fast(reference, case.spec.thresholds)
    limit = scores.number(case.spec.thresholds, f"{key}_fast_stream") if fast else None
    if limit is None:
        limit = scores.number(case.spec.thresholds, key)
    if limit is None:
        return None
    check = scores.not_faster_part(reference, test, limit)
    misread = case.spec.thresholds.get("latencies_read_as_rates")
    if isinstance(misread, (list, tuple)) and reference.scenario in misread and (
        test.value <= reference.value * (1 + limit)
    ):
        return check._replace(verdict=Verdict.PASS)
    return check


def quoted_scores(case: Case, check: SpeedCheck | None) -> tuple[QuotedScore, ...]:
    """Return the scores that the text quotes, beside those of the logs."""
    if case.audit.test == PART_A:
        return texts.quoted_scores(
            case, PERFORMANCE_TEXT, [check] if check else [], names=(A_NAMES, B_NAMES)
        )
    return texts.quoted_scores(
        case, PERFORMANCE_TEXT, test01.all_checks(case, check), as_rates=True
    )


def verify(case: Case) -> Verification:
    """Re-judge the audit from its logs and texts."""
    check = speed(case)
    return Verification(
        case.audit.test, texts.verdicts(case), (check,) if check else (),
        quoted_scores(case, check), settings=settings.in_force(case),
    )
