"""Every rule fails where it must, with exactly the expected findings, and passes where it must."""

import re

import pytest

from fixtures.builder import Tree
from submission_checker.rules.registry import all_rules
from tests.conftest import ROOT
from tests.rules.cases import CASES, ELSEWHERE, PASSING, expected, outcome, round_of, start

EXPECTED = expected()
NUMBERED = [(rule, number) for rule, edits in sorted(CASES.items()) for number in
            range(len(edits))]

FOLLOW = {"TREE023"}
"""Rules that find what follows from the findings of others."""


@pytest.mark.parametrize(("rule", "number"), NUMBERED)
def test_broken_submission_gives_exactly_the_expected_findings(rule, number, tmp_path):
    """The first case of a rule is judged by all rules, the others by the rule alone."""
    found = outcome(rule, CASES[rule][number], tmp_path, alone=number > 0 and rule not in FOLLOW)
    assert found == EXPECTED[f"{rule}-{number}"]
    assert found


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    return Tree.demo(tmp_path_factory.mktemp("demo")).report()


@pytest.mark.parametrize("rule", sorted(CASES))
def test_sound_submission_passes(rule, untouched, tmp_path):
    if rule not in PASSING:
        count = next(count for count in untouched.rules if count.id == rule)
        assert (count.passed > 0, count.failed) == (True, 0)
        return
    tree = start(rule, tmp_path)
    PASSING[rule](tree)
    report = tree.report(round=round_of(rule))
    count = next(count for count in report.rules if count.id == rule)
    assert (count.passed > 0, count.failed) == (True, 0)


def test_every_rule_has_its_cases():
    sources = {name: (ROOT / name).read_text() for name in set(ELSEWHERE.values())}
    sources |= {str(f): f.read_text() for f in (ROOT / "tests" / "rules").glob("test_*.py")
                if f.name != "test_cases.py"}
    text = " ".join(sources.values())
    named = set(re.findall(r"\b[A-Z]{4,5}[0-9]{3}\b", text))
    called = set(re.findall(r"\b([a-z_0-9]+\.[a-z_0-9]+)\b", text))
    without = [
        rule.id for rule in all_rules() if rule.id not in CASES and rule.id not in named and
        f"{rule.check.__module__.rpartition('.')[2]}.{rule.check.__name__}" not in called
    ]
    assert without == []
    assert sorted(set(CASES) - {rule.id for rule in all_rules()}) == []
    assert [key for key in EXPECTED if key.rpartition("-")[0] not in CASES] == []
