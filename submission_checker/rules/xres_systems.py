"""XRES015-017: what the systems of a tree say together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import combinations

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.subjects import SubmitterSubject, SystemSubject, TreeSubject
from submission_checker.rules.texts import counted, listed, quote
from submission_checker.rules.values import is_nothing, text_of
from submission_checker.rules.xres_runs import one_machine

SUITE_DAYS = 90
COMMITS = 2
"""LoadGen revisions and days that one suite may span (rule XRES016)."""

AUDITED = ("closed", "available")


def _accelerator(system: SystemSubject) -> str:
    document = system.description.document
    return text_of(document.get("accelerator_model_name")) if document is not None else ""


def _field(system: SystemSubject, name: str) -> str:
    document = system.description.document
    return text_of(document.get(name)).casefold() if document is not None else ""


@rule(
    id="XRES015", name="audit-candidates", title="Systems that the audit may choose first",
    level=Level.INFO, scope=Scope.TREE,
    why="new hardware and power results lose the exemption from the audit",
    fix="nothing needs to be done",
    source="inference_policies inference_rules.adoc, Audit Process",
)
def audit_candidates(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No available closed system has power results or an accelerator of nobody else.

    What is new since the round before is not in the tree.
    """
    owners: dict[str, set[str]] = defaultdict(set)
    for submitter in tree.submitters:
        for system in submitter.systems:
            owners[_accelerator(system).casefold()].add(submitter.subject.submitter)
    for submitter in tree.submitters:
        reasons = []
        for system in submitter.systems:
            mine = (submitter.subject.division, _field(system, "status"))
            if mine == AUDITED and system.results:
                reasons += [f"{system.description.id}: {reason}"
                            for reason in _reasons(system, owners)]
        if reasons:
            yield Fault(Location(submitter.path), f"{counted(len(reasons), 'reason')} for an "
                        f"audit; the first: {reasons[0]}", "none of them; a lead for the committee",
                        evidence=tuple(reasons[:10]), subject=submitter.subject)


def _reasons(system: SystemSubject, owners: dict[str, set[str]]) -> Iterator[str]:
    name = _accelerator(system)
    if not is_nothing(name) and len(owners[name.casefold()]) == 1:
        yield f"accelerator {quote(name)}, of no other submitter here"
    if any(facts.has_power for facts in system.results):
        yield "results with power"


@rule(
    id="XRES016", name="one-suite", title="The results of a system are one suite",
    level=Level.INFO, scope=Scope.SYSTEM,
    why="system and framework must be the same for all benchmarks",
    fix="rerun the oldest results with the software of the others, or describe two systems",
    source="inference_policies inference_rules.adoc: system and framework must be consistent",
)
def one_suite(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """At most two revisions of LoadGen; all runs within 90 days."""
    runs = [run for facts in system.results for run in facts.runs]
    if len(runs) < 2:
        raise Skip("fewer than two runs")
    at = Location(system.description.path)
    versions = sorted({run.version for run in runs if run.version is not None})
    if len(versions) > COMMITS:
        yield Fault(at, f"{len(versions)} builds of LoadGen: {listed(versions)}",
                    f"at most {COMMITS}", subcode="loadgen")
    days = sorted((day, run.path) for run in runs if (day := _day(run.date)) is not None)
    if days and (days[-1][0] - days[0][0]).days > SUITE_DAYS:
        yield Fault(at, f"runs from {days[0][0]} ({days[0][1]}) to {days[-1][0]}",
                    f"within {SUITE_DAYS} days", subcode="dates")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


@rule(
    id="XRES017", name="identical-descriptions", title="Two systems are two machines",
    level=Level.INFO, scope=Scope.SUBMITTER,
    why="one machine under two names hides that results belong together",
    fix="put the results under one system, or describe what differs",
    source="own",
)
def identical_descriptions(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """No two systems of one type differ in names and notes only."""
    for one, other in combinations(submitter.systems, 2):
        kinds = one.description.system_type, other.description.system_type
        if kinds[0] == kinds[1] and one_machine(one.description.document,
                                                other.description.document):
            yield Fault(Location(other.description.path),
                        f"the hardware and software of {one.description.path}",
                        "a description of its own", subcode=one.description.id,
                        subject=other.description.subject)
