"""The rounds in which a rule is in force are those of the rule catalogue."""

import json
import re

import pytest

from submission_checker.rounds.loader import load_round
from submission_checker.rules.registry import all_rules
from tests.conftest import facts_folder
from tests.rounds.facts import ROUNDS

BEGIN = {"json": "v1.0", "ES": "v2.0"}
"""Rounds from which LoadGen writes lines of JSON, and stops early."""
KNOWN = {
    "AUDT006": ("≥v1.0", "its files are asked for from v1.0 on, as the same row says"),
    "AUDT018": ("≥v0.7", "no such record in v0.5: 18 of 25 published audits lack it"),
    "LGEN021": ("all", "the replay reads text logs too"),
    "MEAS003": ("all", "a warning before v3.1, as its level says"),
    "MEAS006": ("all", "a warning before v3.1, as its level says"),
    "PERF007": ("all", "the count of the summary is of all rounds, as the same row says"),
    "POWR013": ("≥v1.0", "a warning before v3.1, but there is no power before v1.0"),
}
"""Rule -> the range that is meant, and why the row's own is not it."""


def rounds_of(text):
    """Return the rounds that the catalogue gives for a rule, None where it gives a condition."""
    if text.startswith("all") or re.search(r"\bW\b.*before|before.*\bW\b", text):
        return ROUNDS
    if re.match(r"json; txt|≥v0\.7; v0\.5", text):
        return ROUNDS
    found = re.match(r"(≥|≤|to )?(v\d\.\d|json|ES|txt)(?:–(v\d\.\d))?((?:, v\d\.\d)*)", text)
    if found is None:
        return None
    sign, name, last, more = found.groups()
    if last is not None:
        return ROUNDS[ROUNDS.index(name):ROUNDS.index(last) + 1]
    if name == "txt":
        sign, name = "≤", "v0.7"
    if name in BEGIN:
        sign, name = "≥", BEGIN[name]
    at = ROUNDS.index(name)
    if sign is None:
        return [name, *re.findall(r"v\d\.\d", more)]
    return ROUNDS[at:] if sign == "≥" else ROUNDS[:at + 1]


def test_ranges_are_read():
    assert rounds_of("all with TEST01") == rounds_of("≥v3.1 (W before)") == ROUNDS
    assert rounds_of("json Server") == ROUNDS[2:]
    assert rounds_of("≥v6.0") == ["v6.0", "v6.1"]
    assert rounds_of("v0.5, v0.7") == rounds_of("txt") == ["v0.5", "v0.7"]
    assert rounds_of("to v1.0") == rounds_of("≤v1.0") == ["v0.5", "v0.7", "v1.0"]
    assert rounds_of("v0.5–v1.0") == ROUNDS[:3]
    assert rounds_of("json; txt `QSL total size`") == ROUNDS
    assert rounds_of("per facts") is rounds_of("open") is None


@pytest.mark.real
def test_rules_are_in_force_where_the_catalogue_has_them():
    rows = json.loads((facts_folder() / "rules.json").read_text())["rules"]
    written = {rule.id for rule in all_rules()}
    tables = {name: load_round(name) for name in ROUNDS}
    wrong = {}
    for row in rows:
        text, _ = KNOWN.get(row["id"], (row["rounds"], ""))
        want = rounds_of(text)
        if row["id"] not in written or want is None:
            continue
        have = [name for name in ROUNDS
                if tables[name].rule_setting(row["id"], "closed") != "off"]
        if have != want:
            wrong[row["id"]] = (text, have)
    assert wrong == {}
