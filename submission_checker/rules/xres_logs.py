"""XRES022: the logs of accuracy runs and audits are of one benchmark and one system."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, rule
from submission_checker.model.accuracy import AccuracyLog
from submission_checker.model.documents import JsonFile
from submission_checker.model.findings import Level, Location
from submission_checker.model.run_facts import LogFacts
from submission_checker.model.subjects import ResultFacts, TreeSubject
from submission_checker.model.submission import Result
from submission_checker.rounds.types import Round
from submission_checker.rules.texts import counted
from submission_checker.rules.xres_runs import one_machine, same_system, variants

BENCHMARKS = "two benchmarks"
TELLING_BYTES = 4096
"""Shorter logs of answers can be equal by chance: they hold fewer than 80 classes."""


class Shown(NamedTuple):
    """A log with the result that shows it and the description of its system."""

    log: LogFacts
    result: ResultFacts
    document: JsonFile | None


def other_logs(result: Result) -> Iterator[LogFacts]:
    """Yield the logs beside the performance runs that another log of the tree may equal."""
    for _, run in result.other_runs():
        if run.detail_sha256 is not None:
            date = run.record("test_datetime")
            yield LogFacts(run.detail_path, date.line if date is not None else None,
                           run.detail_sha256)
    parts = [result.accuracy, *(audit.accuracy for audit in result.audits.values())]
    for part in parts:
        if part is not None and part.log is not None and _telling(part.log):
            yield LogFacts(part.log.path, 1, part.log.identity, answers=True)


def _telling(log: AccuracyLog) -> bool:
    """Return whether only a copy equals this log: dummies answer alike, or nothing."""
    return log.sha256 is not None and log.size_bytes >= TELLING_BYTES and len(
        {entry.data_hex for entry in log.entries}) > 1


@rule(
    id="XRES022", name="one-log-one-benchmark",
    title="A log of an accuracy run or an audit belongs to one benchmark",
    level=Level.ERROR, scope=Scope.TREE,
    why="answers and logs of one benchmark say nothing about another; two benchmarks never give "
        "the same answers",
    fix="submit the logs of this result's own accuracy runs and audits",
    source="own; equal logs counted over the published results",
)
def one_log_one_benchmark(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No log of an accuracy run or audit stands under two benchmarks or two systems.

    Variants of one benchmark may share logs. Equal answers under two systems are usual; an equal
    detail log is of one run, which is a warning, unless both descriptions are of one machine.
    """
    seen: dict[tuple[object, ...], int] = defaultdict(int)
    pairs: dict[tuple[object, ...], tuple[Shown, Shown, str, Level | None]] = {}
    for group in _equal_logs(tree):
        one, *others = sorted(group, key=lambda shown: (shown.log.performance, shown.log.path))
        for other in others:  # who may share with the first may share with each other
            differ = _differ(one, other, context.round)
            if differ is not None:
                key = (differ[0], one.result.path, other.result.path)
                seen[key] += 1
                pairs.setdefault(key, (one, other, *differ))
    for kinds, (one, other, kind, level) in pairs.items():
        more = f" ({counted(seen[kinds], 'log')} in all)" if seen[kinds] > 1 else ""
        for here, there in ((one, other), (other, one)) if level is None else ((other, one),):
            yield Fault(Location(here.log.path, here.log.line),
                        f"the same bytes as {there.log.path}{more}: one log for {kind}",
                        "a log of this result's own run", subcode=there.log.path, level=level,
                        subject=here.result.subject,
                        why=None if kind == BENCHMARKS else "a run is of one machine")


def _equal_logs(tree: TreeSubject) -> Iterator[list[Shown]]:
    """Yield groups of equal logs, of which at least one is of no performance run."""
    groups: dict[str, list[Shown]] = defaultdict(list)
    results = [(facts, system.description.document) for submitter in tree.submitters
               for system in submitter.systems for facts in system.results]
    for facts, document in results:
        for log in facts.logs:
            groups[log.identity].append(Shown(log, facts, document))
    for facts, document in results:
        for run in facts.runs:
            if run.identity in groups:
                log = LogFacts(run.path, run.line, run.identity, performance=True)
                groups[run.identity].append(Shown(log, facts, document))
    return (group for group in groups.values() if len(group) > 1)


def _differ(one: Shown, other: Shown, round_: Round) -> tuple[str, Level | None] | None:
    """Return what two results with one log differ in and the level, None where they may."""
    mine, theirs = one.result, other.result
    if one.log.performance and other.log.performance:
        return None
    if not variants(mine.model or mine.subject.benchmark,
                    theirs.model or theirs.subject.benchmark, round_):
        unknown = mine.model is None or theirs.model is None
        return BENCHMARKS, Level.WARNING if unknown else None
    if one.log.answers or same_system(mine, theirs):
        return None
    if mine.subject.submitter != theirs.subject.submitter:
        return "two submitters", Level.WARNING
    return None if one_machine(one.document, other.document) else ("two systems", Level.WARNING)
