"""PERF021-029: settings that bend the measurement, the result number and the sample library."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Run
from submission_checker.model.submission import Result
from submission_checker.rules import published
from submission_checker.rules.texts import count, ms, quote

RULES = "inference_policies inference_rules.adoc"
LOADGEN = "mlcommons/inference loadgen"


@rule(
    id="PERF021", name="multistream-samples", title="MultiStream queries hold the right number",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RUN, requires=("PERF001", "PERF005"),
    why="the latency of a query grows with its samples; results compare only at one size",
    fix="remove samples_per_query from user.conf and rerun",
    source="mlperf.conf of the round", key="scenarios.MultiStream.samples_per_query",
)
def multistream_samples(run: Run, context: Context) -> Iterator[Fault]:
    """``effective_samples_per_query`` is the round's in MultiStream."""
    spec = context.round.scenarios.get("MultiStream")
    if run.scenario != "MultiStream" or spec is None or spec.samples_per_query is None:
        raise Skip("only for MultiStream with a fixed query size")
    have = run.integer("effective_samples_per_query")
    if have is not None and have.value != spec.samples_per_query:
        yield Fault(have.at, f"effective_samples_per_query {count(have.value)}",
                    f"{spec.samples_per_query} "
                    f"({context.cite('scenarios.MultiStream.samples_per_query')})")


@rule(
    id="PERF023", name="sample-choice", title="Samples were chosen as in a normal run",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001",),
    why="issuing one sample again and again, or each once, is an audit and not a measurement",
    fix="remove audit.config from the working directory and rerun",
    source=f"{LOADGEN}/test_settings.h", suppressible=False,
)
def sample_choice(run: Run, context: Context) -> Iterator[Fault]:
    """``performance_issue_unique`` and ``performance_issue_same`` are off."""
    for key in ("effective_performance_issue_unique", "effective_performance_issue_same"):
        have = run.flag(key)
        if have is not None and have.value:
            yield Fault(have.at, f"{key} true", "false", subcode=key)


@rule(
    id="PERF024", name="answers-not-sampled", title="No answers were logged in the result run",
    level=Level.WARNING, scope=Scope.RUN, requires=("PERF001",),
    why="logging answers is an audit setting; it costs time and shows a mixed-up run",
    fix="remove audit.config from the working directory and rerun",
    source=f"{LOADGEN}/test_settings.h",
)
def answers_not_sampled(run: Run, context: Context) -> Iterator[Fault]:
    """Accuracy sampling is off in performance runs."""
    for key in ("effective_accuracy_log_probability", "effective_accuracy_log_sampling_target"):
        have = run.number(key)
        if have is not None and have.value != 0:
            yield Fault(have.at, f"{key} {have.value:g}", "0", subcode=key)


@rule(
    id="PERF025", name="no-audit-config", title="No audit configuration was in force",
    level=Level.WARNING, scope=Scope.RUN, requires=("PERF001",),
    why="LoadGen found an audit.config in its working directory during a result run",
    fix="remove audit.config before result runs",
    source="mlcommons/inference compliance README",
)
def no_audit_config(run: Run, context: Context) -> Iterator[Fault]:
    """No record says that an audit configuration was found."""
    yield from audit_config_of(run)


def audit_config_of(run: Run) -> Iterator[Fault]:
    """Yield a fault where LoadGen reports an audit configuration."""
    if run.log is None:
        return
    for record in (*run.log.all("warning_generic_message"), *run.log.all("generic_message")):
        if "Found Audit Config file" in str(record.value):
            yield Fault(Location(run.detail_path, record.line), quote(record.value),
                        "no audit configuration in a result run")
            return


