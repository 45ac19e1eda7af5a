"""Minimum query counts of the paper's table."""

import pytest

from submission_checker.evidence.query_counts import normal_quantile, query_minimum
from tests.evidence.support import vectors


@pytest.mark.parametrize(("percentile", "exact", "least", "rounded"), vectors()["query_minimums"])
def test_minimum_equals_the_table(percentile, exact, least, rounded):
    found = query_minimum(percentile)
    assert found.exact == pytest.approx(exact, abs=1e-3)
    assert (found.least, found.rounded) == (least, rounded)


def test_normal_quantile_equals_known_values():
    assert normal_quantile(0.005) == pytest.approx(-2.5758293035489, abs=1e-12)
    assert normal_quantile(0.995) == pytest.approx(2.5758293035489, abs=1e-12)
    assert normal_quantile(0.5) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("bad", [0.0, 1.0, -1.0, 2.0])
def test_fractions_out_of_range_are_refused(bad):
    with pytest.raises(ValueError):
        normal_quantile(bad)
    with pytest.raises(ValueError):
        query_minimum(bad)
