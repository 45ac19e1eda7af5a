"""ENDP006-012, 016, 023: durations, seeds, latencies, counts and sums of endpoints results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.endpoints import Series, Summary
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Datum
from submission_checker.model.submission import Result
from submission_checker.rules.audits.cases import required_tests
from submission_checker.rules.endp_values import (
    config_of,
    missing,
    not_endpoints,
    part_of,
    summary_of,
)
from submission_checker.rules.measured import latency_bound_ms, minimum_duration_ms
from submission_checker.rules.texts import count, ms, ns_as_ms, quote, seconds

RULES = "inference_policies inference_rules.adoc"
HARNESS = "mlcommons/endpoints"
CHECKER = "submission checker of the round"
EPS6 = 1e-6
RATE_WITHIN, TOKENS_WITHIN = 0.01, 0.02
"""Shares by which printed rates may differ from recomputed ones (rule catalogue, ENDP012)."""
SUM_WITHIN = 0.01
COMPLETE = "complete"


@rule(
    id="ENDP006", name="endpoints-duration", title="The run was long enough",
    level=Level.ERROR, scope=Scope.RESULT, requires=("TREE020", "TREE025"), when=not_endpoints,
    why="short runs hide thermal limits, boost clocks and queueing",
    fix="set settings.runtime.min_duration_ms to the round's value and rerun until it is over",
    source=f"{RULES}, Scenarios: duration; {CHECKER}", key="durations_ms",
)
def long_enough(result: Result, context: Context) -> Iterator[Fault]:
    """The configured and the measured duration reach the round's minimum.

    The minimum of the harness's own ruleset for a model is accepted with a warning.
    """
    need_ms = minimum_duration_ms(context)
    cite = context.cite("durations_ms")
    own_ms = context.round.endpoints.own_min_duration_ms.get(context.model.name)
    config = config_of(result)
    have = config.min_duration_ms
    own = have is not None and own_ms is not None and own_ms <= have.value < need_ms
    if have is None:
        yield Fault(missing(config.file, "/settings/runtime/min_duration_ms"),
                    "no min_duration_ms", f"at least {ms(need_ms)} ({cite})",
                    subcode="configured")
    elif have.value < need_ms:
        more = (f"; the ruleset of the harness sets {ms(own_ms)} "
                f"({context.cite('endpoints.own_ruleset')})") if own_ms is not None else ""
        yield Fault(have.at, f"min_duration_ms {ms(have.value)}",
                    f"at least {ms(need_ms)} ({cite}){more}", subcode="configured",
                    level=Level.WARNING if own else None)
    summary = part_of(result).summary
    took = summary.duration_ns if summary is not None else None
    if took is not None and not own and took.value < need_ms * 1e6 * (1 - EPS6):
        yield Fault(took.at, f"duration_ns {seconds(took.value / 1e9)}",
                    f"at least {seconds(need_ms / 1e3)} ({cite})", subcode="measured")


@rule(
    id="ENDP007", name="endpoints-seeds", title="The run used the seeds of the round",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RESULT, requires=("TREE020",),
    when=not_endpoints,
    why="the seeds are announced shortly before the deadline, so that samples and arrivals "
        "cannot be known while a system is tuned",
    fix="set both seeds of settings.runtime to the round's and rerun",
    source=f"{RULES}, Non-determinism is restricted; {CHECKER}", key="seeds", suppressible=False,
)
def seeds(result: Result, context: Context) -> Iterator[Fault]:
    """Both seeds are the round's, and the run recorded the configured ones.

    The seed of the harness's own ruleset for a model is accepted with a warning.
    """
    config, want = config_of(result), context.round.seeds
    own = context.round.endpoints.own_seed.get(context.model.name)
    summary = part_of(result).summary
    for key, have, ran, value in (
        ("dataloader_random_seed", config.sample_seed,
         summary.sample_seed_run if summary else None, want.sample_index),
        ("scheduler_random_seed", config.schedule_seed,
         summary.schedule_seed_run if summary else None, want.schedule),
    ):
        required = f"{value} ({context.cite('seeds')})"
        if have is None:
            yield Fault(missing(config.file, f"/settings/runtime/{key}"), f"no {key}", required,
                        subcode=key)
            continue
        if have.value != value:
            mild = own is not None and have.value == own
            more = f" or {own} ({context.cite('endpoints.own_ruleset')})" if own else ""
            yield Fault(have.at, f"{key} {have.value}", required + more, subcode=key,
                        level=Level.WARNING if mild else None)
        if ran is not None and ran.value != have.value:
            yield Fault(ran.at, f"the run recorded {key} {ran.value}",
                        f"{have.value}, as in config.yaml", subcode=f"{key}-run")


def percentile_of(context: Context) -> float:
    """Return the percentile that the round judges in this scenario, 99 for 0.99."""
    share = context.model.target_latency_percentile.get(context.scenario)
    return context.limit(share, context.model_key("target_latency_percentile")) * 100


def judged(
    summary: Summary, series: Series | None, name: str, context: Context
) -> tuple[Datum[float] | None, str] | Fault:
    """Return the early-stopping estimate and the plain percentile in words, or what is wrong."""
    share = percentile_of(context)
    here = f"/{name}/early_stopping_percentiles"
    required = f"the early-stopping estimate of percentile {share:g} of {name}"
    if series is None:
        at = Location(summary.file.path, summary.file.lines.get(f"/{name}"), f"/{name}")
        return Fault(at, f"no {name}", required, subcode=name)
    plain = series.percentiles.get(share)
    words = f" (plain percentile {ns_as_ms(plain.value)})" if plain is not None else ""
    if series.early_stopping is None or share not in series.early_stopping:
        return Fault(missing(summary.file, here), f"no early-stopping estimate{words}", required,
                     subcode=name)
    found = series.early_stopping[share]
    if found is None:
        floor = context.round.endpoints.early_stopping_floors.get(share)
        done = summary.completed
        few = f" of {count(done.value)} samples" if done is not None else ""
        more = f", which needs {count(floor)} samples" if floor is not None else ""
        pointer = next((p for p in (f"{here}/{share}", f"{here}/{share:g}")
                        if p in summary.file.lines), here)
        return Fault(Location(summary.file.path, summary.file.lines.get(pointer), pointer),
                     f"no early-stopping estimate{few}{words}", required + more, subcode=name)
    return found, words


@rule(
    id="ENDP008", name="endpoints-latency", title="The tail latency meets the bound",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RESULT,
    requires=("ENDP003", "TREE020", "TREE025"), when=not_endpoints,
    why="a result counts only if the tail of the latencies stays below the bound",
    fix="lower the load until the tail latency meets the bound, then rerun",
    source=f"{RULES}, latency constraints; {CHECKER}", key="models.*.latency_bound_ms",
)
def latency(result: Result, context: Context) -> Iterator[Fault]:
    """The early-stopping estimate of the round's percentile is at most the bound."""
    if not context.model.latency_bound_ms:
        raise Skip("the model has no bound of the latency")
    if context.scenario not in context.model.target_latency_percentile or (
        context.scenario not in (*context.model.latency_bound_ms, *context.model.ttft_ms)
    ):
        raise Skip("no bound of the latency in this scenario")
    bound_ms = latency_bound_ms(context)
    summary = summary_of(result)
    found = judged(summary, summary.latency, "latency", context)
    if isinstance(found, Fault):
        yield found
        return
    value, words = found
    if value is not None and value.value > bound_ms * 1e6:
        yield Fault(value.at, f"latency {ns_as_ms(value.value)}{words}",
                    f"at most {ms(bound_ms)} "
                    f"({context.cite(context.model_key('latency_bound_ms'))})")


