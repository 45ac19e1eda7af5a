"""PERF016-020: how many queries and samples, how long, equal-issue mode."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.findings import Level
from submission_checker.model.run import Run
from submission_checker.rules import measured
from submission_checker.rules.texts import count, ms, seconds

RULES = "inference_policies inference_rules.adoc"

CONFIGURED_DURATION = "PERF018"
"""A round that only warns of what was configured there does so of the query count, too."""

EPS6 = 1e-5
"""LoadGen prints floating values with 6 significant digits."""


@rule(
    id="PERF016", name="minimum-queries", title="Enough queries were configured and ran",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RUN, requires=("PERF001", "PERF005"),
    why="the confidence in the tail latency follows from the number of queries",
    fix="set min_query_count to the round's value and rerun until it is reached",
    source=f"{RULES}, Scenarios", key="models.*.min_queries",
)
def minimum_queries(run: Run, context: Context) -> Iterator[Fault]:
    """The run reaches its configured count and, without early stopping, the round's.

    In the first round many results were configured with fewer; there the count that ran decides.
    """
    configured = run.integer("effective_min_query_count")
    done = measured.queries_done(run)
    scenario = run.scenario or context.scenario
    if done is not None and configured is not None and done.value < configured.value:
        yield Fault(done.at, f"{done.key} {count(done.value)}",
                    f"at least {count(configured.value)}, the run's own "
                    f"effective_min_query_count (line {configured.at.line})", subcode="done")
    if context.round.early_stopping.in_force or scenario == "Offline":
        return
    key = context.model_key("min_queries")
    need = context.limit(context.model.min_queries.get(scenario), key)
    mild = context.round.rule_setting(CONFIGURED_DURATION, context.division) == "warning"
    for have, code in ((configured, "configured"), (done, "done")):
        if have is not None and have.value < need:
            yield Fault(have.at, f"{have.key} {count(have.value)}",
                        f"at least {count(need)} ({context.cite(key)})", subcode=code,
                        level=Level.WARNING if mild and code == "configured" else None)


@rule(
    id="PERF017", name="offline-samples", title="The Offline query is large enough",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RUN,
    requires=("PERF001", "PERF005"),
    why="a small query does not show the sustained rate",
    fix="raise target_qps or min_query_count so that the query holds enough samples, and rerun",
    source=f"{RULES}, Scenarios: Offline", key="models.*.offline_min_samples",
)
def offline_samples(run: Run, context: Context) -> Iterator[Fault]:
    """The configured and the processed samples reach the model's minimum."""
    if run.scenario != "Offline":
        raise Skip("only for Offline logs")
    key = context.model_key("offline_min_samples")
    need = context.limit(context.model.offline_min_samples, key)
    strict = context.model.offline_min_samples_strict
    configured = run.integer("effective_samples_per_query")
    if configured is not None and configured.value < need:
        yield Fault(configured.at, f"effective_samples_per_query {count(configured.value)}",
                    f"at least {count(need)} ({context.cite(key)})", subcode="configured")
    elif configured is not None and strict is not None and configured.value < strict:
        yield Fault(configured.at, f"effective_samples_per_query {count(configured.value)}",
                    f"at least {count(strict)} by the stricter of two sources "
                    f"({context.cite(context.model_key('offline_min_samples_strict'))})",
                    subcode="configured", level=Level.WARNING)
    done = measured.offline_samples_done(run)
    if done is not None and round(done.value * (1 + EPS6)) < need:
        yield Fault(done.at, f"{count(round(done.value))} samples done "
                    "(result_samples_per_second x result_max_latency_ns)",
                    f"at least {count(need)} ({context.cite(key)})", subcode="done")


@rule(
    id="PERF018", name="min-duration-configured", title="The configured duration is long enough",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001",),
    why="short runs hide thermal limits, boost clocks and queueing",
    fix="set min_duration in user.conf to the round's value, or leave it out, and rerun",
    source=f"{RULES}, Scenarios: duration", key="durations_ms",
)
def min_duration_configured(run: Run, context: Context) -> Iterator[Fault]:
    """``effective_min_duration_ms`` reaches the round's minimum."""
    need_ms = measured.minimum_duration_ms(context)
    have = run.integer("effective_min_duration_ms")
    if have is None:
        raise Skip("the log has no key effective_min_duration_ms")
    if have.value < need_ms:
        yield Fault(have.at, f"effective_min_duration_ms {ms(have.value)}",
                    f"at least {ms(need_ms)} ({context.cite('durations_ms')})")


@rule(
    id="PERF019", name="min-duration-happened", title="The run lasted long enough",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001", "PERF005"),
    why="what was asked for is not what happened: a run can end early or its log be another's",
    fix="rerun and let the run last; the log shows why it ended",
    source=f"{RULES}, Scenarios: duration", key="durations_ms",
)
def min_duration_happened(run: Run, context: Context) -> Iterator[Fault]:
    """The measured duration reaches the minimum, by rates and latencies and by the clock."""
    need_s = measured.minimum_duration_ms(context) / 1000
    cite = context.cite("durations_ms")
    first = measured.duration(run)
    clock = measured.power_span(run)
    if first is None and clock is None:
        raise Skip("the log does not show how long the run lasted")
    if first is not None and first.value < need_s * (1 - EPS6):
        yield Fault(first.at, f"{seconds(first.value)} from {first.key}",
                    f"at least {seconds(need_s)} ({cite})", subcode="measured")
    if clock is not None and clock.value < 0.99 * need_s:
        yield Fault(clock.at, f"{seconds(clock.value)} from power_begin to power_end",
                    f"at least {seconds(need_s)} ({cite})", subcode="clock",
                    level=Level.WARNING if first is not None else None)


@rule(
    id="PERF020", name="equal-issue-mode", title="Equal-issue mode is on where it is required",
    level=Level.ERROR, open_level=OFF, scope=Scope.RUN, requires=("PERF001", "PERF005"),
    why="samples of very different cost must be issued equally often to give a fair mean",
    fix="use the round's mlperf.conf (sample_concatenate_permutation = 1) and rerun",
    source="mlperf.conf; submission checker of the round", key="models.*.equal_issue_scenarios",
)
def equal_issue_mode(run: Run, context: Context) -> Iterator[Fault]:
    """``effective_sample_concatenate_permutation`` is true for models that need it.

    A LoadGen that does not log it fills an Offline query up to whole rounds of the samples.
    """
    needed = context.model.equal_issue_scenarios
    if run.scenario not in needed and context.scenario not in needed:
        raise Skip("equal-issue mode is not required for this model and scenario")
    cite = context.cite(context.model_key("equal_issue_scenarios"))
    have = run.flag("effective_sample_concatenate_permutation")
    if have is None:
        yield from _whole_rounds(run, cite)
    elif not have.value:
        yield Fault(have.at, "effective_sample_concatenate_permutation false", f"true ({cite})")


def _whole_rounds(run: Run, cite: str) -> Iterator[Fault]:
    done = measured.offline_samples_done(run)
    loaded = run.integer("effective_performance_sample_count")
    if run.scenario != "Offline" or done is None or loaded is None or loaded.value <= 0:
        raise Skip("this LoadGen does not log sample_concatenate_permutation")
    unsure = max(0.5, done.value * EPS6)
    beside = abs(done.value - loaded.value * round(done.value / loaded.value))
    if beside > unsure:
        yield Fault(done.at, f"{count(round(done.value))} samples done, "
                    f"{done.value / loaded.value:.2f} times the {count(loaded.value)} loaded ones",
                    f"a whole number of times, as equal-issue mode gives ({cite})",
                    subcode="rounds", level=Level.WARNING)
