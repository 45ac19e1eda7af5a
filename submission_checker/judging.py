"""Judge the results of one system: the unit of work that processes and clusters share."""

from __future__ import annotations

from dataclasses import dataclass

from submission_checker.engine.context import Context
from submission_checker.engine.judge import Judge
from submission_checker.engine.rule import Scope
from submission_checker.intake.reading import Reader
from submission_checker.intake.results import load_result
from submission_checker.model.files import FileTable
from submission_checker.model.findings import Location
from submission_checker.model.submission import SystemDescription
from submission_checker.rounds.loader import load_round, seed_triples
from submission_checker.rounds.types import Round
from submission_checker.rules.outcome import Outcome, outcome_of
from submission_checker.rules.registry import all_rules
from submission_checker.sources.base import Source
from submission_checker.tree.build import SystemPaths


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
    deep: bool = False
    passes: bool = False


def other_rounds(round_: Round) -> tuple[tuple[str, tuple[int, int, int]], ...]:
    """Return (name, seed triple) of every other round; none where the round is no real one."""
    if not round_.detectable:
        return ()
    return tuple(
        (name, triple) for name, triple in seed_triples().items() if name != round_.name
    )


def judge_task(task: Task) -> list[Outcome]:
    """Judge the results of one system in a worker process."""
    round_ = load_round(task.round)
    rules = [rule for rule in all_rules() if rule.id in task.rules]
    return judge_system(task, Judge(rules, keep_passes=task.passes), round_, other_rounds(round_))


def judge_system(
    task: Task, judge: Judge, round_: Round,
    others: tuple[tuple[str, tuple[int, int, int]], ...],
) -> list[Outcome]:
    """Read and judge every result of a system, one after the other."""
    reader = Reader(task.source, task.table)
    outcomes = []
    for paths in task.system.results:
        result = load_result(paths, task.description, reader, round_)
        context = Context(round_, result.subject, Location(result.path), result, task.gate, others,
                          task.deep)
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
