"""The one pipeline: source, round, tree, logs, rules, verdicts, report; the library's check()."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from submission_checker.engine.context import Context
from submission_checker.engine.exceptions import Exceptions, read_exceptions
from submission_checker.engine.judge import Judge, Judgement
from submission_checker.engine.rule import Rule
from submission_checker.engine.selection import chosen_rules
from submission_checker.given import Described, Given, Stage, describe, open_given
from submission_checker.intake.reading import alike_logs
from submission_checker.judging import (
    Memory,
    Progress,
    Task,
    end_with_parent,
    judge_all,
    judge_system,
    make_ready,
    other_rounds,
    worth_jobs,
)
from submission_checker.model.findings import Level, Location, Subject
from submission_checker.model.report import Report
from submission_checker.options import Options
from submission_checker.reporting import report_of
from submission_checker.rules.outcome import Outcome, recounted
from submission_checker.rules.registry import all_rules
from submission_checker.rules.rndx import foreign_round
from submission_checker.sources.base import Source
from submission_checker.wider import judge_wider

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["Options", "check", "fails"]


def check(
    path: str | Source,
    round: str | None = None,
    *,
    options: Options | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    memory: Memory | None = None,
    stage: Stage | None = None,
) -> Report:
    """Judge a submission tree and return the report.

    Args:
        path: a folder with division folders in it, or a source that is open already.
        round: name of the round; detected from the tree where it is None.
        options: profile, selection of rules and results, worker processes.
        executor: where results are judged; the report is the same for any executor.
        progress: called with (results judged, results in all).
        memory: what an earlier check of the same folder found out; it is brought up to date.
        stage: called with the name of each part of the work when it is done.

    Raises:
        SourceError: the path cannot be used at all.
        UnknownRound, RoundUndecided, WrongUse: wrong use; the message names what is known.
    """
    wanted = options or Options()
    if round is not None:
        wanted = replace(wanted, round=round)
    done = stage or (lambda _: None)
    given = open_given(path, wanted, done)
    run = _Check(given, memory, progress, done)
    jobs = wanted.jobs or worth_jobs(given.table)
    if executor is not None or jobs == 1:
        return run.report(executor)
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs, initializer=end_with_parent) as pool:
        for _ in range(jobs):
            pool.submit(make_ready, run.rule_ids)
        return run.report(pool)


class _Check:
    """One run of the pipeline."""

    def __init__(
        self, given: Given, memory: Memory | None, progress: Progress | None, done: Stage
    ) -> None:
        self.given = given
        self.memory = memory
        self.progress = progress
        self.done = done
        self.rules = chosen_rules(all_rules(), given.options.selection)
        self.rule_ids = tuple(rule.id for rule in self.rules)
        self.judge = Judge(self.rules, keep_passes=given.options.passes)
        self.others = other_rounds(given.round)
        self.exceptions = _exceptions(given, self.rules)

    def report(self, executor: Executor | None) -> Report:
        """Judge everything and return the report."""
        described = describe(self.given, executor)
        self.done("descriptions")
        outcomes = judge_all(list(self._tasks(described)), self._judge_here, executor,
                             self.memory, self.progress)
        self.done("results")
        outcomes = self._with_exceptions(outcomes)
        judgement = Judgement()
        for outcome in outcomes:
            judgement.merge(outcome.judgement)
        context = Context(self.given.round, Subject(), Location(""), None,
                          self.given.options.gate, self.others)
        judgement.merge(judge_wider(described, outcomes, self.judge, context))
        self.done("systems and tree")
        report = report_of(described, outcomes, judgement, self.rules, self.exceptions)
        self.done("report")
        return report

    def _tasks(self, described: Described) -> Iterator[Task]:
        # Logs of an earlier round may equal any of these, and so may logs that a later check meets
        # with outcomes from memory: there every log is told by its hash.
        every = described.before is not None or self.memory is not None
        alike = None if every else alike_logs(self.given.table)
        given, options = self.given, self.given.options
        for submitter in described.tree.submitters:
            for system in submitter.systems:
                if system.results:
                    yield Task(given.source, given.table, given.round.name, self.rule_ids, system,
                               described.systems[system.subject], options.gate, options.deep,
                               options.passes, alike)

    def _judge_here(self, task: Task) -> list[Outcome]:
        return judge_system(task, self.judge, self.given.round, self.others)

    def _with_exceptions(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Mark excepted findings before rules across results look at what is valid.

        In a tree of another round what follows from that alone is said once.
        """
        whole = foreign_round(outcome.facts.seeds for outcome in outcomes)
        foreign = whole is not None and whole in {seeds for _, seeds in self.others}
        for outcome in outcomes:
            outcome.judgement.findings = self.exceptions.mark(outcome.judgement.findings)
        return [recounted(outcome, foreign=foreign) for outcome in outcomes]


def _exceptions(given: Given, rules: Sequence[Rule]) -> Exceptions:
    """Read the exceptions file; a review shows the judgement without it."""
    options = given.options
    everything = all_rules()
    text = "" if options.profile == "review" else options.exceptions or ""
    return Exceptions(
        read_exceptions(text, options.exceptions_file, (rule.id for rule in everything)),
        given.round.name, options.today,
        unsuppressible=frozenset(rule.id for rule in everything if not rule.suppressible),
        judged=frozenset() if options.selection.limits_results
        else frozenset(rule.id for rule in rules),
        strict=options.strict,
    )


def fails(report: Report, fail_on: Level) -> bool:
    """Return whether a report has an unsuppressed finding at or above a level."""
    return any(f.level >= fail_on and f.suppressed is None for f in report.findings)


class _CallableModule(ModuleType):
    """This module, which is also what ``submission_checker.check(...)`` calls.

    Package and module share the name ``check``; whichever is imported first, a call works.
    """

    __call__ = staticmethod(check)

    def __reduce__(self) -> tuple[Callable[[str], ModuleType], tuple[str]]:
        return import_module, (self.__name__,)


sys.modules[__name__].__class__ = _CallableModule
