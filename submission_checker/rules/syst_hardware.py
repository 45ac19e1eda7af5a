"""SYST009-010, 017-018, 021-024: counts, parts and software that a description names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.documents import JsonFile
from submission_checker.model.findings import Level
from submission_checker.model.subjects import SubmitterSubject, SystemSubject, TreeSubject
from submission_checker.rules.syst import CORES, VCPUS, document_of, text_field
from submission_checker.rules.texts import counted, quote
from submission_checker.rules.values import is_nothing, is_placeholder, number_in, text_of

COUNTS = ("number_of_nodes", "host_processors_per_node", "accelerators_per_node", CORES, VCPUS)
DECIDING = ("number_of_nodes", "accelerators_per_node")
"""Counts that the report multiplies; the others only describe."""

VERSION = re.compile(r"\d+\.\d|[0-9a-f]{7,40}\b|https?://", re.IGNORECASE)
UNRELEASED = re.compile(r"\b(internal|private|dev build)\b", re.IGNORECASE)
ECC = re.compile(r"\becc\b|error.correct", re.IGNORECASE)
ECC_FIELDS = ("host_memory_configuration", "host_memory_capacity", "hw_notes", "sw_notes",
              "accelerator_memory_configuration", "accelerator_memory_capacity",
              "accelerator_on-chip_memories")
TYPE_DETAILS = ("cloud", "on-premise", "edge server", "edge device", "workstation", "laptop")
TOKEN = re.compile(r"[A-Za-z]*\d+[A-Za-z][A-Za-z0-9]*|[A-Za-z]+\d+[A-Za-z0-9]*")
GENERIC = ("gpu", "tpu", "npu", "hpu", "ipu")
NAME_CHARS = 300
"""Names are looked at as far as this; longer ones are no names."""
HARDWARE = (
    "number_of_nodes", "host_processor_model_name", "host_processors_per_node",
    "host_memory_capacity", "accelerator_model_name", "accelerators_per_node",
    "accelerator_memory_capacity",
)


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
    for name in COUNTS:
        value = document.get(name)
        if value is None or is_placeholder(value) or _may_be_none(name, value):
            continue
        number = number_in(value)
        if number is None:
            yield Fault(document.at(name), f"{name} {quote(value)}", "a number", subcode=name,
                        level=None if name in DECIDING else Level.WARNING)
        elif name == "number_of_nodes" and number < 1:
            yield Fault(document.at(name), f"{name} {quote(value)}", "at least 1", subcode=name,
                        level=Level.WARNING)


def _may_be_none(name: str, value: object) -> bool:
    """Return whether a field says none: accelerators, or the count that the other stands for."""
    return not text_of(value) or (
        is_nothing(value) and name in ("accelerators_per_node", CORES, VCPUS)
    )


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
    counts = text_field(document, "accelerators_per_node")
    name = text_field(document, "accelerator_model_name")
    number = number_in(counts)
    if number is None or name is None:
        raise Skip("no accelerator count or name")
    named = not is_nothing(name) and name != "0"
    if (number > 0) != named:
        yield Fault(document.at("accelerator_model_name"),
                    f"{counts} accelerators of model {quote(name)}",
                    "a model name exactly where there are accelerators")


@rule(
    id="SYST017", name="error-correction", title="Error correction of the memory is named",
    level=Level.INFO, open_level=OFF, scope=Scope.SUBMITTER,
    why="closed datacenter systems run with ECC where their memory has it",
    fix="name ECC in host_memory_configuration and accelerator_memory_configuration",
    source="inference_policies inference_rules.adoc, ECC",
)
def error_correction(submitter: SubmitterSubject, context: Context) -> Iterator[Fault]:
    """Some field of each datacenter description mentions ECC."""
    silent = [
        system.description.document.at("host_memory_configuration")
        for system in submitter.systems
        if system.description.has_results and system.description.document is not None
        and "datacenter" in (system.description.system_type or "")
        and not _mentions(ECC, system.description.document, ECC_FIELDS)
    ]
    if silent:
        yield Fault(silent[0],
                    f"{counted(len(silent), 'datacenter description')} without a word on ECC",
                    "ECC, for host and accelerator memory",
                    evidence=tuple(at.path for at in silent))


def _mentions(words: re.Pattern[str], document: JsonFile, names: tuple[str, ...]) -> bool:
    return any(words.search(text_of(document.get(name))) for name in names)


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
    if not any(texts.values()):
        raise Skip("no software is named")
    if not any(VERSION.search(text) for text in texts.values()):
        yield Fault(document.at("framework"), f"framework {quote(texts['framework'])}",
                    "a version number, commit or address",
                    absent=is_placeholder(texts["framework"]))
    if (text_field(document, "status") or "").casefold() == "available":
        for name, text in texts.items():
            if (found := UNRELEASED.search(text)) is not None:
                yield Fault(document.at(name), f"{name} mentions {quote(found[0])}",
                            "software that can be had", subcode=name)


@rule(
    id="SYST021", name="type-detail", title="The kind of system is a usual one",
    level=Level.INFO, scope=Scope.SYSTEM, requires=("SYST001",),
    why="tables group systems by this word",
    fix="write one of the words named, or N/A",
    source="policies submission_rules.adoc, system_type_detail",
)
def type_detail(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """``system_type_detail`` contains one of the usual words, or says N/A."""
    document = document_of(system)
    value = text_field(document, "system_type_detail")
    if value is None or is_nothing(value):
        raise Skip("no detail is given")
    plain = _letters(value)
    if not any(_letters(word) in plain for word in TYPE_DETAILS):
        yield Fault(document.at("system_type_detail"), f"system_type_detail {quote(value)}",
                    f"one of {', '.join(TYPE_DETAILS)}", absent=is_placeholder(value))


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


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
    if (text_field(document, "status") or "").casefold() == "preview":
        raise Skip("a preview")
    if all(is_nothing(document.get(name)) for name in (CORES, VCPUS)):
        yield Fault(document.at(CORES), "no core or vcpu count", "one of the two", absent=True)


@rule(
    id="SYST023", name="name-and-count", title="Name and accelerator count agree",
    level=Level.INFO, scope=Scope.SYSTEM, requires=("SYST001",),
    why="a count in the name that differs from the field misleads readers",
    fix="check which of the two is right",
    source="own",
)
def name_and_count(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """Counts beside an accelerator's name are the accelerators per node or in all."""
    document = document_of(system)
    per_node = number_in(document.get("accelerators_per_node"))
    if not per_node:
        raise Skip("no accelerators")
    nodes = number_in(document.get("number_of_nodes")) or 1.0
    model = text_of(document.get("accelerator_model_name"))[:NAME_CHARS]
    tokens = {token.casefold() for token in TOKEN.findall(model)} | set(GENERIC)
    for field, name in (("id", system.description.id),
                        ("system_name", text_of(document.get("system_name"))[:NAME_CHARS])):
        named = counts_beside(tokens, name)
        if named and not {*named, sum(named)} & {per_node, per_node * nodes}:
            yield Fault(document.at("accelerators_per_node"),
                        f"{per_node:g} accelerators per node, {nodes:g} nodes",
                        f"the count in the name {quote(name)}", subcode=field)
            return


def counts_beside(tokens: set[str], name: str) -> list[float]:
    """Return the counts ``x8`` and ``8x`` of a name that stand right beside one of the tokens."""
    words = "|".join(re.escape(token) for token in sorted(tokens, key=len, reverse=True))
    pattern = re.compile(
        rf"(?<![0-9a-z])(\d{{1,5}})\s?x[-_ ]?(?:[a-z]+[-_ ])?(?:{words})"
        rf"|(?<![0-9a-z])(?:{words})[-_ ]?x(\d{{1,5}})(?![0-9a-z])"
        rf"|(?<![a-z])x(\d{{1,5}})[-_ ]?(?:{words})"
    )
    return [float(next(filter(None, found))) for found in pattern.findall(name.casefold())]


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
                if _letters(mine or "") != _letters(theirs or ""):
                    yield Fault(document.at(name), f"{name} {quote(mine)}",
                                f"{quote(theirs)}, as in {other.path}", subcode=name,
                                subject=system.description.subject)


