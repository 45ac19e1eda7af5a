"""XRES011-013: a tree beside that of the round before (``--previous``)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.beside import EarlierTree
from submission_checker.model.findings import Level, Location
from submission_checker.model.run_facts import RunFacts
from submission_checker.model.subjects import ResultFacts, SystemSubject, TreeSubject
from submission_checker.rounds.types import Round
from submission_checker.rules.texts import counted, quote
from submission_checker.rules.values import is_nothing, number_in, text_of
from submission_checker.rules.xres_leads import lower_is_better
from submission_checker.rules.xres_runs import runs_of

RULES = "policies submission_rules.adoc"
AVAILABLE = ("available", "on-premise")
"""``on-premise`` is how one round wrote what is available for purchase."""
PREVIEW = re.compile(r"[\W_]*preview[\W_]*")
PLACES = 10


def earlier_of(tree: TreeSubject) -> EarlierTree:
    """Return the earlier tree; skips the rule where none was given."""
    if tree.beside.earlier is None:
        raise Skip("no earlier round given (--previous)")
    return tree.beside.earlier


def round_before(tree: TreeSubject, context: Context) -> EarlierTree:
    """Return the earlier tree where it is of the round right before this one."""
    earlier = earlier_of(tree)
    if earlier.round not in (context.round.name, context.round.predecessor):
        raise Skip(f"{earlier.round} is not the round right before {context.round.name}")
    return earlier


def status_of(system: SystemSubject) -> str:
    """Return the availability that a description names."""
    document = system.description.document
    return text_of(document.get("status")).strip().casefold() if document is not None else ""


def part_of(system: SystemSubject, field: str) -> str:
    """Return a named part, spaces and case folded; an empty text where there is none."""
    document = system.description.document
    name = text_of(document.get(field)) if document is not None else ""
    return "" if is_nothing(name) else " ".join(name.casefold().split())


def machine_of(system: SystemSubject) -> tuple[str, float, float] | None:
    """Return what computes and how many of it on how many nodes, None where that is open."""
    document = system.description.document
    name, count = part_of(system, "accelerator_model_name"), "accelerators_per_node"
    if not name:
        name, count = part_of(system, "host_processor_model_name"), "host_processors_per_node"
    each = number_in(document.get(count)) if document is not None else None
    nodes = number_in(document.get("number_of_nodes")) if document is not None else None
    return (name, each, nodes) if name and each and nodes else None


def counterparts(old: SystemSubject, now: Sequence[SystemSubject]) -> list[SystemSubject]:
    """Return the systems that an earlier one may have become: its name, or the same parts.

    The word preview in a name does not count.
    """
    name = PREVIEW.sub("", old.description.id.casefold())
    machine = machine_of(old)
    return [
        system for system in now
        if PREVIEW.sub("", system.description.id.casefold()) == name
        or (machine is not None and machine_of(system) == machine)
    ]


def merit(facts: ResultFacts, round_: Round, *, by_power: bool) -> float:
    """Return how good a result is: its rate or one over its latency, per power where asked for."""
    if not facts.value:
        return 0.0
    lower = lower_is_better(facts, round_)
    if by_power and facts.power:
        return 1 / facts.power if lower else facts.value / facts.power
    return 1 / facts.value if lower else facts.value


def compatible(facts: ResultFacts, kind: str | None, round_: Round) -> bool:
    """Return whether this round takes results of an earlier result's model and scenario."""
    model = round_.models.get(facts.model or "")
    scenarios = model.scenarios(kind or "") if model is not None else None
    if scenarios is None or not facts.value:
        return False
    return facts.scenario in scenarios.optional or any(
        facts.scenario in choice for choice in scenarios.required)


