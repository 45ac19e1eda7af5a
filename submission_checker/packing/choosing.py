"""What becomes of results that are not valid: kept, left out, or moved to the open division."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from submission_checker.check import check
from submission_checker.model.findings import Subject
from submission_checker.model.report import Report, ResultRow, Verdict
from submission_checker.options import Options
from submission_checker.packing.actions import Action, Doing, Plan
from submission_checker.packing.parts import Parts, parts_of, submitters_of
from submission_checker.packing.planned import PlannedSource
from submission_checker.rounds.types import Round
from submission_checker.sources.base import Source
from submission_checker.tree.templates import fill

POWER = "POWR"
"""Family of the rules on power measurements."""
MOST_PASSES = 20
"""Leaving results out can make siblings incomplete; every pass leaves out at least one."""


class Invalid(enum.Enum):
    """What to do with a result that is not valid."""

    KEEP = "keep"
    LEAVE_OUT = "leave-out"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Judged:
    """A plan with the report on the tree that it makes."""

    plan: Plan
    report: Report


def judged(plan: Plan, source: Source, options: Options) -> Judged:
    """Judge the tree of a plan, without writing it."""
    report = check(PlannedSource(source, plan.actions), options=replace(options, jobs=1))
    return Judged(plan, report)


def chosen(plan: Plan, source: Source, round_: Round, options: Options, what: Invalid) -> Judged:
    """Return the plan after dealing with results that are not valid, and its report."""
    now = judged(plan, source, options)
    for _ in range(MOST_PASSES):
        bad = {row.location: row for row in now.report.results if row.verdict is not Verdict.VALID
               and (what is not Invalid.OPEN or row.subject.division == "closed")}
        if what is Invalid.KEEP or not bad:
            return now
        found = [parts for submitter in submitters_of(now.plan, source, round_)
                 for parts in parts_of(submitter) if parts.result.path in bad]
        for parts in found:
            row = bad[parts.result.path]
            why = f"{row.verdict.value}: {row.reason}"
            moved = list(_to_open(now.plan, parts, source)) if what is Invalid.OPEN else []
            plan = now.plan.without(parts.folders, why)
            if moved:
                plan = plan.with_actions(moved, f"{parts.result.path} moved to open ({why})")
            now = replace(now, plan=plan)
        touched = frozenset(parts.system.subject for parts in found)
        plan = _without_leftovers(now.plan, source, round_, touched)
        now = judged(plan, source, options)
    return now


def without_wrong_power(now: Judged, source: Source, round_: Round, options: Options) -> Judged:
    """Return the plan without power measurements that alone make their result invalid."""
    deciding = {finding.fingerprint: finding for finding in now.report.findings}
    plan = now.plan
    for row in now.report.results:
        own = [deciding[key].rule for key in row.deciding
               if key in deciding and deciding[key].subject.scenario]
        if own and all(rule.startswith(POWER) for rule in own):
            plan = _without_power(plan, row, round_)
    return now if plan is now.plan else judged(plan, source, options)


def _without_power(plan: Plan, row: ResultRow, round_: Round) -> Plan:
    """Return the plan without the files that only a power measurement has."""
    layout, subject = round_.layout, row.subject
    slots = {"division": subject.division, "submitter": subject.submitter,
             "system": subject.system, "model": subject.benchmark, "scenario": subject.scenario}
    folders = [fill(template, slots) for role in ("power", "ranging")
               for template in layout.templates.get(role, ())]
    why = "the power measurement is not valid; the result stays"
    plan = plan.without(folders, why)
    for name in layout.required_power:
        if name.rpartition("/")[2] in layout.required_performance:
            continue
        plan = plan.without_file(f"{row.location}/{name}", why)
    return replace(plan, notes=(*plan.notes, f"{row.location}: submitted without power"))


def _to_open(plan: Plan, parts: Parts, source: Source) -> Iterator[Action]:
    """Yield the files of a closed result under open/, with what it needs beside them.

    Audits stay behind: the open division has none.
    """
    audits = [path for _, path in parts.result.audits]
    for folder in parts.folders:
        for action in plan.below(folder):
            if not any(action.target.startswith(f"{path}/") for path in audits):
                yield replace(action, target=_opened(action.target))
    shared = [parts.system.description] if parts.system.description else []
    shared += [a.target for path in parts.result.code for a in plan.below(path)]
    for target in dict.fromkeys(shared):
        if _opened(target) in plan.actions or target not in plan.actions:
            continue
        action = replace(plan.actions[target], target=_opened(target))
        yield _in_open(action, source) if target == parts.system.description else action


def _opened(path: str) -> str:
    return f"open/{path.partition('/')[2]}"


def _in_open(action: Action, source: Source) -> Action:
    """Return a system description that names the open division."""
    data = action.content if action.content is not None else source.read(action.source)
    try:
        fields = json.loads(data)
    except ValueError:
        return action
    if not isinstance(fields, dict) or "division" not in fields:
        return action
    text = (json.dumps({**fields, "division": "open"}, indent=2) + "\n").encode()
    return replace(action, doing=Doing.REWRITE, content=text, size_bytes=len(text),
                   why="its division set to open")


def _without_leftovers(
    plan: Plan, source: Source, round_: Round, touched: frozenset[Subject]
) -> Plan:
    """Return the plan without touched systems that lost their last result, and half results."""
    for submitter in submitters_of(plan, source, round_):
        plan = plan.without((path for _, path, _ in submitter.half_results),
                            "belongs to no result")
        for system in submitter.systems:
            if system.subject not in touched or system.results:
                continue
            folders = [path for _, path in system.folders]
            if system.results_folder is not None:
                folders.append(system.results_folder)
            plan = plan.without(folders, NOTHING_LEFT)
            if system.description is not None:
                plan = plan.without_file(system.description, NOTHING_LEFT)
    return plan


NOTHING_LEFT = "no result of the system is left"
