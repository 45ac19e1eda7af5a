"""Run rules over subjects: levels in force, requirements, crashes. Knows no rule by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from submission_checker.engine.context import Context
from submission_checker.engine.levels import level_in_force
from submission_checker.engine.rule import (
    Absent,
    Bounded,
    Fault,
    MissingRoundData,
    Rule,
    Scope,
    Skip,
)
from submission_checker.model.findings import (
    Finding,
    Level,
    Subject,
    fingerprint,
)
from submission_checker.model.report import BoundedCheck
from submission_checker.model.submission import LOADGEN
from submission_checker.rounds.types import Round

INTERNAL_FIX = "report this as a bug of the program; it says nothing about the submission"
TRACEBACK_LINES = 20
DIVISIONS = ("", "open")
"""The divisions that rules tell apart: any but the open one, and the open one."""

OTHER_HARNESS = "the result was measured with another harness, which writes no log of LoadGen"


def _in_force(rule: Rule, round_: Round) -> bool:
    """Return whether a rule is in force in any division."""
    return any(level_in_force(rule, round_, division) is not None for division in DIVISIONS)


@dataclass(slots=True)
class Judgement:
    """What came out of judging subjects: findings and the count of outcomes by rule."""

    findings: list[Finding] = field(default_factory=list)
    passed: Counter[str] = field(default_factory=Counter)
    bounded: list[BoundedCheck] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    crashed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(rule, reason) -> times."""
    failures: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """(rule, fingerprints) of each failed outcome, to tell suppressed outcomes later."""
    passes: list[tuple[str, Subject]] = field(default_factory=list)
    """(rule, subject) of each passed outcome, where the judge keeps them."""
    missing_data: set[str] = field(default_factory=set)
    keep_passes: bool = False

    def merge(self, other: Judgement) -> None:
        """Add another judgement to this one."""
        self.findings += other.findings
        self.passed.update(other.passed)
        self.bounded += other.bounded
        self.failed.update(other.failed)
        self.crashed.update(other.crashed)
        self.skipped.update(other.skipped)
        self.failures += other.failures
        self.passes += other.passes
        self.missing_data |= other.missing_data

    def skip(self, rule: str, reason: str, times: int = 1) -> None:
        """Count skipped outcomes with their reason."""
        self.skipped[rule, reason] += times


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """Return rules with every required rule before those that require it."""
    by_id = {rule.id: rule for rule in rules}
    done: dict[str, Rule] = {}

    def place(rule: Rule, path: tuple[str, ...]) -> None:
        if rule.id in done:
            return
        if rule.id in path:
            raise ValueError(f"rules require each other: {' -> '.join((*path, rule.id))}")
        for required in rule.requires:
            if required in by_id:
                place(by_id[required], (*path, rule.id))
        done[rule.id] = rule

    for rule in by_id.values():
        place(rule, ())
    return list(done.values())


class Judge:
    """Judges subjects by a fixed list of rules; one instance per round and worker."""

    def __init__(self, rules: Sequence[Rule], *, keep_passes: bool = False) -> None:
        self.rules = in_order(rules)
        self.keep_passes = keep_passes
        self._plans: dict[tuple[str, str], Plan] = {}

    def reads(self, round_: Round) -> frozenset[str]:
        """Return what has to be read only because one of the rules in force asks for it."""
        return frozenset(
            rule.reads for rule in self.rules if rule.reads and _in_force(rule, round_))

    def asks_every_log(self, round_: Round) -> bool:
        """Return whether one of the rules in force is about each log."""
        return any(rule.scope is Scope.LOG and _in_force(rule, round_) for rule in self.rules)

    def result(self, context: Context) -> Judgement:
        """Judge a result, each of its performance runs, and each of its logs."""
        judgement = Judgement(keep_passes=self.keep_passes)
        blocked: dict[str, set[str]] = {}
        aside = _aside(context)
        runs = [
            (run, context._replace(subject=context.subject._replace(run=run.name), at=run.at()))
            for run in context.judged.performance
        ]
        logs = runs + [
            (run, context._replace(subject=context.subject._replace(run=name), at=run.at()))
            for name, run in context.judged.other_runs()
        ]
        plan = self._plan(context)
        other_harness = context.judged.harness != LOADGEN
        times = {Scope.RESULT: 1, Scope.RUN: len(runs), Scope.LOG: len(logs)}
        for rule in plan.off:
            if rule.scope is Scope.RUN and other_harness:
                judgement.skip(rule.id, OTHER_HARNESS)
            elif times.get(rule.scope):
                judgement.skip(rule.id, plan.words, times[rule.scope])
        for rule, level in plan.on:
            if rule.scope is Scope.RESULT:
                _apply(rule, level, context.judged, context, judgement, blocked, "")
            elif rule.scope is Scope.RUN:
                if other_harness:
                    judgement.skip(rule.id, OTHER_HARNESS)
                    blocked.setdefault(rule.id, set()).add("")
                for run, here in runs:
                    _apply(rule, _of_run(level, run.name, aside), run, here, judgement, blocked,
                           run.name)
            elif rule.scope is Scope.LOG:
                for run, here in logs:
                    name = here.subject.run
                    _apply(rule, _of_run(level, name, aside), run, here, judgement, blocked, name)
        return judgement

    def other(self, scope: Scope, subject: object, context: Context) -> Judgement:
        """Judge a system, a submitter or the tree."""
        judgement = Judgement(keep_passes=self.keep_passes)
        blocked: dict[str, set[str]] = {}
        plan = self._plan(context)
        for rule in plan.off:
            if rule.scope is scope:
                judgement.skip(rule.id, plan.words)
        for rule, level in plan.on:
            if rule.scope is scope:
                _apply(rule, level, subject, context, judgement, blocked, "")
        return judgement

    def _plan(self, context: Context) -> Plan:
        """Return which rules are in force, kept by round and division."""
        key = context.round.name, context.division
        if key not in self._plans:
            self._plans[key] = Plan.of(self.rules, context.round, context.division)
        return self._plans[key]


