"""`rounds show`: every value with its source, as TOML has it."""

import os
import subprocess
import sys

from submission_checker.rounds.diff import leaves
from submission_checker.rounds.loader import resolved_data
from tests.conftest import ROOT


def show(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "submission_checker", "rounds", "show", *arguments], cwd=ROOT,
        text=True, capture_output=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}).stdout


def test_every_value_stands_below_its_source_once():
    lines = show("v5.1").splitlines()
    keys = [line.partition(" = ")[0] for line in lines if not line.startswith("# ")]
    assert keys == [key for key, _ in leaves(resolved_data("v5.1"))
                    if not key.startswith("sources.")]
    at = lines.index("durations_ms.SingleStream = 600000")
    above = next(line for line in reversed(lines[:at]) if line.startswith("# "))
    assert above.startswith("# mlcommons/inference_policies@8adac31:inference_rules.adoc")


def test_values_are_no_python():
    text = show("v5.1", "models.resnet")
    assert 'models.resnet.aliases = ["mobilenet", "resnet50"]' in text
    assert "models.resnet.power_ok = true" in text and "'" not in text.replace("'Total'", "")


def test_sources_are_shown_when_asked_for():
    assert show("v5.1", "sources").splitlines()[1].startswith("sources.round = mlcommons/")
