"""Verdicts in words: what a comparison found, and the texts that the round's scripts print."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from compliance_tests import entropy, streaming, test04
from compliance_tests.records import Case, DeltaCheck, LimitCheck, Score, SpeedCheck, Verdict

PASS, FAIL = "TEST PASS", "TEST FAIL"


def speed_said(check: SpeedCheck) -> str:
    """Return a comparison of scores in words."""
    shown = partial(_in_unit, check.test)
    sides = (("at least", check.least), ("at most", check.most))
    bounds = [f"{word} {shown(side)}" for word, side in sides if side is not None]
    return (f"{check.test.key} {shown(check.test.value)} against {shown(check.reference.value)} "
            f"(ratio {check.ratio:.3f}), allowed {', '.join(bounds)}")


def _in_unit(score: Score, value: float) -> str:
    """Return a value of a score: latencies are ns in the log, whatever their keys end with."""
    return f"{value / 1e6:.6g} ms" if score.lower_is_better else f"{value:.6g}"


def performance_text(case: Case, check: SpeedCheck) -> str:
    """Return the text of the performance comparison as the round's script prints it."""
    verdict = PASS if check.verdict is Verdict.PASS else FAIL
    names = ("Reference score", "Test score")
    if case.audit.test == test04.PART_A:
        names = (test04.A_NAMES[0], test04.B_NAMES[0])
    as_rates = case.audit.test == "TEST04"
    lines = [f"{name} = {_printed(score, as_rates)}"
             for name, score in zip(names, (check.reference, check.test), strict=True)]
    return "\n".join(["Verifying performance.", *lines, verdict, ""])


def _printed(score: Score, as_rates: bool) -> str:
    value = 1e9 / score.value if as_rates and score.lower_is_better else score.value
    return str(int(value)) if value.is_integer() else repr(value)


def answers_numbers(found: streaming.WholeComparison) -> dict[str, object]:
    """Return the counts of a comparison of answers."""
    return {
        "logged": found.audit_entries, "compared": found.compared, "differing": found.differing,
        "not_in_accuracy_run": found.unknown, "first_differing": list(found.first_differing),
        "problems": list(found.problems),
    }


def answers_said(found: streaming.WholeComparison) -> str:
    """Return a comparison of answers in words."""
    shown = f", samples {', '.join(map(str, found.first_differing))}" if found.first_differing \
        else ""
    return (f"{found.differing} of {found.compared} sampled answers differ from the accuracy run"
            f"{shown}; {found.unknown} are of samples that it did not answer")


def answers_text(found: streaming.WholeComparison) -> str:
    """Return the text of the comparison of answers as the round's script prints it."""
    good = not found.differing and not found.unknown and found.compared
    return "\n".join([
        "Verifying accuracy. This might take a while...", "Reading accuracy mode results...",
        "Reading performance mode results...",
        f"num_acc_log_entries = {found.accuracy_entries}", "num_acc_log_duplicate_keys = 0",
        f"num_acc_log_data_mismatch = {found.contradictory}",
        f"num_perf_log_entries = {found.audit_entries}",
        f"num_perf_log_qsl_idx_match = {found.compared - found.differing}",
        f"num_perf_log_data_mismatch = {found.differing}",
        f"num_missing_qsl_idxs = {found.unknown}", PASS if good else FAIL, "",
    ])


def delta_said(check: DeltaCheck) -> str:
    """Return a comparison of quality in words."""
    return (f"{check.metric} {check.baseline} and {check.compliance} on the sampled answers, "
            f"allowed {check.allowed_percent:g} %")


def limits_said(checks: Iterable[LimitCheck]) -> str:
    """Return numbers of a text beside their limits, in words."""
    said = []
    for check in checks:
        sides = [f"{word} {side:g}" for word, side in (("at least", check.least),
                                                       ("at most", check.most)) if side is not None]
        said.append(f"{check.name} {check.found}, allowed {', '.join(sides)}")
    return "; ".join(said)


def entropy_numbers(found: entropy.EntropyComparison) -> dict[str, object]:
    """Return the counts of a comparison of predictions."""
    return {
        "logged": found.audit_entries, "compared": found.matched, "differing": found.differing,
        "not_in_accuracy_run": found.unmatched, "problems": list(found.problems),
        "first_differing": [list(key) for key in found.first_differing],
    }


def entropy_said(found: entropy.EntropyComparison) -> str:
    """Return a comparison of predictions in words."""
    shown = f", (time stamp, query) {found.first_differing[0]} first" if found.first_differing \
        else ""
    said = (f"the normalised entropy of {found.differing} of {found.matched} answers differs from "
            f"the accuracy run's{shown}; {found.unmatched} are of questions that it did not answer")
    return "; ".join([said, *found.problems])


def entropy_text(found: entropy.EntropyComparison, tolerance: float) -> str:
    """Return the text of the comparison of predictions as the round's script prints it."""
    return "\n".join([
        "Verifying accuracy. This might take a while...", "Reading accuracy mode results...",
        "Reading performance mode results...", "",
        f"num_acc_log_entries = {found.accuracy_entries}",
        f"num_perf_log_entries = {found.audit_entries}", f"num_matched = {found.matched}",
        f"num_unmatched = {found.unmatched}", f"num_ne_mismatch = {found.differing}",
        f"tolerance = {tolerance * 100:.2f}%", "",
        PASS if found.verdict is Verdict.PASS else FAIL, "TEST08 verification complete", "",
    ])
