"""Judge the results of a system: the unit of work that processes, clusters and memory share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from submission_checker.engine.context import Context
from submission_checker.engine.judge import Judge
from submission_checker.engine.rule import Scope
from submission_checker.intake.reading import Reader
from submission_checker.intake.results import load_result
from submission_checker.model.files import FileTable, Kind
from submission_checker.model.findings import Location, Subject
from submission_checker.model.submission import SystemDescription
from submission_checker.rounds.loader import load_round, seed_triples
from submission_checker.rounds.types import Round
from submission_checker.rules.outcome import Outcome, outcome_of
from submission_checker.rules.registry import all_rules
from submission_checker.sources.base import Source
from submission_checker.tree.build import SystemPaths

if TYPE_CHECKING:
    from concurrent.futures import Executor


class Task(NamedTuple):
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
    alike: frozenset[str] | None = None
    """Logs that may equal another one of the tree, None where all may."""


Stamp = tuple[int, ...]
"""What tells that a file is still the same without reading it."""


@dataclass(slots=True)
class Memory:
    """Outcomes of systems that an earlier check of a folder leaves to the next one.

    The outcome of a system follows from its part of the tree, its description and the options;
    where all of these are equal, and the stamps of the files too, it is taken from here. Rules
    about systems, submitters and the tree always run anew, on these outcomes: the report is the
    same as without. ``begin`` each check.
    """

    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    """Path -> stamp, taken before the check begins."""
    judged: int = 0
    """Results that the last check judged."""
    recalled: int = 0
    """Results that the last check took from here."""
    _kept: dict[Subject, tuple[object, list[Outcome]]] = field(default_factory=dict)

    def begin(self, stamps: Mapping[str, Stamp]) -> None:
        """Set the stamps for a check that begins now."""
        self.stamps = stamps
        self.judged = self.recalled = 0

    def recall(self, task: Task) -> list[Outcome] | None:
        """Return the outcomes of a system that is as it was, else None."""
        kept = self._kept.get(task.system.subject)
        if kept is None or kept[0] is None or kept[0] != self._key(task):
            return None
        self.recalled += len(kept[1])
        return _copies(kept[1])

    def keep(self, task: Task, outcomes: list[Outcome]) -> None:
        """Keep the outcomes of a system; ``task.table`` is its part of the tree."""
        self.judged += len(outcomes)
        self._kept[task.system.subject] = (self._key(task), _copies(outcomes))

    def _key(self, task: Task) -> object | None:
        """Return all that outcomes follow from, None where links may lead to what has no stamp."""
        entries = task.table.entries
        if any(entry.kind is Kind.LINK for entry in entries.values()):
            return None
        options = tuple(getattr(task, name) for name in task._fields if name != "table")
        return options, dict(entries), {path: self.stamps.get(path) for path in entries}


def _copies(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return outcomes whose judgements can be marked without touching those that are kept."""
    return [outcome._replace(judgement=copy(outcome.judgement)) for outcome in outcomes]


Progress = Callable[[int, int], None]
"""Called with (results judged, results in all)."""
BYTES_PER_JOB, ENTRIES_PER_JOB = 32 << 20, 1000
"""With less for each job starting it costs more than it saves (benchmarks/)."""
REPLAYED = frozenset({"LGEN020", "LGEN021", "LGEN022"})
REPLAY_MODULES = ("loaded_set", "schedule_check", "sampling", "accuracy_order")
"""What these rules import when they are first asked, numpy above all."""


def worth_jobs(table: FileTable) -> int:
    """Return how many processes pay for a tree of this size; small trees are serial."""
    size = sum(entry.size_bytes for entry in table.entries.values())
    more = max(size // BYTES_PER_JOB, len(table.entries) // ENTRIES_PER_JOB)
    return min(os.cpu_count() or 1, 1 + more)


def judge_all(
    tasks: Sequence[Task], one: Callable[[Task], list[Outcome]], executor: Executor | None,
    memory: Memory | None, progress: Progress | None,
) -> list[Outcome]:
    """Return the outcomes of all tasks in their order.

    Args:
        tasks: systems with the whole table.
        one: judges a task in this process.
        executor: where tasks are judged, None: here.
        memory: outcomes of an earlier check, taken where no file of a system has changed.
        progress: is told what is done.
    """
    small = tasks if executor is None and memory is None else list(map(_part, tasks))
    outcomes = {} if memory is None else {
        number: known for number, task in enumerate(small)
        if (known := memory.recall(task)) is not None}
    left = {number: task for number, task in enumerate(small) if number not in outcomes}
    if executor is not None and memory is not None and outcomes and all(
        worth_jobs(task.table) == 1 for task in left.values()
    ):
        executor = None
    judged = ((number, one(task)) for number, task in left.items()) if executor is None \
        else _spread(left, executor)
    total = sum(len(task.system.results) for task in tasks)
    done = sum(map(len, outcomes.values()))
    for number, found in judged:
        outcomes[number] = found
        done += len(found)
        if memory is not None:
            memory.keep(small[number], found)
        if progress is not None:
            progress(done, total)
    return [outcome for number in range(len(small)) for outcome in outcomes[number]]


def _part(task: Task) -> Task:
    """Return a task with what the results of its system need of the table."""
    table = part_of(task.table, task.system)
    alike = None if task.alike is None else task.alike.intersection(table.entries)
    return task._replace(table=table, alike=alike)


def _spread(
    tasks: Mapping[int, Task], executor: Executor
) -> Iterator[tuple[int, list[Outcome]]]:
    """Yield (number, outcomes) as they are done; large systems begin, so that none comes last."""
    from concurrent.futures import as_completed  # only here: it costs more than a small tree

    largest_first = sorted(tasks, key=lambda number: _size(tasks[number].table), reverse=True)
    futures = {executor.submit(judge_task, tasks[number]): number for number in largest_first}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()


def _size(table: FileTable) -> int:
    """Return a measure of the work: the bytes, and for each file what opening and rules cost."""
    return sum(entry.size_bytes + BYTES_PER_JOB // ENTRIES_PER_JOB
               for entry in table.entries.values())


def make_ready(rules: Iterable[str]) -> None:
    """Import what chosen rules need late, in a worker, while other files are still being read."""
    all_rules()
    if not REPLAYED.isdisjoint(rules):
        for module in REPLAY_MODULES:
            import_module(f"submission_checker.evidence.{module}")


def end_with_parent() -> None:
    """Let a worker end when the process that started it is gone, however that one ended.

    A worker waits for tasks on a pipe that its siblings hold open too, so it would wait for ever.
    """
    from multiprocessing import parent_process
    from multiprocessing.connection import wait
    from threading import Thread

    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    Thread(target=watch, daemon=True).start()


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
    reader = Reader(task.source, task.table, every_record=judge.asks_every_log(round_),
                    alike=task.alike)
    wanted = judge.reads(round_)
    outcomes = []
    for paths in task.system.results:
        result = load_result(paths, task.description, reader, round_, wanted=wanted)
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
