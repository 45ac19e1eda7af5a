"""POWR007-008, 019, 025, 027-028: the analyzer's messages, and which run a session measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.documents import JsonFile
from submission_checker.model.findings import Level, Location
from submission_checker.model.subjects import ResultFacts, SystemSubject
from submission_checker.model.submission import Result
from submission_checker.rules.powr import (
    CHECKER,
    POWER_RULES,
    both_of,
    messages_in,
    no_power,
    power_of,
)
from submission_checker.rules.texts import count, counted, listed, quote
from submission_checker.rules.values import number_in

VOLTS, AMPS = "SR,V", "SR,A"
REPLIES = {VOLTS: "Range V changed", AMPS: "Range A changed"}
GO = "Go,1000,"
STARTED = "Starting untimed measurement"
STOPPED = "Stopping untimed measurement"
NOTHING = "Error: no measurement to stop"
RUNS = 2
"""Measurements of a session: ranging and testing."""
AUTO = "Auto"
SAME = 1e-6
DETAIL_LOG = "mlperf_log_detail.txt"


def messages_of(server: JsonFile) -> list[tuple[int, str, str]]:
    """Return (number, command, reply) of what was said to the analyzer's daemon."""
    if not isinstance(server.get("ptd_messages"), list):
        raise Skip("no list of ptd_messages")
    return [message[:3] for message in messages_in(server, "ptd_messages")]


def at_message(server: JsonFile, number: int) -> Location:
    """Return where a message to the daemon stands."""
    return server.at_pointer(f"/ptd_messages/{number}")


@rule(
    id="POWR007", name="ptd-replies", title="The analyzer did what it was told",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="a command that failed leaves another range or sampling than the session assumes",
    fix="measure again and look at the replies in server.json",
    source=CHECKER,
)
def ptd_replies(result: Result, context: Context) -> Iterator[Fault]:
    """Ranges change, two untimed measurements of 1 s start and stop, a third stop finds none."""
    _, server = both_of(result)
    messages = messages_of(server)
    for number, command, reply in messages:
        wanted = REPLIES.get(command[: len(VOLTS)])
        if wanted is not None and reply != wanted:
            yield Fault(at_message(server, number), f"{quote(command)} was answered {quote(reply)}",
                        quote(wanted), subcode=f"range-{number}")
    starts = [item for item in messages if item[1].startswith("Go")]
    if len(starts) < RUNS:
        yield Fault(server.at("ptd_messages"), counted(len(starts), "measurement"),
                    "two: ranging and testing", subcode="go")
    for number, command, reply in starts:
        if not command.startswith(GO) or not reply.startswith(STARTED):
            yield Fault(at_message(server, number), f"{quote(command)} was answered {quote(reply)}",
                        f"{GO}... answered {quote(STARTED + ' ...')}", subcode=f"go-{number}")
    stops = [item for item in messages if item[1] == "Stop"]
    for (number, _, reply), wanted in zip(stops, (STOPPED, STOPPED, NOTHING), strict=False):
        if reply != wanted:
            yield Fault(at_message(server, number), f"Stop was answered {quote(reply)}",
                        quote(wanted), subcode=f"stop-{number}")


@rule(
    id="POWR008", name="ranges-restored", title="The analyzer's ranges were set back",
    level=Level.WARNING, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="a session that ends half way leaves the analyzer in the ranges of this system",
    fix="let the session end by itself",
    source=CHECKER,
)
def ranges_restored(result: Result, context: Context) -> Iterator[Fault]:
    """The last range commands set what the analyzer said at the start."""
    _, server = both_of(result)
    messages = messages_of(server)
    said = next((reply for _, command, reply in messages if command == "RR"), None)
    parts = said.split(",") if said is not None else []
    if len(parts) < 5 or parts[0] != "Ranges":
        raise Skip("the ranges at the start are not told")
    for name, auto, value in ((AMPS, parts[1], parts[2]), (VOLTS, parts[3], parts[4])):
        wanted = value if auto == "0" else AUTO
        sets = [(number, command.partition(f"{name},")[2]) for number, command, _ in messages
                if command.startswith(f"{name},")]
        if not sets:
            yield Fault(server.at("ptd_messages"), f"no {name}", f"{name},{wanted}",
                        subcode=name, absent=True)
        elif not _equal(sets[-1][1], wanted):
            yield Fault(at_message(server, sets[-1][0]), f"{name},{sets[-1][1]}",
                        f"{name},{wanted}, as at the start", subcode=name)


def _equal(have: str, wanted: str) -> bool:
    one, other = number_in(have), number_in(wanted)
    if one is None or other is None:
        return have.casefold() == wanted.casefold()
    return abs(one - other) <= SAME * max(1.0, abs(other))


