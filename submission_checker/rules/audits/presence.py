"""AUDT001, 002, 026-028: which audits are there, with which files."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from compliance_tests.records import Case
from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.subjects import ResultFacts, SystemSubject
from submission_checker.model.submission import LOADGEN, Audit, Result
from submission_checker.rules.audits.cases import (
    POLICY,
    README,
    cases,
    no_audit,
    not_required,
    of,
    required_tests,
    whole,
)
from submission_checker.rules.texts import listed
from submission_checker.tree.templates import fill


@rule(
    id="AUDT001", name="audits-present", title="Every required audit was submitted",
    level=Level.ERROR, open_level=OFF, scope=Scope.SYSTEM, when=not_required,
    why="audits are the evidence that speed was not reached by caching, guessing or careless "
        "answers",
    fix="run the audit with the system of the result and submit its logs and verdict texts",
    source=f"{README}; {POLICY}", key="models.*.audits",
)
def audits_present(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """The folder of each audit that the model needs exists, except for copies (AUDT027)."""
    for facts in system.results:
        if facts.harness != LOADGEN:  # ENDP015 judges the audits of the other harness
            continue
        if not facts.has_performance or base_of(facts, system, context) is not None:
            continue
        for test in missing_tests(facts, context):
            yield Fault(
                Location(expected_folder(facts, test, context)), "no such audit",
                f"{test} ({context.cite(f'models.{facts.model}.audits')})", subcode=test,
                absent=True, subject=facts.subject._replace(run=test),
            )


def missing_tests(facts: ResultFacts, context: Context) -> tuple[str, ...]:
    """Return the audits that a result needs and does not have."""
    if facts.model is None or facts.scenario is None:
        return ()
    needed = required_tests(context.round.models[facts.model], facts.scenario)
    return tuple(test for test in needed if test not in facts.audits)


def expected_folder(facts: ResultFacts, test: str, context: Context) -> str:
    """Return where the round wants an audit of a result."""
    template = context.round.layout.templates.get("compliance", ("",))[0]
    subject = facts.subject
    return fill(template, {
        "division": subject.division, "submitter": subject.submitter, "system": subject.system,
        "model": subject.benchmark, "scenario": subject.scenario, "test": test,
    }) if template else facts.path


def base_of(
    facts: ResultFacts, system: SystemSubject, context: Context
) -> ResultFacts | None:
    """Return the result that this one repeats: the base of an inference, or the same log.

    Of two results with one log the one with audits is the base, so that a low-accuracy variant
    copied from the high-accuracy one leans on it.
    """
    if facts.detail_identity is None:
        return None
    for other in system.results:
        if other is facts or other.detail_identity != facts.detail_identity or other.model is None:
            continue
        if facts.inferred and other.model == facts.model and not other.inferred:
            return other
        same = other.scenario == facts.scenario and other.model != facts.model
        if same and missing_tests(facts, context) and not missing_tests(other, context):
            return other
    return None


@rule(
    id="AUDT027", name="audits-of-copies", title="Copied and inferred results have audits",
    level=Level.ERROR, open_level=OFF, scope=Scope.SYSTEM, when=not_required,
    why="a result that repeats another one rests on the audits of that one",
    fix="submit the audits of the result it was copied or inferred from",
    source=f"{POLICY}; inference_policies inference_rules.adoc, inferred results",
    key="models.*.audits",
)
def audits_of_copies(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """The copy or its base has each audit; a copy of an audit is identical with it."""
    for facts in system.results:
        base = base_of(facts, system, context)
        if base is None or facts.model is None or facts.scenario is None:
            continue
        needed = required_tests(context.round.models[facts.model], facts.scenario)
        cite = context.cite(f"models.{facts.model}.audits")
        for test in needed:
            if test not in facts.audits and test not in base.audits:
                yield Fault(
                    Location(expected_folder(facts, test, context)),
                    f"no {test} here and none of {base.path}", f"{test} ({cite})",
                    subcode=test, absent=True, subject=facts.subject._replace(run=test),
                )
        yield from _leaning(facts, base, needed, cite)


def _leaning(
    facts: ResultFacts, base: ResultFacts, needed: tuple[str, ...], cite: str
) -> Iterator[Fault]:
    """Name the audits that only the base has, and those of an inferred result that differ."""
    only = [test for test in needed if test in base.audits and test not in facts.audits]
    if only:
        yield Fault(Location(facts.path), f"only {base.path} has {', '.join(only)}",
                    f"{', '.join(needed)} here or there ({cite})", subcode="base",
                    level=Level.INFO, subject=facts.subject)
    apart = [test for test in needed if test in base.audits and test in facts.audits
             and base.audits[test] != facts.audits[test]]
    if apart and facts.inferred:
        yield Fault(Location(facts.path),
                    f"files that differ from those of {base.path}: {', '.join(apart)}",
                    "copies, or the audits of the base alone", subcode="copies",
                    level=Level.INFO, subject=facts.subject)


@rule(
    id="AUDT002", name="audit-files", title="An audit holds its files",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT, when=no_audit,
    why="an audit without logs or verdict text shows nothing",
    fix="submit the audit folder as the audit script left it",
    source=f"{README}; submission checker of the round", key="compliance.tests",
)
def audit_files(result: Result, context: Context) -> Iterator[Fault]:
    """Each file that the round wants of the test is there."""
    for case in cases(result, context):
        missing = [name for name in case.spec.files_required if not _has(case.audit, name)]
        if missing:
            yield _incomplete(case, missing, context)


def _incomplete(case: Case, missing: list[str], context: Context) -> Fault:
    cite = context.cite(f"compliance.tests.{case.audit.test}")
    return of(case, context, Fault(
        whole(case.audit), f"no {listed(missing, 6)}",
        f"{', '.join(case.spec.files_required)} ({cite})", subcode=case.audit.test, absent=True,
    ))


def _has(audit: Audit, name: str) -> bool:
    if "*" not in name:
        return name in audit.files
    return any(fnmatchcase(path, name) for path in audit.files)


@rule(
    id="AUDT026", name="superfluous-audit", title="Audits are those that the model needs",
    level=Level.INFO, open_level=OFF, scope=Scope.RESULT, when=not_required,
    why="an audit that the round does not ask for is not judged",
    fix="nothing needs to be done; the folder may be removed",
    source=f"{README}", key="models.*.audits",
)
def superfluous_audit(result: Result, context: Context) -> Iterator[Fault]:
    """Every audit folder is one of the model's required audits."""
    if not result.audits:
        raise Skip("no audit was submitted")
    needed = required_tests(context.model, context.scenario)
    for test, audit in sorted(result.audits.items()):
        if test not in needed:
            known = test in context.round.audits
            cite = context.cite(context.model_key("audits"))
            yield Fault(
                whole(audit), f"{test}, {'not needed here' if known else 'unknown in this round'}",
                f"{', '.join(needed) or 'no audit'} ({cite})", subcode=test,
            )


def judged_elsewhere(result: Result, context: Context) -> str | None:
    """Return why the rule about the oldest form of audits does not apply."""
    if context.round.rule_setting("AUDT002", context.division) != "off":
        return "AUDT001 to AUDT003 judge the audits of this round"
    return no_audit(result, context)


@rule(
    id="AUDT028", name="early-audits", title="Audits of the first round have their form",
    level=Level.WARNING, open_level=OFF, scope=Scope.RESULT, when=judged_elsewhere,
    why="the tool of that round did not look at audits; people reviewed them",
    fix="submit the audit folder as the audit script left it",
    source=f"{README} of v0.5; MLPerf Inference paper, section V-B", key="compliance.tests",
)
def early_audits(result: Result, context: Context) -> Iterator[Fault]:
    """Each submitted audit holds its files; AUDT003 reads its texts."""
    for case in cases(result, context):
        missing = [name for name in case.spec.files_required if not _has(case.audit, name)]
        if missing:
            yield _incomplete(case, missing, context)
