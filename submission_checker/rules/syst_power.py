"""SYST019-020, 026: descriptions of systems with power results, and private ids."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level
from submission_checker.model.submission import SystemSubject
from submission_checker.rules.syst import CHECKER, document_of, json_faults
from submission_checker.rules.texts import counted, listed, quote
from submission_checker.rules.values import is_empty, truth

POWER_ONLY = "system_power_only"


@rule(
    id="SYST019", name="power-fields", title="A system with power results is described for them",
    level=Level.WARNING, scope=Scope.SYSTEM, requires=("SYST001",),
    why="supplies, firmware and network cards explain the power of a system",
    fix="add the fields named",
    source=CHECKER, key="system.power_fields",
)
def power_fields(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """A system with power results has every power field of the round."""
    document = document_of(system)
    if not any(result.has_power for result in system.results):
        raise Skip("no power results")
    wanted = [name for name in context.round.system.power_fields if name != POWER_ONLY]
    missing = [name for name in wanted if name not in document.value]
    if missing:
        yield Fault(document.at(), f"{len(missing)} of {counted(len(wanted), 'power field')} "
                    f"missing: {listed(missing)}",
                    f"all of them ({context.cite('system.power_fields')})", absent=True,
                    evidence=tuple(missing))


@rule(
    id="SYST020", name="power-only", title="A power-only system has power everywhere",
    level=Level.WARNING, scope=Scope.SYSTEM, requires=("SYST001",),
    why="only the power of such a system is published, so a result without power is lost",
    fix="remove the field, or measure power for every result",
    source=CHECKER, key="system.power_fields",
)
def power_only(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """``system_power_only`` is true or false, and true only where every result has power."""
    document = document_of(system)
    value = document.get(POWER_ONLY)
    if is_empty(value):
        raise Skip("the field is not given")
    said = truth(value)
    if said is None:
        yield Fault(document.at(POWER_ONLY), f"{POWER_ONLY} {quote(value)}", "true or false",
                    subcode="value")
    without = [result.path for result in system.results if not result.has_power]
    if said and without:
        yield Fault(document.at(POWER_ONLY),
                    f"{POWER_ONLY} true and {counted(len(without), 'result')} without power: "
                    f"{listed(without)}", "power for every result", subcode="without",
                    evidence=tuple(without))


@rule(
    id="SYST026", name="private-id", title="The private id is of this system",
    level=Level.WARNING, scope=Scope.SYSTEM,
    why="the id keeps results apart while their names are hidden",
    fix="write an object of this system's name and its id",
    source=CHECKER, key="layout.templates.private_id",
)
def private_id(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """The file is an object that gives the system in whose folder it lies an id."""
    file = system.description.private_id
    if file is None:
        raise Skip("no private id")
    wanted = f"{{{quote(system.description.id)}: its id}}"
    yield from json_faults(file)
    if not file.readable:
        return
    value = file.get(system.description.id)
    if is_empty(value) or not isinstance(value, str | int):
        yield Fault(file.at(), f"no id for {quote(system.description.id)}", wanted, absent=True)
    for name in file.value:
        if name != system.description.id:
            yield Fault(file.at(name), f"an id for {quote(name)}", wanted, subcode=name)