@rule(
    id="ENDP009", name="endpoints-token-latencies",
    title="First-token and per-token latency are met",
    level=Level.ERROR, open_level=Level.INFO, scope=Scope.RESULT,
    requires=("ENDP003", "TREE020", "TREE025"), when=not_endpoints,
    why="a language model counts as responsive only within both limits at the 99th percentile",
    fix="lower the load until both 99th percentiles meet the limits, then rerun",
    source=f"{RULES}, latency constraints of language models; {CHECKER}", key="models.*.ttft_ms",
)
def token_latencies(result: Result, context: Context) -> Iterator[Fault]:
    """The early-stopping estimates of ttft and tpot are below their limits."""
    if context.scenario not in context.model.ttft_ms:
        raise Skip("no token latency limits for this model and scenario")
    summary, model = summary_of(result), context.model
    for name, series, limits in (("ttft", summary.ttft, model.ttft_ms),
                                 ("tpot", summary.tpot, model.tpot_ms)):
        key = context.model_key(f"{name}_ms")
        limit_ms = context.limit(limits.get(context.scenario), key)
        found = judged(summary, series, name, context)
        if isinstance(found, Fault):
            yield found
            continue
        value, words = found
        if value is None:
            continue
        strict_ms = model.tpot_strict_ms.get(context.scenario) if name == "tpot" else None
        if value.value >= limit_ms * 1e6:
            yield Fault(value.at, f"{name} {ns_as_ms(value.value)}{words}",
                        f"below {ms(limit_ms)} ({context.cite(key)})", subcode=name)
        elif strict_ms is not None and value.value >= strict_ms * 1e6:
            strict = context.cite(context.model_key("tpot_strict_ms"))
            yield Fault(value.at, f"{name} {ns_as_ms(value.value)}{words}",
                        f"below {ms(strict_ms)} by the stricter of two sources ({strict})",
                        subcode=name, level=Level.WARNING)


