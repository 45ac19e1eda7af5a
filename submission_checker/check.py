"""The one pipeline: source, round, tree, logs, rules, verdicts, report; the library's check()."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

from submission_checker import __version__
from submission_checker.engine.context import Context
from submission_checker.engine.judge import Judge, Judgement, Status
from submission_checker.engine.rule import Rule, Scope
from submission_checker.engine.selection import (
    FILTERS,
    Selection,
    chosen_rules,
    did_you_mean,
)
from submission_checker.intake.reading import Reader
from submission_checker.intake.results import load_result, load_system
from submission_checker.intake.rounds import choose_round
from submission_checker.model.files import FileTable, Kind
from submission_checker.model.findings import Finding, Level, Location, Subject
from submission_checker.model.report import NotJudged, Report, ResultRow, RuleCount, Verdict
from submission_checker.model.submission import (
    JsonFile,
    Problem,
    SubmitterSubject,
    SystemDescription,
    SystemSubject,
    TreeSubject,
)
from submission_checker.rounds.loader import load_round, round_names
from submission_checker.rounds.types import Round
from submission_checker.rules.outcome import Outcome, outcome_of, row_of
from submission_checker.rules.registry import all_rules
from submission_checker.rules.rndx import said_once
from submission_checker.sources.base import Source
from submission_checker.sources.opening import open_source
from submission_checker.tree.build import SubmitterPaths, SystemPaths, TreePaths, build_tree
from submission_checker.tree.build import mapping_paths as find_mappings
from submission_checker.tree.select import select_tree

UNDECIDABLE = (
    "benchmark detection and data-set-aware optimisation",
    "caching by content or index, beyond what the audits show",
    "prediction of LoadGen's arrivals, sorting beyond data set borders",
    "ECC during the runs, untimed pre-processing, calibration data used",
    "the same code in accuracy and performance mode",
    "shipping and prices of available systems, replicability",
)
"""What the rules demand and files cannot show; people, audits and live runs decide it."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that changes a judgement."""

    round: str | None = None
    profile: str = "submit"
    selection: Selection = field(default_factory=Selection)
    jobs: int = 0
    """Worker processes; 0 chooses by the size of the input, 1 is serial."""


@dataclass(frozen=True, slots=True)
class Task:
    """The results of one system, with all that a worker needs to judge them."""

    source: Source
    table: FileTable
    round: str
    rules: tuple[str, ...]
    system: SystemPaths
    description: SystemDescription
    gate: bool


