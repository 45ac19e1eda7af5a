"""SYST019-020, 025-026: systems with power results, their design power, and private ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.documents import JsonFile
from submission_checker.model.findings import Level, Location
from submission_checker.model.report import PublishedNumber, Step
from submission_checker.model.subjects import SystemSubject
from submission_checker.model.submission import SystemDescription
from submission_checker.rounds.types import Round
from submission_checker.rules.published import printed
from submission_checker.rules.syst import CHECKER, document_of, json_faults
from submission_checker.rules.texts import counted, listed, quote
from submission_checker.rules.values import is_empty, number_in, truth

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


FILE, CAPACITY = "nameplate_power", "system_power_capacity"
WATT = "W"
SUPPLIES = "psus"
NEEDED = ("min psus needed", "needed")
WATTS = "powercapacitywatts"
STRUCTURE = "mlcommons/inference tools/submission/submission_structure.md"


@rule(
    id="SYST025", name="nameplate-power", title="The design power of a power system is known",
    level=Level.ERROR, scope=Scope.SYSTEM,
    why="measured power is published beside what the supplies of the system can deliver",
    fix="list the supplies of every part in systems/NAME_power.yaml, or give "
        "system_power_capacity in the description",
    source=f"{CHECKER}; {STRUCTURE}", key="layout.templates.nameplate_power",
)
def nameplate_power(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """The capacity is given, or a file lists the supplies of each part and how many it needs."""
    if not any(result.has_power for result in system.results):
        raise Skip("no power results")
    description = system.description
    if description.document is not None and (
        number_in(description.document.get(CAPACITY)) is not None
    ):
        return
    file = description.nameplate
    if file is None:
        stem = description.path.removesuffix(".json")
        yield Fault(Location(f"{stem}_power.yaml"), "no such file",
                    f"the supplies, or {CAPACITY} in the description "
                    f"({context.cite('layout.templates.nameplate_power')})", absent=True,
                    level=Level.WARNING)
        return
    parts = list(parts_of(file.value))
    for problem in file.problems:
        if problem.kind != "not-an-object" or not parts:
            yield Fault(problem.at, problem.text, "maps and lists of parts with their supplies",
                        subcode=problem.kind)
    if not parts and not file.problems:
        yield Fault(file.at(), "no part with PSUs", "PSUs and Min PSUs Needed of each part",
                    subcode="parts")
    for part in parts:
        yield from _supplies(file, part)


class PowerUnit(NamedTuple):
    """A part of a system with supplies of its own; a value that is no number is None."""

    pointer: str
    needed: float | None
    watts: tuple[float | None, ...]

    @property
    def design_watts(self) -> float | None:
        """What the needed supplies deliver at most: the largest ones; None if not computable."""
        known = sorted((w for w in self.watts if w is not None), reverse=True)
        if self.needed is None or self.needed % 1 or not 0 < self.needed <= len(self.watts) or (
            len(known) < len(self.watts)
        ):
            return None
        return sum(known[: int(self.needed)])


def design_power_watts(value: object) -> float | None:
    """Return the design power of a system from its nameplate file, None if it is not whole."""
    watts = [part.design_watts for part in parts_of(value)]
    known = [w for w in watts if w is not None]
    return sum(known) if known and len(known) == len(watts) else None


NAMEPLATE = "nameplate"
"""Word by which a derivation tells the design power from the measured one."""


def nameplate_of(system: SystemDescription, round_: Round) -> tuple[PublishedNumber, Step] | None:
    """Return the design power of a system and where it comes from; the description's own wins.

    None where the round has no such file, or none can be told.
    """
    if FILE not in round_.layout.templates:
        return None
    given = number_in(system.document.get(CAPACITY)) if system.document is not None else None
    if given is not None and system.document is not None:
        at, how = system.document.at(CAPACITY), f"{CAPACITY} of the description"
    elif system.nameplate is not None:
        given = design_power_watts(system.nameplate.value)
        at, how = system.nameplate.at(), "the largest supplies that each part needs, added up"
    if given is None:
        return None
    number = PublishedNumber(given, WATT, printed(given))
    return number, Step(at.path, at.line, NAMEPLATE, number.printed, how)


def parts_of(value: object, pointer: str = "") -> Iterator[PowerUnit]:
    """Yield every map that lists supplies, however deep it lies (the reader limits the depth)."""
    if isinstance(value, dict):
        folded = {str(name).casefold(): (name, item) for name, item in value.items()}
        if SUPPLIES in folded:
            name, supplies = folded[SUPPLIES]
            needed = next((folded[key][1] for key in NEEDED if key in folded), None)
            rows = supplies if isinstance(supplies, list) else []
            yield PowerUnit(f"{pointer}/{name}", number_in(needed), tuple(map(_watts, rows)))
            return
        for name, item in value.items():
            part = str(name).replace("~", "~0").replace("/", "~1")
            yield from parts_of(item, f"{pointer}/{part}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from parts_of(item, f"{pointer}/{number}")


def _watts(row: object) -> float | None:
    named = {str(k).casefold(): v for k, v in row.items()} if isinstance(row, dict) else {}
    return number_in(named.get(WATTS))


def _supplies(file: JsonFile, part: PowerUnit) -> Iterator[Fault]:
    if part.design_watts is not None:
        return
    at = Location(file.path, file.lines.get(part.pointer), part.pointer)
    unknown = sum(watts is None for watts in part.watts)
    if not part.watts or unknown:
        found = (f"{unknown} of {len(part.watts)} supplies without PowerCapacityWatts"
                 if unknown else "no supplies")
        yield Fault(at, found, "PowerCapacityWatts of each supply", subcode=f"{part.pointer}-watts")
        return
    needed = "no Min PSUs Needed" if part.needed is None else f"Min PSUs Needed {part.needed:g}"
    yield Fault(at, f"{needed} with {len(part.watts)} supplies",
                f"a number from 1 to {len(part.watts)}", subcode=f"{part.pointer}-needed")


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
