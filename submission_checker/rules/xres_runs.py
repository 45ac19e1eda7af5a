"""XRES001-005, 021: one run is one result; runs of one system do not overlap."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.documents import JsonFile
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Run
from submission_checker.model.run_facts import RunFacts
from submission_checker.model.subjects import ResultFacts, SystemSubject, TreeSubject
from submission_checker.model.submission import Result
from submission_checker.rounds.types import Round
from submission_checker.rules.run_facts import run_facts
from submission_checker.rules.texts import count, counted, quote
from submission_checker.rules.values import text_of

OWN_RUN = "a log of this result's own run"
NAMES = frozenset({
    "system_name", "system_type", "system_type_detail", "division", "submitter", "status",
    "hw_notes", "sw_notes",
})
"""Fields that may differ between two descriptions of one machine."""


class Told(NamedTuple):
    """A performance run with its result and the description of its system."""

    run: RunFacts
    result: ResultFacts
    document: JsonFile | None

    @property
    def at(self) -> Location:
        """Where the log tells when it was made."""
        return Location(self.run.path, self.run.line)


Pair = tuple[Told, Told]


def runs_of(tree: TreeSubject) -> Iterator[Told]:
    """Yield every performance run of the tree."""
    for submitter in tree.submitters:
        for system in submitter.systems:
            for facts in system.results:
                for run in facts.runs:
                    yield Told(run, facts, system.description.document)


def grouped(runs: Iterator[Told], key: Callable[[Told], Hashable]) -> Iterator[list[Told]]:
    """Yield the groups of two or more runs that share a key; None stands for no key."""
    groups: dict[Hashable, list[Told]] = defaultdict(list)
    for told in runs:
        if (value := key(told)) is not None:
            groups[value].append(told)
    return (group for group in groups.values() if len(group) > 1)


def same_system(one: ResultFacts, other: ResultFacts) -> bool:
    """Return whether two results are of one system, in whatever division."""
    mine, theirs = one.subject, other.subject
    return (mine.submitter, mine.system) == (theirs.submitter, theirs.system)


def variants(one: str | None, other: str | None, round_: Round) -> bool:
    """Return whether two models are one benchmark at different quality targets.

    Such models have the same data set and the same reference quality.
    """
    first, second = round_.models.get(one or ""), round_.models.get(other or "")
    if first is None or second is None or first is second:
        return one == other
    quality = [[(m.name, m.reference) for m in model.metrics] for model in (first, second)]
    return quality[0] == quality[1] and first.dataset_size == second.dataset_size


def one_machine(one: JsonFile | None, other: JsonFile | None) -> bool:
    """Return whether two descriptions differ in names and notes only."""
    if one is None or other is None or not (one.readable and other.readable):
        return False
    fields = (set(one.value) | set(other.value)) - NAMES
    return all(text_of(one.get(name)) == text_of(other.get(name)) for name in fields)


@rule(
    id="XRES001", name="one-log-one-result", title="A log belongs to one result",
    level=Level.ERROR, scope=Scope.TREE,
    why="a run was made on one system with one model; another system or model needs its own run",
    fix="submit the log of this result's own run; a machine of two system types may share its "
        "runs if both descriptions say the same",
    source="own; equal logs counted over the published results",
)
def one_log_one_result(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No detail log stands under two systems or two models.

    One system may show a run in two divisions, scenarios that are inferred from one another (INFR)
    and variants of one benchmark.
    """
    seen: dict[tuple[object, ...], int] = defaultdict(int)
    pairs: dict[tuple[object, ...], tuple[Pair, Level | None]] = {}
    for group in grouped(runs_of(tree), lambda told: told.run.identity):
        for one, other in combinations(sorted(group, key=lambda told: told.run.path), 2):
            found = _shared(one, other, context.round)
            if found is not None:
                kind, level = found
                mine, theirs = one.result.subject, other.result.subject
                key = (kind, mine.submitter, mine.system, theirs.submitter, theirs.system,
                       *((one.run.path, other.run.path) if level is None else ()))
                seen[key] += 1
                pairs.setdefault(key, ((one, other), level))
    for key, ((one, other), level) in pairs.items():
        more = f" ({counted(seen[key], 'log')} in all)" if seen[key] > 1 else ""
        sides = [(other, one)] if level is not None else [(one, other), (other, one)]
        for here, there in sides:
            yield Fault(here.at, f"the same bytes as {there.run.path}{more}: one run for {key[0]}",
                        OWN_RUN, subcode=there.run.path, level=level, subject=here.result.subject)


