"""What printed percentiles say about counts and estimates; all counts and latencies are integers.

LoadGen sorts the latencies and prints the value at 0-based index ``int(count * fraction)`` in
double arithmetic (mlcommons/inference@v5.1:loadgen/results.cc, ProcessLatencies).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OrderStatistic:
    """A printed value (ns) and its 0-based place among the sorted values."""

    index: int
    value: int


def percentile_index(count: int, fraction: float) -> int:
    """Return the place of a percentile among ``count`` sorted values, by LoadGen's own product."""
    return min(int(count * fraction), max(0, count - 1))


def order_statistics(
    count: int, minimum: int | None, maximum: int | None, percentiles: Iterable[tuple[float, int]],
) -> tuple[OrderStatistic, ...]:
    """Return the printed values of one latency series with their places, in order of place.

    Args:
        count: number of values in the series, at least 1.
        minimum: printed least value in ns, None where absent.
        maximum: printed greatest value in ns, None where absent.
        percentiles: pairs of fraction and value in ns, such as ``(0.999, 1500)``.
    """
    known = [OrderStatistic(percentile_index(count, f), value) for f, value in percentiles]
    if minimum is not None:
        known.append(OrderStatistic(0, minimum))
    if maximum is not None:
        known.append(OrderStatistic(max(0, count - 1), maximum))
    return tuple(sorted(known, key=lambda known: (known.index, known.value)))


def over_bounds(
    count: int, target: int, known: Iterable[OrderStatistic],
) -> tuple[int, int]:
    """Return the least and the most values that can lie above ``target`` (ns).

    A known value above the target at index i puts all values from i on above it; one not above it
    leaves at most those behind it.
    """
    least, most = 0, count
    for statistic in known:
        if statistic.value > target:
            least = max(least, count - statistic.index)
        else:
            most = min(most, count - 1 - statistic.index)
    return least, most


def value_bounds(
    index: int, known: Iterable[OrderStatistic],
) -> tuple[int | None, int | None]:
    """Return the least and greatest value (ns) possible at a place; None where unbounded."""
    low: int | None = None
    high: int | None = None
    for statistic in known:
        if statistic.index <= index:
            low = statistic.value if low is None else max(low, statistic.value)
        if statistic.index >= index:
            high = statistic.value if high is None else min(high, statistic.value)
    return low, high


def fits(index: int, value: int, known: Iterable[OrderStatistic]) -> bool:
    """Return whether ``value`` (ns) can stand at a place among the sorted values."""
    low, high = value_bounds(index, known)
    return (low is None or low <= value) and (high is None or value <= high)