def check(
    path: str,
    round: str | None = None,
    *,
    options: Options | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Report:
    """Judge a submission tree and return the report.

    Args:
        path: a folder with division folders in it.
        round: name of the round; detected from the tree where it is None.
        options: profile, selection of rules and results, worker processes.
        executor: where results are judged; the report is the same for any executor.
        progress: called with (results judged, results in all).

    Raises:
        SourceError: the path cannot be used at all.
        UnknownRound, RoundUndecided, UnknownName: wrong use; the message names what is known.
    """
    wanted = options or Options()
    if round is not None:
        wanted = replace(wanted, round=round)
    source = open_source(path)
    table = FileTable.build(source.walk())
    choice = choose_round(source, table, wanted.round)
    return _Check(source, table, choice.round, choice.reason, wanted).run(executor, progress)


class _Check:
    """One run of the pipeline."""

    def __init__(
        self, source: Source, table: FileTable, round_: Round, reason: str, options: Options
    ) -> None:
        self.source = source
        self.table = table
        self.round = round_
        self.reason = reason
        self.options = options
        self.reader = Reader(source, table)
        self.rules = chosen_rules(all_rules(), options.selection)
        self.judge = Judge(self.rules)
        self.gate = options.profile == "gate"
        self.others = other_rounds(round_)

    def run(self, executor: Executor | None, progress: Progress | None) -> Report:
        """Judge everything and return the report."""
        mappings = self._mappings()
        targets = {
            key: {k: v for k, v in file.value.items() if isinstance(v, str)}
            for key, file in mappings.items() if file is not None and isinstance(file.value, dict)
        }
        wanted = {name: getattr(self.options.selection, name) for name in FILTERS}
        tree, partial = select_tree(
            build_tree(self.table, self.round, targets), wanted, did_you_mean
        )
        systems = {
            system.subject: load_system(system, self.reader, self.round)
            for submitter in tree.submitters for system in submitter.systems
        }
        outcomes = list(self._outcomes(tree, systems, executor, progress))
        judgement = Judgement()
        for outcome in outcomes:
            judgement.merge(outcome.judgement)
        self._judge_rest(tree, systems, outcomes, mappings, judgement)
        return self._report(tree, outcomes, judgement, partial)

    def _mappings(self) -> dict[tuple[str, str], JsonFile | None]:
        found = find_mappings(self.table, self.round)
        return {key: self.reader.json(path) for key, path in found.items()}

    def _tasks(
        self, tree: TreePaths, systems: dict[Subject, SystemDescription]
    ) -> Iterator[Task]:
        rule_ids = tuple(rule.id for rule in self.rules)
        for submitter in tree.submitters:
            for system in submitter.systems:
                if system.results:
                    yield Task(self.source, self.table, self.round.name, rule_ids, system,
                               systems[system.subject], self.gate)

    def _outcomes(
        self, tree: TreePaths, systems: dict[Subject, SystemDescription],
        executor: Executor | None, progress: Progress | None,
    ) -> Iterator[Outcome]:
        tasks = list(self._tasks(tree, systems))
        total = sum(len(task.system.results) for task in tasks)
        done = 0
        if executor is None:
            batches: Iterable[list[Outcome]] = (self._serial(task) for task in tasks)
        else:
            small = [replace(task, table=part_of(self.table, task.system)) for task in tasks]
            batches = executor.map(judge_task, small)
        for batch in batches:
            yield from batch
            done += len(batch)
            if progress is not None:
                progress(done, total)

    def _serial(self, task: Task) -> list[Outcome]:
        return judge_system(task, self.judge, self.round, self.others)

    def _context(self, subject: Subject, path: str) -> Context:
        return Context(self.round, subject, Location(path), None, self.gate, self.others)

    def _judge_rest(
        self, tree: TreePaths, systems: dict[Subject, SystemDescription],
        outcomes: Sequence[Outcome], mappings: dict[tuple[str, str], JsonFile | None],
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
        mappings: dict[tuple[str, str], JsonFile | None],
    ) -> SubmitterSubject:
        key = (paths.subject.division, paths.subject.submitter)
        return SubmitterSubject(
            paths.subject, paths.path, self.reader.folder(paths.path), systems,
            paths.has_results, paths.calibration, mappings.get(key), paths.half_results,
        )

    def _tree(
        self, tree: TreePaths, submitters: tuple[SubmitterSubject, ...],
        outcomes: Sequence[Outcome],
    ) -> TreeSubject:
        problems = [p for p in self.reader.problems if p.kind == "unreadable"]
        problems += [p for outcome in outcomes for p in outcome.problems]
        problems += [
            Problem("unreadable", entry.problem or "cannot be read", Location(entry.path))
            for entry in self.table.entries.values() if entry.kind is Kind.UNREADABLE
        ]
        seeds = Counter(o.facts.seeds for o in outcomes if o.facts.seeds is not None)
        roles = frozenset(
            template.split("/")[2]
            for role in ("results", "measurements", "compliance")
            for template in self.round.layout.templates.get(role, ())
        )
        return TreeSubject(
            self.table, tree.divisions, submitters, roles,
            tuple(dict.fromkeys(problems)), dict(seeds),
        )

    def _report(
        self, tree: TreePaths, outcomes: Sequence[Outcome], judgement: Judgement, partial: bool
    ) -> Report:
        findings, replaced = said_once(judgement.findings)
        findings = sorted(dict.fromkeys(findings), key=Finding.sort_key)
        rows = sorted(
            (row_of(outcome, judgement.findings, self.round) for outcome in outcomes),
            key=lambda row: row.location,
        )
        rows = [with_deciding(row, replaced) for row in rows]
        return Report(
            tool_version=__version__,
            round=self.round.name,
            round_reason=self.reason,
            profile=self.options.profile,
            options=self.options.selection.described(),
            partial=partial or self.options.selection.limits_rules,
            results=tuple(rows),
            findings=tuple(findings),
            rules=tuple(rule_counts(self.rules, judgement)),
            not_judged=tuple(not_judged(self.table, tree, rows)),
            exceptions=(),
            files=sum(1 for e in self.table.entries.values() if e.kind is Kind.FILE),
            bytes=sum(e.size_bytes for e in self.table.entries.values()),
            digest=digest_of(self.round, self.table, findings),
            unreadable=any(f.rule.startswith("INPUT") for f in findings),
            crashed=any(f.subcode == "crashed" for f in findings),
            undecidable=UNDECIDABLE,
        )


def other_rounds(round_: Round) -> tuple[tuple[str, tuple[int, int, int]], ...]:
    """Return (name, seed triple) of every other round that takes part in detection."""
    rounds = [load_round(name) for name in round_names() if name != round_.name]
    return tuple(
        (r.name, (r.seeds.qsl, r.seeds.sample_index, r.seeds.schedule))
        for r in rounds if r.detectable
    )


def judge_task(task: Task) -> list[Outcome]:
    """Judge the results of one system in a worker process."""
    round_ = load_round(task.round)
    rules = [rule for rule in all_rules() if rule.id in task.rules]
    return judge_system(task, Judge(rules), round_, other_rounds(round_))


def judge_system(
    task: Task, judge: Judge, round_: Round,
    others: tuple[tuple[str, tuple[int, int, int]], ...],
) -> list[Outcome]:
    """Read and judge every result of a system, one after the other."""
    reader = Reader(task.source, task.table)
    outcomes = []
    for paths in task.system.results:
        result = load_result(paths, task.description, reader, round_)
        context = Context(round_, result.subject, Location(result.path), result, task.gate, others)
        judgement = judge.result(context)
        if judgement.missing_data:
            keys = frozenset(judgement.missing_data)
            judgement.merge(judge.other(Scope.OUTCOME, keys, context))
        outcomes.append(outcome_of(result, judgement, round_))
    return outcomes


def part_of(table: FileTable, system: SystemPaths) -> FileTable:
    """Return the part of the table that the results of one system need."""
    roots = [path for _, path in system.folders]
    if system.results_folder:
        roots.append(system.results_folder)
    entries = [entry for root in roots for entry in table.below(root)]
    code = {path for result in system.results for path in result.code}
    entries += [entry for path in sorted(code) if (entry := table.get(path)) is not None]
    entries += [
        entry for path in sorted({p.rpartition("/")[0] for p in code})
        for name in table.names(path)
        if (entry := table.get(f"{path}/{name}")) is not None and entry.path not in code
    ]
    return FileTable.build(entries)


def with_deciding(row: ResultRow, replaced: dict[str, str]) -> ResultRow:
    """Return a row whose deciding findings are those that stand in the report."""
    deciding = tuple(dict.fromkeys(replaced.get(item, item) for item in row.deciding))
    return row if deciding == row.deciding else replace(row, deciding=deciding)


def rule_counts(rules: Sequence[Rule], judgement: Judgement) -> Iterator[RuleCount]:
    """Yield how often each rule passed, failed, was skipped or crashed."""
    reasons: dict[str, list[tuple[str, int]]] = {}
    for (rule, reason), times in judgement.skipped.items():
        reasons.setdefault(rule, []).append((reason, times))
    suppressed = Counter[str]()
    hidden = {f.fingerprint for f in judgement.findings if f.suppressed is not None}
    for rule, fingerprints in judgement.failures:
        if hidden.issuperset(fingerprints):
            suppressed[rule] += 1
    for declared in rules:
        counts = {status: judgement.outcomes[declared.id, status] for status in Status}
        yield RuleCount(
            declared.id, counts[Status.PASSED],
            counts[Status.FAILED] - suppressed[declared.id], counts[Status.SKIPPED],
            suppressed[declared.id], counts[Status.CRASHED],
            tuple(sorted(reasons.get(declared.id, ()))),
        )


def not_judged(
    table: FileTable, tree: TreePaths, rows: Sequence[ResultRow]
) -> Iterator[NotJudged]:
    """Yield the parts of the input that no rule could judge."""
    for row in rows:
        if row.verdict is Verdict.NOT_JUDGED:
            yield NotJudged(row.location, row.reason)
    for name in table.names(""):
        if table.is_folder(name) and name not in tree.divisions:
            yield NotJudged(name, "no division of the round")


def digest_of(round_: Round, table: FileTable, findings: Sequence[Finding]) -> str:
    """Return a hash over program version, round, file table and findings."""
    digest = hashlib.sha256(f"{__version__}\n{round_.name}\n".encode())
    for path in sorted(table.entries):
        entry = table.entries[path]
        line = f"{path}\x1f{entry.kind.value}\x1f{entry.size_bytes}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    for finding in findings:
        line = f"{finding.fingerprint}\x1f{finding.level.label}\x1f{finding.found}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def fails(report: Report, fail_on: Level) -> bool:
    """Return whether a report has an unsuppressed finding at or above a level."""
    return any(f.level >= fail_on and f.suppressed is None for f in report.findings)
