"""ENDP008-009: the tail latencies of endpoints runs."""

from __future__ import annotations

from collections.abc import Iterator

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, Skip, rule
from submission_checker.model.endpoints import Series, Summary
from submission_checker.model.findings import Level, Location
from submission_checker.model.run import Datum
from submission_checker.model.submission import Result
from submission_checker.rules.endp_values import (
    CHECKER,
    RULES,
    missing,
    not_endpoints,
    percentile_of,
    summary_of,
)
from submission_checker.rules.measured import latency_bound_ms
from submission_checker.rules.texts import count, ms, ns_as_ms


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
