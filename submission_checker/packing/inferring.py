"""Results that the round lets a submitter take from another result's log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from submission_checker.model.findings import Subject
from submission_checker.packing.actions import Action, Plan
from submission_checker.packing.parts import (
    Parts,
    other_benchmark,
    other_scenario,
    parts_of,
    submitters_of,
)
from submission_checker.rounds.types import Round
from submission_checker.sources.base import Source

HIGH = ".9"
"""A benchmark with the higher quality target carries this ending more than the lower one."""
EDGE = "edge"


def with_inferred(plan: Plan, source: Source, round_: Round, edge: frozenset[Subject]) -> Plan:
    """Return the plan with the results that may be inferred and are not there.

    ``edge`` names the systems whose type includes edge. Whether the base is a measured result and
    the inference holds is judged like everything else, by the rules on the packed tree.
    """
    for submitter in submitters_of(plan, source, round_):
        present = list(parts_of(submitter))
        for name, new in (*_lower_targets(plan, present, round_),
                          *_scenarios(plan, present, round_, edge)):
            plan = plan.with_actions(new, name)
    return plan


def _lower_targets(
    plan: Plan, present: list[Parts], round_: Round
) -> Iterator[tuple[str, list[Action]]]:
    """Yield, per result with the higher quality target, the copy that meets the lower one."""
    have = {(p.result.subject.system, p.result.subject.benchmark, p.result.scenario)
            for p in present}
    for parts in present:
        model, subject = parts.result.model or "", parts.result.subject
        low = model.removesuffix(HIGH)
        if low == model or low not in round_.models or subject.benchmark != model:
            continue
        if (subject.system, low, parts.result.scenario) in have:
            continue
        yield (f"{parts.result.path}: also submitted as {low}",
               copies(plan, parts, other_benchmark, low))


def _scenarios(
    plan: Plan, present: list[Parts], round_: Round, edge: frozenset[Subject]
) -> Iterator[tuple[str, list[Action]]]:
    """Yield, per result whose log may stand for another scenario, the copy for that scenario."""
    have = {(p.result.subject.system, p.result.subject.benchmark, p.result.scenario)
            for p in present}
    for parts in present:
        subject = parts.result.subject
        for pair in round_.inference:
            if pair.base != parts.result.scenario:
                continue
            if pair.edge_only and parts.system.subject not in edge:
                continue
            key = (subject.system, subject.benchmark, pair.inferred)
            if key in have or not _wanted(parts, pair.inferred, round_):
                continue
            have.add(key)
            yield (f"{parts.result.path}: {pair.inferred} inferred ({pair.source})",
                   copies(plan, parts, other_scenario, pair.inferred))


def _wanted(parts: Parts, scenario: str, round_: Round) -> bool:
    """Return whether the benchmark has the scenario on edge systems."""
    model = round_.models.get(parts.result.model or "")
    lists = model.scenarios(EDGE) if model is not None else None
    if lists is None:
        return False
    return scenario in lists.optional or any(scenario in group for group in lists.required)


def copies(
    plan: Plan, parts: Parts, renamed: Callable[[str, Subject, str], str], name: str
) -> list[Action]:
    """Return the actions that copy a result's folders under another scenario or benchmark."""
    subject = parts.result.subject
    found: list[Action] = []
    audits = [path for _, path in parts.result.audits]
    for folder in parts.folders:
        for action in plan.below(folder):
            if renamed is other_scenario and any(
                action.target.startswith(f"{path}/") for path in audits
            ):
                continue
            target = renamed(action.target, subject, name)
            if target.endswith(f"_{subject.scenario}.json") and renamed is other_scenario:
                target = f"{target.removesuffix(f'{subject.scenario}.json')}{name}.json"
            found.append(replace(action, target=target, why=f"inferred from {folder}"))
    return found
