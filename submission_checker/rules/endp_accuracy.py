"""ENDP013-015: quality, coverage and audits of endpoints results."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.endpoints import Accuracy, AuditFile, Score
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Datum
from submission_checker.model.submission import Result
from submission_checker.rules.endp_values import (
    ANY,
    CHECKER,
    HARNESS,
    accuracy_of,
    bounds,
    goals_of,
    missing,
    not_endpoints,
    part_of,
    qualities,
)
from submission_checker.rules.texts import count, quote

NEEDED = ("ref_qps", "audit_qps", "ref_completed", "ref_requested", "audit_completed",
          "audit_requested")


@rule(
    id="ENDP013", name="endpoints-quality", title="The quality target is reached",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RESULT,
    requires=("ENDP003", "TREE020", "TREE025"), when=not_endpoints,
    why="speed counts only at the quality that the round demands",
    fix="improve the accuracy of the implementation, or submit to the open division",
    source=f"inference_policies inference_rules.adoc, Benchmarks; {HARNESS}",
    key="endpoints.accuracy",
)
def quality(result: Result, context: Context) -> Iterator[Fault]:
    """Each target of the model is reached; scores of several data sets are combined by samples."""
    accuracy, model = accuracy_of(result), context.model.name
    goals = goals_of(model, result.scenario, context.round.endpoints)
    if not goals:
        raise Skip("the round gives no quality target of this model for the harness")
    for found in qualities(accuracy, goals):
        goal = found.goal
        required = f"{goal.metric} {bounds(goal)} ({context.cite(f'endpoints.accuracy.{model}')})"
        if found.value is None or not (
            (goal.lower is None or found.value >= goal.lower)
            and (goal.upper is None or found.value <= goal.upper)
        ):
            yield Fault(found.at, found.found, required, subcode=goal.metric,
                        evidence=found.evidence)


@rule(
    id="ENDP014", name="endpoints-coverage", title="Every sample of the data sets was answered",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RESULT,
    requires=("ENDP003", "TREE020", "TREE025"), when=not_endpoints,
    why="quality is measured over the whole data sets, not over the easy part of them",
    fix="run the accuracy data sets completely, with the repeats of the round",
    source=CHECKER, key="endpoints.accuracy_samples",
)
def coverage(result: Result, context: Context) -> Iterator[Fault]:
    """The samples of all accuracy data sets sum to the round's count, and each entry adds up."""
    accuracy, spec = accuracy_of(result), context.round.endpoints
    counts = spec.accuracy_samples.get(context.model.name, {})
    need = counts.get(context.scenario, counts.get(ANY))
    have = 0
    for score in accuracy.counting():
        yield from _entry(score, accuracy)
        total = score.total or score.responses.get("issued")
        have += total.value if total is not None else 0
    key = f"endpoints.accuracy_samples.{context.model.name}"
    whole = Location(accuracy.file.path, accuracy.file.lines.get("/accuracy_scores"),
                     "/accuracy_scores")
    want = context.limit(need, key)
    if have != want:
        yield Fault(whole, f"{count(have)} samples in the accuracy data sets",
                    f"{count(want)} ({context.cite(key)})", subcode="sum")
    for name, part in spec.accuracy_parts.get(context.model.name, {}).items():
        yield from _part(accuracy, name, part, whole, context)


def _entry(score: Score, accuracy: Accuracy) -> Iterator[Fault]:
    """Yield what one entry contradicts in itself."""
    total, unit, repeats = score.total, score.unit_samples, score.repeats
    if total is None and "issued" not in score.responses:
        yield Fault(missing(accuracy.file, f"{score.at.pointer}/total_samples"),
                    f"no total_samples of data set {quote(score.dataset)}", "a count",
                    subcode=f"{score.dataset}-total")
    if total is not None and unit is not None and repeats is not None and (
        total.value != unit.value * repeats.value
    ):
        yield Fault(total.at, f"total_samples {count(total.value)} of {quote(score.dataset)}",
                    f"{count(unit.value * repeats.value)}, unit_samples x num_repeats",
                    subcode=f"{score.dataset}-product")
    if score.complete is not None and not score.complete.value:
        yield Fault(score.complete.at, f"data set {quote(score.dataset)} is not complete",
                    "complete true", subcode=f"{score.dataset}-complete")
    yield from _responses(score)


def _responses(score: Score) -> Iterator[Fault]:
    issued, said = score.responses.get("issued"), score.responses
    parts = [said[name].value for name in ("scored", "empty", "missing") if name in said]
    if issued is not None and len(parts) == 3 and sum(parts) != issued.value:
        yield Fault(issued.at, f"{count(issued.value)} issued in {quote(score.dataset)}",
                    f"{count(sum(parts))}, scored + empty + missing",
                    subcode=f"{score.dataset}-responses")
    lost = said.get("missing")
    if lost is not None and lost.value:
        yield Fault(lost.at, f"{count(lost.value)} answers missing in {quote(score.dataset)}",
                    "0", subcode=f"{score.dataset}-missing")


