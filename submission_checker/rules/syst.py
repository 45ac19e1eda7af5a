"""SYST001-011, 018, 021-024: the description of a system, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level
from submission_checker.model.submission import JsonFile, SystemSubject, TreeSubject
from submission_checker.rules.texts import quote, suggestion
from submission_checker.tree.names import near

CHECKER = "submission checker of the round"
PLACEHOLDERS = frozenset({"tbd", "todo", "fixme", "xxx", "?", "???", "n.a.", "na?", "tba"})
NO_ACCELERATOR = frozenset({"", "-", "n/a", "na", "none", "no accelerator", "0"})
NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)\s*\Z")
VERSION = re.compile(r"\d+\.\d|[0-9a-f]{7,40}\b|https?://", re.IGNORECASE)
UNRELEASED = re.compile(r"\b(internal|private|dev build)\b", re.IGNORECASE)
COUNTED = re.compile(r"(?:(?<=[A-Za-z0-9])[x_](\d{1,4})(?![0-9A-Za-z])|(?<![0-9A-Za-z])(\d{1,4})x)")


def document_of(system: SystemSubject) -> JsonFile:
    """Return the parsed description, or skip the rule."""
    document = system.description.document
    if document is None:
        raise Skip("no description")
    return document


def text_field(document: JsonFile, name: str) -> str | None:
    """Return a field as text, None where it is absent."""
    value = document.get(name)
    return None if value is None else str(value).strip()


@rule(
    id="SYST001", name="description-readable", title="The description is a JSON object",
    level=Level.ERROR, scope=Scope.SYSTEM,
    why="what cannot be parsed cannot be published",
    fix="correct the JSON at the place named",
    source="JSON (RFC 8259)",
)
def description_readable(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """The file parses to an object without doubled keys or non-finite numbers."""
    document = document_of(system)
    for problem in document.problems:
        level = None if not document.readable else Level.WARNING
        yield Fault(problem.at, problem.text, "a JSON object", subcode=problem.kind, level=level)
    if not document.readable and not document.problems:
        yield Fault(document.at(), "no JSON object", "a JSON object")


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
    have = set(document.value)
    for name in context.round.system.required_fields:
        if name not in have:
            close = near(name, have - set(context.round.system.required_fields))
            yield Fault(document.at(), f"no field {quote(name)}",
                        f"{quote(name)} ({context.cite('system.required_fields')})",
                        subcode=name, absent=True,
                        fix=f"rename {quote(close)}" if close else None)


@rule(
    id="SYST003", name="meaningful-values", title="Required fields hold values",
    level=Level.ERROR, scope=Scope.SYSTEM, requires=("SYST001",),
    why="an empty field tells a reader nothing about the system",
    fix="fill in the value; write N/A where the system has no such part",
    source=CHECKER, key="system.required_nonempty_fields",
)
def meaningful_values(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """Fields are not empty after trimming and are no placeholders; 0 is a value."""
    document = document_of(system)
    spec = context.round.system
    fields = spec.nonempty_fields or spec.required_fields
    bare = text_field(document, "accelerators_per_node") in ("0", "", None)
    for name in fields:
        value = document.get(name)
        if name not in document.value:
            continue
        text = "" if value is None else str(value).strip()
        if not text or value in ([], {}):
            excused = bare and name.startswith("accelerator")
            yield Fault(document.at(name), f"{name} is empty",
                        f"a value ({context.cite('system.required_nonempty_fields')})",
                        subcode=name, level=Level.WARNING if excused else None)
        elif text.casefold() in PLACEHOLDERS:
            yield Fault(document.at(name), f"{name} {quote(text)}", "a value", subcode=name,
                        level=Level.WARNING)


@rule(
    id="SYST004", name="unknown-fields", title="Every field is known",
    level=Level.INFO, scope=Scope.SYSTEM, requires=("SYST001",),
    why="a misspelt field is a required field that is missing",
    fix="correct the spelling, or move the text into hw_notes or sw_notes",
    source=f"{CHECKER}; mlcommons/inference_results_v0.5#6", key="system.optional_fields",
)
def unknown_fields(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """Each field is required, optional, or one of the power and network lists."""
    document = document_of(system)
    spec = context.round.system
    known = {*spec.required_fields, *spec.optional_fields, *spec.power_fields,
             *spec.network_fields, *spec.nonempty_fields}
    for name in document.value:
        if name not in known:
            close = near(name, known - set(document.value))
            yield Fault(document.at(name), f"field {quote(name)}",
                        f"a field of the round{suggestion(close)}", subcode=name)


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
    if value is None or value == folder:
        return
    same = _folded(value) == _folded(folder)
    yield Fault(document.at("submitter"), f"submitter {quote(value)}", quote(folder),
                level=Level.INFO if same else None)


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
    if value is not None and value.casefold() != context.division:
        yield Fault(document.at("division"), f"division {quote(value)}", quote(context.division))


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
    if value is None:
        return
    plain = value.casefold()
    if plain not in spec.status_values and plain not in spec.status_aliases:
        yield Fault(document.at("status"), f"status {quote(value)}",
                    f"one of {', '.join(spec.status_values)} "
                    f"({context.cite('system.status_values')})"
                    f"{suggestion(near(value, spec.status_values))}")


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
    if value is None or not types:
        return
    if system.description.system_type is None:
        yield Fault(document.at("system_type"), f"system_type {quote(value)}",
                    f"one of {', '.join(quote(t) for t in types)} "
                    f"({context.cite('system.system_types')})"
                    f"{suggestion(near(str(value), types))}")
    elif value not in types:
        yield Fault(document.at("system_type"), f"system_type {quote(value)}",
                    f"one of {', '.join(quote(t) for t in types)}", level=Level.WARNING)


NUMERIC = ("number_of_nodes", "host_processors_per_node", "accelerators_per_node",
           "host_processor_core_count")


@rule(
    id="SYST009", name="numeric-fields", title="Counts are numbers",
    level=Level.WARNING, scope=Scope.SYSTEM, requires=("SYST001",),
    why="rates per accelerator and node are computed from these counts",
    fix="write one number; explain mixed parts in hw_notes",
    source="mlcommons/inference tools/submission/generate_final_report.py",
)
def numeric_fields(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """Node, processor, core and accelerator counts parse as numbers; nodes are at least 1."""
    document = document_of(system)
    for name in NUMERIC:
        text = text_field(document, name)
        if text is None or not text or text.casefold() in NO_ACCELERATOR - {"0"}:
            continue
        number = NUMBER.match(text)
        if number is None:
            yield Fault(document.at(name), f"{name} {quote(text)}", "a number", subcode=name)
        elif name == "number_of_nodes" and float(number[1]) < 1:
            yield Fault(document.at(name), f"{name} {quote(text)}", "at least 1", subcode=name)


@rule(
    id="SYST010", name="accelerator-agrees", title="Accelerator name and count agree",
    level=Level.WARNING, scope=Scope.SYSTEM, requires=("SYST001",),
    why="a name without a count, or a count without a name, leaves open what ran the benchmark",
    fix="give both, or neither",
    source="own",
)
def accelerator_agrees(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """The count is above 0 exactly where a model name stands."""
    document = document_of(system)
    count_text = text_field(document, "accelerators_per_node")
    name = text_field(document, "accelerator_model_name")
    number = NUMBER.match(count_text or "")
    if number is None or name is None:
        return
    named = name.casefold() not in NO_ACCELERATOR
    if (float(number[1]) > 0) != named:
        yield Fault(document.at("accelerator_model_name"),
                    f"{count_text} accelerators of model {quote(name)}",
                    "a model name exactly where there are accelerators")


@rule(
    id="SYST018", name="software-identified", title="The software can be identified",
    level=Level.INFO, scope=Scope.SYSTEM, requires=("SYST001",),
    why="others can repeat a result only with the same software",
    fix="give versions, commits or download addresses",
    source="policies submission_rules.adoc, Source code requirements for replication",
)
def software_identified(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """Framework and stack name a version, commit or address; available systems no private one."""
    document = document_of(system)
    texts = {name: text_field(document, name) or "" for name in
             ("framework", "other_software_stack")}
    if not any(VERSION.search(text) for text in texts.values()):
        yield Fault(document.at("framework"), f"framework {quote(texts['framework'])}",
                    "a version number, commit or address")
    if (text_field(document, "status") or "").casefold() == "available":
        for name, text in texts.items():
            if (found := UNRELEASED.search(text)) is not None:
                yield Fault(document.at(name), f"{name} mentions {quote(found[0])}",
                            "software that can be had", subcode=name)


@rule(
    id="SYST022", name="core-count", title="Cores or virtual cores are given",
    level=Level.WARNING, scope=Scope.SYSTEM, requires=("SYST001",),
    why="a processor without its number of cores cannot be compared",
    fix="give host_processor_core_count or host_processor_vcpu_count",
    source="policies submission_rules.adoc, note 1",
)
def core_count(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """Systems that are no preview give a core or a vcpu count."""
    document = document_of(system)
    given = [text_field(document, name) for name in
             ("host_processor_core_count", "host_processor_vcpu_count")]
    preview = (text_field(document, "status") or "").casefold() == "preview"
    if not any(given) and not preview:
        yield Fault(document.at("host_processor_core_count"), "no core or vcpu count",
                    "one of the two", absent=True)


@rule(
    id="SYST023", name="name-and-count", title="Name and accelerator count agree",
    level=Level.INFO, scope=Scope.SYSTEM, requires=("SYST001",),
    why="a count in the name that differs from the field misleads readers",
    fix="check which of the two is right",
    source="own",
)
def name_and_count(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """A count in the system's id is the number of accelerators per node or in all."""
    document = document_of(system)
    numbers = [NUMBER.match(text_field(document, name) or "") for name in
               ("accelerators_per_node", "number_of_nodes")]
    if numbers[0] is None or float(numbers[0][1]) == 0:
        raise Skip("no accelerators")
    per_node = float(numbers[0][1])
    nodes = float(numbers[1][1]) if numbers[1] is not None else 1.0
    named = {float(a or b) for a, b in COUNTED.findall(system.description.id)}
    if named and not named & {per_node, per_node * nodes, nodes}:
        yield Fault(document.at("accelerators_per_node"),
                    f"{per_node:g} accelerators per node, {nodes:g} nodes",
                    f"the count in the name {quote(system.description.id)}")


HARDWARE = (
    "number_of_nodes", "host_processor_model_name", "host_processors_per_node",
    "host_memory_capacity", "accelerator_model_name", "accelerators_per_node",
    "accelerator_memory_capacity",
)


@rule(
    id="SYST024", name="one-system-two-divisions", title="One id is one system",
    level=Level.WARNING, scope=Scope.TREE,
    why="one id in two divisions stands for the same machine",
    fix="use the same hardware fields, or another id",
    source="inference_policies inference_rules.adoc: system must be consistent",
)
def one_system_two_divisions(tree: TreeSubject, context: Context) -> Iterator[Fault]:
    """Systems of one submitter with one id in two divisions have equal hardware fields."""
    first: dict[tuple[str, str], JsonFile] = {}
    for submitter in tree.submitters:
        for system in submitter.systems:
            document = system.description.document
            if document is None or not document.readable:
                continue
            key = (submitter.subject.submitter, system.description.id)
            other = first.setdefault(key, document)
            for name in HARDWARE:
                mine, theirs = text_field(document, name), text_field(other, name)
                if mine != theirs:
                    yield Fault(document.at(name), f"{name} {quote(mine)}",
                                f"{quote(theirs)}, as in {other.path}", subcode=name,
                                subject=system.description.subject)
