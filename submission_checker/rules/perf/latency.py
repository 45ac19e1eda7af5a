"""PERF008-015: loaded samples, seeds, latency bounds and percentiles, early stopping."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.findings import Level
from submission_checker.model.run import Run
from submission_checker.rules import measured
from submission_checker.rules.texts import count, ms, ns_as_ms

RULES = "inference_policies inference_rules.adoc"
LOADGEN = "mlcommons/inference loadgen"


def server_like(run: Run, context: Context) -> str | None:
    """Return why a rule about the Server bound does not apply."""
    if context.scenario not in ("Server", "Interactive"):
        return "only for Server and Interactive"
    return None


@rule(
    id="PERF008", name="performance-sample-count", title="Enough samples were loaded",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001",),
    why="a small library of samples stays in caches and runs faster than the benchmark",
    fix="set performance_sample_count_override to the round's value and rerun",
    source=f"{RULES}, QSL size", key="models.*.performance_sample_count",
)
def performance_sample_count(run: Run, context: Context) -> Iterator[Fault]:
    """``effective_performance_sample_count`` reaches the model's minimum."""
    key = context.model_key("performance_sample_count")
    need = context.limit(context.model.performance_sample_count, key)
    have = run.integer("effective_performance_sample_count")
    if have is None:
        raise Skip("the log does not say how many samples were loaded")
    if have.value < need:
        yield Fault(have.at, f"effective_performance_sample_count {count(have.value)}",
                    f"at least {count(need)} ({context.cite(key)})")


@rule(
    id="PERF009", name="seeds", title="The run used the seeds of the round",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RUN,
    requires=("PERF001", "RNDX004"),
    why="the seeds are announced shortly before the deadline, so that samples and arrivals "
        "cannot be known while a system is tuned",
    fix="build LoadGen of the round (its mlperf.conf holds the seeds) and rerun",
    source=f"{RULES}, Non-determinism is restricted", key="seeds", suppressible=False,
)
def seeds(run: Run, context: Context) -> Iterator[Fault]:
    """The three effective seeds equal the round's."""
    want = context.round.seeds
    for key, value in (
        ("effective_qsl_rng_seed", want.qsl),
        ("effective_sample_index_rng_seed", want.sample_index),
        ("effective_schedule_rng_seed", want.schedule),
    ):
        have = run.integer(key)
        if have is None:
            raise Skip(f"the log has no key {key}")
        if have.value != value:
            yield Fault(have.at, f"{key} {have.value}", f"{value} ({context.cite('seeds')})",
                        subcode=key)


@rule(
    id="PERF010", name="server-latency-met", title="The tail latency meets the bound",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RUN, requires=("PERF001", "PERF005"),
    when=server_like,
    why="a Server result counts only if the tail of the latencies stays below the bound",
    fix="lower target_qps until the tail latency meets the bound, then rerun",
    source=f"{RULES}, latency constraints", key="models.*.latency_bound_ms",
)
def server_latency_met(run: Run, context: Context) -> Iterator[Fault]:
    """The latency at the round's percentile is at most the bound; a stricter source warns."""
    bound_ms = measured.latency_bound_ms(context)
    percentile = context.model.target_latency_percentile.get(context.scenario)
    share = context.limit(percentile, context.model_key("target_latency_percentile"))
    key = f"result_{share * 100:.2f}_percentile_latency_ns"
    have = run.integer(key)
    if have is None:
        raise Skip(f"the log has no key {key}")
    if have.value > bound_ms * 1e6:
        cite = context.cite(context.model_key("latency_bound_ms"))
        yield Fault(have.at, f"{key} {ns_as_ms(have.value)}", f"at most {ms(bound_ms)} ({cite})")
    elif (required := _above_strict(have.value, context)) is not None:
        yield Fault(have.at, f"{key} {ns_as_ms(have.value)}", required, level=Level.WARNING)


def _above_strict(value_ns: float, context: Context) -> str | None:
    """Return what the stricter of two sources asks for, None where it is met or there is none."""
    bound_ms = context.model.latency_bound_strict_ms.get(context.scenario)
    if bound_ms is None or value_ns <= bound_ms * 1e6:
        return None
    cite = context.cite(context.model_key("latency_bound_strict_ms"))
    return f"at most {ms(bound_ms)} by the stricter of two sources ({cite})"


@rule(
    id="PERF011", name="latency-bound-configured", title="LoadGen judged by the right bound",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RUN, requires=("PERF001", "PERF005"),
    when=server_like,
    why="LoadGen's verdict and early stopping are computed against the configured bound",
    fix="remove target_latency from user.conf (the official value applies) and rerun",
    source=f"{RULES}, latency constraints", key="models.*.latency_bound_ms",
)
def latency_bound_configured(run: Run, context: Context) -> Iterator[Fault]:
    """``effective_target_latency_ns`` is positive and at most the bound."""
    bound_ms = measured.latency_bound_ms(context)
    have = run.integer("effective_target_latency_ns")
    if have is None:
        raise Skip("the log does not name the configured bound")
    if not 0 < have.value <= bound_ms * 1e6:
        cite = context.cite(context.model_key("latency_bound_ms"))
        yield Fault(have.at, f"effective_target_latency_ns {ns_as_ms(have.value)}",
                    f"above 0 and at most {ms(bound_ms)} ({cite})")
    elif (required := _above_strict(have.value, context)) is not None:
        yield Fault(have.at, f"effective_target_latency_ns {ns_as_ms(have.value)}", required,
                    level=Level.WARNING)


