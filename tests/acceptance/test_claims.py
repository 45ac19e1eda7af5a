"""Statements of the published discussions and of the paper, recomputed where the trees can."""

import csv
from pathlib import Path

import pytest

from submission_checker.evidence.query_counts import query_minimum
from tests.acceptance.claims import ON_A_PART, RECIPES, agrees, claims, decided
from tests.acceptance.claims_parts import PARTS

FILE = Path(__file__).with_name("claims.csv")


@pytest.fixture(scope="module")
def lines():
    return decided()


@pytest.fixture(scope="module")
def listed():
    with FILE.open(newline="") as file:
        return {row["claim"]: row["reason"] for row in csv.DictReader(file)}


@pytest.mark.real
def test_recomputed_values_agree_or_are_explained(lines, listed, capsys):
    with capsys.disabled():
        print(f"\n{'claim':28} {'published':28} {'recomputed':>14}")
        for line in (line for line in lines if line.found is not None):
            mark = "" if line.agrees else "  differs"
            print(f"{line.id:28} {line.said:28} {line.found:14.10g}{mark}")
        print(f"\nnot decidable here: {sum(line.found is None for line in lines)}")
        for line in (line for line in lines if line.found is None):
            print(f"  {line.id:34} {line.why_not}")
    different = sorted(line.id for line in lines if line.agrees is False)
    assert different == sorted(listed)
    assert all(len(reason) > 20 for reason in listed.values())


@pytest.mark.real
def test_what_the_trees_hold_has_a_recipe(lines):
    assert [line.id for line in lines if line.why_not == "no recipe"] == []
    assert sorted(set(RECIPES) - {line.id for line in lines}) == []
    assert sum(line.found is not None for line in lines) >= 65


@pytest.mark.real
def test_recomputed_values_are_those_of_the_facts(lines):
    """The facts give what others measured in the same files; plain and early-stopping
    percentiles of the quoted rows differ by less than 0.2 %."""
    observed = {claim["id"]: claim["observed"] for claim in claims()}
    pairs = [(line.id, line.found, observed[line.id]) for line in lines
             if line.found is not None and isinstance(observed[line.id], int | float)]
    assert len(pairs) >= 12
    assert [pair for pair in pairs if pair[1] != pytest.approx(pair[2], rel=2e-3)] == []


@pytest.mark.real
@pytest.mark.parametrize("claim", sorted(PARTS))
def test_tables_give_what_others_measured_in_the_systems_that_are_here(claim, capsys):
    found = list(PARTS[claim]())
    with capsys.disabled():
        for what, facts, recomputed in found:
            print(f"\n{claim:28} in part: {what}: facts {facts}, recomputed {recomputed}", end="")
    assert found
    for what, facts, recomputed in found:
        digits = pytest.approx(facts, rel=1e-3) if isinstance(facts, float) else facts
        assert recomputed == digits, what


@pytest.mark.real
@pytest.mark.parametrize("claim", sorted(ON_A_PART))
def test_statements_about_every_result_hold_of_those_that_are_here(claim):
    assert ON_A_PART[claim]()


@pytest.mark.parametrize(("percentile", "exact", "rounded"), [
    (0.90, 23886, 24576), (0.95, 50425, 57344), (0.97, 85811, 90112), (0.99, 262742, 270336),
])
def test_query_counts_of_the_paper(percentile, exact, rounded):
    """Equations (1) and (2) and table IV of the paper."""
    found = query_minimum(percentile)
    assert (round(found.exact), found.rounded) == (exact, rounded)
    assert rounded % 8192 == 0


@pytest.mark.parametrize(("found", "text", "relation", "expected"), [
    (0.7461, "0.75", "=", True), (0.744, "0.75", "=", False), (121.4, "121", "=", True),
    (121.6, "121", "=", False), (27499, "27500", ">=", False), (27500, "27500", ">=", True),
    (104, "100", "~", True), (106, "100", "~", False), (3, "2.9", "<=", False),
])
def test_precision_is_that_of_the_printed_digits(found, text, relation, expected):
    assert agrees(found, text, relation) is expected
