"""Values of the round data as words, and their history."""

import os
import subprocess
import sys

import pytest

from submission_checker.cli.explain_values import history, limits, shown, spans_of
from submission_checker.rounds.loader import load_round, real_round_names, resolved_data
from tests.conftest import ROOT


@pytest.mark.parametrize(("value", "words"), [
    (600000, "600000"), (True, "yes"), ([], "none"), (["a", "b"], "a, b"),
    ({"Server": 15, "pattern": "x+", "source": "a@b:c"}, "Server 15"),
    ({"required": [["Server", "Interactive"], ["Offline"]], "optional": []},
     "required (Server or Interactive), Offline"),
    ([{"metric": "F1", "lower": 1}, {"metric": "AUC"}], "metric F1, lower 1; metric AUC"),
    ({"edge": {"required": [["Offline"]]}, "datacenter": {"required": [["Server"]]}},
     "edge required Offline; datacenter required Server"),
])
def test_values_are_words(value, words):
    assert shown(value) == words


def test_rounds_are_told_as_spans():
    names = real_round_names()
    assert spans_of(True for _ in names) == "every round"
    assert spans_of(False for _ in names) == "no round"
    flags = [name in (names[0], names[1], names[3], names[-2], names[-1]) for name in names]
    assert spans_of(flags) == f"{names[0]} to {names[1]}, {names[3]}, since {names[-2]}"
    assert spans_of(name == names[-1] for name in names) == names[-1]


def test_history_covers_every_round_with_its_own_value():
    told = dict(history("durations_ms"))
    assert len(told) > 2
    for name in real_round_names():
        value = shown(resolved_data(name)["durations_ms"])
        assert value in told.values()
        assert dict(limits("durations_ms", load_round(name))) == {"durations_ms": value}
    assert history("models.*.accuracy") == [] and history("seeds") == []


def test_page_of_a_rule_ends_with_history_and_link():
    done = subprocess.run(
        [sys.executable, "-m", "submission_checker", "explain", "PERF019", "--round", "v5.1"],
        cwd=ROOT, text=True, capture_output=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)})
    lines = done.stdout.splitlines()
    assert any(line.startswith("history    v0.5 to v0.7: SingleStream 60000") for line in lines)
    assert lines[-1].startswith("link       https://github.com/mlcommons/")
