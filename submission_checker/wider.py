"""Judge what is wider than a result: systems, submitters and the tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from submission_checker.beside import base_numbers
from submission_checker.engine.context import Context
from submission_checker.engine.judge import Judge, Judgement
from submission_checker.engine.rule import Scope
from submission_checker.given import Described
from submission_checker.intake.code import code_facts
from submission_checker.intake.private import private_in_texts
from submission_checker.intake.repository import repository_facts
from submission_checker.intake.results import REPORTED
from submission_checker.model.beside import FILES_OF_RESULTS, Beside
from submission_checker.model.documents import Problem
from submission_checker.model.files import Kind
from submission_checker.model.findings import Location, Subject
from submission_checker.model.private import PrivateHit
from submission_checker.model.subjects import (
    ResultFacts,
    SubmitterSubject,
    SystemSubject,
    TreeSubject,
)
from submission_checker.rules.outcome import Outcome
from submission_checker.tree.build import SubmitterPaths

ROLES_WITH_SYSTEMS = ("results", "measurements", "compliance")


def judge_wider(
    described: Described, outcomes: Sequence[Outcome], judge: Judge, context: Context
) -> Judgement:
    """Judge systems by the facts of their results, submitters by their systems, then the tree.

    ``context`` is that of the tree; each subject gets its own subject and place in it.
    """
    judgement = Judgement()
    facts: dict[Subject, list[ResultFacts]] = {}
    for outcome in outcomes:
        of = outcome.facts.subject
        facts.setdefault(Subject(of.division, of.submitter, of.system), []).append(outcome.facts)
    submitters = []
    for paths in described.tree.submitters:
        systems = []
        for system in paths.systems:
            description = described.systems[system.subject]
            about = SystemSubject(description, tuple(facts.get(system.subject, ())))
            systems.append(about)
            judgement.merge(judge.other(Scope.SYSTEM, about, context._replace(
                subject=system.subject, at=Location(description.path))))
        submitter = _submitter(paths, tuple(systems), described)
        submitters.append(submitter)
        judgement.merge(judge.other(Scope.SUBMITTER, submitter, context._replace(
            subject=paths.subject, at=Location(paths.path))))
    tree = _tree(described, tuple(submitters), outcomes)
    judgement.merge(judge.other(Scope.TREE, tree, context))
    return judgement


def _submitter(
    paths: SubmitterPaths, systems: tuple[SystemSubject, ...], described: Described
) -> SubmitterSubject:
    key = (paths.subject.division, paths.subject.submitter)
    return SubmitterSubject(
        paths.subject, paths.path, described.reader.folder(paths.path), systems,
        paths.has_results, paths.calibration, described.mappings.get(key), paths.half_results,
        paths.documents, code_facts(paths.path, described.given.round, described.reader),
    )


def _tree(
    described: Described, submitters: tuple[SubmitterSubject, ...], outcomes: Sequence[Outcome]
) -> TreeSubject:
    beside = _beside(described)
    private = _private(described, submitters, outcomes)
    problems = list(_problems(described, outcomes))
    seeds = Counter(o.facts.seeds for o in outcomes if o.facts.seeds is not None)
    roles = frozenset(
        template.split("/")[2]
        for role in ROLES_WITH_SYSTEMS
        for template in described.given.round.layout.templates.get(role, ())
    )
    repository = repository_facts(
        described.reader, described.table, problems, described.given.changes)
    return TreeSubject(
        described.table, described.tree.divisions, submitters, roles,
        tuple(dict.fromkeys(problems)), dict(seeds), private, repository, beside,
    )


def _beside(described: Described) -> Beside:
    given = described.given
    base = None if given.changes is None else base_numbers(
        given.source, described.tree, given.changes, given.round)
    data, name = given.options.published, given.options.published_file
    for found in FILES_OF_RESULTS if data is None else ():
        data, name = described.reader.data(found), found
        if data is not None:
            break
    if data is None:
        return Beside(described.before, base)
    from submission_checker.intake.published_table import read_table  # only here: few have one

    return Beside(described.before, base, read_table(data, name, given.table))


def _private(
    described: Described, submitters: tuple[SubmitterSubject, ...], outcomes: Sequence[Outcome]
) -> tuple[PrivateHit, ...]:
    """Return what the files of results, systems, documents and code tell, each once."""
    found = [*described.reader.private, *(hit for o in outcomes for hit in o.private)]
    for submitter in submitters:
        found += private_in_texts(
            submitter.path, submitter.code.paths, submitter.documents, described.reader)
    return tuple(dict.fromkeys(found))


def _problems(described: Described, outcomes: Sequence[Outcome]) -> Iterator[Problem]:
    """Yield what could not be read; call last, as the reader notes what it meets on its way."""
    yield from (p for p in described.reader.problems if p.kind in REPORTED)
    for outcome in outcomes:
        yield from outcome.problems
    for entry in described.table.entries.values():
        if entry.kind is Kind.UNREADABLE:
            yield Problem("unreadable", entry.problem or "cannot be read", Location(entry.path))
    for text in described.given.table.refused:
        yield Problem("refused", text, Location(""))
