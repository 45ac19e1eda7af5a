"""What rules about audits share: which audits are judged, and how their findings are placed."""

from __future__ import annotations

from collections.abc import Iterator

from compliance_tests import settings
from compliance_tests.records import Case, Score
from submission_checker.engine.context import Context
from submission_checker.engine.levels import level_in_force
from submission_checker.engine.rule import Fault, Rule, Skip
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Run
from submission_checker.model.submission import Audit, Result
from submission_checker.rounds.types import Model
from submission_checker.rules.texts import count, ns_as_ms

SCRIPTS = "mlcommons/inference compliance scripts of the round"
README = "mlcommons/inference compliance README"
POLICY = "policies submission_rules.adoc, Compliance Testing"


def required_tests(model: Model, scenario: str) -> tuple[str, ...]:
    """Return the audits that a model needs in a scenario."""
    exempt = model.audit_exempt_scenarios
    return tuple(test for test in model.required_audits if scenario not in exempt.get(test, ()))


def not_required(subject: object, context: Context) -> str | None:
    """Return why a rule about audits does not apply to a division."""
    if context.division not in context.round.audits_required_in:
        return f"{context.round.name} requires no audits in the {context.division} division"
    return None


def no_audit(result: Result, context: Context) -> str | None:
    """Return why a result has no audit to judge."""
    reason = not_required(result, context)
    if reason is not None:
        return reason
    if result.model is None or result.scenario is None:
        return "benchmark or scenario unknown"
    if not required_tests(context.model, context.scenario):
        return "the model needs no audit in this round"
    return None if cases(result, context) else "no required audit was submitted"


def cases(result: Result, context: Context, *tests: str) -> tuple[Case, ...]:
    """Return the submitted audits among those that the result needs, or the named ones of them."""
    found = result.once("required audits", _cases, context)
    return tuple(case for case in found if case.audit.test in tests) if tests else found


def _cases(result: Result, context: Context) -> tuple[Case, ...]:
    """Return a case for each; all rules about audits share it with what they derive from it."""
    found = []
    for test in required_tests(context.model, context.scenario):
        audit, spec = result.audits.get(test), context.round.audits.get(test)
        if audit is not None and spec is not None:
            found.append(Case(
                audit, spec, context.round, context.model, context.scenario,
                result.performance, result.accuracy, result.audits,
            ))
    return tuple(found)


def logged(result: Result, context: Context) -> Iterator[tuple[Case, Run]]:
    """Yield the required audits whose detail log can be read, with their run."""
    for case in cases(result, context):
        run = case.audit.run
        if run is not None and run.log is not None and run.log.records_count:
            yield case, run


def of(case: Case, context: Context, fault: Fault) -> Fault:
    """Narrow a fault to the audit that it is about."""
    return fault._replace(subject=context.subject._replace(run=case.audit.test))


def whole(audit: Audit) -> Location:
    """Return the place of an audit as a whole."""
    return Location(audit.path)


def borrowed(
    rule: Rule, subject: object, context: Context, case: Case, *, at_most: Level | None = None
) -> Iterator[Fault]:
    """Yield what another rule finds in a part of an audit; its id becomes the subcode."""
    level = level_in_force(rule, context.round, context.division)
    if level is None:
        return
    try:
        if rule.when is not None and rule.when(subject, context):
            return
        found = [item for item in rule.check(subject, context) if isinstance(item, Fault)]
    except Skip:
        return
    for fault in found:
        levels = [item for item in (level, fault.level, at_most) if item is not None]
        code = f"{rule.id} {fault.subcode}" if fault.subcode else rule.id
        yield of(case, context, fault._replace(
            subcode=code, level=min(levels), why=fault.why or rule.why, fix=fault.fix or rule.fix,
        ))


def shown(score: Score) -> str:
    """Return a score with its key: latencies in ms, rates as they are."""
    return f"{score.key} {value_of(score, score.value)}"


def value_of(score: Score, value: float) -> str:
    """Return a value in the unit of a score."""
    if score.lower_is_better:
        return ns_as_ms(value)
    return count(value) if score.value >= 100_000 else f"{value:.6g}"


def place(at: Location) -> str:
    """Return a place as path and line."""
    return at.path if at.line is None else f"{at.path}:{at.line}"


def settings_hold(case: Case) -> bool:
    """Return whether every setting of the audit's configuration was in force, as far as logged."""
    return all(
        check.verdict.value == "pass" or check.harmless for check in settings.in_force(case)
    )
