"""ENDP012, 016, 023: what the numbers of an endpoints summary say of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from submission_checker.engine.context import Context
from submission_checker.engine.rule import OFF, Fault, Scope, Skip, rule
from submission_checker.model.endpoints import Series, Summary
from submission_checker.model.findings import Level
from submission_checker.model.run import Datum
from submission_checker.model.submission import Result
from submission_checker.rules.audits.cases import required_tests
from submission_checker.rules.endp_values import HARNESS, missing, not_endpoints, summary_of
from submission_checker.rules.texts import count

RATE_WITHIN, TOKENS_WITHIN = 0.01, 0.02
"""Shares by which printed rates may differ from recomputed ones (rule catalogue, ENDP012)."""
SUM_WITHIN = 0.01


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
    estimates from too few samples are warnings.
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
        floor = context.round.endpoints.early_stopping_floors.get(share)
        if floor is not None and done is not None and done.value < floor:
            yield Fault(estimate.at,
                        f"{series.name}: an estimate of percentile {share:g} from "
                        f"{count(done.value)} samples",
                        f"at least {count(floor)} samples "
                        f"({context.cite('endpoints.early_stopping_floors')})",
                        subcode=f"{series.name}-floor-{share:g}", level=Level.WARNING)
