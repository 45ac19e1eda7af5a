"""Every id of the rule catalogue is implemented, decided elsewhere, out of scope or said open."""

import json
from collections import Counter

import pytest

from submission_checker.rules import coverage as module
from submission_checker.rules.coverage import STATES, catalogue, coverage, stale
from submission_checker.rules.registry import all_rules
from tests.conftest import facts_folder
from tests.test_output import command

RULES = {rule.id for rule in all_rules()}


def test_every_id_is_mapped():
    assert [row.id for row in coverage(RULES) if row.state == "unmapped"] == []


def test_nothing_in_the_catalogue_is_stale():
    assert stale(RULES) == []


def test_every_reason_is_given():
    assert [row.id for row in coverage(RULES) if row.state != "implemented" and not row.why] == []


def test_unmapped_and_stale_ids_are_found(monkeypatch):
    assert [r.state for r in coverage(RULES - {"PERF018"}) if r.id == "PERF018"] == ["unmapped"]
    assert stale(RULES - {"ACCU010"}) == ["MEAS026: decided by ACCU010"]
    broken = catalogue() | {"open": {"NONE001": "x", "ACCU001": "x"}, "extra": {}}
    monkeypatch.setattr(module, "catalogue", lambda: broken)
    assert stale(RULES) == ["open: NONE001", "open: ACCU001 is a rule", "extra is not known"]


@pytest.mark.real
def test_the_catalogue_is_that_of_the_facts():
    facts = json.loads((facts_folder() / "rules.json").read_text(encoding="utf-8"))["rules"]
    assert catalogue()["titles"] == {row["id"]: row["title"] for row in facts}


def test_the_command_counts_and_lists():
    done = command("rules", "--coverage", "--json")
    rows = json.loads(done.stdout)
    states = Counter(row["state"] for row in rows)
    assert (done.returncode, set(states) <= set(STATES)) == (0, True)
    text = command("rules", "--coverage").stdout.splitlines()
    assert len(text) == len(rows) + 1
    assert f"{states['implemented']} implemented" in text[-1]