@rule(
    id="POWR019", name="channels", title="The channels of the analyzer are configured",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="a channel that is not read is power that is not counted",
    fix="give first channel and number of channels in the server's configuration",
    source=CHECKER, key="power.two_channel_types",
)
def channels(result: Result, context: Context) -> Iterator[Fault]:
    """A multichannel analyzer has two numbers: both channels, or the first and how many."""
    _, server = both_of(result)
    types = context.round.power.get("two_channel_types")
    assert isinstance(types, list)
    for number, item in _configured(server):
        numbers = item.get("channel")
        if item.get("device_type") not in types:
            continue
        if not isinstance(numbers, list) or len(numbers) != RUNS or not all(
            isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in numbers
        ):
            pointer = f"{number}/channel"
            yield Fault(Location(server.path, server.lines.get(pointer), pointer),
                        f"channel {quote(numbers)}",
                        f"two channel numbers for type {item.get('device_type')} "
                        f"({context.cite('power.two_channel_types')})", subcode=number)


def _configured(server: JsonFile) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (pointer, configuration) of every analyzer; early sessions have one object."""
    found = server.get("ptd_config")
    if isinstance(found, dict):
        yield "/ptd_config", found
    for number, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict):
            yield f"/ptd_config/{number}", item


@rule(
    id="POWR025", name="inferred-power", title="Inferred power comes with the inferred result",
    level=Level.ERROR, scope=Scope.SYSTEM,
    why="power is inferred as the result is: from the session of the run that was measured",
    fix="copy the power folders of the base together with its logs",
    source="inference_policies inference_rules.adoc, inferred results; " + CHECKER,
    key="inference",
)
def inferred_power(system: SystemSubject, context: Context) -> Iterator[Fault]:
    """An inferred result has the session of its base; MultiStream 8 times the energy."""
    seen = False
    for facts in system.results:
        if not facts.inferred or not facts.has_power or facts.detail_identity is None:
            continue
        base = next((other for other in system.results if not other.inferred
                     and other.detail_identity == facts.detail_identity
                     and other.model == facts.model), None)
        if base is None:
            continue
        seen = True
        yield from _inferred(facts, base, context)
    if not seen:
        raise Skip("no inferred result with power")


def _inferred(facts: ResultFacts, base: ResultFacts, context: Context) -> Iterator[Fault]:
    at = Location(f"{facts.path}/performance/power")
    if not base.has_power or facts.power_session != base.power_session:
        said = quote(facts.power_session or "no name")
        yield Fault(at, f"power session {said}",
                    f"the session of {base.path}: {quote(base.power_session or 'none')}",
                    subject=facts.subject, subcode="session")
        return
    if facts.scenario != "MultiStream" or base.scenario != "SingleStream":
        return
    streams = context.round.scenarios.get("MultiStream")
    each = None if streams is None else streams.samples_per_query
    if each is None:
        return
    if facts.power is not None and base.power is not None and not _near(
        facts.power, each * base.power
    ):
        yield Fault(at, f"{facts.power:.10g} a query", f"{each * base.power:.10g}, {each} times "
                    f"that of {base.path}", subject=facts.subject, subcode="energy")


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= SAME * abs(other)


@rule(
    id="POWR027", name="one-measured-run", title="Power and performance are of one run",
    level=Level.ERROR, scope=Scope.RESULT, when=no_power, requires=("POWR001",),
    why="a faster run without the meter and a thriftier one with it are two results",
    fix="submit the testing run of the power session as the only performance run",
    source=POWER_RULES, key="layout.performance_runs",
)
def one_run(result: Result, context: Context) -> Iterator[Fault]:
    """No second performance log; that run_1 is the session's testing run is POWR015."""
    power = power_of(result)
    need = context.round.layout.runs_of(context.scenario)
    extra = [run for run in result.performance[need:] if run.log is not None]
    if extra:
        yield Fault(Location(extra[0].detail_path),
                    f"{count(len(result.performance))} performance runs: "
                    f"{listed([run.name for run in result.performance], 5)}",
                    f"{need} with power ({context.cite('layout.performance_runs')})",
                    subcode=extra[0].name)
    if power.power is not None and DETAIL_LOG in power.power.files:
        yield Fault(Location(f"{power.power.path}/{DETAIL_LOG}"), "a log of LoadGen in power/",
                    "only records of the session", subcode="power")


@rule(
    id="POWR028", name="one-meter", title="One meter measures the whole system",
    level=Level.INFO, scope=Scope.RESULT, when=no_power, requires=("POWR004",),
    why="the rules of these rounds know one meter per system, so that nothing is left out",
    fix="say in analyzer_table how all nodes were connected to the meter",
    source=POWER_RULES,
)
def one_meter(result: Result, context: Context) -> Iterator[Fault]:
    """A system of several nodes is named, and so are several meters."""
    document = result.system.document
    nodes = number_in(document.get("number_of_nodes")) if document is not None else None
    _, server = both_of(result)
    meters = len(list(_configured(server)))
    if nodes is not None and nodes > 1 and document is not None:
        yield Fault(document.at("number_of_nodes"), f"{nodes:g} nodes and "
                    f"{counted(meters, 'meter')}", "one meter for all of them", subcode="nodes")
    elif meters > 1:
        yield Fault(server.at("ptd_config"), counted(meters, "meter"), "one meter",
                    subcode="meters")
