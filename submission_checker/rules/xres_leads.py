"""XRES006-010, 018, 020: results that fit others badly; leads for reviewers, never verdicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.subjects import (
    ResultFacts,
    SubmitterSubject,
    SystemSubject,
    TreeSubject,
)
from submission_checker.rounds.types import Round
from submission_checker.rules.texts import count, counted, quote
from submission_checker.rules.values import is_nothing, number_in, text_of
from submission_checker.rules.xres_runs import variants

AUDIT = "inference_policies inference_rules.adoc, Audit Process"
GUIDE = "inference_policies MLPerf_Audit_Guidelines.adoc"
MATERIAL = 0.02
"""Difference that an audit calls material (audit guidelines)."""

SCALING, ABOVE_LINEAR = 0.10, 0.05
"""Difference per accelerator that asks for an audit; room for what is better than linear."""

NEAR_LATENCY = 0.9
ROBUST_SDS = 3
SD_OF_MAD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""

FEWEST = 5
"""Values below which a spread says nothing."""


class PerPart(NamedTuple):
    """A result with its number divided by the accelerators of its system."""

    facts: ResultFacts
    accelerator: str
    accelerators: float
    rate: float


def lower_is_better(facts: ResultFacts, round_: Round) -> bool:
    """Return whether a result's number is a latency."""
    spec = round_.scenarios.get(facts.scenario or "")
    return spec is not None and spec.lower_is_better


def per_accelerator(systems: Sequence[SystemSubject], round_: Round) -> Iterator[PerPart]:
    """Yield the rates per accelerator of results whose systems name and count accelerators."""
    for system in systems:
        document = system.description.document
        name = text_of(document.get("accelerator_model_name")) if document is not None else ""
        if document is None or is_nothing(name):
            continue
        each = number_in(document.get("accelerators_per_node"))
        nodes = number_in(document.get("number_of_nodes"))
        if not each or not nodes:
            continue
        for facts in system.results:
            if facts.value is not None and facts.value > 0 and facts.model is not None and (
                not lower_is_better(facts, round_)
            ):
                yield PerPart(facts, name, each * nodes, facts.value / (each * nodes))


def closed_systems(tree: TreeSubject) -> list[SystemSubject]:
    """Return the systems outside the open division, where one name is one model."""
    return [system for submitter in tree.submitters for system in submitter.systems
            if submitter.subject.division != "open"]


def by_kind(parts: Iterator[PerPart]) -> Iterator[list[PerPart]]:
    """Yield groups of one division, accelerator, model, scenario and unit."""
    groups: dict[tuple[object, ...], list[PerPart]] = defaultdict(list)
    for part in parts:
        facts = part.facts
        groups[facts.subject.division, " ".join(part.accelerator.casefold().split()), facts.model,
               facts.scenario, facts.unit].append(part)
    return iter(groups.values())


def outliers(values: Sequence[float]) -> Iterator[tuple[int, float, float]]:
    """Yield (index, median, robust standard deviations from it) of values that stand apart.

    What differs by less than the audit process asks about is no lead, however near the others are.
    """
    if len(values) < FEWEST:
        return
    from statistics import median  # only here: few trees have enough to compare

    middle = median(values)
    spread = SD_OF_MAD * median(abs(value - middle) for value in values)
    if spread <= 0:
        return
    for index, value in enumerate(values):
        distance = abs(value - middle)
        if distance > ROBUST_SDS * spread and distance > SCALING * middle:
            yield index, middle, distance / spread


def _strictness(facts: ResultFacts, round_: Round) -> tuple[float, ...]:
    """Return the lower quality limits of a result's model, for models with the same metrics."""
    return tuple(metric.lower or 0.0 for metric in round_.models[facts.model or ""].metrics)


