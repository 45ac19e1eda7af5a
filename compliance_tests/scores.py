"""Scores of runs as the audits compare them, and the ways in which two scores are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from compliance_tests.records import Case, Score, SpeedCheck, Verdict
from submission_checker.model.findings import Location
from submission_checker.model.run import Run
from submission_checker.rounds.types import Round, ScenarioSpec

ROUNDING = 1e-5
"""LoadGen prints rates with 6 significant digits; a score within this of a bound reaches it."""


def score(run: Run, round_: Round) -> Score | None:
    """Return the number by which the audits of a round compare a run; None where it has none.

    The round names the key where it is another one than that of the published number. A run
    without result keys (text logs) is read from its summary. A score of 0 is no score: LoadGen
    writes it where too few queries ran for an estimate.
    """
    return run.once("audit score", _score, round_)


def _score(run: Run, round_: Round) -> Score | None:
    scenario = run.scenario
    spec = round_.scenarios.get(scenario or "")
    if scenario is None or spec is None:
        return None
    key = round_.audit_score_keys.get(scenario, spec.metric_key)
    found = run.number(key) if key else None
    if found is not None and found.value > 0:
        return Score(found.value, found.key, found.at, scenario, spec.lower_is_better)
    if found is not None or any(run.has(name) for name in (key, spec.metric_key) if name):
        return None
    return _of_summary(run, scenario, spec)


def _of_summary(run: Run, scenario: str, spec: ScenarioSpec) -> Score | None:
    line = run.summary.first(spec.summary_line) if run.summary is not None else None
    if line is None or run.summary is None:
        return None
    try:
        value = float(line.value)
    except ValueError:
        return None
    if not 0 < value < float("inf"):
        return None
    return Score(value, line.name, Location(run.summary.path, line.line), scenario,
                 spec.lower_is_better)


def number(thresholds: Mapping[str, object], key: str) -> float | None:
    """Return a threshold, None where the round gives none."""
    value = thresholds.get(key)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def is_fast(reference: Score, thresholds: Mapping[str, object]) -> bool:
    """Return whether a stream's latency is so short that noise widens the tolerance."""
    limits = thresholds.get("fast_stream_ns")
    if not isinstance(limits, Mapping) or not reference.lower_is_better:
        return False
    limit = number(limits, reference.scenario)
    return limit is not None and reference.value <= limit


def within(reference: Score, test: Score, tolerance: float) -> SpeedCheck:
    """Both directions: the audit is neither faster nor slower than the tolerance."""
    least, most = reference.value * (1 - tolerance), reference.value * (1 + tolerance)
    return _check(reference, test, least, most, tolerance)


def not_slower(reference: Score, test: Score, tolerance: float) -> SpeedCheck:
    """One direction: the audit is not slower than the tolerance; faster is free."""
    if reference.lower_is_better:
        return _check(reference, test, None, reference.value * (1 + tolerance), tolerance)
    return _check(reference, test, reference.value * (1 - tolerance), None, tolerance)


def not_faster(
    reference: Score, test: Score, tolerance: float, strict_tolerance: float | None = None
) -> SpeedCheck:
    """One direction: the audit is not faster than the tolerance; slower is free.

    Latencies are compared as rates, 1 / latency, as the scripts do.
    """
    def bounds(share: float) -> tuple[float | None, float | None]:
        if reference.lower_is_better:
            return reference.value / (1 + share), None
        return None, reference.value * (1 + share)

    strict = tolerance if strict_tolerance is None else strict_tolerance
    return SpeedCheck(
        reference, test, *bounds(tolerance), tolerance, _inside(test, *bounds(tolerance)),
        strict, _inside(test, *bounds(strict)),
    )


def not_faster_part(reference: Score, test: Score, tolerance: float) -> SpeedCheck:
    """One direction for two parts of one audit; latencies are compared as they are."""
    if reference.lower_is_better:
        return _check(reference, test, reference.value * (1 - tolerance), None, tolerance)
    return _check(reference, test, None, reference.value * (1 + tolerance), tolerance)


def _check(
    reference: Score, test: Score, least: float | None, most: float | None, tolerance: float
) -> SpeedCheck:
    verdict = _inside(test, least, most)
    return SpeedCheck(reference, test, least, most, tolerance, verdict, tolerance, verdict)


def _inside(test: Score, least: float | None, most: float | None) -> Verdict:
    low = least is None or test.value >= least * (1 - ROUNDING)
    high = most is None or test.value <= most * (1 + ROUNDING)
    return Verdict.PASS if low and high else Verdict.FAIL


def against_result(
    case: Case, compare: Callable[[Score, Score], SpeedCheck | None]
) -> SpeedCheck | None:
    """Compare an audit's run with every run of the result; None where nothing can be compared.

    ``compare`` takes (score of the result, score of the audit) of one scenario.
    """
    run = case.audit.run
    test = score(run, case.round) if run is not None else None
    if test is None:
        return None
    checks = []
    for other in case.references:
        reference = score(other, case.round)
        if reference is None or reference.scenario != test.scenario:
            continue
        check = compare(reference, test)
        if check is not None:
            checks.append(check)
    return best(checks)


def best(checks: list[SpeedCheck]) -> SpeedCheck | None:
    """Return the check that passes, else the closest one: any run of the result may be the base."""
    passing = [check for check in checks if check.strict is Verdict.PASS]
    passing = passing or [check for check in checks if check.verdict is Verdict.PASS]
    if passing or not checks:
        return passing[0] if passing else None
    return min(checks, key=lambda check: abs(check.ratio - 1))