@rule(
    id="PERF026", name="no-upper-limits", title="Duration and query count had no upper limit",
    level=Level.WARNING, scope=Scope.RUN, requires=("PERF001",),
    why="an upper limit can end a run before it has shown what it must",
    fix="remove max_duration and max_query_count from user.conf and rerun",
    source=f"{LOADGEN}/test_settings.h",
)
def no_upper_limits(run: Run, context: Context) -> Iterator[Fault]:
    """``effective_max_duration_ms`` and ``effective_max_query_count`` are 0."""
    duration = run.integer("effective_max_duration_ms")
    if duration is not None and duration.value != 0:
        yield Fault(duration.at, f"effective_max_duration_ms {ms(duration.value)}",
                    "0 (no limit)", subcode="max_duration")
    queries = run.integer("effective_max_query_count")
    if queries is not None and queries.value != 0:
        yield Fault(queries.at, f"effective_max_query_count {count(queries.value)}",
                    "0 (no limit)", subcode="max_query_count")


@rule(
    id="PERF027", name="result-number", title="The log holds the number that is published",
    level=Level.ERROR, scope=Scope.RESULT, requires=("PERF001", "PERF005"),
    why="without a positive number there is nothing to publish",
    fix="submit the complete log of a finished run",
    source="submission checker of the round", key="scenarios",
)
def result_number(result: Result, context: Context) -> Iterator[Fault]:
    """The metric of the scenario is a finite number above 0."""
    if not result.performance:
        raise Skip("no performance run")
    if result.scenario is None or result.model is None:
        raise Skip("benchmark or scenario unknown")
    run = result.performance[0]
    if run.log is None:
        raise Skip("the detail log is absent")
    number = published.published(result, context.round)
    if number is None:
        wanted = published.metric_names(result, context.round)
        yield Fault(run.at(), f"no usable value of {' or '.join(wanted)}",
                    f"a number above 0 ({context.cite('scenarios')})")
    elif not number.number.value > 0:
        step = number.steps[0]
        yield Fault(Location(step.path, step.line), f"{step.key} {step.value}", "above 0")


@rule(
    id="PERF028", name="every-run-counts", title="Every required run is valid on its own",
    level=Level.ERROR, scope=Scope.RESULT, requires=("PERF001",),
    why="the result is the worst of several runs, so that luck does not decide",
    fix="submit all runs, each of them valid",
    source="MLPerf Inference paper, section III-D; inference_rules.adoc of 2019",
    key="layout.performance_runs",
)
def every_run_counts(result: Result, context: Context) -> Iterator[Fault]:
    """Where the round wants several runs: best and worst differ by at most 5 %."""
    scenario = context.scenario
    if context.round.layout.runs_of(scenario) < 2 or len(result.performance) < 2:
        raise Skip("one run is enough in this round and scenario")
    values = [
        (run, number.number.value)
        for run in result.performance
        if (number := published.of_run(run, result, context.round)) is not None
    ]
    if len(values) < 2:
        raise Skip("fewer than two runs have a number")
    low, high = min(value for _, value in values), max(value for _, value in values)
    if low > 0 and high / low > RUN_SPREAD:
        worst = min(values, key=lambda item: item[1])[0]
        yield Fault(worst.at(), f"runs from {low:g} to {high:g}",
                    f"best and worst within {(RUN_SPREAD - 1) * 100:.0f} %", level=Level.INFO)


RUN_SPREAD = 1.05
"""Runs of one result that differ more are named for the reader; the worst one counts anyway."""


@rule(
    id="PERF029", name="library-size", title="The sample library has a plausible size",
    level=Level.INFO, scope=Scope.RUN, requires=("PERF001",),
    why="the library of a performance run is the data set or the loaded part of it",
    fix="check that the run used the benchmark's data set",
    source=f"{RULES}, QSL size", key="models.*.dataset_size",
)
def library_size(run: Run, context: Context) -> Iterator[Fault]:
    """``qsl_reported_total_count`` is the data set's size or the performance sample count."""
    have = run.integer("qsl_reported_total_count")
    size = context.limit(context.model.dataset_size, context.model_key("dataset_size"))
    loaded = run.integer("effective_performance_sample_count")
    if have is None:
        raise Skip("the log does not say how large the library is")
    least = context.model.performance_sample_count or 0
    if have.value < least or have.value not in (size, loaded.value if loaded else least):
        yield Fault(have.at, f"qsl_reported_total_count {count(have.value)}",
                    f"{count(size)}, the data set "
                    f"({context.cite(context.model_key('dataset_size'))})")