def _shared(one: Told, other: Told, round_: Round) -> tuple[str, Level | None] | None:
    """Return what two results with one log differ in and the level, None where they may."""
    mine, theirs = one.result, other.result
    if not variants(mine.model or mine.subject.benchmark,
                    theirs.model or theirs.subject.benchmark, round_):
        unknown = mine.model is None or theirs.model is None
        return "two benchmarks", Level.WARNING if unknown else None
    if mine.subject.submitter != theirs.subject.submitter:
        return "two submitters", Level.WARNING
    if not same_system(mine, theirs):
        same = one_machine(one.document, other.document)
        return "two systems", Level.WARNING if same else None
    return None


def _told_twice(tree: TreeSubject) -> Iterator[Pair]:
    """Yield pairs of logs with equal latencies to the nanosecond and different bytes."""
    for group in grouped(runs_of(tree), _latencies):
        by_bytes = {told.run.identity: told for told in reversed(group)}
        yield from combinations(sorted(by_bytes.values(), key=lambda told: told.run.path), 2)


DISTINCT = 3
"""Latencies that must differ among themselves, so that equal ones are no chance."""


def _latencies(told: Told) -> tuple[float, ...] | None:
    values = told.run.latencies_ns
    return values if len(set(values)) >= DISTINCT else None


def _numbers_differ(one: Told, other: Told) -> str | None:
    """Return the numbers that two tellings of one run give, None where they agree."""
    if one.result.scenario != other.result.scenario:
        return None
    mine, theirs = one.run.value, other.run.value
    if mine is None or theirs is None or mine == theirs:
        return None
    return f"{mine:.10g} here and {theirs:.10g} there"


