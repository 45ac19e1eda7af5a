"""SYST001-008, 011: the description of a system: its fields, names and categories."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.documents import JsonFile
from submission_checker.model.findings import Level
from submission_checker.model.subjects import SubmitterSubject, SystemSubject
from submission_checker.rules.texts import counted, listed, quote, suggestion
from submission_checker.rules.values import (
    is_empty,
    is_nothing,
    is_placeholder,
    misspelt,
    text_of,
)
from submission_checker.tree.names import near

CHECKER = "submission checker of the round"
CORES, VCPUS = "host_processor_core_count", "host_processor_vcpu_count"
VCPU_RULE = "SYST022"
"""The rule about the two counts; where a round has it, one count stands for the other."""

MAY_BE_MISSING = ("accelerator", "interconnect", "topology", "notes")
"""Words of fields about parts that a system may do without: a dash is an answer there."""

WANTED = {
    "duplicate-key": "each key once", "not-finite": "a finite number",
    "bom": "UTF-8 without a byte order mark", "encoding": "UTF-8 text",
}
"""What a JSON file must be instead of what was found; else a JSON object."""

MILD = ("duplicate-key", "bom", "encoding")
"""Oddities that leave a JSON object readable in one way only."""


def document_of(system: SystemSubject) -> JsonFile:
    """Return the parsed description, or skip the rule."""
    document = system.description.document
    if document is None:
        raise Skip("no description")
    if not document.readable:
        raise Skip("the description is no JSON object")
    return document


def text_field(document: JsonFile, name: str) -> str | None:
    """Return a field as text, None where it is absent."""
    value = document.get(name)
    return None if value is None else text_of(value)


def weight(system: SystemSubject) -> Level | None:
    """Return the level of a fault: a warning where no result stands on the description."""
    return None if system.description.has_results else Level.WARNING


def json_faults(document: JsonFile) -> Iterator[Fault]:
    """Yield what keeps a file from being one plain JSON object."""
    for problem in document.problems:
        mild = document.readable and problem.kind in MILD
        yield Fault(problem.at, problem.text, WANTED.get(problem.kind, "a JSON object"),
                    subcode=problem.kind, level=Level.WARNING if mild else None)
    if not document.readable and not document.problems:
        yield Fault(document.at(), "no JSON object", "a JSON object")


@rule(
    id="SYST001", name="description-readable", title="The description is a JSON object",
    level=Level.ERROR, scope=Scope.SYSTEM,
    why="what cannot be parsed, or can be read in two ways, cannot be published",
    fix="correct the JSON at the place named",
    source="JSON (RFC 8259)",
)
def description_readable(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """The file parses to an object without doubled keys or non-finite numbers."""
    if system.description.document is None:
        raise Skip("no description")
    for fault in json_faults(system.description.document):
        yield fault._replace(level=fault.level or weight(system))


@rule(
    id="SYST002", name="required-fields", title="Every required field is there",
    level=Level.ERROR, scope=Scope.SYSTEM, requires=("SYST001",),
    why="the published table needs these fields",
    fix="add the field with the system's value",
    source=f"{CHECKER}; policies submission_rules.adoc", key="system.required_fields",
)
def required_fields(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """Every required field of the round stands in the description."""
    document = document_of(system)
    spec = context.round.system
    have = set(document.value)
    for name in spec.required_fields:
        if name in have:
            continue
        meant = misspelt(name, have - {*spec.required_fields, *spec.optional_fields, VCPUS})
        excused = name == CORES and _cores_excused(document, context)
        yield Fault(document.at(), f"no field {quote(name)}",
                    f"{quote(name)} ({context.cite('system.required_fields')})",
                    subcode=name, absent=True,
                    level=Level.WARNING if excused else weight(system),
                    fix=f"rename {quote(meant)}" if meant else None)


def _cores_excused(document: JsonFile, context: Context) -> bool:
    """Return whether the core count may stay out: a preview, or virtual cores are given."""
    if context.round.rule_setting(VCPU_RULE, context.division) == "off":
        return False
    preview = text_of(document.get("status")).casefold() == "preview"
    return preview or not is_nothing(document.get(VCPUS))


@rule(
    id="SYST003", name="meaningful-values", title="Required fields hold values",
    level=Level.ERROR, scope=Scope.SYSTEM, requires=("SYST001",),
    why="an empty field tells a reader nothing about the system",
    fix="fill in the value; write N/A where the system has no such part",
    source=CHECKER, key="system.required_nonempty_fields",
)
def meaningful_values(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """Fields are not empty after trimming and are no placeholders; 0 is a value.

    Rounds that name no fields which must hold a value get one finding for all empty ones.
    """
    document = document_of(system)
    named = context.round.system.nonempty_fields
    fields = [n for n in named or context.round.system.required_fields if n in document.value]
    cite = f"a value ({context.cite('system.required_nonempty_fields')})"
    empty = [name for name in fields if is_empty(document.get(name))]
    dashes = [name for name in fields if _is_dash(document, name)]
    bare = [name for name in fields if name in (*empty, *dashes) and "notes" not in name
            and not _excused(document, name, context)]
    if bare and not named:
        yield Fault(document.at(bare[0]), f"no value in {counted(len(bare), 'field')}: "
                    f"{listed(bare)}", "values", subcode="empty", level=weight(system),
                    evidence=tuple(bare))
    for name in empty if named else ():
        excused = _excused(document, name, context)
        yield Fault(document.at(name), f"{name} is empty", cite, subcode=name,
                    level=Level.WARNING if excused else weight(system))
    for name in fields:
        if is_placeholder(document.get(name)) or (named and name in dashes):
            yield Fault(document.at(name), f"{name} {quote(text_of(document.get(name)))}",
                        "a value", subcode=name, level=Level.WARNING,
                        absent=is_placeholder(document.get(name)))


def _is_dash(document: JsonFile, name: str) -> bool:
    text = text_of(document.get(name))
    return bool(text) and not text.strip("-") and not any(w in name for w in MAY_BE_MISSING)


def _excused(document: JsonFile, name: str, context: Context) -> bool:
    """Return whether a field may be empty: accelerators that are none, cores given otherwise."""
    if name == CORES:
        return _cores_excused(document, context)
    count = document.get("accelerators_per_node")
    none = text_of(count) == "0" or is_nothing(count)
    return none and name.startswith("accelerator")


@rule(
    id="SYST004", name="unknown-fields", title="Every field is known",
    level=Level.WARNING, scope=Scope.SYSTEM, requires=("SYST001",),
    why="a misspelt field is a field that is missing",
    fix="correct the spelling, or move the text into hw_notes or sw_notes",
    source=f"{CHECKER}; mlcommons/inference_results_v0.5#6", key="system.optional_fields",
)
def unknown_fields(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """Each field is required, optional, or one of the power and network lists."""
    document = document_of(system)
    spec = context.round.system
    known = {*spec.required_fields, *spec.optional_fields, *spec.power_fields,
             *spec.network_fields, *spec.nonempty_fields}
    if context.round.rule_setting(VCPU_RULE, context.division) != "off":
        known.add(VCPUS)
    for name in document.value:
        if name not in known:
            meant = misspelt(name, known - set(document.value))
            yield Fault(document.at(name), f"field {quote(name)}",
                        f"a field of the round{suggestion(meant)}", subcode=name,
                        level=None if meant else Level.INFO)


@rule(
    id="SYST005", name="submitter-is-folder", title="The submitter is the folder's",
    level=Level.ERROR, scope=Scope.SYSTEM, requires=("SYST001",),
    why="the result would be published under another name",
    fix="write the submitter as the folder is named",
    source=CHECKER,
)
def submitter_is_folder(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """``submitter`` equals the folder, case and blanks folded."""
    document = document_of(system)
    value = text_field(document, "submitter")
    folder = context.subject.submitter
    if not value or value == folder:
        return
    same = _folded(value) == _folded(folder)
    yield Fault(document.at("submitter"), f"submitter {quote(value)}", quote(folder),
                level=Level.INFO if same else weight(system))


def _folded(text: str) -> str:
    return "".join(char for char in text.casefold() if char not in " _-.,")


@rule(
    id="SYST006", name="division-is-folder", title="The division is the folder's",
    level=Level.ERROR, scope=Scope.SYSTEM, requires=("SYST001",),
    why="the description would put the result into another division",
    fix="write the division as the folder is named",
    source=CHECKER,
)
def division_is_folder(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """``division`` equals the folder, case folded."""
    document = document_of(system)
    value = text_field(document, "division")
    if value and value.casefold() != context.division:
        yield Fault(document.at("division"), f"division {quote(value)}", quote(context.division),
                    level=weight(system))


@rule(
    id="SYST007", name="availability", title="The availability is one of the round's",
    level=Level.ERROR, scope=Scope.SYSTEM, requires=("SYST001",),
    why="results are published by availability",
    fix="write one of the values named",
    source="policies submission_rules.adoc, Results categories", key="system.status_values",
)
def availability(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """``status`` is a value of the round or an alias of one."""
    document = document_of(system)
    value = text_field(document, "status")
    spec = context.round.system
    if not value:
        return
    known = {text.casefold() for text in (*spec.status_values, *spec.status_aliases)}
    if value.casefold() not in known:
        yield Fault(document.at("status"), f"status {quote(value)}",
                    f"one of {', '.join(spec.status_values)} "
                    f"({context.cite('system.status_values')})"
                    f"{suggestion(near(value, spec.status_values))}", level=weight(system),
                    absent=is_placeholder(value))


@rule(
    id="SYST008", name="system-type", title="The system type is one of the round's",
    level=Level.ERROR, scope=Scope.SYSTEM, requires=("SYST001",),
    why="the suite and its required scenarios follow from the system type",
    fix="write one of the values named",
    source=CHECKER, key="system.system_types",
)
def system_type(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """``system_type`` is a type of the round; blanks around a comma are a warning."""
    document = document_of(system)
    value = document.get("system_type")
    types = context.round.system.system_types
    if is_empty(value) or not types:
        return
    one_of = f"one of {', '.join(quote(t) for t in types)}"
    if system.description.system_type is None:
        yield Fault(document.at("system_type"), f"system_type {quote(value)}",
                    f"{one_of} ({context.cite('system.system_types')})"
                    f"{suggestion(near(str(value), types))}", level=weight(system))
    elif value not in types:
        yield Fault(document.at("system_type"), f"system_type {quote(value)}", one_of,
                    level=Level.WARNING)


@rule(
    id="SYST011", name="description-name", title="The description is named as the results are",
    level=Level.ERROR, scope=Scope.SUBMITTER,
    why="a name in other capitals is found on some machines and not on others",
    fix="rename the description to the name of the results folder, letter by letter",
    source="own",
)
def description_name(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """A system without a description has none whose name differs only in case."""
    files = {s.description.id.casefold(): s.description for s in submitter.systems
             if s.description.document is not None and not s.description.has_results}
    for system in submitter.systems:
        wanted = system.description
        if not wanted.has_results or wanted.document is not None:
            continue
        found = files.get(wanted.id.casefold())
        if found is not None:
            yield Fault(found.document.at() if found.document else context.at,
                        f"a description of {quote(found.id)}", quote(wanted.id),
                        subcode=wanted.id, absent=True, subject=wanted.subject)