@rule(
    id="XRES006", name="stricter-variant-faster",
    title="The variant of higher quality is not the faster one",
    level=Level.INFO, open_level=OFF, scope=Scope.SYSTEM,
    why="what reaches the higher quality also reaches the lower one, at least as fast",
    fix="check both results; the faster run may stand for both",
    source="own; policies submission_rules.adoc",
)
def stricter_variant_faster(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """A result at a higher quality target is at most 2 % better than that at the lower one."""
    known = [facts for facts in system.results if facts.model in context.round.models]
    for one, other in combinations(known, 2):
        if one.scenario != other.scenario or one.unit != other.unit or one.model == other.model:
            continue
        if not variants(one.model, other.model, context.round):
            continue
        low, high = sorted((one, other), key=lambda facts: _strictness(facts, context.round))
        if not low.value or not high.value or (
            _strictness(low, context.round) == _strictness(high, context.round)
        ):
            continue
        ratio = high.value / low.value
        gain = (1 / ratio if lower_is_better(high, context.round) else ratio) - 1
        if gain > MATERIAL:
            yield Fault(Location(high.path), f"{high.value:.6g} {high.unit}, {gain:.1%} better "
                        f"than {low.path}", f"at most {MATERIAL:.0%} better than {low.value:.6g}",
                        subcode=low.path, subject=high.subject)


def _pairs(
    system: SystemSubject, one: str, other: str
) -> Iterator[tuple[ResultFacts, ResultFacts]]:
    """Yield the results of two scenarios of each benchmark of a system."""
    for first in system.results:
        for second in system.results:
            if (first.scenario, second.scenario) == (one, other) and (
                first.subject.benchmark == second.subject.benchmark
            ):
                yield first, second


@rule(
    id="XRES007", name="server-above-offline", title="Server is not faster than Offline",
    level=Level.INFO, scope=Scope.SYSTEM,
    why="without latency limits a system reaches at least the rate that it reaches with them",
    fix="check both runs; the Offline one may have been throttled or too short",
    source="The MLPerf Inference paper, figure 6",
)
def server_above_offline(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """The Server rate is at most 2 % above the Offline rate of the same benchmark."""
    for server, offline in _pairs(system, "Server", "Offline"):
        if server.value and offline.value and server.unit == offline.unit and (
            server.value > (1 + MATERIAL) * offline.value
        ):
            yield Fault(Location(server.path), f"{server.value:.6g} {server.unit}",
                        f"at most {MATERIAL:.0%} above Offline, {offline.value:.6g}",
                        subject=server.subject)


@rule(
    id="XRES008", name="offline-below-latency", title="Rate and latency of one system agree",
    level=Level.INFO, scope=Scope.SYSTEM,
    why="one sample after the other already gives one over the mean latency",
    fix="check both runs; clocks or limits may have differed between them",
    source="own",
)
def offline_below_latency(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """The Offline rate is at least 0.9 / mean SingleStream latency."""
    unit = context.round.scenarios["Offline"].published_unit
    for single, offline in _pairs(system, "SingleStream", "Offline"):
        mean_ns = next((run.mean_latency_ns for run in single.runs), None)
        if not mean_ns or offline.value is None or offline.unit != unit or offline.inferred:
            continue
        want = NEAR_LATENCY * 1e9 / mean_ns
        if offline.value < want:
            yield Fault(Location(offline.path), f"{offline.value:.6g} {unit}",
                        f"at least {want:.6g}, 0.9 / mean SingleStream latency "
                        f"{count(round(mean_ns / 1e6, 6))} ms", subject=offline.subject)


@rule(
    id="XRES009", name="scaling", title="Rates scale with the number of accelerators",
    level=Level.INFO, open_level=OFF, scope=Scope.SUBMITTER,
    why="the same accelerator does the same work; large differences per accelerator need a reason",
    fix="check the counts in the system descriptions",
    source=f"{AUDIT} (10 %); {GUIDE}",
)
def scaling(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """Per accelerator the rates of one submitter differ by at most 10 % between counts.

    More accelerators are at most 5 % better each. Of each accelerator, benchmark and scenario the
    widest pair is shown.
    """
    for group in by_kind(per_accelerator(submitter.systems, context.round)):
        pairs = [pair for pair in combinations(sorted(group, key=_by_count), 2)
                 if pair[0].accelerators < pair[1].accelerators]
        wide = [(_gain(*pair), *pair) for pair in pairs]
        far = [item for item in wide if item[0] < -SCALING or item[0] > ABOVE_LINEAR]
        if far:
            gain, few, many = max(far, key=lambda item: abs(item[0]))
            yield Fault(Location(many.facts.path), f"{many.rate:.6g} {many.facts.unit} on each of "
                        f"{count(many.accelerators)} {quote(many.accelerator)}, {gain:+.1%}",
                        f"about {few.rate:.6g}, as on {count(few.accelerators)} of them "
                        f"({few.facts.path})", subject=many.facts.subject)


def _by_count(part: PerPart) -> tuple[float, str]:
    return part.accelerators, part.facts.path


def _gain(few: PerPart, many: PerPart) -> float:
    return many.rate / few.rate - 1


@rule(
    id="XRES010", name="outlier-among-equals", title="Equal accelerators reach similar rates",
    level=Level.INFO, scope=Scope.TREE,
    why="a result far from all others on the same accelerator is the first to look at",
    fix="nothing needs to be done; say in the notes what makes the difference",
    source=f"{AUDIT}",
)
def outlier_among_equals(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No rate per accelerator is 3 robust standard deviations and 10 % from the median."""
    for group in by_kind(per_accelerator(closed_systems(tree), context.round)):
        if len({part.facts.subject.submitter for part in group}) < 2:
            continue
        for index, middle, distance in outliers([part.rate for part in group]):
            part = group[index]
            yield Fault(Location(part.facts.path), f"{part.rate:.6g} {part.facts.unit} per "
                        f"{quote(part.accelerator)}, {distance:.1f} robust standard deviations "
                        f"from the median", f"about {middle:.6g}, the median of "
                        f"{counted(len(group), 'result')}", subject=part.facts.subject)


EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of no bytes at all."""


@rule(
    id="XRES018", name="answers-shared", title="Two submitters with the same answers and speed",
    level=Level.INFO, scope=Scope.TREE,
    why="deterministic software gives equal answers everywhere; equal speed as well is rare",
    fix="nothing needs to be done",
    source="own; equal hashes counted over the published results",
)
def answers_shared(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No two submitters share the accuracy log's hash with numbers within 2 % of each other."""
    groups: dict[tuple[object, ...], list[ResultFacts]] = defaultdict(list)
    for submitter in tree.submitters:
        for system in submitter.systems:
            for facts in system.results:
                if facts.accuracy_hash not in (None, EMPTY) and facts.value:
                    groups[facts.accuracy_hash, facts.model, facts.scenario, facts.unit].append(
                        facts)
    for group in groups.values():
        for one, other in combinations(sorted(group, key=lambda facts: facts.path), 2):
            near = abs((one.value or 0.0) - (other.value or 0.0)) <= MATERIAL * (one.value or 0.0)
            if near and one.subject.submitter != other.subject.submitter:
                yield Fault(Location(other.path), f"the answers of {one.path}, and "
                            f"{other.value:.6g} {other.unit} beside {one.value:.6g}",
                            "answers or speed of its own", subcode=one.path, subject=other.subject)


@rule(
    id="XRES020", name="efficiency-outlier", title="Equal accelerators need similar energy",
    level=Level.INFO, scope=Scope.TREE,
    why="an efficiency far from all others hints at an analyzer that missed a part of the system",
    fix="check what the analyzer was connected to",
    source=GUIDE,
)
def efficiency_outlier(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No rate per watt is 3 robust standard deviations and 10 % from that of equal accelerators."""
    judged = False
    for group in by_kind(per_accelerator(closed_systems(tree), context.round)):
        powered = [part for part in group if part.facts.power and part.facts.value]
        judged = judged or len(powered) >= FEWEST
        values = [(p.facts.value or 0.0) / (p.facts.power or 1.0) for p in powered]
        for index, middle, distance in outliers(values):
            facts = powered[index].facts
            yield Fault(Location(facts.path), f"{values[index]:.6g} {facts.unit} per watt, "
                        f"{distance:.1f} robust standard deviations from the median",
                        f"about {middle:.6g}, the median of {counted(len(values), 'result')}",
                        subject=facts.subject)
    if not judged:
        raise Skip(f"fewer than {FEWEST} power results of one accelerator and benchmark")
