"""LGEN030, 031, 034: what LoadGen said beside the numbers."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Run
from submission_checker.rules.texts import counted, quote
from submission_checker.rules.told import readable, whole

HARMLESS = ("CAS failed", "Logging allocation detected", "Found Audit Config file",
            "Test05 flag detected")
"""Warnings about LoadGen's own logging; audit configurations are judged by PERF025 and AUDT018."""

SEVERAL_CONFS = "Multiple conf files are used"
ROUND_TRIP_NS = 1_000
"""A name that came over a network took at least so long."""


@rule(
    id="LGEN030", name="loadgen-warnings", title="Warnings of LoadGen",
    level=Level.INFO, scope=Scope.LOG, when=readable,
    why="LoadGen warns of settings and conditions that a reviewer may want to know",
    fix="remove the cause that the message names",
    source="mlcommons/inference loadgen/logging.cc",
)
def loadgen_warnings(run: Run, context: Context) -> Iterator[Fault]:
    """Warning records with their text, but for harmless ones and those that other rules judge."""
    if run.log is None:
        raise Skip("no log")
    told = [r for r in run.log.warnings() if not any(t in str(r.value) for t in HARMLESS)]
    if told:
        yield Fault(Location(run.detail_path, told[0].line),
                    f"{counted(len(told), 'warning')}; the first: {quote(told[0].value)}",
                    "no warning", evidence=tuple(
                        f"line {r.line}: {quote(r.value)}" for r in told[:5]))


@rule(
    id="LGEN031", name="one-config-file", title="LoadGen read one configuration file",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.LOG, when=readable,
    why="with several files the last one wins, so that settings of the round may be overwritten; "
        "since LoadGen has the round's settings built in, only user.conf is to be read",
    fix="load user.conf only, and rerun",
    source="mlcommons/inference loadgen/test_settings_internal.cc", key="loadgen.errors_allowed",
)
def one_config_file(run: Run, context: Context) -> Iterator[Fault]:
    """No error says that several configuration files were used; audits may use two."""
    if run.log is None:
        raise Skip("no log")
    result = context.judged
    accuracy = result.accuracy.run if result.accuracy is not None else None
    if run is not accuracy and not any(run is other for other in result.performance):
        raise Skip("an audit loads its own configuration beside user.conf")
    if any(SEVERAL_CONFS in text for text in context.round.loadgen.errors_allowed):
        raise Skip("the round allows it")
    for record in run.log.errors():
        if SEVERAL_CONFS in str(record.value):
            yield Fault(Location(run.detail_path, record.line), quote(record.value),
                        f"one file ({context.cite('loadgen.errors_allowed')})")
            return


@rule(
    id="LGEN034", name="network-round-trip", title="The name of a network SUT came over a network",
    level=Level.INFO, scope=Scope.RUN, requires=("PERF001",), when=readable,
    why="in the network division LoadGen asks the system over the network for its name; an answer "
        "within a microsecond did not travel",
    fix="implement Name() of the QDL as a round trip to the system under test",
    source="inference_policies inference_rules.adoc, QDL constraints",
)
def network_round_trip(run: Run, context: Context) -> Iterator[Fault]:
    """``get_sut_name_duration_ns`` of a network result is at least 1000 ns."""
    if context.division != "network":
        raise Skip("only in the network division")
    took = whole(run, "get_sut_name_duration_ns")
    if took is None:
        raise Skip("the log does not say how long the name took")
    if took < ROUND_TRIP_NS:
        yield Fault(run.at("get_sut_name_duration_ns"), f"get_sut_name_duration_ns {took}",
                    f"at least {ROUND_TRIP_NS}")
