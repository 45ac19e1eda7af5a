"""Minimum query counts of rounds without early stopping.

Source: inference rules, section on the number of queries (confidence 0.99, margin a twentieth of
the distance of the percentile to one, rounded up to a multiple of 2^13).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

from submission_checker.evidence.binomial import check_percentile

CONFIDENCE = 0.99
MARGIN_SHARE = 20
BLOCK = 1 << 13


@dataclass(frozen=True, slots=True)
class QueryMinimum:
    """Queries that a tail percentile demands.

    ``exact`` is the statistical bound, ``least`` its next integer, ``rounded`` the next multiple
    of 8192, which the rules require.
    """

    percentile: float
    exact: float
    least: int
    rounded: int


def normal_quantile(probability: float) -> float:
    """Return z with P[standard normal <= z] = probability, by bisection on `math.erfc`.

    Raises:
        ValueError: the probability is not strictly between 0 and 1.
    """
    if not 0.0 < probability < 1.0:
        raise ValueError(f"a probability lies between 0 and 1, not at {probability}")
    if probability > 0.5:
        return -normal_quantile(1.0 - probability)
    low, high = -40.0, 0.0
    for _ in range(80):
        middle = (low + high) / 2.0
        if 0.5 * math.erfc(-middle / math.sqrt(2.0)) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


@functools.lru_cache(maxsize=64)
def query_minimum(percentile: float, confidence: float = CONFIDENCE) -> QueryMinimum:
    """Return how many queries a tail percentile demands at a confidence.

    Raises:
        ValueError: percentile or confidence is not strictly between 0 and 1.
    """
    check_percentile(percentile)
    margin = (1.0 - percentile) / MARGIN_SHARE
    z = normal_quantile((1.0 - confidence) / 2.0)
    exact = z * z * percentile * (1.0 - percentile) / (margin * margin)
    least = math.ceil(exact)
    return QueryMinimum(percentile, exact, least, -(-least // BLOCK) * BLOCK)
