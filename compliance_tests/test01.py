"""TEST01: answers given while speed is measured are those of the accuracy run.

A system could answer carelessly when only its speed counts. LoadGen logs a random part of the
answers of a performance run; they must equal the accuracy run's, and the run must be as fast as
the result. Settings (``accuracy_log_sampling_target`` or ``accuracy_log_probability``, the seed of
the choice), tolerances and deltas come from the round data.

Where answers legitimately differ from run to run, the reference accuracy script is run on the
sampled answers of both runs instead, and its metrics may differ by a small delta.
"""

from __future__ import annotations

from collections.abc import Mapping

from compliance_tests import answers, scores, settings, texts
from compliance_tests.records import (
    AnswersCheck,
    Case,
    DeltaCheck,
    EntriesCheck,
    QuotedScore,
    Score,
    SpeedCheck,
    Verdict,
    Verification,
)
from submission_checker.model.accuracy import AccuracyText, MetricLine
from submission_checker.model.findings import Location

PERFORMANCE_TEXT = "verify_performance.txt"
ACCURACY_TEXT = "verify_accuracy.txt"
BASELINE, COMPLIANCE = "baseline_accuracy.txt", "compliance_accuracy.txt"

MISMATCHES = "num_perf_log_data_mismatch"
MATCHED = "num_perf_log_qsl_idx_match"
LOGGED = "num_perf_log_entries"
OF_ACCURACY_RUN = "num_acc_log_entries"
MISSING = "num_missing_qsl_idxs"
DUPLICATES, CONTRADICTORY = "num_acc_log_duplicate_keys", "num_acc_log_data_mismatch"
COUNTERS = (OF_ACCURACY_RUN, LOGGED, MATCHED, MISMATCHES, MISSING)
"""What decides; the script prints two more."""


def speed(case: Case) -> SpeedCheck | None:
    """Compare the audit's score with the result's: within the tolerance in both directions."""
    return two_sided(case)


def two_sided(case: Case) -> SpeedCheck | None:
    """Compare scores of runs of one scenario; very short stream latencies may differ more."""
    def compare(reference: Score, test: Score) -> SpeedCheck | None:
        limit = tolerance(case, scores.is_fast(reference, case.spec.thresholds))
        return None if limit is None else scores.within(reference, test, limit)

    return scores.against_result(case, compare)


def tolerance(case: Case, fast: bool) -> float | None:
    """Return the two-sided tolerance of the test."""
    key = "performance_relative_tolerance"
    wide = scores.number(case.spec.thresholds, f"{key}_fast_stream") if fast else None
    return wide if wide is not None else scores.number(case.spec.thresholds, key)


def quoted_scores(case: Case, check: SpeedCheck | None) -> tuple[QuotedScore, ...]:
    """Return the scores that the performance text quotes, beside those of the logs."""
    return texts.quoted_scores(case, PERFORMANCE_TEXT, all_checks(case, check))


def all_checks(case: Case, check: SpeedCheck | None) -> list[SpeedCheck]:
    """Return a check per performance run: a text may quote any of several runs."""
    if check is None:
        return []
    others = [scores.score(run, case.round) for run in case.references]
    return [check, *(
        scores.within(other, check.test, 0) for other in others
        if other is not None and other.scenario == check.test.scenario
    )]


def counted(case: Case) -> AnswersCheck | None:
    """Return what the counters of the accuracy text say."""
    names = (*COUNTERS, DUPLICATES, CONTRADICTORY)
    return answers.check_counters(case, ACCURACY_TEXT, names, (MISMATCHES,), MATCHED)


def sampled(case: Case) -> EntriesCheck | None:
    """Compare the logged answers with the accuracy run's, all of them or the visible ones."""
    audit = case.audit.accuracy.log if case.audit.accuracy is not None else None
    accuracy = case.accuracy.log if case.accuracy is not None else None
    if audit is None or accuracy is None:
        return None
    if case.audit.joined is not None:
        return answers.joined(audit, case.audit.joined)
    return answers.same_answers(audit, accuracy)


def deltas(case: Case) -> tuple[DeltaCheck, ...]:
    """Return the metrics on the sampled answers of both runs; empty where the texts are absent."""
    return quality_deltas(case, case.audit.quality)


def quality_deltas(case: Case, quality: Mapping[str, AccuracyText]) -> tuple[DeltaCheck, ...]:
    """Return the comparison of two texts about quality, named `BASELINE` and `COMPLIANCE`."""
    baseline, compliance = quality.get(BASELINE), quality.get(COMPLIANCE)
    if baseline is None or compliance is None:
        return ()
    metrics = case.model.metrics_by_scenario.get(case.scenario, case.model.metrics)
    return tuple(
        _delta(metric.name, baseline, compliance, allowed_delta(case, metric.name))
        for metric in metrics
    )


def allowed_delta(case: Case, metric: str) -> float:
    """Return the percentage by which a metric may differ: its own, or that of the model's class.

    The class is the number that a model's name ends with (``-99.9``).
    """
    thresholds = case.spec.thresholds
    special = thresholds.get("delta_percent_special")
    own = special.get(case.model.name) if isinstance(special, Mapping) else None
    found = scores.number(own, metric) if isinstance(own, Mapping) else None
    if found is None:
        grade = case.model.name.rpartition("-")[2].replace(".", "")
        found = scores.number(thresholds, f"delta_percent_{grade}")
    if found is None:
        found = scores.number(thresholds, "delta_percent_99")
    return 0.0 if found is None else found


def _delta(
    metric: str, baseline: AccuracyText, compliance: AccuracyText, allowed: float
) -> DeltaCheck:
    first, second = _value(baseline, metric), _value(compliance, metric)
    at = Location(compliance.path, second.line if second else None)
    if first is None or second is None:
        return DeltaCheck(metric, first.value if first else None, second.value if second else None,
                          None, allowed, at, Verdict.UNDECIDED)
    if first.value == 0 or second.value == 0:
        return DeltaCheck(metric, first.value, second.value, None, allowed, at, Verdict.FAIL)
    delta = abs(1 - first.value / second.value) * 100
    verdict = Verdict.PASS if delta <= allowed * (1 + scores.ROUNDING) else Verdict.FAIL
    return DeltaCheck(metric, first.value, second.value, delta, allowed, at, verdict)


def _value(text: AccuracyText, metric: str) -> MetricLine | None:
    return next((line for line in text.values if line.metric == metric), None)


def verify(case: Case) -> Verification:
    """Re-judge the audit from its logs and texts."""
    check = speed(case)
    return Verification(
        case.audit.test, texts.verdicts(case), (check,) if check else (),
        quoted_scores(case, check), counted(case), deltas(case), (), sampled(case),
        settings.in_force(case),
    )