@rule(
    id="ENDP010", name="nothing-failed", title="Every sample was answered and the run ended",
    level=Level.ERROR, scope=Scope.RESULT, requires=("ENDP003",), when=not_endpoints,
    why="samples that failed were not measured, and dropping them makes a system look faster",
    fix="remove the cause of the failures and rerun",
    source=HARNESS,
)
def nothing_failed(result: Result, context: Context) -> Iterator[Fault]:
    """No sample failed, completed equals issued, the state is complete."""
    summary = summary_of(result)
    for name, have in (("n_samples_issued", summary.issued),
                       ("n_samples_completed", summary.completed),
                       ("n_samples_failed", summary.failed)):
        if have is None:
            yield Fault(missing(summary.file, f"/{name}"), f"no {name}", "a count", subcode=name)
    issued, completed, failed = summary.issued, summary.completed, summary.failed
    if failed is not None and failed.value:
        yield Fault(failed.at, f"n_samples_failed {count(failed.value)}", "0", subcode="failed")
    if issued is not None and completed is not None and completed.value != issued.value:
        yield Fault(completed.at, f"n_samples_completed {count(completed.value)}",
                    f"{count(issued.value)}, as many as were issued", subcode="completed")
    if summary.state is not None and summary.state.value != COMPLETE:
        yield Fault(summary.state.at, f"state {quote(summary.state.value)}", COMPLETE,
                    subcode="state")
    if summary.complete is not None and not summary.complete.value:
        yield Fault(summary.complete.at, "complete false", "true", subcode="complete")


