"""Read what a tree is held against: the round before, the base revision, a published table.

Nothing here is judged. Of the other trees only descriptions and performance runs are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from submission_checker.intake.paths import tree_paths
from submission_checker.intake.reading import Reader
from submission_checker.intake.results import load_runs, load_system
from submission_checker.intake.rounds import RoundUndecided, choose_round, no_submission
from submission_checker.judging import part_of
from submission_checker.model.beside import EarlierTree, Number
from submission_checker.model.changes import Range
from submission_checker.model.errors import WrongUse
from submission_checker.model.files import FileTable
from submission_checker.model.subjects import ResultFacts, SystemSubject
from submission_checker.model.submission import SystemDescription
from submission_checker.rounds.loader import load_round, round_names
from submission_checker.rounds.types import Round
from submission_checker.rules.outcome import facts_of_runs
from submission_checker.sources.base import Source
from submission_checker.sources.opening import before, open_source
from submission_checker.tree.build import ResultPaths, SystemPaths, TreePaths

if TYPE_CHECKING:
    from concurrent.futures import Executor


class Earlier(NamedTuple):
    """An earlier round that is open and whose round is known."""

    source: Source
    table: FileTable
    round: Round


class EarlierTask(NamedTuple):
    """The runs of one system of an earlier round, with all that a worker needs to read them."""

    source: Source
    table: FileTable
    round: str
    system: SystemPaths
    description: SystemDescription


def open_earlier(path: str | Source, name: str | None, current: Round) -> Earlier:
    """Open the tree of an earlier round; a round that is not earlier is wrong use."""
    source = open_source(path) if isinstance(path, str) else path
    table = FileTable.build(source.walk())
    no_submission(table, source)
    try:
        round_ = choose_round(source, table, name).round
    except RoundUndecided as error:
        text = str(error).replace("--round", "--previous-round")
        raise WrongUse(f"--previous {source.label}: {text}") from None
    order = round_names()
    if round_.detectable and current.detectable and (
        order.index(round_.name) >= order.index(current.name)
    ):
        raise WrongUse(f"--previous {source.label}: a tree of {round_.name}, which is no round "
                       f"before {current.name}")
    return Earlier(source, table, round_)


def read_earlier(earlier: Earlier, executor: Executor | None) -> EarlierTree:
    """Return the systems of an earlier round with their numbers, by the rules of that round."""
    reader = Reader(earlier.source, earlier.table, searched=False)
    tree, _ = tree_paths(reader, earlier.round)
    tasks = [
        EarlierTask(earlier.source, earlier.table if executor is None
                    else part_of(earlier.table, system), earlier.round.name, system,
                    load_system(system, reader, earlier.round))
        for submitter in tree.submitters for system in submitter.systems
    ]
    read: Iterable[tuple[SystemSubject, int]] = (
        map(read_system, tasks) if executor is None else executor.map(read_system, tasks))
    found = list(read)
    unread = sum(1 for p in reader.problems if p.kind == "unreadable")
    return EarlierTree(earlier.round.name, tuple(system for system, _ in found),
                       unread + sum(failed for _, failed in found))


def read_system(task: EarlierTask) -> tuple[SystemSubject, int]:
    """Return a system with the facts of its runs, and how many files could not be read."""
    reader = Reader(task.source, task.table, searched=False)
    facts, unread = [], 0
    for paths in task.system.results:
        facts.append(_facts(paths, task.description, reader, load_round(task.round)))
        unread += sum(1 for p in reader.problems if p.kind == "unreadable")
    return SystemSubject(task.description, tuple(facts)), unread


def _facts(
    paths: ResultPaths, system: SystemDescription, reader: Reader, round_: Round
) -> ResultFacts:
    return facts_of_runs(load_runs(paths, system, reader, round_), round_)


def base_numbers(
    source: Source, tree: TreePaths, changes: Range, round_: Round
) -> dict[str, Number]:
    """Return the numbers that the base revision gives for results whose files a range touches."""
    changed = [change.path for change in changes.changes]
    wanted = {
        paths.path for paths in tree.results()
        if any(path.startswith(f"{paths.path}/") for path in changed)
    }
    if not wanted:
        return {}
    old = before(source, changes.base)
    if old is None:
        return {}
    reader = Reader(old, FileTable.build(old.walk()), searched=False)
    return dict(_numbers(reader, round_, wanted.__contains__))


def _numbers(
    reader: Reader, round_: Round, wanted: Callable[[str], bool]
) -> Iterator[tuple[str, Number]]:
    tree, _ = tree_paths(reader, round_)
    for submitter in tree.submitters:
        for system in submitter.systems:
            chosen = [paths for paths in system.results if wanted(paths.path)]
            if not chosen:
                continue
            description = load_system(system, reader, round_)
            for paths in chosen:
                facts = _facts(paths, description, reader, round_)
                if facts.value is not None and facts.unit is not None:
                    yield paths.path, Number(facts.value, facts.unit)