@rule(
    id="XRES011", name="preview-became-available",
    title="What was a preview is available now, and as fast",
    level=Level.WARNING, scope=Scope.TREE,
    why="a preview stays valid only if the system is submitted as available in time, with equal "
        "or better performance on compatible benchmarks",
    fix="submit the available system with these benchmarks, or tell the results chair why the "
        "time is not over (next submission, at least 140 days later)",
    source=f"{RULES}, Preview Systems", key="review.preview_share",
)
def preview_became_available(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """Each preview of a submitter of this tree is here as available, with 0.98 of its numbers.

    Systems are matched by name or by their accelerators (processors) and their count. Compared are
    models and scenarios that both rounds have; per power where both have it.
    """
    earlier = round_before(tree, context)
    share = context.limit(context.round.review.preview_share, "review.preview_share")
    judged = False
    for submitter in tree.submitters:
        owner = submitter.subject
        now = [s for s in submitter.systems if status_of(s) in AVAILABLE and s.results]
        for old in earlier.systems:
            theirs = old.description.subject
            if (theirs.division, theirs.submitter) != (owner.division, owner.submitter) or (
                status_of(old) != "preview" or not old.results
            ):
                continue
            judged = True
            found = counterparts(old, now)
            if not found:
                yield Fault(Location(submitter.path),
                            f"{quote(old.description.id)}, a preview in {earlier.round}, is not "
                            "here as available", "an available system of its name or parts",
                            subcode=old.description.id, subject=owner)
                continue
            yield from _slower(old, found, earlier.round, share, context)
    if not judged:
        raise Skip(f"no submitter of this tree had a preview in {earlier.round}")


def _slower(
    old: SystemSubject, now: list[SystemSubject], before: str, share: float, context: Context
) -> Iterator[Fault]:
    """Yield results below their preview, and once the benchmarks that are missing."""
    missing = []
    for facts in old.results:
        kind = now[0].description.system_type
        if not compatible(facts, kind, context.round):
            continue
        same = [f for s in now for f in s.results if f.value and (
            f.model, f.scenario, f.unit) == (facts.model, facts.scenario, facts.unit)]
        if not same:
            missing.append(f"{facts.subject.benchmark} {facts.scenario}")
            continue
        by_power = bool(facts.power) and any(f.power for f in same)
        best = max(same, key=lambda f: merit(f, context.round, by_power=by_power))
        ratio = (merit(best, context.round, by_power=by_power)
                 / merit(facts, context.round, by_power=by_power))
        if ratio < share:
            yield Fault(Location(best.path), f"{best.value:.6g} {best.unit}, {ratio:.3f} of the "
                        f"preview{' per power' if by_power else ''}",
                        f"at least {share} of {facts.value:.6g} {facts.unit} ({before}, "
                        f"{facts.path}; {context.cite('review.preview_share')})",
                        subcode=facts.path, subject=best.subject)
    if missing:
        yield Fault(Location(now[0].description.path),
                    f"{counted(len(missing), 'previewed result')} missing",
                    f"the benchmarks of {quote(old.description.id)} in {before}",
                    subcode=f"missing-{old.description.id}", subject=now[0].description.subject,
                    evidence=tuple(missing[:PLACES]))


@rule(
    id="XRES012", name="rdi-not-available-too-early",
    title="Parts of research systems wait before they are available",
    level=Level.INFO, scope=Scope.TREE,
    why="parts of a research, development or internal system may be submitted as available in "
        "the submission cycle after next or after 221 days, whichever is longer",
    fix="say in the notes which part of the earlier system was not available, or submit as RDI",
    source=f"{RULES}, Research, Development, or Internal Systems",
)
def rdi_not_available_too_early(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No available system has the accelerator or processor of the submitter's RDI system before.

    A part that was in an available system before as well is not the one that made it RDI.
    """
    earlier = round_before(tree, context)
    known = {key for system in earlier.systems if status_of(system) in AVAILABLE
             for key in _parts(system)}
    new: dict[tuple[str, str], SystemSubject] = {}
    for system in earlier.systems:
        if status_of(system) == "rdi" and system.results:
            for key in _parts(system):
                if key not in known:
                    new.setdefault((system.description.subject.submitter, key), system)
    if not new:
        raise Skip(f"no part was in RDI systems only in {earlier.round}")
    for submitter in tree.submitters:
        for system in submitter.systems:
            document = system.description.document
            if status_of(system) not in AVAILABLE or document is None or not system.results:
                continue
            for key in _parts(system):
                old = new.get((submitter.subject.submitter, key))
                if old is not None:
                    yield Fault(document.at("status"), f"available, with {quote(key)} of the RDI "
                                f"system {quote(old.description.id)} in {earlier.round}",
                                "a part that was not RDI in the round before", subcode=key,
                                subject=system.description.subject)


def _parts(system: SystemSubject) -> list[str]:
    """Return the accelerator, or the processor of a system without one."""
    name = part_of(system, "accelerator_model_name") or part_of(
        system, "host_processor_model_name")
    return [name] if name else []


@rule(
    id="XRES013", name="no-log-of-an-earlier-round", title="Logs are of runs of this round",
    level=Level.ERROR, scope=Scope.TREE,
    why="a result is measured anew in each round, with that round's seeds and software",
    fix="run the benchmark with LoadGen of this round and submit that log",
    source=f"{RULES}; inference_policies inference_rules.adoc, Non-determinism is restricted",
    suppressible=False,
)
def no_log_of_an_earlier_round(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """No performance log is one of the earlier round: equal bytes, or of the same run.

    Same date, process and build alone are a warning, as containers number processes alike.
    """
    earlier = earlier_of(tree)
    by_bytes: dict[str, RunFacts] = {}
    by_birth: dict[tuple[str, int, str], list[RunFacts]] = defaultdict(list)
    for system in earlier.systems:
        for facts in system.results:
            for run in facts.runs:
                if run.identity is not None:
                    by_bytes.setdefault(run.identity, run)
                if run.birth is not None:
                    by_birth[run.birth].append(run)
    for told in runs_of(tree):
        same = by_bytes.get(told.run.identity or "")
        if same is not None:
            yield Fault(told.at, f"the same bytes as {same.path} in {earlier.round}",
                        "a log of this round", subcode=same.path, subject=told.result.subject)
            continue
        twins = by_birth.get(told.run.birth, ()) if told.run.birth is not None else ()
        old = next((run for run in twins if _one_run(told.run, run)), None) or next(
            iter(twins), None)
        if old is not None:
            sure = _one_run(told.run, old)
            yield Fault(told.at, f"test_datetime {told.run.date} and pid {told.run.pid} of "
                        f"{old.path} in {earlier.round}", "a log of this round",
                        subcode=old.path, subject=told.result.subject,
                        level=None if sure else Level.WARNING,
                        confidence="certain" if sure else "likely")


def _one_run(one: RunFacts, other: RunFacts) -> bool:
    """Return whether two logs of equal birth also began or measured the same."""
    begun = one.begin is not None and one.begin == other.begin
    return begun or bool(one.latencies_ns and one.latencies_ns == other.latencies_ns)
