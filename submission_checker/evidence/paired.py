"""Paired comparison of runs: medians, intervals without a distribution, runs still needed.

All values are r = ln(audit / reference) of pairs of neighbouring runs, signed so that more than 0
is the direction a test looks for. Sources: sign test by order statistics (Conover, Practical
Nonparametric Statistics, 3.2); Student's t where pairs are few; sample size of a one-sided test at
1 % for both errors, n = ((z + z) sd / T)^2 with z = 2.326.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, stdev

CONFIDENCE = 0.96
"""Least confidence of an interval that decides."""

GROSS = math.log(5)
"""No honest pair is this far apart: with a standard deviation of 0.6, 7 of 1000 are."""

GROSS_PAIRS = 2
Z_ONE_PERCENT = 2.3263478740408408
SIGN_TEST_FROM = 6
"""From so many pairs on the interval needs no distribution; six give 96.9 %."""

T_99 = {2: 63.657, 3: 9.925, 4: 5.841, 5: 4.604}
"""Pairs -> two-sided 99 % quantile of Student's t with pairs - 1 degrees of freedom."""


class Decision(enum.Enum):
    """What the pairs say against a threshold."""

    WITHIN = "within"
    BEYOND = "beyond"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Pairs of runs against a threshold; all in ln units."""

    ratios: tuple[float, ...]
    threshold: float
    median: float
    low: float
    high: float
    confidence: float
    """Of the interval from low to high; 0 where one pair alone gives it."""
    spread: float | None
    """Standard deviation of the pairs, None for fewer than two."""
    decision: Decision
    gross: bool
    """Decided because every pair lies beyond `GROSS`."""

    @property
    def more_pairs(self) -> int | None:
        """Pairs that would likely settle it; None where decided or the noise is unknown."""
        if self.decision is not Decision.UNDECIDED or self.spread is None:
            return None
        distance = abs(self.threshold - self.median)
        if distance <= 0:
            return None
        need = math.ceil((Z_ONE_PERCENT * 1.2533 * self.spread / distance) ** 2)
        return max(1, max(need, SIGN_TEST_FROM) - len(self.ratios))

    @property
    def achievable(self) -> float | None:
        """The smallest ratio (such as 0.03 for 3 %) that so many pairs can tell from nothing."""
        if self.spread is None:
            return None
        return math.expm1(2 * Z_ONE_PERCENT * self.spread / math.sqrt(len(self.ratios)))


def sign_interval(ratios: Sequence[float]) -> tuple[float, float, float]:
    """Return (low, high, confidence) of the median: the narrowest order statistics that suffice.

    The confidence of [k-th smallest, k-th largest] is 1 - 2 P(Binomial(n, 1/2) < k).
    """
    values = sorted(ratios)
    count = len(values)
    tail, best = 0.0, (values[0], values[-1], 1 - 2 * 0.5**count)
    for k in range(1, count // 2 + 1):
        tail += math.comb(count, k - 1) * 0.5**count
        confidence = 1 - 2 * tail
        if confidence < CONFIDENCE and k > 1:
            break
        best = (values[k - 1], values[count - k], confidence)
    return best


def compare(ratios: Sequence[float], threshold: float) -> Comparison:
    """Compare pairs with a threshold; decide only where the interval leaves it on one side.

    Raises:
        ValueError: there is no pair, or one is not finite.
    """
    values = tuple(ratios)
    if not values or not all(math.isfinite(value) for value in values):
        raise ValueError("a comparison needs finite ratios of at least one pair")
    middle = median(values)
    spread = stdev(values) if len(values) > 1 else None
    if len(values) >= SIGN_TEST_FROM:
        low, high, confidence = sign_interval(values)
    elif spread is not None:
        half = T_99[len(values)] * spread / math.sqrt(len(values))
        mean = sum(values) / len(values)
        low, high, confidence = mean - half, mean + half, 0.99
    else:
        low, high, confidence = middle, middle, 0.0
    gross = len(values) >= GROSS_PAIRS and min(values) > max(GROSS, threshold)
    decision = Decision.UNDECIDED
    if gross or (confidence >= CONFIDENCE and low > threshold):
        decision = Decision.BEYOND
    elif confidence >= CONFIDENCE and high < threshold:
        decision = Decision.WITHIN
    return Comparison(values, threshold, middle, low, high, confidence, spread, decision, gross)


def compare_gross(ratios: Sequence[float]) -> Comparison:
    """Decide only what no noise makes: whether most pairs lie beyond a factor of five.

    One pair within it decides; beyond it two are needed, so that one delayed run accuses nobody.
    """
    values = tuple(ratios)
    found = compare(values, GROSS)
    beyond = sum(value > GROSS for value in values)
    decision = Decision.UNDECIDED
    if beyond < len(values) - beyond:
        decision = Decision.WITHIN
    elif beyond >= GROSS_PAIRS and beyond > len(values) - beyond:
        decision = Decision.BEYOND
    return Comparison(values, GROSS, found.median, min(values), max(values),
                      1 - 2 * 0.5 ** len(values), found.spread, decision, True)
