"""The one pipeline: source, round, tree, logs, rules, verdicts, report; the library's check()."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from types import ModuleType

from submission_checker import __version__
from submission_checker.beside import Earlier, base_numbers, open_earlier, read_earlier
from submission_checker.engine.context import Context
from submission_checker.engine.exceptions import FILE_NAME, apply_exceptions, read_exceptions
from submission_checker.engine.judge import Judge, Judgement
from submission_checker.engine.rule import Scope
from submission_checker.engine.selection import (
    FILTERS,
    Selection,
    chosen_rules,
    did_you_mean,
)
from submission_checker.engine.tally import digest_of, fold_equal, rule_counts, stand_ins
from submission_checker.intake.code import code_facts
from submission_checker.intake.described import system_row
from submission_checker.intake.paths import Mappings, tree_paths
from submission_checker.intake.private import private_in_texts
from submission_checker.intake.published_table import FILE_NAMES as FILES_OF_RESULTS
from submission_checker.intake.published_table import read_table
from submission_checker.intake.reading import Reader, alike_logs
from submission_checker.intake.repository import repository_facts
from submission_checker.intake.results import REPORTED, load_system
from submission_checker.intake.rounds import choose_round, laid_out_as, no_submission
from submission_checker.judging import (
    Memory,
    Progress,
    Task,
    judge_all,
    judge_system,
    make_ready,
    other_rounds,
    worth_jobs,
)
from submission_checker.model.beside import Beside, EarlierTree
from submission_checker.model.changes import Range
from submission_checker.model.errors import WrongUse
from submission_checker.model.files import FileTable, Kind
from submission_checker.model.findings import Finding, Level, Location, Subject
from submission_checker.model.private import PrivateHit
from submission_checker.model.report import (
    AppliedException,
    NotJudged,
    Report,
    Verdict,
)
from submission_checker.model.submission import (
    Problem,
    SubmitterSubject,
    SystemDescription,
    SystemSubject,
    TreeSubject,
)
from submission_checker.rounds.loader import load_round
from submission_checker.rounds.types import Round
from submission_checker.rules.outcome import Outcome, errors_by_system, recounted, row_of
from submission_checker.rules.registry import all_rules
from submission_checker.rules.rndx import foreign_round, said_alone, said_once, whole_tree_of
from submission_checker.rules.texts import counted
from submission_checker.sources.base import Source, SourceError
from submission_checker.sources.opening import changes_since, open_source
from submission_checker.tree.build import SubmitterPaths, TreePaths
from submission_checker.tree.select import select_tree
from submission_checker.tree.touched import touched_tree, without

UNDECIDABLE = (
    "benchmark detection and data-set-aware optimisation",
    "caching by content or index, beyond what the audits show",
    "prediction of LoadGen's arrivals, sorting beyond data set borders",
    "ECC during the runs, untimed pre-processing, calibration data used",
    "the same code in accuracy and performance mode",
    "shipping and prices of available systems, replicability",
)
"""What the rules demand and files cannot show; people, audits and live runs decide it."""


Stage = Callable[[str], None]
"""Called with the name of a part of the work when it is done."""


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that changes a judgement."""

    round: str | None = None
    profile: str = "submit"
    selection: Selection = field(default_factory=Selection)
    jobs: int = 0
    """Worker processes; 0 chooses by the size of the input, 1 is serial."""
    exceptions: str | None = None
    """Text of the exceptions file."""
    exceptions_file: str = FILE_NAME
    """How findings about entries name that file."""
    strict: bool = False
    """An entry of the exceptions file that matches nothing is an error."""
    passes: bool = False
    """Keep which rule passed for which subject; the judgement is the same."""
    deep: bool = False
    """Replay every run exactly, however many queries it has."""
    today: date | None = None
    """Day by which exceptions expire; needed with ``exceptions``."""
    since: str | None = None
    """Revision before the changes to judge; needs a git revision as source."""
    previous: str | Source | None = None
    """Tree of the round before, for rules about two rounds."""
    previous_round: str | None = None
    """Its round; detected where it is None."""
    published: bytes | None = None
    """A table of published results (JSON or CSV), for a tree that has none at its root."""
    published_file: str = FILES_OF_RESULTS[0]
    """How findings about that table name it."""


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
        UnknownRound, RoundUndecided, UnknownName: wrong use; the message names what is known.
    """
    wanted = options or Options()
    if round is not None:
        wanted = replace(wanted, round=round)
    limited = wanted.selection.limits_rules or wanted.selection.limits_results
    if wanted.profile == "gate" and limited:
        raise WrongUse("the gate judges by every rule and every result that changed; leave out "
                       "the selection of rules and results, or take another profile")
    source = open_source(path) if isinstance(path, str) else path
    changes = None if wanted.since is None else changes_since(source, wanted.since)
    if changes is not None and not changes.changes:
        raise SourceError(source.label, f"nothing changed since {wanted.since}")
    done = stage or (lambda _: None)
    table = FileTable.build(source.walk())
    done("listing")
    no_submission(table, source.label)
    choice = choose_round(source, table, wanted.round)
    done("round")
    if wanted.previous is None and wanted.previous_round is not None:
        raise WrongUse("--previous-round names the round of the tree given with --previous")
    earlier = None if wanted.previous is None else open_earlier(
        wanted.previous, wanted.previous_round, choice.round)
    run = _Check(source, table, choice.round, choice.reason, wanted, changes, earlier, memory)
    jobs = wanted.jobs or worth_jobs(table)
    if executor is not None or jobs == 1:
        return run.run(executor, progress, done)
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(jobs) as pool:
        for _ in range(jobs):
            pool.submit(make_ready, run.rule_ids)
        return run.run(pool, progress, done)


class _Check:
    """One run of the pipeline."""

    def __init__(
        self, source: Source, table: FileTable, round_: Round, reason: str, options: Options,
        changes: Range | None = None, earlier: Earlier | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.source = source
        self.table = table
        self.round = round_
        self.reason = reason
        self.options = options
        self.changes = changes
        self.earlier = earlier
        self.before: EarlierTree | None = None
        self.memory = memory
        self.judged = table
        self.untouched: tuple[str, ...] = ()
        self.reader = Reader(source, table)
        self.rules = chosen_rules(all_rules(), options.selection)
        self.rule_ids = tuple(rule.id for rule in self.rules)
        self.judge = Judge(self.rules, keep_passes=options.passes)
        self.gate = options.profile == "gate"
        self.others = other_rounds(round_)
        self.exceptions = () if options.profile == "review" else read_exceptions(
            options.exceptions or "", options.exceptions_file, (rule.id for rule in all_rules())
        )

    def run(self, executor: Executor | None, progress: Progress | None, done: Stage) -> Report:
        """Judge everything and return the report."""
        whole_tree, mappings = tree_paths(self.reader, self.round)
        wanted = {name: getattr(self.options.selection, name) for name in FILTERS}
        tree, partial = select_tree(whole_tree, wanted, did_you_mean)
        if self.changes is not None:
            tree, partial = self._touched(tree, self.changes), True
        systems = {
            system.subject: load_system(system, self.reader, self.round)
            for submitter in tree.submitters for system in submitter.systems
        }
        if self.earlier is not None:
            self.before = read_earlier(self.earlier, executor)
        done("descriptions")
        outcomes = judge_all(
            list(self._tasks(tree, systems)), self._serial, executor, self.memory, progress)
        done("results")
        whole = foreign_round(outcome.facts.seeds for outcome in outcomes)
        foreign = whole is not None and whole in {seeds for _, seeds in self.others}
        outcomes = [self._with_exceptions(outcome, foreign) for outcome in outcomes]
        judgement = Judgement()
        for outcome in outcomes:
            judgement.merge(outcome.judgement)
        self._judge_rest(tree, systems, outcomes, mappings, judgement)
        done("systems and tree")
        report = self._report(tree, systems, outcomes, judgement, partial)
        done("report")
        return report

    def _touched(self, tree: TreePaths, changes: Range) -> TreePaths:
        """Return the part of the tree that the range touches; the rest is not judged."""
        kept, self.untouched = touched_tree(tree, (c.path for c in changes.changes))
        self.judged = without(self.table, tree, kept)
        return kept

    def _tasks(
        self, tree: TreePaths, systems: dict[Subject, SystemDescription]
    ) -> Iterator[Task]:
        alike = None if self.before is not None else alike_logs(self.table)
        for submitter in tree.submitters:
            for system in submitter.systems:
                if system.results:
                    yield Task(self.source, self.table, self.round.name, self.rule_ids, system,
                               systems[system.subject], self.gate, self.options.deep,
                               self.options.passes, alike)

    def _serial(self, task: Task) -> list[Outcome]:
        return judge_system(task, self.judge, self.round, self.others)

    def _context(self, subject: Subject, path: str) -> Context:
        return Context(self.round, subject, Location(path), None, self.gate, self.others)

    def _judge_rest(
        self, tree: TreePaths, systems: dict[Subject, SystemDescription],
        outcomes: Sequence[Outcome], mappings: Mappings,
        judgement: Judgement,
    ) -> None:
        by_system: dict[Subject, list[Outcome]] = {}
        for outcome in outcomes:
            subject = outcome.facts.subject
            owner = Subject(subject.division, subject.submitter, subject.system)
            by_system.setdefault(owner, []).append(outcome)
        submitters = []
        for paths in tree.submitters:
            subjects = []
            for system in paths.systems:
                facts = tuple(o.facts for o in by_system.get(system.subject, ()))
                subject_ = SystemSubject(systems[system.subject], facts)
                subjects.append(subject_)
                judgement.merge(self.judge.other(
                    Scope.SYSTEM, subject_, self._context(system.subject,
                                                          systems[system.subject].path)))
            submitter = self._submitter(paths, tuple(subjects), mappings)
            submitters.append(submitter)
            judgement.merge(self.judge.other(
                Scope.SUBMITTER, submitter, self._context(paths.subject, paths.path)))
        whole = self._tree(tree, tuple(submitters), outcomes)
        judgement.merge(self.judge.other(Scope.TREE, whole, self._context(Subject(), "")))

    def _submitter(
        self, paths: SubmitterPaths, systems: tuple[SystemSubject, ...],
        mappings: Mappings,
    ) -> SubmitterSubject:
        key = (paths.subject.division, paths.subject.submitter)
        return SubmitterSubject(
            paths.subject, paths.path, self.reader.folder(paths.path), systems,
            paths.has_results, paths.calibration, mappings.get(key), paths.half_results,
            paths.documents, code_facts(paths.path, self.round, self.reader),
        )

    def _tree(
        self, tree: TreePaths, submitters: tuple[SubmitterSubject, ...],
        outcomes: Sequence[Outcome],
    ) -> TreeSubject:
        beside = self._beside(tree)
        private = self._private(submitters, outcomes)
        problems = [p for p in self.reader.problems if p.kind in REPORTED]
        problems += [p for outcome in outcomes for p in outcome.problems]
        problems += [
            Problem("unreadable", entry.problem or "cannot be read", Location(entry.path))
            for entry in self.judged.entries.values() if entry.kind is Kind.UNREADABLE
        ]
        problems += [Problem("refused", text, Location("")) for text in self.table.refused]
        seeds = Counter(o.facts.seeds for o in outcomes if o.facts.seeds is not None)
        roles = frozenset(
            template.split("/")[2]
            for role in ("results", "measurements", "compliance")
            for template in self.round.layout.templates.get(role, ())
        )
        repository = repository_facts(self.reader, self.judged, problems, self.changes)
        return TreeSubject(
            self.judged, tree.divisions, submitters, roles,
            tuple(dict.fromkeys(problems)), dict(seeds), private, repository, beside,
        )

    def _beside(self, tree: TreePaths) -> Beside:
        base = None if self.changes is None else base_numbers(
            self.source, tree, self.changes, self.round)
        data, name = self.options.published, self.options.published_file
        for found in FILES_OF_RESULTS if data is None else ():
            data, name = self.reader.data(found), found
            if data is not None:
                break
        table = None if data is None else read_table(data, name, self.table)
        return Beside(self.before, base, table)

    def _private(
        self, submitters: tuple[SubmitterSubject, ...], outcomes: Sequence[Outcome]
    ) -> tuple[PrivateHit, ...]:
        """Return what the files of results, systems, documents and code tell, each once."""
        found = [*self.reader.private, *(hit for o in outcomes for hit in o.private)]
        for submitter in submitters:
            found += private_in_texts(
                submitter.path, submitter.code.paths, submitter.documents, self.reader)
        return tuple(dict.fromkeys(found))

    def _with_exceptions(self, outcome: Outcome, foreign: bool) -> Outcome:
        """Mark excepted findings before rules across results look at what is valid.

        In a tree of another round (``foreign``) what follows from that alone is said once.
        """
        outcome.judgement.findings, _ = self._excepted(outcome.judgement.findings, last=False)
        return recounted(outcome, foreign=foreign)

    def _excepted(
        self, findings: list[Finding], *, last: bool
    ) -> tuple[list[Finding], list[AppliedException]]:
        """Mark the findings that the exceptions file answers for.

        Entries that are out of date or match nothing become findings the last time only.
        """
        today = self.options.today
        if not self.exceptions or today is None:
            return findings, []
        fixed = {rule.id for rule in all_rules() if not rule.suppressible}
        whole = () if self.options.selection.limits_results else tuple(r.id for r in self.rules)
        marked, states, own = apply_exceptions(
            findings, self.exceptions, self.round.name, today, fixed, whole,
            strict=self.options.strict,
        )
        return (marked + own if last else marked), states

    def _report(
        self, tree: TreePaths, systems: dict[Subject, SystemDescription],
        outcomes: Sequence[Outcome], judgement: Judgement, partial: bool,
    ) -> Report:
        judgement.findings, states = self._excepted(judgement.findings, last=True)
        findings, for_verdicts = said_once(judgement.findings)
        held = list(no_division(self.table, tree))
        held += [NotJudged(path, f"not changed since {self.options.since}")
                 for path in self.untouched]
        other = whole_tree_of(findings, (o.facts.seeds for o in outcomes if o.facts.seeds),
                              self.round)
        if other is not None and laid_out_as(self.table, load_round(other)):
            findings, for_verdicts, left_out = said_alone(
                findings, [outcome.facts.subject for outcome in outcomes])
            held.append(NotJudged("", f"{left_out} findings by the rules of {self.round.name} are "
                                  f"left out, as this is a tree of {other}"))
        if self.options.profile == "self-check":
            findings = [as_to_do(finding) for finding in findings]
        findings, folded = fold_equal(findings)
        findings.sort(key=Finding.sort_key)
        errors = errors_by_system(for_verdicts)
        rows = sorted(
            (row_of(outcome, errors, self.round, folded) for outcome in outcomes),
            key=lambda row: row.location,
        )
        return Report(
            tool_version=__version__,
            round=self.round.name,
            round_reason=self.reason,
            profile=self.options.profile,
            options=(*self.options.selection.described(), *self._since(), *self._previous(),
                     *((("strict", "an exception that matches nothing is an error"),)
                       if self.options.strict else ()),
                     *((("deep", "every run is replayed exactly"),) if self.options.deep else ())),
            partial=partial or self.options.selection.limits_rules,
            results=tuple(rows),
            findings=tuple(findings),
            rules=tuple(rule_counts(self.rules, judgement)),
            not_judged=(*(NotJudged(row.location, row.reason) for row in rows
                          if row.verdict is Verdict.NOT_JUDGED), *held),
            exceptions=tuple(states),
            files=sum(1 for e in self.judged.entries.values() if e.kind is Kind.FILE),
            bytes=sum(e.size_bytes for e in self.judged.entries.values()),
            digest=digest_of(__version__, self.round, self.judged, findings),
            unreadable=any(f.rule.startswith("INPUT") for f in findings),
            crashed=any(f.subcode == "crashed" for f in findings),
            undecidable=UNDECIDABLE,
            systems=tuple(system_row(systems[subject]) for subject in sorted(systems)),
            bounded=tuple(sorted(judgement.bounded, key=lambda b: (b.rule, b.at.path, b.reason))),
            passes=tuple(sorted(judgement.passes)),
            stand_ins=tuple(stand_ins(findings, self.table)),
        )

    def _since(self) -> Iterator[tuple[str, str]]:
        """Yield the range that was judged, for the report."""
        if self.changes is not None:
            text = f"{self.options.since} ({counted(len(self.changes.changes), 'changed file')})"
            if not self.changes.ancestor:
                text += "; compared directly, as no common ancestor is in this clone"
            yield "since", text

    def _previous(self) -> Iterator[tuple[str, str]]:
        """Yield the earlier round that the tree was held against, for the report."""
        if self.before is not None:
            results = sum(len(system.results) for system in self.before.systems)
            unread = self.before.unread
            yield "previous", f"{self.before.round} ({counted(results, 'result')})" + (
                f"; {counted(unread, 'file')} of it could not be read" if unread else "")


def no_division(table: FileTable, tree: TreePaths) -> Iterator[NotJudged]:
    """Yield the folders beside the divisions, in which nothing is looked for."""
    for name in table.names(""):
        if table.is_folder(name) and name not in tree.divisions:
            yield NotJudged(name, "no division of the round")


def as_to_do(finding: Finding) -> Finding:
    """Return a finding about something absent as a to-do: at info level."""
    return finding._replace(level=Level.INFO) if finding.absent else finding


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
