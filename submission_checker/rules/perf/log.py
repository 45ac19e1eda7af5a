"""PERF001-007: the log itself, LoadGen's verdict, mode, scenario and errors."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Absent, Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import TEXT_LOG, Run
from submission_checker.rules import measured
from submission_checker.rules.texts import count, counted, quote

RULES = "inference_policies inference_rules.adoc"
LOADGEN = "mlcommons/inference loadgen"


@rule(
    id="PERF001", name="log-readable", title="The detail log is a LoadGen log that can be read",
    level=Level.ERROR, scope=Scope.RUN,
    why="every other judgement of the run is made from its detail log",
    fix="submit mlperf_log_detail.txt as LoadGen wrote it, byte for byte",
    source="LoadGen logging format (mlcommons/inference loadgen/logging.cc)",
)
def log_readable(run: Run, context: Context) -> Iterator[Fault]:
    """The log consists of marked records and holds the effective settings."""
    log = run.log
    if log is None:
        raise Absent("the detail log is absent")
    if log.records_count == 0 or not run.has("effective_scenario"):
        found = "no record of LoadGen" if not log.records_count else "no effective settings"
        yield Fault(run.at(), f"{found} in {counted(log.broken_count, 'unreadable line')}"
                    if log.broken_count else found,
                    "records of LoadGen with the effective settings of the run")
        return
    if log.generation == TEXT_LOG and not run.has("power_end"):
        yield Fault(run.at(), "no POWER_END, the last record of a run",
                    "the whole log; measured: every published text log that can be read has one",
                    subcode="end", why="a log without its end was cut, or the run did not end")
    if log.broken_count:
        first = log.broken[0]
        yield Fault(
            Location(run.detail_path, first.line),
            f"{counted(log.broken_count, 'line')} without a record; the first: "
            f"{first.reason}: {quote(first.text)}",
            "every line is one record", subcode="lines", level=Level.WARNING,
            evidence=tuple(f"line {b.line}: {b.reason}" for b in log.broken[:3]),
            why="a line that LoadGen did not write shows that the log was cut, mixed or edited",
        )


@rule(
    id="PERF002", name="loadgen-says-valid", title="LoadGen found the run valid",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001",),
    why="LoadGen's own verdict covers duration, query count, latency and early stopping",
    fix="rerun with settings that the system can meet; result_invalid_reason says what failed",
    source=f"{RULES}, LoadGen operation; {LOADGEN}/results.cc", suppressible=False,
)
def loadgen_says_valid(run: Run, context: Context) -> Iterator[Fault]:
    """``result_validity`` is VALID; in text rounds the summary says so."""
    if run.log is None:
        raise Skip("the detail log is absent")
    said = run.text("result_validity")
    if said is not None:
        if said.value != "VALID":
            reason = run.text("result_invalid_reason")
            yield Fault(said.at, f"result_validity is {quote(said.value)}", 'VALID',
                        evidence=(reason.value,) if reason else ())
        return
    text_log = run.log.generation == TEXT_LOG
    line = run.summary.first("Result is") if run.summary is not None and text_log else None
    if line is not None and run.summary is not None:
        if line.value != "VALID":
            yield Fault(Location(run.summary.path, line.line),
                        f"Result is : {quote(line.value)}", "Result is : VALID")
        return
    yield Fault(run.at(), "no verdict of LoadGen: the run did not end", "result_validity VALID",
                fix="let the run finish and submit its complete log")


@rule(
    id="PERF003", name="summary-agrees-on-validity",
    title="Summary and detail log agree on validity",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001",),
    why="both files are written by one run; a difference shows that one is from another run",
    fix="submit summary and detail log of the same run",
    source=f"{LOADGEN}/results.cc",
)
def summary_agrees(run: Run, context: Context) -> Iterator[Fault]:
    """``Result is`` of the summary equals ``result_validity``."""
    said = run.text("result_validity")
    line = run.summary.first("Result is") if run.summary is not None else None
    if said is None or line is None or run.summary is None:
        raise Skip("one of the two files does not say")
    if line.value != said.value:
        yield Fault(Location(run.summary.path, line.line), f"Result is : {quote(line.value)}",
                    f"{said.value}, as in {run.detail_path}:{said.at.line}")


@rule(
    id="PERF004", name="performance-mode", title="The run is a performance run",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001",),
    why="only a performance run measures speed under the rules",
    fix="run LoadGen in PerformanceOnly mode and submit that run's logs",
    source=f"{RULES}, one performance run per result; {LOADGEN}/test_settings.h",
)
def performance_mode(run: Run, context: Context) -> Iterator[Fault]:
    """``effective_test_mode`` is PerformanceOnly; SubmissionRun is a warning."""
    mode = run.text("effective_test_mode")
    if mode is None:
        raise Skip("the log does not name its mode")
    if mode.value != "PerformanceOnly":
        level = Level.WARNING if mode.value == "SubmissionRun" else None
        yield Fault(mode.at, f"effective_test_mode {quote(mode.value)}", "PerformanceOnly",
                    level=level)


@rule(
    id="PERF005", name="scenario-of-log", title="The log is of the folder's scenario",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001",),
    why="a number measured in one scenario says nothing about another",
    fix="put the log into the folder of its scenario, or run the scenario of this folder",
    source=f"{RULES}, Scenarios and inferred results", key="inference",
)
def scenario_of_log(run: Run, context: Context) -> Iterator[Fault]:
    """The log's scenario is the folder's, Server for Interactive, or an allowed inference."""
    logged = run.text("effective_scenario")
    if logged is None or context.judged.scenario is None:
        raise Skip("folder or log names no scenario")
    scenario = context.scenario
    if logged.value == scenario or (scenario == "Interactive" and logged.value == "Server"):
        return
    if any(i.base == logged.value and i.inferred == scenario for i in context.round.inference):
        return
    allowed = [i.base for i in context.round.inference if i.inferred == scenario]
    more = f" or a log of {' or '.join(allowed)} (inferred)" if allowed else ""
    yield Fault(logged.at, f"effective_scenario {quote(logged.value)}",
                f"{'Server' if scenario == 'Interactive' else scenario}{more} "
                f"({context.cite('inference')})")


@rule(
    id="PERF006", name="loadgen-errors", title="LoadGen reported no error",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001",),
    why="an error of LoadGen means that the run did not go as the rules want",
    fix="remove the cause that the message names and rerun",
    source="submission checker of the round; loadgen/logging.cc", key="loadgen.errors_allowed",
)
def loadgen_errors(run: Run, context: Context) -> Iterator[Fault]:
    """No record is marked as an error, except messages that the round allows."""
    yield from errors_of(run, context)


def errors_of(run: Run, context: Context) -> Iterator[Fault]:
    """Yield a fault for the error records of a log, all in one."""
    if run.log is None:
        return
    allowed = context.round.loadgen.errors_allowed
    bad = [
        record for record in run.log.errors()
        if not any(text in str(record.value) for text in allowed)
    ]
    if bad:
        first = bad[0]
        yield Fault(
            Location(run.detail_path, first.line),
            f"{counted(len(bad), 'error record')}; the first: "
            f"{first.key}: {quote(first.value)}",
            f"none ({context.cite('loadgen.errors_allowed')})",
            evidence=tuple(f"line {r.line}: {quote(r.value)}" for r in bad[:3]),
        )


@rule(
    id="PERF007", name="error-count-agrees", title="The error counts agree",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001",),
    why="LoadGen counts its own error records; another count shows that records were removed",
    fix="submit the log as LoadGen wrote it",
    source=f"{LOADGEN}/logging.cc",
)
def error_count_agrees(run: Run, context: Context) -> Iterator[Fault]:
    """``num_errors`` and the summary's last lines agree with the error records.

    LoadGen ends every summary with its count of errors, in every round.
    """
    if run.log is None:
        raise Skip("the detail log is absent")
    records = len(run.log.errors())
    counted = run.integer("num_errors")
    if counted is not None and counted.value != records:
        yield Fault(counted.at, f"num_errors {count(counted.value)}",
                    f"{count(records)}, the number of error records in this log",
                    subcode="num_errors")
    if run.summary is None or not run.summary.lines:
        return
    said = measured.summary_error_count(run.summary)
    if said is None:
        yield Fault(Location(run.summary.path, run.summary.lines[-1].line),
                    "no line about errors after this one, so the end of the summary was cut off "
                    "or edited", "No errors encountered during test, or their number",
                    subcode="summary-end")
    elif said[0] != records:
        yield Fault(Location(run.summary.path, said[1]),
                    f"the summary counts {count(said[0])} errors",
                    f"{count(records)}, the number of error records in {run.detail_path}",
                    subcode="summary")