@rule(
    id="ENDP011", name="endpoints-samples", title="Enough samples were issued",
    level=Level.ERROR, open_level=Level.WARNING, scope=Scope.RESULT,
    requires=("ENDP003", "TREE020", "TREE025"), when=not_endpoints,
    why="a small number of samples does not show the sustained rate or the tail",
    fix="raise the duration or n_samples_to_issue and rerun",
    source=f"{RULES}, Scenarios", key="models.*.offline_min_samples",
)
def enough_samples(result: Result, context: Context) -> Iterator[Fault]:
    """Offline issues the round's minimum or the data set, others what early stopping needs."""
    issued = summary_of(result).issued
    if issued is None:
        raise Skip("the summary does not say how many samples were issued")
    model = context.model
    if context.scenario == "Offline":
        own = model.offline_min_samples is not None
        key = context.model_key("offline_min_samples" if own else "dataset_size")
        need = context.limit(model.offline_min_samples or model.dataset_size, key)
    else:
        key = "endpoints.early_stopping_floors"
        floor = context.round.endpoints.early_stopping_floors.get(percentile_of(context))
        need = context.limit(floor, key)
        least = model.min_queries.get(context.scenario)
        if least is not None and least < need:
            need, key = least, context.model_key("min_queries")
    if issued.value < need:
        yield Fault(issued.at, f"n_samples_issued {count(issued.value)}",
                    f"at least {count(need)} ({context.cite(key)})")


@rule(
    id="ENDP012", name="endpoints-rates", title="The rates follow from the counts",
    level=Level.ERROR, scope=Scope.RESULT, requires=("ENDP003",), when=not_endpoints,
    why="a rate that its own counts contradict was edited or is of another run",
    fix="submit result_summary.json as the harness wrote it",
    source=f"{HARNESS}, report writer",
)
def rates(result: Result, context: Context) -> Iterator[Fault]:
    """Completed / duration is qps within 1 %, output tokens / duration is tps within 2 %."""
    summary = summary_of(result)
    done, took = summary.completed, summary.duration_ns
    if done is None or took is None or took.value <= 0:
        raise Skip("the summary has no count or duration to compute from")
    span, queries, how = took.value / 1e9, float(done.value), "n_samples_completed / duration_ns"
    if summary.window_ns is not None and summary.window_ns.value > 0:
        span, queries = summary.window_ns.value / 1e9, done.value - 1.0
        how = "(n_samples_completed - 1) / legacy_loadgen_window_duration_ns"
    yield from _rate(summary.qps, queries / span, RATE_WITHIN, how)
    tokens = summary.output_lengths
    if tokens is not None and tokens.mean is not None:
        yield from _rate(summary.tps, tokens.mean.value * done.value / span, TOKENS_WITHIN,
                         "output_sequence_lengths.avg x n_samples_completed / the same time")


def _rate(have: Datum[float] | None, want: float, within: float, how: str) -> Iterator[Fault]:
    if have is not None and abs(have.value - want) > within * abs(want):
        yield Fault(have.at, f"{have.key} {have.value:.10g}",
                    f"{want:.10g} within {within * 100:g} %, {how}", subcode=have.key)


@rule(
    id="ENDP016", name="endpoints-output-length", title="Answers have their usual length",
    level=Level.ERROR, open_level=OFF, scope=Scope.RESULT,
    requires=("ENDP003", "TREE020", "TREE025"), when=not_endpoints,
    why="shorter answers are faster; the audit of output lengths is made on the run itself",
    fix="run the model with the settings of its reference and rerun",
    source="mlcommons/inference compliance; submission checker of the round",
    key="compliance.tests",
)
def output_length(result: Result, context: Context) -> Iterator[Fault]:
    """The mean output length lies within the bounds of the audit that the model needs."""
    if context.division not in context.round.audits_required_in:
        raise Skip("audits are not required in this division")
    for test in required_tests(context.model, context.scenario):
        own = context.round.audits[test].thresholds.get(context.model.name)
        limits = own.get("mean_output_tokens") if isinstance(own, Mapping) else None
        if limits is not None:
            yield from _length(summary_of(result), limits, test, context)
            return
    raise Skip("the model needs no audit of output lengths")


