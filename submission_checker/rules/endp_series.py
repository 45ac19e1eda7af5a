"""ENDP024: the statistics of a series are of one set of samples."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple

from submission_checker.engine.context import Context
from submission_checker.engine.rule import Fault, Scope, rule
from submission_checker.evidence.early_stopping import tolerated
from submission_checker.model.endpoints import Series, Summary
from submission_checker.model.findings import Level
from submission_checker.model.run import Datum
from submission_checker.model.submission import Result
from submission_checker.rules.endp_values import HARNESS, not_endpoints, summary_of
from submission_checker.rules.texts import count

WITHIN = 0.01
"""Share by which values may lie beside where they belong, as in ENDP023."""

EDGE = 1e-6
"""Edges of buckets are computed from the extremes with the rounding of a logarithm."""

SPAN = 10.0
"""A histogram of nearly equal values still spans this factor."""

MOST_SAMPLES = 10**12
MEDIAN = 50.0


@rule(
    id="ENDP024", name="endpoints-series", title="Percentiles, estimates and histogram agree",
    level=Level.ERROR, scope=Scope.RESULT, requires=("ENDP003",), when=not_endpoints,
    why="the harness takes all of them from the same sorted samples: an estimate stands at a known "
        "place among them, and each place falls into one bucket of the histogram",
    fix="submit result_summary.json as the harness wrote it",
    source=f"{HARNESS} metrics_aggregator/registry.py, metrics/early_stopping.py",
)
def one_set_of_samples(result: Result, context: Context) -> Iterator[Fault]:
    """Estimates lie between the percentiles around them, and in their bucket of the histogram.

    Median, extremes and plain percentiles beside the histogram are warnings.
    """
    summary = summary_of(result)
    for series in summary.series():
        samples = _samples(series, summary)
        if samples is None:
            continue
        yield from _estimates(series, samples)
        yield from _median(series)
        yield from _extremes(series)
        yield from _plain(series, samples)


def _samples(series: Series, summary: Summary) -> int | None:
    """Return how many samples a series has; tokens are not counted for every one of a run."""
    datum = series.counts or summary.completed
    if datum is None or not 0 < datum.value <= MOST_SAMPLES:
        return None
    return datum.value


def _estimates(series: Series, samples: int) -> Iterator[Fault]:
    """Yield estimates that are out of order, below their percentile or above a later one."""
    known = sorted((share, datum) for share, datum in (series.early_stopping or {}).items()
                   if datum is not None and MEDIAN <= share < 100)
    for (low, one), (high, other) in pairwise(known):
        if other.value < one.value * (1 - EDGE):
            yield Fault(other.at, f"{series.name}: estimate {other.value:.10g} of percentile "
                        f"{high:g}", f"at least {one.value:.10g}, that of percentile {low:g}",
                        subcode=f"{series.name}-rise-{high:g}")
            return
    ends, behind = _ends(series), Behind.of(series, samples)
    for share, estimate in known:
        over = tolerated(samples, share / 100)
        if not over:
            continue
        place = samples - over
        fault = (_below(series, share, estimate)
                 or _above(series, share, estimate, place, samples, behind)
                 or _beside(series, f"estimate of percentile {share:g}", estimate, place, place,
                            ends))
        if fault is not None:
            yield fault
            return


class Behind(NamedTuple):
    """The percentiles of a series and its maximum, in order, with their places from 0."""

    items: list[tuple[float, Datum[float]]]
    places: list[int]
    least: list[float]
    """The smallest value from each place on."""

    @classmethod
    def of(cls, series: Series, samples: int) -> Behind:
        """Return the percentiles of a series of so many samples."""
        items = sorted(series.percentiles.items())
        places = [int(share / 100 * (samples - 1)) for share, _ in items]
        if series.maximum is not None:
            items.append((100.0, series.maximum))
            places.append(samples)
        least = list(accumulate((datum.value for _, datum in reversed(items)), min))[::-1]
        return cls(items, places, least)


def _ends(series: Series) -> list[int]:
    """Return how many samples are in each bucket and those before it."""
    return list(accumulate(many for _, _, many in series.histogram or ()))


def _below(series: Series, share: float, estimate: Datum[float]) -> Fault | None:
    plain = series.percentiles.get(share)
    if plain is None or estimate.value >= plain.value * (1 - EDGE):
        return None
    return Fault(estimate.at, f"{series.name}: estimate {estimate.value:.10g}",
                 f"at least the plain percentile {share:g}, {plain.value:.10g}",
                 subcode=f"{series.name}-estimate-{share:g}")


def _above(
    series: Series, share: float, estimate: Datum[float], place: int, samples: int, behind: Behind,
) -> Fault | None:
    """Return an estimate above a percentile that stands behind it among the samples."""
    first = bisect_left(behind.places, place)
    if first == len(behind.items) or estimate.value <= behind.least[first] * (1 + EDGE):
        return None
    for other, datum in behind.items[first:]:
        if estimate.value > datum.value * (1 + EDGE):
            words = "the maximum" if other >= 100 else f"percentile {other:g}"
            return Fault(estimate.at, f"{series.name}: estimate {estimate.value:.10g} of "
                         f"percentile {share:g}", f"at most {datum.value:.10g}, {words}: the "
                         f"estimate is sample {count(place + 1)} of {count(samples)}",
                         subcode=f"{series.name}-estimate-{share:g}")
    return None


def _beside(
    series: Series, name: str, datum: Datum[float], first: int, last: int, ends: list[int],
    level: Level | None = None,
) -> Fault | None:
    """Return a value that is in none of the buckets of its places, counted from 0."""
    buckets = series.histogram
    if not buckets:
        return None
    at = [min(bisect_right(ends, place), len(ends) - 1) for place in (first, last)]
    low, high = buckets[at[0]][0], buckets[at[1]][1]
    if low * (1 - WITHIN) <= datum.value <= high * (1 + WITHIN):
        return None
    return Fault(datum.at, f"{series.name}: {name} {datum.value:.10g}",
                 f"{low:.10g} to {high:.10g}, where the histogram has sample {count(first + 1)}",
                 subcode=f"{series.name}-histogram-{name.rpartition(' ')[2]}", level=level)


def _median(series: Series) -> Iterator[Fault]:
    plain = series.percentiles.get(MEDIAN)
    if series.median is not None and plain is not None and (
        abs(series.median.value - plain.value) > WITHIN * abs(plain.value)
    ):
        yield Fault(series.median.at, f"{series.name}: median {series.median.value:.10g}",
                    f"{plain.value:.10g}, percentile 50", subcode=f"{series.name}-median",
                    level=Level.WARNING)


def _extremes(series: Series) -> Iterator[Fault]:
    """Yield extremes at which the histogram does not begin or end, and gaps in it."""
    buckets, low, high = series.histogram, series.minimum, series.maximum
    if not buckets:
        return
    first, last = buckets[0][0], buckets[-1][1]
    if low is not None and abs(first - max(low.value, 1.0)) > EDGE * max(abs(first), 1.0):
        yield Fault(low.at, f"{series.name}: min {low.value:.10g}",
                    f"{first:.10g}, where the histogram begins", subcode=f"{series.name}-min",
                    level=Level.WARNING)
    if high is not None and abs(last - high.value) > EDGE * abs(last) and (
        high.value > last or abs(last - SPAN * first) > EDGE * abs(last)
    ):
        yield Fault(high.at, f"{series.name}: max {high.value:.10g}",
                    f"{last:.10g}, where the histogram ends", subcode=f"{series.name}-max",
                    level=Level.WARNING)
    for (_, end, _), (begin, _, _) in pairwise(buckets):
        if abs(end - begin) > EDGE * abs(end):
            yield Fault(series.at, f"{series.name}: a bucket of the histogram ends at {end:.10g}, "
                        f"the next begins at {begin:.10g}", "buckets without a gap",
                        subcode=f"{series.name}-gap", level=Level.WARNING)
            return


def _plain(series: Series, samples: int) -> Iterator[Fault]:
    """Yield the first plain percentile beside its bucket; it may lie between two samples."""
    ends = _ends(series)
    for share, datum in sorted(series.percentiles.items()):
        place = int(share / 100 * (samples - 1))
        fault = _beside(series, f"percentile {share:g}", datum, max(0, place - 1),
                        min(samples - 1, place + 1), ends, Level.WARNING)
        if fault is not None:
            yield fault
            return
