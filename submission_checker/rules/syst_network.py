"""SYST012-016: systems that are reached over a network."""

from __future__ import annotations

import re
from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.documents import JsonFile
from submission_checker.model.findings import Level
from submission_checker.model.run import Run
from submission_checker.model.subjects import SystemSubject
from submission_checker.rules.syst import document_of, text_field, weight
from submission_checker.rules.texts import quote
from submission_checker.rules.values import is_empty, truth

NETWORK_RULES = "inference_policies inference_rules.adoc, Network Division"
FABRICS = re.compile(
    r"\b(?:ethernet|roce|infiniband|802\.11|wi-?fi|3gpp|[45]g|lte)", re.IGNORECASE
)
SUT_NAME = "Network SUT"


def is_network(document: JsonFile | None) -> bool:
    """Return whether a description says that the system is reached over a network."""
    return document is not None and truth(document.get("is_network")) is True


@rule(
    id="SYST012", name="network-mode", title="Network mode and division agree",
    level=Level.ERROR, open_level=OFF, scope=Scope.SYSTEM, requires=("SYST001",),
    why="results over a network and on the machine itself are not comparable",
    fix="correct is_network, or submit to the other division",
    source=NETWORK_RULES, key="system.network_fields",
)
def network_mode(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """``is_network`` is true in the network division and not true in closed."""
    document = document_of(system)
    value = document.get("is_network")
    required = f"{str(context.division == 'network').lower()} in the {context.division} division"
    if is_network(document) == (context.division == "network"):
        return
    if is_empty(value):
        yield Fault(document.at(), "no value for is_network", required, absent=True,
                    level=weight(system))
    else:
        yield Fault(document.at("is_network"), f"is_network {quote(value)}", required,
                    level=weight(system))


@rule(
    id="SYST013", name="network-fields", title="The network is described",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.SYSTEM, requires=("SYST001",),
    why="the network is part of a system that is measured over it",
    fix="add the field with the network's value",
    source="policies submission_rules.adoc, metadata", key="system.network_fields",
)
def network_fields(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """A network system has every network field, none of them empty."""
    document = document_of(system)
    if not is_network(document):
        raise Skip("not a network system")
    for name in context.round.system.network_fields:
        if is_empty(document.get(name)):
            yield Fault(document.at(name), f"no value for {quote(name)}",
                        f"a value ({context.cite('system.network_fields')})", subcode=name,
                        absent=name not in document.value, level=weight(system))


@rule(
    id="SYST014", name="network-sut-name", title="The log names a network SUT",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001",),
    why="LoadGen writes this name only where queries went over the network",
    fix="run LoadGen in network mode",
    source="inference_policies inference_rules.adoc, QDL Constraints",
)
def network_sut_name(run: Run, context: Context) -> Iterator[Fault]:
    """``sut_name`` contains Network SUT for network systems."""
    if not is_network(context.judged.system.document):
        raise Skip("not a network system")
    name = run.text("sut_name")
    if name is None or SUT_NAME not in name.value:
        yield Fault(run.at("sut_name"), f"sut_name {quote(name.value if name else '')}",
                    f"a name with {quote(SUT_NAME)}")


@rule(
    id="SYST015", name="network-datacenter", title="Network systems are datacenter systems",
    level=Level.ERROR, open_level=OFF, scope=Scope.SYSTEM, requires=("SYST001",),
    why="the network division is defined for datacenter systems only",
    fix="correct system_type, or submit to another division",
    source=NETWORK_RULES,
)
def network_datacenter(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """``system_type`` contains datacenter in the network division."""
    document = document_of(system)
    if context.division != "network":
        raise Skip("only for the network division")
    declared = system.description.system_type
    if declared is None:
        raise Skip("the system type is none of the round's")
    if "datacenter" not in declared.split(","):
        yield Fault(document.at("system_type"),
                    f"system_type {quote(document.get('system_type'))}", "datacenter",
                    level=weight(system))


@rule(
    id="SYST016", name="network-fabric", title="The fabric is a permitted one",
    level=Level.WARNING, scope=Scope.SYSTEM, requires=("SYST001",),
    why="the rules name the kinds of network that may be used",
    fix="name the kind of network in network_type",
    source="inference_policies inference_rules.adoc, General Constraints",
)
def network_fabric(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """``network_type`` names Ethernet, InfiniBand, IEEE 802.11 or 3GPP."""
    document = document_of(system)
    if not is_network(document):
        raise Skip("not a network system")
    value = text_field(document, "network_type") or ""
    if value and not FABRICS.search(value):
        yield Fault(document.at("network_type"), f"network_type {quote(value)}",
                    "Ethernet, InfiniBand, IEEE 802.11 or 3GPP")
