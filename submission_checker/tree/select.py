"""Keep a part of the tree: the submitters, systems, benchmarks and scenarios asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from submission_checker.model.errors import WrongUse
from submission_checker.tree.build import ResultPaths, SubmitterPaths, SystemPaths, TreePaths

Wanted = Mapping[str, tuple[str, ...]]
Hint = Callable[[str, set[str]], str]


def select_tree(tree: TreePaths, wanted: Wanted, hint: Hint) -> tuple[TreePaths, bool]:
    """Return (the part of the tree that fits, whether anything was left out).

    ``wanted`` maps division, submitter, system, benchmark and scenario to the names to keep. A
    name that fits nothing is wrong use; ``hint`` words the proposal.
    """
    if not any(wanted.values()):
        return tree, False
    _known(tree, wanted, hint)
    submitters = []
    for submitter in tree.submitters:
        if not _fits(submitter.subject.division, wanted["division"]):
            continue
        if not _fits(submitter.subject.submitter, wanted["submitter"]):
            continue
        kept = _systems(submitter, wanted)
        if kept.systems or not _narrower(wanted):
            submitters.append(kept)
    return TreePaths(tree.divisions, tuple(submitters)), True


def _narrower(wanted: Wanted) -> bool:
    return any(wanted[name] for name in ("system", "benchmark", "scenario"))


def _systems(submitter: SubmitterPaths, wanted: Wanted) -> SubmitterPaths:
    systems: list[SystemPaths] = []
    for system in submitter.systems:
        if not _fits(system.subject.system, wanted["system"]):
            continue
        results = tuple(result for result in system.results if _result_fits(result, wanted))
        if results or not (wanted["benchmark"] or wanted["scenario"]):
            systems.append(system._replace(results=results))
    return submitter._replace(systems=tuple(systems))


def _result_fits(result: ResultPaths, wanted: Wanted) -> bool:
    benchmark = {result.subject.benchmark, result.model or ""}
    scenario = {result.subject.scenario, result.scenario or ""}
    return (not wanted["benchmark"] or bool(benchmark.intersection(wanted["benchmark"]))) and (
        not wanted["scenario"] or bool(scenario.intersection(wanted["scenario"]))
    )


def _fits(name: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or name in wanted


def _known(tree: TreePaths, wanted: Wanted, hint: Hint) -> None:
    results = list(tree.results())
    known = {
        "division": set(tree.divisions),
        "submitter": {s.subject.submitter for s in tree.submitters},
        "system": {s.subject.system for owner in tree.submitters for s in owner.systems},
        "benchmark": {r.subject.benchmark for r in results} | {r.model or "" for r in results},
        "scenario": {r.subject.scenario for r in results} | {r.scenario or "" for r in results},
    }
    for what, names in wanted.items():
        for name in names:
            if name not in known[what]:
                proposal = hint(name, known[what] - {""})
                raise WrongUse(f"no {what} {name!r} in this tree{proposal}")
