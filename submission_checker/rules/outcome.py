"""From a judged result to its row in the report and the facts that other rules need."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from submission_checker.engine.judge import Judgement
from submission_checker.model.documents import Problem
from submission_checker.model.endpoints import EndpointsPart
from submission_checker.model.findings import Finding, Level
from submission_checker.model.private import PrivateHit
from submission_checker.model.report import (
    AccuracyValue,
    LatencyPoint,
    PublishedNumber,
    ResultRow,
    Step,
    Verdict,
)
from submission_checker.model.run_facts import RunFacts
from submission_checker.model.subjects import ResultFacts
from submission_checker.model.submission import ENDPOINTS, Audit, Result
from submission_checker.rounds.types import Round
from submission_checker.rules.accu import counting_value, limits, unit_of
from submission_checker.rules.endp_values import endpoints_accuracy, endpoints_number
from submission_checker.rules.latencies import latency_points
from submission_checker.rules.meas_texts import measurement_facts
from submission_checker.rules.power_metric import PowerMetric, power_metric
from submission_checker.rules.published import Published, offers, published
from submission_checker.rules.repo_line_ends import changed_line_ends
from submission_checker.rules.rndx import log_of_another_round, seed_triple
from submission_checker.rules.run_facts import endpoints_run_facts, run_facts
from submission_checker.rules.syst_power import nameplate_of
from submission_checker.rules.xres_logs import other_logs


class Outcome(NamedTuple):
    """What judging one result gives to the report; small and picklable."""

    facts: ResultFacts
    judgement: Judgement
    system_type: str
    category: str
    result: PublishedNumber | None
    power: PublishedNumber | None
    derivation: tuple[Step, ...]
    accuracy: tuple[AccuracyValue, ...]
    problems: tuple[Problem, ...]
    private: tuple[PrivateHit, ...] = ()
    latencies: tuple[LatencyPoint, ...] = ()
    nameplate: PublishedNumber | None = None
    code: str = ""


def outcome_of(result: Result, judgement: Judgement, round_: Round) -> Outcome:
    """Return the outcome of a judged result."""
    part = result.endpoints if result.harness == ENDPOINTS else None
    number = number_of(result, round_)
    power = power_metric(result, round_)
    nameplate = nameplate_of(result.system, round_) if _has_power(result) else None
    document = result.system.document
    status = document.get("status") if document is not None else None
    facts = facts_of(result, round_, number, power, judgement.findings)
    return Outcome(
        facts, judgement, result.system_type or str(document.get("system_type") or "")
        if document is not None else "", str(status or "").strip().lower(),
        number.number if number is not None else None,
        power.number if power is not None else None,
        _derivation(number) + (power.steps if power is not None else ())
        + (nameplate[1:] if nameplate is not None else ()),
        _accuracy_values(result, round_) if part is None else endpoints_accuracy(result, round_),
        tuple(problem for problem in result.problems
              if problem.kind in ("unreadable", "merge-marker")),
        result.private,
        latency_points(result, round_),
        nameplate[0] if nameplate is not None else None,
        result.measurements.code or "",
    )


def number_of(result: Result, round_: Round) -> Published | None:
    """Return the published number of a result of either harness."""
    if result.harness == ENDPOINTS:
        return endpoints_number(result, round_)
    return published(result, round_)


def facts_of_runs(result: Result, round_: Round) -> ResultFacts:
    """Return the facts of a result that is not judged."""
    return facts_of(result, round_, number_of(result, round_), power_metric(result, round_), ())


def facts_of(
    result: Result, round_: Round, number: Published | None, power: PowerMetric | None,
    findings: Sequence[Finding],
) -> ResultFacts:
    """Return the small record of a result that rules across results work on."""
    part = result.endpoints if result.harness == ENDPOINTS else None
    run, accuracy = result.run, result.accuracy
    errors = [f for f in findings if f.level is Level.ERROR]
    begin = run.text("power_begin") if run is not None else None
    date = run.text("test_datetime") if run is not None else None
    return ResultFacts(
        subject=result.subject,
        path=result.path,
        model=result.model,
        scenario=result.scenario,
        scenario_folder=result.scenario_folder,
        log_scenario=run.scenario if run is not None else None,
        has_performance=bool(result.performance) or (part is not None and part.summary is not None),
        has_accuracy=accuracy is not None or (part is not None and part.accuracy is not None),
        errors=sum(1 for f in errors if not f.absent),
        absences=sum(1 for f in errors if f.absent),
        value=number.number.value if number is not None else None,
        unit=number.number.unit if number is not None else None,
        inferred=number is not None and number.inference is not None,
        seeds=seed_triple(run) if run is not None else None,
        detail_identity=run.detail_identity if run is not None else None,
        accuracy_identity=accuracy.log.identity if accuracy and accuracy.log else None,
        identity=(date.value, begin.value) if date is not None and begin is not None else None,
        audits={test: digest_of_audit(audit) for test, audit in result.audits.items()},
        offers=offers(result, round_),
        has_power=_has_power(result),
        measurements=measurement_facts(result, round_),
        runs=_runs(result, part, number, round_),
        accuracy_hash=_accuracy_hash(result),
        power=power.number.value if power is not None else None,
        power_session=_session(result),
        harness=result.harness,
        line_ends=tuple(changed_line_ends(result)),
        logs=tuple(other_logs(result)),
    )


def _has_power(result: Result) -> bool:
    return result.power is not None and result.power.power is not None


def _runs(
    result: Result, part: EndpointsPart | None, number: Published | None, round_: Round
) -> tuple[RunFacts, ...]:
    """Return the facts of the runs that gave the result."""
    if part is None:
        return tuple(run_facts(item, result, round_) for item in result.performance)
    one = endpoints_run_facts(part, number.number.value if number is not None else None)
    return () if one is None else (one,)


def digest_of_audit(audit: Audit) -> str:
    """Return a hash over what decides an audit: its logs and its texts."""
    parts = [audit.run.detail_identity if audit.run is not None else None]
    parts.append(audit.accuracy.log.identity if audit.accuracy and audit.accuracy.log else None)
    parts += ["\n".join(audit.texts[name].lines) for name in sorted(audit.texts)]
    return hashlib.sha256("\x1f".join(part or "" for part in parts).encode()).hexdigest()


def _session(result: Result) -> str | None:
    server = result.power.server if result.power is not None else None
    name = server.get("session_name") if server is not None else None
    return name if isinstance(name, str) else None


def _accuracy_hash(result: Result) -> str | None:
    text = result.accuracy.text if result.accuracy is not None else None
    return text.hashes[-1][1].lower() if text is not None and text.hashes else None


def recounted(outcome: Outcome, *, foreign: bool) -> Outcome:
    """Return an outcome whose facts count only errors that no exception answers for.

    In a tree of another round the foreign seeds count once for the tree, not for each result.
    """
    errors = [
        f for f in outcome.judgement.findings
        if f.level is Level.ERROR and f.suppressed is None
        and not (foreign and f.rule == log_of_another_round.id)
    ]
    facts = replace(
        outcome.facts,
        errors=sum(1 for f in errors if not f.absent),
        absences=sum(1 for f in errors if f.absent),
    )
    return outcome._replace(facts=facts)


def _derivation(number: Published | None) -> tuple[Step, ...]:
    if number is None:
        return ()
    if number.inference is None:
        return number.steps
    last = number.steps[-1]
    note = Step(last.path, last.line, "inferred", number.number.printed,
                f"{number.inference.inferred} inferred from {number.inference.base} "
                f"({number.inference.source})")
    return (*number.steps, note)


def _accuracy_values(result: Result, round_: Round) -> tuple[AccuracyValue, ...]:
    model = round_.models.get(result.model or "")
    text = result.accuracy.text if result.accuracy is not None else None
    if model is None or text is None:
        return ()
    values = []
    for metric in model.metrics_by_scenario.get(result.scenario or "", model.metrics):
        line = counting_value(metric, text.values)
        if line is None:
            continue
        lower, upper = limits(metric, line.value)
        required = " and ".join(
            part for part in (
                f">= {lower:.10g}" if lower is not None else "",
                f"<= {upper:.10g}" if upper is not None else "",
            ) if part
        )
        values.append(AccuracyValue(metric.name, line.value, required,
                                    unit_of(metric, line.value), line.line, text.path, lower,
                                    upper))
    return tuple(values)


def errors_by_system(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the errors that may decide a verdict, under the name of the system they are about."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.level is Level.ERROR and finding.suppressed is None and finding.subject.system:
            found.setdefault(finding.subject.system, []).append(finding)
    return found


def row_of(
    outcome: Outcome, errors: Mapping[str, list[Finding]], round_: Round,
    folded: Mapping[str, str],
) -> ResultRow:
    """Return the report row of a result, its verdict decided by all errors that cover it.

    ``errors`` are those of `errors_by_system`; ``folded`` leads from the fingerprint of a folded
    finding to the one in the report.
    """
    facts = outcome.facts
    deciding = [f for f in errors.get(facts.subject.system, ())
                if f.subject.covers(facts.subject)]
    verdict, reason = _verdict(facts, outcome.judgement, deciding, round_)
    return ResultRow(
        location=facts.path,
        subject=facts.subject,
        model=facts.model,
        system_type=outcome.system_type,
        category=outcome.category,
        scenario=facts.scenario or facts.scenario_folder,
        verdict=verdict,
        reason=reason,
        inferred=facts.inferred,
        result=outcome.result,
        accuracy=outcome.accuracy,
        power=outcome.power,
        derivation=outcome.derivation,
        weight_types=facts.measurements.weight_types,
        deciding=tuple(dict.fromkeys(folded.get(f.fingerprint, f.fingerprint) for f in deciding)),
        latencies=outcome.latencies,
        nameplate=outcome.nameplate,
        code=outcome.code,
    )


def _verdict(
    facts: ResultFacts, judgement: Judgement, deciding: list[Finding], round_: Round
) -> tuple[Verdict, str]:
    if facts.model is None:
        return Verdict.NOT_JUDGED, (
            f"{facts.subject.benchmark} is no model of {round_.name}"
        )
    if facts.scenario is None:
        return Verdict.NOT_JUDGED, f"{facts.scenario_folder} is no scenario of {round_.name}"
    if deciding:
        verdict = Verdict.INCOMPLETE if all(f.absent for f in deciding) else Verdict.INVALID
        return verdict, ", ".join(sorted({f.rule for f in deciding}))
    if judgement.missing_data:
        missing = ", ".join(sorted(judgement.missing_data))
        return Verdict.NOT_JUDGED, f"{round_.name} gives no value for {missing}"
    return Verdict.VALID, ""