def _part(
    accuracy: Accuracy, name: str, need: int, whole: Location, context: Context
) -> Iterator[Fault]:
    own = [score for score in accuracy.counting() if score.dataset.casefold().startswith(name)]
    totals = [score.total for score in own if score.total is not None]
    have = sum(total.value for total in totals)
    if own and have != need:
        cite = context.cite(f"endpoints.accuracy_parts.{context.model.name}")
        yield Fault(totals[0].at if totals else whole, f"{count(have)} samples of {name}",
                    f"{count(need)} ({cite})", subcode=name)


@rule(
    id="ENDP015", name="endpoints-audits", title="The audits of the harness passed",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT,
    requires=("TREE020", "TREE025"), when=not_endpoints,
    why="audits are the evidence that speed was not reached by caching or guessing",
    fix="run the audit with the system of the result and submit its file",
    source=f"{CHECKER}; mlcommons/endpoints#332", key="endpoints.audits",
)
def audits(result: Result, context: Context) -> Iterator[Fault]:
    """Required audit files exist; each one is of its test, passed, and its numbers say so, too."""
    spec, part = context.round.endpoints, part_of(result)
    if context.division not in context.round.audits_required_in:
        raise Skip("audits are not required in this division")
    needed = [spec.audit_names[test] for test in spec.audits_required.get(context.model.name, ())]
    if not needed and not part.audits:
        raise Skip("the model needs no audit of the harness")
    cite = context.cite("endpoints.audits")
    for name in needed:
        if name not in part.audits:
            path = f"{part.audit_folder}/audit_{name}.json"
            yield Fault(Location(path), "no such audit", f"{name} ({cite})", subcode=name,
                        absent=True)
    for name, audit in sorted(part.audits.items()):
        if audit.file.readable:
            yield from _verdict(audit, cite)
            if name in needed or audit.numbers:
                yield from _numbers(audit, context)


def _verdict(audit: AuditFile, cite: str) -> Iterator[Fault]:
    path = audit.file.path
    if audit.test is None or audit.test.value != audit.name:
        said = quote(audit.test.value) if audit.test is not None else "no test"
        yield Fault(audit.test.at if audit.test else Location(path, None, "/test"),
                    f"test {said}" if audit.test else said,
                    f"{audit.name}, as the file is called ({cite})",
                    subcode=f"{audit.name}-test")
    if audit.passed is None or not audit.passed.value:
        yield Fault(audit.passed.at if audit.passed else Location(path, None, "/passed"),
                    "passed false" if audit.passed else "no verdict", f"passed true ({cite})",
                    subcode=f"{audit.name}-passed")


def _numbers(audit: AuditFile, context: Context) -> Iterator[Fault]:
    """Recompute the verdict: both phases complete, and repeating one sample is not faster."""
    limits = context.round.endpoints.audit_thresholds
    limit = limits.get(context.scenario, min(limits.values(), default=None))
    if limit is None:
        return
    cite = context.cite("endpoints.audits")
    absent = [key for key in NEEDED if key not in audit.numbers]
    if absent:
        yield Fault(Location(audit.file.path), f"no {', '.join(absent)}",
                    f"the numbers that decide the audit ({cite})", subcode=f"{audit.name}-numbers")
        return
    if audit.threshold is not None and audit.threshold.value > limit:
        yield Fault(audit.threshold.at, f"threshold {audit.threshold.value:g}",
                    f"at most {limit:g} in {context.scenario} ({cite})",
                    subcode=f"{audit.name}-threshold")
    numbers = audit.numbers
    for phase in ("ref", "audit"):
        yield from _completed(numbers[f"{phase}_completed"], numbers[f"{phase}_requested"], limit,
                              f"{audit.name}-{phase}", cite)
    fast, ref = numbers["audit_qps"], numbers["ref_qps"]
    if fast.value >= ref.value * (1 + limit):
        yield Fault(fast.at, f"audit_qps {fast.value:.10g}",
                    f"below {ref.value * (1 + limit):.10g}, ref_qps x {1 + limit:g} ({cite})",
                    subcode=f"{audit.name}-qps")


def _completed(
    done: Datum[float], asked: Datum[float], limit: float, subcode: str, cite: str
) -> Iterator[Fault]:
    if done.value > asked.value:
        yield Fault(done.at, f"{done.key} {count(done.value)}",
                    f"at most {count(asked.value)}, {asked.key}", subcode=f"{subcode}-more")
    if done.value < asked.value * (1 - limit):
        yield Fault(done.at, f"{done.key} {count(done.value)}",
                    f"at least {asked.value * (1 - limit):.10g}, {asked.key} x {1 - limit:g} "
                    f"({cite})", subcode=subcode)