@rule(
    id="XRES002", name="edited-copy", title="One run gives one number",
    level=Level.ERROR, scope=Scope.TREE,
    why="two runs never share all latencies to the nanosecond; one of these logs was changed",
    fix="submit the log as LoadGen wrote it",
    source="own", suppressible=False,
)
def edited_copy(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No two logs share all latencies and differ in the number they give."""
    for one, other in _told_twice(tree):
        if _numbers_differ(one, other) is not None:
            for here, there in ((one, other), (other, one)):
                yield Fault(here.at, f"all latencies of {there.run.path}, with another result: "
                            f"{_numbers_differ(here, there)}", OWN_RUN, subcode=there.run.path,
                            subject=here.result.subject)


@rule(
    id="XRES003", name="one-birth-one-run", title="A process started at one moment made one run",
    level=Level.ERROR, scope=Scope.TREE,
    why="time, process and build identify a run; two different logs of it cannot both be true",
    fix="submit the log as LoadGen wrote it",
    source="own", suppressible=False,
)
def one_birth_one_run(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No two logs share date, process and build and differ in what they measured.

    Containers number their processes alike, so that without an equal ``power_begin`` (which has
    milliseconds) it is a warning.
    """
    for group in grouped(runs_of(tree), lambda told: told.run.birth):
        by_bytes = {told.run.identity: told for told in reversed(group)}
        several = sorted(by_bytes.values(), key=lambda told: told.run.path)
        for one, other in combinations(several, 2):
            if one.run.latencies_ns == other.run.latencies_ns and (
                one.run.value == other.run.value
            ):
                continue
            sure = one.run.begin == other.run.begin and one.run.begin is not None
            for here, there in ((one, other), (other, one)) if sure else ((other, one),):
                yield Fault(here.at, f"test_datetime {here.run.date} and pid {here.run.pid} of "
                            f"{there.run.path}, with other measurements", OWN_RUN,
                            subcode=there.run.path, subject=here.result.subject,
                            level=None if sure else Level.WARNING,
                            confidence="certain" if sure else "likely")


@rule(
    id="XRES004", name="same-latencies", title="Different logs have different latencies",
    level=Level.WARNING, scope=Scope.TREE,
    why="two runs never share all latencies to the nanosecond: one log is a changed copy",
    fix="submit the log as LoadGen wrote it, or as a copy without changes",
    source="own",
)
def same_latencies(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No two logs with different bytes share minimum, mean, maximum and all percentiles."""
    for one, other in _told_twice(tree):
        if _numbers_differ(one, other) is None:
            yield Fault(other.at, f"all latencies of {one.run.path}, in a log of other bytes",
                        OWN_RUN, subcode=one.run.path, subject=other.result.subject)


PARTITION = re.compile(r"\bmig\b|_mig|mig_|\bpartition|\bslices?\b", re.IGNORECASE)
CHARS = 300
"""Longer names and notes are looked at this far."""


def _partitioned(system: SystemSubject) -> bool:
    """Return whether a system says that it is a part of a machine."""
    document = system.description.document
    texts = [system.description.id]
    if document is not None:
        texts += [text_of(document.get(name))
                  for name in ("system_name", "accelerator_model_name", "hw_notes")]
    return any(PARTITION.search(text[:CHARS]) for text in texts)


@rule(
    id="XRES005", name="runs-overlap", title="Runs of one system follow each other",
    level=Level.INFO, scope=Scope.SYSTEM,
    why="a system that runs two benchmarks at once is not the system described, or there are two",
    fix="check the clocks, and say in hw_notes that several equal machines were used",
    source="inference_policies inference_rules.adoc: system and framework must be consistent",
)
def runs_overlap(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """No two performance runs of a system overlap between ``power_begin`` and ``power_end``."""
    spans = sorted(
        (run.begin_s, run.end_s, run.path, run)
        for facts in system.results for run in facts.runs
        if run.begin_s is not None and run.end_s is not None and run.end_s > run.begin_s
    )
    if len(spans) < 2:
        raise Skip("fewer than two runs have a time")
    if _partitioned(system):
        raise Skip("the system is a part of a machine")
    pairs = _overlapping([run for _, _, _, run in spans])
    if pairs:
        earlier, later, length_s = max(pairs, key=lambda pair: (pair[2], pair[1].path))
        yield Fault(Location(later.path, later.line),
                    f"{counted(len(pairs), 'pair')} of runs overlap; the longest by "
                    f"{length_s:.0f} s with {earlier.path}", "runs one after the other",
                    evidence=tuple(f"{a.path} and {b.path}: {s:.0f} s" for a, b, s in pairs[:3]))


def _overlapping(runs: Sequence[RunFacts]) -> list[tuple[RunFacts, RunFacts, float]]:
    """Return (earlier, later, overlap in seconds), of each run with the longest one before."""
    found = []
    last = runs[0]
    for run in runs[1:]:
        ends = [item.end_s for item in (last, run) if item.end_s is not None]
        overlap = min(ends) - (run.begin_s or 0.0)
        if overlap > 0 and not last.told_as(run):
            found.append((last, run, overlap))
        if (run.end_s or 0.0) > (last.end_s or 0.0):
            last = run
    return found


def _several(result: Result, context: Context) -> str | None:
    wanted = context.round.layout.runs_of(result.scenario or "")
    return None if wanted > 1 else "the round wants one run of this scenario"


@rule(
    id="XRES021", name="five-runs", title="The runs of a Server result are different runs",
    level=Level.ERROR, scope=Scope.RESULT, when=_several,
    why="repeated runs show how much a result varies; a copied run shows nothing",
    fix="submit the logs of separate runs",
    source="mlcommons/inference_policies issue 82", key="layout.performance_runs",
)
def five_runs(result: Result, context: Context) -> Iterator[Fault]:
    """Runs of a scenario that needs several have own dates and latencies, and one target."""
    facts = [run_facts(run, result, context.round) for run in result.performance]
    named: list[tuple[Run, RunFacts]] = list(zip(result.performance, facts, strict=True))
    if len(named) < 2:
        raise Skip("fewer than two runs")
    for number, (run, here) in enumerate(named[1:], start=1):
        at = Location(here.path, here.line)
        twin = next(((first, why) for first, there in named[:number]
                     if (why := _same_run(here, there)) is not None), None)
        if twin is not None:
            yield Fault(at, f"{twin[1]} as {twin[0].name}", "a run of its own", subcode=run.name)
        target, first = here.target_qps, named[0][1].target_qps
        if target is not None and first is not None and target != first:
            yield Fault(run.at("effective_target_qps"), f"target {count(target)} queries/s",
                        f"{count(first)}, as in {named[0][0].name}", subcode=f"{run.name}-target",
                        level=Level.INFO)


def _same_run(one: RunFacts, other: RunFacts) -> str | None:
    """Return in what two runs are the same, None where they are not."""
    if one.identity is not None and one.identity == other.identity:
        return "the same bytes"
    if one.date is not None and one.date == other.date:
        return f"the same test_datetime {quote(one.date)}"
    if one.latencies_ns and one.latencies_ns == other.latencies_ns:
        return "the same latencies"
    return None