@rule(
    id="PERF012", name="percentile-configured", title="LoadGen judged the right percentile",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RUN, requires=("PERF001", "PERF005"),
    why="a run judged at 90 % instead of 99 % is VALID with a ten times longer tail",
    fix="remove target_latency_percentile from user.conf and rerun",
    source=f"{RULES}, Scenarios; mlperf.conf", key="models.*.target_latency_percentile",
)
def percentile_configured(run: Run, context: Context) -> Iterator[Fault]:
    """``effective_target_latency_percentile`` reaches the round's percentile."""
    scenario = run.scenario or context.scenario
    if context.scenario == "Interactive":
        scenario = "Interactive"
    if scenario == "Offline":
        raise Skip("Offline has no latency percentile")
    known = context.model.target_latency_percentile
    need = context.limit(known.get(scenario), context.model_key("target_latency_percentile"))
    have = run.number("effective_target_latency_percentile")
    if have is None:
        raise Skip("the log does not name the percentile")
    if have.value < need - 1e-9:
        cite = context.cite(context.model_key("target_latency_percentile"))
        yield Fault(have.at, f"effective_target_latency_percentile {have.value:g}",
                    f"at least {need:g} ({cite})")


def token_limits(run: Run, context: Context) -> str | None:
    """Return why a rule about token latencies does not apply."""
    if context.scenario not in context.model.ttft_ms:
        return "no token latency limits for this model and scenario"
    return None


@rule(
    id="PERF013", name="token-latencies-met", title="First-token and per-token latency are met",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RUN, requires=("PERF001", "PERF005"),
    when=token_limits,
    why="a language model counts as responsive only within both limits at the 99th percentile",
    fix="lower target_qps until both 99th percentiles meet the limits, then rerun",
    source=f"{RULES}, latency constraints of language models", key="models.*.ttft_ms",
)
def token_latencies_met(run: Run, context: Context) -> Iterator[Fault]:
    """The 99th percentiles of TTFT and TPOT are at most the limits."""
    model, scenario = context.model, context.scenario
    for key, limits, strict, name in (
        ("result_first_token_99.00_percentile_latency_ns", model.ttft_ms, {}, "ttft_ms"),
        ("result_time_per_output_token_99.00_percentile_ns", model.tpot_ms, model.tpot_strict_ms,
         "tpot_ms"),
    ):
        data_key = context.model_key(name)
        limit_ms = context.limit(limits.get(scenario), data_key)
        have = run.integer(key)
        if have is None:
            yield Fault(run.at(), f"no key {key}", f"at most {ms(limit_ms)} "
                        f"({context.cite(data_key)})", subcode=key,
                        fix="report the first token of every query to LoadGen and rerun")
        elif have.value > limit_ms * 1e6:
            yield Fault(have.at, f"{key} {ns_as_ms(have.value)}",
                        f"at most {ms(limit_ms)} ({context.cite(data_key)})", subcode=key)
        elif scenario in strict and have.value > strict[scenario] * 1e6:
            yield Fault(have.at, f"{key} {ns_as_ms(have.value)}",
                        f"at most {ms(strict[scenario])} by the stricter of two sources "
                        f"({context.cite(context.model_key('tpot_strict_ms'))})", subcode=key,
                        level=Level.WARNING)


@rule(
    id="PERF014", name="token-limits-configured", title="LoadGen judged by the token limits",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RUN, requires=("PERF001", "PERF005"),
    when=token_limits,
    why="with other limits configured, validity and early stopping answer another question",
    fix="remove use_token_latencies, ttft_latency and tpot_latency from user.conf and rerun",
    source=f"{RULES}, latency constraints of language models; {LOADGEN}/mlperf.conf",
    key="models.*.ttft_ms",
)
def token_limits_configured(run: Run, context: Context) -> Iterator[Fault]:
    """Token latencies are on, and the configured limits are at most the round's."""
    model, scenario = context.model, context.scenario
    if model.use_token_latencies:
        switched = run.flag("requested_use_token_latencies")
        if switched is None or not switched.value:
            yield Fault(run.at("requested_use_token_latencies"),
                        "requested_use_token_latencies is not true", "true",
                        subcode="requested_use_token_latencies")
    for key, limits, name in (
        ("requested_server_ttft_latency", model.ttft_ms, "ttft_ms"),
        ("requested_server_tpot_latency", model.tpot_ms, "tpot_ms"),
    ):
        data_key = context.model_key(name)
        limit_ms = context.limit(limits.get(scenario), data_key)
        have = run.integer(key)
        if have is not None and have.value > limit_ms * 1e6:
            yield Fault(have.at, f"{key} {ns_as_ms(have.value)}",
                        f"at most {ms(limit_ms)} ({context.cite(data_key)})", subcode=key)


@rule(
    id="PERF015", name="early-stopping-met", title="Early stopping is met",
    level=Level.ERROR, scope=Scope.RUN, requires=("PERF001",),
    why="without it the tail latency is not known with 99 % confidence",
    fix="run longer or lower the load; the log says how many more queries are needed",
    source=f"{RULES}, appendix Early Stopping", key="early_stopping",
)
def early_stopping_met(run: Run, context: Context) -> Iterator[Fault]:
    """``early_stopping_met`` is true, except in Offline."""
    if run.scenario == "Offline":
        raise Skip("Offline has no early stopping")
    met = run.flag("early_stopping_met")
    if met is None:
        raise Skip("the log has no key early_stopping_met")
    if not met.value:
        text = run.text("early_stopping_result")
        yield Fault(met.at, "early_stopping_met false",
                    f"true ({context.cite('early_stopping')})",
                    evidence=(text.value,) if text and text.value else ())