class Plan(NamedTuple):
    """The rules in force in a division with their levels, in order, and those that are not."""

    on: tuple[tuple[Rule, Level], ...]
    off: tuple[Rule, ...]
    words: str
    """Why the latter are skipped."""

    @classmethod
    def of(cls, rules: Sequence[Rule], round_: Round, division: str) -> Plan:
        """Return the plan of a round and division."""
        levels = [(rule, level_in_force(rule, round_, division)) for rule in rules]
        return cls(
            tuple((rule, level) for rule, level in levels if level is not None),
            tuple(rule for rule, level in levels if level is None),
            f"not in force in {round_.name} {division}".rstrip(),
        )


def _aside(context: Context) -> frozenset[str]:
    """Return the runs that decide nothing: beyond those that the round wants, unasked audits."""
    result = context.judged
    needed = context.round.layout.runs_of(result.scenario or "")
    extra = frozenset(run.name for run in result.performance[needed:])
    if context.division in context.round.audits_required_in:
        return extra
    return extra.union(*((test, f"{test}/accuracy") for test in result.audits))


def _of_run(level: Level, name: str, aside: frozenset[str]) -> Level:
    return min(level, Level.WARNING) if name in aside else level


def _apply(
    rule: Rule, level: Level, subject: object, context: Context, judgement: Judgement,
    blocked: dict[str, set[str]], part: str,
) -> None:
    if rule.requires and (needs := _unmet(rule, blocked, part)) is not None:
        judgement.skip(rule.id, f"needs {needs}, which did not pass")
        blocked.setdefault(rule.id, set()).add(part)
        return
    try:
        reason = rule.when(subject, context) if rule.when is not None else None
        told = () if reason else tuple(rule.check(subject, context))
    except Skip as skip:
        if isinstance(skip, MissingRoundData):
            judgement.missing_data.add(skip.key)
        if isinstance(skip, Absent):
            blocked.setdefault(rule.id, set()).add(part)
        judgement.skip(rule.id, str(skip))
        return
    except Exception as error:
        judgement.crashed[rule.id] += 1
        judgement.findings.append(_crash(rule, error, context))
        blocked.setdefault(rule.id, set()).add(part)
        return
    if reason:
        judgement.skip(rule.id, reason)
    elif not told:
        judgement.passed[rule.id] += 1
        if judgement.keep_passes:
            judgement.passes.append((rule.id, context.subject))
    elif faults := [item for item in told if isinstance(item, Fault)]:
        _record(rule, faults, level, context, judgement)
        if any(fault.level is None for fault in faults):
            blocked.setdefault(rule.id, set()).add(part)
    else:
        judgement.bounded += [
            BoundedCheck(rule.id, bound.at, bound.subject or context.subject, bound.reason)
            for bound in told if isinstance(bound, Bounded)
        ]


def _record(
    rule: Rule, faults: list[Fault], level: Level, context: Context, judgement: Judgement
) -> None:
    findings = [_finding(rule, fault, level, context) for fault in faults]
    judgement.findings += findings
    judgement.failed[rule.id] += 1
    judgement.failures.append((rule.id, tuple(f.fingerprint for f in findings)))


def _unmet(rule: Rule, blocked: dict[str, set[str]], part: str) -> str | None:
    """Return the required rule that did not pass for this part (or the whole) of the subject."""
    for required in rule.requires:
        parts = blocked.get(required, ())
        if part in parts or "" in parts or (not part and parts):
            return required
    return None


def _finding(rule: Rule, fault: Fault, level: Level, context: Context) -> Finding:
    subject = fault.subject or context.subject
    return Finding(
        rule=rule.id,
        level=level if fault.level is None else min(level, fault.level),
        location=fault.at,
        subject=subject,
        subcode=fault.subcode,
        found=fault.found,
        required=fault.required,
        why=fault.why or rule.why,
        fix=fault.fix or rule.fix,
        evidence=fault.evidence,
        fingerprint=fingerprint(rule.id, fault.subcode, subject, fault.at),
        absent=fault.absent,
        confidence=fault.confidence,
    )


def _crash(rule: Rule, error: Exception, context: Context) -> Finding:
    import traceback  # only here: rules seldom fail

    lines = traceback.format_exception(error)
    evidence = tuple("".join(lines).rstrip().splitlines()[-TRACEBACK_LINES:])
    return Finding(
        rule=rule.id,
        level=Level.ERROR,
        location=context.at,
        subject=context.subject,
        subcode="crashed",
        found=f"the rule crashed: {type(error).__name__}: {error}",
        required="every rule judges every input",
        why="this is a defect of the program; the other rules were judged all the same",
        fix=INTERNAL_FIX,
        evidence=without_paths(evidence),
        fingerprint=fingerprint(rule.id, "crashed", context.subject, context.at),
    )


def without_paths(lines: Sequence[str]) -> tuple[str, ...]:
    """Cut absolute paths of this machine, so that equal input gives equal reports."""
    def shorten(line: str) -> str:
        head, found, tail = line.partition('File "')
        path, _, rest = tail.partition('"')
        start = path.rfind("submission_checker/")
        short = path[start:] if start >= 0 else path.rpartition("/")[2]
        return f'{head}{found}{short}"{rest}' if found else line

    return tuple(shorten(line) for line in lines)