def _length(
    summary: Summary, limits: tuple[float, float], test: str, context: Context
) -> Iterator[Fault]:
    lower, upper = limits
    cite = context.cite(f"compliance.tests.{test}")
    required = f"{lower:g} to {upper:g} tokens for {test} ({cite})"
    series = summary.output_lengths
    if series is None or series.mean is None:
        yield Fault(missing(summary.file, "/output_sequence_lengths/avg"),
                    "no mean output length", required)
    elif not lower <= series.mean.value <= upper:
        yield Fault(series.mean.at, f"mean output length {series.mean.value:.10g}", required)


@rule(
    id="ENDP023", name="endpoints-sums", title="The statistics of the summary add up",
    level=Level.ERROR, scope=Scope.RESULT, requires=("ENDP003",), when=not_endpoints,
    why="statistics that contradict each other were edited or are of several runs",
    fix="submit result_summary.json as the harness wrote it",
    source=f"{HARNESS}, report writer",
)
def sums(result: Result, context: Context) -> Iterator[Fault]:
    """Means, percentiles and histograms of each series agree with its counts and range.

    Mean x count = total and the order of percentiles are arithmetic; histogram counts and
    early-stopping estimates against plain ones are warnings.
    """
    summary = summary_of(result)
    for series in summary.series():
        yield from _mean(series, summary)
        yield from _order(series)
        yield from _estimates(series, summary, context)


def _mean(series: Series, summary: Summary) -> Iterator[Fault]:
    done = summary.completed
    if done is None or not done.value:
        return
    if series.total is not None and series.mean is not None:
        want = series.total.value / done.value
        if abs(series.mean.value - want) > SUM_WITHIN * abs(want):
            yield Fault(series.mean.at, f"{series.name}.avg {series.mean.value:.10g}",
                        f"{want:.10g}, total / n_samples_completed", subcode=f"{series.name}-avg")
    if series.counts is not None and series.counts.value != done.value:
        yield Fault(series.counts.at,
                    f"{series.name}: histogram counts sum to {count(series.counts.value)}",
                    f"{count(done.value)}, n_samples_completed",
                    subcode=f"{series.name}-histogram", level=Level.WARNING)


def _order(series: Series) -> Iterator[Fault]:
    """Yield the first percentile that is below a lower one or outside of the range."""
    points = [(0.0, series.minimum), *sorted(series.percentiles.items()), (100.0, series.maximum)]
    known = [(share, datum) for share, datum in points if datum is not None]
    for (low, one), (high, other) in pairwise(known):
        if other.value < one.value:
            yield Fault(other.at,
                        f"{series.name}: {_share(high)} {other.value:.10g} is below "
                        f"{_share(low)} {one.value:.10g}", "values that rise with the percentile",
                        subcode=f"{series.name}-order")
            return


def _share(share: float) -> str:
    return {0.0: "min", 100.0: "max"}.get(share, f"percentile {share:g}")


def _estimates(series: Series, summary: Summary, context: Context) -> Iterator[Fault]:
    done = summary.completed
    for share, estimate in sorted((series.early_stopping or {}).items()):
        if estimate is None:
            continue
        plain = series.percentiles.get(share)
        floor = context.round.endpoints.early_stopping_floors.get(share)
        if plain is not None and estimate.value < plain.value * (1 - SUM_WITHIN):
            yield Fault(estimate.at, f"{series.name}: estimate {estimate.value:.10g}",
                        f"at least the plain percentile {share:g}, {plain.value:.10g}",
                        subcode=f"{series.name}-estimate-{share:g}", level=Level.WARNING)
        elif floor is not None and done is not None and done.value < floor:
            yield Fault(estimate.at,
                        f"{series.name}: an estimate of percentile {share:g} from "
                        f"{count(done.value)} samples",
                        f"at least {count(floor)} samples "
                        f"({context.cite('endpoints.early_stopping_floors')})",
                        subcode=f"{series.name}-floor-{share:g}", level=Level.WARNING)
