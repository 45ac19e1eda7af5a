"""TEST05: the result does not hang on the known seeds.

Samples and arrivals follow from seeds that are public at the deadline. The test repeats the run
with alternate seeds of the round data; speed must stay within the tolerance, in both directions
or, in later rounds, not slower.
"""

from __future__ import annotations

from compliance_tests import scores, settings, test01, texts
from compliance_tests.records import Case, Score, SettingCheck, SpeedCheck, Verdict, Verification

SEED_KEYS = ("qsl_rng_seed", "sample_index_rng_seed", "schedule_rng_seed")


def speed(case: Case) -> SpeedCheck | None:
    """Compare the audit's score with the result's by the tolerance of the round."""
    key = "max_relative_slowdown"
    narrow = scores.number(case.spec.thresholds, key)
    if narrow is None:
        return test01.two_sided(case)
    wide = scores.number(case.spec.thresholds, f"{key}_fast_stream")

    def compare(reference: Score, test: Score) -> SpeedCheck:
        fast = scores.is_fast(reference, case.spec.thresholds)
        return scores.not_slower(reference, test, wide if fast and wide is not None else narrow)

    return scores.against_result(case, compare)


def seeds(case: Case) -> tuple[SettingCheck, ...]:
    """Return the three effective seeds against the test's own, or the round's where it has none.

    Seeds are compared as exact integers.
    """
    return case.once("seeds", _seeds)


def _seeds(case: Case) -> tuple[SettingCheck, ...]:
    own = case.round.audit_seeds.get(case.audit.test)
    want = own or case.round.seeds
    run = case.audit.run
    if run is None or run.log is None:
        return ()
    checks = []
    for name, value in zip(SEED_KEYS, (want.qsl, want.sample_index, want.schedule), strict=True):
        key = f"effective_{name}"
        found = run.integer(key)
        if found is not None:
            verdict = Verdict.PASS if found.value == value else Verdict.FAIL
            checks.append(SettingCheck(name, key, str(value), str(found.value), found.at, verdict))
    return tuple(checks)


def verify(case: Case) -> Verification:
    """Re-judge the audit from its logs and texts."""
    check = speed(case)
    return Verification(
        case.audit.test, texts.verdicts(case), (check,) if check else (),
        test01.quoted_scores(case, check), settings=(*settings.in_force(case), *seeds(case)),
    )
