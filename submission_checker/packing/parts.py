"""Which folders of a planned tree belong to a result, by the round's templates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from submission_checker.model.files import FileTable
from submission_checker.model.findings import Subject
from submission_checker.packing.actions import Plan
from submission_checker.packing.planned import PlannedSource
from submission_checker.rounds.types import Round
from submission_checker.sources.base import Source
from submission_checker.tree.build import ResultPaths, SubmitterPaths, SystemPaths, build_tree


@dataclass(frozen=True, slots=True)
class Parts:
    """The folders of one result in a planned tree."""

    system: SystemPaths
    result: ResultPaths
    folders: tuple[str, ...]
    """Result folder first, then measurements and audits where they lie elsewhere."""


def table_of(plan: Plan, source: Source) -> FileTable:
    """Return the file table of a planned tree."""
    return FileTable.build(PlannedSource(source, plan.actions).walk())


def submitters_of(plan: Plan, source: Source, round_: Round) -> tuple[SubmitterPaths, ...]:
    """Return the submitters of a planned tree."""
    return build_tree(table_of(plan, source), round_, {}).submitters


def parts_of(submitter: SubmitterPaths) -> Iterator[Parts]:
    """Yield every result of a submitter with its folders."""
    for system in submitter.systems:
        for result in system.results:
            others = [result.measurements or ""]
            others += [path.rpartition("/")[0] for _, path in result.audits[:1]]
            inside = f"{result.path}/"
            folders = [f for f in others if f and f != result.path and not f.startswith(inside)]
            yield Parts(system, result, (result.path, *dict.fromkeys(folders)))


def other_scenario(path: str, subject: Subject, folder: str) -> str:
    """Return a path with the scenario folder of a subject replaced."""
    head, _, tail = path.partition(f"/{subject.benchmark}/{subject.scenario}")
    return f"{head}/{subject.benchmark}/{folder}{tail}"


def other_benchmark(path: str, subject: Subject, folder: str) -> str:
    """Return a path with the benchmark folder of a subject replaced."""
    head, _, tail = path.partition(f"/{subject.benchmark}/{subject.scenario}")
    return f"{head}/{folder}/{subject.scenario}{tail}"
